from django.apps import AppConfig


class KpisConfig(AppConfig):
    name = "kpis"
    verbose_name = "KPIs"

    def ready(self) -> None:
        from ccm.demo.load import after_load
        from ccm.live import bus, publish
        from ccm.signals import counts_changed, record_changed
        from kpis import demo, wallboard
        from kpis.tasks import recount_soon

        record_changed.connect(recount_soon, dispatch_uid="kpis.recount_soon")
        counts_changed.connect(bus.figures_changed, dispatch_uid="kpis.figures_changed")
        publish.register(wallboard.Drawer().frames)
        after_load.append(demo.boards)
