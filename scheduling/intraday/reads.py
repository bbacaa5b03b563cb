"""The days of some queues of a site, as far as they are counted by now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from ccm.intervals import QUARTER, day_of
from ccm.models import Direction, Queue, Site
from kpis.freshness import Reach, own_reach
from kpis.freshness import reach as reach
from kpis.models import IntervalStat, Unit
from scheduling.forecast.history import Array
from scheduling.forecast.intraday import Unmoved, Update
from scheduling.intraday.day import Begun
from scheduling.intraday.weights import unpacked
from scheduling.known import past
from scheduling.known.past import Grid
from scheduling.models import DayUpdate, Forecast, ForecastDay
from scheduling.planned import layer


@dataclass(frozen=True, slots=True, eq=False)
class Today:
    """A queue's day, with the forecast that knew nothing of it."""

    queue: Queue
    day: date
    forecast: Forecast
    row: ForecastDay
    planned: Array | None
    """What its planner says of it; None: nothing else."""
    begun: Begun
    low80: Array
    high80: Array
    """nan where no error tells of a band."""
    learned: DayUpdate | None
    """How its beginning is believed; None: nothing was learned of intervals like these."""
    at: datetime
    """When the last interval that counts was over."""

    @property
    def minutes(self) -> int:
        return self.forecast.interval_minutes

    @property
    def is_planned(self) -> bool:
        """Whether what is expected has its planner's word."""
        return self.planned is not None

    @property
    def minutes_open(self) -> int:
        return max(self.begun.known - self.begun.first, 0) * self.minutes


def todays(site: Site, queues: Iterable[Queue], known: Reach) -> dict[int, Today]:
    """The days of some of a site's queues by their ids, each as far as the sources reach that tell
    of it; none of those without a forecast of today. Four queries."""
    chosen = {one.pk: one for one in queues}
    today = day_of(known.now, site.calendar)
    found = ForecastDay.objects.known_before(chosen, today)
    found = found.select_related("forecast__queue__day_update")
    rows: dict[int, ForecastDay] = {one.forecast.queue_id: one for one in found}
    if not rows:
        return {}
    planned = layer.on_day(rows.values(), today, site)
    counts = _counts(site, rows, past.grid(today, today, site.calendar, 15))
    own = own_reach(site, known, rows)
    return {
        pk: _today(
            chosen[pk],
            today,
            row,
            planned.get(pk),
            getattr(row.forecast.queue, "day_update", None),
            counts.get(pk, ()),
            known.until_of(pk, own),
        )
        for pk, row in rows.items()
    }


Counts = Sequence[tuple[datetime, int]]


def _counts(site: Site, queues: Iterable[int], on: Grid) -> dict[int, list[tuple[datetime, int]]]:
    rows = IntervalStat.objects.filter(
        site=site,
        queue__in=list(queues),
        unit=Unit.VISIT,
        direction=Direction.INBOUND,
        start__gte=on.start,
        start__lt=on.start + len(on.day) * QUARTER,
    ).values_list("queue_id", "start", "offered")
    found: dict[int, list[tuple[datetime, int]]] = {}
    for queue, start, offered in rows:
        found.setdefault(queue, []).append((start, offered))
    return found


def _today(
    queue: Queue,
    today: date,
    row: ForecastDay,
    planned: Array | None,
    learned: DayUpdate | None,
    counts: Counts,
    until: datetime | None,
) -> Today:
    on = past.grid(today, today, queue.site.calendar, row.forecast.interval_minutes)
    offered = np.zeros(len(on.day))
    for start, many in counts:
        offered[on.place(start.astimezone(UTC))] += many
    known = known_intervals(on, until)
    if learned is not None and learned.interval_minutes != on.minutes:
        learned = None
    return Today(
        queue=queue,
        day=today,
        forecast=row.forecast,
        row=row,
        planned=planned,
        begun=Begun(
            expected=_expected(row, planned),
            open=np.array(row.open, float),
            came=on.summed(offered * past.open_quarters(queue, on))[0],
            known=known,
            update=_update(learned),
        ),
        low80=_edge(row, planned, "low80"),
        high80=_edge(row, planned, "high80"),
        learned=learned,
        at=end_of(on, known),
    )


def known_intervals(on: Grid, until: datetime | None) -> int:
    """How many of a day's first intervals are over: every time that the clock showed them."""
    if until is None:
        return 0
    whole = int((until - on.start) // QUARTER)
    left = on.interval[max(whole, 0) :]
    return int(left.min()) if len(left) else on.shape[1]


def end_of(on: Grid, known: int) -> datetime:
    """When the first `known` intervals of a day are over."""
    within = np.flatnonzero(on.interval < known)
    return on.start + (int(within[-1]) + 1 if len(within) else 0) * QUARTER


def _expected(row: ForecastDay, planned: Array | None) -> Array:
    """A day's calls as its planner has them, else as they were forecast."""
    return np.array(row.calls, float) if planned is None else planned


def _edge(row: ForecastDay, planned: Array | None, name: str) -> Array:
    """An edge of the band, which lies around a planner's word as it did around the forecast."""
    edge: Array = np.array(getattr(row, name), float)
    return np.maximum(edge + _expected(row, planned) - np.array(row.calls, float), 0.0)


def _update(learned: DayUpdate | None) -> Update:
    return Unmoved() if learned is None else unpacked(learned.way, learned.weights)
