"""Planners' overrides over what a forecast says: a layer, never in it.

What planners say today lies over a queue's newest forecast, or over the last version where it
stands in for that. A version that is looked at by its number is frozen: what was `published` with
it stays, whatever was said, changed or taken back since.
"""

from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Any

import numpy as np

from ccm.models import Queue, Site
from scheduling.forecast.days import Day
from scheduling.forecast.history import Array
from scheduling.forecast.overrides import Word, laid, touched
from scheduling.models import Forecast, ForecastDay, Override


def said_of(queue: Queue) -> list[Override]:
    """The overrides of a queue, the later one after the earlier, each with whether a later one is
    of some of its hours (`is_overruled`). One query."""
    rows: Any = Override.objects.filter(queue=queue).select_related("made_by", "queue")
    return list(rows.with_later().order_by("made_at", "pk"))


def words_of(queue: Queue, forecast: Forecast) -> list[Word]:
    """The same by the intervals of a forecast. One query."""
    return worded(said_of(queue), forecast, queue.site)


def worded(rows: Iterable[Override], forecast: Forecast, site: Site) -> list[Word]:
    """Overrides by the intervals of a forecast."""
    minutes, begins = forecast.interval_minutes, site.day_begins * 60
    whole = 24 * 60 // minutes

    def since(at: time) -> int:
        return (at.hour * 60 + at.minute - begins) % (24 * 60)

    return [
        Word(
            first=one.first,
            last=one.last,
            # Of every interval that lies in it in part.
            start=0 if one.starts is None else since(one.starts) // minutes,
            end=whole if one.ends is None else -(-since(one.ends) // minutes) or whole,
            factor=one.factor,
            calls=one.calls,
        )
        for one in rows
    ]


def on_day(rows: Iterable[ForecastDay], day: date, site: Site) -> dict[int, Array]:
    """What is planned by on a day of some of a site's queues, by their ids, of which planners say
    otherwise. One query."""
    days = {one.forecast.queue_id: one for one in rows}
    said = _said(days, day, day)
    planned = {
        queue: of_days([days[queue]], worded(overrides, days[queue].forecast, site))
        for queue, overrides in said.items()
    }
    return {queue: by_day[day] for queue, by_day in planned.items() if by_day}


def more(forecasts: Iterable[Forecast], first: date, last: date) -> dict[int, dict[date, Array]]:
    """How many calls more, or fewer, than forecasts of some queues planners say: by the queues' ids
    and by the days from one to another of which they say it. Two queries at most."""
    of_queue = {one.queue_id: one for one in forecasts}
    said = _said(of_queue, first, last)
    if not said:
        return {}
    rows = ForecastDay.objects.filter(
        forecast__in=[of_queue[queue] for queue in said], day__gte=first, day__lte=last
    )
    days: dict[int, list[ForecastDay]] = {}
    for row in rows.only("forecast_id", "day", "open", "calls"):
        days.setdefault(row.forecast_id, []).append(row)
    found = {}
    for queue, overrides in said.items():
        forecast = of_queue[queue]
        there = days.get(forecast.pk, [])
        planned = of_days(there, worded(overrides, forecast, overrides[0].site))
        found[queue] = {
            row.day: planned[row.day] - np.array(row.calls) for row in there if row.day in planned
        }
    return found


def _said(queues: Iterable[int], first: date, last: date) -> dict[int, list[Override]]:
    """What is said of any of some days, by the ids of the queues of which it is. One query."""
    rows = Override.objects.filter(queue__in=list(queues), first__lte=last, last__gte=first)
    said: dict[int, list[Override]] = {}
    for one in rows.select_related("site").order_by("made_at", "pk"):
        said.setdefault(one.queue_id, []).append(one)
    return said


def of_days(days: Sequence[ForecastDay], words: Sequence[Word]) -> dict[date, Array]:
    """What is planned by on the days of which planners say otherwise."""
    return {day.day: planned(day, words) for day in days if touched(day.day, words)}


def published(days: Sequence[ForecastDay]) -> dict[date, Array]:
    """What was planned by on the days of a version of which planners said otherwise when it was
    published."""
    return {day.day: np.array(day.planned) for day in days if day.planned is not None}


def planned(row: ForecastDay, words: Sequence[Word]) -> Array:
    """A day's intervals with what planners say."""
    told = laid(np.array([row.calls]), np.array([row.open]), (Day(row.day),), words)
    found: Array = told[0]
    return found
