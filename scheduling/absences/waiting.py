"""How many requests for time off wait for a reader's word, found with the reader."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils import timezone

from ccm.access import scope_of
from ccm.intervals import day_of
from ccm.models import TeamMembership, User
from scheduling.models import LeaveRequest

_ASKED = LeaveRequest.State.ASKED


def facts() -> dict[str, Any]:
    """Of each request that somebody has to decide the site, and of those of people whom a reader
    leads their stay in the team; of no reader's own."""
    own = Q(agent__user=OuterRef("pk"))
    asked = LeaveRequest.objects.filter(state=_ASKED).exclude(own).order_by("pk")
    led = TeamMembership.objects.filter(
        team__leads__supervisor=OuterRef("pk"), agent__leave_requests__state=_ASKED
    )
    stay = JSONObject(
        request="agent__leave_requests__pk", site="agent__site", team="team",
        since="starts_on", until=F("ends_on"),
    )  # fmt: skip
    return {
        "leave_asked_at": ArraySubquery(asked.values("agent__site")),
        "leave_asked_of": ArraySubquery(led.exclude(own).order_by("pk").values(told=stay)),
    }


def count(user: User) -> int:
    """How many the reader has to decide; no query where `facts` came with them."""
    sites: list[int] | None = getattr(user, "leave_asked_at", None)
    if sites is None:
        return LeaveRequest.objects.decided_by(user).filter(state=_ASKED).count()
    scope = scope_of(user)
    if scope.everything:
        return len(sites)
    now = timezone.now()
    days = {team: day_of(now, calendar).isoformat() for team, calendar in scope.team_calendars}
    of_led = {
        one["request"]
        for one in getattr(user, "leave_asked_of", ())
        if one["team"] in days
        and one["site"] not in scope.planned_sites
        and one["since"] <= days[one["team"]]
        and (one["until"] is None or days[one["team"]] < one["until"])
    }
    return len(of_led) + sum(site in scope.planned_sites for site in sites)
