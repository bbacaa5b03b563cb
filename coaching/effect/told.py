"""What coaching did to a KPI at a site, for who asks: of all of it, by kind, by coach, by agent."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import cast

from ccm.access import scope_of
from ccm.intervals import day_of
from ccm.models import Site, User
from coaching.access import coached_sites, only_trains
from coaching.effect import beyond, measures, periods, reads, sources
from coaching.effect.measures import Measure
from coaching.effect.sources import Narrowed, Source
from coaching.progress import (
    EARLIER,
    Course,
    Effect,
    Estimate,
    Refused,
    Single,
    Singles,
    Standing,
    Talk,
    Why,
    counted,
    courses,
    effect,
    group_ranks,
    how_many,
    narrowed,
    passed_over,
    pooled,
    singles,
    told_by,
)
from kpis.choices import Choices
from kpis.noise.ranks import Rank

SPANS = (6, 13, 26)
"""Periods of talks that can be asked for: half a year, a year, two."""
_BACK = EARLIER + 1
"""Periods before a talk that are looked at."""


class NotTold(StrEnum):
    """Why nothing is reckoned at all."""

    NO_RECORD = "no_record"
    NOT_OF_AGENTS = "not_of_agents"
    NOTHING_HAPPENED = "nothing_happened"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question. `kinds` empty: those that count by default."""

    kpi: str = measures.DEFAULT
    span: int = SPANS[1]
    source: str = "sessions"
    kinds: tuple[str, ...] = ()
    is_about: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """The effect of a kind or of a coach: of so many agents; none of fewer than five. No rank: it
    is not told apart from most of the others."""

    id: Hashable
    agents: int
    estimate: Estimate | None
    rank: Rank | None


@dataclass(frozen=True, slots=True)
class Row:
    """One coached agent: the period of the talk, and what came after beyond what was foretold."""

    agent: int
    name: str
    period: int
    kind: str
    by: int | None
    single: Single

    @property
    def first(self) -> date:
        return periods.first_day(self.period)


@dataclass(frozen=True, slots=True)
class Told:
    """The answer. `first` and `last` are the days of the talks that it is of; `found` None: nothing
    could be reckoned, and `why` says why. `talks` is how many there were of the reader's agents,
    `passed` how many of them nothing is told of and why, `recent` how many are to be told later,
    from `later` on."""

    measure: Measure
    source: Source
    why: NotTold | None = None
    found: Effect | Refused | None = None
    first: date | None = None
    last: date | None = None
    coached: int = 0
    compared: int = 0
    talks: int = 0
    recent: int = 0
    later: date | None = None
    passed: Mapping[Why, int] = field(default_factory=dict)
    kinds: Sequence[Line] = ()
    coaches: Sequence[Line] = ()
    rows: Sequence[Row] = ()
    people: Mapping[int, str] = field(default_factory=dict)
    is_of_all: bool = False
    """Whether the reader coaches all of the site."""
    unhired: int = 0
    """Of how many who are compared nobody says since when they are there."""
    record: tuple[date, date] | None = None
    """The first and the last day that is counted, where these are too few."""

    @property
    def effect(self) -> Effect | None:
        return self.found if isinstance(self.found, Effect) else None


def of(user: User, site: Site, asked: Asked, now: datetime) -> Told:
    """The answer to a question, for a reader who coaches at the site; for one who trains there and
    coaches nobody, of training alone, and of nobody by name. The same queries however much
    there is; fewer where nothing is, and one fewer while figures are kept."""
    today = day_of(now, site.calendar)
    measure = measures.chosen(asked.kpi, site.pk, Choices(today))
    scope = scope_of(user)
    trains = only_trains(scope, site.pk)
    source = sources.known(trains=trains)[asked.source]
    if not measure.is_told:
        return Told(measure, source, NotTold.NOT_OF_AGENTS)
    known = reads.counted(site, now)
    span = None if known is None else _span(known, asked.span)
    if known is None or span is None:
        record = None if known is None else (known.first, known.last)
        return Told(measure, source, NotTold.NO_RECORD, record=record)
    narrowed_to = Narrowed(
        asked.kinds or tuple(source.default) or tuple(source.kinds(site)),
        asked.kpi if asked.is_about and source.tells_about else "",
    )
    since = periods.first_day(span.talks - _BACK)
    events = source.read(site, since, today, narrowed_to)
    talks = [
        Talk(one.agent, periods.number_of(one.day), periods.rest(one.day), (one.kind, one.by))
        for one in events
    ]
    people = reads.people(site, user)
    reach = {pk for pk, person in people.items() if trains or person.is_mine}
    is_of_all = trains or scope.everything or site.pk in coached_sites(scope)
    own = [one for one in talks if one.period >= span.talks and one.agent in reach]
    told = Told(
        measure, source, first=periods.first_day(span.talks),
        last=periods.last_day(span.last - 1), talks=len(own), is_of_all=is_of_all,
    )  # fmt: skip
    if not own:
        return replace(told, why=NotTold.NOTHING_HAPPENED)
    standings = _standings(site, measure, span, known, people)
    found = _reckoned(told, talks, own, standings, people, reach, span)
    return replace(found, rows=(), people={}) if trains else found


@dataclass(frozen=True, slots=True)
class Span:
    """Periods: the first whose figures are read, the first of talks, the last that is over."""

    first: int
    talks: int
    last: int


def _span(known: reads.Counted, asked: int) -> Span | None:
    """None: no talk can have enough of the record around it."""
    first = periods.number_of(known.first)
    if periods.first_day(first) < known.first:
        first += 1
    last = periods.last_over(known.last)
    talks = last - asked
    begin = max(first, talks - _BACK)
    return Span(begin, talks, last) if last - begin >= EARLIER else None


def _standings(
    site: Site,
    measure: Measure,
    span: Span,
    known: reads.Counted,
    people: Mapping[int, reads.Person],
) -> dict[Hashable, dict[int, Standing]]:
    """Agents by period."""
    begins = [periods.first_day(number) for number in range(span.first, span.last + 1)]
    cells = reads.cells(site, measure, begins, periods.last_day(span.last), known)
    hired = {pk: person.hired_on for pk, person in people.items()}
    return {
        agent: {span.first + part - 1: one for part, one in by_part.items()}
        for agent, by_part in beyond.standings(cells, hired, begins).items()
    }


def _reckoned(
    told: Told,
    talks: Sequence[Talk],
    own: Sequence[Talk],
    standings: Mapping[Hashable, Mapping[int, Standing]],
    people: Mapping[int, reads.Person],
    reach: AbstractSet[int],
    span: Span,
) -> Told:
    def keep(one: Course) -> bool:
        return one.talk is not None and one.talk.period >= span.talks and one.agent in reach

    some = narrowed(courses(standings, talks), keep)
    mine = {id(one) for one in own}
    passed = [one for one in passed_over(standings, talks, some) if id(one[0]) in mine]
    recent = [one for one, why in passed if why is Why.NO_AFTER and one.period >= span.last]
    waiting = {id(one) for one in recent}
    found = effect(some)
    coached, compared = how_many(some)
    value = found.covariances.value if isinstance(found, Effect) else 0.0
    each = _singles(some, value)
    lines = _Lines(each, value, told.measure.more_is_better)
    rows = _rows(each, people)
    named = {one.by for one in rows if one.by is not None}
    there = {one.agent for one in some}
    return replace(
        told,
        found=found,
        coached=coached,
        compared=compared,
        passed=counted(one for one in passed if id(one[0]) not in waiting),
        recent=len(recent),
        later=periods.first_day(min(one.period for one in recent) + 2) if recent else None,
        kinds=lines.by(lambda talk: _group(talk)[0]) if isinstance(found, Effect) else (),
        coaches=lines.by(lambda talk: _group(talk)[1]) if isinstance(found, Effect) else (),
        rows=rows,
        people={one.pk: str(one) for one in User.objects.filter(pk__in=named)} if named else {},
        unhired=sum(pk in there and one.hired_on is None for pk, one in people.items()),
    )


def _group(talk: Talk) -> tuple[str, int | None]:
    """Of which kind it was, and by whom."""
    return cast(tuple[str, int | None], talk.group)


def _singles(some: Sequence[Course], of_talks: float) -> Singles | None:
    if not any(one.is_coached for one in some):
        return None
    try:
        return singles(some, of_talks)
    except ValueError:  # too few, or all alike
        return None


@dataclass(frozen=True, slots=True)
class _Lines:
    """The effects of groups of talks."""

    each: Singles | None
    of_talks: float
    more_is_better: bool | None

    def by(self, group: Callable[[Talk], Hashable]) -> list[Line]:
        """Those by a group, who moved it up most first; where less is better, down."""
        if self.each is None:
            return []
        of = told_by(self.each, group)
        agents: dict[Hashable, set[Hashable]] = {}
        for one in of.courses:
            if one.talk is not None:
                agents.setdefault(one.talk.group, set()).add(one.agent)
        estimates = pooled(of, self.of_talks)
        up = self.more_is_better is not False
        ranks = group_ranks(of, self.of_talks, more_is_better=up)
        lines = [
            Line(one, len(agents[one]), estimate, ranks[one]) for one, estimate in estimates.items()
        ]

        def place(one: Line) -> tuple[bool, float]:
            value = 0.0 if one.estimate is None else one.estimate.value
            return one.estimate is None, -value if up else value

        return sorted(lines, key=place)


def _rows(each: Singles | None, people: Mapping[int, reads.Person]) -> list[Row]:
    """Coached agents, the latest first, of a period by name."""
    if each is None:
        return []
    rows = []
    for single, course in zip(each.each, each.courses, strict=True):
        assert course.talk is not None
        agent = cast(int, single.agent)
        name, period = people[agent].name, course.talk.period
        rows.append(Row(agent, name, period, *_group(course.talk), single))
    return sorted(rows, key=lambda one: (-one.period, one.name, one.agent))
