"""A queue group: what comes for several queues as one, and how many positions that takes."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import exports
from ccm.database import MOST_ID
from ccm.filters import address
from ccm.intervals import day_of
from kpis.choices import Choices
from scheduling import aims, drawn, needed, shown
from scheduling.models import GroupDay, GroupForecast, QueueGroup
from scheduling.requirement import Requirement
from scheduling.views.forecast import DAYS_SHOWN


@login_required
@require_safe
def group_page(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """A group's days, a day's intervals with the positions that they take, and a file of both."""
    if pk > MOST_ID:
        raise Http404
    seen = QueueGroup.objects.visible_to(request.user).select_related("site", "forecast")
    group = get_object_or_404(seen.prefetch_related("queues__staffing_plan", "queues__site"), pk=pk)
    forecast: GroupForecast | None = getattr(group, "forecast", None)
    queues = list(group.queues.all())
    days = [] if forecast is None else list(forecast.days.order_by("day"))
    now = timezone.now()
    context: dict[str, Any] = {"group": group, "queues": queues, "told": forecast, "now": now}
    if forecast is None or not days:
        return render(request, "scheduling/group.html", context)
    told = aims.of_group(queues, forecast.known_until, Choices(day_of(now, group.site.calendar)))
    try:
        made = needed.of_days(days, forecast.interval_minutes, told.aim)
    except ValueError:
        made = None
    if request.GET.get("export") == "csv":
        return _csv(group, forecast, days, made)
    named = [one for one in days if str(one.day) == request.GET.get("day", "")]
    day = next(iter(named), None) or next((one for one in days if any(one.open)), None)
    begins = group.site.day_begins
    came = shown.came(group.site, [one.pk for one in queues], days, now)
    context |= {
        "days": days[:DAYS_SHOWN],
        "weeks": shown.weeks_of(forecast),
        "outer_band": shown.outer_band(forecast),
        "aim": told,
        "chart": drawn.days_curve(days, came, {}),
        "day": day,
        "day_chart": drawn.day_curve(forecast, day, begins, None) if day else None,
        "intervals": _intervals(forecast, days, day, made, begins) if day else [],
        "hours": float(made.paid_hours([days.index(day)])) if made and day else None,
        "csv_url": address(reverse("group", args=[group.pk]), {"export": "csv"}),
    }
    return render(request, "scheduling/group.html", context)


def _intervals(
    forecast: GroupForecast,
    days: list[GroupDay],
    day: GroupDay,
    made: Requirement | None,
    begins: int,
) -> list[dict[str, Any]]:
    row = days.index(day)
    return [
        {
            "clock": drawn.clock(forecast, place, begins),
            "calls": day.calls[place],
            "low80": day.low80[place],
            "high80": day.high80[place],
            "aht": day.aht_seconds[place],
            "positions": None if made is None else made.told(row, place).positions,
        }
        for place, there in enumerate(day.open)
        if there
    ]


def _csv(
    group: QueueGroup, forecast: GroupForecast, days: list[GroupDay], made: Requirement | None
) -> StreamingHttpResponse:
    header = [
        _("day"), _("from"), _("calls"), _("80 % low"), _("80 % high"), _("95 % low"),
        _("95 % high"), _("handle time, s"), _("positions"),
    ]  # fmt: skip
    begins = group.site.day_begins
    rows = (
        [
            day.day, drawn.clock(forecast, place, begins), day.calls[place], day.low80[place],
            day.high80[place], day.low95[place], day.high95[place], day.aht_seconds[place],
            None if made is None else made.told(row, place).positions,
        ]
        for row, day in enumerate(days)
        for place, there in enumerate(day.open)
        if there
    )  # fmt: skip
    return exports.download(f"forecast-group-{group.pk}-{days[0].day}.csv", header, rows)
