from django.apps import AppConfig


class KpisConfig(AppConfig):
    name = "kpis"
    verbose_name = "KPIs"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate, post_save, pre_migrate

        from ccm import among_others, audit, navigation, personal, tasks
        from ccm.entry import sessions
        from ccm.live import bus, publish
        from ccm.models import Queue, Topic
        from ccm.plans import aims as targets
        from ccm.retention import closed, parts
        from ccm.signals import counts_changed, demo_loaded, names_merged, record_changed
        from ccm.watching import masked
        from kpis import aims, demo, with_people
        from kpis import closed as counts
        from kpis import personal as held
        from kpis.alerts import services as rules
        from kpis.alerts import standing
        from kpis.choosing import services, told
        from kpis.floor import services as floor
        from kpis.kiosks import told as screens
        from kpis.mailings import services as mailed
        from kpis.models import CallBackOwner
        from kpis.reports import told as saved
        from kpis.rollups import repeats
        from kpis.second import runs, views
        from kpis.tasks import recount_soon, run_verify
        from kpis.walls import frames
        from kpis.walls import services as walls
        from kpis.walls import told as boards
        from kpis.worklist import services as worklist

        masked.hide_after("/kiosk/")
        pre_migrate.connect(views.drop, sender=self, dispatch_uid="kpis.drop_views")
        post_migrate.connect(views.make, sender=self, dispatch_uid="kpis.make_views")
        post_save.connect(walls.first_board, sender="ccm.Site", dispatch_uid="kpis.first_board")
        names_merged.connect(walls.follow_queue, sender=Queue, dispatch_uid="kpis.follow_queue")
        names_merged.connect(services.follow_merged, dispatch_uid="kpis.choices_of_merged")
        names_merged.connect(repeats.mark_all, sender=Topic, dispatch_uid="kpis.topics_merged")
        record_changed.connect(recount_soon, dispatch_uid="kpis.recount_soon")
        counts_changed.connect(bus.figures_changed, dispatch_uid="kpis.figures_changed")
        publish.register(frames.Drawer().frames)
        targets.register(aims.provided)
        personal.register(held.TOLD)
        among_others.register(with_people.PAGES)
        navigation.register("alerts", standing.facts, standing.count)
        sessions.register_walls(r"/boards/(?!new/)[-\w]+/(token/)?")
        closed.register(counts.holds, counts.waits)
        parts.follow(parts.Following(CallBackOwner, "call", goes=True))
        audit.register("kpis.kpichoice", told.tell, told.write)
        audit.value("kpi", told.called)
        audit.register("kpis.alertrule", rules.tell, rules.write)
        audit.register("kpis.alert", rules.tell_alerts)
        audit.register("kpis.callbackowner", worklist.tell, worklist.write)
        audit.register("kpis.floorrules", floor.tell, floor.write)
        audit.register("kpis.mailing", mailed.tell, mailed.write)
        audit.register("kpis.savedreport", saved.tell, saved.write)
        audit.register("kpis.board", boards.tell, boards.write)
        audit.register("kpis.kiosklink", screens.tell, screens.write)
        demo_loaded.connect(demo.counts_and_walls, dispatch_uid="kpis.demo_boards")
        tasks.TASKS[runs.KIND] = run_verify
