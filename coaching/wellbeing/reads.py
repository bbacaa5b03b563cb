"""Reads the days of people from what kpis and scheduling keep of them, and who may see which."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from ccm.access import scope_of
from ccm.intervals import day_of
from ccm.models import Agent, Site, Team, TeamMembership
from ccm.querysets import Viewer
from coaching.access import coached_sites, sites_coached
from coaching.models import WellbeingLimits
from coaching.wellbeing.signs import Day, Limits, Sign, Watched, watch
from kpis import noise
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.reads import timesheet
from kpis.reads.reading import Selection
from kpis.sums.counts import Counts
from scheduling.burdens import borne
from scheduling.models import AdherenceDay, Doing, PauseReason, RosterEdit, ShiftChange

WEEK = timedelta(days=7)
PAST = 8
"""So many weeks before tell what is usual."""
FEWEST = 5
"""Of fewer people nothing is told of a team."""
LEAST_SECONDS = 3600
"""Of less time an occupancy of a day says nothing."""
MOST_BACK = 12
"""So many weeks may be looked at."""


@dataclass(frozen=True, slots=True)
class TeamWeek:
    """A team in a week: its signs; those that are more than usual of all that are told at once.
    `people` are those of whom anything is known; of fewer than five `signs` are empty. `members`
    are the team's people at the week's end whom the reader leads, with the signs of each."""

    team: Team
    people: int
    signs: Mapping[Sign, Watched]
    more: frozenset[Sign]
    members: Sequence[tuple[Agent, Mapping[Sign, Watched]]]


@dataclass(frozen=True, slots=True)
class Known:
    """Days of people at a site, and why nothing is known of pauses ("": it is)."""

    days: Mapping[int, Mapping[date, Day]]
    limits: Limits
    has_pauses: bool


def sites(user: Viewer) -> QuerySet[Site]:
    return sites_coached(user)


def led(user: Viewer, now: datetime) -> QuerySet[Agent]:
    """Agents whose own signs the user reads: of teams that they lead today, and nobody
    themselves. An admin leads nobody by being one."""
    rows: QuerySet[Agent] = Agent.objects.in_teams(scope_of(user).team_calendars, now)
    return rows.exclude(user=user.pk, user__isnull=False).select_related("site")


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weeks(site: Site, now: datetime) -> list[date]:
    """The Mondays of the weeks that may be looked at, which are over; the newest first."""
    last = monday(day_of(now, site.calendar)) - WEEK
    return [last - number * WEEK for number in range(MOST_BACK)]


def limits_of(site: Site) -> WellbeingLimits:
    """One query; the defaults where nobody said anything."""
    return WellbeingLimits.objects.filter(site=site).first() or WellbeingLimits(site=site)


def as_limits(row: WellbeingLimits) -> Limits:
    def part(percent: int | None) -> float | None:
        return None if percent is None else percent / 100

    def seconds(minutes: int | None) -> int | None:
        return None if minutes is None else minutes * 60

    return Limits(
        part(row.occupancy_percent),
        seconds(row.overtime_minutes),
        part(row.missed_percent),
        seconds(row.pause_minutes),
        row.counts_wishes,
    )


def of_teams(user: Viewer, site: Site, week: date) -> tuple[list[TeamWeek], Known]:
    """The teams of a site that the user sees in a week, those first of which most is more than
    usual. Of all that is told at once at most one in ten is chance. Ten queries at most, however
    many they are."""
    first, last = week - PAST * WEEK, week + WEEK - timedelta(days=1)
    stays = list(_stays(user, site, first, last))
    known = facts(site, {one.agent_id for one in stays}, first, last)
    scope = scope_of(user)
    found = []
    for team, its in _by_team(stays).items():
        by_week = [_days_of(its, known, start) for start in _mondays(week)]
        signs = watch(by_week, known.limits, FEWEST)
        people = len({day.agent for day in by_week[-1]})
        signs = signs if people >= FEWEST else {}
        mine = its if team.pk in scope.teams else []
        found.append((team, people, signs, _members(mine, user, known, week)))
    p_values = {
        (team.pk, sign): one.verdict.p
        for team, _people, signs, _members in found
        for sign, one in signs.items()
    }
    told = set(noise.discoveries(p_values))
    rows = [
        TeamWeek(
            team,
            people,
            signs,
            frozenset(
                sign
                for sign, one in signs.items()
                if (team.pk, sign) in told and one.verdict.unusual and one.is_more
            ),
            members,
        )
        for team, people, signs, members in found
    ]
    return sorted(rows, key=lambda one: (-len(one.more), one.team.name, one.team.pk)), known


def of_person(agent: Agent, week: date) -> tuple[Mapping[Sign, Watched], Known]:
    """Somebody's signs in a week, against their own weeks before, and their days of all of them.
    Eight queries."""
    first, last = week - PAST * WEEK, week + WEEK - timedelta(days=1)
    known = facts(agent.site, {agent.pk}, first, last)
    mine = known.days.get(agent.pk, {})
    by_week = [
        [day for on, day in mine.items() if start <= on < start + WEEK] for start in _mondays(week)
    ]
    return watch(by_week, known.limits), known


def facts(site: Site, agents: Iterable[int], first: date, last: date) -> Known:
    """Days of agents at a site, as far as anything is known of them. Eight queries."""
    them = sorted(agents)
    limits = as_limits(limits_of(site))
    said: dict[tuple[int, date], dict[str, object]] = defaultdict(dict)
    has_pauses = PauseReason.objects.filter(site=site, activity=Doing.PAUSE).exists()
    if them:
        for key, share in _occupancies(site, them, first, last).items():
            said[key]["occupancy"] = share
        _put_kept(said, them, first, last, has_pauses=has_pauses)
        _put_wishes(said, site, set(them), first, last)
    days: dict[int, dict[date, Day]] = defaultdict(dict)
    for (agent, on), values in sorted(said.items()):
        days[agent][on] = Day(agent, on, **values)  # type: ignore[arg-type]
    return Known(days, limits, has_pauses)


def _occupancies(
    site: Site, agents: Sequence[int], first: date, last: date
) -> dict[tuple[int, date], float]:
    """Of each agent and day, by the variant that is chosen for the site on the last day."""
    selection = Selection(
        sites=[site.pk], first=first, last=last, agents=agents,
        calendars={site.calendar: [site.pk]},
    )  # fmt: skip
    variant, parameters = Choices(last).of(KPIS["occupancy"], site.pk)
    found = {}
    for key, time in (timesheet.cells(selection, ("agent", "day")) or {}).items():
        value = variant.measure(Counts(time=time), parameters)
        if value.value is not None and value.n >= LEAST_SECONDS:
            found[key[0], key[1]] = float(value.value)
    return found


def _put_kept(
    said: dict[tuple[int, date], dict[str, object]],
    agents: Sequence[int],
    first: date,
    last: date,
    *,
    has_pauses: bool,
) -> None:
    """What adherence keeps of days that the log tells of, and overtime that was taken."""
    rows = AdherenceDay.objects.within(first, last).filter(agent__in=agents, is_told=True)
    taken = ShiftChange.objects.filter(
        agent__in=agents, day__gte=first, day__lte=last, is_published=True,
        edit__why=RosterEdit.Why.OVERTIME, edit__undone_by=None,
    )  # fmt: skip
    overtime = set(taken.values_list("agent", "day"))
    for agent, day, planned, done, paid, unpaid, worked in rows.values_list(
        "agent", "day", "planned", "done", "paid_seconds", "unpaid_seconds", "worked_seconds"
    ):
        here = said[agent, day]
        if worked:
            here["beyond_seconds"] = worked - paid
            here["is_overtime"] = (agent, day) in overtime
        if has_pauses and worked and paid:
            here["pauses_planned"] = planned.get(Doing.PAUSE, 0) + unpaid
            here["pauses_done"] = done.get(Doing.PAUSE, 0)


def _put_wishes(
    said: dict[tuple[int, date], dict[str, object]],
    site: Site,
    agents: set[int],
    first: date,
    last: date,
) -> None:
    asked, _granted = borne.wishes(site, first, last)
    wishes: Counter[tuple[int, date]] = Counter()
    refused: Counter[tuple[int, date]] = Counter()
    for one in asked:
        key = int(one.person), one.day
        if key[0] in agents:
            wishes[key] += 1
            refused[key] += bool(one.rule)
    for key, many in wishes.items():
        said[key] |= {"wishes": many, "refused": refused[key]}


def _stays(user: Viewer, site: Site, first: date, last: date) -> QuerySet[TeamMembership]:
    """Who was when in the teams of a site that the user sees."""
    scope = scope_of(user)
    rows = TeamMembership.objects.filter(team__site=site, starts_on__lte=last)
    rows = rows.filter(Q(ends_on=None) | Q(ends_on__gt=first))
    if not scope.everything and site.pk not in coached_sites(scope):
        rows = rows.filter(team__in=scope.teams)
    return rows.select_related("team", "agent").order_by("team__name", "team", "agent__name", "pk")


def _by_team(stays: Iterable[TeamMembership]) -> dict[Team, list[TeamMembership]]:
    found: dict[Team, list[TeamMembership]] = {}
    for one in stays:
        found.setdefault(one.team, []).append(one)
    return found


def _mondays(week: date) -> list[date]:
    return [week - number * WEEK for number in range(PAST, -1, -1)]


def _days_of(stays: Iterable[TeamMembership], known: Known, start: date) -> list[Day]:
    """The days of a week of whoever was in the team on them."""
    return [
        day
        for stay in stays
        for on, day in known.days.get(stay.agent_id, {}).items()
        if start <= on < start + WEEK
        and stay.starts_on <= on
        and (stay.ends_on is None or on < stay.ends_on)
    ]


def _members(
    stays: Iterable[TeamMembership], user: Viewer, known: Known, week: date
) -> list[tuple[Agent, Mapping[Sign, Watched]]]:
    """Whoever of a team that the user leads is in it still, with the signs of the week."""
    found = []
    for stay in stays:
        own = stay.agent.user_id is not None and stay.agent.user_id == user.pk
        if own or (stay.ends_on is not None and stay.ends_on <= week + WEEK):
            continue
        mine = known.days.get(stay.agent_id, {})
        days = [day for on, day in mine.items() if week <= on < week + WEEK]
        found.append((stay.agent, watch([days], known.limits)))
    return found
