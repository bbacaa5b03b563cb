from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ccm.models import Site
    from kpis.expected import Expected


def _expected(site: "Site", queues: "Sequence[int]", day: "date") -> "Mapping[int, Expected]":
    """As `scheduling.shown.expected` tells it. A process that shows none loads no formulas."""
    from scheduling.shown import expected

    return expected.of_day(site, queues, day)


def _demo_loaded(**_more: object) -> None:
    """A worker makes the demo's forecasts: they take a minute, and pages need not wait for them."""
    from ccm import work
    from scheduling import tasks

    work.send(tasks.demo_forecasts)


class SchedulingConfig(AppConfig):
    name = "scheduling"

    def ready(self) -> None:
        from django.db.models.signals import post_delete, post_save

        from ccm import audit, navigation
        from ccm.models import Agent, Leave, Queue
        from ccm.plans import services as plans
        from ccm.signals import demo_loaded, names_merged
        from kpis import expected as kpis_expected
        from kpis.alerts import others
        from kpis.rollups import presence
        from scheduling.absences import merging as absences_merging
        from scheduling.absences import services as absences
        from scheduling.absences import told as of_absences
        from scheduling.absences import waiting
        from scheduling.adherence import marks
        from scheduling.adherence import told as of_adherence
        from scheduling.bids import reads as own_bids
        from scheduling.bids import services as bids
        from scheduling.bids import told as of_bids
        from scheduling.gaps import merging as of_gaps
        from scheduling.mine import reads as mine
        from scheduling.mine import told as of_mine
        from scheduling.offers import reads as of_offers
        from scheduling.offers import services as offers
        from scheduling.offers import told as offers_told
        from scheduling.planned import services as planned
        from scheduling.rosters import services as rosters
        from scheduling.rosters import told as of_rosters
        from scheduling.rosters.changed import shifts_changed
        from scheduling.shown import strayed
        from scheduling.terms import merging, told
        from scheduling.trades import reads as of_trades
        from scheduling.trades import services as trades

        navigation.register("forecasts", strayed.facts, strayed.count)
        navigation.register("my_schedule", mine.facts, mine.count)
        navigation.register("my_bids", own_bids.facts, own_bids.count)
        navigation.register("my_trades", of_trades.facts, of_trades.count)
        navigation.register("my_offers", of_offers.facts, of_offers.count)
        navigation.register("time_off", waiting.facts, waiting.count)
        others.register(strayed.standing)
        kpis_expected.register(_expected)

        for model in (
            "knownevent",
            "override",
            "dayword",
            "forecastplan",
            "staffingplan",
            "forecast",
            "scenario",
            "queuegroup",
        ):
            audit.register(f"scheduling.{model}", planned.tell)
        demo_loaded.connect(_demo_loaded, dispatch_uid="scheduling.demo_forecasts")
        names_merged.connect(
            planned.follow_merged, sender=Queue, dispatch_uid="scheduling.follow_merged"
        )
        for kind in told.MODELS:
            audit.register(kind._meta.label_lower, told.tell, told.write)
        audit.register("scheduling.keptroster", of_rosters.tell)
        for model in ("bidround", "bid"):
            audit.register(f"scheduling.{model}", of_bids.tell)
        for model in ("shiftchange", "calendarfeed", "trade"):
            audit.register(f"scheduling.{model}", of_mine.tell)
        names_merged.connect(
            rosters.follow_merged, sender=Agent, dispatch_uid="scheduling.rosters.follow_merged"
        )
        names_merged.connect(
            of_gaps.follow_merged, sender=Queue, dispatch_uid="scheduling.gaps.follow_merged"
        )
        names_merged.connect(
            bids.follow_merged, sender=Agent, dispatch_uid="scheduling.bids.follow_merged"
        )
        presence.tell(marks.counted)
        shifts_changed.connect(marks.shifts_changed, dispatch_uid="scheduling.adherence.shifts")
        for signal in (post_save, post_delete):
            signal.connect(
                marks.leave_changed, sender=Leave, dispatch_uid="scheduling.adherence.leave"
            )
        names_merged.connect(
            marks.follow_merged, sender=Agent, dispatch_uid="scheduling.adherence.follow_merged"
        )
        for row in of_adherence.MODELS:
            audit.register(row._meta.label_lower, of_adherence.tell)
        names_merged.connect(
            trades.follow_merged, sender=Agent, dispatch_uid="scheduling.trades.follow_merged"
        )
        for offered in offers_told.MODELS:
            audit.register(offered._meta.label_lower, offers_told.tell)
        for merged in (Agent, Queue):
            names_merged.connect(
                offers.follow_merged,
                sender=merged,
                dispatch_uid=f"scheduling.offers.follow_merged.{merged.__name__}",
            )
        for named in (Agent, Queue):
            names_merged.connect(
                merging.follow_merged,
                sender=named,
                dispatch_uid=f"scheduling.terms.follow_merged.{named.__name__}",
            )
        for kept in of_absences.MODELS:
            audit.register(kept._meta.label_lower, of_absences.tell, of_absences.write)
        plans.hold(absences.held_words)
        names_merged.connect(
            absences_merging.follow_merged,
            sender=Agent,
            dispatch_uid="scheduling.absences.follow_merged",
        )
