"""Forecasts: every queue's at a glance, and one queue's with all that speaks for and against it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ccm import exports
from ccm.filters import address
from ccm.masking import masked
from ccm.models import Queue, Site, User
from ccm.navigation import may_open
from scheduling import drawn, ledger, shown
from scheduling.access import may_plan
from scheduling.forecast.history import Array
from scheduling.models import Forecast, ForecastDay
from scheduling.planned import layer, since

LONGEST_NOTE = 300
# So many days have a row; the file has all of them.
DAYS_SHOWN = 28


@login_required
@require_safe
def forecasts_page(request: HttpRequest) -> HttpResponse:
    """Every queue of a site: what comes, how sure that is, and whether it was right before."""
    if not may_open("forecasts", request.user):
        raise Http404
    sites = list(Site.objects.with_figures_for(request.user).order_by("name"))
    asked = request.GET.get("site", "")
    picked = [one for one in sites if one.slug == asked] or sites[:1]
    now = timezone.now()
    lines, groups = shown.listed(picked, now)
    context = {
        "sites": sites,
        "site": picked[0] if picked else None,
        "lines": lines,
        "groups": groups,
        "now": now,
    }
    return render(request, "scheduling/forecasts.html", context)


@login_required
@require_safe
def forecast_page(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """A queue's newest forecast, or a version of it, with its days, its trials and its ledger."""
    queue = _queue(request, pk)
    every = Forecast.objects.filter(queue=queue).select_related("published_by")
    versions = list(every.order_by("-version"))
    newest = next((one for one in versions if one.version is None), None)
    versions = [one for one in versions if one.version is not None]
    asked = _version(request, versions)
    told = asked or newest or next(iter(versions), None)
    days = [] if told is None else list(told.days.order_by("day"))
    said = layer.said_of(queue)
    words = layer.worded(said, told, queue.site) if told else []
    # A version that is asked for is frozen; what stands in for the newest is planned by as that is.
    planned = layer.published(days) if asked else layer.of_days(days, words)
    if told is not None and days and request.GET.get("export") == "csv":
        return _csv(queue, told, days, planned)
    now = timezone.now()
    day = _day(request, days)
    begins = queue.site.day_begins
    context = {
        "queue": queue,
        "told": told,
        "newest": newest,
        "versions": versions,
        "days": [(one, planned.get(one.day)) for one in days[:DAYS_SHOWN]],
        "is_planned": bool(planned),
        "differs": since.told(asked or told, days, words, is_frozen=asked is not None),
        "weeks": shown.weeks_of(told) if told else [],
        "chart": drawn.days_curve(days, shown.came(queue.site, [queue.pk], days, now), planned)
        if days
        else None,
        "day": day,
        "day_chart": drawn.day_curve(told, day, begins, planned.get(day.day))
        if told and day
        else None,
        "intervals": _intervals(told, day, begins, planned.get(day.day)) if told and day else [],
        "outer_band": shown.outer_band(told) if told else "",
        "trials": [(shown.method_words(one["method"]), one) for one in told.trials] if told else [],
        "method": shown.method_words(told.method) if told else "",
        "ledger": shown.ledger(queue),
        "ahead": shown.nights_before(queue, now),
        "may_plan": may_plan(request.user, queue.site_id),
        "overrides": shown.within(said, days),
        "events": shown.events(queue, days),
        "kept_out": shown.days_said(queue, told),
        "longest_note": LONGEST_NOTE,
        "csv_url": address(
            reverse("forecast", args=[queue.pk]),
            {"version": request.GET.get("version"), "export": "csv"},
        ),
        "now": now,
    }
    return render(request, "scheduling/forecast.html", context)


@login_required
@require_POST
def forecast_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze the newest forecast as a version, which is scored when its days are over."""
    queue = _queue(request, pk)
    if not may_plan(request.user, queue.site_id):
        raise Http404
    note = request.POST.get("note", "").strip()
    if len(note) > LONGEST_NOTE or "\0" in note:
        messages.error(request, _("A note has at most 300 letters. Nothing was published."))
        return redirect("forecast", pk=queue.pk)
    assert isinstance(request.user, User), "who may plan is signed in"
    made = ledger.publish(queue, request.user, masked(note)[:LONGEST_NOTE], timezone.now())
    if made is None:
        messages.error(request, _("There is no new forecast to publish yet: one is made soon."))
    else:
        messages.info(request, _("Published as version %(n)d.") % {"n": made.version})
    return redirect("forecast", pk=queue.pk)


def _queue(request: HttpRequest, pk: int) -> Queue:
    """A queue of a site whose figures the reader sees."""
    return shown.queue_of(Queue.objects.visible_to(request.user), pk)


def _version(request: HttpRequest, versions: list[Forecast]) -> Forecast | None:
    """The version that the address names; 404 for one that is none."""
    asked = request.GET.get("version", "")
    if not asked:
        return None
    found = [one for one in versions if str(one.version) == asked]
    if not found:
        raise Http404
    return found[0]


def _day(request: HttpRequest, days: list[ForecastDay]) -> ForecastDay | None:
    """The day that the address names, else the first that is open."""
    named = [one for one in days if str(one.day) == request.GET.get("day", "")]
    return next(iter(named), None) or next((one for one in days if any(one.open)), None)


def _intervals(
    told: Forecast, day: ForecastDay, begins: int, planned: Array | None
) -> list[dict[str, Any]]:
    return [
        {
            "clock": drawn.clock(told, place, begins),
            "calls": day.calls[place],
            "planned": None if planned is None else planned[place],
            "low80": day.low80[place],
            "high80": day.high80[place],
            "naive": day.naive[place],
            "aht": day.aht_seconds[place],
        }
        for place, there in enumerate(day.open)
        if there
    ]


def _csv(
    queue: Queue, told: Forecast, days: list[ForecastDay], planned: Mapping[date, Array]
) -> StreamingHttpResponse:
    header = [
        _("day"), _("from"), _("calls"), _("planned by"), _("80 % low"), _("80 % high"),
        _("95 % low"), _("95 % high"), _("as a week before"), _("handle time, s"),
    ]  # fmt: skip
    begins = queue.site.day_begins
    rows = (
        [
            day.day, drawn.clock(told, place, begins), day.calls[place],
            None if day.day not in planned else round(float(planned[day.day][place]), 3),
            day.low80[place], day.high80[place], day.low95[place], day.high95[place],
            day.naive[place], day.aht_seconds[place],
        ]
        for day in days
        for place, there in enumerate(day.open)
        if there
    )  # fmt: skip
    return exports.download(f"forecast-{queue.pk}-{days[0].day}.csv", header, rows)
