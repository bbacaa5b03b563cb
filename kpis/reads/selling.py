"""The days on which a site tells its sales, and what was sold on these beside what was counted on
them.

A site tells its sales from the day of the first that is told of the like to the day of the last: of
any queue for a queue, of any agent for an agent or a team. A day between on which nothing was sold
is a day of nothing; of days before and after nobody knows what was sold. Where calls tell
themselves what they sold and no list tells of a later sale, that is up to the newest day with
calls: whoever read these read what they sold.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kpis.dimensions import OF_DAYS
from kpis.reads import ledger, reading
from kpis.reads.reading import By, Selection
from kpis.sums.counts import Counts
from kpis.sums.money import Sold, Told
from kpis.sums.staff import Paid

_paid = ledger.by_keys(ledger.paid, ("site", "agent", "team", *OF_DAYS))


def cells(selection: Selection, keys: Sequence[By]) -> dict[tuple[Any, ...], Any] | None:
    """What was sold, by any keys (`ledger.by_keys`). Where sales are told of fewer days than are
    asked for, each knows what was counted on those alone."""
    told: dict[int, Told] = {}

    def read(some: Selection, by: Sequence[By]) -> dict[tuple[Any, ...], Sold]:
        sold, days = ledger.sales(some, by)
        told.update(days)
        return sold

    found = ledger.by_keys(read, _TOLD_BY)(selection, keys)
    if not found:
        return found
    found = {one: replace(sold, days=told) for one, sold in found.items()}
    is_whole = {*told.values()} == {(selection.first, selection.last)}
    if is_whole and len(told) == len(selection.sites):
        return found
    counts = _counted(selection, keys, told)
    return {one: replace(sold, of=counts.get(one, Counts())) for one, sold in found.items()}


_TOLD_BY: tuple[By, ...] = (
    "site", "queue", "agent", "channel", "team", "topic", "disposition", *OF_DAYS,
)  # fmt: skip


def _counted(
    selection: Selection, keys: Sequence[By], told: Mapping[int, Told]
) -> dict[tuple[Any, ...], Counts]:
    """What was counted on the days that tell sales, with what else sales are divided by."""
    alike: dict[Told, list[int]] = defaultdict(list)
    for site, span in told.items():
        alike[span].append(site)
    together: dict[tuple[Any, ...], Counts] = {}
    for (first, last), sites in alike.items():
        some = replace(
            selection,
            sites=sites,
            first=first,
            last=last,
            calendars={
                calendar: [site for site in those if site in sites]
                for calendar, those in selection.calendars.items()
            },
        )
        found = reading.cells(some, keys, waits=False)
        out, paid = reading.outbound(some, keys), _paid(some, keys) or {}
        agents = reading.answering_agents(some, keys)
        for one in {*found, *out, *paid}:
            before = together.get(one, Counts())
            hours = [they for they in (before.paid, paid.get(one)) if they is not None]
            # Agents are of one site each.
            together[one] = replace(
                before + replace(found.get(one, Counts()), outbound=out.get(one)),
                agents=before.agents + agents.get(one, (0, 0))[0],
                paid=Paid.sum(hours) if hours else None,
            )
    return together
