"""The days on which a site tells its sales, and what was sold on these beside what was counted on
them.

A site tells its sales from the day of the first that is told of the like to the day of the last: of
any queue for a queue, of any agent for an agent or a team. A day between on which nothing was sold
is a day of nothing; of days before and after nobody knows what was sold. Where calls tell
themselves what they sold and no list tells of a later sale, that is up to the newest day with
calls: whoever read these read what they sold.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from kpis.declaration import Need
from kpis.dimensions import OF_DAYS
from kpis.reads import ledger, reading
from kpis.reads.reading import By, Selection
from kpis.sums.counts import Counts
from kpis.sums.money import Sold, Told

Cells = Mapping[tuple[Any, ...], Any]
"""What was read, by its keys."""
Reader = Callable[[Selection, Sequence[By]], Cells | None]

OVER: frozenset[Need] = frozenset({"outbound", "paid", "answering"})
"""What sales are divided by beside counts of calls."""


def cells(selection: Selection, keys: Sequence[By]) -> dict[tuple[Any, ...], Sold] | None:
    """What was sold, by any keys (`ledger.by_keys`)."""
    told: dict[int, Told] = {}

    def read(some: Selection, by: Sequence[By]) -> dict[tuple[Any, ...], Sold]:
        sold, days = ledger.sales(some, by)
        told.update(days)
        return sold

    found = ledger.by_keys(read, _TOLD_BY)(selection, keys)
    return found and {one: replace(sold, days=told) for one, sold in found.items()}


_TOLD_BY: tuple[By, ...] = (
    "site", "queue", "agent", "channel", "team", "topic", "disposition", *OF_DAYS,
)  # fmt: skip


class Apart:
    """Reads what sales are told beside: all of it, and, where `sold` is of fewer days than are
    asked for, at once that of those days."""

    def __init__(self, selection: Selection, keys: Sequence[By], sold: Cells | None) -> None:
        self.selection, self.keys, self.sold = selection, keys, sold
        self.days: Mapping[int, Told] = next(iter(sold.values())).days if sold else {}
        is_whole = {*self.days.values()} == {(selection.first, selection.last)}
        self.is_told = not sold or (is_whole and len(self.days) == len(selection.sites))
        """Whether every day tells sales, or none was asked for its sales."""
        self.parts: dict[str, Cells] = {}

    def counts(self, read: Reader) -> Cells:
        """Counts of calls."""
        return self._read("counts", read) or {}

    def beside(self, need: Need, read: Reader) -> Cells | None:
        """What is needed beside them."""
        if need in OVER:
            return self._read(need, read)
        return read(self.selection, self.keys)

    def with_counts(self) -> Cells | None:
        """What was sold, each with what was counted on the days that tell sales."""
        if not self.sold or self.is_told:
            return self.sold
        if self.days and "counts" not in self.parts:
            self.counts(partial(reading.cells, waits=False))
        counts = self.parts.pop("counts", {})
        return {
            one: replace(
                sold,
                of=replace(
                    counts.get(one, Counts()),
                    **{need: part[one] for need, part in self.parts.items() if one in part},
                ),
            )
            for one, sold in self.sold.items()
        }

    def _read(self, name: str, read: Reader) -> Cells | None:
        if self.is_told or not self.days:
            return read(self.selection, self.keys)
        found = read(replace(self.selection, within=self.days), (*self.keys, "within"))
        if found is None:
            return None
        each: dict[tuple[Any, ...], dict[int | None, Any]] = defaultdict(dict)
        for (*key, is_within), what in found.items():
            each[tuple(key)][is_within] = what
        self.parts[name] = {one: parts[1] for one, parts in each.items() if 1 in parts}
        return {
            one: parts[None] if None in parts else _sum([*parts.values()])
            for one, parts in each.items()
        }


def _sum(many: Sequence[Any]) -> Any:
    return type(many[0]).sum(many)
