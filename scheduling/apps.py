from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "scheduling"

    def ready(self) -> None:
        from ccm import audit, navigation
        from ccm.models import Queue
        from ccm.signals import names_merged
        from kpis.alerts import others
        from scheduling import strayed
        from scheduling.planned import services as planned

        navigation.register("forecasts", strayed.facts, strayed.count)
        others.register(strayed.standing)

        for model in (
            "knownevent",
            "override",
            "dayword",
            "forecastplan",
            "staffingplan",
            "forecast",
        ):
            audit.register(f"scheduling.{model}", planned.tell)
        names_merged.connect(
            planned.follow_merged, sender=Queue, dispatch_uid="scheduling.follow_merged"
        )
