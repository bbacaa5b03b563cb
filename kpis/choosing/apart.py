"""Figures of one column that are not all made by one definition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kpis import definitions
from kpis.choosing import words
from kpis.figures import Figure
from kpis.parameters import said


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition that figures of a column are made by: in few words, the first of the figures,
    and the places of all of them."""

    words: str
    figure: Figure
    places: Sequence[int]

    @property
    def in_full(self) -> str:
        """Its formula in words, with all that it reads."""
        one = self.figure
        return definitions.passport(one.kpi, one.variant, one.parameters)


def of(figures: Sequence[Figure]) -> list[Definition]:
    """The definitions of a column's figures: first that of most of them, of as many that of the
    earlier. One definition is a variant and all that it reads; a target is no part of it."""
    # Parameters are many objects and few values: what is read is looked up once for each.
    same: dict[tuple[Any, ...], list[int]] = {}
    for place, one in enumerate(figures):
        same.setdefault((one.variant.id, one.parameters), []).append(place)
    made: dict[tuple[Any, ...], list[int]] = {}
    for (variant, parameters), places in same.items():
        read = said(parameters, figures[places[0]].variant.uses)
        made.setdefault((variant, *read.items()), []).extend(places)
    found = []
    for places in made.values():
        first = figures[min(places)]
        short = words.short(first.kpi, first.variant, first.parameters)
        found.append(Definition(short, first, sorted(places)))
    return sorted(found, key=lambda one: (-len(one.places), one.places[0]))


def others(figures: Sequence[Figure]) -> list[Definition | None]:
    """Of each figure of a column its definition, None where it is that of most."""
    found: list[Definition | None] = [None] * len(figures)
    for definition in of(figures)[1:]:
        for place in definition.places:
            found[place] = definition
    return found
