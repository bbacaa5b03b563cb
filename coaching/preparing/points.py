"""What the preparation finds, and what of it becomes of an agenda that is there already. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Found:
    """A point that was found: what tells it from others, of which source it is, and by what."""

    key: str
    source: str
    facts: Mapping[str, Any]
    call: UUID | None = None


@dataclass(frozen=True, slots=True)
class There:
    """A found point that stands on an agenda. `is_touched`: somebody has done something with it."""

    pk: int
    key: str
    facts: Mapping[str, Any]
    is_touched: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be added, renewed (by key), and taken away (by id)."""

    add: Sequence[Found] = ()
    renew: Mapping[int, Found] = field(default_factory=dict)
    gone: Sequence[There] = ()


def reconcile(there: Sequence[There], found: Sequence[Found], *, is_shared: bool) -> Plan:
    """What another preparation changes. Points that somebody has touched stay as they are, whether
    they are found again or not; of an agenda that its agents read nothing is taken away."""
    known = {one.key: one for one in there}
    keys = {one.key for one in found}
    return Plan(
        add=[one for one in found if one.key not in known],
        renew={
            known[one.key].pk: one
            for one in found
            if one.key in known
            and not known[one.key].is_touched
            and dict(known[one.key].facts) != dict(one.facts)
        },
        gone=[one for one in there if one.key not in keys and not one.is_touched and not is_shared],
    )
