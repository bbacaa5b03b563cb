"""What is expected of a site's day, for the pages of `kpis`: walls, *Floor*, Home."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from ccm.models import Queue, Site
from kpis.choices import Choices
from kpis.expected import Expected
from scheduling.forecast.history import Array
from scheduling.known import past
from scheduling.models import ForecastDay
from scheduling.planned import layer
from scheduling.requirements import aims, needed

_QUARTER = 15


def of_day(site: Site, queues: Sequence[int], day: date) -> Mapping[int, Expected]:
    """By the ids of the queues of which anything is expected. Six queries, the same for all."""
    days = list(ForecastDay.objects.known_before(queues, day))
    if not days:
        return {}
    known = {
        one.pk: one
        for one in Queue.objects.filter(pk__in=queues).select_related("site", "staffing_plan")
    }
    planned = layer.on_day(days, day, site)
    told = aims.of_queues([known[one.forecast.queue_id] for one in days], day, Choices(day))
    return {
        one.forecast.queue_id: _expected(
            known[one.forecast.queue_id], one, planned.get(one.forecast.queue_id), told
        )
        for one in days
    }


def _expected(
    queue: Queue, day: ForecastDay, planned: Array | None, told: Mapping[int, aims.Told]
) -> Expected:
    forecast, calendar = day.forecast, queue.site.calendar
    on = past.grid(day.day, day.day, calendar, forecast.interval_minutes)
    is_open = past.open_quarters(queue, on)
    plan, aim = aims.plan_of(queue), told[queue.pk].aim
    calls = np.array(day.calls) if planned is None else planned
    said = {} if planned is None else {day.day: planned}
    try:
        staffed = needed.planned_calls([day], plan, said)
        made = needed.of_days([day], forecast.interval_minutes, aim, staffed)
        positions, is_told = made.positions[0], ~made.unknown[0]
    except ValueError:
        # No number meets what is asked.
        positions = is_told = np.zeros(on.shape[1], np.int64)
    # Calls of an interval lie evenly over the quarter hours of it that are open.
    many = np.maximum(np.bincount(on.interval[is_open], minlength=on.shape[1]), 1)
    places = np.flatnonzero(is_open)
    starts = [on.start + int(place) * timedelta(minutes=_QUARTER) for place in places]
    intervals = on.interval[places]

    def spread(values: Array) -> dict[datetime, float]:
        shares = (values / many)[intervals]
        return dict(zip(starts, shares.tolist(), strict=True))

    low, high = np.array(day.low80, float), np.array(day.high80, float)
    # Chance does not halve with the time: that of a part is its root.
    wider = np.sqrt(many)
    has_band = planned is None and not (np.isnan(low).any() or np.isnan(high).any())
    required = {
        start: int(positions[one])
        for start, one in zip(starts, intervals, strict=True)
        if is_told[one]
    }
    return Expected(
        spread(calls),
        spread(np.maximum(calls - (calls - low) * wider, 0.0)) if has_band else {},
        spread(calls + (high - calls) * wider) if has_band else {},
        required,
        aims.words_of(aim),
    )
