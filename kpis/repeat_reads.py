"""Reads of who came again: one `Repeats` a key, summed in the database."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from ccm.intervals import site_day
from ccm.models import Site
from kpis.models import RepeatFill, Unit
from kpis.parameters import DEFAULTS
from kpis.reading import By, Selection
from kpis.repeats import Repeats, Scope, Told


class ByKey(Mapping[Any, Told]):
    """Who came again among the contacts of a selection, by key; nothing by quarter hour and in
    spans, for it is counted by day.

    Each scope and window is read when it is first asked for, of all keys at once: which are wanted
    is told by what was chosen for each key. Keys are those of the default, which is read for them.
    """

    def __init__(self, selection: Selection, by: By = "total") -> None:
        self._selection, self._by = selection, by
        self._read: dict[tuple[Scope, int], dict[Any, Repeats]] = {}

    def _of(self, scope: Scope, window: int) -> dict[Any, Repeats]:
        if (scope, window) not in self._read:
            self._read[scope, window] = repeats(self._selection, self._by, scope, window)
        return self._read[scope, window]

    @property
    def _keys(self) -> dict[Any, Repeats]:
        if self._by == "interval" or self._selection.spans:
            return {}
        return self._of(DEFAULTS.scope, DEFAULTS.window_days)

    def __getitem__(self, key: Any) -> Told:
        if key not in self._keys:
            raise KeyError(key)
        return lambda scope, window: self._of(scope, window).get(key, Repeats())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def repeats(selection: Selection, by: By, scope: Scope, window: int) -> dict[Any, Repeats]:
    """Repeats by key. A site in the scope "queue" is the sum of its queues, in visits; else it is
    in contacts."""
    of_agents = by == "agent" or selection.agents is not None
    of_site = selection.unit(by) == Unit.CONTACT and scope != "queue"
    where = [
        "s.site_id = ANY(%(sites)s)",
        "s.day BETWEEN %(first)s AND %(last)s",
        "s.scope = %(scope)s",
        f"s.agent_id IS {'NOT' * of_agents} NULL",
        f"s.queue_id IS {'NOT' * (not of_site)} NULL",
    ]
    if selection.queues is not None:
        where.append("s.queue_id = ANY(%(queues)s)")
    if selection.agents is not None:
        where.append("s.agent_id = ANY(%(agents)s)")
    if selection.channel:
        where.append("s.channel = %(channel)s")
    values = {
        "sites": list(selection.sites),
        "first": selection.first,
        "last": selection.last,
        "queues": list(selection.queues or ()),
        "agents": list(selection.agents or ()),
        "channel": selection.channel,
        "scope": scope,
        "window": window,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REPEATS.format(key=_KEYS[by], where=" AND ".join(where)), values)
        return {
            key: Repeats(**dict(zip(_SUMS, sums, strict=True))) for key, *sums in cursor.fetchall()
        }


def newest(site: Site) -> tuple[datetime | None, datetime | None]:
    """When it was last counted who came again, and the end of the record's last whole day then."""
    filled = RepeatFill.objects.filter(site=site).first()
    if filled is None:
        return None, None
    return filled.counted_at, site_day(filled.last_whole, site.tz).end


_KEYS: dict[By, str] = {
    "total": "NULL::integer",
    "day": "s.day",
    "queue": "s.queue_id",
    "agent": "s.agent_id",
    "site": "s.site_id",
}
# Without an end that is known, every contact is too young.
_OLD = "COALESCE(s.day + %(window)s <= f.last_whole, false)"
# Nobody came again within any window: there is no array.
_WITHIN = "COALESCE({}[%(window)s], 0)"
_SUMS: Mapping[str, str] = {
    "young": f"sum(known) FILTER (WHERE NOT {_OLD})",
    "again": f"sum({_WITHIN.format('again')}) FILTER (WHERE {_OLD})",
    "first": f"sum(known - {_WITHIN.format('again')}) FILTER (WHERE {_OLD})",
    "settled": f"sum(known - {_WITHIN.format('around')}) FILTER (WHERE {_OLD})",
    "told": "sum(told)",
    "told_first": f"sum(resolved - {_WITHIN.format('resolved_again')})",
    "able": "sum(able)",
    "able_first": f"sum(able_resolved - {_WITHIN.format('able_again')})",
    "withheld": "sum(withheld)",
    "shared": "sum(shared)",
    "untold": "sum(untold)",
}
_REPEATS = f"""
SELECT {{key}} AS key, {", ".join(f"COALESCE({one}, 0)::bigint" for one in _SUMS.values())}
FROM kpis_repeatstat s LEFT JOIN kpis_repeatfill f USING (site_id)
WHERE {{where}} GROUP BY key
"""
