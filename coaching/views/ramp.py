"""The ramp curve of a site."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ccm import exported, exports, filters
from ccm.filters import about, address
from ccm.models import Agent, Site
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.ramp import drawn, listed, reads

LONGEST_DAYS = 1100


@login_required
@require_safe
def ramp(request: HttpRequest) -> HttpResponse:
    """How those hired lately come to work as the tenured do, against those hired before."""
    sites, site = _site(request)
    context: dict[str, Any] = {"sites": sites, "site": site}
    if site is None:
        return render(request, "coaching/ramp.html", context)
    first, last, wrong = _span(request, site)
    shown = reads.shown(signed_in(request), site, first, last, timezone.now())
    said = {"site": site.slug, "from": first.isoformat(), "to": last.isoformat()}
    context |= {
        "shown": shown, "first": first, "last": last, "wrong": wrong,
        "tells_people": reads.tells_people(signed_in(request), site),
        "is_hidden": any(one.is_hidden for one in (*shown.new.points, *shown.earlier.points)),
        "weeks": list(listed.weeks(shown)), "chart": drawn.chart(shown),
        "csv_url": address(reverse("ramp_csv"), said),
    }  # fmt: skip
    return render(request, "coaching/ramp.html", context)


@login_required
@require_safe
def ramp_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The curve by week, without names."""
    user, now = signed_in(request), timezone.now()
    _sites, site = _site(request)
    if site is None:
        raise Http404
    first, last, _wrong = _span(request, site)
    shown = reads.shown(user, site, first, last, now)
    if request.method == "GET":
        exported.listed(user, Agent, site, True, now)
    return exports.download("ramp.csv", listed.HEADER, listed.lines(shown))


def _site(request: HttpRequest) -> tuple[list[Site], Site | None]:
    if not may_open("ramp", request.user):
        raise Http404
    sites = list(reads.sites(request.user))
    site = filters.of_sites(request, sites)
    if site is not None:
        about(request, site)
    return sites, site


def _span(request: HttpRequest, site: Site) -> tuple[date, date, bool]:
    """The days of hire that the address asks for, and whether they make no sense."""
    usual = reads.span(site, timezone.now())
    if not reads.tells_people(signed_in(request), site):
        return *usual, False
    asked = [request.GET.get(name, "") for name in ("from", "to")]
    if not any(asked):
        return *usual, False
    try:
        first, last = (date.fromisoformat(one) for one in asked)
    except ValueError:
        return *usual, True
    is_long = not 0 <= (last - first).days <= LONGEST_DAYS or first.year < 1990 or last.year > 2100
    return (*usual, True) if is_long else (first, last, False)


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/ramp/", ramp, name="ramp"),
        path(f"{under}/ramp/export.csv", ramp_csv, name="ramp_csv"),
    ]
