"""What was spent and sold: sums beside the counts, in the currencies that lists tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from kpis.sums.counts import Counts

SiteDay = tuple[int, date]
Told = tuple[date, date]
"""The first and the last of some days on which a site tells its sales."""
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Spent:
    """Costs by kind and currency, each day's part of them, and which days they are of."""

    amounts: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    days: Mapping[str, frozenset[SiteDay]] = field(default_factory=dict)
    """By kind, the days of sites that have costs of it."""
    served: frozenset[SiteDay] = frozenset()
    """Days of sites that have calls: without a cost of them a sum is not whole."""
    before: Mapping[str, frozenset[SiteDay]] = field(default_factory=dict)
    """By kind, days before the record of their site begins that have costs: in none of the sums."""

    def of_kinds(self, kinds: Collection[str]) -> Spent:
        """Costs of these kinds alone, whatever their case; of all where none is named."""
        wanted = {kind.casefold() for kind in kinds}
        if not wanted:
            return self
        return Spent(
            {one: sum_ for one, sum_ in self.amounts.items() if one[0].casefold() in wanted},
            {kind: days for kind, days in self.days.items() if kind.casefold() in wanted},
            self.served,
            {kind: days for kind, days in self.before.items() if kind.casefold() in wanted},
        )

    @property
    def currencies(self) -> list[str]:
        return sorted({currency for _kind, currency in self.amounts})

    @property
    def total(self) -> Decimal:
        """In one currency: meaningless in several."""
        return sum(self.amounts.values(), Decimal(0))

    @property
    def missing(self) -> int:
        """Days of sites with calls and without costs."""
        return len(self.served.difference(*self.days.values()))

    @property
    def too_early(self) -> int:
        """Days of sites with costs before their record begins."""
        return len(frozenset().union(*self.before.values()))

    @classmethod
    def sum(cls, many: Iterable[Spent]) -> Spent:
        rows = list(many)
        return cls(
            _together(row.amounts for row in rows),
            _days_together(row.days for row in rows),
            frozenset().union(*(row.served for row in rows)),
            _days_together(row.before for row in rows),
        )


@dataclass(frozen=True, slots=True)
class Sold:
    """Sales and what may yet be sold, each once: of a sale and its call that both tell a value the
    sale's stands.

    A call with several sales is one that sold. Amounts are by currency ("": nobody says which).
    Where others sold and this nothing, it is of nothing but their `currencies`.
    """

    inbound: int = 0
    """Inbound calls that sold."""
    outbound: int = 0
    """Outbound calls that sold."""
    unlinked: int = 0
    """Sales that name no call, or one that is not there."""
    perhaps: int = 0
    """Calls, in or out, on which something may yet be sold."""
    perhaps_unlinked: int = 0
    """Sales that may yet be, and name no call, or one that is not there."""
    undated: int = 0
    """Sales of calls that are not there, whose day nobody tells: in none of the sums."""
    revenue: Mapping[str, Decimal] = field(default_factory=dict)
    pipeline: Mapping[str, Decimal] = field(default_factory=dict)
    currencies: frozenset[str] = frozenset()
    """Those in which anything was told of the sites and days, of this or of others."""
    days: Mapping[int, Told] = field(default_factory=dict)
    """Which of the days asked for tell sales, of each site that has any."""
    of: Counts | None = None
    """What was counted on the days of which sales are told; None: they are all that are asked
    for."""

    @property
    def sales(self) -> int:
        return self.inbound + self.outbound + self.unlinked

    @property
    def is_nothing(self) -> bool:
        """Whether only others' sales are told."""
        return not (self.sales or self.undated or self.revenue or self.pipeline)

    @classmethod
    def sum(cls, many: Iterable[Sold]) -> Sold:
        rows = list(many)
        return cls(
            inbound=sum(row.inbound for row in rows),
            outbound=sum(row.outbound for row in rows),
            unlinked=sum(row.unlinked for row in rows),
            perhaps=sum(row.perhaps for row in rows),
            perhaps_unlinked=sum(row.perhaps_unlinked for row in rows),
            revenue=_together(row.revenue for row in rows),
            pipeline=_together(row.pipeline for row in rows),
            undated=max((row.undated for row in rows), default=0),
            currencies=frozenset().union(*(row.currencies for row in rows)),
        )


def _together(many: Iterable[Mapping[_Key, Decimal]]) -> dict[_Key, Decimal]:
    amounts: dict[_Key, Decimal] = defaultdict(Decimal)
    for one in many:
        for key, amount in one.items():
            amounts[key] += amount
    return dict(amounts)


def _days_together(
    many: Iterable[Mapping[str, frozenset[SiteDay]]],
) -> dict[str, frozenset[SiteDay]]:
    found: dict[str, frozenset[SiteDay]] = defaultdict(frozenset)
    for one in many:
        for kind, days in one.items():
            found[kind] |= days
    return dict(found)
