"""What comes of a round of bids by what is known now: which lines are open to whom, who chooses
when, what each gets, and which rules that bind people together that would newly break."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from ccm.models import TeamMembership
from scheduling import burdens
from scheduling.bids import lines as of_lines
from scheduling.bids import possible
from scheduling.bids.awarding import Award, Bidder, Criterion, award, ordered
from scheduling.bids.possible import Against
from scheduling.models import AgentContract, Bid, BidLine, BidRound, KeptRoster, KeptShift
from scheduling.rosters import kept
from scheduling.rules import Broken, Rule, check
from scheduling.shifts import Problem
from scheduling.terms.skills import of_queue

_TOGETHER = frozenset({Rule.MIX, Rule.PAIRING})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round would give to whom. `against` is by agent and number of a line, and `beyond`
    by agent: empty where fairness decides nothing. `is_told`: each may read their own of it."""

    awards: Sequence[Award]
    against: Mapping[int, Mapping[str, Any]]
    breaks: Sequence[Mapping[str, Any]]
    beyond: Mapping[int, float]
    is_told: bool


def outcome(held: BidRound) -> Outcome:
    """What comes of a round by now. The same number of queries for few people as for many."""
    roster = held.roster
    lines = list(held.lines.all())
    rows = list(of_lines.rows(roster, lines))
    others = list(roster.shifts.exclude(agent__in=[one.holder_id for one in lines]))
    problem = kept.problem_of(roster, None, [*rows, *others])
    speaks = against(problem, roster, lines)
    bids = list(held.bids.select_related("agent"))
    own = {one.holder_id: one.number for one in lines}
    turns = turns_of(held, own)
    criteria = [Criterion(one) for one in held.criteria]
    bore, is_told = _bore(held) if Criterion.FAIRNESS in criteria else ({}, False)
    bidders = [
        Bidder(
            id=one.agent_id,
            own=own[one.agent_id],
            open=frozenset(own.values()) - {int(number) for number in speaks[one.agent_id]},
            ranked=tuple(one.ranked),
            hired_on=one.agent.hired_on,
            turn=turns.get(one.agent_id),
            beyond=bore.get(one.agent_id),
        )
        for one in bids
    ]
    awards = award(ordered(bidders, criteria, held.seed))
    breaks = _breaks(problem, roster, lines, awards, others)
    return Outcome(awards, speaks, breaks, bore, is_told)


def against(
    problem: Problem, roster: KeptRoster, lines: Iterable[BidLine]
) -> dict[int, dict[str, Any]]:
    """What speaks against lines for each of those whose they are, as `Bid.against` keeps it."""
    found = possible.against(problem, of_lines.as_checked(roster, lines))
    return {
        int(person): {str(number): _said(one) for number, one in sorted(speaks.items())}
        for person, speaks in found.items()
    }


def turns_of(held: BidRound, people: Iterable[int]) -> dict[int, float]:
    """When each chose in the last round at the site that was given out and that they were in: 0 for
    the first, up to 1 for the last."""
    rounds = BidRound.objects.filter(
        state=BidRound.State.AWARDED, roster__site=held.roster.site_id
    ).exclude(pk=held.pk)
    many = dict(rounds.order_by().annotate(n=Count("bids")).values_list("pk", "n"))
    before = Bid.objects.filter(round__in=many, agent__in=people, place__isnull=False)
    found = {}
    for one in before.select_related("round").order_by("round__awarded_at", "round"):
        assert one.place is not None
        found[one.agent_id] = (one.place - 1) / max(many[one.round_id] - 1, 1)
    return found


def _bore(held: BidRound) -> tuple[dict[int, float], bool]:
    """What everybody at the site bore beyond their fair share by the day on which the round closes,
    and whether it may be told to those whose it is."""
    book = burdens.of_site(held.roster.site, held.closes_at)
    found = {agent: one.total for agent, one in burdens.beyond(book).items()}
    return found, burdens.may_be_told(book)


def _said(one: Against) -> dict[str, Any]:
    return {"skills": one.lacks_skills, "broken": [_facts(each) for each in one.broken]}


def _facts(one: Broken) -> dict[str, Any]:
    return {
        "rule": one.rule.value,
        "person": one.person,
        "day": one.day,
        "amount": one.amount,
        "limit": one.limit,
    }


def _breaks(
    problem: Problem,
    roster: KeptRoster,
    lines: Sequence[BidLine],
    awards: Iterable[Award],
    others: Sequence[KeptShift],
) -> list[dict[str, Any]]:
    """Hard rules of who works with whom that are broken oftener by what would be given than by what
    was."""
    if problem.mix is None and not problem.pairings:
        return []
    by_number = {one.number: one for one in lines}
    rows = [*of_lines.rows(roster, lines), *others]
    changed: list[KeptShift] = []
    for each in awards:
        line = by_number[each.line]
        mine = BidLine(number=line.number, holder_id=each.place.bidder.id, shifts=line.shifts)
        changed.extend(of_lines.rows(roster, [mine]))
    was, would = (_together(problem, roster, some) for some in (rows, [*changed, *others]))
    left = Counter(_what(one) for one in was)
    new = []
    for one in would:
        if left[_what(one)]:
            left[_what(one)] -= 1
        else:
            new.append({**_facts(one), "what": one.what})
    return new


def _what(one: Broken) -> tuple[object, ...]:
    return one.rule, one.person, one.days, one.what


def _together(problem: Problem, roster: KeptRoster, rows: Iterable[KeptShift]) -> list[Broken]:
    found = check(problem, kept.roster_of(roster, rows))
    return [one for one in found if one.is_hard and one.rule in _TOGETHER]


def chosen(held: BidRound, problem: Problem, working: Iterable[int]) -> list[int]:
    """Who of those who work by a roster are chosen by what a round says, on its first day: by team,
    contract and queue."""
    day = held.roster.first_day
    there = {int(one.id): one for one in problem.people}
    found = {one for one in working if one in there}
    if held.team_id is not None:
        stays = TeamMembership.objects.filter(team=held.team_id, starts_on__lte=day)
        stays = stays.filter(Q(ends_on=None) | Q(ends_on__gt=day))
        found &= {*stays.values_list("agent_id", flat=True)}
    if held.contract_id is not None:
        has = AgentContract.objects.on(day).filter(contract=held.contract_id)
        found &= {*has.values_list("agent_id", flat=True)}
    if held.queue_id is not None:
        found = {one for one in found if of_queue(held.queue_id) in there[one].skills}
    return sorted(found)
