"""What agents did from when to when: the spells that `agent_time` is sums of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from ccm.intervals import site_days
from ccm.models import Site
from kpis.rollups import presence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PARTS = {
    presence.HANDLING: "handling",
    presence.RINGING: "ringing",
    presence.PAUSED: "paused",
    presence.OTHER: "other",
    presence.READY: "ready",
}


@dataclass(frozen=True, slots=True)
class Spell:
    """What somebody did, [start, end), UTC: a part of `kpis.sums.agent_time`, of a pause with its
    reason. One that is not `stated` is of a day of which only calls tell: nobody knows how long
    they were there."""

    start: datetime
    end: datetime
    part: str
    reason: str
    stated: bool


def of_agents(site: Site, first: date, last: date, agents: Sequence[int]) -> dict[int, list[Spell]]:
    """Those of agents of a site on its days from `first` to `last`, in order and apart. One
    query."""
    found: dict[int, list[Spell]] = {agent: [] for agent in agents}
    if not agents:
        return found
    span = site_days(first, last, site.calendar)
    with connection.cursor() as cursor:
        cursor.execute(
            presence.SPELLS, presence.values_of(site.pk, site.calendar, span, sorted(found))
        )
        rows = cursor.fetchall()
    for agent, stated, kind, begun, ms, reason in rows:
        start = _EPOCH + timedelta(milliseconds=begun)
        one = Spell(start, start + timedelta(milliseconds=ms), _PARTS[kind], reason, stated)
        mine = found[agent]
        if mine and mine[-1] == replace(one, start=mine[-1].start, end=one.start):
            mine[-1] = replace(mine[-1], end=one.end)
        else:
            mine.append(one)
    return found
