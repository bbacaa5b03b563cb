from django.apps import AppConfig


class KpisConfig(AppConfig):
    name = "kpis"
    verbose_name = "KPIs"

    def ready(self) -> None:
        from ccm.live import bus, publish
        from ccm.signals import counts_changed, demo_loaded, record_changed
        from kpis import demo, wallboard
        from kpis.tasks import recount_soon

        record_changed.connect(recount_soon, dispatch_uid="kpis.recount_soon")
        counts_changed.connect(bus.figures_changed, dispatch_uid="kpis.figures_changed")
        publish.register(wallboard.Drawer().frames)
        demo_loaded.connect(demo.boards, dispatch_uid="kpis.demo_boards")
