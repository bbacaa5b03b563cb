"""What the rest of the site is given of schedules when a process begins: their counts in the
sidebar, their changes in words, and who listens to what else changes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models.signals import post_delete, post_save

from ccm import among_others, audit, navigation, personal
from ccm.models import Agent, Leave, Queue, Site
from ccm.plans import services as plans
from ccm.signals import demo_loaded, names_merged
from kpis import above
from kpis import expected as kpis_expected
from kpis.alerts import others
from kpis.expected import Expected
from kpis.rollups import presence
from scheduling import erased, waiting, with_people
from scheduling import personal as held
from scheduling.absences import merging as absences_merging
from scheduling.absences import services as absences
from scheduling.absences import told as of_absences
from scheduling.adherence import beside, marks
from scheduling.adherence import told as of_adherence
from scheduling.bids import reads as own_bids
from scheduling.bids import services as bids
from scheduling.bids import told as of_bids
from scheduling.gaps import merging as gaps_merging
from scheduling.mine import reads as mine
from scheduling.mine import told as of_mine
from scheduling.offers import reads as own_offers
from scheduling.offers import services as offers
from scheduling.offers import told as of_offers
from scheduling.planned import services as planned
from scheduling.rosters import services as rosters
from scheduling.rosters import told as of_rosters
from scheduling.rosters.changed import shifts_changed
from scheduling.shown import strayed
from scheduling.terms import merging as terms_merging
from scheduling.terms import told as of_terms
from scheduling.trades import reads as own_trades
from scheduling.trades import services as trades

# Each beside its entry of the sidebar.
_COUNTED: Mapping[str, Any] = {
    "forecasts": strayed,
    "my_schedule": mine,
    "my_bids": own_bids,
    "my_trades": own_trades,
    "my_offers": own_offers,
    "time_off": waiting.TIME_OFF,
    "trades": waiting.TRADES,
    "adherence": waiting.EXCEPTIONS,
}
# Who writes what of an agent or a queue, and follows when two of them turn out to be one.
_FOLLOWING = (
    (planned.follow_merged, Queue),
    (terms_merging.follow_merged, Agent),
    (terms_merging.follow_merged, Queue),
    (rosters.follow_merged, Agent),
    (gaps_merging.follow_merged, Queue),
    (bids.follow_merged, Agent),
    (marks.follow_merged, Agent),
    (trades.follow_merged, Agent),
    (offers.follow_merged, Agent),
    (offers.follow_merged, Queue),
    (absences_merging.follow_merged, Agent),
)
_PLANNED = (
    "knownevent",
    "override",
    "dayword",
    "forecastplan",
    "staffingplan",
    "forecast",
    "scenario",
    "queuegroup",
)
_OF_PEOPLE = ("shiftchange", "calendarfeed", "trade")


def everything() -> None:
    """Called once, when all models are there."""
    for entry, counted in _COUNTED.items():
        navigation.register(entry, counted.facts, counted.count)
    others.register(strayed.standing)
    kpis_expected.register(_expected)
    above.register(team=above.TeamTeller(beside.facts, beside.adherence))
    above.register(team=above.TeamTeller(_nothing_more, beside.hours))
    personal.register(held.TOLD)
    among_others.register(with_people.PAGES, with_people.WITH_COLLEAGUES)
    erased.register()
    plans.hold(absences.held_words)
    _words()
    _listeners()


def _words() -> None:
    """How each change reads in the log of changes."""
    for model in _PLANNED:
        audit.register(f"scheduling.{model}", planned.tell)
    for kind in of_terms.MODELS:
        audit.register(kind._meta.label_lower, of_terms.tell, of_terms.write)
    audit.register("scheduling.keptroster", of_rosters.tell)
    for model in ("bidround", "bid"):
        audit.register(f"scheduling.{model}", of_bids.tell)
    for model in _OF_PEOPLE:
        audit.register(f"scheduling.{model}", of_mine.tell)
    for row in of_adherence.MODELS:
        audit.register(row._meta.label_lower, of_adherence.tell)
    for offered in of_offers.MODELS:
        audit.register(offered._meta.label_lower, of_offers.tell)
    for kept in of_absences.MODELS:
        audit.register(kept._meta.label_lower, of_absences.tell, of_absences.write)


def _listeners() -> None:
    demo_loaded.connect(_demo_loaded, dispatch_uid="scheduling.demo_forecasts")
    for follow, named in _FOLLOWING:
        uid = f"{follow.__module__}.{named.__name__}"
        names_merged.connect(follow, sender=named, dispatch_uid=uid)
    presence.tell(marks.counted)
    shifts_changed.connect(marks.shifts_changed, dispatch_uid="scheduling.adherence.shifts")
    shifts_changed.connect(offers.follow_shifts, dispatch_uid="scheduling.offers.shifts")
    for signal in (post_save, post_delete):
        signal.connect(marks.leave_changed, sender=Leave, dispatch_uid="scheduling.adherence.leave")


def _nothing_more(*_of: object) -> Mapping[str, Any]:
    """What a column is made of that another one finds."""
    return {}


def _expected(site: Site, queues: Sequence[int], day: date) -> Mapping[int, Expected]:
    """As `scheduling.shown.expected` tells it. A process that shows none loads no formulas."""
    from scheduling.shown import expected

    return expected.of_day(site, queues, day)


def _demo_loaded(**_more: object) -> None:
    from ccm.demo import after
    from scheduling import tasks

    after.ask(tasks.DEMO, tasks.demo_forecasts)
