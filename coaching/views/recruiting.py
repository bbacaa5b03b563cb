"""Recruiting: who is needed when, who leaves, how long people are new, how those began who did
well."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from ccm.filters import address, of_sites
from ccm.intervals import DAY, day_of
from ccm.models import Site
from ccm.navigation import may_open
from ccm.templatetags.figures import count, percent
from ccm.views.lists import signed_in
from coaching.ramp import words as ramp_words
from coaching.recruiting import reads
from coaching.recruiting.starters import FEWEST, Trait
from coaching.voice import words
from kpis.choices import Choices
from kpis.figures import Figure
from kpis.tables import figure_or_why
from kpis.tiles import passport_of
from scheduling.scenarios import shown

MONTHS = 6


@login_required
@require_safe
def recruiting(request: HttpRequest) -> HttpResponse:
    """One page for whoever recruits for a site."""
    user, now = signed_in(request), timezone.now()
    if not may_open("recruiting", user):
        raise Http404
    sites = list(Site.objects.planned_by(user).order_by("name"))
    site = of_sites(request, sites)
    if site is None:
        return render(request, "coaching/recruiting.html", {"site": None})
    today = day_of(now, site.calendar)
    need = reads.need(user, site, today)
    context = {
        "site": site,
        "sites": sites,
        "need": need.told,
        "steps": [] if need.told is None else need.told.steps[:MONTHS],
        "asked_for": [] if need.column is None else shown.asked_for([need.column]),
        "today": today,
        "hiring_url": address(reverse("hiring"), {"site": site.slug}),
    }
    return render(request, "coaching/recruiting.html", context)


@login_required
@require_safe
def recruiting_began(request: HttpRequest) -> HttpResponse:
    """Who leaves, how long people are new, and what those have in common who began well: a part of
    that page, which fetches it, and a page of its own."""
    user, now = signed_in(request), timezone.now()
    if not may_open("recruiting", user):
        raise Http404
    site = of_sites(request, list(Site.objects.planned_by(user).order_by("name")))
    if site is None:
        raise Http404
    today = day_of(now, site.calendar)
    choices = Choices(today)
    began = reads.began(site, today, choices)
    first, last = today - reads.YEAR, today - DAY
    figures = reads.figures(site, today, choices)
    # Several leave out the same.
    left_out = {str(note.words): note.n for one in figures for note in one.left_out}
    context = {
        "site": site,
        "figures": [
            (said, _value(one), passport_of(asked, site, first, last))
            for (asked, said), one in zip(reads.FIGURES.items(), figures, strict=True)
        ],
        "left_out": [f"{count(n)} {words}" for words, n in left_out.items()],
        "began": began,
        "traits": [_trait(one) for one in began.traits],
        "fewest": FEWEST,
        "fewest_answers": reads.FEWEST_ANSWERS,
    }
    part = "HX-Request" in request.headers
    name = "_recruiting_began" if part else "recruiting_began"
    return render(request, f"coaching/{name}.html", context)


def _value(one: Figure) -> SafeString | str:
    """As it is shown: how long people are new as the ramp curve tells it."""
    told = ramp_words.told(one.value, one.n) if one.kpi.id == "ramp_time" else ""
    return told or figure_or_why(one)


def _trait(one: Trait) -> dict[str, Any]:
    now, before = one.change.now, one.change.before
    return {
        "words": reads.TRAITS[one.name],
        "well": percent(now),
        "others": percent(before),
        "difference": words.difference(one.change),
        "is_told": one.is_told,
    }


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/recruiting/", recruiting, name="recruiting"),
        path(f"{under}/recruiting/began/", recruiting_began, name="recruiting_began"),
    ]
