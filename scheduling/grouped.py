"""Makes the forecasts of queues that the same people serve: of several as one.

What is expected is the sum of their newest forecasts, so that both agree; the bands are of the
errors that such sums made before.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from django.db import transaction

from ccm.models import Site
from scheduling import kept
from scheduling.forecast import ahead
from scheduling.forecast.ahead import Ahead
from scheduling.forecast.history import Array
from scheduling.models import GroupDay, GroupForecast, QueueGroup

Told = tuple[Ahead, Array]
"""What is expected of a queue, and its handle times."""


def keep(site: Site, told: Mapping[int, Told], now: datetime) -> None:
    """Make the newest forecast of each group of a site anew; of one without two queues that are
    forecast there is none. Safe to run twice."""
    for group in QueueGroup.objects.filter(site=site).prefetch_related("queues"):
        parts = _alike([told[one.pk] for one in group.queues.all() if one.pk in told])
        with transaction.atomic():
            QueueGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
            GroupForecast.objects.filter(group=group).delete()
            if len(parts) > 1:
                _keep(group, parts, now)


def _alike(parts: Sequence[Told]) -> list[Told]:
    """Those by the same intervals as most are."""
    many = [one.open.shape[1] for one, _aht in parts]
    usual = max(set(many), key=lambda one: (many.count(one), one), default=0)
    return [part for part, intervals in zip(parts, many, strict=True) if intervals == usual]


def _keep(group: QueueGroup, parts: Sequence[Told], now: datetime) -> None:
    both = ahead.together([one for one, _aht in parts])
    row = GroupForecast.objects.create(
        group=group,
        made_at=now,
        known_until=both.made.asked.history.days[-1].date,
        interval_minutes=24 * 60 // both.open.shape[1],
        has_own_tails=both.intervals.own[0.95],
        weeks=kept.weeks(both),
        queues=len(parts),
    )
    days = kept.days(both, _handled(parts))
    GroupDay.objects.bulk_create(GroupDay(forecast=row, **day) for day in days)


def _handled(parts: Sequence[Told]) -> Array:
    """Handle times of all of them, by calls; nan where none is known."""
    work = calls = np.zeros_like(parts[0][1])
    for one, aht in parts:
        known = ~np.isnan(aht)
        # Where no call is expected a handle time still tells what one would take.
        weight = np.where(known, one.intervals.expected + _LEAST, 0.0)
        work = work + weight * np.nan_to_num(aht)
        calls = calls + weight
    found: Array = np.divide(work, calls, out=np.full_like(calls, np.nan), where=calls > 0)
    return found


_LEAST = 1e-6
