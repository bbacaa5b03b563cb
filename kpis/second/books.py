"""The books: sums that must be equal whatever was imported, recounted or taken back.

Each yields lines: what one page of the books says, and what another does. `of_days` reads what
`paths.lay_out` laid out beside the rollups, `of_record` the whole record of a site.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _

from ccm.database import WITHOUT_LOOPS
from ccm.models import Site
from kpis.second import columns, quarters
from kpis.second.paths import Stretch
from kpis.sums.agent_time import PARTS
from kpis.sums.counts import ADDITIVE, PART_SETS
from kpis.sums.histogram import BINS_SQL

if TYPE_CHECKING:
    from kpis.measures import Words

TITLES: Mapping[str, "Words"] = {
    "outcomes": _("Offered = answered + abandoned + timed out + other exits + still waiting"),
    "contacts": _("Visits = contacts + queued again + transferred"),
    "kept": _("What is kept of a day does not contradict itself"),
    "intervals": _("The quarter hours of a day add up to the day"),
    "quarters": _("Each cell of each quarter hour = what the record tells of it"),
    "agents": _("What agents answered + what nobody is named for = what the queue answered"),
    "any_queue": _("What agents did on each queue adds up to what they did on any"),
    "outbound": _("Outbound counted = outbound in the record"),
    "time": _("The time of the agents of a day = the time of its quarter hours"),
    "imports": _("Lines read = stored + updated + duplicate + rejected + ignored"),
    "references": _("Rings, answers, notes, survey links and sales are of calls that exist"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """Two figures of one book that must be equal. `what` says of what, where that is not plain.
    `times`: so many of them, where those that are equal, or more that differ, are told together."""

    book: str
    one: float | None
    other: float | None
    day: date | None = None
    queue: int | None = None
    agent: int | None = None
    what: str = ""
    times: int = 1

    @property
    def balances(self) -> bool:
        return self.one == self.other


def of_days(cursor: CursorWrapper, stretch: Stretch) -> Iterator[Line]:
    """The lines of the days of a stretch, each book of each day and queue."""
    values = stretch.values | {"zone": stretch.site.zone, "begins": stretch.site.day_begins}
    for book, sql in _OF_DAYS.items():
        cursor.execute(sql, values)
        for day, queue, agent, what, one, other in cursor.fetchall():
            yield Line(book, one, other, day, queue, agent, what)
    yield from _of_quarters(cursor, stretch.site, values)


def _of_quarters(cursor: CursorWrapper, site: Site, values: Mapping[str, Any]) -> Iterator[Line]:
    """A line for each cell of a quarter hour that differs, the first of a day and column, and how
    many more do; those that are equal in one line a day."""
    # As where they are laid out: a few rows are expected of what may be thousands.
    cursor.execute(WITHOUT_LOOPS)
    cursor.execute(quarters.CELLS, values)
    found = cursor.fetchall()
    cursor.execute("SET LOCAL enable_nestloop = DEFAULT")
    for day, start, unit, queue, channel, direction, name, one, other, times in found:
        if start is not None:
            what = columns.of_cell(name, start.astimezone(site.tz), unit, queue, channel, direction)
            yield Line("quarters", one, other, day, queue, what=what)
        elif name:
            what = columns.of_others(name)
            yield Line("quarters", one, other, day, what=what, times=times)
        elif times:
            yield Line("quarters", 0, 0, day, times=int(times))


def of_record(cursor: CursorWrapper, site: Site) -> Iterator[Line]:
    """The lines of a site's whole record: one an import, and one for each kind of reference that
    holds, or for each reference that does not."""
    cursor.execute(_IMPORTS, {"site": site.pk})
    for batch, read, fates in cursor.fetchall():
        yield Line("imports", read, fates, what=str(batch))
    for table, owner in _REFERENCES.items():
        cursor.execute(_DANGLING.format(table=table, owner=owner), {"site": site.pk})
        dangling = cursor.fetchall()
        for agent, row, call in dangling:
            yield Line("references", 0, 1, agent=agent, what=f"{table} {row}: {call}")
        if not dangling:
            yield Line("references", 0, 0, what=table)


_OUTCOMES = """
SELECT day, queue_id, agent_id, '', offered,
    answered + abandoned + timed_out + key_exit + callback_requested + other + in_progress
FROM kpis_daystat WHERE site_id = %(site)s AND day BETWEEN %(first)s AND %(last)s
"""
# Every visit that entered is the first of its contact or a further one.
_CONTACTS = """
WITH counted AS (
    SELECT day, COALESCE(sum(offered) FILTER (WHERE unit = 'v' AND queue_id IS NOT NULL), 0) AS v,
        COALESCE(sum(offered) FILTER (WHERE unit = 'c'), 0) AS c
    FROM kpis_daystat
    WHERE site_id = %(site)s AND day BETWEEN %(first)s AND %(last)s AND agent_id IS NULL
      AND direction = 'inbound'
    GROUP BY day
), further AS (
    SELECT day, count(*) FILTER (WHERE NOT transferred_in) AS again,
        count(*) FILTER (WHERE transferred_in) AS transferred
    FROM visit WHERE entered AND NOT is_first GROUP BY day
)
SELECT day, NULL::bigint, NULL::bigint, '', v,
    c + COALESCE(again, 0) + COALESCE(transferred, 0)
FROM counted LEFT JOIN further USING (day)
"""
_SUMMED = ", ".join(f"sum({name})::bigint AS {name}" for name in ADDITIVE)
_SIDES = ", ".join(f"('{name}', COALESCE(i.{name}, 0), COALESCE(d.{name}, 0))" for name in ADDITIVE)
# Handling by each set of known parts, the longest waits, and waits by length: how many there are,
# and the sum of their codes, which no other lengths are likely to have.
_KEPT = {
    **{
        f"handle_{place}_{what}": f"sum(handle_{what}[{place}])::bigint"
        for what in ("n", "ms")
        for place in range(1, PART_SETS + 1)
    },
    "max_wait_ms": "max(max_wait_ms)",
    "max_answered_wait_ms": "max(max_answered_wait_ms)",
    "hist_n": f"sum((SELECT sum(n) FROM {BINS_SQL}))::bigint",
    "hist_codes": f"sum((SELECT sum(code::bigint * n) FROM {BINS_SQL}))::bigint",
}
_ALL_SUMMED = ", ".join((_SUMMED, *(f"{sum_} AS {name}" for name, sum_ in _KEPT.items())))
_ALL_SIDES = ", ".join(
    f"('{name}', COALESCE(i.{name}, 0), COALESCE(d.{name}, 0))" for name in (*ADDITIVE, *_KEPT)
)
# Where a source told no more than the day, its calls are in no quarter hour.
_INTERVALS = f"""
WITH untimed AS (
    SELECT 'v' AS unit, day, queue_id FROM call WHERE time_precision = 'day'
    UNION SELECT 'c', contact_day, NULL FROM member WHERE time_precision = 'day'
), days AS (
    SELECT unit, day, queue_id, direction, {_ALL_SUMMED} FROM kpis_daystat
    WHERE site_id = %(site)s AND day BETWEEN %(first)s AND %(last)s AND agent_id IS NULL
    GROUP BY unit, day, queue_id, direction
), quarters AS (
    SELECT unit, kpi.day_of(start, %(zone)s, %(begins)s) AS day, queue_id, direction,
        {_ALL_SUMMED}
    FROM kpis_intervalstat
    WHERE site_id = %(site)s AND start >= kpi.day_start(%(first)s, %(zone)s, %(begins)s)
      AND start < kpi.day_start(%(last)s::date + 1, %(zone)s, %(begins)s)
    GROUP BY unit, kpi.day_of(start, %(zone)s, %(begins)s), queue_id, direction
)
SELECT COALESCE(d.day, i.day), COALESCE(d.queue_id, i.queue_id), NULL::bigint, sides.name,
    sides.one, sides.other
FROM days d FULL JOIN quarters i ON i.unit = d.unit AND i.day = d.day
    AND COALESCE(i.queue_id, 0) = COALESCE(d.queue_id, 0) AND i.direction = d.direction
CROSS JOIN LATERAL (VALUES {_ALL_SIDES}) AS sides(name, one, other)
WHERE NOT EXISTS (
    SELECT FROM untimed u WHERE u.unit = COALESCE(d.unit, i.unit) AND u.day = COALESCE(d.day, i.day)
        AND COALESCE(u.queue_id, 0) = COALESCE(d.queue_id, i.queue_id, 0)
)
"""
_AGENTS = """
WITH counted AS (
    SELECT day, queue_id, COALESCE(sum(answered) FILTER (WHERE agent_id IS NULL), 0) AS whole,
        COALESCE(sum(answered) FILTER (WHERE agent_id IS NOT NULL), 0) AS named
    FROM kpis_daystat
    WHERE site_id = %(site)s AND day BETWEEN %(first)s AND %(last)s AND queue_id IS NOT NULL
      AND direction = 'inbound' AND unit = 'v'
    GROUP BY day, queue_id
), nobodys AS (
    SELECT day, queue_id, count(*) AS n FROM visit
    WHERE outcome = 'answered' AND agent_id IS NULL GROUP BY day, queue_id
)
SELECT day, queue_id, NULL::bigint, '', whole, named + COALESCE(n, 0)
FROM counted LEFT JOIN nobodys USING (day, queue_id)
"""
_ANY_QUEUE = f"""
WITH counted AS (
    SELECT unit, day, {_SUMMED} FROM kpis_daystat
    WHERE site_id = %(site)s AND day BETWEEN %(first)s AND %(last)s AND agent_id IS NOT NULL
    GROUP BY unit, day
), each AS (SELECT * FROM counted WHERE unit = 'v'), anywhere AS (
    SELECT * FROM counted WHERE unit = 'a'
)
SELECT day, NULL::bigint, NULL::bigint, sides.name, sides.one, sides.other
FROM each i FULL JOIN anywhere d USING (day)
CROSS JOIN LATERAL (VALUES {_SIDES}) AS sides(name, one, other)
"""
_OUTBOUND = """
WITH counted AS (
    SELECT day, COALESCE(queue_id, 0) AS q, sum(answered) AS n FROM kpis_daystat
    WHERE site_id = %(site)s AND day BETWEEN %(first)s AND %(last)s AND agent_id IS NULL
      AND direction = 'outbound' AND unit = 'v'
    GROUP BY day, q
), told AS (
    SELECT day, COALESCE(queue_id, 0) AS q, count(*) FILTER (WHERE outcome = 'answered') AS n
    FROM call WHERE direction = 'outbound' AND day BETWEEN %(first)s AND %(last)s GROUP BY day, q
)
SELECT day, NULLIF(q, 0), NULL::bigint, '', COALESCE(c.n, 0), COALESCE(t.n, 0)
FROM counted c FULL JOIN told t USING (day, q)
"""
_TIME_COLUMNS = [*(f"{part}_ms" for part in PARTS), "untold_ms"]
_TIMES = ", ".join(f"sum({name})::bigint AS {name}" for name in _TIME_COLUMNS)
_TIME_SIDES = ", ".join(
    f"('{name}', COALESCE(a.{name}, 0), COALESCE(q.{name}, 0))" for name in _TIME_COLUMNS
)
_TIME = f"""
WITH agents AS (
    SELECT day, {_TIMES} FROM kpis_agenttime
    WHERE site_id = %(site)s AND day BETWEEN %(first)s AND %(last)s GROUP BY day
), quarters AS (
    SELECT kpi.day_of(start, %(zone)s, %(begins)s) AS day, {_TIMES} FROM kpis_sitetime
    WHERE site_id = %(site)s AND start >= kpi.day_start(%(first)s, %(zone)s, %(begins)s)
      AND start < kpi.day_start(%(last)s::date + 1, %(zone)s, %(begins)s)
    GROUP BY kpi.day_of(start, %(zone)s, %(begins)s)
)
SELECT day, NULL::bigint, NULL::bigint, sides.name, sides.one, sides.other
FROM agents a FULL JOIN quarters q USING (day)
CROSS JOIN LATERAL (VALUES {_TIME_SIDES}) AS sides(name, one, other)
"""
_OF_DAYS = {
    "outcomes": _OUTCOMES,
    "contacts": _CONTACTS,
    "intervals": _INTERVALS,
    "agents": _AGENTS,
    "any_queue": _ANY_QUEUE,
    "outbound": _OUTBOUND,
    "time": _TIME,
}
_IMPORTS = """
SELECT id, read, stored + updated + duplicate + rejected + ignored
FROM ccm_importbatch WHERE site_id = %(site)s ORDER BY id
"""
# What refers to a call, and whose it is. A month of calls may be dropped, so no constraint holds
# them; a recount of so many is said by the first ones.
_REFERENCES = {
    "ccm_offer": "(SELECT a.id, a.site_id FROM ccm_agent a WHERE a.id = r.agent_id)",
    "ccm_surveyresponse": "(SELECT r.agent_id, r.site_id)",
    "ccm_callnote": "(SELECT NULL::bigint, r.site_id)",
    "ccm_surveyinvitation": "(SELECT r.agent_id, r.site_id)",
    "ccm_sale": "(SELECT r.agent_id, r.site_id)",
}
_DANGLING = """
SELECT o.agent_id, r.id, r.call_id
FROM {table} r CROSS JOIN LATERAL {owner} AS o(agent_id, site_id)
WHERE r.call_id IS NOT NULL AND o.site_id = %(site)s
  AND NOT EXISTS (SELECT FROM ccm_call c WHERE c.id = r.call_id)
ORDER BY r.call_id, r.id LIMIT 1000
"""
