"""A site's calendar: its country's holidays and its own days."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ccm import exports
from ccm.filters import address, of_sites
from ccm.intervals import day_of
from ccm.models import Site
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from scheduling.planned import own_calendar
from scheduling.planned.forms import SpecialDayForm
from scheduling.planned.own_calendar import Coming

# As far as a forecast goes, and a year, so that each holiday is seen once.
_AHEAD = timedelta(days=396)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def special_days_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The special days of a site, where whoever plans it says of its own."""
    if not may_open("special_days", request.user):
        raise Http404
    who, now = signed_in(request), timezone.now()
    sites = list(Site.objects.with_figures_for(who).order_by("name"))
    site = of_sites(request, sites)
    is_planned = site is not None and Site.objects.planned_by(who).filter(pk=site.pk).exists()
    sent = request.POST if request.method == "POST" else None
    if sent is not None and not is_planned:
        raise Http404
    form = SpecialDayForm(sent) if is_planned else None
    if site is not None and form is not None and form.is_bound and form.is_valid():
        try:
            own_calendar.say(site, form.said, who, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(request, _("Said. Forecasts are made anew soon, and go by it."))
            return redirect(_own(site))
    context: dict[str, Any] = {"sites": sites, "site": site, "form": form}
    if site is not None:
        today = day_of(now, site.calendar)
        coming = own_calendar.coming(site, today, today + _AHEAD)
        if sent is None and request.GET.get("export") == "csv":
            return _csv(site, coming)
        context |= {
            "coming": coming,
            "own": own_calendar.said(site),
            "own_url": _own(site),
            "csv_url": address(reverse("special_days"), {"site": site.slug, "export": "csv"}),
        }
    return render(request, "scheduling/special_days.html", context)


@login_required
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Take back what the site says of a day."""
    who = signed_in(request)
    planned = Site.objects.planned_by(who)
    site = next((one for one in planned if one.slug == request.POST.get("site")), None)
    if site is None:
        raise Http404
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError as fault:
        raise Http404 from fault
    if own_calendar.forget(site, day, who, timezone.now()):
        messages.info(request, _("Removed. Forecasts are made anew soon, and go by it."))
    return redirect(_own(site))


def _own(site: Site) -> str:
    return address(reverse("special_days"), {"site": site.slug})


def _csv(site: Site, coming: Iterable[Coming]) -> StreamingHttpResponse:
    header = [_("day"), _("name"), _("by the country's calendar"), _("the site says"), _("yearly")]
    rows = (
        [
            one.day, one.name, one.national if one.own else one.name,
            one.own.kind if one.own else None, one.own.yearly if one.own else None,
        ]
        for one in coming
    )  # fmt: skip
    return exports.download(f"special-days-{site.slug}.csv", header, rows)
