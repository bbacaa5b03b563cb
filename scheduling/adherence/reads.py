"""Sums of kept days for pages: of each person, and of all. Ratios are made of sums, at the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from operator import add
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    Exists,
    JSONField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import JSONObject

from ccm import stays
from ccm.access import scope_of
from ccm.intervals import Span
from ccm.models import Agent, Site, Team
from ccm.names import in_order
from ccm.querysets import Viewer
from kpis.formulas.adherence import Kept
from scheduling.models import AdherenceDay, AdherenceFill, AdherenceMark

_NAMES = (
    "scheduled", "adherent", "missed", "outside", "on_queue_scheduled", "on_queue_worked",
)  # fmt: skip
_SUMS = (
    *_NAMES,
    *(f"before_{name}" for name in _NAMES),
    "paid_seconds", "unpaid_judged_seconds", "worked_seconds", "night_seconds",
    "shifts", "late", "late_seconds", "left_early", "early_seconds", "absent",
)  # fmt: skip


def kept_of(row: AdherenceDay, prefix: str = "") -> Kept:
    """A row's sums; `prefix` "before_": before exceptions."""
    return Kept(*(timedelta(seconds=getattr(row, prefix + name)) for name in _NAMES))


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over days, of one person or of several; seconds, or how many."""

    kept: Kept = field(default_factory=Kept)
    before: Kept = field(default_factory=Kept)
    paid_seconds: int = 0
    unpaid_judged_seconds: int = 0
    worked_seconds: int = 0
    night_seconds: int = 0
    shifts: int = 0
    late: int = 0
    late_seconds: int = 0
    left_early: int = 0
    early_seconds: int = 0
    absent: int = 0
    leave: int = 0
    """Days of shifts on leave."""
    untold: int = 0
    """Days of shifts of which the log has nothing."""

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            *(add(getattr(self, one.name), getattr(other, one.name)) for one in fields(self))
        )


@dataclass(frozen=True, slots=True)
class Person:
    agent: int
    name: str
    team: str
    team_id: int | None
    totals: Totals
    last: date
    """The last day of which anything is kept."""


def people(user: Viewer, site: Site, first: date, last: date, now: datetime) -> list[Person]:
    """Everyone whose kept days the reader may see, with their team of today. Two queries."""
    told = _sums(days(user, site, first, last))
    found = {one["agent"]: (_totals(one), one["last"]) for one in told}
    agents: QuerySet[Any] = Agent.objects.filter(pk__in=found).with_team(now)
    return [
        Person(one.pk, one.name, one.team_name or "", one.team_id, *found[one.pk])
        for one in agents.order_by("name", "pk")
    ]


def of_one(user: Viewer, agent: Agent, first: date, last: date) -> Totals | None:
    """The sums of one agent, whose kept days the reader may see; None: there is none. One query."""
    rows = days(user, agent.site, first, last).filter(agent=agent)
    return next((_totals(one) for one in _sums(rows)), None)


def _sums(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by().values("agent").annotate(**_summed(), last=Max("day"))


def _summed() -> dict[str, Aggregate]:
    """What `_totals` is made of."""
    return {f"sum_{name}": Sum(name) for name in _SUMS} | {
        "on_leave": Count("pk", filter=Q(shifts__gt=0) & ~Q(leave="")),
        "nothing": Count("pk", filter=Q(shifts__gt=0, is_told=False)),
    }


def in_team(rows: QuerySet[Any], team: Team) -> QuerySet[Any]:
    """Of some kept days those on which somebody was in a team."""
    return stays.in_team(rows, team, OuterRef("day"))


def sums_of_each(rows: Any, team: Team, first: date, last: date) -> Subquery:
    """The sums of an agent outside, of the days from `first` to `last` on which they were in a
    team, as an annotation that `totals_of` reads; null: nothing is kept of them."""
    its = in_team(rows.within(first, last), team).filter(agent=OuterRef("pk"))
    told = its.order_by().values("agent").annotate(told=JSONObject(**_summed()))
    return Subquery(told.values("told"), output_field=JSONField())


def totals_of(said: dict[str, Any]) -> Totals:
    return _totals(said)


def days(user: Viewer, site: Site, first: date, last: date) -> QuerySet[Any]:
    rows: QuerySet[Any] = AdherenceDay.objects.visible_to(user).within(first, last)
    return rows.filter(site=site)


def teams_read(user: Viewer, site: Site) -> QuerySet[Team]:
    """Teams of a site whose people's kept days the reader may see: all of a site planned, else
    those led. One query."""
    rows: QuerySet[Team] = Team.objects.filter(site=site).order_by("name")
    scope = scope_of(user)
    return rows if scope.plans_for(site.pk) else rows.filter(pk__in=scope.teams)


def together(many: Iterable[Person]) -> Totals:
    return sum((one.totals for one in many), Totals())


@dataclass(frozen=True, slots=True)
class Fresh:
    """How far days are counted: the newest moment that states tell, when the last of them was
    counted, and how many wait."""

    known_until: datetime | None
    counted_at: datetime | None
    waiting: int

    def tells_of(self, span: Span) -> bool:
        """Whether states tell of a day yet, which is the last of them."""
        return self.known_until is not None and self.known_until > span.start


def awaited(site: Site, first: date, last: date) -> QuerySet[AdherenceMark]:
    """Marks of days whose figures somebody waits for, as what they are made of was changed: that
    today is counted every minute as its log goes on is no news."""
    rows = AdherenceMark.objects.filter(site=site, day__gte=first, day__lte=last)
    return rows.filter(is_routine=False)


def of_day(site: Site, day: date) -> tuple[datetime | None, bool]:
    """Until when a day is counted, and whether somebody waits for it to be counted again. One
    query."""
    fills = AdherenceFill.objects.filter(site=OuterRef("pk"), day=day)
    rows = Site.objects.filter(pk=site.pk).annotate(
        counted_until=Subquery(fills.values("known_until")[:1]),
        waits=Exists(awaited(site, day, day)),
    )
    known_until, waits = rows.values_list("counted_until", "waits").get()
    return known_until, waits


def fresh(site: Site, first: date, last: date) -> Fresh:
    """Two queries."""
    fills = AdherenceFill.objects.filter(site=site, day__gte=first, day__lte=last)
    newest = fills.aggregate(known=Max("known_until"), counted=Max("counted_at"))
    waiting = awaited(site, first, last).order_by().values("day").distinct().count()
    return Fresh(newest["known"], newest["counted"], waiting)


def teams_of(people: Iterable[Person]) -> Sequence[tuple[str, str]]:
    """Teams of people, as choices."""
    found = {one.team_id: one.team for one in people if one.team_id is not None}
    return [(str(pk), found[pk]) for pk in sorted(found, key=lambda pk: in_order(found[pk]))]


def _totals(row: dict[str, Any]) -> Totals:
    def kept(prefix: str) -> Kept:
        return Kept(*(timedelta(seconds=row[f"sum_{prefix}{name}"]) for name in _NAMES))

    plain = {name: row[f"sum_{name}"] for name in _SUMS[2 * len(_NAMES) :]}
    return Totals(kept(""), kept("before_"), **plain, leave=row["on_leave"], untold=row["nothing"])
