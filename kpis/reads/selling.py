"""The days on which a site tells its sales, and what was sold on these beside what was counted on
them.

A site tells its sales from the day of the first that is told of the like to the day of the last: of
any queue for a queue, of any agent for an agent or a team. A day between on which nothing was sold
is a day of nothing; of days before and after nobody knows what was sold. Where calls tell
themselves what they sold and no list tells of a later sale, that is up to the newest day with
calls: whoever read these read what they sold.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from ccm.identity import id_floor
from ccm.intervals import DAY, Calendar, day_of, site_days
from kpis.dimensions import OF_DAYS
from kpis.reads import ledger, reading
from kpis.reads.ledger import Told
from kpis.reads.reading import By, Selection
from kpis.sums.counts import Counts
from kpis.sums.staff import Paid

_paid = ledger.by_keys(ledger.paid, ("site", "agent", "team", *OF_DAYS))


def cells(selection: Selection, keys: Sequence[By]) -> dict[tuple[Any, ...], Any] | None:
    """What was sold, by any keys (`ledger.by_keys`). Where sales are told of fewer days than are
    asked for, each knows what was counted on those alone."""
    told: dict[int, Told] = {}

    def read(some: Selection, by: Sequence[By]) -> dict[tuple[Any, ...], Any]:
        told.update(days(some, by))
        return ledger.sales(some, by, told)

    found = _by_keys(read, selection, keys)
    is_whole = {*told.values()} == {(selection.first, selection.last)}
    if not found or (is_whole and len(told) == len(selection.sites)):
        return found
    counts = _counted(selection, keys, told)
    return {one: replace(sold, of=counts.get(one, Counts())) for one, sold in found.items()}


def _by_keys(read: Any, selection: Selection, keys: Sequence[By]) -> Any:
    told: tuple[By, ...] = ("site", "queue", "agent", "channel", "team", "topic", "disposition")
    return ledger.by_keys(read, (*told, *OF_DAYS))(selection, keys)


def _counted(
    selection: Selection, keys: Sequence[By], told: Mapping[int, Told]
) -> dict[tuple[Any, ...], Counts]:
    """What was counted on the days that tell sales, with what else sales are divided by."""
    alike: dict[Told, list[int]] = defaultdict(list)
    for site, span in told.items():
        alike[span].append(site)
    together: dict[tuple[Any, ...], Counts] = {}
    for (first, last), sites in alike.items():
        some = replace(
            selection,
            sites=sites,
            first=first,
            last=last,
            calendars={
                calendar: [site for site in those if site in sites]
                for calendar, those in selection.calendars.items()
            },
        )
        found = reading.cells(some, keys, waits=False)
        out, paid = reading.outbound(some, keys), _paid(some, keys) or {}
        agents = reading.answering_agents(some, keys)
        for one in {*found, *out, *paid}:
            before = together.get(one, Counts())
            hours = [they for they in (before.paid, paid.get(one)) if they is not None]
            # Agents are of one site each.
            together[one] = replace(
                before + replace(found.get(one, Counts()), outbound=out.get(one)),
                agents=before.agents + agents.get(one, (0, 0))[0],
                paid=Paid.sum(hours) if hours else None,
            )
    return together


def days(selection: Selection, by: Sequence[By]) -> dict[int, Told]:
    """The first and the last of the days asked for that tell sales of the like, of each site that
    has any. One query."""
    first, last = selection.first, selection.last
    if first is None or last is None or not selection.calendars:
        return {}
    spans = {
        site: (calendar, site_days(first, last, calendar))
        for calendar, sites in selection.calendars.items()
        for site in sites
    }
    starts = {site: span.start for site, (_calendar, span) in spans.items()}
    ends = {site: span.end for site, (_calendar, span) in spans.items()}
    values = {
        "sites": [*spans],
        "starts": [*starts.values()],
        "ends": [*ends.values()],
        "first": first,
        "last": last,
        # An id may be a day off the call it is of.
        "before": id_floor(max(starts.values()) + DAY),
        "after": id_floor(min(ends.values()) - DAY),
        "low": id_floor(min(starts.values()) - DAY),
        "high": id_floor(max(ends.values()) + DAY),
        **ledger.picks(selection),
    }
    with connection.cursor() as cursor:
        alike = " AND ".join(ledger.alike(selection, by))
        cursor.execute(_DAYS.format(alike=alike), values)
        return {
            site: span
            for site, *told in cursor.fetchall()
            if (span := _span(first, last, spans[site][0], *told)) is not None
        }


def _span(
    first: date,
    last: date,
    calendar: Calendar,
    before: bool,
    after: bool,
    by_calls: bool,
    newest_at: datetime | None,
    first_at: datetime | None,
    first_on: date | None,
    last_at: datetime | None,
    last_on: date | None,
) -> Told | None:
    def dates(*those: datetime | date | None) -> list[date]:
        return [
            day_of(one, calendar) if isinstance(one, datetime) else one
            for one in those
            if one is not None
        ]

    begins = [first] if before else dates(first_at, first_on)
    ends = [last] if after else dates(last_at, last_on)
    if by_calls and not after:
        ends += [min(last, one) for one in dates(newest_at)]
    if not begins or not ends or max(ends) < min(begins):
        return None
    return min(begins), max(ends)


_LISTED = """(
    SELECT s.site_id, c.queue_id, COALESCE(s.agent_id, c.agent_id) AS agent_id, c.channel,
        s.call_id AS call, c.offered_at, NULL::date AS sold_on
    FROM ccm_sale s JOIN ccm_call c ON c.id = s.call_id
    UNION ALL
    SELECT s.site_id, NULL, s.agent_id, NULL, NULL, NULL, s.sold_on
    FROM ccm_sale s WHERE s.call_id IS NULL AND s.sold_on IS NOT NULL
)"""
_BY_CALLS = """(
    SELECT site_id, queue_id, agent_id, channel, id AS call, offered_at, NULL::date AS sold_on
    FROM ccm_call WHERE sale_value IS NOT NULL OR pipeline_value IS NOT NULL
)"""
_LIKE = "told.site_id = a.site_id AND {alike}"
_BEFORE = (
    f"{_LIKE} AND (told.sold_on < %(first)s"
    " OR told.call < %(before)s AND told.offered_at < a.starts)"
)
_AFTER = (
    f"{_LIKE} AND (told.sold_on > %(last)s OR told.call >= %(after)s AND told.offered_at >= a.ends)"
)
_WITHIN = f"""(
    SELECT offered_at, sold_on FROM {_LISTED} AS told
    WHERE {_LIKE} AND (told.sold_on BETWEEN %(first)s AND %(last)s
        OR told.call >= %(low)s AND told.call < %(high)s
            AND told.offered_at >= a.starts AND told.offered_at < a.ends)
    UNION ALL
    SELECT offered_at, sold_on FROM {_BY_CALLS} AS told
    WHERE {_LIKE} AND told.offered_at >= a.starts AND told.offered_at < a.ends
)"""
# What lies beyond the days is looked for until one is found; within them only where it matters.
_DAYS = f"""
WITH asked AS (
    SELECT * FROM unnest(
        %(sites)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]
    ) AS a(site_id, starts, ends)
), reach AS MATERIALIZED (
    SELECT a.*,
        EXISTS (SELECT FROM {_BY_CALLS} AS told WHERE {_LIKE} AND told.offered_at < a.starts)
            OR EXISTS (SELECT FROM {_LISTED} AS told WHERE {_BEFORE}) AS before,
        EXISTS (SELECT FROM {_BY_CALLS} AS told WHERE {_LIKE} AND told.offered_at >= a.ends)
            OR EXISTS (SELECT FROM {_LISTED} AS told WHERE {_AFTER}) AS after,
        itself.offered_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM {_LISTED} AS told
            WHERE {_LIKE} AND (told.offered_at > itself.offered_at OR told.sold_on >
                ((itself.offered_at AT TIME ZONE s.zone)
                    - make_interval(hours => s.day_begins))::date)
        ) AS by_calls,
        newest.offered_at AS newest_at
    FROM asked a JOIN ccm_site s ON s.id = a.site_id
    LEFT JOIN LATERAL (
        SELECT offered_at FROM {_BY_CALLS} AS told WHERE {_LIKE} ORDER BY offered_at DESC LIMIT 1
    ) AS itself ON true
    LEFT JOIN LATERAL (
        SELECT offered_at FROM ccm_call c WHERE c.site_id = a.site_id
        ORDER BY offered_at DESC LIMIT 1
    ) AS newest ON true
)
SELECT a.site_id, before, after, by_calls, newest_at, within.*
FROM reach a LEFT JOIN LATERAL (
    SELECT min(offered_at), min(sold_on), max(offered_at), max(sold_on) FROM {_WITHIN} AS told
    WHERE NOT (a.before AND a.after)
) AS within ON true
"""
