"""Makes the forecasts of queues that the same people serve: of several as one.

What is expected is the sum of their newest forecasts, so that both agree; the bands are of the
errors that such sums made before.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import numpy as np
from django.db import transaction

from ccm.models import Site
from scheduling.forecast import ahead
from scheduling.forecast.ahead import Part
from scheduling.forecast.history import Array
from scheduling.known import past
from scheduling.made import kept
from scheduling.models import (
    AskedBefore,
    Forecast,
    ForecastDay,
    GroupDay,
    GroupForecast,
    QueueGroup,
)
from scheduling.planned import layer


def keep(site: Site, now: datetime) -> None:
    """Make the newest forecast of each group of a site anew, of those of its queues; of one without
    two queues that are forecast there is none. Safe to run twice."""
    for group in QueueGroup.objects.filter(site=site).prefetch_related("queues"):
        alike = _alike(_newest(group))
        with transaction.atomic():
            QueueGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
            GroupForecast.objects.filter(group=group).delete()
            if len(alike) > 1:
                _keep(group, site, alike, now)


def parts(told: GroupForecast, forecasts: Iterable[Forecast]) -> list[Forecast]:
    """Those of its queues' forecasts that a group's is the sum of, or that were made anew of these
    since."""
    return [
        one
        for one in forecasts
        if one.interval_minutes == told.interval_minutes
        and (one.known_until == told.known_until or one.made_at > told.made_at)
    ]


def planned(
    told: GroupForecast, queues: Iterable[int], days: Sequence[GroupDay]
) -> dict[date, Array]:
    """What is planned by on the days of a group of which planners say otherwise of any of its
    queues: what is expected of it, and as much more or less as they say. Three queries at most."""
    if not days:
        return {}
    members = parts(told, Forecast.objects.standing(queues))
    said = layer.more(members, days[0].day, days[-1].day)
    found: dict[date, Array] = {}
    for day in days:
        if over := [by_day[day.day] for by_day in said.values() if day.day in by_day]:
            # Both are rounded: no fewer than none come.
            found[day.day] = np.maximum(np.array(day.calls) + np.sum(over, axis=0), 0.0)
    return found


def _newest(group: QueueGroup) -> list[Forecast]:
    """Those of its queues of which it is kept what would have been expected before."""
    queues = [one.pk for one in group.queues.all()]
    asked = AskedBefore.objects.filter(queue__in=queues)
    there = {*asked.values_list("queue_id", "interval_minutes", "known_until")}
    newest = Forecast.objects.newest().filter(queue__in=queues).order_by("queue_id")
    return [one for one in newest if (one.queue_id, one.interval_minutes, one.known_until) in there]


def _alike(newest: Sequence[Forecast]) -> list[Forecast]:
    """Those by the same intervals, of what is known up to the same day, as most are."""
    many = Counter((one.interval_minutes, one.known_until) for one in newest)
    if not many:
        return []
    usual = max(many, key=lambda one: (many[one], one[1], one[0]))
    return [one for one in newest if (one.interval_minutes, one.known_until) == usual]


def _keep(group: QueueGroup, site: Site, newest: Sequence[Forecast], now: datetime) -> None:
    asked = AskedBefore.objects.in_bulk([one.queue_id for one in newest], field_name="queue_id")
    rows: dict[int, list[ForecastDay]] = {}
    told = ForecastDay.objects.filter(forecast__in=newest).order_by("day")
    for row in told.only("forecast_id", "day", "open", "calls", "aht_seconds"):
        rows.setdefault(row.forecast_id, []).append(row)
    parts, aht = [], []
    for one in newest:
        days = rows[one.pk]
        before = asked[one.queue_id]
        parts.append(
            Part(
                np.array([day.open for day in days], float),
                np.array([day.calls for day in days], float),
                kept.unpacked(before.told, before.known_until),
            )
        )
        aht.append(np.array([day.aht_seconds for day in days], float))
    days = rows[newest[0].pk]
    both = ahead.together(past.calendar_days(site, days[0].day, days[-1].day), parts)
    made = GroupForecast.objects.create(
        group=group,
        made_at=now,
        known_until=newest[0].known_until,
        interval_minutes=newest[0].interval_minutes,
        has_own_tails=both.intervals.own[0.95],
        error_days=both.intervals.days[0.95],
        weeks=kept.weeks(both),
        queues=len(parts),
    )
    every = kept.days(both, _handled(parts, aht))
    GroupDay.objects.bulk_create(GroupDay(forecast=made, **day) for day in every)


def _handled(parts: Sequence[Part], every: Sequence[Array]) -> Array:
    """Handle times of all of them, by calls; nan where none is known."""
    work = calls = np.zeros_like(every[0])
    for one, aht in zip(parts, every, strict=True):
        known = ~np.isnan(aht)
        # Where no call is expected a handle time still tells what one would take.
        weight = np.where(known, one.expected + _LEAST, 0.0)
        work = work + weight * np.nan_to_num(aht)
        calls = calls + weight
    found: Array = np.divide(work, calls, out=np.full_like(calls, np.nan), where=calls > 0)
    return found


_LEAST = 1e-6
