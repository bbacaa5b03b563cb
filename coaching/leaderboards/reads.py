"""Reads leaderboards: who stands where in a team, as far as it can be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from ccm.access import scope_of
from ccm.intervals import day_of
from ccm.models import Agent, Team
from ccm.querysets import Viewer
from coaching.access import stays_on, today_of
from coaching.models import Leaderboard, LeaderboardChoice, PointsRule
from kpis import ranking
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.figures import Figure
from kpis.noise import FEWEST_RANKED, Interval, Rank

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's range; `name` is empty of a colleague who stands there without it, whom no page
    tells."""

    agent: int
    rank: Rank
    name: str
    is_own: bool

    @property
    def words(self) -> str:
        return ranking.words(self.rank)


@dataclass(frozen=True, slots=True)
class Contender:
    """The figure of somebody who may be the first, for nobody is certainly better, with its
    interval (None: it has none). It has no name but to its own: who stands in a list by name agreed
    to no figure beside it."""

    figure: Figure
    interval: Interval | None
    is_own: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A team's leaderboard. `places` are those of whom a range says anything, the best first;
    `taking_part` how many are compared, `too_close` how many of them have no range that is told.
    `why`: nobody is compared, and why. `own` is the reader's own figure, and whether it is of
    enough. `first_or_close` are how many may be the first, and `contenders` their figures, the best
    first, where they were asked for and are five or more."""

    first: date
    last: date
    places: Sequence[Place] = ()
    taking_part: int = 0
    too_close: int = 0
    why: str = ""
    own: Figure | None = None
    own_is_enough: bool = False
    first_or_close: int = 0
    contenders: Sequence[Contender] = ()

    @property
    def beaten(self) -> int:
        """How many are compared of whom somebody is certainly better."""
        return self.taking_part - self.first_or_close

    @property
    def own_place(self) -> Place | None:
        """Where the reader stands; None: nowhere."""
        return next((one for one in self.places if one.is_own), None)


def teams(user: Viewer, now: datetime) -> list[Team]:
    """Teams whose leaderboard the user may see: their own, those led, of sites managed; each with
    `has_points`."""
    scope = scope_of(user)
    points = PointsRule.objects.filter(team=OuterRef("pk"))
    rows = Team.objects.select_related("site").annotate(has_points=Exists(points))
    rows = rows.order_by("site__name", "name")
    if scope.everything:
        return list(rows)
    found = Q(pk__in=scope.teams) | Q(site__in=scope.managed_sites)
    if scope.agent is not None:
        own = stays_on(today_of(scope.agent, now)).filter(agent=scope.agent)
        found |= Q(pk__in=own.values("team"))
    return list(rows.filter(found))


def may_change(user: Viewer, team: Team) -> bool:
    scope = scope_of(user)
    return scope.everything or team.pk in scope.teams or team.site_id in scope.managed_sites


def board(team: Team) -> Leaderboard | None:
    return Leaderboard.objects.filter(team=team).first()


def choice(agent: int) -> LeaderboardChoice:
    """What somebody wants; one query."""
    there = LeaderboardChoice.objects.filter(agent=agent).first()
    return there or LeaderboardChoice(agent_id=agent)


def members(team: Team, day: date) -> QuerySet[Agent]:
    """Who is in a team on a day and does not want to be in no leaderboard."""
    off = LeaderboardChoice.objects.filter(is_off=True)
    return in_team(team, day).exclude(pk__in=off.values("agent"))


def in_team(team: Team, day: date) -> QuerySet[Agent]:
    stays = stays_on(day).filter(team=team)
    rows: QuerySet[Agent] = Agent.objects.filter(pk__in=stays.values("agent"))
    return rows


def standing(one: Leaderboard, me: int | None, now: datetime) -> Standing:
    """Who stands where in the whole weeks before this one. Six queries."""
    today = day_of(now, one.team.site.calendar)
    last = today - timedelta(days=today.weekday() + 1)
    first = last - one.weeks * WEEK + timedelta(days=1)
    return compared(one.team, one.kpi, first, last, one.fewest, me)


def compared(
    team: Team,
    kpi: str,
    first: date,
    last: date,
    fewest: int,
    me: int | None,
    *,
    tells_contenders: bool = False,
) -> Standing:
    """Who stands where by a KPI of `kpis.ranking.RANKED` from `first` to `last`: of those who are
    in the team on the last day and take part, of whom `fewest` or more are known; with the
    figures of those who may be the first, where that is asked for. Six queries."""
    people = {agent.pk: agent for agent in members(team, last)}
    named = LeaderboardChoice.objects.filter(agent__in=people, shows_name=True)
    by_name = set(named.values_list("agent", flat=True))
    read = ranking.Teams(team.site, people, first, last, Choices(last))
    figures = {agent: read.figure(kpi, agent) for agent in people}
    enough = {agent for agent, figure in figures.items() if is_enough(figure, fewest)}
    ranges = read.ranges(kpi, enough)
    ranks = {agent: rank for agent, rank in ranges.items() if not rank.is_wide}
    if len((people.keys() - (by_name & ranks.keys())) - {me}) == 1:
        # All others by name would tell who the only one without is.
        by_name = set()
    places = [
        Place(
            agent,
            rank,
            people[agent].name if agent in by_name or agent == me else "",
            is_own=agent == me,
        )
        for agent, rank in ranks.items()
    ]
    nameless = [one for one in places if not one.name]
    if len(nameless) == 1 and nameless[0].rank.worst == nameless[0].rank.ranked:
        # A single row without a name at the bottom shames one whom everybody knows.
        places.remove(nameless[0])
    # Those of whom nobody is certainly better.
    first_or_close = [one for one in enough if one not in ranges or ranges[one].best == 1]
    why = ""
    if len(enough) < FEWEST_RANKED:
        why = "few"
    elif not places:
        why = "close"
    return Standing(
        first,
        last,
        # Of colleagues with the same range the order is that of names that are shown, then none.
        sorted(places, key=lambda at: (at.rank.best, at.rank.worst, not at.name, at.name)),
        len(enough),
        len(enough) - len(places) if places else 0,
        why,
        figures.get(me) if me is not None else None,
        me in enough,
        len(first_or_close),
        # Of fewer a team would know whose they are.
        _contenders(read, kpi, {one: figures[one] for one in first_or_close}, me)
        if tells_contenders and len(first_or_close) >= FEWEST_RANKED
        else [],
    )


def is_enough(own: Figure, fewest: int) -> bool:
    """Whether so much is known of somebody that they are compared."""
    return own.value is not None and own.n >= fewest


def _contenders(
    read: ranking.Teams,
    kpi: str,
    figures: Mapping[int, Figure],
    me: int | None,
) -> list[Contender]:
    """Figures with their intervals, the best first."""
    found = [Contender(own, read.interval(kpi, one), one == me) for one, own in figures.items()]
    found.sort(key=lambda one: (one.figure.value or 0, one.figure.n))
    return found[::-1] if KPIS[kpi].direction == "up" else found
