"""Reads how teams keep to the rhythm of their coaching: who is due, who is late, and how it was."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Literal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from ccm.intervals import DAY, Calendar, day_of
from ccm.models import Agent, Leave, Team, TeamMembership
from ccm.querysets import Viewer
from coaching.access import agents_coached
from coaching.models import Cadence, Participant, Session
from coaching.rhythm.counting import Cover, Day, Life, Rule, Span, cover, due, moved, walk

COUNTED = (Session.Kind.ONE_TO_ONE, Session.Kind.SIDE_BY_SIDE, Session.Kind.PEER)
"""Kinds by which somebody was coached: each has the other's whole attention. A group, a quick note
and a word at the desk are beside."""
MONTHS = 6
SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Line:
    """How it stands with an agent today. `due`: the last day on which a session is in time; None:
    nobody can say; `moved` by so many days of absence. `last`: the day of the last session that
    counts, of the last year. `planned`: when the next one is to be, `is_in_time` whether that is by
    the day it is due, and `is_away_then` whether they are absent on that day. `unsaid`: the last
    one that was to be held by now, of which nobody says that it was."""

    agent: Agent
    team: Team
    day: Day
    due: date | None
    last: date | None
    planned: datetime | None
    is_in_time: bool
    may_plan: bool
    unsaid: "Unsaid | None" = None
    moved: int = 0
    is_away_then: bool = False

    @property
    def late_days(self) -> int:
        """For how many days somebody is late, by the calendar since the day it was due."""
        if self.day.state != "late":
            return 0
        return -self.day.left if self.due is None else (self.day.day - self.due).days

    @property
    def is_soon(self) -> bool:
        """Due within a week of the calendar, and neither late nor absent."""
        if self.day.state not in ("covered", "new") or self.due is None:
            return False
        return (self.due - self.day.day).days <= SOON_DAYS

    @property
    def waits(self) -> bool:
        """Whether somebody should plan a session now: late or nearly, and none is planned, nor one
        to be held by now."""
        is_near = self.day.state == "late" or self.is_soon
        comes = self.is_in_time and not self.is_away_then
        return is_near and not comes and self.unsaid is None


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A session whose time is over, and that was neither held nor called off."""

    pk: int
    at: datetime


Show = Literal["", "waits", "late", "soon"]
"""Of whom a page tells: all, for whom somebody should plan now, who is late, who is due soon."""


def shown(lines: Iterable[Line], show: Show) -> list[Line]:
    """Those of some lines that are asked for, in their order."""
    asked: Mapping[Show, Callable[[Line], bool]] = {
        "waits": lambda one: one.waits,
        "late": lambda one: one.day.state == "late",
        "soon": lambda one: one.is_soon,
    }
    return [one for one in lines if not show or asked[show](one)]


@dataclass(frozen=True, slots=True)
class OfTeam:
    """A team, its rhythm today (None: it has none), how it is today and was in each month, the
    running one to the end of yesterday, as the team's month tells it (`of_month`)."""

    team: Team
    days: int | None
    today: Cover
    months: Sequence[Cover]

    @property
    def place(self) -> tuple[Any, ...]:
        """Its place among others: who is in time the least first, who cannot be asked last."""
        share = self.today.share
        return (share is None, share or 0, -self.today.late, self.team.site.name, self.team.name)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`lines` are of people of teams that have a rhythm, who is late the longest first; `teams` are
    those first that keep to theirs the least; `months` are the first days of the months that teams
    are told of, the oldest first, the running one last."""

    lines: Sequence[Line]
    teams: Sequence[OfTeam]
    months: Sequence[date]

    @property
    def today(self) -> Cover:
        return sum((one.today for one in self.teams), Cover())

    @property
    def late(self) -> int:
        return sum(one.day.state == "late" for one in self.lines)

    @property
    def soon(self) -> int:
        return sum(one.is_soon for one in self.lines)


def teams(user: Viewer) -> QuerySet[Team]:
    """Teams whose coaching the user sees to."""
    rows: QuerySet[Team] = Team.objects.evaluated_by(user).select_related("site")
    return rows.order_by("site__name", "name")


def of(chosen: Sequence[Team], user: Viewer, now: datetime) -> Rhythm:
    """How it stands with some teams, which the user may see. Six queries."""
    first = _months(max((_today(one, now) for one in chosen), default=now.date()))
    rules = _rules(chosen)
    stays = _stays(chosen, first[0])
    agents = {one.agent_id: one.agent for rows in stays.values() for one in rows}
    away, held = _away(agents, first[0]), _held(agents, first[0])
    planned, unsaid = _planned(agents, now)
    mine = set(agents_coached(user).filter(pk__in=agents).values_list("pk", flat=True))
    lines: list[Line] = []
    told: list[OfTeam] = []
    for team in chosen:
        today = _today(team, now)
        its = rules.get(team.pk, [])
        sums = [Cover()] * len(first)
        right_now = Cover()
        for agent, life in _lives(stays.get(team.pk, ()), away, held).items():
            days = list(walk(life, its, first[0], today))
            over = (one for one in days if one.day < today)
            for month, some in groupby(over, lambda one: one.day.replace(day=1)):
                sums[first.index(month)] += cover([*some])
            if not days or days[-1].state == "none":
                continue
            right_now += cover(days[-1:])
            line = _line(agents[agent], team, life, days[-1], planned.get(agent), mine)
            lines.append(replace(line, unsaid=unsaid.get(agent)))
        days_now = next((one.days for one in reversed(its) if one.since <= today), None)
        told.append(OfTeam(team, days_now, right_now, sums))
    return Rhythm(sorted(lines, key=_urgent), sorted(told, key=lambda one: one.place), first)


def _line(
    agent: Agent,
    team: Team,
    life: Life,
    day: Day,
    planned: datetime | None,
    mine: Collection[int],
) -> Line:
    until = due(life, day)
    when = None if planned is None else day_of(planned, team.site.calendar)
    # Of somebody who is late by now none is in time: it is planned, and soon enough.
    by = max(until, day.day + SOON_DAYS * DAY) if until and day.state == "late" else until
    return Line(
        agent=agent,
        team=team,
        day=day,
        due=until,
        last=max(life.held, default=None),
        planned=planned,
        is_in_time=when is not None and (by is None or when <= by),
        may_plan=agent.pk in mine,
        moved=0 if until is None else moved(life, day, until),
        is_away_then=when is not None and any(when in one for one in life.away),
    )


def _urgent(one: Line) -> tuple[Any, ...]:
    order = {"late": 0, "covered": 1, "new": 1, "away": 2}
    return (order[one.day.state], -one.late_days, one.day.left, one.agent.name, one.agent.pk)


def _today(team: Team, now: datetime) -> date:
    return day_of(now, team.site.calendar)


def _months(today: date) -> list[date]:
    """The first days of the last months, the running one last."""
    found = [today.replace(day=1)]
    while len(found) < MONTHS:
        found.insert(0, (found[0] - DAY).replace(day=1))
    return found


def _rules(chosen: Iterable[Team]) -> Mapping[int, list[Rule]]:
    found: dict[int, list[Rule]] = defaultdict(list)
    for one in Cadence.objects.filter(team__in=chosen).order_by("team", "starts_on"):
        found[one.team_id].append(Rule(one.starts_on, one.days))
    return found


def _stays(chosen: Iterable[Team], first: date) -> Mapping[int, list[TeamMembership]]:
    rows = TeamMembership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=first), team__in=chosen
    ).select_related("agent")
    found: dict[int, list[TeamMembership]] = defaultdict(list)
    for one in rows.order_by("starts_on"):
        found[one.team_id].append(one)
    return found


def _lives(
    stays: Iterable[TeamMembership],
    away: Mapping[int, list[Span]],
    held: Mapping[int, set[date]],
) -> Mapping[int, Life]:
    """What is known of each agent: in the team from when they were hired until they left."""
    spans: dict[int, list[Span]] = defaultdict(list)
    for one in stays:
        spans[one.agent_id] += _span(one.agent, one.starts_on, one.ends_on)
    return {
        agent: Life(own, away.get(agent, ()), frozenset(held.get(agent, ())))
        for agent, own in spans.items()
    }


def _span(agent: Agent, starts: date, ends: date | None) -> list[Span]:
    """A stay, as far as somebody was employed; none where they were not."""
    since = max(filter(None, [starts, agent.hired_on]))
    until = min(filter(None, [ends, agent.left_on]), default=None)
    return [Span(since, until)] if until is None or since < until else []


def _away(agents: Collection[int], first: date) -> Mapping[int, list[Span]]:
    rows = Leave.objects.filter(
        Q(last_on=None) | Q(last_on__gte=first - 366 * DAY), agent__in=agents
    )
    found: dict[int, list[Span]] = defaultdict(list)
    for one in rows:
        until = None if one.last_on is None else one.last_on + DAY
        found[one.agent_id].append(Span(one.first_on, until))
    return found


def _coached(first: date) -> QuerySet[Participant]:
    """By what people were coached that still matters on a day."""
    rows: QuerySet[Participant] = Participant.objects.filter(
        session__state=Session.State.HELD,
        session__kind__in=COUNTED,
        session__starts_at__date__gte=first - 367 * DAY,
    )
    return rows


def _held(agents: Collection[int], first: date) -> Mapping[int, set[date]]:
    """The days at their site on which each agent was coached."""
    rows = _coached(first).filter(agent__in=agents).select_related("session__site")
    found: dict[int, set[date]] = defaultdict(set)
    for one in rows:
        session = one.session
        # Held before the time it was planned for, it was held then.
        at = min(session.starts_at, session.held_at or session.starts_at)
        found[one.agent_id].add(day_of(at, session.site.calendar))
    return found


@dataclass(frozen=True, slots=True)
class OfMonth:
    """How a team kept to its rhythm over some days: `days` is that rhythm on the last of them
    (None: it has none), `late` are those who were late on it, of `asked` who could be."""

    days: int | None
    cover: Cover
    asked: int
    late: Sequence[Agent]


def facts(team: Team, first: date) -> Mapping[str, Any]:
    """What `of_month` reads, as annotations of agents who were in a team since `first`."""
    mine = {"agent": OuterRef("pk")}
    leaves = Leave.objects.filter(Q(last_on=None) | Q(last_on__gte=first - 366 * DAY), **mine)
    held = _coached(first).filter(**mine)
    return {
        "rhythm_rules": _told(
            Cadence.objects.filter(team=team).order_by("starts_on"), since="starts_on", days="days"
        ),
        "rhythm_stays": _told(
            TeamMembership.objects.filter(team=team, **mine).order_by("starts_on"),
            since="starts_on", until="ends_on",
        ),
        "rhythm_away": _told(leaves.order_by("pk"), since="first_on", until="last_on"),
        "rhythm_held": _told(
            held.order_by("pk"), at="session__starts_at", held="session__held_at",
            zone="session__site__zone", begins="session__site__day_begins",
        ),
    }  # fmt: skip


def of_month(people: Sequence[Any], first: date, last: date) -> OfMonth:
    """Of people who were found with the `facts`: each day on which they were in the team, exactly
    as the page of the rhythm counts it. No query."""
    rules = [
        Rule(date.fromisoformat(said["since"]), said["days"])
        for said in (people[0].rhythm_rules if people else ())
    ]
    sums, late, asked = Cover(), [], 0
    for agent in people:
        days = list(walk(_life(agent), rules, first, last))
        sums += cover(days)
        if days and days[-1].day == last:
            asked += days[-1].state in ("covered", "late")
            late += [agent] if days[-1].state == "late" else []
    now = next((one.days for one in reversed(rules) if one.since <= last), None)
    return OfMonth(now, sums, asked, late)


def _life(agent: Any) -> Life:
    stays = [
        span
        for said in agent.rhythm_stays
        for span in _span(agent, date.fromisoformat(said["since"]), _day(said["until"]))
    ]
    away = [
        Span(date.fromisoformat(said["since"]), until and until + DAY)
        for said in agent.rhythm_away
        for until in [_day(said["until"])]
    ]
    held = {
        day_of(
            min(datetime.fromisoformat(at) for at in (said["at"], said["held"]) if at),
            Calendar.of(said["zone"], said["begins"]),
        )
        for said in agent.rhythm_held
    }
    return Life(stays, away, frozenset(held))


def _day(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(said)


def _told(rows: QuerySet[Any], **fields: str) -> ArraySubquery:
    return ArraySubquery(rows.values(told=JSONObject(**{to: F(at) for to, at in fields.items()})))


def _planned(
    agents: Collection[int], now: datetime
) -> tuple[Mapping[int, datetime], Mapping[int, Unsaid]]:
    """When the next session that counts is planned for, of each agent who has one; and the last one
    whose time is over, of each of whom nobody has said that it was held. One query."""
    rows = Participant.objects.filter(
        agent__in=agents, session__state=Session.State.PLANNED, session__kind__in=COUNTED
    ).order_by("session__starts_at", "session")
    coming: dict[int, datetime] = {}
    unsaid: dict[int, Unsaid] = {}
    said = rows.values_list("agent", "session", "session__starts_at", "session__minutes")
    for agent, session, at, minutes in said:
        if at + timedelta(minutes=minutes) <= now:
            unsaid[agent] = Unsaid(session, at)
        else:
            coming.setdefault(agent, at)
    return coming, unsaid


def of_reader(found: Rhythm, reader: int | None) -> Rhythm:
    """The same without the reader's own line, who is coached by others: the sums have them."""
    return replace(found, lines=[one for one in found.lines if one.agent.pk != reader])
