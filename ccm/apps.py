from django.apps import AppConfig


class CcmConfig(AppConfig):
    name = "ccm"
    verbose_name = "Call-centre record"

    def ready(self) -> None:
        from ccm import checks  # noqa: F401  registers them
        from ccm.plans.services import follow_merged
        from ccm.signals import names_merged

        names_merged.connect(follow_merged, dispatch_uid="ccm.follow_merged")
