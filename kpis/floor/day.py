"""What an agent did on a day: sessions and pauses, and wrap-up that took too long."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from ccm.intervals import Span
from ccm.live.now import THERE_WITHIN, Present, State
from ccm.models import Agent, AgentState
from kpis.floor.limits import Limits, level, over
from kpis.floor.tables import state_words


@dataclass(frozen=True, slots=True)
class Spell:
    """One of them: from when (None: before any log shows) to when (None: it goes on, or else no
    log told of its end), and by how much it was over the time that the site allows. `day` is the
    one that is told of."""

    state: State
    reason: str
    starts_at: datetime | None
    ends_at: datetime | None
    goes_on: bool
    lasted: timedelta | None
    over: timedelta | None
    level: str
    day: Span

    @property
    def begun_form(self) -> str:
        """The date format of its beginning: with the date where that is another."""
        return "H:i" if self.starts_at is None or self.starts_at in self.day else "j M H:i"

    @property
    def ended_form(self) -> str:
        return "H:i" if self.ends_at is None or self.ends_at <= self.day.end else "j M H:i"

    @property
    def words(self) -> str:
        return state_words(self.state)


def spells(agent: Agent, day: Span, limits: Limits, now: datetime) -> list[Spell]:
    """Those that lie in a day, in their order. One query."""
    told = list(
        AgentState.objects.filter(
            Q(starts_at=None) | Q(starts_at__lt=min(day.end, now)),
            Q(ends_at=None, starts_at__gte=day.start - THERE_WITHIN) | Q(ends_at__gt=day.start),
            agent=agent,
            state__in=[State.LOGGED_IN, State.PAUSED, State.ACW],
        ).order_by("starts_at", "pk")
    )
    latest = {one.state: one.pk for one in told}
    found = [_spell(one, day, limits, now, is_latest=latest[one.state] == one.pk) for one in told]
    return [one for one in found if one.state != State.ACW or one.over is not None]


def _spell(told: AgentState, day: Span, limits: Limits, now: datetime, *, is_latest: bool) -> Spell:
    state, begun = State(told.state), told.starts_at
    # Of two that nothing ended the later one goes on.
    goes_on = told.ends_at is None and is_latest and now in day
    until = now if goes_on else told.ends_at
    if begun is None or until is None:
        return Spell(state, told.reason, begun, told.ends_at, goes_on, None, None, "none", day)
    there = Present(told.agent_id, state, begun, told.reason)
    beyond = over(there, limits, until)
    worst = "none" if beyond is None else level(there, limits, until)
    lasted = until - begun
    return Spell(state, told.reason, begun, told.ends_at, goes_on, lasted, beyond, worst, day)
