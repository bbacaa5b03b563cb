from django.apps import AppConfig


class CcmConfig(AppConfig):
    name = "ccm"
    verbose_name = "Call-centre record"

    def ready(self) -> None:
        from ccm import checks  # noqa: F401  registers them
