from django.apps import AppConfig


class CcmConfig(AppConfig):
    name = "ccm"
    verbose_name = "Call-centre record"

    def ready(self) -> None:
        from ccm import (
            checks,  # noqa: F401  registers them
            plans,
        )
        from ccm.signals import names_merged

        names_merged.connect(plans.follow_merged, dispatch_uid="ccm.follow_merged")
