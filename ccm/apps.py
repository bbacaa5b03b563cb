from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class CcmConfig(AppConfig):
    name = "ccm"
    verbose_name = "Call-centre record"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_login_failed

        from ccm import (  # noqa: F401  registers them
            acts,
            among_others,
            audit,
            checks,
            exported,
            navigation,
            notes_told,
            personal,
            viewed,
            with_people,
        )
        from ccm.accounts import emergency, standing_in
        from ccm.accounts import told as accounts
        from ccm.contact import told as contact
        from ccm.entry import factors, locking, sessions
        from ccm.entry import noted as entry
        from ccm.imports.mapping import noted as saved
        from ccm.live.shapes import known as shapes
        from ccm.models import Agent, AuditEntry, ListViewing
        from ccm.naming import noted as naming_noted
        from ccm.naming import remembered
        from ccm.outgoing import services as webhooks
        from ccm.personal import record
        from ccm.plans import told as plans
        from ccm.plans.services import follow_merged
        from ccm.retention import rules as retention_rules
        from ccm.rights import reads as rights
        from ccm.signals import message_put, names_merged
        from ccm.structure import told
        from ccm.tasks import send_soon
        from ccm.watching import counted, masked

        factors.check_settings()
        entry.register()
        audit.register("ccm.site", told.tell, told.write)
        told.register()
        audit.register(exported.MODEL, exported.tell, exported.write)
        audit.register(exported.EXPORTED, exported.tell_lists, exported.write)
        audit.register("ccm.webhook", webhooks.tell)
        audit.register("ccm.user", accounts.tell_users, accounts.write_user)
        audit.register("ccm.apitoken", accounts.tell_tokens)
        audit.register("ccm.roleright", rights.tell, rights.write)
        audit.register("ccm.substitution", standing_in.tell)
        audit.register(emergency.MODEL, emergency.tell, emergency.write)
        navigation.register("emergencies", emergency.facts, emergency.count)
        audit.register("ccm.importprofile", saved.tell, saved.write)
        audit.register("ccm.eventshape", shapes.tell, shapes.write)
        audit.register("ccm.callnote", notes_told.tell, notes_told.write)
        naming_noted.register()
        audit.register("ccm.auditanchor", retention_rules.tell_anchors)
        audit.register("ccm.namemerge", remembered.tell, remembered.write)
        audit.register("axes.accessattempt", locking.tell)
        locking.connect()
        sessions.connect()
        audit.register(str(AuditEntry.Action.VIEWED), viewed.tell, viewed.write)
        audit.register(ListViewing._meta.label_lower, viewed.tell_lists)
        audit.call(
            ListViewing._meta.label_lower,
            gettext_lazy("List of people"),
            gettext_lazy("Lists of people"),
        )
        among_others.register(with_people.PAGES)
        audit.register(acts.MODEL, acts.tell, acts.write)
        audit.call(acts.MODEL, gettext_lazy("Form"), gettext_lazy("Forms"))
        audit.call(
            AuditEntry._meta.label_lower,
            gettext_lazy("Entry of the audit log"),
            gettext_lazy("Entries of the audit log"),
        )
        acts.listen()
        # Many a second, and each lies in the inbox with the name of its source.
        acts.leave_out("events", gettext_lazy("what a phone system tells of calls as they go on"))
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
        # What follows is the whole secret of a link: of a survey, or to choose a password.
        masked.hide_after("/s/")
        masked.hide_all_after("/accounts/password/reset/key/")
        masked.hide_all_after("/accounts/password/choose/")
