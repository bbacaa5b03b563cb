"""Writes rounds of bids: opened, ranked, closed, given out; each time the audit log has it,
and of opening and giving out those who take part get a mail.

Who writes to a round locks it. Rosters are written by `scheduling.rosters.edits` alone.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Agent, User
from scheduling.bids import letters, reckoned
from scheduling.bids import lines as of_lines
from scheduling.models import Bid, BidLine, BidRound, KeptRoster, KeptShift, RosterEdit
from scheduling.rosters import edits, kept, reads
from scheduling.rosters import services as rosters
from scheduling.rosters.edits import Wanted

FEWEST_PEOPLE, MOST_PEOPLE = 2, 60
_MOST_NAMED = 5
_UNSAID = ("id", "seed", "breaks", "is_told", "opened_by", "opened_at", "awarded_by")
_State = BidRound.State


def values(held: BidRound) -> dict[str, Any]:
    """What the audit log keeps of a round."""
    return audit.values_of(held, _UNSAID) | {"criteria": ", ".join(held.criteria)}


@transaction.atomic
def begin(held: BidRound, who: User, now: datetime) -> None:
    """Open a round on a draft for those of its people whom it chooses, each of whose rows is a line
    from then on, numbered by chance.

    Raises ValidationError where that cannot be: no draft, one that is being made, a closing moment
    that is over, too few people or too many, and somebody who is in another round of the roster.
    """
    roster = KeptRoster.objects.select_for_update(of=("self",)).select_related("site").get(
        pk=held.roster_id
    )  # fmt: skip
    held.roster = roster
    if not roster.is_draft:
        raise ValidationError(_("It is published: bids are on drafts."))
    if rosters.working(roster) is not None:
        raise ValidationError(_("It is being made: wait until that is over, or stop it."))
    _may_close_at(held.closes_at, roster, now)
    shifts = list(roster.shifts.all())
    mine: dict[int, list[KeptShift]] = defaultdict(list)
    for one in shifts:
        mine[one.agent_id].append(one)
    problem = kept.problem_of(roster, None, shifts)
    people = reckoned.chosen(held, problem, mine)
    _may_take_part(roster, people)
    secrets.SystemRandom().shuffle(people)
    held.seed = secrets.randbelow(2**31)
    held.revision, held.opened_by, held.opened_at = roster.revision, who, now
    held.save()
    drawn = [
        BidLine(
            round=held,
            number=number,
            holder_id=agent,
            shifts=of_lines.said(mine[agent]),
            counts=of_lines.counts(roster, problem, mine[agent]),
        )
        for number, agent in enumerate(people, 1)
    ]
    BidLine.objects.bulk_create(drawn)
    against = reckoned.against(problem, roster, drawn)
    Bid.objects.bulk_create(
        Bid(round=held, agent_id=agent, against=against[agent]) for agent in sorted(people)
    )
    audit.record(who, held, before=None, after=values(held), now=now)
    letters.tell_opened(held)


def _may_take_part(roster: KeptRoster, people: Sequence[int]) -> None:
    if len(people) < FEWEST_PEOPLE:
        raise ValidationError(
            _("Fewer than two people with shifts are chosen so: there is nothing to choose.")
        )
    if len(people) > MOST_PEOPLE:
        raise ValidationError(
            _("%(many)s people are chosen so; a round has at most %(most)s.")
            % {"many": len(people), "most": MOST_PEOPLE}
        )
    others = Bid.objects.filter(
        agent__in=people, round__roster=roster, round__in=BidRound.objects.not_over()
    )
    names = [*others.order_by("agent__name").values_list("agent__name", flat=True)[:_MOST_NAMED]]
    if names:
        raise ValidationError(
            _("In another round on this roster that is not over: %(names)s")
            % {"names": ", ".join(names)}
        )


@transaction.atomic
def rank(bid: Bid, ranked: Sequence[int], who: User, now: datetime, *, seen: int) -> None:
    """Keep what somebody chose, the best first; `seen` are the `changes` of it that they saw.

    Raises ValidationError where the round is closed, they have ranked otherwise since, or a line is
    not open to them or is chosen twice.
    """
    held = BidRound.objects.select_for_update(no_key=True).get(pk=bid.round_id)
    if not held.is_open or held.closes_at <= now:
        raise ValidationError(_("The round is closed: what you chose before stands."))
    locked = Bid.objects.select_for_update(no_key=True).get(pk=bid.pk)
    if locked.changes != seen:
        raise ValidationError(_("You have chosen on another page since: look again."))
    there = {*held.lines.values_list("number", flat=True)} - {int(one) for one in locked.against}
    if len({*ranked}) < len(ranked) or not there.issuperset(ranked):
        raise ValidationError(_("There is a line that you cannot choose: look again."))
    if [*ranked] == locked.ranked:
        return
    before = _ranking(locked)
    locked.ranked, locked.ranked_at, locked.changes = [*ranked], now, seen + 1
    locked.save(update_fields=["ranked", "ranked_at", "changes"])
    audit.record(who, locked, before=before, after=_ranking(locked), now=now)


def _ranking(bid: Bid) -> dict[str, Any]:
    return {
        "round": bid.round_id,
        "agent": bid.agent_id,
        "ranked": ", ".join(map(str, bid.ranked)),
    }


@transaction.atomic
def close(held: BidRound, now: datetime, who: User | None = None) -> bool:
    """Close a round, and reckon what it gives to whom; by nobody only when its moment is over.
    False where it is not open any more, or it is too early. Safe to run twice."""
    locked = _locked(held)
    if not locked.is_open or (who is None and locked.closes_at > now):
        return False
    before = values(locked)
    locked.state, locked.closes_at = _State.CLOSED, min(locked.closes_at, now)
    locked.save(update_fields=["state", "closes_at"])
    audit.record(who, locked, before=before, after=values(locked), now=now)
    _propose(locked)
    return True


@transaction.atomic
def keep_open_until(
    held: BidRound, closes_at: datetime, who: User, now: datetime, *, seen: datetime
) -> None:
    """Have an open round close at another moment; `seen` is the one that they saw.

    Raises ValidationError where it is open no more, somebody has moved it since, or the moment is
    over or comes after the roster.
    """
    locked = _locked(held)
    if not locked.is_open or locked.closes_at <= now:
        raise ValidationError(_("It is not open any more."))
    if locked.closes_at != seen:
        raise ValidationError(_("Somebody has moved it meanwhile: look again."))
    _may_close_at(closes_at, locked.roster, now)
    before = values(locked)
    locked.closes_at = closes_at
    locked.save(update_fields=["closes_at"])
    if before != (after := values(locked)):
        audit.record(who, locked, before=before, after=after, now=now)


def _may_close_at(moment: datetime, roster: KeptRoster, now: datetime) -> None:
    if moment <= now:
        raise ValidationError({"closes_at": _("That moment is over.")})
    if moment.astimezone(roster.site.tz).date() > roster.last_day:
        raise ValidationError({"closes_at": _("The roster is over by then.")})


@transaction.atomic
def call_off(held: BidRound, who: User, now: datetime) -> bool:
    """Have nothing come of a round; False where it is over already."""
    locked = _locked(held)
    if locked.is_over:
        return False
    before = values(locked)
    locked.state = _State.CALLED_OFF
    locked.save(update_fields=["state"])
    audit.record(who, locked, before=before, after=values(locked), now=now)
    return True


@transaction.atomic
def give(held: BidRound, who: User, now: datetime, *, seen: str) -> bool:
    """Give everybody in a closed round their line, in the draft. False where it has come out
    otherwise than they saw it (`mark`), as terms of work have changed: then it is proposed anew.

    Raises ValidationError where the round is not closed, or is over; where the roster is published,
    is being made, or has changed since the round began (`edits.Stale`).
    """
    # As everyone who writes to rosters does, the roster before the round.
    roster = KeptRoster.objects.select_for_update(of=("self",)).select_related("site").get(
        pk=held.roster_id
    )  # fmt: skip
    locked = _locked(held)
    if locked.state != _State.CLOSED:
        raise ValidationError(_("This round is not closed, or is over: look again."))
    if not roster.is_draft:
        raise ValidationError(_("The roster is published: call the round off."))
    _propose(locked)
    if mark(locked) != seen:
        return False
    bids = list(locked.bids.select_related("line"))
    edits.apply(
        roster,
        _wanted(roster, bids),
        who,
        now,
        seen=locked.revision,
        why=RosterEdit.Why.BID,
        by_themselves={one.agent_id for one in bids},
    )
    before = values(locked)
    locked.state, locked.awarded_by, locked.awarded_at = _State.AWARDED, who, now
    locked.save(update_fields=["state", "awarded_by", "awarded_at"])
    audit.record(who, locked, before=before, after=values(locked), now=now)
    letters.tell_given(locked)
    return True


def mark(held: BidRound) -> str:
    """What tells one proposal of a round from another."""
    rows = held.bids.order_by("agent").values_list("agent_id", "line__number")
    return sha256(repr([*rows]).encode()).hexdigest()[:16]


def _wanted(roster: KeptRoster, bids: Sequence[Bid]) -> list[Wanted]:
    """Everybody's days as they are to be; their shifts stay so when the roster is made anew."""
    wanted = []
    for bid in bids:
        assert bid.line is not None  # a round that is closed gives each one
        gets = of_lines.givens(bid.line)
        for day in reads.days_of(roster):
            one = gets.get(day)
            given = None if one is None else replace(one, is_fixed=True)
            wanted.append(Wanted(bid.agent_id, day, given))
    return wanted


def _propose(held: BidRound) -> None:
    """Keep what a round gives to whom by now."""
    found = reckoned.outcome(held)
    numbers: Mapping[int, int] = dict(held.lines.values_list("number", "pk"))
    bids = {one.agent_id: one for one in held.bids.all()}
    # A line and a place are one person's: those of before are given up first.
    held.bids.update(line=None, place=None)
    for one in found.awards:
        bid = bids[one.place.bidder.id]
        bid.place, bid.by = one.place.number, [each.value for each in one.place.by]
        bid.line_id = numbers[one.line]
        bid.choices = [[line, why.value] for line, why in one.choices]
        bid.against = found.against[bid.agent_id]
        bid.beyond = found.beyond.get(bid.agent_id)
    fields = ["place", "by", "line", "choices", "against", "beyond"]
    Bid.objects.bulk_update(bids.values(), fields)
    held.breaks, held.is_told = found.breaks, found.is_told
    held.save(update_fields=["breaks", "is_told"])


def _locked(held: BidRound) -> BidRound:
    rows = BidRound.objects.select_for_update(of=("self",), no_key=True)
    locked: BidRound = rows.select_related("roster__site", "roster__group").get(pk=held.pk)
    return locked


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Bids of somebody who is merged go on of the one they become; a round in which both are is
    called off unless it is over, as their shifts are one person's by then. Receiver of
    `names_merged`."""
    if sender is not Agent:
        return
    both = {*Bid.objects.filter(agent=keeper).values_list("round_id", flat=True)}
    twice = Bid.objects.filter(agent=loser, round__in=both)
    BidRound.objects.not_over().filter(bids__in=twice).update(state=_State.CALLED_OFF)
    twice.delete()
    BidLine.objects.filter(holder=loser, round__in=both).delete()
    Bid.objects.filter(agent=loser).update(agent=keeper)
    BidLine.objects.filter(holder=loser).update(holder=keeper)
