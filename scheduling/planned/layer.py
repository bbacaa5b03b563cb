"""Planners' overrides over what a forecast says: a layer, never in it."""

from collections.abc import Iterable, Sequence
from datetime import date, time

import numpy as np

from ccm.models import Queue, Site
from scheduling.forecast.days import Day
from scheduling.forecast.history import Array
from scheduling.forecast.overrides import Word, laid, touched
from scheduling.models import Forecast, ForecastDay, Override


def said_of(queue: Queue) -> list[Override]:
    """The overrides of a queue, the later one after the earlier. One query."""
    rows = Override.objects.filter(queue=queue).select_related("made_by", "queue")
    return list(rows.order_by("made_at", "pk"))


def words_of(queue: Queue, forecast: Forecast) -> list[Word]:
    """The same by the intervals of a forecast; of a version those said since, for it has kept those
    that stood. One query."""
    return worded(said_of(queue), forecast, queue.site)


def worded(rows: Iterable[Override], forecast: Forecast, site: Site) -> list[Word]:
    """Overrides by the intervals of a forecast; of a version those that were said since."""
    if (published := forecast.published_at) is not None:
        rows = [one for one in rows if one.made_at > published]
    day_begins = site.day_begins
    minutes, begins = forecast.interval_minutes, day_begins * 60
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
    said: dict[int, list[Override]] = {}
    found = Override.objects.filter(queue__in=days, first__lte=day, last__gte=day)
    for one in found.order_by("made_at", "pk"):
        said.setdefault(one.queue_id, []).append(one)
    planned = {
        queue: of_days([row], worded(said.get(queue, ()), row.forecast, site))
        for queue, row in days.items()
    }
    return {queue: by_day[day] for queue, by_day in planned.items() if by_day}


def of_days(days: Sequence[ForecastDay], words: Sequence[Word]) -> dict[date, Array]:
    """What is planned by on the days of which planners say otherwise: what was published, and what
    they say now over it."""
    return {
        day.day: planned(day, words)
        for day in days
        if day.planned is not None or touched(day.day, words)
    }


def planned(row: ForecastDay, words: Sequence[Word]) -> Array:
    """A day's intervals with what planners say; of a version, over what it was planned by."""
    before = None if row.planned is None else np.array([row.planned])
    told = laid(np.array([row.calls]), np.array([row.open]), (Day(row.day),), words, before)
    found: Array = told[0]
    return found
