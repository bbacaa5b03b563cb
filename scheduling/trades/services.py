"""Writes trades: offered, taken, decided, taken back; each time the audit log has it.

A roster is locked before a trade of it, and its shifts are read under that lock: of two who take
the same shift one gets it, and what two trades together would leave short is seen by the second.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Agent, User
from scheduling.mine import notices
from scheduling.models import KeptRoster, KeptShift, RosterEdit, Trade
from scheduling.models.trades import LIVE
from scheduling.rosters import edits, given
from scheduling.rosters.given import Given
from scheduling.terms import read
from scheduling.trades import judging, words
from scheduling.trades.judging import Judged, Table

State, Kind = Trade.State, Trade.Kind
MOST_AT_ONCE = 50
_WHY = {
    Kind.COVER: RosterEdit.Why.COVER,
    Kind.SWAP: RosterEdit.Why.SWAP,
    Kind.GIVE_UP: RosterEdit.Why.GIVEN_UP,
    Kind.OPEN: RosterEdit.Why.OPEN,
}
_UNSAID = ("id", "shift", "back", "facts", "edit", "asked_by", "asked_at", "decided_by",
           "decided_at")  # fmt: skip


class Refused(ValidationError):
    """A trade that may not be, with the rule, as the one reads it who asked."""

    def __init__(self, judged: Judged, said: str) -> None:
        super().__init__(said)
        self.judged = judged


@transaction.atomic
def offer(
    shift: KeptShift,
    kind: str,
    who: User,
    now: datetime,
    *,
    to: Agent | None = None,
    note: str = "",
) -> Trade:
    """Offer somebody's own published shift to a colleague or to anybody, for nothing (cover) or for
    one of theirs (swap); or give it up, which is done at once or waits to be decided.

    Raises ValidationError where it cannot be offered, and Refused where it may not be given up.
    """
    roster = _locked(shift.roster_id)
    row = KeptShift.objects.filter(pk=shift.pk, roster=roster).first()
    if row is None or roster.is_draft:
        raise ValidationError(_("That shift is not there any more: look again."))
    if kind not in (Kind.COVER, Kind.SWAP, Kind.GIVE_UP):
        raise ValidationError(_("That cannot be: look again."))
    if to is not None and (to.site_id != roster.site_id or to.pk == row.agent_id):
        raise ValidationError(_("A shift is offered to a colleague of the same site."))
    _past_their_time(roster, now)
    live = Trade.objects.live(now).filter(roster=roster)
    if live.filter(giver=row.agent_id, day=row.day).exists():
        raise ValidationError(_("It is offered already."))
    rules = read.rules(roster.site)
    trade = Trade(
        roster=roster, kind=kind, giver_id=row.agent_id, day=row.day,
        shift=given.of_row(row).values(), to=None if kind == Kind.GIVE_UP else to, note=note,
        until=judging.until(rules, [row.begins_at]), asked_by=who, asked_at=now,
    )  # fmt: skip
    if not now < trade.until:
        raise ValidationError(words.too_late(rules))
    if kind != Kind.GIVE_UP and judging.has_parts(trade.shift):
        raise ValidationError(words.rule(judging.PARTS, {}, {}, roster.first_day))
    if kind == Kind.GIVE_UP:
        table = Table(roster)
        judged = judging.judge(trade, None, table, now)
        if not judged.may_be and judged.code != judging.UNKNOWN:
            raise _refused(trade, judged, row.agent_id)
        trade.save()
        audit.record(who, trade, before=None, after=values(trade), now=now)
        _go_on(trade, table, judged, who, now)
        return trade
    trade.save()
    audit.record(who, trade, before=None, after=values(trade), now=now)
    if trade.to is not None:
        _tell(trade, trade.to, _("A shift is offered to you"))
    return trade


@transaction.atomic
def post(
    roster: KeptRoster, day: date, said: Given, many: int, who: User, now: datetime, note: str = ""
) -> list[Trade]:
    """Post so many open shifts for whoever may take one. Raises ValidationError where there can be
    none."""
    locked = _locked(roster.pk)
    if locked.is_draft:
        raise ValidationError(_("Open shifts are of published rosters."))
    if not locked.first_day <= day <= locked.last_day:
        raise ValidationError(_("There is a day that is not of this roster."))
    if not 1 <= many <= MOST_AT_ONCE:
        raise ValidationError(_("At most %(most)s at once.") % {"most": MOST_AT_ONCE})
    rules = read.rules(locked.site)
    ends = judging.until(rules, [said.begins_at])
    if not now < ends:
        raise ValidationError(words.too_late(rules))
    trades = []
    for _number in range(many):
        trade = Trade(
            roster=locked, kind=Kind.OPEN, day=day, shift=said.values(), note=note, until=ends,
            asked_by=who, asked_at=now,
        )  # fmt: skip
        trade.save()
        audit.record(who, trade, before=None, after=values(trade), now=now)
        trades.append(trade)
    return trades


@transaction.atomic
def take(
    trade: Trade, agent: Agent, who: User, now: datetime, back: KeptShift | None = None
) -> Trade:
    """Take a shift that is offered to somebody or to anybody, of a swap for one's own `back`.

    A cover or an open shift is done at once, or waits to be decided; a swap waits for the giver to
    agree. Raises ValidationError where it is gone, and Refused where it may not be.
    """
    with _held(trade, now, State.OFFERED) as (there, roster):
        if not Trade.objects.open_to(agent, now).filter(pk=there.pk).exists():
            raise ValidationError(_gone())
        if there.kind == Kind.SWAP:
            _give_back(there, roster, agent, back)
        there.taker = agent
        table = Table(roster, [there])
        judged = judging.judge(there, agent.pk, table, now)
        if not judged.may_be:
            raise _refused(there, judged, agent.pk)
        if there.kind == Kind.SWAP:
            _save(there, who, now, State.ANSWERED)
            _tell(there, there.giver, _("Your swap is answered"))
        else:
            _go_on(there, table, judged, who, now)
        return there


@transaction.atomic
def agree(trade: Trade, who: User, now: datetime) -> Trade:
    """The giver of a swap agrees to what is given back: it is done at once, or waits to be decided.
    Raises as `take` does."""
    with _held(trade, now, State.ANSWERED) as (there, roster):
        table = Table(roster)
        judged = judging.judge(there, there.taker_id, table, now)
        if not judged.may_be:
            raise _refused(there, judged, there.giver_id)
        _go_on(there, table, judged, who, now)
        return there


@transaction.atomic
def decline(trade: Trade, agent: Agent, who: User, now: datetime) -> Trade:
    """Whom it was offered to does not want it; or the giver of a swap not what is given back, who
    then goes on to offer it. Raises ValidationError where it is gone."""
    with _held(trade, now, State.OFFERED, State.ANSWERED) as (there, roster):
        if there.state == State.OFFERED and there.to_id == agent.pk:
            _save(there, who, now, State.REFUSED, words.DECLINED)
            _tell(there, there.giver, _("Your offer is declined"))
        elif there.state == State.ANSWERED and there.giver_id == agent.pk:
            taker = there.taker
            _offer_again(there, roster, who, now)
            _tell(there, taker, _("Your shift is not wanted in exchange"))
        else:
            raise ValidationError(_gone())
        return there


@transaction.atomic
def let_go(trade: Trade, agent: Agent, who: User, now: datetime) -> Trade:
    """Who took it does not after all, as long as it is not done: it is offered as before. Raises
    ValidationError where it is gone."""
    with _held(trade, now, State.ANSWERED, State.WAITING) as (there, roster):
        if there.taker_id != agent.pk:
            raise ValidationError(_gone())
        _offer_again(there, roster, who, now)
        _tell(there, there.giver, _("Who took your shift has let it go again"))
        return there


@transaction.atomic
def withdraw(trade: Trade, who: User, now: datetime) -> Trade:
    """Who offered it takes it back, as long as it is not done. Raises ValidationError where it is
    gone."""
    with _held(trade, now, *LIVE) as (there, _roster):
        _save(there, who, now, State.WITHDRAWN, words.TAKEN_BACK)
        _tell(there, there.taker, _("A shift that you were to take is withdrawn"))
        return there


@transaction.atomic
def decide(trade: Trade, who: User, now: datetime, *, approves: bool, reason: str = "") -> Trade:
    """Say whether a trade that waits is done; that it is not, with a reason. Raises ValidationError
    without one, where it is gone, and Refused where it may not be any more."""
    if not approves and not reason:
        raise ValidationError(words.say_why())
    with _held(trade, now, State.WAITING) as (there, roster):
        there.reason = reason
        if approves:
            table = Table(roster, [there])
            judged = judging.judge(there, there.taker_id, table, now)
            # What nobody can reckon is for them to judge.
            if not judged.may_be and judged.code != judging.UNKNOWN:
                raise _refused(there, judged, None)
            _carry_out(there, table, who, now, words.DECIDED, judged)
        else:
            _save(there, who, now, State.REFUSED, words.DECIDED)
            _tell_both(there, _("Your trade is refused"))
        return there


def end_due(now: datetime) -> int:
    """End what is past its time; how many. Safe to run twice."""
    ended = 0
    late = Trade.objects.past_their_time(now).order_by().values_list("roster", flat=True)
    for pk in sorted(set(late)):
        with transaction.atomic():
            ended += _past_their_time(_locked(pk), now)
    return ended


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """What was traded goes on of the one that somebody is merged into; what still went on ends, as
    its shifts are theirs in another way. Receiver of `names_merged`."""
    if sender is not Agent:
        return
    for name in ("giver", "to", "taker"):
        rows = Trade.objects.filter(**{name: loser})
        rows.filter(state__in=LIVE).update(state=State.WITHDRAWN, rule=judging.CHANGED)
        rows.update(**{name: keeper})


def values(trade: Trade) -> dict[str, Any]:
    """What the audit log keeps of a trade."""
    return audit.values_of(trade, _UNSAID)


def _locked(pk: int) -> KeptRoster:
    rows = KeptRoster.objects.select_for_update(of=("self",)).select_related("site")
    roster: KeptRoster = rows.get(pk=pk)
    return roster


@contextmanager
def _held(trade: Trade, now: datetime, *states: str) -> Iterator[tuple[Trade, KeptRoster]]:
    """A trade and its roster as they are now, which nobody else changes meanwhile. Raises
    ValidationError where it is in none of these states any more, or past its time."""
    roster = _locked(trade.roster_id)
    rows = Trade.objects.select_for_update(of=("self",))
    rows = rows.select_related("giver__user", "to__user", "taker__user")
    there = rows.filter(pk=trade.pk).first()
    if there is None or there.state not in states or not there.is_live(now):
        raise ValidationError(_gone())
    there.roster = roster
    yield there, roster


def _give_back(trade: Trade, roster: KeptRoster, agent: Agent, back: KeptShift | None) -> None:
    """Note what is given in exchange. Raises ValidationError where that is none of theirs."""
    row = None if back is None else roster.shifts.filter(pk=back.pk, agent=agent).first()
    if row is None:
        raise ValidationError(_("Say which of your shifts you give in exchange."))
    judging.give_back(trade, row, read.rules(roster.site))


def _offer_again(trade: Trade, roster: KeptRoster, who: User, now: datetime) -> None:
    """As it was before somebody took it."""
    trade.taker, trade.back, trade.back_day, trade.facts = None, None, None, {}
    trade.until = judging.until(read.rules(roster.site), [given.of_values(trade.shift).begins_at])
    _save(trade, who, now, State.OFFERED)


def _go_on(trade: Trade, table: Table, judged: Judged, who: User, now: datetime) -> None:
    """Carry out what may be, or have it wait for who decides."""
    if table.rules.trades_by_supervisor or not judged.may_be:
        trade.facts = _hours(judged) | dict(judged.day)
        if judged.soft:
            trade.facts["soft"] = list(judged.soft)
        if judged.short_hours is not None:
            trade.facts["limit"] = float(table.rules.trade_short_hours)
        _save(trade, who, now, State.WAITING, judged.code)
    else:
        _carry_out(trade, table, who, now, words.AT_ONCE, judged)


def _carry_out(
    trade: Trade, table: Table, who: User, now: datetime, rule: str, judged: Judged
) -> None:
    asked_for = judging.wanted(trade, trade.taker_id)
    trade.edit = edits.apply(
        table.roster,
        asked_for,
        who,
        now,
        seen=table.roster.revision,
        why=_WHY[Kind(trade.kind)],
        by_themselves={one.agent for one in asked_for},
    )
    trade.facts = _hours(judged)
    _save(trade, who, now, State.DONE, rule)
    _tell_both(trade, _("Your trade is done"))


def _hours(judged: Judged) -> dict[str, Any]:
    return {} if judged.short_hours is None else {"hours": round(judged.short_hours, 2)}


def _save(trade: Trade, who: User | None, now: datetime, state: str, rule: str = "") -> None:
    # What was read under the lock has no change of ours yet but those that are to be saved.
    before = values(Trade.objects.get(pk=trade.pk))
    trade.state, trade.rule = state, rule
    if state not in LIVE:
        trade.decided_by, trade.decided_at = who, now
    trade.save()
    audit.record(who, trade, before=before, after=values(trade), now=now)


def _past_their_time(roster: KeptRoster, now: datetime) -> int:
    rows: Sequence[Trade] = list(
        Trade.objects.past_their_time(now)
        .filter(roster=roster)
        .select_for_update(of=("self",))
        .select_related("giver__user", "taker__user")
    )
    for one in rows:
        one.roster = roster
        _save(one, None, now, State.EXPIRED, words.EXPIRED)
        _tell(one, one.giver, _("Nobody took your shift: it stays yours"))
    return len(rows)


def _refused(trade: Trade, judged: Judged, reader: int | None) -> Refused:
    people = [pk for pk in (trade.giver_id, trade.taker_id, reader) if pk is not None]
    names = dict(Agent.objects.filter(pk__in=people).values_list("pk", "name"))
    said = words.rule(judged.code, judged.facts, names, trade.roster.first_day, reader)
    return Refused(judged, said)


def _gone() -> str:
    return _("It is not there any more: somebody else was quicker, or it was taken back.")


def _tell_both(trade: Trade, subject: str) -> None:
    for one in (trade.giver, trade.taker):
        _tell(trade, one, subject)


def _tell(trade: Trade, agent: Agent | None, subject: str) -> None:
    """A mail to somebody of a trade, once for each of its steps."""
    if agent is None:
        return
    zone = trade.roster.site.calendar.zone
    lines = [words.shift(trade.shift, trade.day, zone)]
    if trade.back is not None and trade.back_day is not None:
        back = words.shift(trade.back, trade.back_day, zone)
        lines.append(_("In exchange for: %(shift)s") % {"shift": back})
    if trade.rule == words.DECIDED:
        lines.append(words.became(trade))
    key = f"trade {trade.pk} {trade.state} {trade.taker_id} {trade.roster.revision} to {agent.pk}"
    notices.mail(key, agent, subject, lines, "my_trades")
