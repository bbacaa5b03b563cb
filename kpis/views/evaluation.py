"""The monthly evaluation of a team, as a page to print."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ccm import days_asked, viewed
from ccm.days_asked import Misdated
from ccm.intervals import DAY, FIRST_YEAR, day_of
from ccm.models import Team, Viewing
from ccm.navigation import may_open
from kpis import above, dimensions, evaluation
from kpis.definitions import passport
from kpis.reads import anew

OFFERED = 18
"""So many months back those that are over can be chosen."""


@login_required
@require_GET
def evaluation_page(request: HttpRequest) -> HttpResponse:
    """A month of a team that the reader leads or manages: by default the last that is over."""
    if not may_open("evaluation", request.user):
        raise Http404
    now = timezone.now()
    found = Team.objects.evaluated_by(request.user).select_related("site")
    found = found.annotate(**anew.record("site"), **anew.told("site"))
    teams = list(found.order_by("site__name", "name"))
    team = _chosen(teams, request.GET.get("team", ""))
    if team is None:
        return render(request, "kpis/evaluation.html", {"teams": teams, "team": None})
    today = day_of(now, team.site.calendar)
    begun = dimensions.first_day("month", today)
    months = evaluation.months_told(team, begun, OFFERED)
    months = months or evaluation.months_before(begun, 1)
    month, problem = _month(request.GET.get("month", ""), today)
    first, last = month or months[0]
    facts = above.team_facts(request.user, team, first, last)
    people = list(evaluation.members(team, first, last).annotate(**facts))
    viewed.note(request.user, [one.pk for one in people], Viewing.What.EVALUATION, now)
    made = evaluation.of(team, people, first, last, anew.record_of(team))
    beyond = above.of_team(request.user, team, people)
    as_of = team.newest_at  # type: ignore[attr-defined]
    return render(
        request,
        "kpis/evaluation.html",
        {
            "teams": teams,
            "team": team,
            "months": sorted({first, *(start for start, _end in months)}, reverse=True),
            "first": first,
            "last": last,
            "before": first - DAY,
            "problem": problem,
            "made": made,
            "above": beyond,
            "pages": above.pages(request.user, team, first),
            "rows": [
                (part, [(one.name, one.cells.get(part.agent)) for one in beyond])
                for part in made.parts
            ],
            "definitions": [
                (
                    line.figure,
                    passport(line.figure.kpi, line.figure.variant, line.figure.parameters),
                )
                for line in made.team.lines
            ],
            "zone": team.site.zone,
            "as_of": as_of and min(as_of, now),
            "now": now,
            "anew": anew.notice(team, team.site),
        },
    )


def _chosen(teams: Sequence[Team], word: str) -> Team | None:
    """The team that is asked for, else the first; None where there is none at all."""
    if not word:
        return teams[0] if teams else None
    for team in teams:
        if str(team.pk) == word:
            return team
    raise Http404


def _month(word: str, today: date) -> tuple[evaluation.Month | None, str]:
    """The month that is asked for, and what is wrong with it."""
    if not word:
        return None, ""
    try:
        first = days_asked.month(word)
        if first.year < FIRST_YEAR or first >= dimensions.first_day("month", today):
            raise Misdated(days_asked.of_month(_("Choose a month that is over."), word))
    except Misdated as why:
        return None, str(why)
    return evaluation.month_of(first), ""
