"""Who is on a site's floor now, with what each did before: as rows of a page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Max, Q, TextField, Value
from django.db.models.functions import Cast, Concat, Extract

from ccm.identity import id_floor
from ccm.intervals import day_of
from ccm.live.now import THERE_WITHIN, Floor, Present, State
from ccm.models import Agent, AgentState, Offer, Site
from ccm.querysets import Viewer
from kpis.floor.limits import Limits, Session, lacks_break, over, worked_since
from kpis.floor.models import FloorRules
from kpis.floor.needs import RINGS, Beside

# Rings are looked back at for so long; a ring is of a call that came no more than this before it.
RUNG_WITHIN = timedelta(hours=2)
_BREAKS, _RINGS, _SESSIONS = "breaks", "rings", "sessions"
_UNANSWERED = frozenset({Offer.Result.NO_ANSWER, Offer.Result.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Lately:
    """What an agent did before now: when the last break was over, how many of the last rings in a
    row nobody answered, and when the last of those began."""

    last_break: datetime | None = None
    missed: int = 0
    missed_at: datetime | None = None
    sessions: Sequence[Session] = ()
    """The logins of the last day that a logout ended."""


@dataclass(frozen=True, slots=True)
class Row:
    """An agent of the floor. `over` is by how much they are over the time of their state;
    `worked_since` since when they are at work without a break, None: nothing tells, or on one."""

    there: Present
    name: str
    team: int | None
    team_name: str
    lately: Lately
    over: timedelta | None
    worked_since: datetime | None
    lacks_break: bool

    @property
    def lets_ring(self) -> bool:
        """Free, and the last calls rang there in vain."""
        return self.lately.missed >= RINGS and self.there.is_free

    @property
    def beside(self) -> Beside:
        return Beside(self.name, self.worked_since, self.lately.missed)


def limits_of(site: Site) -> Limits:
    """What a site calls too long; the defaults where it has said nothing. No query where the site
    was read with its `floor_rules`."""
    rules: FloorRules | None = getattr(site, "floor_rules", None)
    return Limits() if rules is None else rules.limits


def rows(user: Viewer, site: Site, floor: Floor, limits: Limits, now: datetime) -> list[Row]:
    """The agents of a site's floor whom the user may know about. Two queries."""
    seen: Any = (
        Agent.objects.visible_to(user)
        .filter(site=site, pk__in=floor.people)
        .with_team_on(day_of(now, site.calendar))
        .only("name")
    )
    people: list[Any] = list(seen)
    before = lately([one.pk for one in people], limits, now)
    return [
        _row(floor.people[one.pk], one, before.get(one.pk, Lately()), limits, now) for one in people
    ]


def _row(there: Present, agent: Any, before: Lately, limits: Limits, now: datetime) -> Row:
    # Rings of before the login are of another day.
    if before.missed_at and there.here_since and before.missed_at < there.here_since:
        before = replace(before, missed=0, missed_at=None)
    since = worked_since(there, before.last_break, limits, before.sessions)
    return Row(
        there, agent.name, agent.team_id, agent.team_name or "", before,
        over(there, limits, now), since, lacks_break(since, limits, now),
    )  # fmt: skip


def lately(agents: Collection[int], limits: Limits, now: datetime) -> Mapping[int, Lately]:
    """What agents did before now, by id: breaks and sessions of the last day, rings of the last
    hours. One query."""
    reasons = Q(pk__in=[])
    for word in limits.breaks:
        reasons |= Q(reason__icontains=word)
    breaks = (
        AgentState.objects.order_by()
        .filter(reasons, agent__in=agents, state=State.PAUSED)
        .filter(ends_at__gte=now - THERE_WITHIN, ends_at__lte=now)
        .values("agent")
        .annotate(last=Max("ends_at"), told=Value("", TextField()))
        .values_list(Value(_BREAKS), "agent", "last", "told")
    )
    begun, ended = (Cast(Extract(name, "epoch"), TextField()) for name in ("starts_at", "ends_at"))
    both = Concat(begun, Value(" "), ended, output_field=TextField())
    sessions = (
        AgentState.objects.order_by()
        .filter(agent__in=agents, state=State.LOGGED_IN, starts_at__isnull=False)
        .filter(ends_at__gte=now - THERE_WITHIN, ends_at__lte=now)
        .values("agent")
        .annotate(last=Max("ends_at"), told=StringAgg(both, ","))
        .values_list(Value(_SESSIONS), "agent", "last", "told")
    )
    rings = (
        Offer.objects.order_by()
        .filter(agent__in=agents, call_id__gte=id_floor(now - 2 * RUNG_WITHIN))
        .filter(starts_at__gte=now - RUNG_WITHIN)
        # A ring that the caller or a colleague ended was nobody's to answer.
        .exclude(outcome=Offer.Result.CANCELLED)
        .values("agent")
        .annotate(last=Max("starts_at"), told=StringAgg("outcome", ",", order_by="-starts_at"))
        .values_list(Value(_RINGS), "agent", "last", "told")
    )
    found: dict[int, Lately] = {}
    for kind, agent, last, told in breaks.union(rings, sessions, all=True):
        known = found.get(agent, Lately())
        if kind == _BREAKS:
            found[agent] = replace(known, last_break=last)
        elif kind == _RINGS:
            found[agent] = replace(known, missed=_in_a_row(told.split(",")), missed_at=last)
        else:
            found[agent] = replace(known, sessions=[_session(one) for one in told.split(",")])
    return found


def _session(told: str) -> Session:
    """Of two moments in seconds since 1970."""
    begun, ended = (datetime.fromtimestamp(float(one), UTC) for one in told.split())
    return begun, ended


def _in_a_row(outcomes: Sequence[Any]) -> int:
    """How many of the last rings nobody answered, the last first, until one was."""
    many = 0
    for outcome in outcomes:
        if outcome not in _UNANSWERED:
            break
        many += 1
    return many
