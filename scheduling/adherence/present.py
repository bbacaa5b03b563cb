"""Who does at this moment what the schedule has, and who does not, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from ccm.live.now import Floor, State
from ccm.models import Agent, AgentState, Site
from ccm.querysets import Viewer
from scheduling.adherence import comparing, done
from scheduling.models import AdherenceException, Doing, KeptShift
from scheduling.rosters import parts


@dataclass(frozen=True, slots=True)
class Now:
    """Somebody with a shift at this moment. `planned` is what it has for them, `doing` what they
    do, empty: they are not there. `since`: of somebody who does not keep to it, from when on."""

    agent: int
    name: str
    team: str
    team_id: int | None
    planned: str
    doing: str
    is_kept: bool
    since: datetime


def of_site(user: Viewer, site: Site, floor: Floor, now: datetime) -> list[Now]:
    """Everyone whom the reader sees with something scheduled at this moment; those first who do
    not keep to it, the longest first. Five queries."""
    planned = _planned(user, site, now)
    if not planned:
        return []
    reasons = done.reasons_of(site)
    agents: QuerySet[Any] = Agent.objects.filter(pk__in=planned).with_team(now)
    gone = dict(
        AgentState.objects.filter(agent__in=planned, ends_at__lte=now, ends_at__gte=_early(planned))
        .order_by()
        .values_list("agent_id")
        .annotate(Max("ends_at"))
    )
    found = []
    for agent in agents.order_by("name"):
        one = planned[agent.pk]
        part, there = one.part, floor.people.get(agent.pk)
        if there is None:
            doing, since = "", one.missing_since(gone.get(agent.pk))
        else:
            paused = "paused" if there.state == State.PAUSED else "ready"
            doing = done.activity(paused, there.reason, reasons)
            since = max(part.start, there.since)
        kept = doing == part.activity
        if not one.is_paid:  # an unpaid pause is kept by not working
            kept = doing in ("", Doing.PAUSE)
        found.append(
            Now(
                agent.pk,
                agent.name,
                agent.team_name or "",
                agent.team_id,
                part.activity,
                doing,
                kept,
                since,
            )
        )
    return sorted(found, key=lambda one: (one.is_kept, one.since, one.name))


@dataclass(frozen=True, slots=True)
class _Planned:
    """What somebody has at this moment, and whether it is paid; when the shift began, and its
    unpaid pauses."""

    part: comparing.Spell
    is_paid: bool
    begins: datetime
    unpaid: Sequence[parts.Part] = ()

    def missing_since(self, gone: datetime | None) -> datetime:
        """From when on somebody who is not there should have been: since they went, or the shift
        began, whatever was planned meanwhile; who went for an unpaid pause, since its end."""
        since = max(self.begins, gone or self.begins)
        return next((one.end for one in self.unpaid if one.start <= since < one.end), since)


def _early(planned: dict[int, _Planned]) -> datetime:
    return min(one.begins for one in planned.values())


def _planned(user: Viewer, site: Site, now: datetime) -> dict[int, _Planned]:
    """What each has at this moment, with approved exceptions in it; nothing of who is absent."""
    rows = (
        KeptShift.objects.published()
        .visible_to(user)
        .worked()
        .filter(roster__site=site, begins_at__lte=now, ends_at__gt=now)
    )
    shifts = [row for row in rows if not row.is_on_call]
    excepted: dict[int, AdherenceException] = {
        one.agent_id: one
        for one in AdherenceException.objects.approved().filter(
            agent__in={row.agent_id for row in shifts}, starts_at__lte=now, ends_at__gt=now
        )
    }
    found: dict[int, _Planned] = {}
    for row in shifts:
        one = excepted.get(row.agent_id)
        if one is not None:
            if one.kind != comparing.EXCUSED:
                spell = comparing.Spell(one.starts_at, one.ends_at, one.kind)
                found[row.agent_id] = _Planned(spell, True, one.starts_at)
            continue
        every = parts.of_shift(row)
        unpaid = [part for part in every if not part.is_paid]
        for part in every:
            if part.start <= now < part.end:
                spell = comparing.Spell(part.start, part.end, part.kind)
                found[row.agent_id] = _Planned(spell, part.is_paid, row.begins_at, unpaid)
    return found


def counted(rows: Sequence[Now]) -> tuple[int, int]:
    """How many keep to it, of how many."""
    return sum(one.is_kept for one in rows), len(rows)
