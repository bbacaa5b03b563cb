"""Makes forecasts of queues, publishes them and scores what was published.

Made anew each night and replaced; published it is frozen, and each of its days is scored once when
it is over. Safe to run twice, and beside itself: a queue is held by a lock while its forecast is
written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max

from ccm import audit
from ccm.intervals import day_of, days
from ccm.models import Queue, Site, User
from kpis.reads import reading
from scheduling import past
from scheduling.forecast import ahead, borrowed, choosing, handling, outliers
from scheduling.forecast.ahead import Ahead, Banded
from scheduling.forecast.choosing import Chosen
from scheduling.forecast.days import Day
from scheduling.forecast.events import Event, applied, learned_factor
from scheduling.forecast.history import Array, History
from scheduling.forecast.methods import METHODS, NAIVE, USUAL
from scheduling.forecast.overrides import Word, laid, touched
from scheduling.models import (
    DayWord,
    Forecast,
    ForecastDay,
    ForecastPlan,
    KnownEvent,
    Override,
    ScoredDay,
)
from scheduling.past import Past
from scheduling.scenarios import months

DAYS_AHEAD = 91


def make_site(site: Site, now: datetime) -> int:
    """Make the newest forecast of each of a site's queues anew; how many were made."""
    queues = list(
        Queue.objects.filter(site=site).select_related("site", "forecast_plan").order_by("pk")
    )
    minutes = {one.pk: plan_of(one).interval_minutes for one in queues}
    known = past.of_queues(queues, minutes, now)
    made = 0
    for queue in queues:
        if queue.pk in known:
            similar = [
                known[other.pk].history
                for other in queues
                if other.pk != queue.pk
                and other.pk in known
                and minutes[other.pk] == minutes[queue.pk]
            ]
            made += make(queue, known[queue.pk], similar, known, now)
    months.keep({one: _begun(known[one.pk].history) for one in queues if one.pk in known}, now)
    return made


def due(now: datetime) -> list[int]:
    """Sites of which another day is known than their newest forecasts were made of."""
    sites = list(Site.objects.all())
    records = reading.records([one.pk for one in sites])
    made = dict(
        Forecast.objects.newest()
        .values_list("queue__site")
        .annotate(last=Max("known_until"))
        .values_list("queue__site", "last")
    )
    return [
        one.pk
        for one in sites
        if one.pk in records
        and made.get(one.pk, date.min) < past.last_known(one, records[one.pk].newest_at, now)
    ]


def plan_of(queue: Queue) -> ForecastPlan:
    """How a queue is forecast; where nobody said so, as it comes, which is not kept."""
    known: ForecastPlan | None = getattr(queue, "forecast_plan", None)
    return known or ForecastPlan(queue=queue)


def make(
    queue: Queue, was: Past, similar: Sequence[History], known: dict[int, Past], now: datetime
) -> bool:
    """Make a queue's newest forecast anew; False where there is nothing to make it of."""
    plan = plan_of(queue)
    seen = _begun(was.history)
    analogue = known.get(plan.analogue_id or 0)
    if not seen.calls.any() and analogue is None:
        return False
    words = dict(DayWord.objects.filter(queue=queue).values_list("day", "is_kept"))
    events = list(KnownEvent.objects.filter(queues=queue))
    clean = _apart(outliers.without(seen, words), events)
    chosen = _chosen(plan, clean, similar, analogue)
    first = was.last + timedelta(days=1)
    last = was.last + timedelta(days=DAYS_AHEAD)
    site = queue.site
    on = past.grid(first, last, site.calendar, plan.interval_minutes)
    is_open = on.summed(on.open(past.hours_of(queue)).astype(float)) * 15 / plan.interval_minutes
    coming = past.calendar_days(site, first, last)
    told = ahead.forecast(clean, coming, is_open, chosen)
    if to_come := [one for one in _told(events, seen, clean, chosen) if one.lasts_until(first)]:
        told = ahead.shifted(told, applied(told.intervals.expected, is_open, coming, to_come))
    naive = NAIVE.forecast(seen, coming) * is_open
    aht = handling.forecast(was.history.days, was.handled, was.handled_seconds, coming)
    with transaction.atomic():
        # Whoever else makes it waits, and makes it anew.
        Queue.objects.select_for_update(no_key=True).get(pk=queue.pk)
        Forecast.objects.filter(queue=queue).newest().delete()
        row = Forecast.objects.create(
            queue=queue,
            made_at=now,
            known_until=was.last,
            interval_minutes=plan.interval_minutes,
            method=chosen.method.id,
            by_trial=chosen.by_trial,
            trials=[_trial(one) for one in chosen.trials],
            weeks=_weeks(told),
            has_own_tails=told.intervals.own[0.95],
            outliers=[
                {"day": str(one.date), "calls": one.calls, "deviations": round(one.deviations, 1)}
                for one in outliers.found(seen)
            ],
            history_days=int((seen.open > 0).any(axis=1).sum()),
        )
        ForecastDay.objects.bulk_create(_days(row, told, naive, aht))
    return True


def _apart(history: History, events: Sequence[KnownEvent]) -> History:
    """A history of which the days of events are not known: they tell of the events."""
    if not events:
        return history
    out = {
        day
        for one in events
        for day in days(one.first, min(one.last, history.days[-1].date))
        if one.first <= history.days[-1].date
    }
    left = np.array([0.0 if day.date in out else 1.0 for day in history.days])[:, None]
    return replace(history, calls=history.calls * left, open=history.open * left)


def _told(
    events: Sequence[KnownEvent], seen: History, clean: History, chosen: Chosen
) -> list[Event]:
    """Events with what they do: as somebody told, else as those of their kind did before."""
    factors = {
        kind: _learned(kind, events, seen, clean, chosen) for kind in {e.kind for e in events}
    }
    return [
        Event(
            kind=one.kind,
            first=one.first,
            last=one.last,
            calls=one.calls,
            keeps=one.keeps,
            factor=factors[one.kind] if one.calls is None and one.factor is None else one.factor,
        )
        for one in events
    ]


def _learned(
    kind: str, events: Sequence[KnownEvent], seen: History, clean: History, chosen: Chosen
) -> float:
    """How many times as much came with past events of a kind as was expected the day before."""
    place_of = {day.date: place for place, day in enumerate(seen.days)}
    actual, expected = [], []
    for one in events:
        begins = place_of.get(one.first)
        if one.kind != kind or begins is None or begins < chosen.method.least_days:
            continue
        ends = place_of.get(one.last, len(seen) - 1) + 1
        told = chosen.method.forecast(clean.until(begins), seen.days[begins:ends])
        expected.append((told * seen.open[begins:ends]).sum(axis=1))
        actual.append(seen.calls[begins:ends].sum(axis=1))
    if not actual:
        return 1.0
    return learned_factor(np.concatenate(actual), np.concatenate(expected))


def _begun(history: History) -> History:
    """A history from its queue's first call on: before that there was no queue."""
    came = np.flatnonzero(history.calls.any(axis=1))
    if not len(came):
        return history
    mask = np.arange(len(history)) >= came[0]
    return history.of(mask)


def _chosen(
    plan: ForecastPlan, history: History, similar: Sequence[History], analogue: Past | None
) -> Chosen:
    """How a queue is forecast: as its plan says, like similar ones while new, else by trial."""
    if analogue is not None:
        method = borrowed.of_analogue(analogue.history, float(plan.share))
        # What it would have said before is not known of it: its history reaches to the end.
        return choosing.given(history, method, tried=False)
    if plan.method in METHODS:
        return choosing.given(history, METHODS[plan.method])
    if len(history) < USUAL.least_days:
        return choosing.given(history, borrowed.pooled(similar))
    return choosing.chosen(history)


def _trial(one: choosing.Trial) -> dict[str, Any]:
    return {"method": one.method, "wape": one.wape, "bias": one.bias, "origins": one.origins}


def _days(row: Forecast, told: Ahead, naive: Array, aht: Array) -> Iterable[ForecastDay]:
    of_intervals, of_days = told.intervals, told.totals
    for place, day in enumerate(told.days):
        edges = {
            f"{name}{round(level * 100)}": edge[place]
            for name, by_level in (("low", of_intervals.low), ("high", of_intervals.high))
            for level, edge in by_level.items()
        }
        whole = {
            f"total_{name}{round(level * 100)}": _number(edge[place])
            for name, by_level in (("low", of_days.low), ("high", of_days.high))
            for level, edge in by_level.items()
        }
        yield ForecastDay(
            forecast=row,
            day=day.date,
            holiday=day.holiday,
            open=told.open[place].tolist(),
            calls=_numbers(of_intervals.expected[place]),
            **{name: _numbers(edge) for name, edge in edges.items()},
            naive=_numbers(naive[place]),
            aht_seconds=[None if np.isnan(one) else round(float(one), 3) for one in aht[place]],
            total=round(float(of_days.expected[place]), 3),
            **whole,
        )


def _numbers(values: Array) -> list[float | None]:
    return [_number(one) for one in values]


def _number(value: Any) -> float | None:
    """A number as it is kept: to a thousandth of a call; what is none, as of a band of which no
    error tells, is null."""
    return round(float(value), 3) if np.isfinite(value) else None


def _weeks(told: Ahead) -> list[list[Any]]:
    weeks: Banded = told.weeks
    return [
        [
            str(told.days[7 * place].date),
            *(
                _number(part)
                for part in (
                    weeks.expected[place],
                    weeks.low[0.80][place],
                    weeks.high[0.80][place],
                    weeks.low[0.95][place],
                    weeks.high[0.95][place],
                )
            ),
        ]
        for place in range(len(weeks.expected))
    ]


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
    return newest


def _plan(forecast: Forecast, queue: Queue) -> None:
    """Keep with a forecast what its planners say against it, on the days of which they do."""
    rows = list(forecast.days.order_by("day"))
    words = words_of(queue, forecast)
    told = [row for row in rows if touched(row.day, words)]
    for row in told:
        row.planned = planned(row, words).tolist()
    ForecastDay.objects.bulk_update(told, ["planned"])


def words_of(queue: Queue, forecast: Forecast) -> list[Word]:
    """The overrides of a queue that stand, by the intervals of a forecast."""
    minutes, begins = forecast.interval_minutes, queue.site.day_begins * 60
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
        for one in Override.objects.filter(queue=queue, withdrawn_at=None).order_by("made_at", "pk")
    ]


def planned(row: ForecastDay, words: Sequence[Word]) -> Array:
    """A day's intervals with what planners say."""
    told = laid(np.array([row.calls]), np.array([row.open]), (Day(row.day),), words)
    found: Array = told[0]
    return found


# What the audit log does not keep of a forecast: what it says is kept with the version.
LEFT_OUT = ("id", "trials", "weeks", "outliers")


def score_site(site: Site, now: datetime) -> int:
    """Hold the days of published forecasts that are over against what came; how many.

    Days of the last two weeks are held again each time: logs may come late.
    """
    today = day_of(now, site.calendar)
    over = ForecastDay.objects.filter(
        forecast__queue__site=site,
        forecast__version__isnull=False,
        day__lt=today,
        day__gte=today - _SETTLES,
    ).select_related("forecast__queue__site")
    by_grid: dict[int, list[ForecastDay]] = {}
    for day in over:
        by_grid.setdefault(day.forecast.interval_minutes, []).append(day)
    scored = 0
    for minutes, every in by_grid.items():
        queues = {day.forecast.queue_id: day.forecast.queue for day in every}
        known = past.of_queues(queues.values(), dict.fromkeys(queues, minutes), now, _SETTLES.days)
        rows = [row for day in every if (row := _scored(day, known, now)) is not None]
        ScoredDay.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["forecast", "day"],
            update_fields=[*SCORES, "scored_at"],
        )
        scored += len(rows)
    return scored


_SETTLES = timedelta(days=14)
SCORES = (
    "intervals", "actual", "expected", "error", "naive_error", "planned_error", "within80",
    "within95",
)  # fmt: skip


def _scored(day: ForecastDay, known: Mapping[int, Past], now: datetime) -> ScoredDay | None:
    """A day against what came; None where that is not known, or it was closed."""
    was = known.get(day.forecast.queue_id)
    place = None if was is None else (day.day - was.history.days[0].date).days
    if was is None or place is None or not 0 <= place < len(was.history):
        return None
    is_open, actual = was.history.open[place] > 0, was.history.calls[place]
    if not is_open.any():
        return None
    told = {
        name: np.array(getattr(day, name), float)[is_open]
        for name in ("calls", "naive", "low80", "high80", "low95", "high95")
    }
    actual = actual[is_open]
    return ScoredDay(
        forecast=day.forecast,
        day=day.day,
        lead=(day.day - day.forecast.known_until).days,
        scored_at=now,
        intervals=len(actual),
        actual=float(actual.sum()),
        expected=float(told["calls"].sum()),
        error=float(np.abs(told["calls"] - actual).sum()),
        naive_error=float(np.abs(told["naive"] - actual).sum()),
        planned_error=None
        if day.planned is None
        else float(np.abs(np.array(day.planned)[is_open] - actual).sum()),
        within80=int(((actual >= told["low80"]) & (actual <= told["high80"])).sum()),
        within95=int(((actual >= told["low95"]) & (actual <= told["high95"])).sum()),
    )
