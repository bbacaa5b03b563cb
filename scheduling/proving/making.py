"""Holds models against a site's last weeks, and keeps what came of it. Safe to run twice, and
beside itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccm.intervals import day_of, days
from ccm.models import Channel, Queue, Site
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.parameters import Parameters
from kpis.reads import reach, reading
from scheduling.calculator.asked import VARIANTS
from scheduling.known import past
from scheduling.known.past import Grid
from scheduling.made.making import plan_of
from scheduling.models import QueueProof
from scheduling.proving import fits, fitted, reads, replay
from scheduling.proving.reads import Came
from scheduling.proving.reckoning import FEWEST_DAYS, Compared, Proof, Said, Was, proofs
from scheduling.proving.sharing import OTHER, Presence, Shares, groups
from scheduling.requirements import aims
from scheduling.requirements.aims import DAYS_ON, FEWEST_LEFT, WEEKS

Array = NDArray[np.float64]
Why = QueueProof.Why
# So much of what a queue handled on a day was handled by agents whose states tell when they were
# there: of a day with less it is not known who was.
NEARLY_ALL = 0.95
_PLAYED = (
    "answered", "answered_within", "abandoned", "abandoned_within", "answered_wait_seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """How a queue's service level is made: the variant that a formula tells, the queue's own."""

    variant: str
    chosen: str
    parameters: Parameters

    @property
    def target_seconds(self) -> int:
        """From when a caller came, as models count."""
        return self.parameters.threshold_seconds + self.parameters.clock_start_seconds


@dataclass(frozen=True, slots=True, eq=False)
class Weeks:
    """A site's last weeks. `known` are days x queues of which it is known who was there; `told` is
    what agents with states handled, by queue. `played` are, of a queue, _PLAYED x quarter hours."""

    first: date
    last: date
    came: Mapping[int, Came]
    seconds: Mapping[int, Array]
    presence: Presence
    known: NDArray[np.bool_]
    told: Array
    played: Mapping[int, Array]


def prove_site(site: Site, now: datetime) -> int:
    """Hold models against the last weeks of each of a site's queues; of how many something could
    be said."""
    queues = list(
        Queue.objects.filter(site=site)
        .select_related("site", "forecast_plan", "staffing_plan")
        .order_by("pk")
    )
    choices = Choices(day_of(now, site.calendar))
    ways = [_way(choices, queue) for queue in queues]
    voice = [place for place, one in enumerate(queues) if one.channel == Channel.VOICE]
    weeks = _weeks(site, [queues[one] for one in voice], [ways[one] for one in voice], now)
    # As requirements are reckoned by.
    patience = aims.patience(queues, weeks.last + DAYS_ON) if weeks else {}
    rows = []
    for place, (queue, way) in enumerate(zip(queues, ways, strict=True)):
        row = QueueProof(
            queue=queue,
            made_at=now,
            interval_minutes=plan_of(queue).interval_minutes,
            variant=way.variant,
            chosen=way.chosen,
            target_seconds=way.target_seconds,
        )
        if weeks is None:
            row.why = Why.NO_RECORD
        elif place not in voice:
            row.first, row.last, row.why = weeks.first, weeks.last, Why.NOT_VOICE
        else:
            seconds, _left = patience.get(queue.pk, (None, 0))
            _prove(row, weeks, voice.index(place), way, seconds)
        rows.append(row)
    QueueProof.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["queue"],
        update_fields=[
            one.name for one in QueueProof._meta.concrete_fields if one.name not in ("id", "queue")
        ],
    )
    return sum(not row.why for row in rows)


def _way(choices: Choices, queue: Queue) -> Way:
    variant, parameters = choices.of(KPIS["service_level"], queue.site_id, queue.pk)
    told = variant.id if variant.id in VARIANTS else VARIANTS[0]
    return Way(told, variant.id, parameters)


def _weeks(site: Site, queues: Sequence[Queue], ways: Sequence[Way], now: datetime) -> Weeks | None:
    """None of a site of which no whole day is counted."""
    record = reading.records([site.pk]).get(site.pk)
    if record is None:
        return None
    whole = record.newest_at
    own = reach.of_queues(site, whole)
    lasts = {
        one.pk: past.last_known(site, own.get(one.pk, whole), now, one.hours) for one in queues
    }
    last = max((lasts[one.pk] for one in queues), default=None)
    if last is None:
        last = past.last_known(site, record.newest_at, now)
    first = max(record.first, last - timedelta(weeks=WEEKS) + timedelta(days=1))
    if first > last:
        return None
    on = past.grid(first, last, site.calendar, 15)
    came = dict(reads.came(site, on, queues, [one.parameters for one in ways]))
    by_id = {queues[place].pk: (place, one) for place, one in came.items()}
    work = reads.work(site, on, queues)
    there = reads.there(site, on, Shares(work.worked), len(queues))
    told = np.zeros_like(work.handled_ms)
    for agent, day, queue, ms, _rings in work.worked:
        if queue != OTHER and (agent, day) in there.told:
            told[day, queue] += ms
    # Where a queue's sources fell silent it is not known what came.
    reached = np.array([(lasts[one.pk] - first).days for one in queues], int)
    is_told = np.arange(len(told))[:, None] <= reached[None, :]
    known = (work.handled_ms > 0) & (told >= NEARLY_ALL * work.handled_ms) & is_told
    weeks = Weeks(
        first=first,
        last=last,
        came=came,
        seconds=reads.handle_seconds(site, on, by_id),
        presence=there.presence,
        known=known,
        told=told.sum(axis=0),
        played={},
    )
    return replace(weeks, played=_played(weeks, ways, site.pk, on, work.handled_ms > 0))


def _played(
    weeks: Weeks, ways: Sequence[Way], seed: int, on: Grid, worked: NDArray[np.bool_]
) -> dict[int, Array]:
    """Each day played through, of queues that have people in common together; nan on days of which
    it is not known of each of them who was there."""
    found = {}
    for group in groups(weeks.presence):
        mine = [one for one in group if len(weeks.seconds.get(one, ()))]
        lacking = [one for one in group if one in weeks.came and one not in mine]
        callers = [
            replay.Callers(weeks.seconds[one], _patience(weeks.came[one]), ways[one].target_seconds)
            for one in mine
        ]
        for one in mine:
            found[one] = np.full((len(_PLAYED), len(on.day)), np.nan)
        for day in range(on.shape[0]):
            quarters = weeks.presence.quarters_of(day)
            pools = _pools(weeks.presence, day, mine)
            calls = np.array([weeks.came[one].calls[quarters] for one in mine])
            alien = any(weeks.came[one].calls[quarters].any() for one in lacking)
            unknown = any(worked[day, one] and not weeks.known[day, one] for one in group)
            if not pools or not calls.any() or alien or unknown:
                continue
            told = replay.played(calls, callers, pools, (seed, day, mine[0]))
            for line, one in enumerate(mine):
                found[one][:, quarters] = [told[name][line] for name in _PLAYED]
    return found


def _pools(presence: Presence, day: int, mine: Sequence[int]) -> dict[tuple[int, ...], Array]:
    """Who was there on a day for some queues, by their places among them."""
    line_of = {queue: line for line, queue in enumerate(mine)}
    found: dict[tuple[int, ...], Array] = {}
    for skills, people in presence.together.get(day, {}).items():
        own = tuple(line_of[one] for one in skills if one in line_of)
        if own:
            found[own] = found.get(own, np.zeros(len(people))) + people
    return found


def _patience(came: Came) -> fits.Patience | None:
    """How patient callers were; None where too few left to tell: then nobody leaves."""
    told = fits.patience(came.waits, came.left)
    return told if told.left >= FEWEST_LEFT else None


def _prove(row: QueueProof, weeks: Weeks, place: int, way: Way, patience: float | None) -> None:
    """Fill a row with what can be said of a queue, or with why nothing can."""
    queue, came = row.queue, weeks.came.get(place)
    row.first, row.last = weeks.first, weeks.last
    if came is None or not came.calls.any():
        row.why = Why.NO_CALLS
        return
    on = past.grid(weeks.first, weeks.last, queue.site.calendar, row.interval_minutes)
    is_open = past.open_quarters(queue, on)
    own = fits.patience(came.waits, came.left)
    _fit(row, weeks, came, own, on.summed(came.calls.astype(float) * is_open).sum(axis=1))
    row.patience = fitted.patience(own, patience) if own.waited else {}
    row.handling = fitted.handling(weeks.seconds.get(place, np.zeros(0)))
    was = _was(weeks, place, came, on, is_open)
    row.days = int((was.calls.sum(axis=1) > 0).sum())
    there = was.known()
    row.days_known = int(there.any(axis=1).sum())
    people = on.summed(weeks.presence.people[place] * is_open)
    row.shared = _shared(weeks, place, is_open)
    plan = aims.plan_of(queue)
    row.patience_is_measured = plan.patience_seconds is None
    row.patience_seconds = patience if row.patience_is_measured else plan.patience_seconds
    held = proofs(
        was,
        row.interval_minutes * 60,
        way.target_seconds,
        way.variant,
        row.patience_seconds,
        _said(weeks.played.get(place), way.variant, on, is_open),
    )
    row.held = [_kept(one) for one in held if isfinite(one.missed_by)]
    row.by_day = _by_day(row, held, was, people, weeks.known[:, place])
    if not row.held:
        row.why = _why(weeks, place, was)


def _fit(row: QueueProof, weeks: Weeks, came: Came, own: fits.Patience, totals: Array) -> None:
    calendar_days = past.calendar_days(row.queue.site, weeks.first, weeks.last)
    usual = [
        not one.holiday and total > 0 for one, total in zip(calendar_days, totals, strict=True)
    ]
    weekdays = np.array([one.date.weekday() for one in calendar_days])
    row.day_to_day, row.day_to_day_days = fitted.day_to_day(
        np.where(usual, totals, np.nan), weekdays
    )


def _was(weeks: Weeks, place: int, came: Came, on: Grid, is_open: NDArray[np.bool_]) -> Was:
    """By intervals that were open from end to end and that the clock showed once."""
    quarters = on.minutes // 15
    whole = (on.summed(is_open.astype(float)) == quarters) & (
        on.summed(np.ones(len(on.day))) == quarters
    )

    def summed(values: Array) -> Array:
        return on.summed(values * is_open)

    handled, seconds = (summed(one).sum(axis=1) for one in (came.handled, came.handled_seconds))
    with np.errstate(invalid="ignore", divide="ignore"):
        # A mean of an interval's few calls is chance: the whole day's is taken.
        aht = np.where(handled > 0, seconds / handled, np.nan)
    known = whole & weeks.known[:, place, None]
    return Was(
        calls=summed(came.calls.astype(float)),
        aht_seconds=np.broadcast_to(aht[:, None], on.shape),
        positions=np.where(known, summed(weeks.presence.people[place]) / quarters, np.nan),
        answered=summed(came.answered),
        answered_within=summed(came.answered_within),
        abandoned=summed(came.abandoned),
        abandoned_within=summed(came.abandoned_within),
        waited_seconds=summed(came.waited_seconds),
        waited=summed(came.waited),
    )


def _shared(weeks: Weeks, place: int, is_open: NDArray[np.bool_]) -> float | None:
    presence = weeks.presence
    there = is_open & weeks.known[presence.day_of, place]
    people = float(presence.people[place][there].sum())
    return float(presence.shared[place][there].sum()) / people if people else None


def _said(played: Array | None, variant: str, on: Grid, is_open: NDArray[np.bool_]) -> Said | None:
    if played is None:
        return None
    return Said.of_counts(variant, *(on.summed(one * is_open) for one in played))


def _why(weeks: Weeks, place: int, was: Was) -> Why:
    """Why no model was held against a queue with calls."""
    if not weeks.told[place]:
        return Why.NO_STATES
    if np.isnan(was.aht_seconds).all():
        return Why.NO_TIMES
    if weeks.known[:, place].sum() < FEWEST_DAYS <= (was.calls.sum(axis=1) > 0).sum():
        return Why.TOO_FEW_STATES
    return Why.FEW_DAYS


def _kept(one: Proof) -> dict[str, Any]:
    return {
        "model": one.model,
        "days": one.days,
        "intervals": one.intervals,
        "level": _numbers(one.level),
        "asa": _numbers(one.asa),
        "abandonment": _numbers(one.abandonment),
        "missed_by": round(one.missed_by, 5),
    }


def _numbers(one: Compared | None) -> list[float | None] | None:
    if one is None:
        return None
    return [_number(value) for value in (one.actual, one.predicted, one.low, one.high)]


def _number(value: float) -> float | None:
    return round(float(value), 5) if isfinite(value) else None


def _by_day(
    row: QueueProof, held: Sequence[Proof], was: Was, people: Array, known: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    assert row.first is not None, "weeks are known"
    assert row.last is not None, "weeks are known"
    calls = was.calls.sum(axis=1)
    return [
        {
            "day": str(day),
            "calls": int(calls[place]),
            "hours": round(float(people[place].sum()) / 4, 2) if known[place] else None,
            "was": _number(held[0].was_by_day[place]) if held else None,
            "said": {one.model: _number(one.said_by_day[place]) for one in held},
        }
        for place, day in enumerate(days(row.first, row.last))
        if calls[place]
    ]
