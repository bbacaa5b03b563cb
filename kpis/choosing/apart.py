"""Figures of one column that are not all made by one definition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kpis import definitions
from kpis.choosing import words
from kpis.figures import Figure
from kpis.parameters import said
from kpis.report import Row


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


def alike(one: Figure, other: Figure) -> bool:
    """Whether two figures of a KPI are made by one definition."""
    return _told(one) == _told(other)


def _told(one: Figure) -> tuple[Any, ...]:
    """What tells definitions of a KPI apart: a variant and all that it reads; a target is no part
    of it."""
    return one.variant.id, *said(one.parameters, one.variant.uses).items()


def of(rows: Sequence[Row], asked: str) -> list[Definition]:
    """The definitions that the rows' figures of a KPI are made by: first that of most of them, of
    as many that of the earlier."""
    # Rows are many and scopes few: of each one figure tells.
    scopes: dict[Any, list[int]] = {}
    for place, row in enumerate(rows):
        scopes.setdefault(row.scope, []).append(place)
    made: dict[tuple[Any, ...], list[int]] = {}
    for places in scopes.values():
        made.setdefault(_told(rows[places[0]].figures[asked]), []).extend(places)
    found = []
    for places in made.values():
        first = rows[min(places)].figures[asked]
        short = words.short(first.kpi, first.variant, first.parameters)
        found.append(Definition(short, first, sorted(places)))
    return sorted(found, key=lambda one: (-len(one.places), one.places[0]))


def others(rows: Sequence[Row], asked: str) -> list[Definition | None]:
    """Of each row's figure of a KPI its definition, None where it is that of most."""
    found: list[Definition | None] = [None] * len(rows)
    for definition in of(rows, asked)[1:]:
        for place in definition.places:
            found[place] = definition
    return found


def of_whole(rows: Sequence[Row], whole: Row, asked: str) -> Definition | None:
    """The definition of the whole of some rows, where most of them are made by another; else
    None."""
    first, *_others = of(rows, asked)
    (own,) = of([whole], asked)
    return None if alike(own.figure, first.figure) else own
