"""Counts the calls: a stretch of site days is deleted and made again from the raw rows.

Never an increment, so late, doubled or shuffled calls all end in the same bytes. One row a
visit or contact is laid out first, then summed per quarter hour and per day; one of a source
that tells no time of day is in its day only.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from ccm import partitions
from ccm.abreast import abreast
from ccm.database import WITHOUT_LOOPS
from ccm.intervals import DAY, Span, day_of, days, site_days
from ccm.models import DirtyDay, Site
from ccm.retention import closed
from ccm.signals import counts_changed
from kpis.rollups import presence, repeats, units
from kpis.rollups.sums import AGENT_UNITS, agents_summed, days_summed, summed
from kpis.rollups.units import ANSWERS_ALONE, CONTACT_OF_ANSWER, CONTACTS, VISITS, bounds

log = logging.getLogger(__name__)

# A recount joins calls in many ways: so much unknown to the planner is too much.
_NEWS: dict[str, Any] = {"least": 1000, "share": 0.1}
# So many days are recounted in one statement by a rebuild.
STRETCH = 31
# So many sites are counted at once by a rebuild: pages and walls need the database meanwhile.
AT_ONCE = 2


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
        return site_days(self.first, self.last, self.site.calendar)


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
        # Marks that are worked off here are locked by now. Were its days those it had before, they
        # would be counted by the old ones and nobody would know.
        site.refresh_from_db(
            fields=["zone", "day_begins", "record_begins_on", "counts_closed_before"]
        )
        # What closed days were counted from is gone: their counts stay as they are.
        stretch = replace(stretch, first=closed.first_open(site, stretch.first))
        if stretch.first > stretch.last:
            return
        # Of a site that just came the planner knows nothing, takes its calls for one, and would
        # look through all of them once for each: minutes for some ten thousand.
        cursor.execute(WITHOUT_LOOPS)
        _lay_out(cursor, site, stretch.span)
        _count_visits(cursor, stretch)
        cursor.execute(
            "SELECT least(min(day), %s), greatest(max(day), %s) FROM visits",
            [stretch.first, stretch.last],
        )
        first, last = cursor.fetchone()
        touched = Stretch(site, closed.first_open(site, first), last)
        if (touched.first, touched.last) != (stretch.first, stretch.last):
            cursor.execute("DROP TABLE visits")
            _lay_out(cursor, site, touched.span)
        _count_contacts(cursor, touched)
        cursor.execute("DROP TABLE visits")
        presence.count(cursor, site, stretch.first, stretch.last)
        repeats.mark(cursor, site, touched.first, touched.last)
        _mark_filled(cursor, stretch, past=touched.first < day_of(timezone.now(), site.calendar))


def recount_dirty(most: int = 200) -> int:
    """Work off up to `most` marks of dirty queue days, the newest days first; how many were.

    Marks made meanwhile stay for the next. Two recounts at once share the work. A stretch that
    cannot be counted is logged and stops no other; each of its days keeps a mark, the oldest, so
    that it takes no more than its place among `most`.
    """
    partitions.analyze_grown(**_NEWS)
    with transaction.atomic():
        marks = list(
            DirtyDay.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("site")
            .order_by("-day", "site", "queue")[:most]
        )
        failed = [stretch for stretch in _runs(marks) if not _refreshed(stretch)]
        undone = [mark for mark in marks if any(mark in stretch for stretch in failed)]
        kept = _oldest(undone)
        DirtyDay.objects.filter(pk__in=[one.pk for one in marks if one.pk not in kept]).delete()
    if done := len(marks) - len(undone):
        counts_changed.send(sender=None)
    return done


def _oldest(marks: Iterable[DirtyDay]) -> set[int]:
    """The ids of the marks that have waited longest for their queue's day."""
    newest_first = sorted(marks, key=lambda one: one.marked_at, reverse=True)
    return {*{(one.site_id, one.queue_id, one.day): one.pk for one in newest_first}.values()}


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

    Each stretch is whole by itself, so a killed rebuild leaves right counts behind. Sites are
    counted side by side, outside of a transaction.
    """
    partitions.analyze_grown(**_NEWS)
    with abreast(AT_ONCE) as hands:
        found = sites if sites is not None else Site.objects.all()
        counted = [(site, hands.do(partial(_count_anew, site))) for site in found]
        for site, days_of in counted:
            hands.do(partial(_count_repeats_after, days_of, site))
    counts_changed.send(sender=None)
    return sum(days_of.result() for _site, days_of in counted)


def _count_anew(site: Site) -> int:
    """Recount a site but for who came again; how many days."""
    done = 0
    for first, last in _stretches(site):
        with transaction.atomic():
            # Marks made while it is counted are of calls that came too late for it.
            marks = DirtyDay.objects.filter(site=site, day__range=(first, last))
            seen = list(marks.select_for_update(of=("self",)).values_list("pk", flat=True))
            refresh(Stretch(site, first, last))
            marks.filter(pk__in=seen).delete()
        done += (last - first).days + 1
    return done


def _count_repeats_after(counted: "Future[int]", site: Site) -> None:
    counted.result()
    repeats.recount(site)


def _stretches(site: Site) -> list[tuple[date, date]]:
    """Stretches of days that hold every call of the site, every answer without one, every state
    of its agents, and every count already made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(offered_at), max(offered_at) FROM ccm_call WHERE site_id = %s", [site.pk]
        )
        told = [day_of(moment, site.calendar) for moment in cursor.fetchone() if moment]
        cursor.execute(
            "SELECT min(answered_at), max(answered_at) FROM ccm_surveyresponse"
            " WHERE site_id = %s AND call_id IS NULL",
            [site.pk],
        )
        told += [day_of(moment, site.calendar) for moment in cursor.fetchone() if moment]
        cursor.execute(
            "SELECT min(starts_at), max(COALESCE(ends_at, starts_at)) FROM ccm_agentstate s"
            " JOIN ccm_agent a ON a.id = s.agent_id WHERE a.site_id = %s",
            [site.pk],
        )
        told += [day_of(moment, site.calendar) for moment in cursor.fetchone() if moment]
        counted = []
        for table in ("kpis_daystat", "kpis_agenttime"):
            cursor.execute(f"SELECT min(day), max(day) FROM {table} WHERE site_id = %s", [site.pk])
            counted += [day for day in cursor.fetchone() if day]
    if not (found := told + counted):
        return []
    every = list(days(closed.first_open(site, min(found)), max(found)))
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
    cursor.execute(
        "DELETE FROM kpis_daystat WHERE site_id = %(site)s AND unit = 'a'"
        " AND day BETWEEN %(first)s AND %(last)s",
        values,
    )
    cursor.execute(agents_summed(), values)
    cursor.execute("DROP VIEW units")


def _count_contacts(cursor: CursorWrapper, stretch: Stretch) -> None:
    values = units.values(stretch.site, stretch.span)
    values |= {"first": stretch.first, "last": stretch.last}
    cursor.execute(
        f"CREATE TEMP TABLE units ON COMMIT DROP AS SELECT * FROM ({CONTACTS}) AS contacts"
        f" UNION ALL SELECT {CONTACT_OF_ANSWER} FROM ({ANSWERS_ALONE}) AS alone",
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


def _mark_filled(cursor: CursorWrapper, stretch: Stretch, *, past: bool) -> None:
    """Say when the queues of the stretch, and the site, were counted, and their newest moment; and
    whether days were among them that are over."""
    span = stretch.span
    cursor.execute(
        """INSERT INTO kpis_fillmark AS f
            (site_id, queue_id, counted_at, newest_at, past_at)
        SELECT %(site)s, queue_id, clock_timestamp(),
            max(greatest(offered_at, answered_at, ended_at)),
            CASE WHEN %(past)s THEN clock_timestamp() END
        FROM ccm_call
        WHERE site_id = %(site)s AND id >= %(low)s AND id < %(high)s
          AND offered_at >= %(start)s AND offered_at < %(end)s
        GROUP BY GROUPING SETS ((queue_id), ())
        HAVING GROUPING(queue_id) = 1 OR queue_id IS NOT NULL
        ON CONFLICT (site_id, queue_id) DO UPDATE SET counted_at = excluded.counted_at,
            newest_at = greatest(f.newest_at, excluded.newest_at),
            past_at = greatest(f.past_at, excluded.past_at)""",
        {
            "site": stretch.site.pk,
            "start": span.start,
            "end": span.end,
            "past": past,
            **bounds(span),
        },
    )
