"""What is read: the counts of each cell, and what a variant needs beside them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ccm.intervals import day_of
from kpis import dimensions
from kpis.declaration import Need
from kpis.dimensions import IN_DAYS, IN_TIME, OF_DAYS, OF_QUARTERS
from kpis.reads import ledger, matters, opening, ramp, reading, selling, timesheet
from kpis.reads import repeats as repeat_reads
from kpis.reads.reading import By, Selection
from kpis.reads.selling import Cells, Reader
from kpis.report.bounds import refuse_cells
from kpis.report.question import Question
from kpis.report.sites import site_of_picked
from kpis.sums.counts import FAMILIES, Counts, Family
from kpis.sums.money import Sold
from kpis.untold import why

READERS: Mapping[Need, Reader] = {
    "time": timesheet.cells,
    "open": opening.open_cells,
    "outbound": reading.outbound,
    "repeats": repeat_reads.cells,
    "matters": matters.cells,
    "people": ledger.by_keys(ledger.people, ("site", "agent", *IN_DAYS)),
    "ramp": ledger.by_keys(ramp.ramp, ("site", "agent", *OF_DAYS)),
    "costs": ledger.by_keys(ledger.costs, ("site", "queue", "agent", *OF_DAYS)),
    "sales": selling.cells,
    "paid": ledger.by_keys(ledger.paid, ("site", "agent", "team", "within", *OF_DAYS)),
    "worked": ledger.by_keys(ledger.worked, ("site", "agent", *OF_DAYS)),
    "answering": reading.answering,
}
"""Who reads what a variant needs beside counts of calls: one of it a cell, None where it cannot be
told by such keys."""
# What there is of every day, so that it alone makes no row of time, and none of a queue.
ALWAYS: frozenset[Need] = frozenset({"people", "ramp", "costs", "paid", "worked"})
# What of that agents and teams are told of, so that whoever was paid or there has a row of theirs.
OF_WHOM: frozenset[Need] = frozenset({"paid", "worked"})


@dataclass(frozen=True, slots=True)
class Units:
    """The stretches of time that the key in a `place` has, by site: those its record reaches."""

    place: int
    by_site: Mapping[int, Sequence[Any]]

    @property
    def every(self) -> set[Any]:
        """Those of any site."""
        return {unit for units in self.by_site.values() for unit in units}


def cells(
    selection: Selection,
    keys: Sequence[By],
    needs: Iterable[Need],
    waits: bool = True,
    families: Collection[Family] = FAMILIES,
    units: Units | None = None,
    read: Mapping[tuple[Any, Any], Counts] | None = None,
) -> tuple[dict[tuple[Any, ...], Counts], dict[Need, str]]:
    """Counts by several keys, `read` where they were, with what is needed beside them; and what of
    that cannot be told, with why.

    Each of the `units` of time has its cell, of nothing where nothing was counted.
    """
    needs = {*needs}
    apart = selling.Apart(
        selection, keys, selling.cells(selection, keys) if "sales" in needs else None
    )
    count = partial(reading.cells, waits=waits, families=families)
    found = {**(apart.counts(count) if read is None else read)}
    if units is not None and (found or not _tells_days_alone(selection, keys)):
        found = _with_each(found, keys, units)
    if not found and {*keys} == {"total"}:
        found = {(None,) * len(keys): Counts()}
    beside = {need: apart.beside(need, READERS[need]) for need in sorted(needs - {"sales"})}
    if "sales" in needs:
        beside["sales"] = apart.with_counts()
    told = {need: read for need, read in beside.items() if read is not None}
    rows = {
        one: Counts() for need in told for one in _rows_of(need, told[need], selection, keys, units)
    }
    untold = {need: why(need, selection, keys) for need in beside if need not in told}
    return _with(rows | found, told), untold


def counted(selection: Selection, by: By, needs: Iterable[Need]) -> dict[Any, Counts]:
    """Counts by key, with what is needed beside them: a query more for each."""
    found, _untold = cells(selection, (by,), needs)
    return reading.days_of_spans(selection, by, {one: here for (one,), here in found.items()})


def units_of(question: Question) -> Units | None:
    """The stretches of time that have their row or column whatever was counted in them: of the days
    asked for those that the record of a site reaches.

    None where the other side is told by time too, for by day and hour of the day not all go
    together; and where sites of several zones have other stretches than their queues and agents.
    """
    sides = (question.by, question.across)
    timed = [place for place, by in enumerate(sides) if by in IN_TIME]
    if not question.records or len(timed) != 1:
        return None
    (place,) = timed
    by, other = sides[place], sides[1 - place]
    selection = question.selection
    together = selection.together
    if other in ("clock", "weekday") or (together and other in ("queue", "team", "agent")):
        return None
    # Where all that is picked is of one site, the hours of another's days are none of its.
    picked = site_of_picked(question) if together else None
    found = {}
    for calendar, sites in selection.calendars.items():
        for site in sites:
            record = question.records.get(site)
            if record is None or picked not in (None, site):
                continue
            first = max(question.first, record.first)
            last = min(question.last, day_of(record.newest_at, calendar))
            if first <= last:
                found[site] = dimensions.units(
                    by, first, last, calendar, record.newest_at, together
                )
    return Units(place, found)


def _rows_of(
    need: Need, read: Cells, selection: Selection, keys: Sequence[By], units: Units | None
) -> Iterable[tuple[Any, ...]]:
    """What of that which was read has its row although no call was counted."""
    if need not in ALWAYS:
        nothing = {one for one, what in read.items() if isinstance(what, Sold) and what.is_nothing}
        return read.keys() - nothing
    of_whom = need in OF_WHOM and selection.told_by(*keys) & {"agent", "team"}
    # A cost of no call is no figure.
    of_site = need != "costs" and "site" in keys and not {*keys} & {*OF_DAYS}
    if not of_whom and not of_site:
        return ()
    # Nobody was there yet on days that are still to come.
    every = None if units is None else units.every
    return [one for one in read if every is None or units is None or one[units.place] in every]


def _tells_days_alone(selection: Selection, keys: Sequence[By]) -> bool:
    """Whether there were calls in what was counted in no quarter hour: of none of these is known
    that it had no calls."""
    if not {*keys} & {*OF_QUARTERS}:
        return False
    return any(counts.offered for counts in offered_by(selection, ("total",)).values())


def offered_by(selection: Selection, keys: Sequence[By]) -> dict[tuple[Any, ...], Counts]:
    """How many were offered, by several keys."""
    return reading.cells(selection, keys, only=("offered",))


def _with_each(
    found: dict[tuple[Any, ...], Counts], keys: Sequence[By], units: Units
) -> dict[tuple[Any, ...], Counts]:
    """Counts by two keys with a cell for each unit, beside what there is of the other key."""
    other = keys[1 - units.place]
    others: set[Any] = {key[1 - units.place] for key in found} if other != "total" else {None}
    nothing, every = Counts(), units.every
    each: dict[tuple[Any, ...], Counts] = {}
    for key in others:
        for unit in units.by_site.get(key, ()) if other == "site" else every:
            each[(unit, key) if units.place == 0 else (key, unit)] = nothing
        refuse_cells(len(each), 0)
    return each | found


def _with(
    found: Mapping[tuple[Any, ...], Counts], told: Mapping[Need, Cells]
) -> dict[tuple[Any, ...], Counts]:
    """Counts with what was read beside them, each by its need."""
    if not told:
        return {**found}
    return {
        one: replace(counts, **{need: read[one] for need, read in told.items() if one in read})
        for one, counts in found.items()
    }
