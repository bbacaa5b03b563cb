"""What weeks were, read from the counts and the record of a site: a few queries, whatever its size,
beside one a week for who was there."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

import numpy as np
from django.db import connection
from django.db.models import F
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from ccm.intervals import Span, site_days
from ccm.models import Call, Direction, Outcome, Queue, Site
from kpis.formulas.handling import measured_parts
from kpis.formulas.levels import Split, split
from kpis.models import DayStat, IntervalStat, Unit
from kpis.parameters import Parameters
from kpis.rollups import presence
from kpis.sums.counts import ACW, HOLD, PART_SETS, TALK, Counts
from kpis.sums.histogram import ALL_ENTRIES, CLASS_SHIFT, LAST_BIN, Histogram, WaitOutcome
from scheduling.known.past import Grid
from scheduling.proving.sharing import OTHER, Presence, Shares, Worked

Array = NDArray[np.float64]
_WEEK = timedelta(days=7)
_SHOWN_OF = ("answered", "abandoned", "timed_out", "key_exit", "other", "callback_requested")
_COLUMNS = (
    "start", "offered", "in_progress", *_SHOWN_OF, "missed", "answered_wait_ms",
    "answered_wait_n", "handle_n", "handle_ms", "hist_codes", "hist_counts",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Came:
    """What came to a queue and became of it, quarter hour by quarter hour.

    `abandoned` are those that count as such in the service level that was asked for; of waits that
    are not known nothing is within it. `waited` and `stayed` are the waits of all: until callers
    left, or until something else ended it.
    """

    calls: NDArray[np.int64]
    answered: Array
    answered_within: Array
    abandoned: Array
    abandoned_within: Array
    waited_seconds: Array
    waited: Array
    handled: Array
    handled_seconds: Array
    parts: int | None
    """Which parts of handle times are known, as `kpis.sums.counts` says; None: none."""
    waits: Array
    left: NDArray[np.bool_]


def came(
    site: Site, on: Grid, queues: Sequence[Queue], ways: Sequence[Parameters]
) -> Iterator[tuple[int, Came]]:
    """Queues by their number, each as its service level is made, those of which anything was
    counted. One query."""
    span = site_days(on.first, on.last, site.calendar)
    place_of = {queue.pk: place for place, queue in enumerate(queues)}
    rows = (
        IntervalStat.objects.filter(
            site=site, queue__in=place_of, unit=Unit.VISIT, direction=Direction.INBOUND,
            start__gte=span.start, start__lt=span.end,
        )
        .order_by("queue_id", "start")
        .values_list("queue_id", *_COLUMNS)
    )  # fmt: skip
    for pk, mine in groupby(rows.iterator(chunk_size=10_000), key=lambda row: row[0]):
        place = place_of[pk]
        yield place, _came(on, mine, ways[place])


def _came(on: Grid, rows: Iterable[tuple[object, ...]], way: Parameters) -> Came:
    quarters = len(on.day)
    calls = np.zeros(quarters, np.int64)
    sums = np.zeros((6, quarters))
    parts_n, parts_ms = np.zeros((quarters, PART_SETS)), np.zeros((quarters, PART_SETS))
    codes: list[str] = []
    counts: list[str] = []
    for _pk, start, *row in rows:
        told = dict(zip(_COLUMNS[1:], row, strict=True))
        assert isinstance(start, datetime)
        place = on.place(start.astimezone(UTC))
        visits = _split(told, way)
        lost, lost_within = (visits.lost, visits.lost_within) if way.lost else (0, 0)
        calls[place] += told["offered"] - told["in_progress"]  # type: ignore[operator]
        sums[:, place] += (
            visits.answered_known,
            visits.answered_within,
            visits.abandoned + lost,
            visits.abandoned_within + lost_within,
            told["answered_wait_ms"] / 1000,  # type: ignore[operator]
            told["answered_wait_n"],  # type: ignore[arg-type]
        )
        parts_n[place] += told["handle_n"]
        parts_ms[place] += told["handle_ms"]
        if told["hist_codes"]:
            codes.append(str(told["hist_codes"]))
            counts.append(str(told["hist_counts"]))
    parts = measured_parts(Counts(handle_n=tuple(int(one) for one in parts_n.sum(axis=0))))
    handled = (np.zeros(quarters), np.zeros(quarters))
    if parts is not None:
        handled = (parts_n[:, parts], parts_ms[:, parts] / 1000)
    waits, left = _waits(",".join(codes), ",".join(counts))
    return Came(
        calls,
        answered=sums[0],
        answered_within=sums[1],
        abandoned=sums[2],
        abandoned_within=sums[3],
        waited_seconds=sums[4],
        waited=sums[5],
        handled=handled[0],
        handled_seconds=handled[1],
        parts=parts,
        waits=waits,
        left=left,
    )


def _split(told: dict[str, object], way: Parameters) -> Split:
    waits = Histogram.from_texts(str(told["hist_codes"]), str(told["hist_counts"]))
    visits = {name: told[name] for name in (*_SHOWN_OF, "missed")}
    return split(Counts(**visits, wait_hist=waits), way)  # type: ignore[arg-type]


def _waits(codes: str, counts: str) -> tuple[Array, NDArray[np.bool_]]:
    """The waits of a stored histogram, and whether callers left then."""
    if not codes:
        return np.zeros(0), np.zeros(0, bool)
    code, many = (np.fromstring(one, np.int64, sep=",") for one in (codes, counts))
    ended = (code >> CLASS_SHIFT) // len(ALL_ENTRIES)
    wait = ended <= WaitOutcome.CALLBACK
    code, many, ended = code[wait], many[wait], ended[wait]
    return (
        np.repeat((code & LAST_BIN) / 2, many),
        np.repeat(ended == WaitOutcome.ABANDONED, many),
    )


class Work(NamedTuple):
    """Who worked for what: by agents, and days x queues by all of them together, in ms."""

    worked: list[Worked]
    handled_ms: Array


def work(site: Site, on: Grid, queues: Sequence[Queue]) -> Work:
    """What each agent did on each day. One query."""
    place_of = {queue.pk: place for place, queue in enumerate(queues)}
    handled = np.zeros((on.shape[0], len(queues)))
    worked = []
    rows = DayStat.objects.filter(
        site=site, unit=Unit.VISIT, day__gte=on.first, day__lte=on.last
    ).values_list(
        "agent_id", "day", "queue_id", "direction",
        F("talk_ms") + F("hold_ms") + F("acw_ms"),
        F("offers_answered") + F("ring_no_answer") + F("declined") + F("cancelled"),
    )  # fmt: skip
    for agent, day, queue, direction, ms, rings in rows.iterator(chunk_size=20_000):
        number = (day - on.first).days
        place = place_of.get(queue, OTHER) if direction == Direction.INBOUND else OTHER
        if agent is not None:
            worked.append(Worked(agent, number, place, ms, rings))
        elif place != OTHER:
            handled[number, place] += ms
    return Work(worked, handled)


class There(NamedTuple):
    presence: Presence
    told: frozenset[tuple[int, int]]
    """Agents, with their days, whose states tell when they were there."""


def there(site: Site, on: Grid, shares: Shares, queues: int) -> There:
    """Who was there: on a call, wrapping up, ringing, or ready. Nothing of days of agents without
    states. One query a week."""
    found = Presence(queues, on.day)
    told = set()
    with connection.cursor() as cursor:
        for span in _weeks(site_days(on.first, on.last, site.calendar)):
            cursor.execute(_THERE, presence.values_of(site.pk, site.calendar, span))
            while rows := cursor.fetchmany(20_000):
                for agent, start, ms in rows:
                    place = on.place(start)
                    day = int(on.day[place])
                    told.add((agent, day))
                    if ms:
                        found.add(place, int(ms), shares.of(agent, day))
    return There(found, frozenset(told))


_THERE = f"""SELECT agent_id, start, handling_ms + ringing_ms + ready_ms
FROM ({presence.QUARTERS}) AS quarters
WHERE handling_ms + ringing_ms + ready_ms + paused_ms + other_ms > 0"""


def _weeks(span: Span) -> Iterator[Span]:
    start = span.start
    while start < span.end:
        yield Span(start, min(start + _WEEK, span.end))
        start += _WEEK


def handle_seconds(site: Site, on: Grid, came_to: dict[int, tuple[int, Came]]) -> dict[int, Array]:
    """How long each call took, of queues by id (told with their number), as far as the same parts
    of it are known as in most. By number. One query."""
    span = site_days(on.first, on.last, site.calendar)
    found = {place: array("f") for place, _came in came_to.values()}
    rows = (
        Call.objects.in_span(span)
        .filter(
            site=site, queue__in=came_to, direction=Direction.INBOUND, outcome=Outcome.ANSWERED,
            talk_ms__isnull=False,
        )
        .order_by()
        .values_list("queue_id", Coalesce("talk_ms", 0), "hold_ms", "acw_ms")
    )  # fmt: skip
    for pk, talk, hold, acw in rows.iterator(chunk_size=20_000):
        place, told = came_to[pk]
        parts = TALK + (HOLD if hold is not None else 0) + (ACW if acw is not None else 0)
        if parts == told.parts:
            found[place].append((talk + (hold or 0) + (acw or 0)) / 1000)
    return {place: np.array(one, float) for place, one in found.items()}
