"""The steps of all whom the reader coaches: what is overdue, open, and how it ended."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import viewed
from ccm.database import id_of
from ccm.filters import about
from ccm.models import Agent, Team, Viewing
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.access import agents_coached, sites_coached
from coaching.following import reads
from coaching.rhythm.reads import teams as teams_of

MOST_LISTED = 200


@login_required
@require_safe
def steps_page(request: HttpRequest) -> HttpResponse:
    """Overdue and open ones unless another `state` is asked for; of a `team`, of an `agent`."""
    if not may_open("sessions", request.user):
        raise Http404
    user, now = signed_in(request), timezone.now()
    words = {
        "overdue": (_("Overdue"), _("No step is overdue")),
        "open": (_("Open"), _("No step is open whose day is still to come")),
        "done": (_("Done"), _("No step is done")),
        "dropped": (_("Dropped"), _("No step was dropped")),
    }
    state = request.GET.get("state", "")
    if state and state not in words:
        raise Http404
    teams = list(teams_of(user))
    team = team_asked(request, teams)
    agent = agent_asked(request)
    if agent is not None:
        viewed.note(user, [agent.pk], Viewing.What.COACHING, now)
    rows = reads.of_coached(user, team=team, agent=agent.pk if agent else None, now=now)
    sites = list(sites_coached(user))
    parts = [
        (*words[one], list(reads.in_state(rows, one, sites, now)[: MOST_LISTED + 1]))
        for one in ([state] if state else ["overdue", "open"])
    ]
    people = list(reads.people(user, None if team is None else team.site))
    if agent is not None and agent not in people:
        people.append(agent)
    context = {
        "state": state,
        "states": [(one, words[one][0]) for one in reads.STATES],
        "teams": teams,
        "team": team,
        "agent": agent,
        "people": people,
        "parts": [
            (heading, none, [(one, reads.days_late(one, now)) for one in some[:MOST_LISTED]],
             len(some) > MOST_LISTED)
            for heading, none, some in parts
        ],
        "most": MOST_LISTED,
    }  # fmt: skip
    return render(request, "coaching/steps.html", context)


def team_asked(request: HttpRequest, teams: list[Team]) -> Team | None:
    """Which of some teams the address asks for; None: none of them. Else 404."""
    word = request.GET.get("team", "")
    if not word:
        return None
    found = next((one for one in teams if str(one.pk) == word), None)
    if found is None:
        raise Http404
    about(request, found.site)
    return found


def agent_asked(request: HttpRequest) -> Agent | None:
    """Whom the address asks for, of those whom the reader coaches; None: nobody. Else 404."""
    word = request.GET.get("agent", "")
    if not word:
        return None
    if id_of(word) is None:
        raise Http404
    rows = agents_coached(signed_in(request)).select_related("site")
    found: Agent | None = rows.filter(pk=int(word)).first()
    if found is None:
        raise Http404
    about(request, found.site)
    return found


def urls(under: str) -> list[URLPattern]:
    return [path(f"{under}/steps/", steps_page, name="steps")]
