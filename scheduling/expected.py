"""What is expected of a site's day, for the pages of `kpis`: walls, *Floor*, Home."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import F

from ccm.models import Queue, Site
from kpis.choices import Choices
from kpis.expected import Expected
from scheduling import aims, needed, past
from scheduling.forecast.history import Array
from scheduling.models import ForecastDay, Override
from scheduling.planned import layer

_QUARTER = 15


def told_of(queues: Sequence[int], day: date) -> list[ForecastDay]:
    """A day of each queue as it was known before it: of the newest version that has it, else of the
    newest forecast. One query."""
    rows = ForecastDay.objects.filter(
        forecast__queue__in=queues, day=day, forecast__known_until__lt=day
    )
    newest = F("forecast__version").desc(nulls_last=True)
    ordered = rows.select_related("forecast").order_by("forecast__queue_id", newest)
    return list(ordered.distinct("forecast__queue_id"))


def of_day(site: Site, queues: Sequence[int], day: date) -> Mapping[int, Expected]:
    """By the ids of the queues of which anything is expected. Five queries, the same for all."""
    days = told_of(queues, day)
    if not days:
        return {}
    known = {
        one.pk: one
        for one in Queue.objects.filter(pk__in=queues).select_related(
            "site", "forecast_plan", "staffing_plan"
        )
    }
    said: dict[int, list[Override]] = {}
    rows = Override.objects.filter(queue__in=queues, first__lte=day, last__gte=day)
    for one in rows.order_by("made_at", "pk"):
        said.setdefault(one.queue_id, []).append(one)
    told = aims.of_queues([known[one.forecast.queue_id] for one in days], day, Choices(day))
    return {
        one.forecast.queue_id: _expected(
            known[one.forecast.queue_id], one, said.get(one.forecast.queue_id, ()), told
        )
        for one in days
    }


def _expected(
    queue: Queue, day: ForecastDay, said: Sequence[Override], told: Mapping[int, aims.Told]
) -> Expected:
    forecast, calendar = day.forecast, queue.site.calendar
    on = past.grid(day.day, day.day, calendar, forecast.interval_minutes)
    is_open = on.open(past.hours_of(queue))
    words = layer.worded(said, forecast, queue.site)
    planned = layer.of_days([day], words)
    plan = aims.plan_of(queue)
    calls = planned.get(day.day, np.array(day.calls))
    try:
        positions = needed.of_days([day], forecast, told[queue.pk], plan, planned).positions[0]
    except ValueError:
        positions = None
    # Calls of an interval lie evenly over the quarter hours of it that are open.
    many = np.maximum(np.bincount(on.interval[is_open], minlength=on.shape[1]), 1)
    places = np.flatnonzero(is_open)
    starts = [on.start + int(place) * timedelta(minutes=_QUARTER) for place in places]
    intervals = on.interval[places]

    def spread(values: Array) -> dict[datetime, float]:
        shares = (values / many)[intervals]
        return dict(zip(starts, shares.tolist(), strict=True))

    low, high = np.array(day.low80, float), np.array(day.high80, float)
    has_band = not planned and not (np.isnan(low).any() or np.isnan(high).any())
    required: dict[datetime, int] = {}
    if positions is not None:
        required = dict(zip(starts, positions[intervals].tolist(), strict=True))
    return Expected(
        spread(calls),
        spread(low) if has_band else {},
        spread(high) if has_band else {},
        required,
    )
