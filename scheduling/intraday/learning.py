"""Learns how far a beginning is to be believed of a queue's days."""

from dataclasses import asdict
from datetime import date, datetime

import numpy as np

from ccm.models import Queue
from scheduling.forecast import backtest, intraday
from scheduling.forecast.backtest import Backtest
from scheduling.forecast.choosing import Chosen
from scheduling.forecast.history import Array
from scheduling.intraday import trials, weights
from scheduling.models import DayUpdate

_DAYS = 91
# The method is asked anew for each of the days, which takes longer than the forecast itself: once a
# week, queues in turn, and after so many days at the latest where nights were left out.
_WEEK, _LATEST_DAYS = 7, 13


def is_due(queue: Queue, interval_minutes: int, known_until: date) -> bool:
    """Whether a queue's way is to be learned again. One query."""
    kept = DayUpdate.objects.filter(queue=queue, interval_minutes=interval_minutes)
    last = kept.values_list("known_until", flat=True).first()
    if last is None or (known_until - last).days >= _LATEST_DAYS:
        return True
    return known_until != last and (known_until.toordinal() + queue.pk) % _WEEK == 0


def learn(
    queue: Queue, chosen: Chosen, interval_minutes: int, known_until: date, now: datetime
) -> DayUpdate:
    """Keep the way for a queue's days, by what its method would have said the day before each."""
    expected, actual, is_open = past_days(asked_daily(chosen))
    way, update = intraday.learned(expected, actual)
    kept, _made = DayUpdate.objects.update_or_create(
        queue=queue,
        defaults={
            "made_at": now,
            "known_until": known_until,
            "interval_minutes": interval_minutes,
            "days": len(expected),
            "way": way,
            "weights": weights.packed(update),
            "trials": [
                asdict(one) for one in trials.tried(expected, actual, is_open, interval_minutes)
            ],
        },
    )
    return kept


def asked_daily(chosen: Chosen) -> Backtest:
    """What the method would have said of each of the last open days the day before; nothing of one
    that cannot be asked about what is past."""
    history = chosen.asked.history
    if not len(chosen.asked.origins):
        return chosen.asked
    first = max(len(history) - _DAYS, 0)
    days = first + np.flatnonzero(history.open[first:].any(axis=1))
    return backtest.run(chosen.method, history, days.tolist(), 1)


def past_days(asked: Backtest) -> tuple[Array, Array, Array]:
    """The first day after each origin, in order: what was expected of it, what came, and when it
    was open. Days that were closed, or are kept out, and those yet to come tell nothing."""
    day = asked.origins[asked.origins < len(asked.history)]
    expected = asked.expected[: len(day), 0]
    calls, is_open = asked.history.calls[day], asked.history.open[day]
    told = is_open.any(axis=1) & (expected.sum(axis=1) > 0)
    return expected[told], calls[told], is_open[told]
