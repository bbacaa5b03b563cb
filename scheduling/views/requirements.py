"""How many people the coming weeks take, interval by interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
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
from scheduling.made import kept
from scheduling.models import Forecast, ForecastDay
from scheduling.planned import layer
from scheduling.requirements import aims, needed
from scheduling.shown import drawn, queues
from scheduling.staffing.requirement import Interval

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
    busiest: needed.Busiest | None
    clock: str
    """When that begins."""


@login_required
@require_safe
def requirements_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """A week of a queue's positions, of its newest forecast."""
    if not may_open("requirements", request.user):
        raise Http404
    now = timezone.now()
    picked = queues.picked(request)
    queue = picked.queue
    context: dict[str, Any] = {"picked": picked, "queue": queue, "now": now}
    forecast = queue and (
        Forecast.objects.newest().filter(queue=queue).first()
        or Forecast.objects.published().filter(queue=queue).order_by("-version").first()
    )
    asks_file = request.GET.get("export") == "csv"
    # Of the last version the days may have been dropped.
    days = list(forecast.days.order_by("day")) if forecast else []
    if queue is None or not forecast or not days:
        if asks_file and queue is not None:
            return _csv(queue, None, None, "")
        return render(request, "scheduling/requirements.html", context)
    told = aims.of_queue(queue, forecast, aims.choices_on(day_of(now, queue.site.calendar)))
    weeks = [days[at].day for at in range(0, len(days), _WEEK)]
    first = _week(request, weeks)
    chosen = [one for one in days if first <= one.day][:_WEEK]
    planned = layer.of_days(chosen, layer.words_of(queue, forecast))
    takes = needed.takes(queue, forecast, chosen, planned, told.aim)
    if asks_file:
        return _csv(queue, forecast, takes, told.aim.variant)
    context |= {
        "forecast": forecast,
        "told": told,
        "weeks": weeks,
        "first": first,
        "last": chosen[-1].day,
        "shown": None if takes is None else _shown(queue, forecast, takes),
        "csv_url": address(
            reverse("requirements"), {"queue": queue.pk, "week": first, "export": "csv"}
        ),
    }
    return render(request, "scheduling/requirements.html", context)


def _week(request: HttpRequest, weeks: Sequence[date]) -> date:
    asked = request.GET.get("week", "")
    return next((one for one in weeks if str(one) == asked), weeks[0])


def _shown(queue: Queue, forecast: Forecast, takes: needed.Takes) -> Shown:
    days, made = takes.days, takes.made
    most = max(int(made.positions.max()), 1)
    begins = queue.site.day_begins
    is_open = np.array([one.open for one in days]) > 0
    rows = []
    for place in np.flatnonzero(is_open.any(axis=0)).tolist():
        cells = [
            Cell(
                made.told(row, place) if is_open[row, place] else None,
                float(takes.calls[row, place]),
                round(int(made.positions[row, place]) / most * _SHADES),
            )
            for row in range(len(days))
        ]
        rows.append((drawn.clock(forecast, place, begins), cells))
    busiest = takes.busiest
    clock = "" if busiest is None else drawn.clock(forecast, busiest.place, begins)
    return Shown(days, rows, takes.hours_of_days, takes.paid_hours, busiest, clock)


def _csv(
    queue: Queue, forecast: Forecast | None, takes: needed.Takes | None, variant: str
) -> StreamingHttpResponse:
    """Every open interval; headings alone where nothing is told, or nothing meets what is asked."""
    header = [
        _("day"), _("from"), _("calls"), _("handle time, s"), _("positions"), _("people"),
        _("service level (%s)") % variant if variant else _("service level"),
    ]  # fmt: skip
    if forecast is None or takes is None:
        return exports.download(f"requirement-{queue.pk}.csv", header, [])
    days = takes.days
    begins = queue.site.day_begins
    rows = (
        [
            day.day, drawn.clock(forecast, place, begins),
            kept.number(takes.calls[row, place]), day.aht_seconds[place],
            *takes.made.told(row, place),
        ]
        for row, day in enumerate(days)
        for place, there in enumerate(day.open)
        if there
    )  # fmt: skip
    return exports.download(f"requirement-{queue.pk}-{days[0].day}.csv", header, rows)
