"""What is asked of a report, and what it is answered with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from ccm.intervals import Calendar, day_of
from ccm.models import Agent, Direction, Queue, Site
from kpis import dimensions
from kpis.declaration import Need
from kpis.dimensions import MOMENTS, OF_DAYS
from kpis.figures import Figure
from kpis.reads import reading
from kpis.reads.reading import By, Record, Selection
from kpis.sums.counts import Counts


class Unanswerable(Exception):
    """The question cannot be answered as it stands; the words say why."""


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one key, or of one key in one column. Names are for people, `key` for
    machines, ids are the keys that reading gives. `site` is the one that it is of, None where it
    is of several together."""

    key: dict[str, str]
    name: str
    id: Any
    counts: Counts
    figures: Mapping[str, Figure]
    column: str = ""
    column_id: Any = None
    column_place: Any = None
    """What columns are sorted by."""
    site: int | None = None
    scope: tuple[date, int | None, int | None] | None = None
    """The day, the site and the queue that the definitions of its figures were chosen for: rows of
    one scope are made by the same."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `kpis` are "id", "id:variant" or "id:variant@number" (`definitions.pinned`);
    none means all in their chosen variants.

    `by` says what rows are, `across` what columns are. `only` picks by keys of other dimensions.
    `direction` "": inbound, or each where rows or columns are directions. `names` are the names of
    the rows asked for, by id, where the asker has them.
    """

    sites: Sequence[Site]
    first: date
    last: date
    by: By = "total"
    across: By = "total"
    queues: Sequence[Queue] | None = None
    agents: Sequence[Agent] | None = None
    kpis: Sequence[str] = ()
    channel: str = ""
    direction: str = ""
    only: Mapping[By, Sequence[Any]] = field(default_factory=dict)
    names: Mapping[By, Mapping[int, str]] = field(default_factory=dict)
    knows: frozenset[Need] = frozenset()
    """What of `PRIVATE` the asker may know (`kpis.sight`); figures made of the rest have no
    value."""
    records: Mapping[int, Record] = field(default_factory=dict)
    """How far the sites' records go, where the asker has it: then each stretch of time that they
    reach has its row or column, though nothing was counted in it; else those with anything."""

    @property
    def selection(self) -> Selection:
        """What is read for it: one thing, whichever way its keys are told. Only what is on no
        queue, or nobody's, is picked as a key of another dimension."""
        calendars: dict[Calendar, list[int]] = {}
        for site in self.sites:
            calendars.setdefault(site.calendar, []).append(site.pk)
        only: dict[By, Sequence[Any]] = dict(self.only)
        by_direction = "direction" in (self.by, self.across)
        if self.direction not in ("", Direction.INBOUND) and not by_direction:
            only.setdefault("direction", [self.direction])
        direction = self.direction
        if not direction and not by_direction:
            (direction,) = only.get("direction", [Direction.INBOUND])
        channel = self.channel
        if not channel and len(only.get("channel", ())) == 1:
            (channel,) = only.pop("channel")
        return Selection(
            sites=[site.pk for site in self.sites],
            first=self.first,
            last=self.last,
            queues=_ids(self.queues, only, "queue"),
            agents=_ids(self.agents, only, "agent"),
            channel=channel,
            direction=direction,
            only=only,
            calendars=calendars,
        )

    @property
    def together(self) -> bool:
        """Whether its sites are in several zones."""
        return len({site.zone for site in self.sites}) > 1

    @property
    def tz(self) -> ZoneInfo:
        """The zone that moments are told in: that of its sites, UTC where they have several."""
        zones = {site.zone for site in self.sites}
        return ZoneInfo(zones.pop()) if len(zones) == 1 else ZoneInfo("UTC")

    @property
    def calendar(self) -> Calendar:
        """How its sites tell their days; where they differ, by the dates of `tz`."""
        calendars = {site.calendar for site in self.sites}
        return calendars.pop() if len(calendars) == 1 else Calendar(self.tz)

    def days_of(self, row: Row) -> tuple[date, date]:
        """The first and the last day that a row of it is of; of a moment at several sites those
        of all of them."""
        first, last = self.first, self.last
        for by, key in ((self.by, row.id), (self.across, row.column_id)):
            if by in MOMENTS:
                here = [site for site in self.sites if row.site in (None, site.pk)]
                # A day of a site may begin within an hour of UTC.
                hour = dimensions.quarters(by, key) if self.together else [key]
                days = [day_of(one, site.calendar) for site in here for one in {hour[0], hour[-1]}]
                first, last = max(first, min(days)), min(last, max(days))
            elif by in OF_DAYS and by != "weekday":
                first, last = max(first, key), min(last, dimensions.last_day(by, key))
        return first, last

    @property
    def counts_contacts(self) -> bool:
        """Whether its units are contacts; else visits."""
        return self.selection.unit(self.by, self.across) == reading.Unit.CONTACT


def over_all(question: Question) -> Question:
    """The same question for the whole of it, in the same units."""
    return replace(question, by="total", across="total")


def _ids(
    rows: Sequence[Queue] | Sequence[Agent] | None, only: dict[By, Sequence[Any]], by: By
) -> list[int] | None:
    """The rows that are picked, or the keys by which they are, which are taken out of `only`."""
    if rows is not None:
        return [row.pk for row in rows]
    return [*only.pop(by)] if None not in only.get(by, [None]) else None
