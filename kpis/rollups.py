"""Counts the calls: a stretch of site days is deleted and made again from the raw rows.

Never an increment, so late, doubled or shuffled calls all end in the same bytes. One row a
visit or contact is laid out first (`kpis.units`), then summed per quarter hour and per day; one
of a source that tells no time of day is in its day only.
What each column means stands in `kpis.counts.Counts`.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from ccm import partitions
from ccm.intervals import DAY, Span, day_of, days, site_days
from ccm.models import DirtyDay, Site
from ccm.signals import counts_changed
from kpis import units
from kpis.units import (
    ABANDONED,
    ALONE,
    ANSWERED,
    ANSWERS_ALONE,
    CALLBACK,
    CONTACT_OF_ANSWER,
    CONTACTS,
    ENDED,
    ENDINGS,
    ENTERED,
    HANDLED,
    LOST,
    PARTS,
    RINGS,
    VISITS,
    bounds,
)

log = logging.getLogger(__name__)

# A recount joins calls in many ways: so much unknown to the planner is too much.
_NEWS: dict[str, Any] = {"least": 1000, "share": 0.1}
# So many days are recounted in one statement by a rebuild.
STRETCH = 31


@dataclass(frozen=True, slots=True)
class Stretch:
    """Site days [first, last] of one site; `queues` None means all of them."""

    site: Site
    first: date
    last: date
    queues: frozenset[int | None] | None = None

    def __contains__(self, mark: DirtyDay) -> bool:
        queues = self.queues
        return (
            mark.site_id == self.site.pk
            and self.first <= mark.day <= self.last
            and (queues is None or mark.queue_id in queues)
        )

    @property
    def span(self) -> Span:
        return site_days(self.first, self.last, self.site.tz)


@transaction.atomic
def refresh(stretch: Stretch) -> None:
    """Recount a stretch: its queues in visits (a queue of None: calls on no queue), and the site
    in contacts, on every day that a contact of the stretch touches: a visit may take a contact
    from the day it was counted on. Safe to run twice and beside itself.
    """
    site = stretch.site
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rollup:{site.pk}"]
        )
        # Of a site that just came the planner knows nothing, takes its calls for one, and would
        # look through all of them once for each: minutes for some ten thousand.
        cursor.execute("SET LOCAL enable_nestloop = off")
        _lay_out(cursor, site, stretch.span)
        _count_visits(cursor, stretch)
        cursor.execute(
            "SELECT least(min(day), %s), greatest(max(day), %s) FROM visits",
            [stretch.first, stretch.last],
        )
        touched = Stretch(site, *cursor.fetchone())
        if (touched.first, touched.last) != (stretch.first, stretch.last):
            cursor.execute("DROP TABLE visits")
            _lay_out(cursor, site, touched.span)
        _count_contacts(cursor, touched)
        cursor.execute("DROP TABLE visits")
        _mark_filled(cursor, stretch)


def recount_dirty(most: int = 200) -> int:
    """Recount up to `most` dirty queue days, the newest first; how many were.

    Marks made meanwhile wait for the end and stay. Two recounts at once share the work. A
    stretch that cannot be counted keeps its marks, is logged, and stops no other.
    """
    partitions.analyze_grown(**_NEWS)
    with transaction.atomic():
        marks = list(
            DirtyDay.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("site")
            .order_by("-day", "site", "queue")[:most]
        )
        failed = [stretch for stretch in _runs(marks) if not _refreshed(stretch)]
        done = [mark.pk for mark in marks if not any(mark in stretch for stretch in failed)]
        DirtyDay.objects.filter(pk__in=done).delete()
    if done:
        counts_changed.send(sender=None)
    return len(done)


def _refreshed(stretch: Stretch) -> bool:
    try:
        refresh(stretch)
    except OperationalError:
        raise  # the database's own trouble: all of it is done again later
    except DatabaseError:
        log.exception("%s to %s of %s not counted", stretch.first, stretch.last, stretch.site)
        return False
    return True


def _runs(marks: Iterable[DirtyDay]) -> list[Stretch]:
    """Marks as stretches: neighbouring days of a site with the same dirty queues go together.

    In the order of sites and days, so that two recounts never wait for each other in a circle.
    """
    dirty: dict[Site, dict[date, frozenset[int | None]]] = defaultdict(dict)
    for mark in marks:
        queues = dirty[mark.site].get(mark.day, frozenset())
        dirty[mark.site][mark.day] = queues | {mark.queue_id}
    runs: list[Stretch] = []
    for site in sorted(dirty, key=lambda one: one.pk):
        for day, queues in sorted(dirty[site].items()):
            last = runs[-1] if runs else None
            if (
                last is not None
                and last.site == site
                and last.queues == queues
                and last.last + DAY == day
                and (day - last.first).days < STRETCH
            ):
                runs[-1] = replace(last, last=day)
            else:
                runs.append(Stretch(site, day, day, queues))
    return runs


def rebuild(sites: Iterable[Site] | None = None) -> int:
    """Recount everything the record holds, a stretch of days at a time; how many days.

    Each stretch is whole by itself, so a killed rebuild leaves right counts behind.
    """
    done = 0
    partitions.analyze_grown(**_NEWS)
    for site in sites if sites is not None else Site.objects.all():
        for first, last in _stretches(site):
            with transaction.atomic():
                # Marks made while it is counted are of calls that came too late for it.
                marks = DirtyDay.objects.filter(site=site, day__range=(first, last))
                seen = list(marks.select_for_update(of=("self",)).values_list("pk", flat=True))
                refresh(Stretch(site, first, last))
                marks.filter(pk__in=seen).delete()
            done += (last - first).days + 1
    counts_changed.send(sender=None)
    return done


def _stretches(site: Site) -> list[tuple[date, date]]:
    """Stretches of days that hold every call of the site and every answer without one, and every
    count already made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(offered_at), max(offered_at) FROM ccm_call WHERE site_id = %s", [site.pk]
        )
        told = [day_of(moment, site.tz) for moment in cursor.fetchone() if moment]
        cursor.execute(
            "SELECT min(answered_at), max(answered_at) FROM ccm_surveyresponse"
            " WHERE site_id = %s AND call_id IS NULL",
            [site.pk],
        )
        told += [day_of(moment, site.tz) for moment in cursor.fetchone() if moment]
        cursor.execute("SELECT min(day), max(day) FROM kpis_daystat WHERE site_id = %s", [site.pk])
        counted = [day for day in cursor.fetchone() if day]
    if not (found := told + counted):
        return []
    every = list(days(min(found), max(found)))
    return [
        (part[0], part[-1])
        for part in (every[at : at + STRETCH] for at in range(0, len(every), STRETCH))
    ]


def _lay_out(cursor: CursorWrapper, site: Site, span: Span) -> None:
    """The temporary table `visits`: one row for each of the site's visits in the span."""
    cursor.execute(
        f"CREATE TEMP TABLE visits ON COMMIT DROP AS {VISITS}",
        units.values(site, span),
    )
    cursor.execute("ANALYZE visits (id, source, linked_id)")


def _count_visits(cursor: CursorWrapper, stretch: Stretch) -> None:
    values = units.values(stretch.site, stretch.span)
    values |= {"first": stretch.first, "last": stretch.last}
    which = ""
    if stretch.queues is not None:
        values["queues"] = [queue for queue in stretch.queues if queue is not None]
        which = "AND (queue_id = ANY(%(queues)s)"
        which += " OR queue_id IS NULL)" if None in stretch.queues else ")"
    cursor.execute(
        "CREATE TEMP VIEW units AS SELECT * FROM"
        f" (SELECT * FROM visits UNION ALL {ANSWERS_ALONE}) AS every"
        f" WHERE offered_at >= %(start)s AND offered_at < %(end)s {which}",
        values,
    )
    cursor.execute(
        "DELETE FROM kpis_intervalstat WHERE site_id = %(site)s AND unit = 'v'"
        f" AND start >= %(start)s AND start < %(end)s {which}",
        values,
    )
    cursor.execute(
        "DELETE FROM kpis_daystat WHERE site_id = %(site)s AND unit = 'v'"
        f" AND day BETWEEN %(first)s AND %(last)s {which}",
        values,
    )
    _sum_up(cursor, "v", values, which)
    cursor.execute(f"CREATE TEMP TABLE agent_units ON COMMIT DROP AS {AGENT_UNITS}", values)
    cursor.execute(summed("kpis_daystat", "v", ("day", "agent_id"), "agent_units"), values)
    cursor.execute("DROP TABLE agent_units")
    cursor.execute("DROP VIEW units")


def _count_contacts(cursor: CursorWrapper, stretch: Stretch) -> None:
    values = units.values(stretch.site, stretch.span)
    values |= {"first": stretch.first, "last": stretch.last}
    cursor.execute(
        f"CREATE TEMP TABLE units ON COMMIT DROP AS SELECT * FROM ({CONTACTS}) AS contacts"
        f" UNION ALL SELECT {CONTACT_OF_ANSWER} FROM ({ANSWERS_ALONE}) AS alone"
        " WHERE queue_id IS NOT NULL",
        values,
    )
    cursor.execute("ANALYZE units (id)")
    cursor.execute(
        "DELETE FROM kpis_intervalstat WHERE site_id = %(site)s AND unit = 'c'"
        " AND start >= %(start)s AND start < %(end)s",
        values,
    )
    cursor.execute(
        "DELETE FROM kpis_daystat WHERE site_id = %(site)s AND unit = 'c'"
        " AND day BETWEEN %(first)s AND %(last)s",
        values,
    )
    _sum_up(cursor, "c", values)
    cursor.execute("DROP TABLE units")


def _sum_up(cursor: CursorWrapper, unit: str, values: dict[str, Any], which: str = "") -> None:
    """Sum the relation `units` into quarter hours and days. A unit of which only the day is known
    is in no quarter hour; where there is one, the days are summed from the units themselves."""
    cursor.execute("SELECT EXISTS (SELECT FROM units WHERE day_only)")
    (day_only,) = cursor.fetchone()
    timed = "(SELECT * FROM units WHERE NOT day_only) AS timed" if day_only else "units"
    cursor.execute(summed("kpis_intervalstat", unit, ("start",), timed), values)
    by_day = summed("kpis_daystat", unit, ("day",)) if day_only else days_summed(unit, which)
    cursor.execute(by_day, values)


def _mark_filled(cursor: CursorWrapper, stretch: Stretch) -> None:
    """Say when the queues of the stretch, and the site, were counted, and their newest moment."""
    span = stretch.span
    cursor.execute(
        """INSERT INTO kpis_fillmark AS f (site_id, queue_id, counted_at, newest_at)
        SELECT %(site)s, queue_id, clock_timestamp(),
            max(greatest(offered_at, answered_at, ended_at))
        FROM ccm_call
        WHERE site_id = %(site)s AND id >= %(low)s AND id < %(high)s
          AND offered_at >= %(start)s AND offered_at < %(end)s
        GROUP BY GROUPING SETS ((queue_id), ())
        HAVING GROUPING(queue_id) = 1 OR queue_id IS NOT NULL
        ON CONFLICT (site_id, queue_id) DO UPDATE SET counted_at = excluded.counted_at,
            newest_at = greatest(f.newest_at, excluded.newest_at)""",
        {"site": stretch.site.pk, "start": span.start, "end": span.end, **bounds(span)},
    )


# Rings belong to the agent who was rung, all else to the one who answered.
AGENT_UNITS = """
SELECT id, queue_id, agent_id, channel, direction, start, day, ending,
    wait_ms, talk_ms, hold_ms, acw_ms, transferred_in, transferred_out, resolved, resolvable,
    0 AS ring_no_answer, 0 AS unreachable, 0 AS declined, 0 AS cancelled, 0 AS offers_answered
FROM units WHERE agent_id IS NOT NULL
UNION ALL
SELECT u.id, u.queue_id, o.agent_id, u.channel, u.direction, u.start, u.day, 0,
    NULL, NULL, NULL, NULL, false, false, NULL, NULL,
    (o.outcome IN ('no_answer', 'unreachable'))::int, (o.outcome = 'unreachable')::int,
    (o.outcome = 'declined')::int, (o.outcome = 'cancelled')::int, (o.outcome = 'answered')::int
FROM units u JOIN ccm_offer o ON o.call_id = u.id
WHERE o.call_id >= %(low)s AND o.call_id < %(high)s
"""

_WAITS = {
    "answered": f"ending = {ANSWERED}",
    "abandoned": f"ending = {ABANDONED}",
    "lost": LOST,
    "callback": f"ending = {CALLBACK}",
}
_HANDLE_MS = "COALESCE(talk_ms, 0)::bigint + COALESCE(hold_ms, 0) + COALESCE(acw_ms, 0)"


def _columns() -> dict[str, str]:
    """Each plain column of a stat row and how it is summed from unit rows."""
    columns = {
        "offered": f"count(*) FILTER (WHERE {ENTERED})",
        **{name: f"count(*) FILTER (WHERE ending = {n})" for name, n in ENDINGS.items()},
    }
    for group, condition in _WAITS.items():
        columns[f"{group}_wait_ms"] = f"COALESCE(sum(wait_ms) FILTER (WHERE {condition}), 0)"
        columns[f"{group}_wait_n"] = f"count(wait_ms) FILTER (WHERE {condition})"
    columns["max_wait_ms"] = f"max(wait_ms) FILTER (WHERE {ENDED})"
    columns["max_answered_wait_ms"] = f"max(wait_ms) FILTER (WHERE ending = {ANSWERED})"
    for part in ("talk", "hold", "acw"):
        columns[f"{part}_ms"] = f"COALESCE(sum({part}_ms) FILTER (WHERE {HANDLED}), 0)"
        columns[f"{part}_n"] = f"count({part}_ms) FILTER (WHERE {HANDLED})"
    for rings in RINGS:
        columns[rings] = f"sum({rings})"
    of_answered = f"count(*) FILTER (WHERE ending = {ANSWERED} AND {{}})"
    columns["transferred_out"] = of_answered.format("transferred_out")
    columns["resolved"] = of_answered.format("resolved")
    columns["resolved_known"] = of_answered.format("resolved IS NOT NULL")
    columns["resolvable_known"] = of_answered.format("resolvable IS NOT NULL")
    return columns


# A wait's place in the histogram (`kpis.histogram`): class of ending and entry, then the bin.
_CODE = f"""((CASE WHEN ending = {ANSWERED} THEN 0 WHEN ending = {ABANDONED} THEN 1
              WHEN {LOST} THEN 2 ELSE 3 END * 2 + transferred_in::int) << 20)
    | LEAST(2 * (wait_ms / 1000) + (wait_ms %% 1000 > 0)::int, 1048575)::int"""


def summed(table: str, unit: str, keys: tuple[str, ...], units: str = "units") -> str:
    """The statement that sums unit rows by queue, channel, direction and `keys` into `table`.

    No queue is 0 on the way: null would not join. What a row holds as an array or object is
    counted first by its place in it.
    """
    columns = _columns()
    group = ", ".join(("q", "channel", "direction", *keys))
    mine = ", ".join(f"u.{name}" for name in ("q", "channel", "direction", *keys))
    # An answer that stands for itself (`units.ALONE`) is its own unit.
    alone = (
        f"JOIN ccm_surveyresponse s ON s.id = u.id WHERE u.ending = {ALONE} AND s.call_id IS NULL"
        " AND s.site_id = %(site)s AND s.answered_at >= %(start)s AND s.answered_at < %(end)s"
    )
    # All of them are found by their calls' ids, not looked through.
    reach = "s.call_id >= %(far_low)s AND s.call_id < %(far_high)s"
    answers = f"JOIN ccm_surveyresponse s ON s.call_id = u.id WHERE u.ending > 0 AND {reach}"
    if unit == "c":
        answers = (
            "CROSS JOIN unnest(u.visit_ids) AS part(call_id)"
            " JOIN ccm_surveyresponse s ON s.call_id = part.call_id"
            f" WHERE u.ending <> {ALONE} AND {reach}"
        )
    share = "(score - scale_min) / (scale_max - scale_min)"
    places = [f"COALESCE(max({{}}) FILTER (WHERE parts = {parts}), 0)" for parts in range(8)]
    handle_n = ", ".join(one.format("n") for one in places)
    handle_ms = ", ".join(one.format("ms") for one in places)
    zeros = f"'{{{', '.join('0' * 8)}}}'"
    return f"""
INSERT INTO {table} (site_id, unit, queue_id, channel, direction, {", ".join(keys)},
    {", ".join(columns)}, handle_n, handle_ms, hist_codes, hist_counts, csat)
WITH u AS MATERIALIZED (SELECT COALESCE(queue_id, 0) AS q, * FROM {units}), sums AS (
    SELECT {group}, {", ".join(f"{how} AS {name}" for name, how in columns.items())}
    FROM u GROUP BY {group}
), bins AS (
    SELECT {group}, {_CODE} AS code, count(*)::int AS n
    FROM u WHERE wait_ms IS NOT NULL AND {ENDED} GROUP BY {group}, code
), hists AS (
    SELECT {group}, array_agg(code ORDER BY code) AS codes, array_agg(n ORDER BY code) AS counts
    FROM bins GROUP BY {group}
), handled AS (
    SELECT {group}, {PARTS} AS parts, count(*) AS n, sum({_HANDLE_MS}) AS ms
    FROM u WHERE {HANDLED} GROUP BY {group}, parts
), handles AS (
    SELECT {group}, ARRAY[{handle_n}] AS handle_n, ARRAY[{handle_ms}] AS handle_ms
    FROM handled GROUP BY {group}
), answers AS (
    SELECT {mine}, s.kind, s.scale_min, s.scale_max, s.score FROM u {answers}
    UNION ALL
    SELECT {mine}, s.kind, s.scale_min, s.scale_max, s.score FROM u {alone}
), scales AS (
    SELECT {group}, scale_min || '-' || scale_max AS scale, count(*) AS n,
        sum(score) AS total, count(*) FILTER (WHERE {share} >= 0.75) AS top,
        count(*) FILTER (WHERE {share} <= 0.25) AS bottom
    FROM answers WHERE kind = 'csat' GROUP BY {group}, scale
), csats AS (
    SELECT {group}, jsonb_object_agg(scale, jsonb_build_array(n, total, top, bottom)) AS csat
    FROM scales GROUP BY {group}
)
SELECT %(site)s, '{unit}', NULLIF(q, 0), channel, direction, {", ".join(keys)},
    {", ".join(columns)}, COALESCE(handle_n, {zeros}), COALESCE(handle_ms, {zeros}),
    COALESCE(codes, '{{}}'), COALESCE(counts, '{{}}'), COALESCE(csat, '{{}}')
FROM sums LEFT JOIN hists USING ({group}) LEFT JOIN handles USING ({group})
LEFT JOIN csats USING ({group})
"""


def days_summed(unit: str, which: str = "") -> str:
    """The statement that sums the quarter hours just counted into site days.

    A site day is whole quarter hours, so their sums are its own; `which` narrows the queues.
    """
    columns = {
        name: f"max({name})" if name.startswith("max_") else f"sum({name})::bigint"
        for name in _columns()
    }
    group = "q, channel, direction, day"
    parts = {
        name: ", ".join(f"sum({name}[{place}])::bigint" for place in range(1, 9))
        for name in ("handle_n", "handle_ms")
    }
    return f"""
INSERT INTO kpis_daystat (site_id, unit, queue_id, channel, direction, day,
    {", ".join(columns)}, handle_n, handle_ms, hist_codes, hist_counts, csat)
WITH i AS MATERIALIZED (
    SELECT COALESCE(queue_id, 0) AS q, {units.day_sql("start")}, * FROM kpis_intervalstat
    WHERE site_id = %(site)s AND unit = '{unit}' AND start >= %(start)s AND start < %(end)s {which}
), sums AS (
    SELECT {group}, {", ".join(f"{how} AS {name}" for name, how in columns.items())},
        ARRAY[{parts["handle_n"]}] AS handle_n, ARRAY[{parts["handle_ms"]}] AS handle_ms
    FROM i GROUP BY {group}
), bins AS (
    SELECT {group}, code, sum(n)::int AS n
    FROM i, unnest(hist_codes, hist_counts) AS h(code, n) GROUP BY {group}, code
), hists AS (
    SELECT {group}, array_agg(code ORDER BY code) AS codes, array_agg(n ORDER BY code) AS counts
    FROM bins GROUP BY {group}
), scales AS (
    SELECT {group}, scale, sum((v->>0)::bigint) AS n, sum((v->>1)::numeric) AS total,
        sum((v->>2)::bigint) AS top, sum((v->>3)::bigint) AS bottom
    FROM i, jsonb_each(csat) AS s(scale, v) GROUP BY {group}, scale
), csats AS (
    SELECT {group}, jsonb_object_agg(scale, jsonb_build_array(n, total, top, bottom)) AS csat
    FROM scales GROUP BY {group}
)
SELECT %(site)s, '{unit}', NULLIF(q, 0), channel, direction, day,
    {", ".join(columns)}, handle_n, handle_ms,
    COALESCE(codes, '{{}}'), COALESCE(counts, '{{}}'), COALESCE(csat, '{{}}')
FROM sums LEFT JOIN hists USING ({group}) LEFT JOIN csats USING ({group})
"""
