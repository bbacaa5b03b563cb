"""How much harder or milder each reviewer is than the others on the same calls, and who drifts.

From blind double scores alone, by an additive model of calls and reviewers (`additive`) in which
differences that are far off count for little; never from means of what each gave, which tell who
got the better calls. No shrinkage: reviewers are too few to tell how far they differ as a rule, and
an interval says how sure each one is.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from kpis.noise.intervals import LEVEL
from qa.agreement.additive import Block, Contrast, Fit, Floats

Reviewer = Hashable

FEWEST_SHARED = 5
"""Calls that a reviewer shares with others from which a severity is told."""
FEWEST_PERIODS = 3
"""Periods with such calls from which a trend is."""
# Of two it cannot be said which one moved.
_FEWEST_STEADY = 2


@dataclass(frozen=True, slots=True)
class Score:
    """What one reviewer gave a call, blind: in points of any unit, more being better. `period`
    numbers the months, or what else the calls were drawn for, without gaps."""

    call: Hashable
    reviewer: Reviewer
    value: float
    period: int = 0


class Unknown(StrEnum):
    """Why nothing is told of a reviewer, or not how sure it is."""

    TOO_FEW = "too_few"
    """Too few calls that somebody else scored too, or in too few periods."""
    NOT_CONNECTED = "not_connected"
    """No calls link them to most of the others, or one alone does: not comparable."""
    ALIKE = "alike"
    """All calls tell the same: there is a value, and nothing tells how sure it is."""


@dataclass(frozen=True, slots=True)
class Severity:
    """Of one reviewer. `value` is how many points less they give a call than the others do on
    average: above 0 is harder, below milder. `why` says why it is not told, or has no ends; None:
    it has all. `calls` are those that somebody else scored too."""

    calls: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    why: Unknown | None = None

    @property
    def leans(self) -> bool:
        """Whether its interval holds no 0: by itself it is more than chance."""
        return _leans(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Compared:
    """Severities by reviewer. `groups` are those who can be compared with each other, the largest
    first; `reference` are those who stand for "the others"."""

    severities: Mapping[Reviewer, Severity]
    groups: tuple[frozenset[Reviewer], ...]
    reference: frozenset[Reviewer]


@dataclass(frozen=True, slots=True)
class Trend:
    """Of one reviewer: by how many points a period they become harder (above 0) or milder, beside
    the steady ones. `p` is how often a steady one moves as far. `drifts`: it is more than chance,
    by Holm's procedure over all reviewers. `why` as of a severity."""

    calls: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    drifts: bool = False
    why: Unknown | None = None

    @property
    def leans(self) -> bool:
        """Whether its interval holds no 0: by itself it is more than chance."""
        return _leans(self.low, self.high)


def _leans(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and not low <= 0 <= high


@dataclass(frozen=True, slots=True)
class Drift:
    """Trends by reviewer over all periods, and each period's severities. `steady` are those who do
    not drift: both are told beside them."""

    trends: Mapping[Reviewer, Trend]
    periods: Mapping[int, Compared]
    steady: frozenset[Reviewer]


def severities(
    scores: Iterable[Score],
    *,
    reference: Collection[Reviewer] | None = None,
    fewest: int = FEWEST_SHARED,
    level: float = LEVEL,
) -> Compared:
    """How much harder each reviewer is than the mean of the others, each of them counted alike.

    "The others" are those of `reference` (None: all) with `fewest` shared calls, who can be
    compared with each other: the design is connected, over calls in common, not always their own,
    and never over a single one. Who is not linked to the group that most are in is "not
    connected", and where there is no such group nobody can be compared. Calls with one score do not
    count. Each interval holds by itself at `level`.

    Raises ValueError where somebody scored a call twice, a score is not finite, `fewest` is below
    2, or the level is not between 0 and 1.
    """
    given = _checked(scores, fewest, level)
    people = [*dict.fromkeys(one.reviewer for one in given)]
    calls = _shared(given)
    place = {person: at for at, person in enumerate(people)}
    fit = Fit([_block(call, np.eye(len(people)), place) for call in calls], len(people))
    linking = [calls[at] for at in fit.used]
    counts = Counter(one.reviewer for call in calls for one in call)
    linked = Counter(one.reviewer for call in linking for one in call)
    groups = _groups(linking)
    enough = {person for person in people if linked[person] >= fewest}
    able = [group & enough for group in groups]
    main = next((some for some in able if 2 * len(some) > len(enough)), frozenset[Reviewer]())
    others = main if reference is None else main & frozenset(reference)

    def severity(person: Reviewer) -> Severity:
        many = counts[person]
        if many < fewest:
            return Severity(many, why=Unknown.TOO_FEW)
        beside = others - {person}
        if person not in main or not beside:
            return Severity(many, why=Unknown.NOT_CONNECTED)
        found = fit.contrast(_against(person, beside, place))
        if found is None:
            return Severity(many, why=Unknown.NOT_CONNECTED)
        ends = found.interval(level)
        if ends is None:
            return Severity(many, found.value, why=Unknown.ALIKE)
        return Severity(many, found.value, *ends)

    return Compared({person: severity(person) for person in people}, groups, others)


def drift(
    scores: Iterable[Score],
    *,
    fewest: int = FEWEST_SHARED,
    fewest_periods: int = FEWEST_PERIODS,
    level: float = LEVEL,
) -> Drift:
    """Who becomes harder or milder over the periods, and everybody's severity in each.

    One model over all calls: an effect of each call, and of each reviewer a level and a slope. What
    all do alike is none of it: where everybody becomes harder together, the calls seem worse.

    Somebody who drifts makes all others seem to drift the other way. So whoever drifts most surely
    is taken out of those whom the others are compared with, and all are judged again, until
    nobody is left who does (Candell & Drasgow 1988, "An iterative procedure for linking metrics and
    assessing item bias in item response theory"); of n left, the surest must pass (1 - level) / n
    (Holm 1979), and beside the others without any one of them its own interval holds no 0: what
    one of them did, who is not sure to drift themselves, makes no colleague drift. That takes three
    reviewers: of two it cannot be said which one moved.

    A slope sees what goes one way. Who was hard for a month and mild again has none; the periods'
    severities show it. Told from `fewest` shared calls, in `fewest_periods` periods.

    Raises ValueError as `severities`, and where scores of a call are of different periods.
    """
    given = _checked(scores, fewest, level)
    periods = {one.call: one.period for one in given}
    if any(periods[one.call] != one.period for one in given):
        raise ValueError("a call belongs to one period")
    slopes = _Slopes(given, fewest, fewest_periods)
    steady, drifting = set(slopes.told), set[Reviewer]()
    while True:
        found = {one: slopes.beside(one, steady) for one in steady}
        known = {
            one: contrast.p
            for one, contrast in found.items()
            if contrast is not None and contrast.p is not None
        }
        surest = min(known, key=lambda one: known[one], default=None)
        if surest is None or len(steady) <= _FEWEST_STEADY:
            break
        if known[surest] > (1 - level) / len(known) or not slopes.stands(surest, steady, level):
            break
        drifting.add(surest)
        steady.discard(surest)
    by_period: dict[int, list[Score]] = defaultdict(list)
    for one in given:
        by_period[one.period].append(one)
    others = steady or None
    return Drift(
        {person: slopes.trend(person, steady, drifting, level) for person in slopes.people},
        {
            period: severities(by_period[period], reference=others, fewest=fewest, level=level)
            for period in sorted(by_period)
        },
        frozenset(steady),
    )


class _Slopes:
    """The model of levels and slopes, and for whom the calls tell one."""

    def __init__(self, given: Sequence[Score], fewest: int, fewest_periods: int) -> None:
        self.people = [*dict.fromkeys(one.reviewer for one in given)]
        many = len(self.people)
        calls = _shared(given)
        middle = float(np.mean([call[0].period for call in calls])) if calls else 0.0
        self._place = {person: many + at for at, person in enumerate(self.people)}
        level = {person: at for at, person in enumerate(self.people)}
        levels, slopes = np.eye(many, 2 * many), np.eye(many, 2 * many, many)
        blocks = [
            _block(call, levels + (call[0].period - middle) * slopes, level) for call in calls
        ]
        self._fit = Fit(blocks, 2 * many)
        self.counts = Counter(one.reviewer for call in calls for one in call)
        linking = [calls[at] for at in self._fit.used]
        linked = Counter(one.reviewer for call in linking for one in call)
        months = {(one.reviewer, one.period) for call in linking for one in call}
        lasting = Counter(person for person, _period in months)
        self.enough = {
            person
            for person in self.people
            if linked[person] >= fewest and lasting[person] >= fewest_periods
        }
        self.told = self._comparable()

    def beside(self, person: Reviewer, steady: Collection[Reviewer]) -> Contrast | None:
        """How much faster somebody becomes harder than the mean of the steady ones."""
        others = {*steady} - {person}
        return self._fit.contrast(_against(person, others, self._place)) if others else None

    def stands(self, person: Reviewer, steady: Collection[Reviewer], level: float) -> bool:
        """Whether somebody moves, and one way, beside the steady ones without any one of these."""
        others = {*steady} - {person}
        ends = [
            found.interval(level)
            for one in others
            if (found := self.beside(person, others - {one})) is not None
        ]
        return all(each is not None and each[0] > 0 for each in ends) or all(
            each is not None and each[1] < 0 for each in ends
        )

    def trend(
        self,
        person: Reviewer,
        steady: Collection[Reviewer],
        drifting: Collection[Reviewer],
        level: float,
    ) -> Trend:
        many = self.counts[person]
        if person not in self.enough:
            return Trend(many, why=Unknown.TOO_FEW)
        if person not in self.told or not {*steady} - {person}:
            return Trend(many, why=Unknown.NOT_CONNECTED)
        found = self.beside(person, steady)
        if found is None:
            return Trend(many, why=Unknown.NOT_CONNECTED)
        ends = found.interval(level)
        if ends is None:
            return Trend(many, found.value, why=Unknown.ALIKE)
        return Trend(many, found.value, *ends, found.p, person in drifting)

    def _comparable(self) -> frozenset[Reviewer]:
        """Most of those with enough calls, whose slopes can be told beside each other's."""
        left = [person for person in self.people if person in self.enough]
        while left:
            first, *rest = left
            group = {first} | {one for one in rest if self._fit.tells(self._pair(first, one))}
            if 2 * len(group) > len(self.enough):
                return frozenset(group)
            left = [one for one in rest if one not in group]
        return frozenset()

    def _pair(self, one: Reviewer, other: Reviewer) -> Floats:
        return _against(one, {other}, self._place)


def _checked(scores: Iterable[Score], fewest: int, level: float) -> list[Score]:
    given = list(scores)
    if fewest < 2 or not 0 < level < 1:
        raise ValueError(f"fewest {fewest}, level {level}")
    if len({(one.call, one.reviewer) for one in given}) < len(given):
        raise ValueError("somebody scored one call twice")
    if not np.isfinite([one.value for one in given]).all():
        raise ValueError("a score is not finite")
    return given


def _shared(given: Iterable[Score]) -> list[list[Score]]:
    """The scores of each call that has two or more."""
    by_call: dict[Hashable, list[Score]] = defaultdict(list)
    for one in given:
        by_call[one.call].append(one)
    return [call for call in by_call.values() if len(call) > 1]


def _block(call: Sequence[Score], columns: Floats, place: Mapping[Reviewer, int]) -> Block:
    known = columns[[place[one.reviewer] for one in call]]
    return Block(known, np.array([one.value for one in call], np.float64))


def _against(
    person: Reviewer, others: Collection[Reviewer], place: Mapping[Reviewer, int]
) -> Floats:
    """What the others add on average less what somebody does: above 0 where they are harder."""
    weights = np.zeros(max(place.values()) + 1)
    for other in others:
        weights[place[other]] += 1 / len(others)
    weights[place[person]] -= 1
    return weights


def _groups(calls: Iterable[Sequence[Score]]) -> tuple[frozenset[Reviewer], ...]:
    """Who is linked to whom over calls, the largest group first."""
    group_of: dict[Reviewer, set[Reviewer]] = {}
    for call in calls:
        merged = {one.reviewer for one in call}
        for person in [*merged]:
            merged |= group_of.get(person, set())
        for person in merged:
            group_of[person] = merged
    unique = {id(group): group for group in group_of.values()}
    return tuple(sorted(map(frozenset, unique.values()), key=len, reverse=True))
