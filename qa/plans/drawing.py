"""Draws a plan's calls of a period, once, and hands them to reviewers.

The plan's row is locked while it is drawn: of two who draw the same period at once one does, and
the other is given what came of it. The seed is made within that, so that nobody can try several
and keep the one they like.
"""

import math
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import DAY, day_of, site_day, site_days
from ccm.models import Agent, Call, Site, TeamMembership, User
from qa import sampling
from qa.models import (
    AgentDraw,
    CardVersion,
    DrawnCall,
    Evaluation,
    PlanDraw,
    SamplingPlan,
)
from qa.plans import eligible, kept, people
from qa.plans.eligible import Found, Theirs
from qa.plans.how import How
from qa.plans.people import Person
from qa.plans.periods import Period, periods
from qa.reviews import facts, making
from qa.sampling import Draw, Missing, Reviewer, Task, Workload

# The record is taken for whole so long after a period, whether or not a later call is in it.
PATIENCE = 2 * DAY
# What was not drawn in so long is drawn by hand alone.
CATCH_UP = 60 * DAY
UNSAID = ("id", "how", "seed", "digest")


@dataclass(frozen=True, slots=True)
class Made:
    """A draw, and whether it was made just now."""

    draw: PlanDraw
    is_new: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """What chance draws of each agent, and who reviews it."""

    draws: Sequence[tuple[Theirs, Draw]]
    work: Workload


def due(plan: SamplingPlan, now: datetime) -> list[Period]:
    """The periods that wait to be drawn by themselves, the oldest first: those after the newest
    that was drawn; of a plan that has drawn nothing yet, the newest alone."""
    today = day_of(now, plan.site.calendar)
    over = list(periods(plan.cadence, plan.starts_on, plan.ended_on, today))
    newest = plan.draws.order_by("-first_day").values_list("first_day", flat=True).first()
    waits = over[-1:] if newest is None else [one for one in over if one.first > newest]
    return [
        one
        for one in waits
        if one.next >= today - CATCH_UP and _is_whole(plan.site, one, today, now)
    ]


def undrawn(plan: SamplingPlan, now: datetime) -> list[Period]:
    """The periods that are over and not drawn, the newest first."""
    today = day_of(now, plan.site.calendar)
    drawn = set(plan.draws.values_list("first_day", flat=True))
    over = periods(plan.cadence, plan.starts_on, plan.ended_on, today)
    return [one for one in over if one.first not in drawn][::-1]


def _is_whole(site: Site, period: Period, today: date, now: datetime) -> bool:
    if today >= period.next + PATIENCE:
        return True
    return eligible.reaches_beyond(site, site_day(period.next, site.calendar).start, now)


@transaction.atomic
def make(plan: SamplingPlan, first_day: date, who: User | None, now: datetime) -> Made:
    """Draw a plan's calls of the period that begins on a day, or tell of the draw that was made.

    Raises ValidationError where the plan has no such period that is over, there is no call to draw,
    or its scorecard has no published version.
    """
    rows = SamplingPlan.objects.select_for_update(of=("self",)).select_related("site", "card")
    locked: SamplingPlan = rows.get(pk=plan.pk)
    there = locked.draws.filter(first_day=first_day).first()
    if there is not None:
        return Made(there, is_new=False)
    period = _period(locked, first_day, now)
    version = _version(locked)
    rules = facts.rules_of(locked.site_id)
    how = How.of_plan(locked, needs_consent=rules.asks_consent)
    found = eligible.find(locked.site, how, period)
    if not found.many:
        raise ValidationError(_("There is no call in this period that the plan could draw."))
    seed = secrets.token_hex(16)
    persons = people.those(locked.site, [one.user for one in how.reviewers], now)
    drawing = draw(seed, how, found, persons, _taken(locked.site, period, version, how))
    today = day_of(now, locked.site.calendar)
    due_at = site_day(today + timedelta(days=how.due_days), locked.site.calendar).end
    made = PlanDraw.objects.create(
        plan=locked,
        site=locked.site,
        first_day=period.first,
        next_day=period.next,
        seed=seed,
        how={
            "plan": how.written(),
            "left_out": dict(found.left_out),
            "strata": dict(Counter(label for one in found.agents for label in one.calls
                                   for _each in one.calls[label])),
            "version": version.pk,
            "missing": [[one.call, one.rank, str(one.why)] for one in drawing.work.missing],
        },
        digest=digest(one for theirs in found.agents for ids in theirs.calls.values()
                      for one in ids),
        eligible=found.many,
        due_at=due_at,
        made_by=who,
        made_at=now,
    )  # fmt: skip
    drawn = _keep(made, how, drawing)
    _hand_out(made, version, drawn, drawing.work, persons, now)
    audit.record(who, made, before=None, after=audit.values_of(made, UNSAID), now=now)
    return Made(made, is_new=True)


def draw(
    seed: str,
    how: How,
    found: Found,
    persons: Mapping[int, Person],
    taken: Mapping[str, frozenset[int]] | None = None,
) -> Drawing:
    """What a seed draws of what was found, and how it is shared over reviewers. `taken` says of
    calls who reviews them for another plan, by the same version: nobody does twice."""
    draws = [
        (
            one,
            sampling.draw(
                seed,
                (sampling.Eligible(id, label) for label, ids in one.calls.items() for id in ids),
                how.allocating,
            ),
        )
        for one in found.agents
    ]
    return Drawing(draws, _shared(seed, how, draws, persons, taken or {}))


def _shared(
    seed: str,
    how: How,
    draws: Sequence[tuple[Theirs, Draw]],
    persons: Mapping[int, Person],
    taken: Mapping[str, frozenset[int]],
) -> Workload:
    # A call that somebody has for another plan is, to them, of somebody they do not review.
    tasks, apart = [], defaultdict(list)
    for theirs, made in draws:
        for one in made.drawn:
            by = taken.get(one.call, frozenset())
            whose = _key(theirs.agent) if not by else f"{_key(theirs.agent)} {one.call}"
            if by:
                apart[theirs.agent].append((whose, by))
            tasks.append(Task(one.call, whose))
    agents = [theirs.agent for theirs, _made in draws]
    people_of = [(one, persons[one.user]) for one in how.reviewers if one.user in persons]
    conflicts = {
        one.user: {_key(agent) for agent in person.conflicts(agents)}
        | {
            whose
            for agent, others in apart.items()
            for whose, by in others
            if one.user in by or not person.may(agent)
        }
        for one, person in people_of
    }
    several = max(2, how.several)
    doubles = math.floor(how.several_share * len(tasks) + 0.5)
    every = len(tasks) + (several - 1) * doubles

    def shared(level: int | None) -> Workload:
        """By what each can do, at most `level`."""
        return sampling.assign(
            seed,
            tasks,
            [
                Reviewer(
                    str(one.user),
                    _least(every if one.capacity is None else one.capacity, level),
                    frozenset(conflicts[one.user]),
                )
                for one, _person in people_of
            ],
            share=how.several_share,
            several=several,
        )

    if all(one.capacity is not None for one, _person in people_of):
        return shared(None)
    work = shared(_level(every, [one.capacity for one, _person in people_of]))
    # Who may not review some leaves more to others than their even part.
    return shared(None) if work.missing else work


def _least(capacity: int, level: int | None) -> int:
    return capacity if level is None else min(capacity, level)


def _level(reviews: int, most: Sequence[int | None]) -> int:
    """The least number up to which everybody is to take reviews, as far as they can, so that all
    are done."""
    left, people = reviews, len(most)
    for one in sorted(one for one in most if one is not None):
        if one * people >= left:
            break
        left, people = left - one, people - 1
    return -(-left // people)


def _key(agent: int) -> str:
    """An agent as the sharing of work knows them: their number may be some reviewer's, too."""
    return f"agent {agent}"


def digest(calls: Iterable[str]) -> str:
    """Of ids of calls, in whatever order: as of an agent's draw (`qa.sampling.draw`)."""
    return blake2b("\n".join(sorted(calls)).encode(), digest_size=16).hexdigest()


def _period(plan: SamplingPlan, first_day: date, now: datetime) -> Period:
    today = day_of(now, plan.site.calendar)
    over: Iterator[Period] = periods(plan.cadence, plan.starts_on, plan.ended_on, today)
    for one in over:
        if one.first == first_day:
            return one
    raise ValidationError(_("The plan has no such period, or it is not over yet."))


def _version(plan: SamplingPlan) -> CardVersion:
    newest: CardVersion | None = plan.card.versions.published().order_by("-number").first()
    if newest is None:
        raise ValidationError(_("The scorecard has no published version to review by."))
    return newest


def _taken(site: Site, period: Period, version: CardVersion, how: How) -> dict[str, frozenset[int]]:
    """Who of the plan's reviewers has which calls of the period for another plan already."""
    span = site_days(period.first, period.last, site.calendar)
    rows = Evaluation.objects.exclude(state=Evaluation.State.DROPPED).filter(
        kind=Evaluation.Kind.DRAWN,
        site=site,
        called_at__gte=span.start,
        called_at__lt=span.end,
        version=version,
        reviewer__in=[one.user for one in how.reviewers],
    )
    there: defaultdict[str, set[int]] = defaultdict(set)
    for call, reviewer in rows.values_list("call_id", "reviewer"):
        there[str(call)].add(reviewer)
    return {call: frozenset(by) for call, by in there.items()}


def _keep(made: PlanDraw, how: How, drawing: Drawing) -> dict[str, tuple[DrawnCall, Theirs]]:
    """Keep each agent's draw and the calls drawn, by call."""
    rows = []
    for theirs, one in drawing.draws:
        calls, labels, places = kept.pack(theirs.calls)
        rows.append(
            AgentDraw(
                draw=made, agent_id=theirs.agent, team_id=theirs.team,
                wanted=how.wanted(labels), eligible=theirs.many,
                calls=calls, strata=labels, of_strata=places, digest=one.of,
            )
        )  # fmt: skip
    rows = AgentDraw.objects.bulk_create(rows)
    found = {}
    for row, (theirs, one) in zip(rows, drawing.draws, strict=True):
        strata = {call: label for label, ids in theirs.calls.items() for call in ids}
        for each in one.drawn:
            found[each.call] = (
                DrawnCall(
                    drawn=row, call_id=each.call, layer=each.layer, n=each.n, of=each.of,
                    stratum=strata[each.call],
                ),
                theirs,
            )  # fmt: skip
    DrawnCall.objects.bulk_create([row for row, _theirs in found.values()])
    return found


def _hand_out(
    made: PlanDraw,
    version: CardVersion,
    drawn: Mapping[str, tuple[DrawnCall, Theirs]],
    work: Workload,
    persons: Mapping[int, Person],
    now: datetime,
) -> None:
    """Make the reviews that are to be done, without a query a call."""
    calls = calls_of(drawn)
    rules = facts.rules_of(made.site_id)
    teams = _teams_by_day(made.site, calls.values())
    reviews: list[Evaluation] = []
    for one in work.reviews:
        row, theirs = drawn[one.call]
        call = calls.get(one.call)
        if call is None or facts.why_not_heard(call, rules):
            continue  # it changed since it was found: whoever looks swaps it
        reviews.append(
            making.unsaved(
                call, version, persons[int(one.reviewer)].user, now, rules,
                kind=Evaluation.Kind.DRAWN, drawn=row, rank=one.rank, due_at=made.due_at,
                made_by=made.made_by, team_id=teams.get(one.call, theirs.team),
            )
        )  # fmt: skip
    Evaluation.objects.bulk_create(reviews)


def calls_of(ids: Iterable[str]) -> dict[str, Call]:
    """Calls that are still in the record, by their ids as text, with what a review keeps of them.
    One query, of the months that they are of."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    rows = Call.objects.filter(pk__in=wanted, pk__gte=wanted[0], pk__lte=wanted[-1])
    rows = rows.select_related("site", "queue", "agent", "topic", "disposition")
    return {str(one.pk): one for one in rows}


def _teams_by_day(site: Site, calls: Iterable[Call]) -> dict[str, int | None]:
    """The team that each call's agent was in on its day. One query."""
    rows = list(calls)
    stays: defaultdict[int, list[Any]] = defaultdict(list)
    agents = {one.agent_id for one in rows}
    for one in TeamMembership.objects.filter(agent__in=agents):
        stays[one.agent_id].append(one)
    found: dict[str, int | None] = {}
    for call in rows:
        day = day_of(call.offered_at, site.calendar)
        there = [
            one.team_id
            for one in stays[call.agent_id or 0]
            if one.starts_on <= day and (one.ends_on is None or day < one.ends_on)
        ]
        found[str(call.pk)] = there[0] if there else None
    return found


@dataclass(frozen=True, slots=True)
class Differs:
    """What a repeated draw has otherwise than was kept: an agent, and in words what."""

    agent: Agent
    words: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """A draw made again from its kept calls: of how many agents and calls, and what differs."""

    agents: int
    calls: int
    differences: Sequence[Differs]

    @property
    def is_equal(self) -> bool:
        return not self.differences


def repeat(made: PlanDraw) -> Repeated:
    """Make a draw again from the calls that were kept and its seed, with the swaps since, and say
    what comes out otherwise. Three queries."""
    how = How.read(made.how["plan"])
    rows = list(made.agents.select_related("agent").prefetch_related("drawn"))
    differences, calls = [], []
    for row in rows:
        ids = [one.call for one in kept.unpack(row)]
        calls += ids
        for words in _differences(made.seed, how, row, ids):
            differences.append(Differs(row.agent, words))
    if rows and digest(calls) != made.digest:
        differences.append(Differs(rows[0].agent, _("the calls of all agents are not those kept")))
    return Repeated(len(rows), len(calls), differences)


def _differences(seed: str, how: How, row: AgentDraw, ids: Sequence[str]) -> Iterator[str]:
    if digest(ids) != row.digest:
        yield _("the kept calls are not those of the digest")
    expected = {(one.call, one.layer, one.n, one.of) for one in kept.again(seed, how, row).drawn}
    standing = {
        (str(one.call_id), one.layer, one.n, one.of)
        for one in row.drawn.all()
        if one.state == DrawnCall.State.STANDING
    }
    for call, _layer, n, of in sorted(expected - standing):
        yield _("%(call)s would be drawn, one of %(n)d of %(of)d") % {
            "call": call, "n": n, "of": of,
        }  # fmt: skip
    for call, _layer, n, of in sorted(standing - expected):
        yield _("%(call)s is kept, one of %(n)d of %(of)d") % {"call": call, "n": n, "of": of}
    unsaid = {
        str(one.call_id)
        for one in row.drawn.all()
        if one.state == DrawnCall.State.SWAPPED and str(one.call_id) not in row.refused
    }
    for call in sorted(unsaid):
        yield _("%(call)s was swapped, and its reason is not kept") % {"call": call}


def shared_of(work: Workload) -> dict[int, int]:
    """How many reviews each reviewer gets."""
    found: defaultdict[int, int] = defaultdict(int)
    for one in work.reviews:
        found[int(one.reviewer)] += 1
    return dict(found)


def without_anybody(missing: Sequence[Missing]) -> dict[str, int]:
    """How many reviews have nobody, by why."""
    found: defaultdict[str, int] = defaultdict(int)
    for one in missing:
        found[str(one.why)] += 1
    return dict(found)
