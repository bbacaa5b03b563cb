"""Reads of what lists tell beside the logs: people, money and paid time, one sum a key.

Each reader asks as many queries whatever the selection holds, and answers nothing where what it
reads is not told by such a key: nothing here is kept by the quarter hour.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ccm.identity import id_floor
from ccm.intervals import DAY, days, site_day
from ccm.models import Channel, Direction
from kpis.dimensions import OF_DAYS, of_day
from kpis.models import Unit
from kpis.reads.reading import IN_TEAMS, WITHIN, By, Selection, Where, rows_of
from kpis.rollups.units import first_day_sql
from kpis.sums.histogram import BINS_SQL, CLASS_SHIFT, Entry, Histogram, WaitOutcome
from kpis.sums.money import Sold, Spent, Told
from kpis.sums.staff import EARLY_DAYS, Done, Paid, People, Worked


def by_keys(
    read: Callable[[Selection, Sequence[By]], dict[tuple[Any, ...], Any]], told: Collection[By]
) -> Callable[[Selection, Sequence[By]], dict[tuple[Any, ...], Any] | None]:
    """A reader by the dimensions that a list tells and by day as one by any keys: weeks, months and
    weekdays are the sum of their days. None where lists tell nothing by such keys or picks, nothing
    where this one, which is `told` by some, does not. By teams, who are those in them on each day,
    and by what only calls tell, each says itself whether it is told."""

    def cells(selection: Selection, keys: Sequence[By]) -> dict[tuple[Any, ...], Any] | None:
        asked = selection.told_by(*keys)
        if asked - {*_LISTED} - {*told}:
            return None
        if asked - {*told} or selection.spans or selection.first is None:
            return {}
        sides = [by for by in (*_LISTED, *_BESIDE, *_APART) if by in keys and by not in OF_DAYS]
        if asked & {*OF_DAYS}:
            sides.append("day")
        together: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        weekdays = selection.only.get("weekday", range(1, 8))
        for one, what in read(selection, sides).items():
            of = dict(zip(sides, one, strict=True))
            if "day" not in of or of["day"].isoweekday() in weekdays:
                together[tuple(_key_in(of, by) for by in keys)].append(what)
        return {key: type(many[0]).sum(many) for key, many in together.items()}

    return cells


_LISTED: tuple[By, ...] = ("site", "queue", "agent", "channel", *OF_DAYS)
"""What anything that lists tell is told by."""
_BESIDE: tuple[By, ...] = ("team", "topic", "disposition")
_APART: tuple[By, ...] = ("within",)
"""What tells days apart and nothing else."""


def _key_in(of: Mapping[By, Any], by: By) -> Any:
    """The key by any dimension of what was read by day and by what lists tell."""
    return of_day(by, of["day"]) if by in OF_DAYS else of.get(by)


def _key(by: Sequence[By], columns: Mapping[By, str]) -> str:
    """The key of a row by several dimensions as SQL; `_read_key` reads it."""
    return f"jsonb_build_array({', '.join(columns[one] for one in by)})::text"


def _read_key(by: Sequence[By], words: str) -> tuple[Any, ...]:
    return tuple(
        date.fromisoformat(key) if one == "day" else key
        for one, key in zip(by, json.loads(words), strict=True)
    )


def _of_teams(rows: str, selection: Selection, by: Sequence[By]) -> tuple[str, str]:
    """The team of an agent on its day as a column of `rows`, and the join that it takes; where
    nobody asks for teams there is neither."""
    if "team" not in {*by, *selection.only}:
        return "NULL::bigint", ""
    return "m.team_id", IN_TEAMS.format(rows)


def _picked(by: By, selection: Selection, values: dict[str, Any], column: str) -> str:
    """The condition that a row has one of the keys that are picked, whose `values` it takes."""
    values[f"only_{by}"] = [0 if key is None else key for key in selection.only[by]]
    return f"COALESCE({column}, 0) = ANY(%(only_{by})s)"


def people(selection: Selection, by: Sequence[By]) -> dict[tuple[Any, ...], People]:
    """Who was employed, by key; nothing of a single agent, for nobody turns over alone.

    Of the days of which it is known who left (`people_known_since`); of several sites together of
    those of which it is known of all."""
    if "agent" in by:
        return {}
    where, several = ["a.site_id = ANY(%(sites)s)"], ""
    if selection.agents is not None:
        where.append("a.id = ANY(%(agents)s)")
        several = "HAVING count(a.id) > 1"
    values = {
        "sites": list(selection.sites),
        "agents": list(selection.agents or ()),
        "first": selection.first,
        "last": selection.last,
        "early": EARLY_DAYS,
    }
    sql = _PEOPLE.format(
        key=_key(by, _PEOPLE_KEYS),
        spans=_EACH_DAY if "day" in by else _WHOLE,
        since=_SINCE if "site" in by else _SINCE_ALL,
        known=_KNOWN,
        where=" AND ".join(where),
        several=several,
    )
    rows = rows_of(sql, values, of_calls=False)
    found = {_read_key(by, one): People(*told) for one, *told in rows}
    # A site of nobody joins none.
    return {one: told for one, told in found.items() if None not in one}


def people_known_since(site: int) -> date | None:
    """The first day of which it is known who left a site: the first of its record, or an earlier
    one on which somebody had left. A list of people that begins with the record knows who was hired
    before, and nobody who was gone by then. None: there is no record that it could begin with."""
    found = rows_of(_KNOWN, {"sites": [site]}, of_calls=False)
    return next((day for _site, day in found), None)


_KNOWN = f"""
SELECT s.id AS site_id, CASE WHEN begun.day IS NOT NULL THEN least(begun.day, (
    SELECT min(gone.left_on) FROM ccm_agent gone
    WHERE gone.site_id = s.id AND gone.hired_on IS NOT NULL
)) END AS since
FROM ccm_site s CROSS JOIN LATERAL (SELECT {first_day_sql("s.id")} AS day) AS begun
WHERE s.id = ANY(%(sites)s)
"""
_SINCE, _SINCE_ALL = "since", "max(since) OVER ()"
# Of days before all that is known none are left.
_WHOLE = """
    SELECT site_id, low, %(last)s::date AS high, low - %(first)s::date AS unrecorded
    FROM known, LATERAL (SELECT least(greatest(%(first)s::date, since), %(last)s::date + 1) AS low
    ) AS begins
"""
_EACH_DAY = """
    SELECT site_id, day::date AS low, day::date AS high, 0 AS unrecorded
    FROM known, generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day
    WHERE since IS NULL OR day >= since
"""
_PEOPLE_KEYS: dict[By, str] = {"site": "a.site_id", "day": "low"}
# Whoever leaves on a day is not there any more on it.
_PEOPLE = """
WITH known AS (SELECT site_id, {since} AS since FROM ({known}) AS its)
SELECT {key} AS key, low, high - low + 1 AS days,
    count(*) FILTER (WHERE hired_on < low AND (left_on IS NULL OR left_on >= low)),
    count(*) FILTER (WHERE hired_on BETWEEN low AND high),
    count(*) FILTER (WHERE hired_on <= high AND left_on BETWEEN low AND high),
    count(*) FILTER (WHERE left_on BETWEEN low AND high AND left_on - hired_on <= %(early)s),
    count(*) FILTER (WHERE hired_on <= high AND left_on BETWEEN low AND high
        AND left_reason = 'voluntary'),
    count(*) FILTER (WHERE hired_on <= high AND left_on BETWEEN low AND high AND left_reason = ''),
    count(a.id) FILTER (WHERE hired_on IS NULL AND (left_on IS NULL OR left_on >= low)),
    unrecorded
FROM ({spans}) AS spans LEFT JOIN ccm_agent a ON a.site_id = spans.site_id AND {where}
GROUP BY key, low, high, unrecorded {several}
"""


def costs(selection: Selection, by: Sequence[By]) -> dict[tuple[Any, ...], Spent]:
    """What was spent, by key, each cost in equal parts on the days it is of, from the first day of
    its site that has calls to the newest; and on which days before.

    Of sites all of it; of queues or agents what names them.
    """
    picked: dict[By, Sequence[int] | None] = {"queue": selection.queues, "agent": selection.agents}
    scopes = [one for one, ids in picked.items() if one in by or ids is not None]
    if len(scopes) > 1:
        return {}
    which, served = ["site_id = ANY(%(sites)s)"], _OF_SITES
    for scope in scopes:
        served = _OF_QUEUES if scope == "queue" else _OF_AGENTS
        which.append(f"{scope}_id IS NOT NULL")
        if picked[scope] is not None:
            which.append(f"{scope}_id = ANY(%({scope}s)s)")
    where = " AND ".join(which)
    values = {
        "sites": list(selection.sites),
        "queues": list(selection.queues or ()),
        "agents": list(selection.agents or ()),
        "first": selection.first,
        "last": selection.last,
    }
    parts: dict[Any, list[Spent]] = defaultdict(list)
    sql = _COSTS.format(key=_key(by, _COST_KEYS), where=where, served=served)
    rows = rows_of(sql, values, of_calls=False)
    for one, site, kind, currency, amount, counted, early in rows:
        site_days = frozenset((site, day) for day in counted or ())
        before = frozenset((site, day) for day in early or ())
        parts[_read_key(by, one)].append(
            Spent(served=site_days)
            if kind is None
            else Spent(
                {} if amount is None else {(kind, currency): amount},
                {kind: site_days},
                before={kind: before},
            )
        )
    return {one: Spent.sum(many) for one, many in parts.items()}


_COST_KEYS: dict[By, str] = {
    "site": "site_id",
    "day": "day",
    "queue": "queue_id",
    "agent": "agent_id",
}
# Of a site any call, also one of a contact that began the day before.
_OF_SITES = "agent_id IS NULL AND unit = 'v'"
_OF_QUEUES = "queue_id IS NOT NULL AND agent_id IS NULL AND unit = 'v'"
_OF_AGENTS = "agent_id IS NOT NULL AND unit = 'v'"
# A day's row may be of answers to surveys alone.
_HAS_CALLS = "(offered + refused + busy + left_ivr > 0 OR 0 < ANY(handle_n))"
_COSTS = f"""
WITH counted AS (
    SELECT s.id AS site_id,
        ((oldest.offered_at AT TIME ZONE s.zone) - make_interval(hours => s.day_begins))::date
            AS begins,
        ((newest.offered_at AT TIME ZONE s.zone) - make_interval(hours => s.day_begins))::date
            AS ends
    FROM ccm_site s, LATERAL (
        SELECT offered_at FROM ccm_call c WHERE c.site_id = s.id ORDER BY offered_at LIMIT 1
    ) AS oldest, LATERAL (
        SELECT offered_at FROM ccm_call c WHERE c.site_id = s.id ORDER BY offered_at DESC LIMIT 1
    ) AS newest
    WHERE s.id = ANY(%(sites)s)
), parts AS (
    SELECT c.*, day::date AS day, day::date >= begins AS counts,
        amount / (last_on - first_on + 1) AS part
    FROM ccm_cost c JOIN counted USING (site_id), LATERAL generate_series(
        greatest(c.first_on, %(first)s::date), least(c.last_on, %(last)s::date, ends),
        interval '1 day'
    ) AS day
    WHERE {{where}}
)
SELECT {{key}} AS key, site_id, kind, currency, sum(part) FILTER (WHERE counts),
    array_agg(DISTINCT day) FILTER (WHERE counts),
    array_agg(DISTINCT day) FILTER (WHERE NOT counts)
FROM parts GROUP BY key, site_id, kind, currency
UNION ALL
SELECT {{key}} AS key, site_id, NULL, NULL, NULL, array_agg(DISTINCT day), NULL
FROM kpis_daystat
WHERE {{where}} AND {{served}} AND {_HAS_CALLS} AND day BETWEEN %(first)s AND %(last)s
GROUP BY key, site_id
"""


def alike(selection: Selection, by: Sequence[By]) -> list[str]:
    """The conditions that a sale is of the like of what is asked for, of whomever: of any queue for
    a queue, of any agent for an agent or a team. They take `picks`."""
    said = ["true"]
    asked = {*by, *selection.only}
    for one, picked in (("queue", selection.queues), ("agent", selection.agents)):
        if one in by or picked is not None or (one == "agent" and "team" in asked):
            said.append(f"{one}_id IS NOT NULL")
        if picked is not None:
            said.append(f"site_id IN (SELECT site_id FROM ccm_{one} WHERE id = ANY(%({one}s)s))")
    if selection.channel or "channel" in by:
        said.append("channel IS NOT NULL")
    if asked & {"topic", "disposition"}:
        said.append("call IS NOT NULL")
    if None not in selection.only.get("team", [None]):
        said.append("site_id IN (SELECT site_id FROM ccm_team WHERE id = ANY(%(only_team)s))")
    return said


def picks(selection: Selection) -> dict[str, Any]:
    """The queues, agents and teams that are picked, as `alike` takes them."""
    values: dict[str, Any] = {
        "queues": list(selection.queues or ()),
        "agents": list(selection.agents or ()),
    }
    if "team" in selection.only:
        _picked("team", selection, values, "team_id")
    return values


def sales(
    selection: Selection, by: Sequence[By]
) -> tuple[dict[tuple[Any, ...], Sold], dict[int, Told]]:
    """What was sold, by key, on the day of its call, else on the day it names; and which of the
    days asked for tell sales (`reads.selling`), of each site that has any.

    Where contacts are counted, of a site and the house, one that sold in several of its calls on a
    day sold once. Of queues, channels, topics and dispositions what names a call that is there; of
    a team what its agents of that day sold. Whoever sold nothing on such days is among them. A
    day's answer is thereby the same whatever it is asked with.
    """
    first, last = selection.first, selection.last
    if first is None or last is None:
        return {}, {}
    spans = [
        (pk, day, site_day(day, calendar))
        for calendar, sites in selection.calendars.items()
        for pk in sites
        for day in days(first, last)
    ]
    if not spans:
        return {}, {}
    likes = alike(selection, by)
    where = [*likes]
    for one, picked in (("queue", selection.queues), ("agent", selection.agents)):
        if picked is not None:
            where.append(f"{one}_id = ANY(%({one}s)s)")
    if selection.channel:
        where.append("channel = %(channel)s")
    low, high = min(span.start for *_, span in spans), max(span.end for *_, span in spans)
    values: dict[str, Any] = {
        "sites": [pk for pk, _day, _span in spans],
        "days": [day for _pk, day, _span in spans],
        "starts": [span.start for *_, span in spans],
        "ends": [span.end for *_, span in spans],
        "first": selection.first,
        "last": selection.last,
        "low": low,
        "high": high,
        "id_low": id_floor(low - DAY),
        "id_high": id_floor(high + DAY),
        "before": id_floor(max(span.start for *_, span in spans) + DAY),
        "after": id_floor(min(span.end for *_, span in spans) - DAY),
        **picks(selection),
        "channel": selection.channel,
        "channels": Channel.values,
        "inbound": Direction.INBOUND.value,
        "outbound": Direction.OUTBOUND.value,
    }
    where += [
        _picked(one, selection, values, f"{one}_id") for one in _BESIDE if one in selection.only
    ]
    team, in_teams = _of_teams("sold", selection, by)
    parts: dict[Any, list[Sold]] = defaultdict(list)
    told: dict[int, Told] = {}
    whole = not by and len(likes) == 1
    sql = _SALES.format(
        key=_key(by, _SALE_KEYS),
        contact=_CONTACT,
        unit="contact" if selection.unit(*by) == Unit.CONTACT else "call",
        where=" AND ".join(where),
        alike=" AND ".join(likes),
        each=_key(by, _LIKE_KEYS),
        likes="site_id, day" if "day" in by else "site_id",
        joined=" ".join(_LIKES[one] for one in by if one in _LIKES),
        undated=_UNDATED if whole else "0",
        team=team,
        in_teams=in_teams,
    )
    rows = rows_of(sql, values, of_calls=False)
    for one, currency, what, revenue, pipeline, *counted in rows:
        if what == "days":
            told[int(one)] = first + counted[0] * DAY, first + counted[1] * DAY
            continue
        if what == "together":
            sold = Sold(*counted)
        elif what == "others":
            sold = Sold(currencies=frozenset({currency} if currency else ()))
        else:
            sold = Sold(
                revenue={} if revenue is None else {currency: revenue},
                pipeline={} if pipeline is None else {currency: pipeline},
            )
        parts[_read_key(by, one)].append(sold)
    return {one: Sold.sum(many) for one, many in parts.items()}, told


_SALE_KEYS: dict[By, str] = {
    "site": "site_id",
    "day": "day",
    "queue": "queue_id",
    "agent": "agent_id",
    "channel": "channel",
    "team": "team_id",
    "topic": "topic_id",
    "disposition": "disposition_id",
}
_LIKES: dict[By, str] = {
    "queue": "JOIN ccm_queue q USING (site_id)",
    "agent": "JOIN ccm_agent a USING (site_id)",
    "channel": "CROSS JOIN unnest(%(channels)s::text[]) AS n(channel)",
    # With none of them, which some agents and calls are of.
    "team": "CROSS JOIN LATERAL (SELECT id FROM ccm_team WHERE site_id = likes.site_id"
    " UNION ALL SELECT NULL) AS t",
    "topic": "CROSS JOIN (SELECT id FROM ccm_topic UNION ALL SELECT NULL) AS o",
    "disposition": "CROSS JOIN (SELECT id FROM ccm_disposition UNION ALL SELECT NULL) AS e",
}
"""Every queue, agent, channel, team, topic or disposition of the sites that tell sales."""
_LIKE_KEYS: dict[By, str] = _SALE_KEYS | {
    "queue": "q.id",
    "agent": "a.id",
    "channel": "n.channel",
    "team": "t.id",
    "topic": "o.id",
    "disposition": "e.id",
}
# Of a site and a day: names are used again, and days add up.
_CONTACT = "concat_ws(' ', c.site_id, d.day, c.source, c.linked_id) AS contact"
_IN_LISTS = """(
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
# Which of the days tell sales. What lies beyond them is looked for until one is found; an id may be
# a day off the call it is of.
_SELLING = f"""
asked AS (
    SELECT site_id, min(starts) AS starts, max(ends) AS ends, min(day) AS first, max(day) AS last
    FROM spans GROUP BY site_id
), reach AS MATERIALIZED (
    SELECT a.*,
        EXISTS (SELECT FROM {_BY_CALLS} AS told WHERE {_LIKE} AND told.offered_at < a.starts)
            OR EXISTS (
                SELECT FROM {_IN_LISTS} AS told WHERE {_LIKE} AND (told.sold_on < %(first)s
                    OR told.call < %(before)s AND told.offered_at < a.starts)
            ) AS before,
        EXISTS (SELECT FROM {_BY_CALLS} AS told WHERE {_LIKE} AND told.offered_at >= a.ends)
            OR EXISTS (
                SELECT FROM {_IN_LISTS} AS told WHERE {_LIKE} AND (told.sold_on > %(last)s
                    OR told.call >= %(after)s AND told.offered_at >= a.ends)
            ) AS after,
        itself.offered_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM {_IN_LISTS} AS told
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
), within AS (
    SELECT site_id, min(day) AS first, max(day) AS last FROM alike GROUP BY site_id
), ends AS (
    SELECT r.site_id, CASE WHEN r.before THEN r.first ELSE w.first END AS first,
        CASE WHEN r.after THEN r.last ELSE greatest(w.last, CASE WHEN r.by_calls THEN (
            SELECT max(day) FROM spans d WHERE d.site_id = r.site_id AND d.starts <= r.newest_at
        ) END) END AS last
    FROM reach r LEFT JOIN within w ON w.site_id = r.site_id
), selling AS (
    SELECT * FROM ends WHERE first <= last
)"""
# A value of nothing is no sale: many systems write 0 on every call that sold nothing.
_SALES = f"""
WITH spans AS (
    SELECT * FROM unnest(
        %(sites)s::bigint[], %(days)s::date[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]
    ) AS s(site_id, day, starts, ends)
), sold AS (
    SELECT s.site_id, d.day, c.queue_id, COALESCE(s.agent_id, c.agent_id) AS agent_id, c.channel,
        c.topic_id, c.disposition_id, c.direction, c.id AS call, {{contact}}, s.id AS sale, s.value,
        s.pipeline_value, s.currency
    FROM ccm_sale s JOIN ccm_call c ON c.id = s.call_id
    JOIN spans d ON d.site_id = s.site_id AND c.offered_at >= d.starts AND c.offered_at < d.ends
    WHERE s.call_id >= %(id_low)s AND s.call_id < %(id_high)s
      AND c.id >= %(id_low)s AND c.id < %(id_high)s
    UNION ALL
    SELECT s.site_id, s.sold_on, NULL, s.agent_id, NULL, NULL, NULL, NULL, NULL, NULL, s.id,
        s.value, s.pipeline_value, s.currency
    FROM ccm_sale s
    JOIN spans d ON d.site_id = s.site_id AND d.day = s.sold_on
    WHERE s.call_id IS NULL
    UNION ALL
    SELECT c.site_id, d.day, c.queue_id, c.agent_id, c.channel, c.topic_id, c.disposition_id,
        c.direction, c.id, {{contact}}, NULL,
        CASE WHEN NOT EXISTS (
            SELECT FROM ccm_sale s WHERE s.call_id = c.id AND s.value IS NOT NULL
        ) THEN c.sale_value END,
        CASE WHEN NOT EXISTS (
            SELECT FROM ccm_sale s WHERE s.call_id = c.id AND s.pipeline_value IS NOT NULL
        ) THEN c.pipeline_value END,
        site.currency
    FROM ccm_call c JOIN ccm_site site ON site.id = c.site_id
    JOIN spans d ON d.site_id = c.site_id AND c.offered_at >= d.starts AND c.offered_at < d.ends
    WHERE (c.sale_value IS NOT NULL OR c.pipeline_value IS NOT NULL)
      AND c.site_id = ANY(%(sites)s) AND c.offered_at >= %(low)s AND c.offered_at < %(high)s
      AND c.id >= %(id_low)s AND c.id < %(id_high)s
), told AS (
    SELECT sold.*, {{team}} AS team_id FROM sold {{in_teams}}
), alike AS (
    SELECT DISTINCT site_id, day, currency FROM told WHERE {{alike}}
), {_SELLING}
SELECT {{key}} AS key, currency,
    CASE grouping(currency) WHEN 1 THEN 'together' ELSE 'currency' END,
    sum(value), sum(pipeline_value),
    count(DISTINCT {{unit}}) FILTER (WHERE value > 0 AND direction = %(inbound)s),
    count(DISTINCT call) FILTER (WHERE value > 0 AND direction = %(outbound)s),
    count(sale) FILTER (WHERE value > 0 AND call IS NULL),
    count(DISTINCT call) FILTER (WHERE pipeline_value > 0),
    count(sale) FILTER (WHERE pipeline_value > 0 AND call IS NULL),
    {{undated}}
FROM told WHERE {{where}} GROUP BY GROUPING SETS ((key, currency), (key))
UNION ALL
SELECT DISTINCT key, currency, 'others', NULL::numeric, NULL::numeric, 0, 0, 0, 0, 0, 0
FROM (
    SELECT {{each}} AS key, likes.currency FROM (
        -- Where nobody sold anything, nothing is in the currency of the site.
        SELECT DISTINCT {{likes}}, COALESCE(alike.currency, site.currency) AS currency
        FROM (
            SELECT DISTINCT {{likes}} FROM spans JOIN selling USING (site_id)
            WHERE day BETWEEN selling.first AND selling.last
        ) AS told LEFT JOIN alike USING ({{likes}})
        JOIN ccm_site site ON site.id = site_id
    ) AS likes {{joined}}
) AS each
UNION ALL
SELECT site_id::text, NULL, 'days', NULL, NULL, first - %(first)s::date, last - %(first)s::date,
    0, 0, 0, 0
FROM selling
"""
_UNDATED = """(
    SELECT count(*) FROM ccm_sale
    WHERE site_id = ANY(%(sites)s) AND call_id IS NULL AND sold_on IS NULL
)"""


def paid(selection: Selection, by: Sequence[By]) -> dict[tuple[Any, ...], Paid]:
    """Paid time and what was worked of it, by key; of a team that of who was in it on each day."""
    team, in_teams = _of_teams("d", selection, by)
    where = Where(selection)
    if selection.agents is not None:
        where.add("d.agent_id = ANY(%(agents)s)", agents=list(selection.agents))
    if "team" in selection.only:
        where.add(_picked("team", selection, where.values, "m.team_id"))
    picked = "".join(f" AND {part}" for part in where.parts)
    sql = _PAID.format(key=_key(by, _PAID_KEYS), picked=picked, team=team, in_teams=in_teams)
    found = {}
    for one, *sums, paused in rows_of(sql, where.values, of_calls=False):
        if any(sums):
            told = dict(zip(_PAID_SUMS, sums, strict=True))
            found[_read_key(by, one)] = Paid(**told, paused=json.loads(paused or "{}"))
    return found


_PAID_SUMS = (
    "paid_ms",
    "handling_ms",
    "ringing_ms",
    "ready_ms",
    "logged_in_ms",
    "absent_ms",
    "off_queue_ms",
    "paid_in_all_ms",
    "days",
    "untold_days",
    "unpaid_days",
)
_PAID_KEYS: dict[By, str] = {
    "site": "site_id",
    "day": "day",
    "agent": "agent_id",
    "team": "team_id",
    "within": WITHIN,
}
# A paid day without states or calls was not worked, if states of others tell that they are logged.
_PAID = """
WITH worked AS (
    SELECT agent_id, day, site_id, handling_ms, ringing_ms, ready_ms, untold_ms, paused,
        handling_ms + ringing_ms + ready_ms + other_ms + paused_ms AS there_ms
    FROM kpis_agenttime
    WHERE site_id = ANY(%(sites)s) AND day BETWEEN %(first)s AND %(last)s
), stated AS (
    SELECT DISTINCT site_id, day FROM worked WHERE there_ms > 0
), days AS (
    SELECT COALESCE(w.agent_id, p.agent_id) AS agent_id, COALESCE(w.day, p.day) AS day,
        COALESCE(w.site_id, p.site_id) AS site_id, p.minutes * 60000::bigint AS paid_ms,
        COALESCE(handling_ms, 0) AS handling_ms, COALESCE(ringing_ms, 0) AS ringing_ms,
        COALESCE(ready_ms, 0) AS ready_ms, COALESCE(there_ms, 0) AS there_ms,
        COALESCE(untold_ms, 0) AS untold_ms, paused
    FROM worked w FULL JOIN (
        SELECT p.agent_id, p.day, p.minutes, a.site_id
        FROM ccm_paidtime p JOIN ccm_agent a ON a.id = p.agent_id
        WHERE a.site_id = ANY(%(sites)s) AND p.day BETWEEN %(first)s AND %(last)s
    ) AS p ON p.agent_id = w.agent_id AND p.day = w.day
), told AS (
    SELECT d.*, {team} AS team_id, d.paid_ms IS NOT NULL AND (
            there_ms > 0 OR (untold_ms = 0 AND s.site_id IS NOT NULL)
        ) AS known,
        least(d.paid_ms, handling_ms + ringing_ms + ready_ms) AS on_queue_ms,
        greatest(0, d.paid_ms - there_ms) AS absent_ms
    FROM days d LEFT JOIN stated s ON s.site_id = d.site_id AND s.day = d.day {in_teams}
    WHERE true{picked}
), reasons AS (
    SELECT {key} AS key, reason, sum(ms::bigint) AS ms
    FROM told, jsonb_each_text(paused) AS p(reason, ms) WHERE known GROUP BY key, reason
), pauses AS (
    SELECT key, jsonb_object_agg(reason, ms)::text AS paused FROM reasons GROUP BY key
), sums AS (
    SELECT {key} AS k,
        COALESCE(sum(paid_ms) FILTER (WHERE known), 0)::bigint,
        COALESCE(sum(handling_ms) FILTER (WHERE known), 0)::bigint,
        COALESCE(sum(ringing_ms) FILTER (WHERE known), 0)::bigint,
        COALESCE(sum(ready_ms) FILTER (WHERE known), 0)::bigint,
        COALESCE(sum(there_ms) FILTER (WHERE known), 0)::bigint,
        COALESCE(sum(absent_ms) FILTER (WHERE known), 0)::bigint,
        COALESCE(sum(paid_ms - absent_ms - on_queue_ms) FILTER (WHERE known), 0)::bigint,
        COALESCE(sum(paid_ms), 0)::bigint,
        count(*) FILTER (WHERE known),
        count(*) FILTER (WHERE NOT known AND paid_ms IS NOT NULL),
        count(*) FILTER (WHERE paid_ms IS NULL AND there_ms + untold_ms > 0)
    FROM told GROUP BY k
)
SELECT sums.*, paused FROM sums LEFT JOIN pauses ON pauses.key = sums.k
"""


def worked(selection: Selection, by: Sequence[By]) -> dict[tuple[Any, ...], Worked]:
    """What agents answered and dialled, beside the hours of their days."""
    picked = "" if selection.agents is None else " WHERE agent_id = ANY(%(agents)s)"
    values = {
        "sites": list(selection.sites),
        "agents": list(selection.agents or ()),
        "first": selection.first,
        "last": selection.last,
        "inbound": Direction.INBOUND.value,
        "outbound": Direction.OUTBOUND.value,
    }
    sql = _WORKED.format(key=_key(by, _PAID_KEYS), picked=picked)
    rows = rows_of(sql, values, of_calls=False)
    found = {_read_key(by, one): _worked(sums, talks) for one, *sums, talks in rows if any(sums)}
    # By agent, of none is everybody.
    return {one: done for one, done in found.items() if None not in one}


def _worked(sums: Sequence[int], talks: str | None) -> Worked:
    """A row of `_WORKED` without its key."""
    logged_in_ms, paid_ms, *counts = sums
    bins = json.loads(talks or "{}")
    stated, untold, paid, unpaid, everybody = (
        Done(answered, dials, reached, _histogram(bins.get(name) or {}))
        for name, (answered, dials, reached) in zip(_OF_DAYS, _by_days(counts), strict=True)
    )
    # Where agents are picked there is no row of everybody.
    nobodys = Done(
        answered=max(0, everybody.answered - stated.answered - untold.answered),
        dials=max(0, everybody.dials - stated.dials - untold.dials),
        reached=max(0, everybody.reached - stated.reached - untold.reached),
    )
    return Worked(logged_in_ms, paid_ms, stated, untold, paid, unpaid, nobodys)


def _by_days(counts: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """The sums of `_DONE`, those of each of `_OF_DAYS` together."""
    for place in range(0, len(counts), len(_DONE)):
        answered, dials, reached = counts[place : place + len(_DONE)]
        yield answered, dials, reached


def _histogram(bins: dict[str, int]) -> Histogram:
    return Histogram.from_pairs([int(code) for code in bins], list(bins.values()))


_DONE = ("answered", "dials", "reached")
# Of which days of agents; of no agent stand the counts of everybody.
_OF_DAYS = {
    "stated": "agent_id IS NOT NULL AND there_ms > 0",
    "untold": "agent_id IS NOT NULL AND there_ms = 0",
    "paid": "agent_id IS NOT NULL AND paid_ms IS NOT NULL",
    "unpaid": "agent_id IS NOT NULL AND paid_ms IS NULL",
    "everybody": "agent_id IS NULL",
}
_TALK = (WaitOutcome.TALK * len(Entry)) << CLASS_SHIFT
_WORKED = f"""
WITH counted AS (
    SELECT * FROM kpis_daystat
    WHERE site_id = ANY(%(sites)s) AND day BETWEEN %(first)s AND %(last)s AND unit = 'v'
), facts AS (
    SELECT site_id, agent_id, day,
        CASE WHEN direction = %(inbound)s THEN answered ELSE 0 END AS answered,
        CASE WHEN direction = %(outbound)s
            THEN offered + refused + busy + left_ivr ELSE 0 END AS dials,
        CASE WHEN direction = %(outbound)s THEN answered ELSE 0 END AS reached,
        NULL::bigint AS there_ms, NULL::bigint AS paid_ms
    FROM counted
    UNION ALL
    SELECT site_id, agent_id, day, 0, 0, 0,
        handling_ms + ringing_ms + ready_ms + other_ms + paused_ms, NULL
    FROM kpis_agenttime
    WHERE site_id = ANY(%(sites)s) AND day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT a.site_id, p.agent_id, p.day, 0, 0, 0, NULL, p.minutes * 60000::bigint
    FROM ccm_paidtime p JOIN ccm_agent a ON a.id = p.agent_id
    WHERE a.site_id = ANY(%(sites)s) AND p.day BETWEEN %(first)s AND %(last)s
), days AS (
    SELECT site_id, agent_id, day, sum(answered) AS answered, sum(dials) AS dials,
        sum(reached) AS reached, COALESCE(sum(there_ms), 0) AS there_ms, sum(paid_ms) AS paid_ms
    FROM facts{{picked}} GROUP BY site_id, agent_id, day
), talked AS (
    SELECT agent_id, day, site_id, code, sum(n) AS n
    FROM counted, {BINS_SQL}
    WHERE direction = %(outbound)s AND agent_id IS NOT NULL AND code >= {_TALK}
    GROUP BY agent_id, day, site_id, code
), bins AS (
    SELECT {{key}} AS key, code, {
    ", ".join(f"sum(n) FILTER (WHERE {which}) AS {name}" for name, which in _OF_DAYS.items())
}
    FROM talked JOIN days USING (agent_id, day, site_id) GROUP BY key, code
), talks AS (
    SELECT key, jsonb_build_object({
    ", ".join(
        f"'{name}', jsonb_object_agg(code, {name}) FILTER (WHERE {name} > 0)" for name in _OF_DAYS
    )
})::text AS talks
    FROM bins GROUP BY key
), sums AS (
    SELECT {{key}} AS k, COALESCE(sum(there_ms), 0)::bigint, COALESCE(sum(paid_ms), 0)::bigint, {
    ", ".join(
        f"COALESCE(sum({name}) FILTER (WHERE {which}), 0)::bigint"
        for which in _OF_DAYS.values()
        for name in _DONE
    )
}
    FROM days GROUP BY k
)
SELECT sums.*, talks FROM sums LEFT JOIN talks ON talks.key = sums.k
"""
