"""The ledger: what everyone bore of what there was to bear.

Of each kind of burden, over a period:

- `burden`: how many such shifts somebody was given that they had not wished for.
- `wished`: those they had. Nobody bore these, so that they are no burden of theirs and no
  opportunity of anybody else's.
- `eligible`: opportunities. How many such shifts were given out, to anybody of the group, while
  somebody was employed, free at that time, skilled for it and permitted it, each counted by their
  contracted share on that day: of 20 nights someone at half time could have borne 10. Skilled is
  who takes something that was asked for while the shift is: who takes a queue that is closed at
  night could bear no night. Who worked a shift could: it is an opportunity of theirs whatever the
  records say.
- `ratio`: burden / eligible. Fair is not that everybody has as many nights, but that everybody has
  this ratio. None where there was no opportunity.
- `expected`: the fair share, all burdens of the group by eligible / the sum of eligible. Over the
  group it adds up to the burdens that were given, and burden is expected where ratios are equal.
- `missed`: opportunities of the part of the period before somebody joined.
- `standing`: the ratio to go on from. New people start at the group's median: what they missed
  counts as if they had borne the median of it, so that on the first day they stand at the median,
  and after one period by nothing but their own. Who could, but was away for all of the period,
  stands at the median too. None: they cannot, or nothing was given out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import fsum
from statistics import median

import numpy as np
from numpy.typing import NDArray

from scheduling.fairness.facts import Asked, Burden, Given, Member
from scheduling.fairness.refusals import Refusals, refusals

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Line:
    """One person's of one kind of burden: the words are the module's. `may`: there was something
    they may be given, now or on another day; where nothing was given out, they are not kept from
    it."""

    burden: int
    wished: int
    eligible: float
    missed: float
    ratio: float | None
    expected: float
    standing: float | None
    may: bool


@dataclass(frozen=True, slots=True)
class Account:
    """A group's of one kind of burden. `lines` by person; `given` is the sum of burdens, `fair` the
    ratio of all of them to all opportunities, and `median` that of the people's ratios."""

    burden: Burden
    given: int
    fair: float | None
    median: float | None
    lines: Mapping[str, Line]


@dataclass(frozen=True, slots=True)
class Ledger:
    """A group's over the days [first, last], with names: what planners see."""

    first: date
    last: date
    accounts: Mapping[Burden, Account]
    refusals: Mapping[str, Refusals]


def ledger(
    members: Iterable[Member],
    given: Iterable[Given],
    asked: Iterable[Asked] = (),
    *,
    first: date,
    last: date,
) -> Ledger:
    """A group's ledger over the days [first, last].

    Shifts and wishes of other days, and of people who are not of the group, are left out.
    Raises ValueError where the period ends before it begins or two members have one id.
    """
    if last < first:
        raise ValueError(f"a period from {first} ends on {last}")
    group = list(members)
    ids = {one.id for one in group}
    if len(ids) < len(group):
        raise ValueError("two members have one id")
    shifts = [one for one in given if first <= one.day <= last and one.person in ids]
    wishes = [one for one in asked if first <= one.day <= last]
    sharing = _Group(group)
    return Ledger(
        first,
        last,
        {
            burden: _account(burden, sharing, [one for one in shifts if burden in one.burdens])
            for burden in Burden
        },
        refusals((one.id for one in group), wishes),
    )


class _Group:
    """A group's members in their order: on each day, how much of a shift counts for whom, who is
    employed, and who is not yet."""

    def __init__(self, members: list[Member]) -> None:
        self.members = members
        self.place = {one.id: number for number, one in enumerate(members)}
        self._known: dict[date, tuple[Floats, Bools, Bools]] = {}

    def on(self, day: date) -> tuple[Floats, Bools, Bools]:
        if day not in self._known:
            self._known[day] = (
                np.array([one.share_on(day) for one in self.members]),
                np.array([one.is_employed(day) for one in self.members], np.bool_),
                np.array([one.since is not None and day < one.since for one in self.members]),
            )
        return self._known[day]

    def free(self, shifts: list[Given]) -> Bools:
        """Shifts x members: whether nothing closed lies within (`Member.is_free`)."""
        begun = shifts[0].start
        starts = np.array([(one.start - begun).total_seconds() for one in shifts])
        ends = np.array([(one.end - begun).total_seconds() for one in shifts])
        free = np.ones((len(shifts), len(self.members)), np.bool_)
        for number, one in enumerate(self.members):
            for since, to in one.closed:
                since_s, to_s = (since - begun).total_seconds(), (to - begun).total_seconds()
                free[(since_s < ends) & (starts < to_s), number] = False
        return free


def _account(burden: Burden, group: _Group, shifts: list[Given]) -> Account:
    borne = [one for one in shifts if not one.wished]
    counts = Counter(one.person for one in borne)
    wished = Counter(one.person for one in shifts if one.wished)
    eligible, missed, able = _opportunities(group, borne)
    ratios = {
        one.id: counts[one.id] / eligible[one.id] for one in group.members if eligible[one.id]
    }
    middle = median(ratios.values()) if ratios else None
    total = fsum(eligible.values())
    lines = {
        one.id: Line(
            burden=counts[one.id],
            wished=wished[one.id],
            eligible=eligible[one.id],
            missed=missed[one.id],
            ratio=ratios.get(one.id),
            expected=len(borne) * eligible[one.id] / total if total else 0.0,
            standing=_standing(counts[one.id], eligible[one.id], missed[one.id], middle)
            if one.id in able
            else None,
            may=one.id in able if borne else burden not in one.cannot,
        )
        for one in group.members
    }
    return Account(burden, len(borne), len(borne) / total if total else None, middle, lines)


def _standing(burden: int, eligible: float, missed: float, middle: float | None) -> float | None:
    if middle is None or not eligible + missed:
        return middle
    return (burden + middle * missed) / (eligible + missed)


def _opportunities(
    group: _Group, borne: list[Given]
) -> tuple[dict[str, float], dict[str, float], set[str]]:
    """Eligible and missed opportunities by person, and who may be given any of them at all."""
    eligible = np.zeros(len(group.members))
    missed = eligible.copy()
    able = np.zeros(len(group.members), np.bool_)
    # Many work the same shift, and many shifts ask the same of people: each is asked once.
    alike: dict[Given, Counter[str]] = defaultdict(Counter)
    for shift in borne:
        alike[replace(shift, person="")][shift.person] += 1
    suited: dict[tuple[frozenset[str], str, frozenset[Burden]], Bools] = {}
    free = group.free([*alike]) if alike else np.zeros((0, 0), np.bool_)
    for (shift, workers), is_free in zip(alike.items(), free, strict=True):
        asks = (shift.skills, shift.template, shift.burdens)
        if asks not in suited:
            suited[asks] = np.array([one.may(shift) for one in group.members], np.bool_)
            able |= suited[asks]
        share, is_employed, is_early = group.on(shift.day)
        had = suited[asks] & is_employed & is_free
        eligible += workers.total() * share * had
        missed += workers.total() * share * (suited[asks] & is_early)
        for person, many in workers.items():
            place = group.place[person]
            if not had[place]:
                able[place] = True
                eligible[place] += share[place] * many
    ids = [one.id for one in group.members]
    return (
        dict(zip(ids, eligible.tolist(), strict=True)),
        dict(zip(ids, missed.tolist(), strict=True)),
        {one for one, may in zip(ids, able, strict=True) if may},
    )
