"""What is going on at each site at this moment, read from the record: people and calls, no rate.

The record has the times that sources wrote. Here they are put right by what is known of the
sources' clocks (`ccm.live.sources`), for nothing else says how long ago something was.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter

from django.db.models import IntegerField, Q, Value

from ccm.identity import id_floor
from ccm.imports.gaps import LONGEST_CALL
from ccm.intervals import DAY
from ccm.live.clocks import MOST, right
from ccm.live.sources import clock_changes
from ccm.models import AgentState, Call, Outcome

State = AgentState.State

# Whoever logged in longer ago is not shown as there: whether they are, nothing tells any more.
THERE_WITHIN = timedelta(hours=24)


@dataclass(slots=True)
class Waiting:
    """Callers in one queue, and since when the first of them has been there."""

    calls: int = 0
    since: datetime | None = None

    def add(self, offered_at: datetime) -> None:
        self.calls += 1
        self.since = min(self.since or offered_at, offered_at)


@dataclass(slots=True)
class Floor:
    """One site now. Agents are counted once: talking before paused before wrapping up.

    `waiting` and `talking_in` (calls) go by queue id. staffed is everyone logged in; available
    is who of them is left. Someone may talk without having logged in here.
    """

    waiting: dict[int, Waiting] = field(default_factory=dict)
    talking_in: Counter[int | None] = field(default_factory=Counter)
    talking: int = 0
    staffed: int = 0
    paused: Counter[str] = field(default_factory=Counter)
    acw: int = 0
    available: int = 0


@dataclass(slots=True)
class _People:
    """Agent ids of one site by what they are doing."""

    talking: set[int | None] = field(default_factory=set)
    staffed: set[int] = field(default_factory=set)
    paused: dict[int, str] = field(default_factory=dict)
    acw: set[int] = field(default_factory=set)


def floors(now: datetime) -> dict[int, Floor]:
    """Every site with anything going on, by id. One query, however many sites."""
    found: dict[int, Floor] = {}
    people: dict[int, _People] = {}
    # So much further back, for no clock is wrong by more.
    oldest, there_since = now - LONGEST_CALL, now - THERE_WITHIN
    calls = Call.objects.filter(
        ended_at=None, wrapup_ended_at=None, offered_at__gte=oldest - MOST,
        id__gte=id_floor(oldest - MOST - DAY),
    ).filter(Q(outcome=Outcome.IN_PROGRESS) | Q(outcome=Outcome.ANSWERED))  # fmt: skip
    states = AgentState.objects.filter(ends_at=None, starts_at__gte=there_since - MOST)
    going_on = (
        calls.annotate(changes=clock_changes("site", "source"))
        .values_list(
            "site_id", "agent_id", "outcome", Value(""), "offered_at", "queue_id",
            Value(value=True), "changes",
        )
        .union(
            states.annotate(changes=clock_changes("agent__site", "source")).values_list(
                "agent__site_id", "agent_id", "state", "reason", "starts_at",
                Value(None, IntegerField()), Value(value=False), "changes",
            ),
            all=True,
        )
    )  # fmt: skip
    told = [(*row[:4], right(row[7] or (), row[4], now), *row[5:7]) for row in going_on]
    # Of two states of an agent that nothing ended, the later one stands.
    for site, agent, state, reason, since, queue, is_call in sorted(told, key=itemgetter(4)):
        if since < (oldest if is_call else there_since):
            continue
        if is_call:
            floor = found.setdefault(site, Floor())
            if state == Outcome.ANSWERED:
                floor.talking_in[queue] += 1
                people.setdefault(site, _People()).talking.add(agent)
            elif queue is not None:
                floor.waiting.setdefault(queue, Waiting()).add(since)
            continue
        there = people.setdefault(site, _People())
        if state == State.PAUSED:
            there.paused[agent] = reason
        elif state == State.ACW:
            there.acw.add(agent)
        elif state in (State.ON_CALL, State.HOLD):
            there.talking.add(agent)
        if state in (State.LOGGED_IN, State.AVAILABLE, State.RINGING):
            there.staffed.add(agent)
    for site, there in people.items():
        _count(found.setdefault(site, Floor()), there)
    return found


def _count(floor: Floor, people: _People) -> None:
    people.talking.discard(None)
    free = people.staffed - people.talking
    paused = {agent: reason for agent, reason in people.paused.items() if agent in free}
    acw = (people.acw & free) - paused.keys()
    floor.talking, floor.staffed = len(people.talking), len(people.staffed)
    floor.paused, floor.acw = Counter(paused.values()), len(acw)
    floor.available = len(free) - len(paused) - len(acw)
