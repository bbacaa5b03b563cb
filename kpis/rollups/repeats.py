"""Counts who came again: stretches of site days, deleted and made again from the raw calls.

A call changes what is counted of a month to either side. So this is not done with the other
counts, which walls wait for, but by itself and less often: their recount marks the days whose calls
changed, and this counts those and all around them. Safe to run twice, beside itself, and to be
killed: marks go last.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max, Min

from ccm import partitions
from ccm.database import WITHOUT_LOOPS, alone
from ccm.intervals import DAY, day_of, site_day
from ccm.models import Call, Site
from ccm.retention import closed
from kpis.models import FillMark, MatterStat, RepeatFill, RepeatMark, RepeatStat
from kpis.rollups import repeats_units as units
from kpis.rollups.repeats_units import UNKNOWN, YES
from kpis.sums.matters import code_sql
from kpis.sums.repeats import LONGEST, SCOPES

# So many days are counted in one statement; as many again lie around them.
STRETCH = 4 * 31
# A live centre changes today's calls all the time: they are counted again after so long.
OFTEN = timedelta(hours=1)


def mark(cursor: CursorWrapper, site: Site, first: date, last: date) -> None:
    """Note that calls of [first, last] changed, in the transaction that counts them."""
    cursor.execute(
        "INSERT INTO kpis_repeatmark (site_id, first, last) VALUES (%s, %s, %s)",
        [site.pk, first, last],
    )


def mark_all(**_: object) -> None:
    """Note that every day that is counted has changed: two topics became one, of all sites.
    Connected to `ccm.signals.names_merged`."""
    reach = RepeatStat.objects.values("site").annotate(first=Min("day"), last=Max("day"))
    RepeatMark.objects.bulk_create(
        RepeatMark(site_id=one["site"], first=one["first"], last=one["last"]) for one in reach
    )


def due(now: datetime) -> list[Site]:
    """Sites to be counted now: of which older days than yesterday changed, or the last count is
    long ago."""
    marked = RepeatMark.objects.values("site").annotate(oldest=Min("first"))
    oldest = dict(marked.values_list("site", "oldest"))
    counted = dict(RepeatFill.objects.filter(site__in=oldest).values_list("site", "counted_at"))
    return [
        site
        for site in Site.objects.filter(pk__in=oldest).order_by("pk")
        if oldest[site.pk] < day_of(now, site.calendar) - DAY
        or site.pk not in counted
        or counted[site.pk] <= now - OFTEN
    ]


def recount(site: Site, wait: bool = True) -> int:
    """Count every day of a site that a marked day may bear on; how many days. Where somebody is
    at it already, wait and do what is left, or leave it to them."""
    # Of two processes, the one that began with less might end last.
    with alone(f"repeats:{site.pk}", wait) as is_mine:
        if not is_mine:
            return 0
        site.refresh_from_db(fields=["record_begins_on", "counts_closed_before"])
        # Before the marks: whatever calls it tells of were marked when they were counted.
        last_whole = _last_whole_day(site)
        marks = list(RepeatMark.objects.filter(site=site))
        if not marks:
            return 0
        partitions.analyze_grown()
        changed = [(one.first, one.last) for one in marks]
        filled = RepeatFill.objects.filter(site=site).first()
        if filled is not None and last_whole is not None and filled.last_whole < last_whole:
            # Matters that were open at the end of the record are watched further.
            changed.append((filled.last_whole, filled.last_whole + DAY))
        done = 0
        for first, last in _stretches(site, changed):
            _refresh(site, first, last, last_whole)
            done += (last - first).days + 1
        with transaction.atomic():
            if last_whole is None:
                RepeatFill.objects.filter(site=site).delete()
            else:
                with connection.cursor() as cursor:
                    cursor.execute(_FILLED, [site.pk, last_whole])
            RepeatMark.objects.filter(pk__in=[one.pk for one in marks]).delete()
    return done


_FILLED = """
INSERT INTO kpis_repeatfill (site_id, last_whole, counted_at) VALUES (%s, %s, clock_timestamp())
ON CONFLICT (site_id) DO UPDATE SET last_whole = excluded.last_whole,
    counted_at = excluded.counted_at
"""


def _last_whole_day(site: Site) -> date | None:
    """The day before that of the newest call that the other counts hold; None: there are none."""
    filled = FillMark.objects.filter(site=site).aggregate(Max("newest_at"))["newest_at__max"]
    offered = Call._default_manager.filter(site=site).aggregate(Max("offered_at"))
    newest = offered["offered_at__max"]
    if filled is None or newest is None:
        return None
    return day_of(min(filled, newest), site.calendar) - DAY


def _stretches(site: Site, changed: Iterable[tuple[date, date]]) -> Iterator[tuple[date, date]]:
    """The days that changed ones, each from first to last, bear on, as far as there are calls or
    counts, in stretches."""
    offered = Call._default_manager.filter(site=site).aggregate(
        Min("offered_at"), Max("offered_at")
    )
    counted = [
        day
        for model in (RepeatStat, MatterStat)
        for day in model.objects.filter(site=site).aggregate(Min("day"), Max("day")).values()
    ]
    there = [day_of(moment, site.calendar) for moment in offered.values() if moment]
    there += [day for day in counted if day]
    if not there:
        return
    for first, last in _joined(
        (first - units.AROUND, last + units.AROUND) for first, last in changed
    ):
        begun, end = max(min(there), first), min(max(there), last)
        begun = closed.first_open(site, begun)
        while begun <= end:
            to = min(end, begun + timedelta(days=STRETCH - 1))
            yield begun, to
            begun = to + DAY


def _joined(reaches: Iterable[tuple[date, date]]) -> Iterator[tuple[date, date]]:
    """Days from first to last, in order, those that touch as one: a month around each stretch is
    looked at too, so a few long ones are quicker than many short ones."""
    held: tuple[date, date] | None = None
    for first, last in sorted(reaches):
        if held is not None and first <= held[1] + DAY:
            held = held[0], max(held[1], last)
            continue
        if held is not None:
            yield held
        held = first, last
    if held is not None:
        yield held


@transaction.atomic
def _refresh(site: Site, first: date, last: date, last_whole: date | None) -> None:
    until = None if last_whole is None else site_day(last_whole, site.calendar).end
    values = units.values(site, first, last) | {"until": until}
    with connection.cursor() as cursor:
        # As for the other counts: of what just came the planner knows nothing.
        cursor.execute(WITHOUT_LOOPS)
        # Months are grouped and sorted at once, seldom and by one process.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        for name, select in (
            ("came", units.CAME),
            ("contacts", units.CONTACTS),
            ("met", units.MET),
            ("on_queues", units.ON_QUEUES),
            ("tallies", _TALLIES),
        ):
            cursor.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {select}", values)
            cursor.execute(f"ANALYZE {name}")
        cursor.execute(
            "DELETE FROM kpis_repeatstat WHERE site_id = %(site)s"
            " AND day BETWEEN %(first)s AND %(last)s",
            values,
        )
        for tallies in (_OF_QUEUES, _OF_AGENTS, _OF_AGENTS_ANYWHERE):
            cursor.execute(_summed(tallies), values)
        cursor.execute(
            "DELETE FROM kpis_matterstat WHERE site_id = %(site)s"
            " AND day BETWEEN %(first)s AND %(last)s",
            values,
        )
        cursor.execute(_MATTERS, values)
        cursor.execute("DROP TABLE came, contacts, met, on_queues, tallies")


# How many units of a queue, an agent and a day are alike in a scope; 0 stands for none of these.
_TALLIES = f"""
SELECT COALESCE(queue_id, 0) AS queue_id, COALESCE(agent_id, 0) AS agent_id, day, channel, scope,
    standing, before, LEAST(before, after) AS around, resolved, resolvable, count(*) AS n
FROM ({units.VISITS} UNION ALL {units.OF_SITES}) AS units, LATERAL (VALUES {
    ", ".join(f"('{one}', {one}_standing, {one}_before, {one}_after)" for one in SCOPES)
}) AS scopes(scope, standing, before, after)
WHERE scope <> 'queue' OR queue_id IS NOT NULL
GROUP BY 1, 2, day, channel, scope, standing, before, around, resolved, resolvable
"""
_COUNTED = f"standing = {units.COUNTED}"
_RESOLVED = f"resolved = {YES}"
_ABLE = f"resolvable = {YES}"
_COUNTS = {
    "known": _COUNTED,
    "told": f"{_COUNTED} AND resolved <> {UNKNOWN}",
    "resolved": f"{_COUNTED} AND {_RESOLVED}",
    "able": f"{_COUNTED} AND resolved <> {UNKNOWN} AND {_ABLE}",
    "able_resolved": f"{_COUNTED} AND {_RESOLVED} AND {_ABLE}",
    "withheld": f"standing = {units.WITHHELD}",
    "shared": f"standing = {units.SHARED}",
    "untold": f"standing = {units.UNTOLD}",
}
# The days of which each array is made.
_GAPS = {
    "again": "before",
    "around": "around",
    "resolved_again": f"CASE WHEN {_RESOLVED} THEN before END",
    "able_again": f"CASE WHEN {_RESOLVED} AND {_ABLE} THEN before END",
}


_MATTERS = f"""
INSERT INTO kpis_matterstat (site_id, queue_id, day, channel, scope, untold, codes, counts)
WITH coded AS (
    SELECT scope, queue_id, day, channel, told, {code_sql("ending", "seconds")} AS code,
        count(*)::int AS n
    FROM ({units.MATTERS}) AS matters WHERE day BETWEEN %(first)s AND %(last)s
    GROUP BY scope, queue_id, day, channel, told, code
)
SELECT %(site)s, queue_id, day, channel, scope, COALESCE(sum(n) FILTER (WHERE NOT told), 0),
    COALESCE(array_agg(code ORDER BY code) FILTER (WHERE told), '{{}}'),
    COALESCE(array_agg(n ORDER BY code) FILTER (WHERE told), '{{}}')
FROM coded GROUP BY scope, queue_id, day, channel
"""


_ALIKE = "day, channel, scope, standing, before, around, resolved, resolvable"
# Tallies of queues and of the site, of agents on each queue, and of agents on any.
_OF_QUEUES = f"""
SELECT queue_id, 0 AS agent_id, {_ALIKE}, sum(n) AS n FROM tallies GROUP BY queue_id, {_ALIKE}
"""
_OF_AGENTS = "SELECT * FROM tallies WHERE agent_id <> 0"
_OF_AGENTS_ANYWHERE = f"""
SELECT 0 AS queue_id, agent_id, {_ALIKE}, sum(n) AS n FROM tallies WHERE agent_id <> 0
GROUP BY agent_id, {_ALIKE}
"""


def _summed(mine: str) -> str:
    """The statement that makes rows of tallies."""
    keys = "queue_id, agent_id, day, channel, scope"
    counts = (
        f"COALESCE(sum(n) FILTER (WHERE {which}), 0) AS {name}" for name, which in _COUNTS.items()
    )
    windows = (
        f"COALESCE(sum(n) FILTER (WHERE gap <= {window}), 0)::int"
        for window in range(1, LONGEST + 1)
    )
    return f"""
    INSERT INTO kpis_repeatstat (site_id, queue_id, agent_id, day, channel, scope,
        {", ".join(_COUNTS)}, {", ".join(_GAPS)})
    WITH mine AS MATERIALIZED ({mine}
    ), sums AS (
        SELECT {keys}, {", ".join(counts)} FROM mine GROUP BY {keys}
    ), gaps AS (
        SELECT {keys}, name, gap, sum(n) AS n
        FROM mine, LATERAL (VALUES {", ".join(f"('{name}', {gap})" for name, gap in _GAPS.items())})
            AS gaps(name, gap)
        WHERE {_COUNTED} AND gap <= {LONGEST} GROUP BY {keys}, name, gap
    ), within AS (
        SELECT {keys}, name, ARRAY[{", ".join(windows)}] AS ns FROM gaps GROUP BY {keys}, name
    ), arrays AS (
        SELECT {keys}, {
        ", ".join(f"max(ns) FILTER (WHERE name = '{name}') AS {name}" for name in _GAPS)
    } FROM within GROUP BY {keys}
    )
    SELECT %(site)s, NULLIF(queue_id, 0), NULLIF(agent_id, 0), day, channel, scope,
        {", ".join(_COUNTS)}, {", ".join(f"COALESCE({name}, '{{}}')" for name in _GAPS)}
    FROM sums LEFT JOIN arrays USING ({keys})
    ORDER BY scope, queue_id, day, agent_id  -- so that what is read together lies together
    """
