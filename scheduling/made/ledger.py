"""Publishes forecasts and holds them against what came.

Published a forecast is frozen, and each of its days is scored when it is over. Safe to run twice,
and beside itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Self

import numpy as np
from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet

from ccm import audit
from ccm.intervals import day_of
from ccm.models import Queue, Site, User
from scheduling.forecast import straying
from scheduling.forecast.history import Array
from scheduling.forecast.overrides import touched
from scheduling.known import past, runs
from scheduling.known.past import Past
from scheduling.models import DayAhead, Forecast, ForecastDay, ScoredDay, Strayed
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
    _plan(newest, queue)
    newest.version = (last or 0) + 1
    newest.published_at, newest.published_by, newest.note = now, who, note
    newest.save(update_fields=["version", "published_at", "published_by", "note"])
    audit.record(who, newest, before=None, after=audit.values_of(newest, LEFT_OUT), now=now)
    runs.again(queue.site_id, now)
    return newest


def _plan(forecast: Forecast, queue: Queue) -> None:
    """Keep with a forecast what its planners say against it now, on the days of which they do: that
    stays with the version, whatever becomes of their overrides."""
    rows = list(forecast.days.order_by("day"))
    words = words_of(queue, forecast)
    told = [row for row in rows if touched(row.day, words)]
    for row in told:
        row.planned = planned(row, words).tolist()
    ForecastDay.objects.bulk_update(told, ["planned"])


# What the audit log does not keep of a forecast: what it says is kept with the version.
LEFT_OUT = ("id", "trials", "weeks", "outliers")


def score_site(site: Site, now: datetime, lasts: Mapping[int, date] | None = None) -> int:
    """Hold the days of published forecasts that are over against what came; how many.

    Each once, and those of the last two weeks again each time: logs may come late. Some queues
    after the other, for versions are many. The numbers of days long gone are dropped then. `lasts`
    are the last days that are known of its queues, where somebody has asked already.
    """
    today = day_of(now, site.calendar)
    lasts = past.last_days(site, now) if lasts is None else lasts
    published = ForecastDay.objects.filter(
        forecast__queue__site=site, forecast__version__isnull=False
    )
    scores = ScoredDay.objects.filter(forecast=OuterRef("forecast"), day=OuterRef("day"))
    over = published.filter(day__lt=today, day__gte=today - _CATCHES_UP).filter(
        Q(day__gte=today - past.SETTLES) | ~Exists(scores)
    )
    first: dict[tuple[int, int], date] = {
        (minutes, queue): day
        for minutes, queue, day in over.order_by()
        .values_list("forecast__interval_minutes", "forecast__queue")
        .annotate(Min("day"))
    }
    queues = Queue.objects.select_related("site").in_bulk({queue for _minutes, queue in first})
    scored = 0
    for minutes in sorted({minutes for minutes, _queue in first}):
        alike = sorted(queue for by, queue in first if by == minutes)
        for place in range(0, len(alike), _TOGETHER):
            some = alike[place : place + _TOGETHER]
            known = past.of_queues(
                [queues[one] for one in some],
                dict.fromkeys(some, minutes),
                now,
                (today - min(first[minutes, one] for one in some)).days,
                lasts,
            )
            for queue, was in known.items():
                days = over.filter(forecast__queue=queue, forecast__interval_minutes=minutes)
                scored += _score(days, was, now)
    published.filter(day__lt=today - KEPT).delete()
    return scored


def _score(days: QuerySet[ForecastDay], was: Past, now: datetime) -> int:
    """Hold a queue's days against what came; how many."""
    rows = [
        ScoredDay(
            forecast=day.forecast,
            day=day.day,
            lead=_lead(day),
            scored_at=now,
            planned_error=held.planned_error,
            **held.sums(),
        )
        for day in days.select_related("forecast").iterator(chunk_size=200)
        if (held := _held(Said.by(day), was)) is not None
    ]
    ScoredDay.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["forecast", "day"],
        update_fields=[*SUMS, "planned_error", "scored_at"],
    )
    return len(rows)


_CATCHES_UP = timedelta(days=91)
KEPT = timedelta(weeks=53)
"""So long after a day the numbers that versions told of it are kept; their scores stay."""
# So many queues' days are read at a time.
_TOGETHER = 20


def follow(newest: Forecast | None, was: Past) -> None:
    """Note how what was said of a queue's days that are known now did, before it is said anew; and
    hold again what was noted of the last two weeks, for logs come late."""
    if newest is not None:
        _note(newest, was)
        _hold_again(newest.queue_id, was)


def _note(newest: Forecast, was: Past) -> None:
    rows = []
    for day in newest.days.filter(day__lte=was.last).order_by("day"):
        said = Said.by(day)
        if (held := _held(said, was)) is not None:
            rows.append(
                DayAhead(
                    queue_id=newest.queue_id,
                    day=day.day,
                    lead=(day.day - newest.known_until).days,
                    is_outside=_is_outside(said, held),
                    said=said.kept(),
                    **held.sums(),
                )
            )
    DayAhead.objects.bulk_create(rows, ignore_conflicts=True)


def _hold_again(queue: int, was: Past) -> None:
    noted = DayAhead.objects.filter(queue=queue, said__isnull=False)
    noted.filter(day__lt=was.last - past.SETTLES).update(said=None)
    rows = list(noted)
    for row in rows:
        said = Said(row.day, **(row.said or {}))
        if (held := _held(said, was)) is not None:
            row.is_outside = _is_outside(said, held)
            for name, value in held.sums().items():
                setattr(row, name, value)
    DayAhead.objects.bulk_update(rows, [*SUMS, "is_outside"], batch_size=500)


@transaction.atomic
def watch(queue: Queue, now: datetime) -> None:
    """Raise an alert of a queue whose days left the bands that were told the night before; clear it
    where they keep to them.

    Days that were told further ahead, as of logs that come each week, are left out: those of one
    forecast go wrong together, and more often than by chance of each.
    """
    recent = DayAhead.objects.judged().filter(queue=queue)
    outside = [bool(one.is_outside) for one in reversed(recent[: straying.LOOKED_AT])]
    standing = Strayed.objects.select_for_update().filter(queue=queue, cleared_at=None).first()
    strays = straying.strays(outside, is_raised=standing is not None)
    if strays and standing is None:
        Strayed.objects.create(queue=queue, raised_at=now, days=sum(outside), of=len(outside))
    elif standing is not None and not strays:
        standing.cleared_at = now
        standing.save(update_fields=["cleared_at"])


def end_strayed(site: Site, now: datetime, reach: timedelta, without: Sequence[int] = ()) -> int:
    """End the alerts of a site's queues that are no longer forecast, for no further day of theirs
    is judged; of how many. Those are the ones whose last forecast, which has `reach`, is over, and
    those `without` anything to make a new one of. (One that was published a moment ago has a
    version, and no newest yet.)"""
    today = day_of(now, site.calendar)
    told = Forecast.objects.filter(queue__site=site, known_until__gte=today - reach)
    told = told.exclude(queue__in=[*without])
    standing = Strayed.objects.standing().filter(queue__site=site)
    return standing.exclude(queue__in=told.values("queue")).update(cleared_at=now)


@dataclass(frozen=True, slots=True)
class Said:
    """What a forecast told of a day's intervals, and between what the whole day was to lie. Of the
    handle time naive has one of the whole day."""

    day: date
    calls: Sequence[float]
    naive: Sequence[float]
    low80: Sequence[float | None]
    high80: Sequence[float | None]
    low95: Sequence[float | None]
    high95: Sequence[float | None]
    total_low95: float | None
    total_high95: float | None
    aht_seconds: Sequence[float | None]
    naive_aht_seconds: float | None
    planned: Sequence[float] | None = None

    @classmethod
    def by(cls, day: ForecastDay) -> Self:
        return cls(**{one.name: getattr(day, one.name) for one in fields(cls)})

    def kept(self) -> dict[str, Any]:
        """All but the day, as rows keep it."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "day"}


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
    handled: int
    handle_seconds: float
    handle_error: float
    naive_handle_error: float

    def sums(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in SUMS}


def _lead(day: ForecastDay) -> int:
    return (day.day - day.forecast.known_until).days


def _held(day: Said, was: Past) -> _Held | None:
    """None where it is not known what came, or the day was closed."""
    place = (day.day - was.history.days[0].date).days
    if not 0 <= place < len(was.history):
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
        **_handled(
            day, told("aht_seconds"), was.handled[place], was.handled_seconds[place], is_open
        ),
    )


def _handled(
    day: Said, aht: Array, handled: Array, seconds: Array, is_open: Array
) -> dict[str, Any]:
    """Of the intervals of which something was said, where something can be held against it."""
    many, took = handled[is_open], seconds[is_open]
    naive = np.nan if day.naive_aht_seconds is None else day.naive_aht_seconds
    is_held = ~np.isnan(aht) & ~np.isnan(naive)
    many, took, aht = many[is_held], took[is_held], aht[is_held]
    return {
        "handled": round(float(many.sum())),
        "handle_seconds": float(took.sum()),
        "handle_error": float(np.abs(aht * many - took).sum()),
        "naive_handle_error": float(np.abs(naive * many - took).sum()),
    }


def _is_outside(day: Said, held: _Held) -> bool | None:
    """Whether a day's calls lie outside what 95 of 100 days were to lie in; None: not known."""
    if day.total_low95 is None or day.total_high95 is None:
        return None
    return not day.total_low95 <= held.actual <= day.total_high95
