"""Reads what an effect is told of: how far a site is counted, its people, and what each did."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, Max, OuterRef
from redis.exceptions import RedisError

from ccm.intervals import DAY, day_of
from ccm.models import Agent, Site
from ccm.querysets import Viewer
from coaching.access import agents_coached
from coaching.effect.beyond import Cell, Cells
from coaching.effect.measures import Measure
from kpis.dimensions import By
from kpis.models import FillMark
from kpis.reads import reading
from kpis.reads.reading import Selection
from kpis.report.cells import READERS
from kpis.sums.counts import Counts

KEPT_SECONDS = 6 * 3600
_KEYS: tuple[By, ...] = ("agent", "queue", "part")


@dataclass(frozen=True, slots=True)
class Counted:
    """How far a site is counted: the first day that has any, the last that is over and counted, and
    when a day that was over by then was last counted anew."""

    first: date
    last: date
    past_at: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """An agent; `is_mine`: whether the reader coaches them."""

    name: str
    hired_on: date | None
    is_mine: bool


def counted(site: Site, now: datetime) -> Counted | None:
    """None: nothing is. Two queries."""
    record = reading.records([site.pk]).get(site.pk)
    if record is None:
        return None
    calendar = site.calendar
    last = min(day_of(record.newest_at, calendar), day_of(now, calendar)) - DAY
    past: datetime | None = FillMark.objects.filter(site=site).aggregate(past=Max("past_at"))[
        "past"
    ]
    return Counted(record.first, last, past)


def people(site: Site, user: Viewer) -> dict[int, Person]:
    """All agents that a site has or had. One query."""
    coached = agents_coached(user).filter(pk=OuterRef("pk")).order_by()
    rows = Agent.objects.filter(site=site).order_by().annotate(is_mine=Exists(coached))
    told = rows.values_list("pk", "name", "hired_on", "is_mine")
    return {pk: Person(name, hired, is_mine) for pk, name, hired, is_mine in told}


def cells(
    site: Site, measure: Measure, begins: Sequence[date], last: date, known: Counted
) -> Cells:
    """What each agent did on each queue in each of the parts that begin on these days and end with
    `last`.

    One query, and one for each need of the measure; none while it is kept, which is as long as no
    day that is over is counted anew.
    """
    said = (site.pk, measure.kpi.id, measure.variant.id, repr(measure.parameters), begins, last)
    name = hashlib.sha256(repr((said, known.past_at)).encode()).hexdigest()
    key = f"coaching.effect.2:{name}"
    with suppress(RedisError, OSError):
        kept = _read(cache.get(key))
        if kept is not None:
            return kept
    found = _cells(site, measure, begins, last)
    with suppress(RedisError, OSError):
        cache.set(key, [[*key, *cell] for key, cell in found.items()], KEPT_SECONDS)
    return found


def _read(kept: Any) -> Cells | None:
    """None: what is kept are no cells."""
    try:
        return {
            (agent, queue, part): Cell(over, under, calls)
            for agent, queue, part, over, under, calls in kept
        }
    except (TypeError, ValueError):
        return None


def _cells(
    site: Site, measure: Measure, begins: Sequence[date], last: date
) -> dict[tuple[int, int | None, int], Cell]:
    selection = Selection([site.pk], begins[0], last, parts=tuple(begins))
    counts = reading.cells(selection, _KEYS, waits=measure.variant.of_waits)
    rows: dict[tuple[Any, ...], Counts] = {**counts}
    for need in measure.needs:
        read: Mapping[tuple[Any, ...], Any] = READERS[need](selection, _KEYS) or {}
        for key in read:
            rows[key] = replace(rows.get(key, Counts()), **{need: read[key]})
    measured = ((key, measure.cell(counts)) for key, counts in rows.items())
    return {
        (agent, queue, part): cell for (agent, queue, part), cell in measured if cell is not None
    }
