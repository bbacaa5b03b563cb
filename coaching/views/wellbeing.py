"""The watch for what wears people out: teams, oneself, and a site's limits."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ccm import viewed
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import about, address, of_sites
from ccm.models import Agent, Site, Viewing
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.wellbeing import reads, services, words
from coaching.wellbeing.forms import LimitsForm
from coaching.wellbeing.signs import Sign, Watched


@login_required
@require_safe
def wellbeing_page(request: HttpRequest) -> HttpResponse:
    """The teams of a site in a week: which signs are more than usual, and their causes."""
    user, now = signed_in(request), timezone.now()
    if not may_open("wellbeing", user):
        raise Http404
    sites = list(reads.sites(user))
    site = of_sites(request, sites)
    context: dict[str, Any] = {"sites": sites, "site": site}
    if site is not None:
        weeks = reads.weeks(site, now)
        week = _week(request, weeks)
        teams, known = reads.of_teams(user, site, week)
        scope = scope_of(user)
        context |= {
            "weeks": weeks,
            "week": week,
            "fewest": reads.FEWEST,
            "teams": [
                {
                    "one": one,
                    "signs": _signs(one.signs, one.more, known, is_team=True),
                    "members": [_member(*each, known, week) for each in one.members],
                }
                for one in teams
            ],
            "limits": [words.limit(sign, known.limits) for sign in Sign if _looks(sign, known)],
            "limits_url": address(reverse("wellbeing_limits"), {"site": site.slug})
            if scope.everything or site.pk in scope.managed_sites
            else "",
        }
    return render(request, "coaching/wellbeing.html", context)


@login_required
@require_safe
def wellbeing_person(request: HttpRequest, pk: int) -> HttpResponse:
    """The same of somebody whom the reader leads, against their own weeks."""
    user, now = signed_in(request), timezone.now()
    if not may_open("wellbeing", user) or pk > MOST_ID:
        raise Http404
    agent = get_object_or_404(reads.led(user, now), pk=pk)
    return _person(request, agent, is_own=False)


@login_required
@require_safe
def my_wellbeing(request: HttpRequest) -> HttpResponse:
    """The same of oneself."""
    if not may_open("my_wellbeing", request.user):
        raise Http404
    agent = get_object_or_404(Agent.objects.select_related("site"), pk=scope_of(request.user).agent)
    return _person(request, agent, is_own=True)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def wellbeing_limits(request: HttpRequest) -> HttpResponse:
    """From where on a day is a sign at a site."""
    user, now = signed_in(request), timezone.now()
    if not may_open("wellbeing", user):
        raise Http404
    sites = list(Site.objects.managed_by(user).order_by("name"))
    site = of_sites(request, sites)
    if site is None:
        raise Http404
    row = reads.limits_of(site)
    form = LimitsForm(row, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.keep_limits(site, form.said(), form.seen, user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(request, _("The limits are kept."))
            return redirect(address(reverse("wellbeing"), {"site": site.slug}))
    context = {
        "form": form,
        "site": site,
        "sites": sites,
        "action": address(request.path, {"site": site.slug}),
    }
    return render(request, "coaching/wellbeing_limits.html", context)


def _person(request: HttpRequest, agent: Agent, *, is_own: bool) -> HttpResponse:
    now = timezone.now()
    about(request, agent.site)
    viewed.note(signed_in(request), [agent.pk], Viewing.What.FIGURES, now)
    weeks = reads.weeks(agent.site, now)
    week = _week(request, weeks)
    signs, known = reads.of_person(agent, week)
    days = known.days.get(agent.pk, {})
    shown = [
        (on, said)
        for on in sorted(days, reverse=True)
        if (said := [*words.of_day(days[on], known.limits)])
    ]
    more = {sign for sign, one in signs.items() if one.verdict.unusual and one.is_more}
    context = {
        "agent": agent,
        "is_own": is_own,
        "weeks": weeks,
        "week": week,
        "signs": _signs(signs, more, known, is_team=False),
        "days": shown,
    }
    return render(request, "coaching/wellbeing_person.html", context)


def _signs(
    signs: Mapping[Sign, Watched], more: Iterable[Sign], known: reads.Known, *, is_team: bool
) -> list[dict[str, Any]]:
    """Signs as they are drawn: what is more than usual first."""
    above = {*more}
    rows = []
    for sign, one in signs.items():
        level, word = words.state(one, sign in above)
        rows.append(
            {
                "name": words.NAMES[sign],
                "words": words.cause(one, known.limits) if one.now.of else "",
                "unknown": words.unknown(sign, has_pauses=known.has_pauses, is_team=is_team),
                "share": one.now.share,
                "usual": words.usual(one),
                "level": level,
                "word": word,
                "is_more": sign in above,
            }
        )
    return sorted(rows, key=lambda row: not row["is_more"])


def _member(
    agent: Agent, signs: Mapping[Sign, Watched], known: reads.Known, week: date
) -> dict[str, Any]:
    shown = [
        _("%(what)s %(days)d of %(of)d")
        % {"what": words.NAMES[sign], "days": one.now.days, "of": one.now.of}
        for sign, one in signs.items()
        if one.now.days
    ]
    url = address(reverse("wellbeing_person", args=[agent.pk]), {"week": week.isoformat()})
    return {"agent": agent, "words": ", ".join(shown), "url": url}


def _looks(sign: Sign, known: reads.Known) -> bool:
    return known.limits.looks_for(sign)


def _week(request: HttpRequest, weeks: list[date]) -> date:
    """The week that the address asks for, else the last one. Raises Http404 for any other."""
    word = request.GET.get("week", "")
    if not word:
        return weeks[0]
    found = next((one for one in weeks if one.isoformat() == word), None)
    if found is None:
        raise Http404
    return found


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/wellbeing/", wellbeing_page, name="wellbeing"),
        path(f"{under}/wellbeing/mine/", my_wellbeing, name="my_wellbeing"),
        path(f"{under}/wellbeing/limits/", wellbeing_limits, name="wellbeing_limits"),
        path(f"{under}/wellbeing/people/<int:pk>/", wellbeing_person, name="wellbeing_person"),
    ]
