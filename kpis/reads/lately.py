"""Counts of the last minutes up to a moment, to the second: what a wall calls "now".

They are read from the calls themselves and by the rules of the rollups, so that a figure of the
last hour is what a report would tell of it, were that hour a row.

A visit belongs to a window if it entered its queue in [now - minutes, now), a contact if its first
visit did, as either belongs to the quarter hour it entered in. It does so whenever it is answered:
who still waits is offered but in no rate, however long (`in_progress`), so a level of the last
minutes goes on changing while anybody of them waits. A call that tells its day alone is in none.

When it entered is by our clock: the time that its source wrote, put right by what is known of that
source's clock (`ccm.live.sources`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ccm import long_reads
from kpis.declaration import Need
from kpis.live import LATELY
from kpis.reads.opening import IS_OPEN
from kpis.reads.reading import counting, counts_of
from kpis.rollups import afresh
from kpis.sums.counts import FAMILIES, Counts, Family

WINDOWS = tuple(LATELY)
TOLD: frozenset[Need] = frozenset({"open"})
"""What is told of the last minutes beside counts of calls."""


@dataclass(frozen=True, slots=True)
class Lately:
    """Counts of each window up to `now`."""

    now: datetime
    _slices: Mapping[tuple[int, int | None], Mapping[int, Counts]] = field(default_factory=dict)
    """By site and queue (None: the site's contacts), then by the window that begins with it: the
    windows lie within each other, these slices beside each other."""

    def of(self, minutes: int, site: int, queues: Iterable[int] | None = None) -> Counts:
        """A window's counts of a site in contacts, or of some of its queues together in visits.

        Raises ValueError for a window that there is not.
        """
        if minutes not in WINDOWS:
            raise ValueError(f"no window of {minutes} minutes, but of {WINDOWS}")
        whose = [None] if queues is None else list(queues)
        return Counts.sum(
            counts
            for queue in whose
            for window, counts in self._slices.get((site, queue), {}).items()
            if window <= minutes
        )


def lately(
    sites: Sequence[int],
    now: datetime,
    families: Collection[Family] = FAMILIES,
    needs: Collection[Need] = (),
) -> Lately:
    """The counts of calls in of these sites and of each of their queues. One query.

    What is of no such `families` is 0; of `needs` those that are `TOLD` are read, too.
    """
    by_hours = "open" in needs
    edges = [now - timedelta(minutes=minutes) for minutes in reversed((0, *WINDOWS))]
    sql, values = afresh.in_slices(sites, edges, families, IS_OPEN if by_hours else "")
    keys = ("k0", "k1", "k2", "k3")
    rows = long_reads.beside(counting(sql, ", ".join(keys), families), values)
    found: dict[tuple[int, int | None], dict[int, list[tuple[int, Counts]]]]
    found = defaultdict(lambda: defaultdict(list))
    sums = counts_of([row[len(keys) :] for row in rows])
    for (site, queue, slice_, is_open, *_sums), counts in zip(rows, sums, strict=True):
        found[site, queue or None][WINDOWS[-slice_]].append((is_open, counts))
    return Lately(
        now,
        {
            whose: {window: _summed(parts, by_hours) for window, parts in slices.items()}
            for whose, slices in found.items()
        },
    )


def _summed(parts: Sequence[tuple[int, Counts]], by_hours: bool) -> Counts:
    """Counts in and out of opening hours together, with the former beside them where asked for."""
    whole = Counts.sum(counts for _is_open, counts in parts)
    if not by_hours:
        return whole
    return replace(whole, open=Counts.sum(counts for is_open, counts in parts if is_open))
