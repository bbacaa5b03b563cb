"""Makes forecasts of queues, anew each night.

Safe to run twice, and beside itself: a queue is held by a lock while its forecast is written. What
is published of them, and how they did, is in `ledger`.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from ccm.models import Queue, Site
from scheduling import grouped, kept, ledger, past
from scheduling.forecast import ahead, borrowed, choosing, handling, outliers
from scheduling.forecast.ahead import Ahead
from scheduling.forecast.backtest import Backtest
from scheduling.forecast.choosing import Chosen
from scheduling.forecast.days import Day
from scheduling.forecast.events import Event, applied, days_of, learned_factor
from scheduling.forecast.history import Array, History
from scheduling.forecast.methods import BUILT_IN, METHODS, NAIVE, TRIED, USUAL, Method
from scheduling.intraday import learning
from scheduling.models import (
    DayWord,
    Forecast,
    ForecastDay,
    ForecastPlan,
    KnownEvent,
)
from scheduling.past import Past
from scheduling.scenarios import months

log = logging.getLogger(__name__)
DAYS_AHEAD = 91
# So long a stretch of a history methods are asked about.
_ASKED_DAYS = 7 * choosing.ORIGINS


class NotMade(Exception):
    """Some queues of a site could not be forecast; all others were."""


def make_site(site: Site, now: datetime) -> int:
    """Make the newest forecast of each of a site's queues anew; how many were made. Raises NotMade
    where some could not be, after all others."""
    queues = list(
        Queue.objects.filter(site=site).select_related("site", "forecast_plan").order_by("pk")
    )
    minutes = {one.pk: plan_of(one).interval_minutes for one in queues}
    known = past.of_queues(queues, minutes, now)
    drafts, failed = [], []
    for queue in queues:
        if queue.pk not in known:
            continue
        try:
            draft = _drafted(queue, known, _like(queue, queues, known), now)
        except _FAULTS:
            log.exception("queue %d could not be forecast", queue.pk)
            failed.append(queue.pk)
        else:
            drafts += [draft] if draft else []
    told = {}
    for draft in drafts:
        similar = [
            one.chosen.asked
            for one in drafts
            if one is not draft and one.is_like(draft) and len(one.chosen.asked.origins)
        ]
        try:
            told[draft.queue.pk] = _make(draft, similar, now)
        except _FAULTS:
            log.exception("queue %d could not be forecast", draft.queue.pk)
            failed.append(draft.queue.pk)
    grouped.keep(site, told, now)
    months.keep({one: _begun(known[one.pk].history) for one in queues if one.pk in known}, now)
    if failed:
        raise NotMade(f"queues {failed} of site {site.pk}")
    return len(told)


# What a queue's own numbers may bring about; a database that is gone is another thing.
_FAULTS = (ArithmeticError, LookupError, TypeError, ValueError)


def _like(queue: Queue, queues: Sequence[Queue], known: Mapping[int, Past]) -> list[History]:
    """The histories of queues that are forecast by the same intervals."""
    intervals = known[queue.pk].history.intervals
    return [
        known[other.pk].history
        for other in queues
        if other.pk != queue.pk and other.pk in known
        if known[other.pk].history.intervals == intervals
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Draft:
    """How a queue is to be forecast, and of what."""

    queue: Queue
    plan: ForecastPlan
    was: Past
    seen: History
    """From its first call on."""
    clean: History
    """Without days that teach nothing."""
    events: list[KnownEvent]
    chosen: Chosen
    like: Past | None
    """The queue of which it is a share."""

    def is_like(self, other: "_Draft") -> bool:
        """Whether its errors may stand in for another's."""
        return self.plan.interval_minutes == other.plan.interval_minutes


def plan_of(queue: Queue) -> ForecastPlan:
    """How a queue is forecast; where nobody said so, as it comes, which is not kept."""
    known: ForecastPlan | None = getattr(queue, "forecast_plan", None)
    return known or ForecastPlan(queue=queue)


def _drafted(
    queue: Queue, known: Mapping[int, Past], similar: Sequence[History], now: datetime
) -> _Draft | None:
    """None where there is nothing to make a forecast of."""
    plan, was = plan_of(queue), known[queue.pk]
    seen = _begun(was.history)
    analogue = known.get(plan.analogue_id or 0)
    if analogue is not None and analogue.history.intervals != was.history.intervals:
        # It is forecast by other intervals than this queue.
        other = Queue.objects.select_related("site").get(pk=plan.analogue_id or 0)
        analogue = past.of_queues([other], {other.pk: plan.interval_minutes}, now).get(other.pk)
    if not seen.calls.any() and analogue is None and not plan.is_typed:
        return None
    words = dict(DayWord.objects.filter(queue=queue).values_list("day", "is_kept"))
    events = list(KnownEvent.objects.filter(queues=queue))
    clean = _apart(outliers.without(seen, words), events)
    chosen = _chosen(plan, clean, similar, analogue)
    return _Draft(queue, plan, was, seen, clean, events, chosen, analogue)


def _make(draft: _Draft, similar: Sequence[Backtest], now: datetime) -> tuple[Ahead, Array]:
    """Make a queue's newest forecast anew; what it says, and handle times. Bands borrow the errors
    of `similar` queues where there are too few of its own."""
    queue, plan, was, chosen = draft.queue, draft.plan, draft.was, draft.chosen
    first = was.last + timedelta(days=1)
    last = was.last + timedelta(days=DAYS_AHEAD)
    site = queue.site
    on = past.grid(first, last, site.calendar, plan.interval_minutes)
    is_open = on.summed(on.open(past.hours_of(queue)).astype(float)) * 15 / plan.interval_minutes
    coming = past.calendar_days(site, first, last)
    told = ahead.forecast(draft.clean, coming, is_open, chosen, similar)
    if to_come := [one for one in _told(draft) if one.lasts_until(first)]:
        told = ahead.shifted(told, applied(told.intervals.expected, is_open, coming, to_come))
    naive = NAIVE.forecast(draft.seen, coming) * is_open
    aht = _handle_times(draft, coming)
    with transaction.atomic():
        # Whoever else makes it waits, and makes it anew.
        Queue.objects.select_for_update(no_key=True).get(pk=queue.pk)
        before = Forecast.objects.filter(queue=queue).newest()
        ledger.follow(before.first(), was)
        before.delete()
        row = Forecast.objects.create(
            queue=queue,
            made_at=now,
            known_until=was.last,
            interval_minutes=plan.interval_minutes,
            method=chosen.method.id,
            by_trial=chosen.by_trial,
            trials=[_trial(one) for one in chosen.trials],
            weeks=kept.weeks(told),
            has_own_tails=told.intervals.own[0.95],
            borrowed_from=0 if told.intervals.own[0.95] else len(similar),
            outliers=[
                {"day": str(one.date), "calls": one.calls, "deviations": round(one.deviations, 1)}
                for one in outliers.found(draft.seen)
            ],
            history_days=_days_known(draft.seen),
        )
        ForecastDay.objects.bulk_create(
            ForecastDay(forecast=row, naive=kept.numbers(naive[place]), **day)
            for place, day in enumerate(kept.days(told, aht))
        )
        ledger.watch(queue, now)
    # Nobody who publishes waits for this.
    if learning.is_due(queue, plan.interval_minutes, was.last):
        learning.learn(queue, chosen, plan.interval_minutes, was.last, now)
    return told, aht


def _apart(history: History, events: Sequence[KnownEvent]) -> History:
    """A history of which the days of events are not known: they tell of the events."""
    out = days_of([_event(one, 1.0) for one in events], history.days[-1].date)
    if not out:
        return history
    left = np.array([0.0 if day.date in out else 1.0 for day in history.days])[:, None]
    return replace(history, calls=history.calls * left, open=history.open * left)


def _event(one: KnownEvent, learned: float) -> Event:
    """An event with what somebody said that it does, else with what is learned of its kind."""
    is_told = one.calls is not None or one.factor is not None
    return Event(
        kind=one.kind,
        first=one.first,
        last=one.last,
        calls=one.calls,
        keeps=one.keeps,
        factor=one.factor if is_told else learned,
    )


def _told(draft: _Draft) -> list[Event]:
    """Events with what they do: as somebody told, else as those of their kind did before."""
    factors = {kind: _learned(kind, draft) for kind in {one.kind for one in draft.events}}
    return [_event(one, factors[one.kind]) for one in draft.events]


def _learned(kind: str, draft: _Draft) -> float:
    """How many times as much came with past events of a kind as was expected the day before."""
    seen, clean, method = draft.seen, draft.clean, draft.chosen.method
    place_of = {day.date: place for place, day in enumerate(seen.days)}
    actual, expected = [], []
    for one in draft.events:
        begins = place_of.get(one.first)
        if one.kind != kind or begins is None or begins < method.least_days:
            continue
        ends = place_of.get(one.last, len(seen) - 1) + 1
        told = method.forecast(clean.until(begins), seen.days[begins:ends])
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


def _days_known(history: History) -> int:
    """How many days tell of a queue; of one without a call none does."""
    return int((history.open > 0).any(axis=1).sum()) if history.calls.any() else 0


def _chosen(
    plan: ForecastPlan, history: History, similar: Sequence[History], analogue: Past | None
) -> Chosen:
    """How a queue is forecast: as its plan says, like similar ones while new, else by trial."""
    if analogue is not None:
        method = borrowed.of_analogue(analogue.history, float(plan.share))
        # What it would have said before is not known of it: its history reaches to the end.
        return choosing.given(history, method, tried=False)
    if plan.weekday_calls is not None:
        begins = plan.queue.site.day_begins
        course = borrowed.course(plan.course, plan.interval_minutes, begins)
        typed = borrowed.Typed(np.array(plan.weekday_calls, float), course)
        # Whoever typed it may have seen what came before.
        return choosing.given(history, typed.method, tried=False)
    if plan.method in METHODS:
        return choosing.given(history, METHODS[plan.method])
    if len(history) < USUAL.least_days:
        return choosing.given(history, borrowed.pooled(similar))
    return choosing.chosen(history, [one for one in TRIED if _may_be_tried(one, history)])


def _handle_times(draft: _Draft, coming: Sequence[Day]) -> Array:
    """Of its own calls, held by what somebody typed; of a queue that tells neither those of the
    queue of which it is a share."""
    typed = draft.plan.handle_seconds
    told = None if typed is None else float(typed)
    was = draft.was
    if told is None and draft.like is not None and not was.handled.any():
        was = draft.like
    return handling.forecast(was.history.days, was.handled, was.handled_seconds, coming, told)


def _may_be_tried(method: Method, history: History) -> bool:
    """Built-in methods may. Any other, of a history that is long enough for every origin: for all
    are asked at the same."""
    return method in BUILT_IN or len(history) >= method.least_days + _ASKED_DAYS


def _trial(one: choosing.Trial) -> dict[str, Any]:
    return {"method": one.method, "wape": one.wape, "bias": one.bias, "origins": one.origins}
