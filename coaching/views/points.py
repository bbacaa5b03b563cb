"""Points: one's own, what colleagues want told of theirs, and what a team makes them of."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm.access import scope_of
from ccm.filters import address
from ccm.intervals import day_of
from ccm.views.lists import signed_in
from coaching.leaderboards import reads as leaderboards
from coaching.models import PointsRule
from coaching.points import reads, services
from coaching.points.forms import PointsForm
from coaching.views.leaderboards import team_asked


@login_required
@require_safe
def points_page(request: HttpRequest) -> HttpResponse:
    """One's own points and what they are for, and the team's as far as it is told."""
    user, now = signed_in(request), timezone.now()
    teams, team = team_asked(request)
    context: dict[str, Any] = {"teams": teams, "team": team}
    if team is not None:
        rule = reads.rule(team)
        made = None if rule is None else reads.of(rule, team, scope_of(user).agent, now)
        context |= {
            "rule": rule,
            "points": made,
            "kinds": _kinds(rule, made),
            "may_change": leaderboards.may_change(user, team),
            "change_url": address(reverse("points_change"), {"team": team.pk}),
            "board_url": address(reverse("leaderboard"), {"team": team.pk}),
        }
    return render(request, "coaching/points.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def points_change(request: HttpRequest) -> HttpResponse:
    """What things are worth in a team, and since when."""
    user, now = signed_in(request), timezone.now()
    teams, team = team_asked(request, changes=True)
    if team is None:
        raise Http404
    there = reads.rule(team)
    today = day_of(now, team.site.calendar)
    row = there or PointsRule(team=team, starts_on=today)
    form = PointsForm(row, today, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.keep(team, form.said(), form.seen, user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect(address(reverse("points"), {"team": team.pk}))
    context = {
        "form": form,
        "team": team,
        "teams": teams,
        "is_there": there is not None,
        "action": address(request.path, {"team": team.pk}),
        "remove_url": address(reverse("points_remove"), {"team": team.pk}),
        "back_url": address(reverse("points"), {"team": team.pk}),
    }
    return render(request, "coaching/points_change.html", context)


@login_required
@require_POST
def points_remove(request: HttpRequest) -> HttpResponse:
    """Have a team have none."""
    _teams, team = team_asked(request, changes=True)
    if team is None:
        raise Http404
    services.remove(team, signed_in(request), timezone.now())
    messages.info(request, _("The team has no points any more."))
    return redirect(address(reverse("points"), {"team": team.pk}))


def _kinds(rule: PointsRule | None, made: reads.Points | None) -> list[tuple[str, int, int]]:
    """What gives points here: in words, what it is worth, how many the reader has had."""
    if rule is None or made is None:
        return []
    words = {one.name: str(one.verbose_name) for one in PointsRule._meta.fields}
    names = ("thanks", "badge", "challenge", "course")
    return [
        (
            words[name],
            getattr(made.worth, name),
            0 if made.own is None else getattr(made.own.had, name),
        )
        for name in names
        if getattr(made.worth, name)
    ]


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/points/", points_page, name="points"),
        path(f"{under}/points/change/", points_change, name="points_change"),
        path(f"{under}/points/remove/", points_remove, name="points_remove"),
    ]
