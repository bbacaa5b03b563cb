"""Requests decided by rule, and who moves up when room is made.

All that is asked and not decided, waiting requests among it, is gone through in one order. Each is
held against every rule as it then stands:

- one that breaks any rule but the allowance is refused;
- one that only finds no room waits, or is refused where there is no waitlist;
- any other is approved, and takes its room and its minutes at once.

A request that does not fit stops none after it: room that it cannot use is used. What is approved
stays so: nothing here takes it away, be it that an allowance, a balance or a rule has changed
since. A request that is refused stays so, too, and is asked anew. Going through a settled book
again changes nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from statistics import median
from typing import Any

from scheduling.timeoff.allowance import Allowance
from scheduling.timeoff.asked import Member, Order, Policy, Request
from scheduling.timeoff.balance import Account
from scheduling.timeoff.checks import Fact, Rule, Standing, facts, takes

Place = tuple[str, date]


class Outcome(StrEnum):
    APPROVED = "approved"
    REFUSED = "refused"
    WAITLISTED = "waitlisted"


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a request, and what every rule said of it when it was decided. `position` is
    its place among those that wait for the same days, 1 the first; None: it does not wait."""

    outcome: Outcome
    facts: tuple[Fact, ...]
    position: int | None = None

    @property
    def broken(self) -> tuple[Fact, ...]:
        return tuple(one for one in self.facts if not one.holds)


@dataclass(frozen=True, slots=True)
class Book:
    """A site's requests and what they are held against.

    Members by id, policies by kind, allowances by group and day. Accounts are by person and kind,
    without what requests of this book use; of a kind that has none for a person no balance is kept.
    `taken` is what is taken of allowances by absences that are no requests. `undecided` are new
    requests and waiting ones. Raises ValueError for one request twice, and for one of a person or a
    kind that is not here.
    """

    members: Mapping[str, Member]
    policies: Mapping[str, Policy]
    accounts: Mapping[tuple[str, str], Account] = field(default_factory=dict)
    allowances: Mapping[Place, Allowance] = field(default_factory=dict)
    taken: Mapping[Place, Fraction] = field(default_factory=dict)
    order: Order = Order.FIRST_COME
    approved: tuple[Request, ...] = ()
    undecided: tuple[Request, ...] = ()

    def __post_init__(self) -> None:
        requests = (*self.approved, *self.undecided)
        if len({one.id for one in requests}) != len(requests):
            raise ValueError("a request is in the book twice")
        for one in requests:
            if one.person not in self.members or one.kind not in self.policies:
                raise ValueError(f"request {one.id} is of nobody here, or of no kind of leave")

    def without(self, request: str) -> "Book":
        """The book once a request is withdrawn; the same where it is not in it (any more)."""
        return replace(
            self,
            approved=tuple(one for one in self.approved if one.id != request),
            undecided=tuple(one for one in self.undecided if one.id != request),
        )

    def ordered(self) -> tuple[Request, ...]:
        """All that is not decided, who goes first before the others."""
        return tuple(sorted(self.undecided, key=self._key()))

    def used(self) -> dict[Place, Fraction]:
        """What is taken of each group's day, by approved requests and otherwise."""
        total = dict(self.taken)
        for one in self.approved:
            member, policy = self.members[one.person], self.policies[one.kind]
            _add(total, takes(one, member, policy, self.allowances))
        return total

    def _key(self) -> Any:
        known = [one.ratio for one in self.members.values() if one.ratio is not None]
        middle = median(known) if known else Fraction(0)

        def key(one: Request) -> tuple[Any, ...]:
            member = self.members[one.person]
            if self.order is Order.SENIORITY:
                return (member.here_since, one.asked_at, one.id)
            if self.order is Order.FAIRNESS:
                ratio = middle if member.ratio is None else member.ratio
                return (ratio, one.asked_at, one.id)
            return (one.asked_at, one.id)

        return key


@dataclass(frozen=True, slots=True)
class Settled:
    """A book gone through: what was decided of each request that was not, by its id, and the book
    as it stands then, in which only those that wait are undecided."""

    decisions: Mapping[str, Decision]
    book: Book


def settle(book: Book, today: date) -> Settled:
    """Go through all that is undecided, as told above. Neither the order of the book's requests nor
    how often it was gone through before makes a difference."""
    ordered = book.ordered()
    first, then = _gone_through(book, ordered, today)
    waiting = [one for one in ordered if first[one.id].outcome is Outcome.WAITLISTED]
    # Room only shrank meanwhile, so none of these fits; but what was approved after one may rule it
    # out, as other leave of the same person does on the same day.
    again, _ = _gone_through(then, waiting, today)
    waiting = [one for one in waiting if again[one.id].outcome is Outcome.WAITLISTED]
    decisions = {**first, **again}
    for request, place in _positions(waiting, decisions).items():
        decisions[request] = replace(decisions[request], position=place)
    return Settled(decisions, replace(then, undecided=tuple(waiting)))


def _gone_through(
    book: Book, requests: Sequence[Request], today: date
) -> tuple[dict[str, Decision], Book]:
    """What becomes of requests one after the other, and the book with those that were approved."""
    taken = book.used()
    own: dict[str, list[Request]] = defaultdict(list)
    for one in book.approved:
        own[one.person].append(one)
    approved, decisions = list(book.approved), {}
    for one in requests:
        member, policy = book.members[one.person], book.policies[one.kind]
        others = own[one.person]
        standing = Standing(
            today=today,
            policy=policy,
            member=member,
            others=others,
            account=_account(book, one, others),
            allowances=book.allowances,
            taken=taken,
        )
        said = facts(one, standing)
        decisions[one.id] = Decision(_outcome(said, policy), said)
        if decisions[one.id].outcome is Outcome.APPROVED:
            approved.append(one)
            others.append(one)
            _add(taken, takes(one, member, policy, book.allowances))
    return decisions, replace(book, approved=tuple(approved), undecided=())


def _outcome(said: Sequence[Fact], policy: Policy) -> Outcome:
    broken = {one.rule for one in said if not one.holds}
    if not broken:
        return Outcome.APPROVED
    waits = broken == {Rule.ALLOWANCE} and policy.waitlist
    return Outcome.WAITLISTED if waits else Outcome.REFUSED


def _account(book: Book, request: Request, others: Sequence[Request]) -> Account | None:
    account = book.accounts.get((request.person, request.kind))
    if account is None:
        return None
    return account.using(use for one in others if one.kind == request.kind for use in one.uses)


def _positions(waiting: Sequence[Request], decisions: Mapping[str, Decision]) -> dict[str, int]:
    """Each waiting request's place among those that wait for room on a day and in a group for which
    it waits too. They are in their order."""
    full = [{(fact.group, fact.day) for fact in decisions[one.id].broken} for one in waiting]
    return {
        one.id: 1 + sum(not full[n].isdisjoint(before) for before in full[:n])
        for n, one in enumerate(waiting)
    }


def _add(total: dict[Place, Fraction], more: Mapping[Place, Fraction]) -> None:
    for place, one in more.items():
        total[place] = total.get(place, Fraction(0)) + one
