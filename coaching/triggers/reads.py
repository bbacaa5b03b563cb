"""Reads proposals, rules and how many of what each proposed was accepted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, DateTimeField, Q, QuerySet
from django.utils import timezone

from ccm.access import scope_of
from ccm.intervals import DAY, day_of
from ccm.kept import Late
from ccm.models import Agent, Call, Site, User
from ccm.querysets import Viewer
from ccm.waiting import Waiting
from coaching.access import coached_sites
from coaching.models import Proposal, Session, TriggerRule, TriggerRun
from coaching.preparing import finding
from coaching.preparing.words import review
from coaching.triggers import looking, words
from kpis.choices import Choices
from qa.models import Evaluation

State = Proposal.State
SHOWN = ("agent", "site", "rule__criterion", "decided_by", "session")


@dataclass(frozen=True, slots=True)
class Line:
    """A proposal in words."""

    proposal: Proposal
    title: str
    lines: Sequence[str]
    rule: str
    reviews: Sequence[tuple[int, str]] = ()
    """Reviews that it was found by and the reader may open, in words."""
    calls: Sequence[tuple[str, datetime]] = ()
    """The same of calls, with when they came in."""

    @classmethod
    def of(cls, one: Proposal) -> "Line":
        kind, facts = one.rule.kind, one.facts
        return cls(one, words.title(kind, facts), words.lines(kind, facts), words.rule(one.rule))


def lines(rows: Iterable[Proposal], user: User) -> list[Line]:
    """Proposals with the reviews and calls that they were found by, as far as a user may open
    them. Two queries at most for all."""
    many = list(rows)
    reviews = {pk for one in many for pk in one.facts.get("reviews", ())}
    calls = {pk for one in many for pk in one.facts.get("calls", ())}
    seen: dict[int, Evaluation] = {}
    if reviews:
        there = Evaluation.objects.visible_to(user).filter(pk__in=reviews)
        there = there.select_related("version__card", "queue").defer("version__form")
        seen = {one.pk: one for one in there}
    at: dict[str, datetime] = {}
    if calls:
        taken = Call.objects.visible_to(user).filter(pk__in=calls)
        at = {str(pk): when for pk, when in taken.values_list("pk", "offered_at")}
    return [
        replace(
            Line.of(one),
            reviews=[
                (pk, review(finding.of_review(seen[pk]), one.site))
                for pk in one.facts.get("reviews", ())
                if pk in seen
            ],
            calls=[(pk, at[pk]) for pk in one.facts.get("calls", ()) if pk in at],
        )
        for one in many
    ]


@dataclass(frozen=True, slots=True)
class OfAgent:
    """What is proposed about one agent, the most serious first, and the team of theirs today ("":
    none)."""

    agent: Agent
    site: Site
    team: str
    lines: Sequence[Line]

    @property
    def asked(self) -> str:
        """What an address says of all of them."""
        return urlencode([("proposal", one.proposal.pk) for one in self.lines])


def by_agent(told: Sequence[Line], now: datetime) -> list[OfAgent]:
    """Proposals with others about the same agent; whoever the most serious one is about first. One
    query."""
    of_each: dict[int, list[Line]] = {}
    for line in told:
        of_each.setdefault(line.proposal.agent_id, []).append(line)
    rows: Any = Agent.objects.filter(pk__in=of_each).with_team(now)
    teams = dict(rows.values_list("pk", "team_name"))
    return [
        OfAgent(its[0].proposal.agent, its[0].proposal.site, teams.get(pk) or "", its)
        for pk, its in of_each.items()
    ]


def waiting(user: Viewer, sites: Sequence[Site], now: datetime) -> QuerySet[Proposal]:
    """What the user is to decide at some sites, the most serious first."""
    found = Q(pk__in=[])
    for site in sites:
        due = Proposal.objects.waiting(day_of(now, site.calendar)).filter(site=site)
        found |= Q(pk__in=due.order_by().values("pk"))
    rows: QuerySet[Proposal] = Proposal.objects.decided_by(user).filter(found)
    return rows.select_related(*SHOWN).order_by("-surprise", "pk")


def put_off(user: Viewer, sites: Sequence[Site], now: datetime) -> QuerySet[Proposal]:
    """What comes again on a later day, the next first."""
    due = waiting(user, sites, now).order_by().values("pk")
    rows: QuerySet[Proposal] = Proposal.objects.decided_by(user).filter(
        state=State.PUT_OFF, site__in=sites
    )
    return rows.exclude(pk__in=due).select_related(*SHOWN).order_by("until", "pk")


def planned_with(agent: int, user: Viewer) -> QuerySet[Session]:
    """What is planned with an agent already, of what the user sees, the next first."""
    rows: QuerySet[Session] = Session.objects.visible_to(user).planned().of_agent(agent)
    return rows.order_by("starts_at", "pk")


def may_take(agent: int, user: Viewer) -> QuerySet[Session]:
    """Those of them that a proposal about the agent can be put on: with them alone, prepared by the
    user, and led by no colleague."""
    rows = planned_with(agent, user).filter(kind__in=Session.WITH_COACH)
    changed = Session.objects.changed_by(user).order_by().values("pk")
    return rows.filter(pk__in=changed).select_related("coach", "site")


def held_back(user: User, sites: Sequence[Site], now: datetime) -> int:
    """How many of the user's own people, or at sites managed, the last night found something of
    that their week has no room for."""
    scope = scope_of(user)
    of_last_night = Q(pk__in=[])
    for site in sites:
        of_last_night |= Q(site=site, day__gte=day_of(now, site.calendar) - DAY)
    newest = TriggerRun.objects.filter(of_last_night).order_by("site_id", "-day")
    many = 0
    for run in newest.distinct("site_id"):
        if scope.everything or run.site_id in coached_sites(scope):
            many += sum(run.rest.values())
        else:
            many += run.rest.get(str(user.pk), 0)
    return many


WAITING = Waiting(
    "proposals_waiting",
    lambda: Proposal.objects.waiting_now(Late(timezone.now, DateTimeField())),
    sites=attrgetter("managed_sites"),
)


@dataclass(frozen=True, slots=True)
class OfRule:
    """A rule, and what became of what it proposed."""

    rule: TriggerRule
    words: str
    made: Mapping[str, int]
    silent: str = ""
    """Why it can find nothing, by what the site has chosen; "": it can."""

    @property
    def planned(self) -> int:
        return self.made.get(State.PLANNED, 0)

    @property
    def declined(self) -> int:
        return self.made.get(State.DECLINED, 0)

    @property
    def decided(self) -> int:
        return self.planned + self.declined

    @property
    def all(self) -> int:
        return sum(self.made.values())

    @property
    def lapsed(self) -> int:
        return self.made.get(State.LAPSED, 0)

    @property
    def accepted(self) -> float | None:
        """The share that led to a session, of those that somebody decided; None: none was."""
        return self.planned / self.decided if self.decided else None


def rules(user: Viewer, site: Site, now: datetime) -> list[OfRule]:
    """The rules of a site, each with what became of what it proposed. Two queries, and two more
    where any is of a KPI."""
    rows: Any = TriggerRule.objects.visible_to(user).filter(site=site)
    chosen = list(rows.select_related("criterion", "site").order_by("pk"))
    counted = Proposal.objects.filter(rule__in=chosen).order_by()
    many: dict[int, Counter[str]] = {one.pk: Counter() for one in chosen}
    for rule, state, n in counted.values_list("rule", "state").annotate(n=Count("pk")):
        many[rule][state] = n
    silent = why_silent(chosen, site, now)
    return [OfRule(one, words.rule(one), many[one.pk], silent.get(one.pk, "")) for one in chosen]


def why_silent(rules: Iterable[TriggerRule], site: Site, now: datetime) -> dict[int | None, str]:
    """Of rules of a site that can find nothing, by what it has chosen by now, why: in words, by
    their ids. Two queries where any is of a KPI."""
    of_kpis = [one for one in rules if one.kind == TriggerRule.Kind.KPI]
    if not of_kpis:
        return {}
    choices = Choices(day_of(now, site.calendar) - DAY)
    found: dict[int | None, str] = {}
    for one in of_kpis:
        variant = looking.silent_by(one, choices)
        if variant is not None:
            found[one.pk] = words.silent(one, variant)
    return found


def of_sessions(agent: int, sessions: Sequence[int]) -> list[Line]:
    """What an agent's own sessions were proposed for."""
    rows = Proposal.objects.filter(agent=agent, session__in=sessions, state=State.PLANNED)
    rows = rows.select_related(*SHOWN)
    return [Line.of(one) for one in rows.order_by("pk")]
