"""Challenges: the list, a new one, and one with its standing and what came of it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import about, address
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.challenges import reads, services
from coaching.challenges.forms import ChallengeForm
from coaching.leaderboards.reads import choice
from coaching.models import Challenge
from kpis.definitions import KPIS

ROWS = 20


@login_required
@require_safe
def challenges_page(request: HttpRequest) -> HttpResponse:
    """Those of own teams, the latest first."""
    user, now = signed_in(request), timezone.now()
    if not may_open("challenges", user):
        raise Http404
    me = scope_of(user).agent
    page = Paginator(reads.seen(user, now), ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(one, now) for one in page],
        "may_register": reads.teams(user).exists(),
        "has_left": not page.object_list and me is not None and choice(me).is_off,
        "earlier": address(request.path, {"page": page.previous_page_number()})
        if page.has_previous()
        else "",
        "more": address(request.path, {"page": page.next_page_number()}) if page.has_next() else "",
    }
    return render(request, "coaching/challenges.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def challenge_new(request: HttpRequest) -> HttpResponse:
    """Say a rule, before it begins."""
    user, now = signed_in(request), timezone.now()
    if not may_open("challenges", user) or not reads.teams(user).exists():
        raise Http404
    form = ChallengeForm(user, now, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = services.register(form.rule(), user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("challenge", pk=made.pk)
    return render(request, "coaching/challenge_new.html", {"form": form})


@login_required
@require_safe
def challenge_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The rule, who stands where, and what came of it."""
    user, now = signed_in(request), timezone.now()
    one = _challenge(request, pk)
    me = scope_of(user).agent
    changes = Challenge.objects.changed_by(user).filter(pk=pk).exists()
    context = _row(one, now) | {
        # What was too close to call tells the figures on which that is said; other outcomes all.
        "standing": reads.standing(one, me, now)
        if one.outcome in ("", Challenge.Outcome.CLOSE)
        else None,
        "winner": _winner(one, me, changes=changes),
        "may_call_off": changes and not reads.has_begun(one, now),
        "may_give": changes and one.outcome == Challenge.Outcome.WON and one.given_at is None,
        "settles": reads.SETTLES.days,
    }
    return render(request, "coaching/challenge.html", context)


@login_required
@require_POST
def challenge_call_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Call one off that has not begun."""
    one = _challenge(request, pk, changes=True)
    try:
        services.call_off(one.pk, signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
        return redirect("challenge", pk=pk)
    messages.info(request, _("It is called off."))
    return redirect("challenges")


@login_required
@require_POST
def challenge_give(request: HttpRequest, pk: int) -> HttpResponse:
    """The reward was given."""
    one = _challenge(request, pk, changes=True)
    try:
        services.give(one.pk, signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect("challenge", pk=pk)


def _winner(one: Challenge, me: int | None, *, changes: bool) -> str:
    """Who has won: by name to themselves, to who gives the reward, and to all where they want their
    name to stand there."""
    if one.winner is None:
        return ""
    if one.winner_id == me:
        return _("you")
    if changes or choice(one.winner.pk).shows_name:
        return str(one.winner.name)
    return _("a colleague")


def _row(one: Challenge, now: datetime) -> dict[str, Any]:
    if one.outcome:
        won = one.outcome == Challenge.Outcome.WON
        level, word = "ok" if won else "none", str(one.get_outcome_display())
    elif not reads.has_begun(one, now):
        level, word = "none", _("to come")
    elif one.last_on < reads.today(one, now):
        level, word = "none", _("over, not decided yet")
    else:
        level, word = "ok", _("runs")
    return {"one": one, "kpi": KPIS[one.kpi].name, "level": level, "word": word}


def _challenge(request: HttpRequest, pk: int, *, changes: bool = False) -> Challenge:
    user = signed_in(request)
    if not may_open("challenges", user) or pk > MOST_ID:
        raise Http404
    rows = reads.seen(user, timezone.now())
    if changes:
        rows = rows.filter(pk__in=Challenge.objects.changed_by(user).values("pk"))
    one: Challenge = get_object_or_404(rows, pk=pk)
    about(request, one.team.site)
    return one


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/challenges/<int:pk>"
    return [
        path(f"{under}/challenges/", challenges_page, name="challenges"),
        path(f"{under}/challenges/new/", challenge_new, name="challenge_new"),
        path(f"{one}/", challenge_page, name="challenge"),
        path(f"{one}/call-off/", challenge_call_off, name="challenge_call_off"),
        path(f"{one}/given/", challenge_give, name="challenge_give"),
    ]
