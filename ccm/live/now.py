"""What is going on at each site at this moment, read from the record: people and calls, no rate.

The record has the times that sources wrote. Here they are put right by what is known of the
sources' clocks (`ccm.live.sources`), for nothing else says how long ago something was.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db.models import IntegerField, Max, Min, Q, Value
from django.db.models.functions import Coalesce

from ccm.identity import id_floor
from ccm.imports.gaps import LONGEST_CALL
from ccm.intervals import DAY
from ccm.live.clocks import MOST, right
from ccm.live.sources import clock_changes
from ccm.models import AgentState, Call, LiveEvent, Outcome

State = AgentState.State

# What came is folded in less; longer, and what is shown is so of before it came.
FOLDED_WITHIN = timedelta(seconds=3)
# Whoever logged in longer ago is not shown as there: whether they are, nothing tells any more.
THERE_WITHIN = timedelta(hours=24)
# Of what an agent is told to be doing at once, the first stands; of two of one place, the later.
_TALKING = (State.ON_CALL, State.HOLD)
_PLACES = {State.PAUSED: 1, State.ACW: 2, State.RINGING: 3} | dict.fromkeys(_TALKING, 0)
# They say that somebody is there, as a login does.
_THERE = (State.LOGGED_IN, State.AVAILABLE, State.RINGING)
# After one of these nobody has become free.
_NOTHING_DONE = (State.LOGGED_IN, State.AVAILABLE, State.OFFLINE)


@dataclass(slots=True)
class Waiting:
    """Callers in one queue, and since when the first of them has been there."""

    calls: int = 0
    since: datetime | None = None

    def add(self, offered_at: datetime) -> None:
        self.calls += 1
        self.since = min(self.since or offered_at, offered_at)


@dataclass(frozen=True, slots=True)
class Talk:
    """A call that was answered and has not ended: on which queue, since the answer, by whom."""

    queue: int | None
    since: datetime
    agent: int | None


@dataclass(frozen=True, slots=True)
class Present:
    """An agent who is there, in one state: on a call, on hold, paused (`reason` says why), in
    wrap-up, ringing or available.

    `since` is the state's beginning and never after now; `queue` that of the call, if one is known.
    `here_since` is the login; None: nothing tells of one, so they are there because they talk.
    """

    agent: int
    state: State
    since: datetime
    reason: str = ""
    queue: int | None = None
    here_since: datetime | None = None

    @property
    def talks(self) -> bool:
        return self.state in _TALKING

    @property
    def is_free(self) -> bool:
        """Neither on a call, paused nor wrapping up: the next call may go there."""
        return self.state in (State.AVAILABLE, State.RINGING)


@dataclass(slots=True)
class Floor:
    """One site now: its `people` by agent id, each in one state, and how many are in which.

    `waiting` and `talking_in` (calls) go by queue id. staffed is everyone logged in; available
    is who of them neither talks, is paused nor wraps up: whom a call rings at is among them.
    Someone may talk without having logged in here.
    """

    waiting: dict[int, Waiting] = field(default_factory=dict)
    talking_in: Counter[int | None] = field(default_factory=Counter)
    talking: int = 0
    staffed: int = 0
    paused: Counter[str] = field(default_factory=Counter)
    acw: int = 0
    available: int = 0
    people: dict[int, Present] = field(default_factory=dict)
    calls: list[Talk] = field(default_factory=list)
    unfolded_since: datetime | None = None
    """When the first of the events came that are not in the record yet; None: all are."""

    def true_at(self, now: datetime) -> datetime:
        """As of when it is so: now, unless what came lies unfolded for longer than that takes."""
        since = self.unfolded_since
        return now if since is None or now - since <= FOLDED_WITHIN else since


@dataclass(slots=True)
class _Told:
    """What the record tells of one agent: the login, and what stands of all they are doing."""

    here_since: datetime | None = None
    state: State | None = None
    since: datetime | None = None
    reason: str = ""
    queue: int | None = None
    free_since: datetime | None = None

    def on_call(self, since: datetime, queue: int | None) -> None:
        self._take(State.ON_CALL, since)
        self.queue = queue

    def spell(self, state: State, since: datetime, reason: str) -> None:
        """A spell that nothing ended; told in the order of their beginnings."""
        if state in _THERE:
            self.here_since = self.here_since or since
            self.free_again(since)
        if state in _PLACES:
            self._take(state, since, reason)

    def free_again(self, since: datetime) -> None:
        """Something was over then, or the agent came."""
        self.free_since = max(self.free_since or since, since)

    def _take(self, state: State, since: datetime, reason: str = "") -> None:
        if self.state is None or _PLACES[state] <= _PLACES[self.state]:
            self.state, self.since, self.reason = state, since, reason

    def present(self, agent: int, now: datetime) -> Present | None:
        """None: nothing tells that they are there."""
        here = None if self.here_since is None else min(self.here_since, now)
        if self.state is not None and self.since is not None:
            if here is None and self.state not in _TALKING:
                return None
            queue = self.queue if self.state in _TALKING else None
            return Present(agent, self.state, min(self.since, now), self.reason, queue, here)
        if here is None or self.free_since is None:
            return None
        return Present(agent, State.AVAILABLE, min(self.free_since, now), here_since=here)


_CALL, _SPELL, _OVER, _UNFOLDED = "call", "spell", "over", "unfolded"


def floors(now: datetime) -> dict[int, Floor]:
    """Every site with anything going on, by id. One query, however many sites and people.

    What a source's clock has begin after now begins now: no time is negative.
    """
    found: dict[int, Floor] = {}
    people: dict[int, dict[int, _Told]] = {}
    # Of two states of an agent that nothing ended, the later one stands.
    for kind, site, agent, what, reason, since, queue in sorted(_rows(now), key=itemgetter(5)):
        if kind == _UNFOLDED:
            floor = found.setdefault(site, Floor())
            floor.unfolded_since = min(floor.unfolded_since or since, since)
            continue
        if kind == _CALL:
            floor = found.setdefault(site, Floor())
            if what != Outcome.ANSWERED:
                if queue is not None:
                    floor.waiting.setdefault(queue, Waiting()).add(min(since, now))
                continue
            floor.talking_in[queue] += 1
            floor.calls.append(Talk(queue, min(since, now), agent))
        if agent is None:
            continue
        told = people.setdefault(site, {}).setdefault(agent, _Told())
        if kind == _CALL:
            told.on_call(since, queue)
        elif kind == _SPELL:
            told.spell(State(what), since, reason)
        else:
            told.free_again(since)
    for site, agents in people.items():
        there = [one for agent, told in agents.items() if (one := told.present(agent, now))]
        if there:
            _count(found.setdefault(site, Floor()), there)
    return found


def _rows(now: datetime) -> Iterator[Any]:
    """Open calls (an answered one since its answer), open spells, when each agent's last call or
    spell of these hours was over, and since when events of each source lie unfolded: kind, site,
    agent, outcome or state, reason, since, queue."""
    oldest = {_CALL: now - LONGEST_CALL, _SPELL: now - THERE_WITHIN, _OVER: now - LONGEST_CALL}
    for kind, site, agent, what, reason, written, queue, changes in _written(oldest):
        if kind == _UNFOLDED:
            # By our own clock.
            yield kind, site, agent, what, reason, written, queue
            continue
        since = right(changes or (), written, now)
        if since >= oldest[kind]:
            yield kind, site, agent, what, reason, since, queue


def _written(oldest: Mapping[str, datetime]) -> Iterator[Any]:
    """The same by the times that sources wrote, so much further back as a clock can be wrong, each
    with the changes of its source's clock. One query."""
    calls_since, spells_since = oldest[_CALL] - MOST, oldest[_SPELL] - MOST
    calls = Call.objects.filter(offered_at__gte=calls_since, id__gte=id_floor(calls_since - DAY))
    calls = calls.order_by()
    spells = AgentState.objects.order_by()
    nobody = no_queue = Value(None, IntegerField())
    nothing, over = Value(""), Value(_OVER)
    of_call, of_spell = clock_changes("site", "source"), clock_changes("agent__site", "source")
    going_on = (
        calls.filter(
            Q(outcome=Outcome.IN_PROGRESS) | Q(outcome=Outcome.ANSWERED),
            ended_at=None, wrapup_ended_at=None,
        )
        .annotate(changes=of_call)
        .values_list(
            Value(_CALL), "site_id", "agent_id", "outcome", nothing,
            Coalesce("answered_at", "offered_at"), "queue_id", "changes",
        )
    )  # fmt: skip
    standing = (
        spells.filter(ends_at=None, starts_at__gte=spells_since)
        .annotate(changes=of_spell)
        .values_list(
            Value(_SPELL), "agent__site_id", "agent_id", "state", "reason", "starts_at", no_queue,
            "changes",
        )
    )  # fmt: skip
    taken = (
        calls.filter(agent__isnull=False, ended_at__isnull=False)
        .values("site_id", "agent_id", "source")
        .annotate(last=Max(Coalesce("wrapup_ended_at", "ended_at")), changes=of_call)
        .values_list(over, "site_id", "agent_id", nothing, nothing, "last", no_queue, "changes")
    )
    ended = (
        spells.filter(ends_at__gte=calls_since)
        .exclude(state__in=_NOTHING_DONE)
        .values("agent__site_id", "agent_id", "source")
        .annotate(last=Max("ends_at"), changes=of_spell)
        .values_list(
            over, "agent__site_id", "agent_id", nothing, nothing, "last", no_queue, "changes"
        )
    )
    unfolded = (
        LiveEvent.objects.filter(folded_at=None)
        .order_by()
        .values("site_id", "source")
        .annotate(first=Min("received_at"), changes=of_call)
        .values_list(
            Value(_UNFOLDED), "site_id", nobody, nothing, nothing, "first", no_queue, "changes"
        )
    )
    return going_on.union(standing, taken, ended, unfolded, all=True).iterator()


def _count(floor: Floor, people: Iterable[Present]) -> None:
    for one in people:
        floor.people[one.agent] = one
        floor.staffed += one.here_since is not None
        floor.talking += one.talks
        floor.available += one.is_free
        floor.acw += one.state == State.ACW
        if one.state == State.PAUSED:
            floor.paused[one.reason] += 1
