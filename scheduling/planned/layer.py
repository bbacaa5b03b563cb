"""Planners' overrides over what a forecast says: a layer, never in it."""

from collections.abc import Iterable, Sequence
from datetime import date, time

import numpy as np

from ccm.models import Queue
from scheduling.forecast.days import Day
from scheduling.forecast.history import Array
from scheduling.forecast.overrides import Word, laid, touched
from scheduling.models import Forecast, ForecastDay, Override


def words_of(queue: Queue, forecast: Forecast) -> list[Word]:
    """The overrides of a queue, by the intervals of a forecast; none of a version, which has kept
    those that stood. One query."""
    if forecast.version is not None:
        return []
    rows = Override.objects.filter(queue=queue).order_by("made_at", "pk")
    return worded(rows, forecast, queue.site.day_begins)


def worded(rows: Iterable[Override], forecast: Forecast, day_begins: int) -> list[Word]:
    """Overrides by the intervals of a forecast, the later one after the earlier."""
    minutes, begins = forecast.interval_minutes, day_begins * 60
    whole = 24 * 60 // minutes

    def place(at: time | None, without: int) -> int:
        if at is None:
            return without
        return (at.hour * 60 + at.minute - begins) % (24 * 60) // minutes

    return [
        Word(
            first=one.first,
            last=one.last,
            start=place(one.starts, 0),
            end=place(one.ends, 0) or whole,
            factor=one.factor,
            calls=one.calls,
        )
        for one in rows
    ]


def of_days(days: Sequence[ForecastDay], words: Sequence[Word]) -> dict[date, Array]:
    """What is planned by on the days of which planners say otherwise: of a version what was
    published, of the newest what they say now."""
    found = {}
    for day in days:
        if day.planned is not None:
            found[day.day] = np.array(day.planned)
        elif touched(day.day, words):
            found[day.day] = planned(day, words)
    return found


def planned(row: ForecastDay, words: Sequence[Word]) -> Array:
    """A day's intervals with what planners say."""
    told = laid(np.array([row.calls]), np.array([row.open]), (Day(row.day),), words)
    found: Array = told[0]
    return found
