"""How many people the coming weeks take, interval by interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import exports
from ccm.filters import address
from ccm.intervals import day_of
from ccm.models import Queue
from ccm.navigation import may_open
from kpis.choices import Choices
from scheduling import aims, drawn, needed, shown
from scheduling.forecast.history import Array
from scheduling.models import Forecast, ForecastDay
from scheduling.planned import layer
from scheduling.requirement import Interval, Requirement

_WEEK = 7
# Shades of the cells of a table, the darkest the most.
_SHADES = 9


@dataclass(frozen=True, slots=True)
class Cell:
    told: Interval | None
    """None: closed."""
    calls: float
    shade: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A week of a queue."""

    days: Sequence[ForecastDay]
    rows: list[tuple[str, list[Cell]]]
    """Of each interval in which anything is open."""
    hours: list[float]
    """Paid hours of each day."""
    whole: float


@login_required
@require_safe
def requirements_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """A week of a queue's positions, of its newest forecast."""
    if not may_open("requirements", request.user):
        raise Http404
    now = timezone.now()
    queues = shown.queues_for(request.user)
    queue = shown.picked(queues, request.GET.get("queue", ""))
    context: dict[str, Any] = {"queues": queues, "queue": queue, "now": now}
    forecast = queue and (
        Forecast.objects.newest().filter(queue=queue).first()
        or Forecast.objects.published().filter(queue=queue).order_by("-version").first()
    )
    if queue is None or not forecast:
        return render(request, "scheduling/requirements.html", context)
    days = list(forecast.days.order_by("day"))
    told = aims.of_queue(queue, forecast, Choices(day_of(now, queue.site.calendar)))
    weeks = [days[at].day for at in range(0, len(days), _WEEK)]
    first = _week(request, weeks)
    chosen = [one for one in days if first <= one.day][:_WEEK]
    planned = layer.of_days(chosen, layer.words_of(queue, forecast))
    calls = needed.planned_calls(chosen, aims.plan_of(queue), planned)
    try:
        made = needed.of_days(chosen, forecast.interval_minutes, told.aim, calls)
    except ValueError:
        made = None
    if made is not None and request.GET.get("export") == "csv":
        return _csv(queue, forecast, chosen, made, calls)
    context |= {
        "forecast": forecast,
        "told": told,
        "weeks": weeks,
        "first": first,
        "last": chosen[-1].day,
        "shown": None if made is None else _shown(queue, forecast, chosen, made, calls),
        "csv_url": address(
            reverse("requirements"), {"queue": queue.pk, "week": first, "export": "csv"}
        ),
    }
    return render(request, "scheduling/requirements.html", context)


def _week(request: HttpRequest, weeks: Sequence[date]) -> date:
    asked = request.GET.get("week", "")
    return next((one for one in weeks if str(one) == asked), weeks[0])


def _shown(
    queue: Queue, forecast: Forecast, days: Sequence[ForecastDay], made: Requirement, calls: Array
) -> Shown:
    most = max(int(made.positions.max()), 1)
    is_open = np.array([one.open for one in days]) > 0
    rows = []
    for place in np.flatnonzero(is_open.any(axis=0)).tolist():
        cells = [
            Cell(
                made.told(row, place) if is_open[row, place] else None,
                float(calls[row, place]),
                round(int(made.positions[row, place]) / most * _SHADES),
            )
            for row in range(len(days))
        ]
        rows.append((drawn.clock(forecast, place, queue.site.day_begins), cells))
    hours = [made.paid_hours([row]) for row in range(len(days))]
    return Shown(days, rows, [float(one) for one in hours], float(sum(hours, Fraction())))


def _csv(
    queue: Queue, forecast: Forecast, days: Sequence[ForecastDay], made: Requirement, calls: Array
) -> StreamingHttpResponse:
    variant = made.aim.variant
    header = [
        _("day"), _("from"), _("calls"), _("handle time, s"), _("positions"), _("people"),
        _("service level (%s)") % variant,
    ]  # fmt: skip
    begins = queue.site.day_begins
    rows = (
        [
            day.day, drawn.clock(forecast, place, begins),
            round(float(calls[row, place]), 3), day.aht_seconds[place],
            *made.told(row, place),
        ]
        for row, day in enumerate(days)
        for place, there in enumerate(day.open)
        if there
    )  # fmt: skip
    return exports.download(f"requirement-{queue.pk}-{days[0].day}.csv", header, rows)
