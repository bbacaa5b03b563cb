"""Forecasts: every queue's at a glance, and one queue's with all that speaks for and against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ccm import exports
from ccm.filters import about, address, of_sites
from ccm.intervals import day_of
from ccm.masking import masked
from ccm.models import Queue, Site, User
from ccm.navigation import may_open
from scheduling.access import may_plan
from scheduling.forecast.history import Array
from scheduling.made import kept, ledger
from scheduling.models import Forecast, ForecastDay, Strayed
from scheduling.planned import layer, since
from scheduling.planned.methods import method_words
from scheduling.proving import shown as proved
from scheduling.requirements import aims, needed
from scheduling.shown import byday, drawn, facts, listed, scored
from scheduling.shown.queues import queue_of

LONGEST_NOTE = 300
# So many days are drawn and have a row, or all that are told; the file has all of them.
DAYS_SHOWN = 28
_WEEK = 7
# Who was there longer before a week tells nothing of it.
_LATELY = timedelta(days=14)


@login_required
@require_safe
def forecasts_page(request: HttpRequest) -> HttpResponse:
    """Every queue of a site: what comes, how sure that is, and whether it was right before."""
    if not may_open("forecasts", request.user):
        raise Http404
    sites = list(Site.objects.with_figures_for(request.user).order_by("name"))
    site = of_sites(request, sites)
    picked = [] if site is None else [site]
    now = timezone.now()
    lines, groups = listed.listed(picked, now)
    context = {
        "sites": sites,
        "site": site,
        "lines": lines,
        "groups": groups,
        "may_plan": site is not None and may_plan(request.user, site.pk),
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
    if request.GET.get("export") == "csv":
        return _csv(queue, told, days, planned)
    now = timezone.now()
    if request.GET.get("export") == "days":
        came = facts.came(queue.site, [queue.pk], days, now)
        special = byday.special(queue.site, days, came, facts.events(queue, days))
        return byday.download(f"forecast-{queue.pk}", days, came, planned, special)
    seen = days if request.GET.get("days") == "all" else days[:DAYS_SHOWN]
    came = facts.came(queue.site, [queue.pk], seen, now)
    events = facts.events(queue, days)
    special = byday.special(queue.site, seen, came, events)
    day = _day(request, days)
    begins = queue.site.day_begins
    ledger_told = scored.ledger(queue, now)
    if request.GET.get("export") == "scores":
        return _scores_csv(queue, ledger_told, asked)
    strays = bool(getattr(queue, "strays", False))  # as it was annotated
    along = {
        "version": request.GET.get("version"),
        "days": "all" if len(seen) > DAYS_SHOWN else None,
    }
    own = reverse("forecast", args=[queue.pk])
    context = {
        "queue": queue,
        "told": told,
        "newest": newest,
        "asked": asked,
        "versions": [(one, ledger_told.of_version(one.version).whole) for one in versions],
        "headline": _headline(queue, told, days, planned, now, is_asked=asked is not None)
        if told and days
        else None,
        "trust": scored.trust(told, ledger_told.lately, strays=strays) if told else None,
        "days": byday.lines(
            seen, came, planned, special, lambda day: address(own, {**along, "day": day})
        ),
        "before": byday.lines_before(seen, came, special),
        "weeks": byday.weeks(told, days, planned) if told else [],
        "differs": since.told(asked or told, days, words, is_frozen=asked is not None),
        "spans": _spans(own, days, seen, along),
        "is_planned": any(one.day in planned for one in seen),
        "chart": drawn.days_curve(
            seen,
            came,
            {one.day: planned[one.day] for one in seen if one.day in planned},
            special,
        )
        if seen
        else None,
        "day": day,
        "day_chart": drawn.day_curve(told, day, begins, planned.get(day.day))
        if told and day
        else None,
        "intervals": _intervals(told, day, begins, planned.get(day.day)) if told and day else [],
        "outer_band": facts.outer_band(told, days) if told else "",
        "trials": _trials(told) if told else [],
        "is_nearest": told is not None and facts.is_nearest(told),
        "method": method_words(told.method) if told else "",
        "ledger": ledger_told,
        "scores": ledger_told if asked is None else ledger_told.of_version(asked.version),
        "may_plan": may_plan(request.user, queue.site_id),
        "overrides": facts.within(said, days),
        "events": events,
        "kept_out": facts.days_said(queue, told),
        "longest_note": LONGEST_NOTE,
        "csv_url": address(own, {"version": along["version"], "export": "csv"}),
        "days_url": address(own, {"version": along["version"], "export": "days"}),
        "scores_url": address(own, {"version": along["version"], "export": "scores"}),
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
    """A queue of a site whose figures the reader sees, with whether its days leave their bands; the
    page is about its site."""
    strayed = Strayed.objects.standing().filter(queue=OuterRef("pk"))
    seen = Queue.objects.visible_to(request.user).annotate(strays=Exists(strayed))
    queue = queue_of(seen.select_related("proof"), pk)
    about(request, queue.site)
    return queue


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


@dataclass(frozen=True, slots=True)
class Headline:
    """The first week of a forecast in a few numbers."""

    first: date
    last: date
    calls: float
    """By which it is planned; what the forecast alone says is `expected`, where that is other."""
    expected: float | None
    low80: float | None
    high80: float | None
    takes: needed.Takes | None
    """None: no number of positions meets what is asked."""
    clock: str
    """When its busiest interval begins."""
    lacks_times: bool
    """Whether calls come of which nothing tells how long they take."""
    shrinks: bool
    there: proved.There | None
    """Who was there in the last week that is known, of the weeks just before it."""
    is_over: bool
    is_version: bool
    """Whether it was asked for by its number: then newer calls may well be known."""

    @property
    def is_covered(self) -> bool | None:
        """Whether as many hours as its positions take were there; None: not known."""
        if self.there is None or self.takes is None or self.lacks_times:
            return None
        return self.there.hours >= self.takes.hours


def _headline(
    queue: Queue,
    told: Forecast,
    days: Sequence[ForecastDay],
    planned: Mapping[date, Array],
    now: datetime,
    *,
    is_asked: bool,
) -> Headline:
    """Two queries."""
    week, today = days[:_WEEK], day_of(now, queue.site.calendar)
    aim = aims.of_queue(queue, told, aims.choices_on(today)).aim
    takes = needed.takes(queue, told, week, planned, aim)
    expected = sum(one.total for one in week)
    said = byday.more_within(week[0].day, week[-1].day, byday.more(week, planned))
    # Of an old version the first days may have been dropped, and its weeks are others.
    edges = next((one for one in facts.weeks_of(told) if one.first == week[0].day), None)
    busiest = takes and takes.busiest
    no_days = timedelta(0)
    there = proved.last_week(proved.proof_of(queue))
    return Headline(
        first=week[0].day,
        last=week[-1].day,
        calls=expected + (said or 0.0),
        expected=None if said is None else expected,
        low80=None if edges is None else edges.low80,
        high80=None if edges is None else edges.high80,
        takes=takes,
        clock=drawn.clock(told, busiest.place, queue.site.day_begins) if busiest else "",
        lacks_times=takes is not None and bool(takes.made.unknown.any()),
        shrinks=bool(aim.shrinkage),
        there=there if there and no_days < week[0].day - there.last <= _LATELY else None,
        is_over=week[-1].day < today,
        is_version=is_asked,
    )


def _spans(
    own: str, days: Sequence[ForecastDay], seen: Sequence[ForecastDay], along: Mapping[str, Any]
) -> list[tuple[int, str, bool]]:
    """How many days may be shown, where, and whether they are; none where there is no choice."""
    if len(days) <= DAYS_SHOWN:
        return []
    return [
        (many, address(own, {**along, "days": word}), many == len(seen))
        for many, word in ((DAYS_SHOWN, None), (len(days), "all"))
    ]


def _trials(told: Forecast) -> list[tuple[str, dict[str, Any], str]]:
    return [
        (method_words(one["method"]), one, scored.bias_words(one["bias"])) for one in told.trials
    ]


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
            "low95": day.low95[place],
            "high95": day.high95[place],
            "naive": day.naive[place],
            "aht": day.aht_seconds[place],
        }
        for place, there in enumerate(day.open)
        if there
    ]


def _csv(
    queue: Queue, told: Forecast | None, days: list[ForecastDay], planned: Mapping[date, Array]
) -> StreamingHttpResponse:
    """Every open interval; headings alone where nothing is told yet, or its days were dropped."""
    header = [
        _("day"), _("from"), _("calls"), _("planned by"), _("80 % low"), _("80 % high"),
        _("95 % low"), _("95 % high"), _("as a week before"), _("handle time, s"),
    ]  # fmt: skip
    begins = queue.site.day_begins
    rows = (
        [
            day.day, drawn.clock(told, place, begins), day.calls[place],
            None if day.day not in planned else kept.number(planned[day.day][place]),
            day.low80[place], day.high80[place], day.low95[place], day.high95[place],
            day.naive[place], day.aht_seconds[place],
        ]
        for day in days
        if told is not None
        for place, there in enumerate(day.open)
        if there
    )  # fmt: skip
    name = f"forecast-{queue.pk}-{days[0].day}" if days else f"forecast-{queue.pk}"
    return exports.download(f"{name}.csv", header, rows)


def _scores_csv(queue: Queue, told: scored.Ledger, asked: Forecast | None) -> StreamingHttpResponse:
    """How published forecasts did, all of them and each alone, or the one that is asked for: by
    weeks ahead and all together. Shares are of 1."""
    header = [
        _("version"), _("weeks ahead"), _("days"), _("last day"), _("off by"), _("naive off by"),
        _("too many or too few"), _("in 80 %"), _("in 95 %"), _("days planners said otherwise"),
        _("planners off by"), _("forecast off by on these"), _("handle time off by"),
        _("naive handle time off by"),
    ]  # fmt: skip
    every = [(_("all"), told), *told.versions.items()]
    one = None if asked is None else asked.version
    rows = (
        [
            version, week or _("all"), score.days, score.last, score.wape, score.naive_wape,
            score.bias, score.within80, score.within95, score.overridden_days,
            score.overridden_wape, score.model_wape, score.aht_wape, score.naive_aht_wape,
        ]
        for version, scores in every
        if one in (None, version)
        for week, score in scores.lines
    )  # fmt: skip
    name = f"scores-{queue.pk}" if one is None else f"scores-{queue.pk}-version-{one}"
    return exports.download(f"{name}.csv", header, rows)
