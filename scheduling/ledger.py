"""Publishes forecasts and holds them against what came.

Published a forecast is frozen, and each of its days is scored when it is over. Safe to run twice,
and beside itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from ccm import audit
from ccm.intervals import day_of
from ccm.models import Queue, Site, User
from scheduling import past, runs
from scheduling.forecast import straying
from scheduling.forecast.history import Array
from scheduling.forecast.overrides import touched
from scheduling.models import DayAhead, Forecast, ForecastDay, ScoredDay, Strayed
from scheduling.past import Past
from scheduling.planned.layer import planned, words_of
from scheduling.querysets import SUMS


@transaction.atomic
def publish(queue: Queue, who: User, note: str, now: datetime) -> Forecast | None:
    """Freeze the newest forecast of a queue as its next version; None where there is none."""
    Queue.objects.select_for_update(no_key=True).get(pk=queue.pk)
    newest = Forecast.objects.filter(queue=queue).newest().first()
    if newest is None:
        return None
    last = Forecast.objects.filter(queue=queue).aggregate(last=Max("version"))["last"]
    _plan(newest, queue)  # while it has no version: it takes the overrides that stand
    newest.version = (last or 0) + 1
    newest.published_at, newest.published_by, newest.note = now, who, note
    newest.save(update_fields=["version", "published_at", "published_by", "note"])
    audit.record(who, newest, before=None, after=audit.values_of(newest, LEFT_OUT), now=now)
    runs.again(queue.site_id, now)
    return newest


def _plan(forecast: Forecast, queue: Queue) -> None:
    """Keep with a forecast what its planners say against it, on the days of which they do."""
    rows = list(forecast.days.order_by("day"))
    words = words_of(queue, forecast)
    told = [row for row in rows if touched(row.day, words)]
    for row in told:
        row.planned = planned(row, words).tolist()
    ForecastDay.objects.bulk_update(told, ["planned"])


# What the audit log does not keep of a forecast: what it says is kept with the version.
LEFT_OUT = ("id", "trials", "weeks", "outliers")


def score_site(site: Site, now: datetime) -> int:
    """Hold the days of published forecasts that are over against what came; how many.

    Each once, and those of the last two weeks again each time: logs may come late.
    """
    today = day_of(now, site.calendar)
    over = ForecastDay.objects.filter(
        forecast__queue__site=site,
        forecast__version__isnull=False,
        day__lt=today,
        day__gte=today - _CATCHES_UP,
    )
    scores = ScoredDay.objects.filter(forecast=OuterRef("forecast"), day=OuterRef("day"))
    over = over.filter(Q(day__gte=today - _SETTLES) | ~Exists(scores)).select_related(
        "forecast__queue__site"
    )
    by_grid: dict[int, list[ForecastDay]] = {}
    for day in over:
        by_grid.setdefault(day.forecast.interval_minutes, []).append(day)
    scored = 0
    for minutes, every in by_grid.items():
        queues = {day.forecast.queue_id: day.forecast.queue for day in every}
        most = (today - min(day.day for day in every)).days
        known = past.of_queues(queues.values(), dict.fromkeys(queues, minutes), now, most)
        rows = [
            ScoredDay(
                forecast=day.forecast,
                day=day.day,
                lead=_lead(day),
                scored_at=now,
                planned_error=held.planned_error,
                **held.sums(),
            )
            for day in every
            if (held := _held(day, known.get(day.forecast.queue_id))) is not None
        ]
        ScoredDay.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["forecast", "day"],
            update_fields=[*SUMS, "planned_error", "scored_at"],
        )
        scored += len(rows)
    return scored


_SETTLES, _CATCHES_UP = timedelta(days=14), timedelta(days=91)


def follow(newest: Forecast | None, was: Past) -> None:
    """Note how what was said of days that are known now did, before it is made anew."""
    if newest is None:
        return
    days = list(newest.days.filter(day__lte=was.last).order_by("day"))
    rows = [
        DayAhead(
            queue_id=newest.queue_id,
            day=day.day,
            lead=_lead(day),
            is_outside=_is_outside(day, held),
            **held.sums(),
        )
        for day in days
        if (held := _held(day, was)) is not None
    ]
    DayAhead.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def watch(queue: Queue, now: datetime) -> None:
    """Raise an alert of a queue whose days left their bands; clear it where they keep to them."""
    recent = DayAhead.objects.filter(queue=queue, is_outside__isnull=False).order_by("-day")
    outside = [bool(one.is_outside) for one in reversed(recent[: straying.LOOKED_AT])]
    standing = Strayed.objects.select_for_update().filter(queue=queue, cleared_at=None).first()
    strays = straying.strays(outside, is_raised=standing is not None)
    if strays and standing is None:
        Strayed.objects.create(queue=queue, raised_at=now, days=sum(outside), of=len(outside))
    elif standing is not None and not strays:
        standing.cleared_at = now
        standing.save(update_fields=["cleared_at"])


@dataclass(frozen=True, slots=True)
class _Held:
    """A day against what came, as sums over the intervals that were open. Of `banded` of them it
    is known between what they were to lie."""

    intervals: int
    banded: int
    actual: float
    expected: float
    error: float
    naive_error: float
    planned_error: float | None
    within80: int
    within95: int

    def sums(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in SUMS}


def _lead(day: ForecastDay) -> int:
    return (day.day - day.forecast.known_until).days


def _held(day: ForecastDay, was: Past | None) -> _Held | None:
    """None where it is not known what came, or the day was closed."""
    place = None if was is None else (day.day - was.history.days[0].date).days
    if was is None or place is None or not 0 <= place < len(was.history):
        return None
    if len(day.calls) != was.history.intervals:
        return None  # it is forecast by other intervals since
    is_open = was.history.open[place] > 0
    if not is_open.any():
        return None
    came = was.history.calls[place][is_open]

    def told(name: str) -> Array:
        return np.array(getattr(day, name), float)[is_open]

    def within(level: int) -> int:
        return int(((came >= told(f"low{level}")) & (came <= told(f"high{level}"))).sum())

    def error(said: Array) -> float:
        return float(np.abs(said - came).sum())

    return _Held(
        intervals=len(came),
        banded=int((~np.isnan(told("high95"))).sum()),
        actual=float(came.sum()),
        expected=float(told("calls").sum()),
        error=error(told("calls")),
        naive_error=error(told("naive")),
        planned_error=None if day.planned is None else error(told("planned")),
        within80=within(80),
        within95=within(95),
    )


def _is_outside(day: ForecastDay, held: _Held) -> bool | None:
    """Whether a day's calls lie outside what 95 of 100 days were to lie in; None: not known."""
    if day.total_low95 is None or day.total_high95 is None:
        return None
    return not day.total_low95 <= held.actual <= day.total_high95
