"""What pages tell of trades: what is offered to somebody, and one by one why they may not take it;
their own trades, and those that somebody decides."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from ccm.access import scope_of
from ccm.models import Agent, Site, User
from scheduling.mine.reads import today_of
from scheduling.models import KeptShift, Trade
from scheduling.models.trades import LIVE
from scheduling.rosters import given
from scheduling.terms import read
from scheduling.trades import hours, judging, words
from scheduling.trades.hours import WeekHours
from scheduling.trades.judging import Table

MOST_OFFERS = 40
MOST = 100
Choice = tuple[int, str]
_SHOWN = ("giver", "to", "taker", "decided_by", "roster__site")


@dataclass(frozen=True, slots=True)
class Offered:
    """A shift that somebody may take: in words, and from whom ("": the planners). `has_shift` says
    that they have one on its day already, other than for it."""

    trade: Trade
    words: str
    whom: str
    has_shift: bool

    @property
    def is_mine_to_decline(self) -> bool:
        return self.trade.to_id is not None


@dataclass(frozen=True, slots=True)
class Looked:
    """One of them with why somebody may not take it ("": they may, or of a swap it is not known
    before they say what they give), and of a swap what they may give, (key, words), and what they
    may not, (words, why). `weeks` are the reader's hours with it, in words, and `bends` rules of
    theirs that it would break, though it may."""

    offered: Offered
    refusal: str
    gives: Sequence[Choice] = ()
    stays: Sequence[tuple[str, str]] = ()
    weeks: Sequence[str] = ()
    bends: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Own:
    """One of somebody's shifts that they do not offer: in words, whether they may offer it, and
    what speaks against all or some of it ("": nothing)."""

    shift: KeptShift
    words: str
    may_be_offered: bool
    why: str


@dataclass(frozen=True, slots=True)
class Told:
    """A trade in words: its shift, what is given back, its state and the rule by which it came to
    it, and whether it still goes on; of one that waits what its day needs, and what comes of it
    when it is approved and refused; and `weeks`, the hours that become of it."""

    trade: Trade
    words: str
    back: str
    state: str
    rule: str
    is_live: bool
    cover: str = ""
    approve: str = ""
    refuse: str = ""
    weeks: Sequence[str] = ()
    bends: Sequence[str] = ()

    @property
    def is_answered(self) -> bool:
        return self.is_live and self.trade.state == Trade.State.ANSWERED

    @property
    def is_waiting(self) -> bool:
        return self.is_live and self.trade.state == Trade.State.WAITING


def offered(agent: Agent, now: datetime) -> list[Offered]:
    """What is offered to somebody, the soonest first: to them by name before to anybody. Whether a
    rule speaks against it is not looked at: one by one `look` does."""
    rows = (
        Trade.objects.open_to(agent, now)
        .select_related("giver")
        .order_by(F("to").asc(nulls_last=True), "day", "pk")[:MOST_OFFERS]
    )
    trades = list(rows)
    if not trades:
        return []
    days = (
        KeptShift.objects.published()
        .filter(agent=agent, day__in={one.day for one in trades})
        .values_list("day", flat=True)
    )
    there = {*days}
    return [_offered(one, agent, one.day in there) for one in trades]


def look(trade: int, agent: Agent, now: datetime) -> Looked | None:
    """A trade that is offered to somebody, with the rule that speaks against their taking it; None
    where it is not, or not any more. A dozen queries at most, of however large a roster."""
    own = KeptShift.objects.published().filter(agent=agent, day=OuterRef("day"))
    rows = Trade.objects.open_to(agent, now).select_related("giver", "roster__site")
    there = rows.annotate(has_shift=Exists(own)).filter(pk=trade).first()
    if there is None:
        return None
    shown = _offered(there, agent, there.has_shift)
    table = Table(there.roster, [there])
    if there.kind == Trade.Kind.SWAP:
        return _look_back(shown, agent, table, now)
    judged = judging.judge(there, agent.pk, table, now)
    names = {agent.pk: agent.name}
    if judged.may_be:
        [weeks] = hours.of_trades([(there, agent)])
        bends = words.bends(judged.soft, names, there.roster.first_day, agent.pk)
        return Looked(shown, "", weeks=_own_weeks(weeks, agent), bends=bends)
    said = words.rule(judged.code, judged.facts, names, there.roster.first_day, agent.pk)
    return Looked(shown, said)


def _look_back(shown: Offered, agent: Agent, table: Table, now: datetime) -> Looked:
    """A swap with each shift of its roster that somebody could give for it, judged as it will be
    when they do."""
    zone, first, names = agent.site.calendar.zone, table.roster.first_day, {agent.pk: agent.name}
    may: list[tuple[KeptShift, str, Trade]] = []
    stays: list[tuple[str, str]] = []
    for row in tradable(agent, now):
        if row.roster_id != table.roster.pk:
            continue
        swap = copy(shown.trade)
        judging.give_back(swap, row, table.rules)
        judged = judging.judge(swap, agent.pk, table, now)
        said = words.shift(given.of_row(row).values(), row.day, zone)
        if judged.may_be:
            may.append((row, said, swap))
        else:
            stays.append((said, words.rule(judged.code, judged.facts, names, first, agent.pk)))
    gives: list[Choice] = []
    changed = hours.of_trades([(swap, agent) for _row, _said, swap in may])
    for (row, said, _swap), weeks in zip(may, changed, strict=True):
        # What stays as it is need not be told.
        told = _own_weeks([one for one in weeks if one.before != one.after], agent)
        gives.append((row.pk, f"{said} ({'; '.join(told)})" if told else said))
    return Looked(shown, "", gives, stays)


def _own_weeks(weeks: Sequence[WeekHours], agent: Agent) -> list[str]:
    """A reader's own; of colleagues nobody is told the hours but who decides."""
    return [words.week(one, agent.pk) for one in weeks if one.agent.pk == agent.pk]


def _offered(trade: Trade, agent: Agent, has_shift: bool) -> Offered:
    said = words.shift(trade.shift, trade.day, agent.site.calendar.zone)
    whom = "" if trade.giver is None else trade.giver.name
    # A swap may give back the shift of the very day.
    return Offered(trade, said, whom, has_shift and trade.kind != Trade.Kind.SWAP)


def tradable(agent: Agent, now: datetime) -> list[KeptShift]:
    """Somebody's published shifts to come that they do not offer already; none of days on which
    they are absent, which are not worked."""
    live = Trade.objects.live(now).of(agent).values_list("giver", "roster", "day")
    offered_already = {(roster, day) for giver, roster, day in live if giver == agent.pk}
    rows = (
        KeptShift.objects.published()
        .worked()
        .filter(agent=agent, day__gte=today_of(agent, now), begins_at__gt=now)
        .select_related("template")
        .order_by("begins_at")
    )
    return [one for one in rows if (one.roster_id, one.day) not in offered_already]


def own(agent: Agent, now: datetime) -> list[Own]:
    """Somebody's published shifts to come that they do not offer, each with what speaks against
    it: of some it is too late, and one with training or a meeting in it can only be given up."""
    rows, zone, found = tradable(agent, now), agent.site.calendar.zone, []
    rules = read.rules(agent.site)
    for row in rows:
        said, why = given.of_row(row).values(), ""
        in_time = now < judging.until(rules, [row.begins_at])
        if not in_time:
            why = words.too_late(rules)
        elif judging.has_parts(said):
            why = words.only_given_up()
        found.append(Own(row, words.shift(said, row.day, zone), in_time, why))
    return found


def colleagues(shift: KeptShift) -> QuerySet[Any]:
    """To whom a shift can be offered by name: others with shifts of the same roster."""
    there = KeptShift.objects.filter(roster=shift.roster_id).values("agent")
    rows: QuerySet[Any] = Agent.objects.filter(pk__in=there).exclude(pk=shift.agent_id)
    return rows.order_by("name", "pk")


def mine(agent: Agent, now: datetime) -> list[Told]:
    """What somebody offered or took, the newest first."""
    rows = Trade.objects.of(agent).select_related(*_SHOWN)
    every = [_told(one, now) for one in rows[:MOST]]
    return _with_weeks(every, lambda one: one.is_answered and one.trade.giver_id == agent.pk, agent)


def listed(user: User, now: datetime, site: Site | None = None) -> list[Told]:
    """Trades of people whom a user leads or plans, of one site or of all: those first that wait to
    be decided, of these the soonest first, then the newest."""
    rows = Trade.objects.visible_to(user).select_related(*_SHOWN)
    if site is not None:
        rows = rows.filter(roster__site=site)
    waiting = rows.live(now).filter(state=Trade.State.WAITING).order_by("until", "pk")[:MOST]
    first = _with_weeks([_told(one, now) for one in waiting], lambda _one: True)
    there = {one.trade.pk for one in first}
    return first + [_told(one, now) for one in rows[:MOST] if one.pk not in there]


def _with_weeks(
    every: Sequence[Told], is_asked: Callable[[Told], bool], reader: Agent | None = None
) -> list[Told]:
    """With the hours of both, or of a reader alone, where it is asked for."""
    asked = [(one.trade, one.trade.taker) for one in every if is_asked(one)]
    found = iter(hours.of_trades(asked))

    def told(one: Told) -> Told:
        if not is_asked(one):
            return one
        weeks = next(found)
        if reader is not None:
            return replace(one, weeks=_own_weeks(weeks, reader))
        return replace(one, weeks=[words.week(each) for each in weeks])

    return [told(one) for one in every]


def _told(trade: Trade, now: datetime) -> Told:
    zone = trade.roster.site.calendar.zone
    back = ""
    if trade.back is not None and trade.back_day is not None:
        back = words.shift(trade.back, trade.back_day, zone)
    is_live = trade.is_live(now)
    said = ""
    if trade.state in LIVE and not is_live:
        said = words.rule(words.EXPIRED, {}, {}, trade.roster.first_day)
    elif trade.rule or trade.state == Trade.State.OFFERED:
        # Why something is done or over; of what goes on, that nobody took it, or why it waits.
        said = words.became(trade)
    told = Told(
        trade, words.shift(trade.shift, trade.day, zone), back, words.state(trade, now), said,
        is_live,
    )  # fmt: skip
    if not told.is_waiting:
        return told
    return replace(
        told,
        cover=words.cover(trade) or said,
        bends=words.bends(
            trade.facts.get("soft", ()),
            {one.pk: one.name for one in (trade.giver, trade.taker) if one is not None},
            trade.roster.first_day,
        ),
        approve=words.approving(trade),
        refuse=words.refusing(trade),
    )


def facts() -> dict[str, Any]:
    """When each offer ends that waits for a reader, to find with the user."""
    return {"trades_for_me": ArraySubquery(_for(OuterRef("pk")).values("until"))}


def count(user: User) -> int:
    """How many offers wait for the reader by name; no query where `facts` came with them."""
    if scope_of(user).agent is None:
        return 0
    known: list[datetime] | None = getattr(user, "trades_for_me", None)
    if known is None:
        known = list(_for(user.pk).values_list("until", flat=True))
    now = timezone.now()
    return sum(one > now for one in known)


def _for(user: Any) -> Any:
    """What is offered to somebody by name, and answers to their swaps."""
    named = Q(state=Trade.State.OFFERED, to__user=user)
    answered = Q(state=Trade.State.ANSWERED, giver__user=user)
    return Trade.objects.filter(named | answered).order_by("pk")
