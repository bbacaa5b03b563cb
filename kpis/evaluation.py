"""A team's month, of the team and of each who was in it: what its manager talks about with them.

Figures are of the days on which people were in the team, in visits, by the definitions of the
month's last day. A change has a word where it is more than noise, and so that of all changes on
the page at most one in ten is chance.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject, TruncMonth
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ccm import stays
from ccm.intervals import DAY
from ccm.models import Agent, Leave, Target, Team, TeamMembership
from ccm.templatetags.figures import figure as figure_text
from kpis import dimensions, inference, noise, ranking, report, tables, usual
from kpis.choices import Choices
from kpis.declaration import Need
from kpis.definitions import KPIS
from kpis.figures import Figure, figure
from kpis.models import AgentTimeStat, DayStat
from kpis.noise import Interval, Verdict
from kpis.reads.reading import Record
from kpis.report import Question, Row
from kpis.report.cells import cells
from kpis.reports import links, partial
from kpis.reports.shapes import change_word
from kpis.standing import (
    beside_value,
    is_of_few,
    response_words,
    standing,
    target_figure,
    target_words,
)  # fmt: skip
from kpis.sums.agent_time import AgentTime
from kpis.sums.counts import Counts, of_days
from kpis.sums.repeats import Repeats

SHOWN = (
    "answered", "aht", "fcr", "csat", "resolved_rate", "transfer_rate", "missed_rate", "occupancy",
)  # fmt: skip
"""What is evaluated. Handling time says nothing without who came again and who was satisfied."""
RANKED = tuple(name for name in SHOWN if name in ranking.RANKED)
PAST = 8
"""So many months before tell what is usual; fewer than six tell nothing."""

Month = tuple[date, date]
Days = Mapping[date, Counts]


@dataclass(frozen=True, slots=True)
class Beside:
    """A figure of another time, a word where the change is more than noise, and where the figure
    explains itself, where that is told. `partly`: what of that time is not on record, in words; no
    change is judged against it."""

    value: float | int | None = None
    level: str = "none"
    word: str = ""
    url: str = ""
    partly: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with what it is held against. `aim` is what somebody set as its target, None where
    it is the program's. `is_few`: of so few that it says little."""

    figure: Figure
    url: str
    interval: Interval | None
    before: Beside
    usual: Beside
    rank: str = ""
    aim: Target | None = None
    response: str = ""

    @property
    def drawn(self) -> SafeString:
        """The figure as in every table: a link to where it explains itself, pale where of few."""
        return tables.drawn(self.figure, tables.figure_or_why(self.figure), self.url)

    @property
    def target(self) -> str:
        return target_figure(self.figure)

    @property
    def whose_target(self) -> str:
        """Whose target it is held against, in words."""
        if self.aim is None:
            return _("as the program has it")
        if self.aim.agent_id is not None:
            return _("the agent's own")
        if self.aim.team_id is not None:
            return _("of the agent's team")
        return _("of all agents") if self.aim.role else _("of the site")

    @property
    def is_few(self) -> bool:
        return is_of_few(self.figure)

    @property
    def of_words(self) -> str:
        """Of how many, or of how long, the figure is."""
        one = self.figure
        if one.unit == "count" or not one.n:
            return ""
        if one.variant.n_unit == "seconds":
            return one.n_words
        return f"{one.n_words} {one.of}".rstrip()

    @property
    def has_no_interval(self) -> bool:
        """There is a figure that should have one: of too few days or answers, or of like days."""
        one = self.figure
        return one.value is not None and one.variant.interval != "none" and self.interval is None

    @property
    def standing(self) -> tuple[str, str]:
        return standing(self.figure, Verdict())


@dataclass(frozen=True, slots=True)
class Part:
    """The team, or one who was in it: `away` are absences of the month as (kind, days)."""

    name: str
    lines: list[Line]
    time: AgentTime | None
    repeats: Repeats | None
    days: int
    agent: int | None = None
    away: list[tuple[str, int]] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """The name of its block on the page."""
        return f"part-{self.agent or 'team'}"

    @property
    def bare(self) -> set[str]:
        """The columns in which nothing stands, by name: they are not drawn."""
        stands = {
            "target": any(line.target for line in self.lines),
            "before": any(line.before.value is not None for line in self.lines),
            "usual": any(line.usual.value is not None for line in self.lines),
            "rank": any(line.rank for line in self.lines),
        }
        return {name for name, does in stands.items() if not does}

    @property
    def is_empty(self) -> bool:
        """Nothing was counted."""
        return not self.days

    @property
    def presence(self) -> list[tuple[str, int]]:
        """What the time there went into, in words and whole minutes: parts that add up to it, each
        rounded where it ends, so that none is a minute away from what it is."""
        if self.time is None:
            return []
        parts = (
            (_("with contacts"), self.time.handling_ms),
            (_("ringing"), self.time.ringing_ms),
            (_("ready"), self.time.ready_ms),
            (_("paused"), self.time.paused_ms),
            (_("not told what with"), self.time.other_ms),
        )
        found = []
        ends = 0
        for words, ms in parts:
            begins, ends = ends, ends + ms
            if ms:
                found.append((words, _minutes(ends) - _minutes(begins)))
        return found

    @property
    def minutes_there(self) -> int:
        return 0 if self.time is None else _minutes(self.time.logged_in_ms)


def _minutes(milliseconds: int) -> int:
    """Whole minutes, half a minute up."""
    return (milliseconds + 30_000) // 60_000


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`changes` are those that were looked at. `partly` says of how many of its days the record
    is, "2 of 31 days", where not of all; `before_partly` so of the month before."""

    team: Part
    agents: list[Part]
    changes: int
    window_days: int
    partly: str = ""
    before_partly: str = ""

    @property
    def parts(self) -> list[Part]:
        return [self.team, *self.agents]

    @property
    def off_target(self) -> list[tuple[str, list[tuple[Part, Line]]]]:
        """What is off its target, by KPI and target in words: "Missed rings, target 4 %"."""
        found: dict[str, list[tuple[Part, Line]]] = {}
        for part in self.parts:
            for line in part.lines:
                if line.standing[0] == "bad":
                    words = f"{line.figure.kpi.name}, {target_words(line.figure)}"
                    found.setdefault(words, []).append((part, line))
        return list(found.items())

    @property
    def changed(self) -> list[tuple[Part, Line, str]]:
        """The changes that are more than noise, in words: "worse than usual (82.1 %)"; what is
        worse first."""
        found = sorted(self.changes_told, key=lambda one: one[0] != "bad")
        return [(part, line, words) for _level, part, line, words in found]

    @property
    def changes_told(self) -> list[tuple[str, Part, Line, str]]:
        """The same in the order of the page, each with its level."""
        return [
            (beside.level, part, line, words % {"word": beside.word, "value": value})
            for part in self.parts
            for line in part.lines
            for beside, words in (
                (line.before, _("%(word)s than the month before (%(value)s)")),
                (line.usual, _("%(word)s than usual (%(value)s)")),
            )
            for value in [figure_text(beside.value, line.figure.unit)]
            if beside.word
        ]

    @property
    def columns(self) -> list[str]:
        """The names of the KPIs, as over the columns of every table."""
        return [tables.heading(line.figure.kpi) for line in self.team.lines]

    @property
    def few(self) -> str:
        """What is said of figures that are of few; empty: none is."""
        return tables.few_words(line.figure for part in self.parts for line in part.lines)

    @property
    def blank(self) -> dict[str, str]:
        """The columns in which nothing stands anywhere, by name, and why."""
        no_rank = _("Rank: no range is narrow enough to say anything")
        if len(self.agents) < noise.FEWEST_RANKED:
            no_rank = _("Rank: it is told of at least %(n)d people") % {"n": noise.FEWEST_RANKED}
        why = {
            "target": _("Target: none is set"),
            "before": _("Month before: nothing was counted"),
            "usual": _("Usual: it is told where six months before are known"),
            "rank": no_rank,
        }
        nowhere = set.intersection(*(part.bare for part in self.parts))
        return {name: words for name, words in why.items() if name in nowhere}


def month_of(day: date) -> Month:
    """The first and the last day of the month of a day."""
    first = dimensions.first_day("month", day)
    return first, dimensions.last_day("month", first)


def months_before(first: date, many: int) -> list[Month]:
    """So many months before one that begins on `first`, the newest first."""
    found: list[Month] = []
    while len(found) < many:
        first, last = month_of(first - DAY)
        found.append((first, last))
    return found


def months_told(team: Team, until: date, most: int) -> list[Month]:
    """The months before `until` of which anything was counted of who was in a team on the day, the
    newest first. One query."""
    earliest, _last = months_before(until, most)[-1]
    stays = "agent__memberships__"
    there = Q(**{f"{stays}ends_on": None}) | Q(**{f"{stays}ends_on__gt": F("day")})
    of_team = {f"{stays}team": team, f"{stays}starts_on__lte": F("day")}
    contacts, time = (
        model.objects.filter(there, **of_team, day__gte=earliest, day__lt=until)
        .annotate(month=TruncMonth("day"))
        .values_list("month", flat=True)
        for model in (DayStat, AgentTimeStat)
    )
    return [month_of(first) for first in contacts.union(time).order_by("-month")]


def members(team: Team, first: date, last: date) -> QuerySet[Agent]:
    """Who was in the team on any of the days, each with `away`: absences as kind, first, last, and
    with `stays` in the team, as since, until."""
    leaves = Leave.objects.filter(Q(last_on=None) | Q(last_on__gte=first), agent=OuterRef("pk"))
    told = JSONObject(kind=F("kind"), first=F("first_on"), last=F("last_on"))
    there = Q(memberships__ends_on=None) | Q(memberships__ends_on__gt=first)
    were = Agent.objects.filter(there, memberships__team=team, memberships__starts_on__lte=last)
    in_it = TeamMembership.objects.filter(agent=OuterRef("pk"), team=team).order_by("starts_on")
    return (
        Agent.objects.filter(pk__in=were.values("pk"))
        .annotate(
            away=ArraySubquery(
                leaves.filter(first_on__lte=last).order_by("first_on").values(said=told)
            ),
            stays=ArraySubquery(
                in_it.values(told=JSONObject(since=F("starts_on"), until=F("ends_on")))
            ),
        )
        .order_by("name")
    )


def of(
    team: Team,
    people: Sequence[Agent],
    first: date,
    last: date,
    record: Record | None = None,
    *,
    ranked: bool = True,
) -> Evaluation:
    """The evaluation of a month of a team; `people` are its `members`, `record` is how far that of
    its site goes: None, unknown, leaves every month whole. Of a month that goes on the days up to
    `last` are told, and no count is judged, for it grows still. Seven queries, two fewer where
    nobody is `ranked`, and one more where first contacts are told by another window than by
    default."""
    choices = Choices(last)
    months = [(first, last), *months_before(first, PAST)]
    question = Question(
        sites=[team.site], first=months[-1][0], last=last, by="agent", only={"team": [team.pk]}
    )
    needs: set[Need] = set().union(*(choices.needs(KPIS[name]) for name in SHOWN))
    of_waits = any(one.of_waits for name in SHOWN for one in choices.variants(KPIS[name]))
    found, untold = cells(question.selection, ("agent", "day"), needs, of_waits)
    by_agent: dict[int, dict[date, Counts]] = {}
    for (agent, day), counts in found.items():
        by_agent.setdefault(agent, {})[day] = counts
    _variant, window = choices.of(KPIS["fcr"], team.site_id)
    ranks: dict[str, dict[int, noise.Rank]] = {}
    if ranked:
        teams = ranking.Teams(team.site, [one.pk for one in people], first, last, choices)
        ranks = {name: teams.ranks(name) for name in RANKED}
    partly = _partly(question, months, record)
    is_whole = first not in partly and last == month_of(first)[1]
    made = _Making(
        replace(question, first=first), months, partly, choices, untold, is_whole=is_whole
    )
    drafted: dict[int | None, list[_Draft]] = {None: made.drafts(None, list(by_agent.values()))}
    drafted |= {one.pk: made.drafts(one.pk, [by_agent.get(one.pk, {})]) for one in people}
    p_values = {
        (agent, draft.figure.kpi.id, which): p
        for agent, drafts in drafted.items()
        for draft in drafts
        for which, p in (("before", draft.before_p), ("usual", draft.verdict.p))
    }
    told = {key for key in noise.discoveries(p_values) if (p_values[key] or 0) < 1 - noise.LEVEL}

    def part(name: str, pk: int | None, away: Any = (), there: Any = ()) -> Part:
        days = [by_agent.get(pk, {})] if pk is not None else list(by_agent.values())
        counts = of_days(_within(days, first, last))
        return Part(
            name=name,
            lines=[
                draft.line(
                    (pk, draft.figure.kpi.id, "before") in told,
                    (pk, draft.figure.kpi.id, "usual") in told,
                    _rank(ranks, draft, pk),
                )
                for draft in drafted[pk]
            ],
            time=counts.time,
            repeats=counts.repeats and counts.repeats(window.matter, window.window_days),
            days=len({day for one in days for day in one if first <= day <= last}),
            agent=pk,
            away=_away(away, stays.days_of(there), first, last),
        )

    return Evaluation(
        team=part(team.name, None),
        agents=[part(one.name, one.pk, one.away, one.stays) for one in people],  # type: ignore[attr-defined]
        changes=sum(p is not None for p in p_values.values()),
        window_days=window.window_days,
        partly=partly.get(first, ""),
        before_partly=partly.get(months[1][0], ""),
    )


def _partly(question: Question, months: Sequence[Month], record: Record | None) -> dict[date, str]:
    """The months of which the record holds a part, by their first days, and how much in words."""
    if record is None:
        return {}
    records = {site.pk: record for site in question.sites}
    asked = replace(question, by="month", records=records)
    rows = [Row({}, "", first, Counts(), {}) for first, _last in months]
    return partial.parts(asked, "month", rows, {})


@dataclass(frozen=True, slots=True)
class _Draft:
    """A line before it is known which changes are told."""

    figure: Figure
    url: str
    interval: Interval | None
    before: float | int | None
    before_p: float | None
    before_url: str
    verdict: Verdict
    aim: Target | None
    response: str = ""
    before_partly: str = ""

    def line(self, before_told: bool, usual_told: bool, rank: str) -> Line:
        return Line(
            self.figure,
            self.url,
            self.interval,
            replace(
                self._beside(self.before, before_told),
                url=self.before_url,
                partly=self.before_partly,
            ),
            self._beside(self.verdict.usual, usual_told),
            rank,
            self.aim,
            self.response,
        )

    def _beside(self, value: float | int | None, is_told: bool) -> Beside:
        shown = beside_value(self.figure, value)
        if not is_told or value is None:
            return Beside(shown)
        return Beside(shown, *change_word(self.figure, value))


@dataclass(frozen=True, slots=True)
class _Making:
    """What all drafts of an evaluation are made with; `months` begin with the one it is of, and
    those that are `partly` on record judge nothing."""

    question: Question
    months: Sequence[Month]
    partly: Mapping[date, str]
    choices: Choices
    untold: Mapping[Need, str]
    is_whole: bool = True
    """Whether all of the month is told: a count of a part of it is less than one of a whole."""

    def drafts(self, agent: int | None, people: Sequence[Days]) -> list[_Draft]:
        """The figures of some people's days together, or of one agent's."""
        whole, *past = (of_days(_within(people, *month)) for month in self.months)
        figures = {
            name: figure(
                whole, KPIS[name], None, self.choices, self._site, None, agent, self.untold,
                of_agents=True,
            )
            for name in (*SHOWN, "csat_response")
        }  # fmt: skip
        response = figures.pop("csat_response")
        told = "" if figures["csat"].value is None else response_words(response)
        row = Row({}, "", agent, whole, figures)
        question = self.question if agent is not None else report.over_all(self.question)
        now, before = (self._parts(people, month) for month in self.months[:2])
        open_months = [
            counts
            for (start, _end), counts in zip(self.months[1:], past, strict=True)
            if counts.answered and start not in self.partly
        ]
        first, last = self.months[1]
        then = replace(question, first=first, last=last)
        drafts = (
            self._draft(
                figure,
                row,
                (links.passport(question, row, name), links.passport(then, row, name)),
                now,
                before,
                open_months,
            )
            for name, figure in figures.items()
        )
        return [
            replace(one, response=told) if one.figure.kpi.id == "csat" else one for one in drafts
        ]

    @property
    def _site(self) -> int:
        return self.question.sites[0].pk

    def _parts(self, people: Sequence[Days], month: Month) -> "_Parts":
        by_day: dict[date, list[Counts]] = {}
        for days in people:
            for day, counts in days.items():
                if month[0] <= day <= month[1]:
                    by_day.setdefault(day, []).append(counts)
        agents = [of_days(_within([days], *month)) for days in people]
        days_ = [of_days(many) for many in by_day.values()]
        return _Parts(of_days(agents), days_, [one for one in agents if one.answered])

    def _draft(
        self,
        figure: Figure,
        row: Row,
        urls: tuple[str, str],
        now: "_Parts",
        before: "_Parts",
        open_months: Sequence[Counts],
    ) -> _Draft:
        value = figure.again(before.whole)
        then = replace(figure, value=value.value if before.whole.answered else None, n=value.n)
        # By the definitions of then it may be another figure.
        is_same = not self.choices.changes(figure.kpi, self.months[1][1], self._site)
        drawn = inference.drawn(figure, now.days, now.agents, now.whole)
        was = inference.drawn(then, before.days, before.agents, before.whole)
        partly = self.partly.get(self.months[1][0], "")
        is_judged = self.is_whole or figure.unit != "count"
        return _Draft(
            figure=figure,
            url=urls[0],
            interval=drawn.interval,
            before=then.value,
            before_url=urls[1] if is_same and then.value is not None else "",
            before_p=inference.changed(drawn, was).p if is_judged and not partly else None,
            verdict=usual.judged(figure, open_months) if is_judged else Verdict(),
            aim=self.choices.aim(figure.kpi, figure.variant, self._site, None, row.id),
            before_partly=partly,
        )


@dataclass(frozen=True, slots=True)
class _Parts:
    """A month's counts: the whole, each day's, each agent's."""

    whole: Counts
    days: Sequence[Counts]
    agents: Sequence[Counts]


def _within(people: Iterable[Days], first: date, last: date) -> list[Counts]:
    return [one for days in people for day, one in days.items() if first <= day <= last]


def _rank(ranks: Mapping[str, Mapping[int, noise.Rank]], draft: _Draft, pk: int | None) -> str:
    rank = ranks.get(draft.figure.kpi.id, {}).get(pk or 0)
    return "" if rank is None else ranking.words(rank)


def _away(
    leaves: Iterable[Mapping[str, Any]],
    there: Sequence[tuple[date, date | None]],
    first: date,
    last: date,
) -> list[tuple[str, int]]:
    """Absences as their kind and how many days of the month in the team they are of; each kind
    once."""
    found: dict[str, set[date]] = {}
    for one in leaves:
        begins = max(first, date.fromisoformat(one["first"]))
        ends = min(last, date.fromisoformat(one["last"])) if one["last"] else last
        length = (ends - begins).days + 1
        found.setdefault(one["kind"], set()).update(
            day
            for day in (begins + n * DAY for n in range(length))
            if any(since <= day and (until is None or day < until) for since, until in there)
        )
    return [(kind, len(away)) for kind, away in found.items() if away]
