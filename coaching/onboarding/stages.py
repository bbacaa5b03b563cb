"""How far somebody is on a path. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

Gate = Literal["none", "open", "shut"]


@dataclass(frozen=True, slots=True)
class Stage:
    """`is_live`: of live calls; `is_gate`: to be signed off before any of those that follow it."""

    pk: int
    is_live: bool
    is_gate: bool


@dataclass(frozen=True, slots=True)
class Way:
    """How far somebody is: the stage that is next (None: all are signed off), which stages keep
    them from live calls, and whether they may take these."""

    next: int | None
    signed: int
    many: int
    holding: tuple[int, ...]
    gate: Gate


def way(stages: Sequence[Stage], signed: Collection[int]) -> Way:
    """By the stages of a path in their order, and those that are signed off.

    The gate is before the first stage of live calls: shut while any stage before it that is a gate
    is not signed off; "none" where the path has no such stage.
    """
    behind = [one for one in stages if one.pk in signed]
    first = next((at for at, one in enumerate(stages) if one.is_live), None)
    held = () if first is None else holding(stages, signed, stages[first].pk)
    return Way(
        next=next((one.pk for one in stages if one.pk not in signed), None),
        signed=len(behind),
        many=len(stages),
        holding=held,
        gate="none" if first is None else ("shut" if held else "open"),
    )


def early(stages: Sequence[Stage], signed: Collection[int], stage: int) -> tuple[int, ...]:
    """The stages of live calls before one that is none that are not signed off: a talk about them
    comes after them. None of a stage that is not on the path."""
    at = next((place for place, one in enumerate(stages) if one.pk == stage), None)
    if at is None or stages[at].is_live:
        return ()
    return tuple(one.pk for one in stages[:at] if one.is_live and one.pk not in signed)


def holding(stages: Sequence[Stage], signed: Collection[int], stage: int) -> tuple[int, ...]:
    """The gates before a stage of live calls that are not signed off; none of any other stage.

    Raises ValueError for a stage that is not on the path.
    """
    at = next((place for place, one in enumerate(stages) if one.pk == stage), None)
    if at is None:
        raise ValueError("the stage is not on this path")
    if not stages[at].is_live:
        return ()
    return tuple(
        one.pk for one in stages[:at] if one.is_gate and not one.is_live and one.pk not in signed
    )
