"""Reads the ramp curve of a site: who was hired in some days, against who was hired before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ccm.access import scope_of
from ccm.intervals import day_of
from ccm.models import Agent, Site
from ccm.querysets import Viewer
from coaching.access import only_trains, sites_taught
from coaching.ramp import curve, words
from kpis.measures import Value
from kpis.measures.people import ramp_time
from kpis.parameters import DEFAULTS
from kpis.reads import ramp as hired
from kpis.reads.reading import Selection
from kpis.report import Question, Row, answer
from kpis.sums.counts import Counts
from kpis.sums.staff import Ramp

CSAT = "csat"
NEW_DAYS = 180
"""Unless asked for other days, those hired so lately are the new ones: as long as it takes to be
one of the tenured."""
EARLIER_DAYS = 730
"""Those hired in so many days before them are the earlier ones."""


@dataclass(frozen=True, slots=True)
class Satisfied:
    """The KPI *CSAT* of somebody's calls in the days since the first that is shown: handling time
    is never told without what callers said. None: nobody said anything."""

    value: float | None
    unit: str
    n: int


@dataclass(frozen=True, slots=True)
class Side:
    """Those hired in some days: how many, their curve, the KPI *Ramp time* of them, and *CSAT* of
    their calls in the same days; not `is_told` are both of a few whose figures the reader does not
    see."""

    first: date
    last: date
    many: int
    points: Sequence[curve.Point]
    ramp: Value
    csat: Satisfied | None
    is_told: bool = True

    @property
    def time(self) -> str:
        """The ramp time in words; "" where there is none."""
        return words.told(self.ramp.value, self.ramp.n)


@dataclass(frozen=True, slots=True)
class Person:
    """One of those who are new: their weeks, and in how many days they came to work as the tenured
    do (None: not yet, or never). `weeks` are whole ones since hire, of which `n` have a figure.
    `untold` says why it cannot be told; "" where it is."""

    agent: Agent
    hired: date
    weeks: int
    n: int
    last: curve.Week | None
    reached: int | None
    left: date | None
    untold: str
    csat: Satisfied | None


@dataclass(frozen=True, slots=True)
class Shown:
    new: Side
    earlier: Side
    people: Sequence[Person]


def sites(user: Viewer) -> Sequence[Site]:
    """Sites whose curve the user sees: where they coach, or train."""
    return list(sites_taught(user))


def tells_people(user: Viewer, site: Site) -> bool:
    """Whether the user is told of single people, and chooses the days of hire. Whoever only trains
    is told of the usual days: two choices that differ by one day would tell of who came on it."""
    return not only_trains(scope_of(user), site.pk)


def shown(user: Viewer, site: Site, first: date, last: date, now: datetime) -> Shown:
    """The curve of those hired on some days, beside those hired before `first`; and of whom the
    user sees the figures, each of them."""
    before = first - timedelta(days=1)
    earliest = first - timedelta(days=EARLIER_DAYS)
    new = hired.each(Selection(sites=[site.pk], first=first, last=last))
    earlier = hired.each(Selection(sites=[site.pk], first=earliest, last=before))
    all_ = [one.agent for one in (*new, *earlier)]
    seen = {one.pk: one for one in _agents(user, site).filter(pk__in=all_)}
    until = max(first, day_of(now, site.calendar))
    said = _satisfaction(site, all_, first, until)
    people = [_person(one, seen[one.agent], said) for one in new if one.agent in seen]
    return Shown(
        new=_side(new, first, last, said, seen),
        earlier=_side(earlier, earliest, before, said, seen),
        people=sorted(people, key=lambda one: (one.hired, one.agent.name), reverse=True),
    )


def span(site: Site, now: datetime) -> tuple[date, date]:
    """The days of hire that are shown unless others are asked for."""
    today = day_of(now, site.calendar)
    return today - timedelta(days=NEW_DAYS), today


def weeks_of(one: hired.Told) -> list[curve.Week | None]:
    """Seconds, as the curve has them."""
    return [
        None
        if week is None
        else curve.Week(
            week.mean_ms / 1000,
            None if week.middle is None else (week.middle[0] / 1000, week.middle[1] / 1000),
        )
        for week in one.weeks
    ]


def _agents(user: Viewer, site: Site) -> QuerySet[Agent]:
    """Whose own figures the user sees: of sites managed all, else of teams led."""
    scope = scope_of(user)
    rows = Agent.objects.filter(site=site)
    if scope.everything or site.pk in scope.managed_sites:
        return rows
    return rows.filter(pk__in=Agent.objects.answered_for_by(user).values("pk")).exclude(
        user=user.pk, user__isnull=False
    )


def _satisfaction(site: Site, agents: Sequence[int], first: date, last: date) -> dict[int, Row]:
    """What callers said of each of them, as the KPI *CSAT* has it."""
    if not agents:
        return {}
    rows = Agent.objects.filter(pk__in=agents)
    asked = Question(
        sites=[site], first=first, last=last, by="agent", agents=list(rows), kpis=[CSAT]
    )
    return {row.id: row for row in answer(asked, is_bound=False)}


def _csat(rows: Sequence[Row]) -> Satisfied | None:
    """The same of some of them together."""
    if not rows:
        return None
    figure = rows[0].figures[CSAT]
    value = figure.again(Counts.sum(row.counts for row in rows))
    return Satisfied(value.value, figure.unit, value.n)


def _side(
    told: Sequence[hired.Told],
    first: date,
    last: date,
    said: Mapping[int, Row],
    seen: Collection[int],
) -> Side:
    own = [one for one in told if one.agent in seen]
    points = curve.open_to(
        curve.curve([weeks_of(one) for one in told]), curve.curve([weeks_of(one) for one in own])
    )
    if curve.tells_of_a_few(len(told), len(own)):
        return Side(first, last, len(told), points, Value(None, 0), None, is_told=False)
    value = ramp_time(Counts(ramp=Ramp.sum(one.ramp for one in told)), DEFAULTS)
    csat = _csat([said[one.agent] for one in told if one.agent in said])
    return Side(first, last, len(told), points, value, csat)


def _person(one: hired.Told, agent: Agent, said: Mapping[int, Row]) -> Person:
    weeks = weeks_of(one)
    known = [week for week in weeks if week is not None]
    return Person(
        agent=agent,
        hired=one.hired,
        weeks=len(weeks),
        n=len(known),
        last=known[-1] if known else None,
        reached=one.ramp.reached[0] if one.ramp.reached else None,
        left=one.left,
        untold=_why_untold(known) if one.ramp.untold else "",
        csat=_csat([said[one.agent]]) if one.agent in said else None,
    )


def _why_untold(known: Sequence[curve.Week]) -> str:
    """Why it cannot be told of somebody when they came so far; `known` are weeks with a figure."""
    if not known:
        return _("cannot be compared: no week with ten calls")
    if any(week.band is not None for week in known):
        return _("cannot be told: hired before the record begins")
    return _("cannot be compared: fewer than five tenured in the team")
