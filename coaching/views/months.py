"""A team's month, for who manages it: what to decide, and all that is known of it."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import days_asked, viewed
from ccm.days_asked import Misdated
from ccm.filters import about
from ccm.intervals import DAY, FIRST_YEAR, day_of
from ccm.models import Team, Viewing
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.months import deciding, reads, sections
from coaching.voice import words
from kpis import evaluation
from kpis.evaluation import Month
from kpis.reads import anew

OFFERED = 18


@login_required
@require_safe
def team_month(request: HttpRequest) -> HttpResponse:
    """A month of a team that the reader leads or manages: by default the last that is over, or the
    one under way where nothing is known of that."""
    user, now = signed_in(request), timezone.now()
    if not may_open("evaluation", user):
        raise Http404
    found = Team.objects.evaluated_by(user).select_related("site")
    found = found.annotate(**anew.record("site"), **anew.told("site"))
    teams = list(found.order_by("site__name", "name"))
    word = request.GET.get("team", "")
    team = next((one for one in teams if not word or str(one.pk) == word), None)
    if word and team is None:
        raise Http404
    if team is None:
        return render(request, "coaching/team_month.html", {"team": None})
    about(request, team.site)
    today = day_of(now, team.site.calendar)
    record = anew.record_of(team)
    offered = _offered(today, None if record is None else record.first)
    month, problem = _asked(request.GET.get("month", ""), today)
    first, last = month or _default(offered)
    people, made = reads.of(user, team, first, min(last, today - DAY), today, record)
    viewed.note(user, [one.pk for one in people], Viewing.What.EVALUATION, now)
    stood_out = sections.stood_out(made)
    context = {
        "teams": teams,
        "team": team,
        "months": sorted({first, *offered}, reverse=True),
        "problem": problem,
        "month": made,
        "people": people,
        "matters": deciding.chosen(sections.matters(made, recruits=may_open("recruiting", user))),
        "changes": stood_out[: sections.SHOWN],
        "more_changes": max(0, len(stood_out) - sections.SHOWN),
        # Nobody is ranked here: that is of single people.
        "left_out": [words for name, words in made.made.blank.items() if name != "rank"],
        "parts": sections.parts(made),
        "said": [(one, words.score(one)) for one in made.said],
        "evaluation_url": sections.evaluation_url(made),
        "zone": team.site.zone,
        "as_of": record and min(record.newest_at, now),
        "now": now,
        "anew": anew.notice(team, team.site),
    }
    return render(request, "coaching/team_month.html", context)


def _offered(today: date, since: date | None) -> Sequence[date]:
    """The first days of the months that can be chosen, the newest first: of each a day is over."""
    begun = evaluation.month_of(today - DAY)
    months = [begun, *evaluation.months_before(begun[0], OFFERED)]
    return [first for first, last in months if since is None or last >= since] or [begun[0]]


def _default(offered: Sequence[date]) -> Month:
    """The last whole month among them."""
    newest = evaluation.month_of(offered[0])
    return newest if len(offered) == 1 else evaluation.month_of(offered[1])


def _asked(word: str, today: date) -> tuple[Month | None, str]:
    """The month that is asked for, and what is wrong with it."""
    if not word:
        return None, ""
    try:
        first = days_asked.month(word)
        if first.year < FIRST_YEAR or first >= today:
            raise Misdated(days_asked.of_month(_("Choose a month of which a day is over."), word))
    except Misdated as why:
        return None, str(why)
    return evaluation.month_of(first), ""


def urls(under: str) -> list[URLPattern]:
    return [path(f"{under}/team-month/", team_month, name="team_month")]
