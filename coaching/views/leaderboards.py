"""Leaderboards: a team's, what its lead makes of it, and what somebody wants of them all."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm.access import scope_of
from ccm.filters import about, address
from ccm.models import Agent, Team
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.leaderboards import reads, services
from coaching.leaderboards.forms import LeaderboardForm
from coaching.models import Leaderboard
from kpis.definitions import KPIS


@login_required
@require_safe
def leaderboard_page(request: HttpRequest) -> HttpResponse:
    """Who stands where in a team, oneself first; none for who wants none."""
    user, now = signed_in(request), timezone.now()
    teams, team = team_asked(request)
    me = scope_of(user).agent
    wish = None if me is None else reads.choice(me)
    context: dict[str, Any] = {"teams": teams, "team": team, "wish": wish}
    if team is not None:
        may_change = reads.may_change(user, team)
        board = None if wish is not None and wish.is_off else reads.board(team)
        context |= {
            "board": board,
            "may_change": may_change,
            "change_url": address(reverse("leaderboard_change"), {"team": team.pk}),
            "points_url": address(reverse("points"), {"team": team.pk}),
        }
        if board is not None:
            board.team = team
            context |= {
                "kpi": KPIS[board.kpi].name,
                "standing": reads.standing(board, me, now),
            }
    return render(request, "coaching/leaderboard.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leaderboard_change(request: HttpRequest) -> HttpResponse:
    """By what a team is ranked."""
    user, now = signed_in(request), timezone.now()
    teams, team = team_asked(request, changes=True)
    if team is None:
        raise Http404
    there = reads.board(team)
    form = LeaderboardForm(
        there or Leaderboard(team=team), request.POST if request.method == "POST" else None
    )
    if form.is_bound and form.is_valid():
        try:
            services.keep(team, form.said(), form.seen, user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect(address(reverse("leaderboard"), {"team": team.pk}))
    context = {
        "form": form,
        "team": team,
        "teams": teams,
        "is_there": there is not None,
        "action": address(request.path, {"team": team.pk}),
        "remove_url": address(reverse("leaderboard_remove"), {"team": team.pk}),
        "back_url": address(reverse("leaderboard"), {"team": team.pk}),
    }
    return render(request, "coaching/leaderboard_change.html", context)


@login_required
@require_POST
def leaderboard_remove(request: HttpRequest) -> HttpResponse:
    """Have a team have none."""
    _teams, team = team_asked(request, changes=True)
    if team is None:
        raise Http404
    services.remove(team, signed_in(request), timezone.now())
    messages.info(request, _("The team has no leaderboard any more."))
    return redirect(address(reverse("leaderboard"), {"team": team.pk}))


@login_required
@require_POST
def leaderboard_choose(request: HttpRequest) -> HttpResponse:
    """What the reader wants: to be in none, or to stand there by name."""
    me = scope_of(request.user).agent
    if me is None:
        raise Http404
    agent = get_object_or_404(Agent, pk=me)
    is_off = request.POST.get("wish") == "off"
    services.choose(agent, is_off=is_off, shows_name=request.POST.get("wish") == "name")
    said = _("Your choice is kept: you stand in no leaderboard and in no challenge.")
    messages.info(request, said if is_off else _("Your choice is kept."))
    return redirect("leaderboard")


def team_asked(request: HttpRequest, *, changes: bool = False) -> tuple[list[Team], Team | None]:
    """The teams that the reader may choose from, and the one that the address names, else the
    first."""
    user = signed_in(request)
    if not may_open("leaderboard", user):
        raise Http404
    teams = reads.teams(user, timezone.now())
    if changes:
        teams = [one for one in teams if reads.may_change(user, one)]
    word = request.GET.get("team", "")
    found = next((one for one in teams if not word or str(one.pk) == word), None)
    if word and found is None:
        raise Http404
    if found is not None:
        about(request, found.site)
    return teams, found


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/leaderboard/", leaderboard_page, name="leaderboard"),
        path(f"{under}/leaderboard/change/", leaderboard_change, name="leaderboard_change"),
        path(f"{under}/leaderboard/remove/", leaderboard_remove, name="leaderboard_remove"),
        path(f"{under}/leaderboard/choose/", leaderboard_choose, name="leaderboard_choose"),
    ]
