"""Adherence and conformance: what was worked, held against what was scheduled.

Spells are [start, end) in UTC, each with what is done in it. Of one agent the spells of one list do
not overlap. Compare with the schedule as it stands after approved exceptions (`excepted`), and with
the published one for the figure "before exceptions". Sums of agents and days are made first, ratios
of them after. AD1 is in common use, AD2 is Genesys'.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from kpis.formulas.ratios import Ratio

ON_QUEUE = "on_queue"
_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Spell:
    """An activity from `start` to `end`: what was scheduled, or what was worked."""

    start: datetime
    end: datetime
    activity: str = ON_QUEUE

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a spell that ends {self.end} before it starts {self.start}")

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Kept:
    """How a schedule was kept; times add up over agents and days."""

    scheduled: timedelta = _NO_TIME
    adherent: timedelta = _NO_TIME
    """In the scheduled activity, or away from it by no more than is forgiven."""
    missed: timedelta = _NO_TIME
    """In another activity than the scheduled, or away, for longer than is forgiven."""
    outside: timedelta = _NO_TIME
    """Worked where nothing was scheduled, for longer than is forgiven."""
    on_queue_scheduled: timedelta = _NO_TIME
    on_queue_worked: timedelta = _NO_TIME

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def kept(
    scheduled: Sequence[Spell], worked: Sequence[Spell], forgiven: timedelta = _NO_TIME
) -> Kept:
    """One agent's schedule against what the agent did; unpaid gaps are in neither list.

    An exception shorter than `forgiven` is none: time away from a scheduled spell, in one piece,
    counts as kept, and time worked outside the schedule as nothing.
    Raises ValueError where spells of one list overlap.
    """
    scheduled, worked = _in_order(scheduled), _in_order(worked)
    adherent = missed = _NO_TIME
    for plan in scheduled:
        in_it = [one for one in worked if one.activity == plan.activity]
        away = _without(plan, in_it)
        long_away = sum((one.length for one in away if one.length >= forgiven), _NO_TIME)
        missed += long_away
        adherent += plan.length - long_away
    beside = [one for spell in worked for one in _without(spell, scheduled)]
    outside = sum((one.length for one in beside if one.length >= forgiven), _NO_TIME)
    return Kept(
        scheduled=_total(scheduled),
        adherent=adherent,
        missed=missed,
        outside=outside,
        on_queue_scheduled=_total(one for one in scheduled if one.activity == ON_QUEUE),
        on_queue_worked=_total(one for one in worked if one.activity == ON_QUEUE),
    )


def excepted(scheduled: Sequence[Spell], approved: Sequence[Spell]) -> list[Spell]:
    """The schedule with approved exceptions in place of what they cover."""
    approved = _in_order(approved)
    left = [part for plan in _in_order(scheduled) for part in _without(plan, approved)]
    return _in_order([*left, *approved])


def adherence_ad1(kept: Kept) -> Ratio:
    """AD1: time in the scheduled activity over scheduled time; whole seconds below."""
    return Ratio(kept.adherent.total_seconds(), _seconds(kept.scheduled))


def adherence_ad2(kept: Kept) -> Ratio:
    """AD2: 1 - exceptions / (scheduled + worked outside), not under 0."""
    whole = kept.scheduled + kept.outside
    exceptions = kept.missed + kept.outside
    return Ratio(max(0.0, (whole - exceptions).total_seconds()), _seconds(whole))


def conformance(kept: Kept) -> Ratio:
    """On-queue time worked over on-queue time scheduled, whenever it was; may pass 1."""
    worked = kept.on_queue_worked.total_seconds()
    return Ratio(worked, _seconds(kept.on_queue_scheduled))


def _without(spell: Spell, covers: Iterable[Spell]) -> list[Spell]:
    """The pieces of a spell that none of the covers, in order and apart, lies over."""
    pieces, start = [], spell.start
    for cover in covers:
        if cover.end <= start or cover.start >= spell.end:
            continue
        if cover.start > start:
            pieces.append(replace(spell, start=start, end=cover.start))
        start = max(start, cover.end)
    if start < spell.end:
        pieces.append(replace(spell, start=start))
    return pieces


def _in_order(spells: Iterable[Spell]) -> list[Spell]:
    ordered = sorted(spells, key=lambda spell: spell.start)
    for one, after in pairwise(ordered):
        if after.start < one.end:
            raise ValueError(f"two spells at once: {one} and {after}")
    return ordered


def _total(spells: Iterable[Spell]) -> timedelta:
    return sum((spell.length for spell in spells), _NO_TIME)


def _seconds(length: timedelta) -> int:
    return round(length.total_seconds())
