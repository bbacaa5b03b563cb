"""Which calls show a pattern, and why these: a good one, and at most two others. Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Literal
from uuid import UUID

from kpis.sums.surveys import EDGES

FEWEST = 3
"""So many calls alike are a pattern; of answers in a survey, which are rarer, two."""
FEWEST_USUAL = 10
"""Of fewer calls nobody knows how long they usually take."""
LONG_HOLD = 60.0
"""Seconds from which on a hold is long."""
LOW = EDGES["csat"][1]
"""An answer up to this share of its scale is low: 1 and 2 of 5."""
MOST_OTHERS = 2

Reason = Literal["top_short", "top", "resolved", "transfer", "low", "hold", "long", "unresolved"]
GOOD: tuple[Reason, ...] = ("top_short", "top", "resolved")
CONCERNS: dict[Reason, tuple[str, ...]] = {
    "low": ("csat", "nps", "ces"),
    "unresolved": ("resolved_rate", "fcr"),
    "transfer": ("transfer_rate", "fcr", "resolved_rate"),
    "hold": ("aht", "hold"),
    "long": ("aht", "talk"),
}
"""The KPIs that a pattern speaks of."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A call that the agent took: seconds of talk and hold (None: not known), whether it was
    resolved (None: not told), and how its caller answered on satisfaction, `score` of `most` on a
    scale from `least`."""

    id: UUID
    queue: int | None
    at: datetime
    talk: float | None = None
    hold: float | None = None
    was_transferred: bool = False
    resolved: bool | None = None
    score: float | None = None
    least: float = 1
    most: float = 5
    has_comment: bool = False

    @property
    def share(self) -> float | None:
        """Where the answer lies on its scale, 0 to 1."""
        return None if self.score is None else (self.score - self.least) / (self.most - self.least)


@dataclass(frozen=True, slots=True)
class Example:
    """A call, and why it was chosen: the `rank`-th of `of` calls alike, on one queue unless `queue`
    is None. `value` is its seconds, `usual` the middle of those of its queue's calls."""

    call: Taken
    reason: Reason
    of: int = 1
    rank: int = 1
    queue: int | None = None
    value: float | None = None
    usual: float | None = None

    @property
    def is_good(self) -> bool:
        return self.reason in GOOD


@dataclass(frozen=True, slots=True)
class _Pattern:
    reason: Reason
    calls: Sequence[Taken]
    queue: int | None
    usual: float | None = None
    value: Callable[[Taken], float | None] = field(default=lambda _one: None)


def choose(
    calls: Iterable[Taken], concerns: Sequence[str] = (), seen: Collection[UUID] = ()
) -> list[Example]:
    """The good call first, then those of patterns: of what `concerns` (KPIs, the first most) before
    others, and then of the patterns with most calls. None that was `seen` on an agenda before, none
    twice, no two for the same reason.

    A pattern's call is the longest of its calls (the lowest of answers); where that was seen, the
    next, which says so.
    """
    taken = sorted(calls, key=lambda one: (one.at, str(one.id)), reverse=True)
    usual = _usual(taken)
    found: list[Example] = []
    good = _good(taken, usual, seen)
    if good is not None:
        found.append(good)
    for pattern in _ordered(_patterns(taken, usual), concerns):
        if len([one for one in found if not one.is_good]) == MOST_OTHERS:
            break
        if any(one.reason == pattern.reason for one in found):
            continue
        used = {one.call.id for one in found} | {*seen}
        places = enumerate(pattern.calls, start=1)
        first = next(((n, one) for n, one in places if one.id not in used), None)
        if first is not None:
            rank, call = first
            of, value = len(pattern.calls), pattern.value(call)
            found.append(
                Example(call, pattern.reason, of, rank, pattern.queue, value, pattern.usual)
            )
    return found


def _usual(calls: Sequence[Taken]) -> dict[int | None, float]:
    """The middle talk of each queue with calls enough to say."""
    talks: dict[int | None, list[float]] = defaultdict(list)
    for one in calls:
        if one.talk is not None:
            talks[one.queue].append(one.talk)
    return {queue: median(many) for queue, many in talks.items() if len(many) >= FEWEST_USUAL}


def _good(
    calls: Sequence[Taken], usual: dict[int | None, float], seen: Collection[UUID]
) -> Example | None:
    """The call to begin with: with the best answer, short if there is one, and with a comment; of
    no answers, one that was resolved at once. The newest of these."""

    def is_short(one: Taken) -> bool:
        return one.talk is not None and one.queue in usual and one.talk <= usual[one.queue]

    new = [one for one in calls if one.id not in seen]
    top = [one for one in new if one.share == 1 and not one.was_transferred]
    if top:
        best = max(top, key=lambda one: (is_short(one), one.has_comment))
        if is_short(best):
            return Example(
                best, "top_short", queue=best.queue, value=best.talk, usual=usual[best.queue]
            )
        return Example(best, "top")
    for one in new:
        smooth = one.resolved is True and not one.was_transferred and not one.hold
        if smooth and is_short(one) and one.share is None:
            return Example(one, "resolved", queue=one.queue, value=one.talk, usual=usual[one.queue])
    return None


def _patterns(calls: Sequence[Taken], usual: dict[int | None, float]) -> list[_Pattern]:
    found = []
    low = [one for one in calls if one.share is not None and one.share <= LOW]
    if len(low) >= 2:
        low.sort(key=lambda one: (one.share or 0.0, not one.has_comment))
        found.append(_Pattern("low", low, None))
    by_queue: dict[int | None, list[Taken]] = defaultdict(list)
    for one in calls:
        if one.queue is not None:
            by_queue[one.queue].append(one)
    for queue, many in by_queue.items():
        middle = usual.get(queue)
        alike: list[tuple[Reason, list[Taken], Callable[[Taken], float | None]]] = [
            ("transfer", [one for one in many if one.was_transferred], _talk),
            ("hold", [one for one in many if (one.hold or 0) >= LONG_HOLD], _hold),
            ("unresolved", [one for one in many if one.resolved is False], _talk),
            ("long", [one for one in many if middle and (one.talk or 0) > 2 * middle], _talk),
        ]
        for reason, these, value in alike:
            if len(these) >= FEWEST:
                found.append(_Pattern(reason, _longest(these, value), queue, middle, value))
    return found


def _longest(calls: list[Taken], value: Callable[[Taken], float | None]) -> list[Taken]:
    return sorted(calls, key=lambda one: value(one) or 0.0, reverse=True)


def _talk(one: Taken) -> float | None:
    return one.talk


def _hold(one: Taken) -> float | None:
    return one.hold


def _ordered(patterns: Iterable[_Pattern], concerns: Sequence[str]) -> list[_Pattern]:
    def place(one: _Pattern) -> tuple[int, int, str, int]:
        about = [n for n, kpi in enumerate(concerns) if kpi in CONCERNS[one.reason]]
        return min(about, default=len(concerns)), -len(one.calls), one.reason, one.queue or 0

    return sorted(patterns, key=place)
