"""When people were in a team: rows of theirs on the days of these stays, in the database."""

from datetime import date, timedelta
from typing import Any

from django.db.models import DateField, DateTimeField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from ccm.models import Team, TeamMembership


def in_team(rows: QuerySet[Any], team: Team, day: Any, agent: str = "agent") -> QuerySet[Any]:
    """Of some rows of agents those of days on which their agent was in a team; `day` tells that of
    a row outside: `OuterRef` of a field of days, or `day_at`."""
    stays = TeamMembership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=day),
        agent=OuterRef(agent), team=team, starts_on__lte=day,
    )  # fmt: skip
    return rows.filter(Exists(stays))


def in_team_at(rows: QuerySet[Any], team: Team, at: str, agent: str = "agent") -> QuerySet[Any]:
    """The same of rows with a moment, of the days of the team's site."""
    return in_team(rows, team, day_at(team, OuterRef(at)), agent)


def day_at(team: Team, moment: F | OuterRef) -> Cast:
    """The day of a moment at the site of a team, as `intervals.day_of` tells it."""
    calendar = team.site.calendar
    clock: Any = Func(
        Value(str(calendar.zone)), moment, function="timezone", output_field=DateTimeField()
    )
    if calendar.begins:
        clock = clock - Value(timedelta(hours=calendar.begins))
    return Cast(clock, DateField())


def days_of(stays: list[dict[str, Any]]) -> list[tuple[date, date | None]]:
    """Stays as a query told them in JSON, [since, until)."""
    return [
        (date.fromisoformat(said["since"]), said["until"] and date.fromisoformat(said["until"]))
        for said in stays
    ]
