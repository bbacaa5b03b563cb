"""Makes forecasts of queues, anew each night and when planners said what goes into them.

Safe to run twice, and beside itself: a queue is held by a lock while its forecast is written. What
is published of them, and how they did, is in `ledger`.

Some queues after the other, so that no more than theirs is held at a time and what is made is
written as it goes: a run that is cut goes on with the others.
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F

from ccm.models import Queue, Site
from scheduling.forecast import ahead, borrowed, choosing, handling, outliers
from scheduling.forecast.backtest import Backtest, recent
from scheduling.forecast.choosing import Chosen
from scheduling.forecast.days import Day
from scheduling.forecast.events import Event, applied, days_of, learned_factor
from scheduling.forecast.history import Array, History
from scheduling.forecast.methods import AUTO, BUILT_IN, METHODS, NAIVE, TRIED, USUAL, Method
from scheduling.intraday import learning
from scheduling.known import past, runs
from scheduling.known.past import Past
from scheduling.made import grouped, kept, ledger
from scheduling.models import (
    AskedBefore,
    DayWord,
    Forecast,
    ForecastDay,
    ForecastPlan,
    KnownEvent,
)
from scheduling.scenarios import months

log = logging.getLogger(__name__)
DAYS_AHEAD = 91
_QUARTER = 15
# So long a stretch of a history methods are asked about.
_ASKED_DAYS = 7 * choosing.ORIGINS
# So many queues are drafted before they are written: they borrow each other's errors.
_TOGETHER = 20
# How a day goes on is learned for so long of a night: of the first there are all queues to learn.
_LEARNING_SECONDS = 150.0


class NotMade(Exception):
    """Some queues of a site could not be forecast; all others were."""


def make_site(
    site: Site,
    now: datetime,
    begun: datetime | None = None,
    until: float | None = None,
    lasts: Mapping[int, date] | None = None,
) -> int:
    """Make the newest forecast of each of a site's queues anew; how many were made. Raises NotMade
    where some could not be, after all others.

    A forecast that was made since `begun`, of all that is known of its queue, stays as it is. Where
    the monotonic clock goes beyond `until` it ends with what it has begun, and raises `runs.Cut`.
    `lasts` are the last days that are known of its queues, where somebody has asked already.
    """
    night = _Night(site, now, past.last_days(site, now) if lasts is None else lasts)
    left = night.left(begun)
    for first in range(0, len(left), _TOGETHER):
        if first and _is_over(until):
            raise runs.Cut
        night.make(left[first : first + _TOGETHER], until)
    grouped.keep(site, now)
    ledger.end_strayed(site, now, timedelta(days=DAYS_AHEAD), night.of_nothing)
    if night.failed:
        raise NotMade(f"queues {night.failed} of site {site.pk}")
    return night.made


def _is_over(until: float | None) -> bool:
    return until is not None and time.monotonic() >= until


@dataclass(slots=True, eq=False)
class _Night:
    """A run over a site's queues."""

    site: Site
    now: datetime
    lasts: Mapping[int, date]
    made: int = 0
    failed: list[int] = field(default_factory=list)
    of_nothing: list[int] = field(default_factory=list)
    """Queues of which there is nothing to make a forecast of."""
    learned_seconds: float = 0.0
    _asked: dict[int, dict[int, Backtest]] = field(default_factory=dict)
    """What queues would have said before, by their intervals' minutes and their ids: of this run,
    and of those it has not come to as they were kept."""
    _histories: dict[int, dict[int, History]] = field(default_factory=dict)

    def left(self, begun: datetime | None) -> list[Queue]:
        """The queues to forecast: first of which it is longest ago that it was learned how their
        days go on."""
        queues = (
            Queue.objects.filter(site=self.site, pk__in=[*self.lasts])
            .select_related("site", "forecast_plan")
            .order_by(F("day_update__known_until").asc(nulls_first=True), "pk")
        )
        if begun is None:
            return list(queues)
        newest = Forecast.objects.newest().filter(queue__in=queues, made_at__gte=begun)
        done = {*newest.values_list("queue_id", "known_until")}
        return [one for one in queues if (one.pk, self.lasts[one.pk]) not in done]

    def make(self, some: Sequence[Queue], until: float | None) -> None:
        """Make the forecasts of some queues. Raises `runs.Cut` where time is up, after those that
        were begun; one at least is made."""
        known = self._known(some)
        drafts: list[_Draft] = []
        begun = 0
        for queue in some:
            if begun and _is_over(until):
                break
            begun += 1
            if queue.pk in known:
                drafts += self._drafted(queue, known)
        self._keep_asked(drafts)
        written = [one for one in drafts if self._written(one)]
        self.made += len(written)
        there = {one: _begun(known[one.pk].history) for one in some[:begun] if one.pk in known}
        months.keep(there, self.now)
        for draft in written:
            self._learn(draft)
        if begun < len(some):
            raise runs.Cut

    def _known(self, some: Sequence[Queue]) -> dict[int, Past]:
        """What was counted of some queues, and of those that they are planned as shares of."""
        ids = {one.pk for one in some}
        analogues = (plan_of(one).analogue_id for one in some)
        others = {one for one in analogues if one is not None and one not in ids}
        beside = Queue.objects.filter(pk__in=others, site=self.site)
        queues = [*some, *beside.select_related("site", "forecast_plan")]
        minutes = {one.pk: plan_of(one).interval_minutes for one in queues}
        return past.of_queues(queues, minutes, self.now, lasts=self.lasts)

    def _drafted(self, queue: Queue, known: Mapping[int, Past]) -> "list[_Draft]":
        """None, or one."""
        similar: Sequence[History] = ()
        if len(_begun(known[queue.pk].history)) < USUAL.least_days:
            similar = self._similar(queue)
        try:
            draft = _drafted(queue, known, similar, self.now)
        except _FAULTS:
            self._fails(queue)
            return []
        if draft is None:
            self.of_nothing.append(queue.pk)
            return []
        return [draft]

    def _similar(self, queue: Queue) -> list[History]:
        """The histories of the site's other queues by the same intervals, read once: few nights
        have a queue that needs them."""
        minutes = plan_of(queue).interval_minutes
        if minutes not in self._histories:
            every = Queue.objects.filter(site=self.site, pk__in=[*self.lasts])
            every = every.select_related("site", "forecast_plan").order_by("pk")
            alike = [one for one in every if plan_of(one).interval_minutes == minutes]
            was = past.of_queues(
                alike, {one.pk: minutes for one in alike}, self.now, lasts=self.lasts
            )
            self._histories[minutes] = {pk: one.history for pk, one in sorted(was.items())}
        return [one for pk, one in self._histories[minutes].items() if pk != queue.pk]

    def _keep_asked(self, drafts: "Iterable[_Draft]") -> None:
        """Keep what the methods of some queues would have said, for each other and for others."""
        rows = []
        for one in drafts:
            asked = recent(one.chosen.asked)
            minutes = one.plan.interval_minutes
            self._asked_of(minutes)[one.queue.pk] = asked
            rows.append(
                AskedBefore(
                    queue=one.queue,
                    made_at=self.now,
                    known_until=one.was.last,
                    interval_minutes=minutes,
                    told=kept.packed(asked),
                )
            )
        AskedBefore.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["queue"],
            update_fields=["made_at", "known_until", "interval_minutes", "told"],
        )

    def _asked_of(self, minutes: int) -> dict[int, Backtest]:
        if minutes not in self._asked:
            before = AskedBefore.objects.filter(queue__site=self.site, interval_minutes=minutes)
            self._asked[minutes] = {
                one.queue_id: kept.unpacked(one.told, one.known_until)
                for one in before.order_by("queue_id")
            }
        return self._asked[minutes]

    def _written(self, draft: "_Draft") -> bool:
        """Whether its forecast could be made."""
        every = self._asked_of(draft.plan.interval_minutes)
        similar = [one for pk, one in every.items() if pk != draft.queue.pk and len(one.origins)]
        try:
            _make(draft, draft.asked_beside or similar, self.now)
        except _FAULTS:
            self._fails(draft.queue)
            return False
        return True

    def _learn(self, draft: "_Draft") -> None:
        """Learn how a queue's days go on, if that is due and there is time for it tonight."""
        queue, minutes, last = draft.queue, draft.plan.interval_minutes, draft.was.last
        if self.learned_seconds >= _LEARNING_SECONDS:
            return
        if not learning.is_due(queue, minutes, last):
            return
        begun = time.monotonic()
        try:
            learning.learn(queue, draft.chosen, minutes, last, self.now)
        except _FAULTS:
            self._fails(queue)
        self.learned_seconds += time.monotonic() - begun

    def _fails(self, queue: Queue) -> None:
        log.exception("queue %d could not be forecast", queue.pk)
        self.failed.append(queue.pk)


# What a queue's own numbers may bring about; a database that is gone is another thing.
_FAULTS = (ArithmeticError, LookupError, TypeError, ValueError)


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
    asked_beside: Sequence[Backtest]
    """What the same way to forecast would have said of other queues; of a way that all take as
    they come none, for that is kept."""


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
    beside: Sequence[Backtest] = ()
    if chosen.method.id == borrowed.POOLED:
        beside = borrowed.asked_as_new(similar, len(clean))
    elif analogue is not None:
        beside = [choosing.given(analogue.history, AUTO).asked]
    # One that was asked of nothing has no errors to lend.
    beside = [one for one in beside if len(one.origins)]
    return _Draft(queue, plan, was, seen, clean, events, chosen, analogue, beside)


def _make(draft: _Draft, similar: Sequence[Backtest], now: datetime) -> None:
    """Make a queue's newest forecast anew. Bands borrow the errors of `similar` queues where there
    are too few of its own."""
    queue, plan, was, chosen = draft.queue, draft.plan, draft.was, draft.chosen
    first = was.last + timedelta(days=1)
    last = was.last + timedelta(days=DAYS_AHEAD)
    site = queue.site
    coming = past.calendar_days(site, first, last)
    is_open = _open_on(queue, plan.interval_minutes, coming)
    told = ahead.forecast(draft.clean, coming, is_open, chosen, similar)
    if to_come := [one for one in _told(draft) if one.lasts_until(first)]:
        told = ahead.shifted(told, applied(told.intervals.expected, is_open, coming, to_come))
    naive = NAIVE.forecast(draft.seen, coming) * is_open
    aht = _handle_times(draft, coming)
    naive_aht = handling.naive(was.history.days, was.handled, was.handled_seconds, coming)
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
            error_days=told.intervals.days[0.95],
            borrowed_from=0 if told.intervals.own[0.95] else len(similar),
            outliers=[
                {"day": str(one.date), "calls": one.calls, "deviations": round(one.deviations, 1)}
                for one in outliers.found(draft.seen)
            ],
            history_days=_days_known(draft.seen),
        )
        ForecastDay.objects.bulk_create(
            ForecastDay(
                forecast=row,
                naive=kept.numbers(naive[place]),
                naive_aht_seconds=kept.number(naive_aht[place]),
                **day,
            )
            for place, day in enumerate(kept.days(told, aht))
        )
        ledger.watch(queue, now)


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


def _open_on(queue: Queue, minutes: int, days: Sequence[Day]) -> Array:
    """How open a queue is in each interval of days in a row, as a history tells it."""
    on = past.grid(days[0].date, days[-1].date, queue.site.calendar, minutes)
    found: Array = on.summed(past.open_quarters(queue, on).astype(float)) * _QUARTER / minutes
    return found


def _days_known(history: History) -> int:
    """How many days tell of a queue; of one without a call none does."""
    return int((history.open > 0).any(axis=1).sum()) if history.calls.any() else 0


def _chosen(
    plan: ForecastPlan, history: History, similar: Sequence[History], analogue: Past | None
) -> Chosen:
    """How a queue is forecast: as its plan says, like similar ones while new, else by trial."""
    if analogue is not None:
        other = Queue.objects.select_related("site").get(pk=plan.analogue_id or 0)
        open_on = partial(_open_on, other, plan.interval_minutes)
        method = borrowed.of_analogue(analogue.history, float(plan.share), open_on)
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
