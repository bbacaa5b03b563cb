"""A queue group: what comes for several queues as one, and how many positions that takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import exports
from ccm.database import MOST_ID
from ccm.filters import about, address
from ccm.intervals import day_of
from ccm.models import Queue
from scheduling.forecast.history import Array
from scheduling.made import grouped, kept
from scheduling.models import GroupDay, GroupForecast, QueueGroup
from scheduling.requirements import aims, needed
from scheduling.shown import byday, drawn, facts
from scheduling.staffing.requirement import Requirement
from scheduling.views.forecast import DAYS_SHOWN

# So many days stand in the open, with the people that they take.
_NEXT = 7


@dataclass(frozen=True, slots=True)
class Next:
    """One of the next days. `positions` and `people` are those of its fullest interval, None where
    it is not known how many its calls take, or no number meets what is asked."""

    day: GroupDay
    planned: float | None
    """Calls that it is planned by; None: as forecast."""
    fullest: str
    positions: int | None
    people: int | None
    hours: float | None


def group_of(request: HttpRequest, pk: int) -> QueueGroup:
    """A group that the reader sees, with its queues; the page is about its site. Raises Http404 for
    any other."""
    if pk > MOST_ID:
        raise Http404
    seen = QueueGroup.objects.visible_to(request.user).select_related("site", "forecast")
    theirs = Prefetch("queues", Queue.objects.select_related("site", "staffing_plan"))
    group: QueueGroup = get_object_or_404(seen.prefetch_related(theirs), pk=pk)
    about(request, group.site)
    return group


@login_required
@require_safe
def group_page(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """A group's days, a day's intervals with the positions that they take, and a file of both."""
    group = group_of(request, pk)
    forecast: GroupForecast | None = getattr(group, "forecast", None)
    queues = list(group.queues.all())
    days = [] if forecast is None else list(forecast.days.order_by("day"))
    now = timezone.now()
    context: dict[str, Any] = {"group": group, "queues": queues, "told": forecast, "now": now}
    if forecast is None or not days:
        if request.GET.get("export") == "csv":
            return _csv(group, None, (), {}, None)
        return render(request, "scheduling/group.html", context)
    told = aims.of_group(
        queues, forecast.known_until, aims.choices_on(day_of(now, group.site.calendar))
    )
    planned = grouped.planned(forecast, [one.pk for one in queues], days)
    staffed = np.array([planned.get(one.day, one.calls) for one in days], float)
    try:
        made = needed.of_days(days, forecast.interval_minutes, told.aim, staffed)
    except ValueError:
        made = None
    if request.GET.get("export") == "csv":
        return _csv(group, forecast, days, planned, made)
    if request.GET.get("export") == "days":
        came = facts.came(group.site, [one.pk for one in queues], days, now)
        special = byday.special(group.site, days, came, ())
        return byday.download(f"forecast-group-{group.pk}", days, came, planned, special)
    named = [one for one in days if str(one.day) == request.GET.get("day", "")]
    day = next(iter(named), None) or next((one for one in days if any(one.open)), None)
    begins = group.site.day_begins
    first, own = days[:DAYS_SHOWN], reverse("group", args=[group.pk])
    came = facts.came(group.site, [one.pk for one in queues], first, now)
    special = byday.special(group.site, first, came, ())
    context |= {
        "days": byday.lines(first, came, planned, special, lambda day: address(own, {"day": day})),
        "before": byday.lines_before(first, came, special),
        "is_planned": any(one.day in planned for one in first),
        "next": [
            _next(forecast, row, one, planned, made, begins) for row, one in enumerate(days[:_NEXT])
        ],
        "weeks": byday.weeks(forecast, days, planned),
        "outer_band": facts.outer_band(forecast, days),
        "aim": told,
        "chart": drawn.days_curve(
            first,
            came,
            {one.day: planned[one.day] for one in first if one.day in planned},
            special,
        ),
        "day": day,
        "planned": planned.get(day.day) if day else None,
        "day_chart": drawn.day_curve(forecast, day, begins, planned.get(day.day)) if day else None,
        "intervals": _intervals(forecast, days, day, planned, made, begins) if day else [],
        "hours": _hours(made, days.index(day)) if made and day else None,
        "is_met": made is not None,
        "csv_url": address(own, {"export": "csv"}),
        "days_url": address(own, {"export": "days"}),
    }
    return render(request, "scheduling/group.html", context)


def _next(
    forecast: GroupForecast,
    row: int,
    day: GroupDay,
    planned: Mapping[date, Array],
    made: Requirement | None,
    begins: int,
) -> Next:
    by = planned.get(day.day)
    calls = None if by is None else float(by.sum())
    if made is None:
        return Next(day, calls, "", None, None, None)
    hours = _hours(made, row)
    place = int(made.positions[row].argmax())
    if not made.positions[row].any():
        # Closed, or without a call: nobody. Of calls of an unknown length it is not known.
        nobody = None if made.unknown[row].any() else 0
        return Next(day, calls, "", nobody, nobody, hours)
    told = made.told(row, place)
    clock = drawn.clock(forecast, place, begins)
    return Next(day, calls, clock, told.positions, told.people, hours)


def _hours(made: Requirement, row: int) -> float | None:
    """Paid hours of a day; None where calls come of which nothing tells how long they take."""
    return None if made.unknown[row].any() else float(made.paid_hours([row]))


def _intervals(
    forecast: GroupForecast,
    days: list[GroupDay],
    day: GroupDay,
    planned: Mapping[date, Array],
    made: Requirement | None,
    begins: int,
) -> list[dict[str, Any]]:
    row, by = days.index(day), planned.get(day.day)
    return [
        {
            "clock": drawn.clock(forecast, place, begins),
            "calls": day.calls[place],
            "planned": None if by is None else by[place],
            "low80": day.low80[place],
            "high80": day.high80[place],
            "low95": day.low95[place],
            "high95": day.high95[place],
            "aht": day.aht_seconds[place],
            "positions": None if told is None else told.positions,
            "people": None if told is None else told.people,
        }
        for place, there in enumerate(day.open)
        if there
        for told in [None if made is None else made.told(row, place)]
    ]


def _csv(
    group: QueueGroup,
    forecast: GroupForecast | None,
    days: Sequence[GroupDay],
    planned: Mapping[date, Array],
    made: Requirement | None,
) -> StreamingHttpResponse:
    """Every open interval; headings alone where nothing is told yet."""
    header = [
        _("day"), _("from"), _("calls"), _("planned by"), _("80 % low"), _("80 % high"),
        _("95 % low"), _("95 % high"), _("handle time, s"), _("positions"), _("people"),
        _("for a service level of"),
    ]  # fmt: skip
    begins = group.site.day_begins
    rows = (
        [
            day.day, drawn.clock(forecast, place, begins), day.calls[place],
            None if day.day not in planned else kept.number(planned[day.day][place]),
            day.low80[place], day.high80[place], day.low95[place], day.high95[place],
            day.aht_seconds[place],
            *([None, None] if made is None else made.told(row, place)[:2]),
            None if made is None else aims.words_of(made.aim),
        ]
        for row, day in enumerate(days)
        if forecast is not None
        for place, there in enumerate(day.open)
        if there
    )  # fmt: skip
    name = f"forecast-group-{group.pk}-{days[0].day}" if days else f"forecast-group-{group.pk}"
    return exports.download(f"{name}.csv", header, rows)
