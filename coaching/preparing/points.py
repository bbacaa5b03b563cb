"""What the preparation finds, and what of it becomes of an agenda that is there already. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from coaching.preparing.examples import GOOD

EARLIER = "earlier"
"""Among the facts of a point that is not found any more: the days that it was found of."""


BESIDE = "beside"
"""Among the facts of a point that a rule proposed: what was found about the same matter."""


@dataclass(frozen=True, slots=True)
class Found:
    """A point that was found: what tells it from others, of which source it is, and by what."""

    key: str
    source: str
    facts: Mapping[str, Any]
    call: UUID | None = None


@dataclass(frozen=True, slots=True)
class There:
    """A found point that stands on an agenda. `is_used`: somebody worded it, or played its call;
    `is_kept`: nobody has struck it off."""

    pk: int
    key: str
    facts: Mapping[str, Any]
    is_used: bool = False
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be added, renewed (by id), taken away, and what stays although it is not found any
    more."""

    add: Sequence[Found] = ()
    renew: Mapping[int, Found] = field(default_factory=dict)
    gone: Sequence[There] = ()
    left: Sequence[There] = ()


def reconcile(there: Sequence[There], found: Sequence[Found], *, is_shared: bool) -> Plan:
    """What another preparation changes. What is found again is renewed, and so is what has a newer
    form unless somebody has used it. Of the rest goes what nobody has touched, and nothing of an
    agenda that its agents read."""
    known = {one.key: one for one in there}
    keys = {one.key for one in found}
    fresh = {one.key: one for one in found if one.key not in known}
    newer = {family: one for one in fresh.values() if (family := _family(one.key, one.facts))}
    renew: dict[int, Found] = {}
    for one in found:
        if one.key in known and dict(known[one.key].facts) != dict(one.facts):
            renew[known[one.key].pk] = one
    left: list[There] = []
    gone: list[There] = []
    for point in there:
        if point.key in keys:
            continue
        form = None if point.is_used else newer.pop(_family(point.key, point.facts), None)
        if form is not None:
            renew[point.pk] = fresh.pop(form.key)
        elif point.is_used or is_shared or not point.is_kept:
            left.append(point)
        else:
            gone.append(point)
    return Plan(list(fresh.values()), renew, gone, left)


def _family(key: str, facts: Mapping[str, Any]) -> str:
    """What a point shares with its newer form where that is of another key: the criterion that cost
    points in most reviews, the good call, and the call of a pattern. "": it has none."""
    kind = key.partition(":")[0]
    if kind == "lost":
        return kind
    if kind == "call":
        reason = facts.get("reason", "")
        return "call:good" if reason in GOOD else f"call:{reason}"
    return ""


def same_matter(proposed: Mapping[str, Any]) -> frozenset[str]:
    """The keys of found points that are about the criterion or the KPI of what a rule proposed, by
    its facts; none: it is about neither."""
    keys = [f"{kind}:{proposed['criterion']}" for kind in ("criterion", "lost")
            if "criterion" in proposed]  # fmt: skip
    if "kpi" in proposed:
        keys.append(f"kpi:{proposed['kpi']}")
    return frozenset(keys)


ORDER = ("action", "strength", "change", "review", "call", "survey", "adherence")
"""Of what sources points come, in the order of an agenda."""


def placed(agenda: Sequence[tuple[int, str]], new: Sequence[tuple[int, str]]) -> list[int]:
    """An agenda with new points in their places: ids and sources in, ids in their order out. Each
    stands where the fewest points above it come of later sources, and below it of its own or
    earlier ones; of several such places at the lowest."""
    order = [(pk, _rank(source)) for pk, source in agenda]
    for pk, source in new:
        own = _rank(source)
        above, below = 0, sum(0 <= rank <= own for _pk, rank in order)
        best, fewest = 0, below
        for at, (_pk, rank) in enumerate(order, start=1):
            above += rank > own
            below -= 0 <= rank <= own
            if above + below <= fewest:
                best, fewest = at, above + below
        order.insert(best, (pk, own))
    return [pk for pk, _rank_of in order]


def _rank(source: str) -> int:
    return ORDER.index(source) if source in ORDER else -1
