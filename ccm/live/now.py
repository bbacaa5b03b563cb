"""What is going on at each site at this moment, read from the record: people and calls, no rate.

The record has the times that sources wrote. Here they are put right by what is known of the
sources' clocks (`ccm.live.sources`), for nothing else says how long ago something was.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import DurationField, IntegerField, JSONField, Max, Min, Q, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _

from ccm.identity import id_floor
from ccm.imports.gaps import LONGEST_CALL
from ccm.intervals import DAY
from ccm.live.clocks import MOST, right, silence
from ccm.models import AgentState, Call, LiveEvent, LiveSource, Outcome

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
    silent_since: datetime | None = None
    """When the last of its sources was heard, where all that told something of it are silent."""
    left_out: dict[str, datetime] = field(default_factory=dict)
    """Silent sources beside others that are heard, each with when it was heard last: what they
    told is not shown."""

    def is_behind(self, now: datetime) -> bool:
        """Whether what came lies unfolded for longer than folding takes."""
        since = self.unfolded_since
        return since is not None and now - since > FOLDED_WITHIN

    def true_at(self, now: datetime, within: timedelta = FOLDED_WITHIN) -> datetime:
        """As of when it is so: now, unless what came lies unfolded for longer than `within`, or
        nobody tells any more what is so."""
        since = self.unfolded_since
        behind = since if since is not None and now - since > within else None
        return min(behind or now, self.silent_since or now, now)

    @property
    def unsure(self) -> list[str]:
        """What is not shown, in words."""
        words = _("Who waits and works on %(source)s is not shown: it is silent.")
        return [words % {"source": one} for one in self.left_out]


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


class _Row(NamedTuple):
    """Something that the record tells, by the time that its source wrote."""

    kind: str
    site: int
    agent: int | None
    what: str
    """Outcome or state."""
    reason: str
    since: datetime
    queue: int | None
    source: str
    changes: Sequence[Any] | None
    pause: timedelta | None


_CALL, _SPELL, _OVER, _UNFOLDED, _SOURCE = "call", "spell", "over", "unfolded", "source"
_GOING_ON = (_CALL, _SPELL)


def floors(now: datetime) -> dict[int, Floor]:
    """Every site with anything going on, by id. One query, however many sites and people.

    What a source's clock has begin after now begins now: no time is negative. What a source told
    that is silent by now (`clocks.silence`) is left out, or, where none of its site is heard any
    more, is so as of when the last of them was.
    """
    rows: dict[int, list[_Row]] = defaultdict(list)
    sources: dict[int, dict[str, _Row]] = defaultdict(dict)
    for row in _written(now):
        if row.kind == _SOURCE:
            sources[row.site][row.source] = row
        else:
            rows[row.site].append(row)
    found = {site: _floor(told, sources[site], now) for site, told in rows.items()}
    return {site: floor for site, floor in found.items() if floor != Floor()}


def _floor(rows: Iterable[_Row], sources: Mapping[str, _Row], now: datetime) -> Floor:
    """A site's, of what its sources told and of how they stand."""
    floor, shown = Floor(), []
    silent = {
        name: one.since for name, one in sources.items() if now - one.since > silence(one.pause)
    }
    for row in rows:
        if row.kind == _UNFOLDED:
            # By our own clock.
            floor.unfolded_since = min(floor.unfolded_since or row.since, row.since)
            continue
        known = sources.get(row.source)
        since = right((known and known.changes) or (), row.since, now)
        if since >= now - _WITHIN[row.kind]:
            shown.append(row._replace(since=since))
    stale = {one.source for one in shown if one.kind in _GOING_ON and one.source in silent}
    if stale and len(silent) == len(sources):
        floor.silent_since = max(silent[one] for one in stale)
    elif stale:
        floor.left_out = {one: silent[one] for one in sorted(stale)}
        shown = [one for one in shown if one.source not in silent]
    # Of two states of an agent that nothing ended, the later one stands.
    _tell(floor, sorted(shown, key=attrgetter("since")), now)
    return floor


def _tell(floor: Floor, rows: Iterable[_Row], now: datetime) -> None:
    """Have a floor show what these tell, in the order of their beginnings."""
    people: dict[int, _Told] = defaultdict(_Told)
    for row in rows:
        since = min(row.since, now)
        if row.kind == _CALL and row.what != Outcome.ANSWERED:
            if row.queue is not None:
                floor.waiting.setdefault(row.queue, Waiting()).add(since)
            continue
        if row.kind == _CALL:
            floor.talking_in[row.queue] += 1
            floor.calls.append(Talk(row.queue, since, row.agent))
        if row.agent is None:
            continue
        told = people[row.agent]
        if row.kind == _CALL:
            told.on_call(row.since, row.queue)
        elif row.kind == _SPELL:
            told.spell(State(row.what), row.since, row.reason)
        else:
            told.free_again(row.since)
    _count(floor, [one for agent, told in people.items() if (one := told.present(agent, now))])


# So far back each may have begun.
_WITHIN = {_CALL: LONGEST_CALL, _SPELL: THERE_WITHIN, _OVER: LONGEST_CALL}


def _written(now: datetime) -> Iterator[_Row]:
    """Open calls (an answered one since its answer), open spells, when each agent's last call or
    spell of these hours was over, since when events of each source lie unfolded, and when each
    source was heard; by the times that sources wrote, so much further back as a clock can be wrong.
    One query."""
    calls_since, spells_since = (now - _WITHIN[kind] - MOST for kind in _GOING_ON)
    calls = Call.objects.filter(offered_at__gte=calls_since, id__gte=id_floor(calls_since - DAY))
    calls = calls.order_by()
    spells = AgentState.objects.order_by()
    nobody = no_queue = Value(None, IntegerField())
    nothing, over = Value(""), Value(_OVER)
    no_changes = Cast(Value(None), JSONField())
    no_pause = Cast(Value(None), DurationField())
    sources = LiveSource.objects.order_by().values_list(
        Value(_SOURCE), "site_id", nobody, nothing, nothing, "heard_at", no_queue, "source",
        "changes", "usual_pause",
    )  # fmt: skip
    going_on = calls.filter(
        Q(outcome=Outcome.IN_PROGRESS) | Q(outcome=Outcome.ANSWERED),
        ended_at=None, wrapup_ended_at=None,
    ).values_list(
        Value(_CALL), "site_id", "agent_id", "outcome", nothing,
        Coalesce("answered_at", "offered_at"), "queue_id", "source", no_changes, no_pause,
    )  # fmt: skip
    standing = spells.filter(ends_at=None, starts_at__gte=spells_since).values_list(
        Value(_SPELL), "agent__site_id", "agent_id", "state", "reason", "starts_at", no_queue,
        "source", no_changes, no_pause,
    )  # fmt: skip
    taken = (
        calls.filter(agent__isnull=False, ended_at__isnull=False)
        .values("site_id", "agent_id", "source")
        .annotate(last=Max(Coalesce("wrapup_ended_at", "ended_at")))
        .values_list(
            over, "site_id", "agent_id", nothing, nothing, "last", no_queue, "source",
            no_changes, no_pause,
        )
    )  # fmt: skip
    ended = (
        spells.filter(ends_at__gte=calls_since)
        .exclude(state__in=_NOTHING_DONE)
        .values("agent__site_id", "agent_id", "source")
        .annotate(last=Max("ends_at"))
        .values_list(
            over, "agent__site_id", "agent_id", nothing, nothing, "last", no_queue, "source",
            no_changes, no_pause,
        )
    )  # fmt: skip
    unfolded = (
        LiveEvent.objects.filter(folded_at=None)
        .order_by()
        .values("site_id", "source")
        .annotate(first=Min("received_at"))
        .values_list(
            Value(_UNFOLDED), "site_id", nobody, nothing, nothing, "first", no_queue, "source",
            no_changes, no_pause,
        )
    )  # fmt: skip
    every = sources.union(going_on, standing, taken, ended, unfolded, all=True)
    return (_Row(*told) for told in every.iterator())


def _count(floor: Floor, people: Iterable[Present]) -> None:
    for one in people:
        floor.people[one.agent] = one
        floor.staffed += one.here_since is not None
        floor.talking += one.talks
        floor.available += one.is_free
        floor.acw += one.state == State.ACW
        if one.state == State.PAUSED:
            floor.paused[one.reason] += 1
