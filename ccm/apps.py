from django.apps import AppConfig


class CcmConfig(AppConfig):
    name = "ccm"
    verbose_name = "Call-centre record"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_login_failed

        from ccm import audit, checks, exported, personal, viewed  # noqa: F401  registers them
        from ccm.contact import told as contact
        from ccm.imports.mapping import noted as saved
        from ccm.live.shapes import known as shapes
        from ccm.models import Agent
        from ccm.naming import remembered
        from ccm.outgoing import services as webhooks
        from ccm.personal import record
        from ccm.plans import told as plans
        from ccm.plans.services import follow_merged
        from ccm.signals import message_put, names_merged
        from ccm.structure import told
        from ccm.tasks import send_soon
        from ccm.watching import counted, masked

        audit.register("ccm.site", told.tell, told.write)
        audit.register(exported.MODEL, exported.tell, exported.write)
        audit.register(exported.EXPORTED, exported.tell_lists, exported.write)
        audit.register("ccm.webhook", webhooks.tell)
        audit.register("ccm.importprofile", saved.tell, saved.write)
        audit.register("ccm.eventshape", shapes.tell, shapes.write)
        audit.register("ccm.namemerge", remembered.tell, remembered.write)
        audit.register("ccm.contacthours", contact.tell_hours)
        audit.register("ccm.donotcall", contact.tell_numbers, contact.write)
        audit.register("ccm.recordingregion", contact.tell_regions)
        plans.register()
        personal.register(record.TOLD)
        names_merged.connect(follow_merged, dispatch_uid="ccm.follow_merged")
        names_merged.connect(
            viewed.follow_merged, sender=Agent, dispatch_uid="ccm.viewed.follow_merged"
        )
        message_put.connect(send_soon, dispatch_uid="ccm.send_soon")
        user_login_failed.connect(counted.sign_in_failed, dispatch_uid="ccm.sign_in_failed")
        # What follows is the whole secret of a survey's link.
        masked.hide_after("/s/")
