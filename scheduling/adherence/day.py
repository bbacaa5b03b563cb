"""Somebody's day: what was planned, what was done, and exceptions, on one axis and in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.utils.translation import gettext as _

from ccm.intervals import Span, site_day
from ccm.models import Agent
from kpis.above import Asked
from kpis.formulas.adherence import Spell
from scheduling.adherence import comparing, done
from scheduling.adherence.rules import Rules
from scheduling.models import AdherenceDay, AdherenceException, Doing, KeptShift
from scheduling.rosters import parts

ADHERENCE = "adherence"
"""What the figure is called where KPIs are told."""

# The axis has so many units, and so many marks at most, at whole hours.
WIDTH = 1440
_MARKS = 12
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a lane: where it lies, and its words. `tone` is what it is."""

    x: float
    width: float
    tone: str
    words: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    moment: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch in which nothing changed: what was planned and done, and whether that is kept.
    None: nobody tells yet, there is nothing to keep, or it is left out of figures."""

    start: datetime
    end: datetime
    planned: str
    done: str
    is_kept: bool | None


@dataclass(frozen=True, slots=True)
class Drawn:
    planned: Sequence[Bar]
    done: Sequence[Bar]
    exceptions: Sequence[Bar]
    marks: Sequence[Mark]
    lines: Sequence[Line]
    width: int = WIDTH


def doing_words(activity: str) -> str:
    said = {one.value: str(one.label) for one in Doing}
    said |= {parts.ON_CALL: _("On call"), comparing.EXCUSED: _("Excused")}
    return said.get(activity, activity)


def row_of(agent: Agent, day: date) -> AdherenceDay | None:
    found: AdherenceDay | None = AdherenceDay.objects.filter(agent=agent, day=day).first()
    return found


def asked(row: AdherenceDay) -> Asked:
    """The day's figures, as what is said of them names them."""
    return Asked(ADHERENCE, row.agent_id, row.day, row.day, [(ADHERENCE, row.day.isoformat())])


def exceptions_of(agent: Agent, span: Span) -> list[AdherenceException]:
    rows = AdherenceException.objects.filter(
        agent=agent, starts_at__lt=span.end, ends_at__gt=span.start
    )
    return list(rows.select_related("asked_by", "decided_by"))


def drawn(
    agent: Agent,
    day: date,
    exceptions: Iterable[AdherenceException],
    until: datetime | None,
    by: Rules,
) -> Drawn | None:
    """A day as it is drawn, judged until a moment by rules; None where there is nothing of it."""
    span = site_day(day, agent.site.calendar)
    shifts = KeptShift.objects.published().filter(
        agent=agent, begins_at__lt=span.end, ends_at__gt=span.start
    )
    made = sorted((part for row in shifts for part in parts.of_shift(row)), key=lambda p: p.start)
    did = comparing.cut(done.of_agents(agent.site, day, day, [agent.pk])[agent.pk],
                        span.start, span.end)  # fmt: skip
    if not made and not did:
        return None
    planned = comparing.cut((Spell(p.start, p.end, p.kind) for p in made), span.start, span.end)
    mine = [p for p in made if p.end > span.start]
    names = {(p.kind, max(p.start, span.start)): _named(p) for p in mine}
    unpaid = {max(p.start, span.start) for p in mine if not p.is_paid}
    approved = [
        Spell(one.starts_at, one.ends_at, one.kind)
        for one in exceptions
        if one.state == AdherenceException.State.APPROVED
    ]
    asked = [(one.starts_at, one.ends_at) for one in exceptions]
    axis = _Axis.around(span, [*((one.start, one.end) for one in (*planned, *did)), *asked])
    return Drawn(
        [axis.bar(one, names.get((one.activity, one.start), "")) for one in planned],
        [axis.bar(one, doing_words(one.activity)) for one in did],
        [
            axis.bar(
                comparing.cut([Spell(e.starts_at, e.ends_at, e.kind)], span.start, span.end)[0],
                f"{e.get_kind_display()}: {e.get_state_display()}",
            )
            for e in exceptions
            if e.state in (AdherenceException.State.ASKED, AdherenceException.State.APPROVED)
        ],
        axis.marks(),
        _lines(
            [one for one in planned if one.activity != parts.ON_CALL],
            unpaid, approved, did, until or span.start, by,
        ),
    )  # fmt: skip


def _named(part: parts.Part) -> str:
    words = doing_words(part.kind)
    if part.name:
        words = f"{words}: {part.name}"
    return words if part.is_paid else _("%(what)s, unpaid") % {"what": words}


class _Axis:
    """Moments as places: the hours of a day that anything is in, and one on either side."""

    def __init__(self, span: Span) -> None:
        self.span = span
        self.length = (span.end - span.start).total_seconds()

    @classmethod
    def around(cls, day: Span, stretches: Iterable[tuple[datetime, datetime]]) -> "_Axis":
        begins, ends = zip(*stretches, strict=True)
        first = (max(min(begins), day.start) - day.start) // _HOUR - 1
        last = -((day.start - min(max(ends), day.end)) // _HOUR) + 1
        return cls(
            Span(max(day.start + first * _HOUR, day.start), min(day.start + last * _HOUR, day.end))
        )

    def place(self, moment: datetime) -> float:
        return round((moment - self.span.start).total_seconds() / self.length * WIDTH, 2)

    def bar(self, one: Spell, words: str) -> Bar:
        x = self.place(one.start)
        width = round(self.place(one.end) - x, 2)
        return Bar(x, width, one.activity, words, one.start, one.end)

    def marks(self) -> list[Mark]:
        many = round(self.length // 3600) + 1
        hours = range(0, many, -(-many // _MARKS))
        moments = [self.span.start + timedelta(hours=hour) for hour in hours]
        return [Mark(self.place(one), one) for one in moments if one < self.span.end]


def _lines(
    planned: Sequence[Spell],
    unpaid: set[datetime],
    approved: Sequence[Spell],
    did: Sequence[Spell],
    until: datetime,
    by: Rules,
) -> list[Line]:
    """The day cut wherever anything begins or ends. What is held against is the plan with approved
    exceptions; work in an unpaid pause is held against nobody, but where all counts that is worked
    outside of the plan."""
    paid = [one for one in planned if one.start not in unpaid]
    pauses = [one for one in planned if one.start in unpaid]
    against = comparing.with_exceptions(paid, approved)
    edges = sorted({edge for one in (*planned, *against, *did) for edge in (one.start, one.end)})
    if edges and edges[0] < until < edges[-1]:
        edges = sorted({*edges, until})
    found: list[Line] = []
    for start, end in pairwise(edges):
        plan, held, was = (_at(one, start) for one in (planned, against, did))
        if plan is None and was is None and held is None:
            continue
        excepted = _at(approved, start)
        is_left_out = held is None and not by.counts_outside and _at(pauses, start) is not None
        line = Line(
            start, end, _held_against(plan, excepted), doing_words(was) if was else "",
            _kept(held, was) if end <= until and not is_left_out else None,
        )  # fmt: skip
        found.append(line)
    return found


def _held_against(plan: str | None, excepted: str | None) -> str:
    """What was planned in words, with what an approved exception has in its place."""
    words = doing_words(plan) if plan else ""
    if excepted is None or excepted == plan:
        return words
    instead = {"what": words or _("nothing"), "by": doing_words(excepted)}
    return _("%(what)s; by exception: %(by)s") % instead


def _kept(held: str | None, was: str | None) -> bool | None:
    if held is None:
        return None if was in (None, comparing.PAUSE) else False
    return held == was


def _at(spells: Iterable[Spell], moment: datetime) -> str | None:
    return next((one.activity for one in spells if one.start <= moment < one.end), None)
