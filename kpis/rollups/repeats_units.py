"""Answered contacts with when their caller came before and came again, as SQL.

`kpis.rollups.repeats` counts these rows, `kpis.passports.behind_repeats` lists the calls of a
figure from them: both ask here which contacts are the same caller's and how far they lie apart.

A contact's moment is its entry; on a queue, its entry there. Its caller is the one that the first
of its visits with a number tells, its topic likewise. Visits of one contact are never each other's
repeat, be it passed on or called back. Of two contacts at one moment the smaller id is first.

The relations read each other: CAME gives `came`, one row a visit; CONTACTS reads it and gives
`contacts`, one row an offered contact; MET reads that and gives `met`, with the caller's contacts
around it; ON_QUEUES reads `came` and `met`: one row an offered contact on a queue. VISITS reads
the last three; OF_SITES reads `met`: what is counted, with the same columns. All take `values`.
Where one scope is asked for alone, `met` and `visits` give the same without the others.
"""

from datetime import date, timedelta
from typing import Any

from ccm.identity import id_floor
from ccm.intervals import DAY, Calendar, day_starts, site_days
from ccm.models import Site
from kpis.rollups.units import ENDINGS, REACH, day_sql, first_day_sql, parted
from kpis.sums.matters import HAPPENED, OPEN, RULED_OUT
from kpis.sums.repeats import LONGEST, MOST_A_DAY, NEVER, SCOPES, Scope

# What is looked at around a day: the longest window, which may touch a day more, and as far as
# the visits of one contact are looked for.
AROUND = timedelta(days=LONGEST + 1) + REACH

_NEVER_ENTERED = ", ".join(f"'{one}'" for one, ending in ENDINGS.items() if ending > 7)

UNKNOWN, NO, YES = 0, 1, 2
"""Whether a unit was resolved and could be: the columns `resolved` and `resolvable`."""
COUNTED, WITHHELD, SHARED, UNTOLD = 0, 1, 2, 3
"""Whether a unit is counted in a scope, else why not: the columns `queue_standing`
and so on."""


def values(site: Site, first: date, last: date) -> dict[str, Any]:
    """What the relations take for units on site days [first, last]."""
    return values_of(site.pk, site.calendar, first, last)


def values_of(site: int, calendar: Calendar, first: date, last: date) -> dict[str, Any]:
    """The same of the site of that id."""
    far_first, far_last = first - AROUND, last + AROUND
    far = site_days(far_first, far_last, calendar)
    days = site_days(first, last, calendar)
    return {
        "site": site,
        "first": first,
        "last": last,
        "start": far.start,
        "end": far.end,
        "days_start": days.start,
        "days_end": days.end,
        "low": id_floor(far.start - DAY),
        "high": id_floor(far.end + DAY),
        "day_one": far_first,
        "day_starts": day_starts(far_first, far_last, calendar),
    }


_THERE = """site_id = %(site)s AND id >= %(low)s AND id < %(high)s
      AND queue_id IS NOT NULL AND direction = 'inbound'
      AND offered_at >= %(start)s AND offered_at < %(end)s"""


def _came(which: str = "") -> str:
    """Visits with the first of their contact. Names are compared byte by byte: which of two comes
    first says nothing."""
    columns = (
        "id, queue_id, agent_id, topic_id, disposition_id, channel, caller, offered_at, day_only,"
        " answered, entered, resolved, resolvable, ended"
    )
    return f"""
WITH called AS MATERIALIZED (
    SELECT id, source, linked_id, queue_id, agent_id, topic_id, disposition_id, channel,
        caller_hash AS caller, offered_at, time_precision = 'day' AS day_only,
        outcome = 'answered' AS answered,
        outcome NOT IN ({_NEVER_ENTERED}) AS entered,
        -- Of a call that nobody answered nothing is told.
        CASE WHEN outcome = 'answered' THEN resolved END AS resolved,
        CASE WHEN outcome = 'answered' THEN resolvable END AS resolvable,
        COALESCE(ended_at, offered_at) AS ended
    FROM ccm_call WHERE {_THERE} {which}
), many AS (
    SELECT source, linked_id FROM called GROUP BY source, linked_id HAVING count(*) > 1
)
SELECT {columns}, first_value(id) OVER (
        PARTITION BY source COLLATE "C", linked_id COLLATE "C", part ORDER BY offered_at, id
    ) AS contact_id, false AS alone
FROM ({parted("called JOIN many USING (source, linked_id)", 'COLLATE "C"')}) AS c
UNION ALL
SELECT {columns}, id, true FROM called c
WHERE NOT EXISTS (SELECT FROM many m WHERE m.source = c.source AND m.linked_id = c.linked_id)
"""


CAME = _came()


def came_of_callers(*picked: str) -> str:
    """The same of whoever's contacts were on a queue in the days themselves; `picked` narrows whose
    visits of these days."""
    here = "offered_at >= %(days_start)s AND offered_at < %(days_end)s"
    its = f"SELECT source, linked_id FROM ccm_call WHERE {' AND '.join((_THERE, here, *picked))}"
    callers = f"""SELECT caller_hash FROM ccm_call
        WHERE {_THERE} AND caller_hash <> '' AND (source, linked_id) IN ({its})"""
    return _came(f"""AND (source, linked_id) IN (
        SELECT source, linked_id FROM ccm_call WHERE {_THERE} AND caller_hash IN ({callers})
        UNION ALL {its}
    )""")


CONTACTS = f"""
SELECT contact_id, caller, topic_id, channel, offered_at AS moment, {day_sql("offered_at")},
    day_only, answered, resolved, resolvable, ended
FROM came WHERE alone AND entered
UNION ALL
SELECT contact_id, caller, topic_id, channel, moment, {day_sql("moment")},
    day_only, answered, resolved, resolvable, ended
FROM (
    SELECT contact_id,
        COALESCE(
            (array_agg(caller ORDER BY offered_at, id) FILTER (WHERE caller <> ''))[1], ''
        ) AS caller,
        (array_agg(topic_id ORDER BY offered_at, id) FILTER (WHERE topic_id IS NOT NULL))[1]
            AS topic_id,
        (array_agg(channel ORDER BY offered_at, id))[1] AS channel,
        min(offered_at) FILTER (WHERE entered) AS moment,
        bool_or(day_only) FILTER (WHERE entered) AS day_only,
        bool_or(answered) AS answered, bool_or(resolved) AS resolved,
        bool_or(resolvable) AS resolvable, max(ended) FILTER (WHERE entered) AS ended
    FROM came WHERE NOT alone GROUP BY contact_id
) AS joined WHERE moment IS NOT NULL
"""


def _apart(earlier: str, later: str) -> str:
    """Days between two moments, begun ones whole: at least one, NEVER beyond the longest."""
    days = f"ceil(extract(epoch FROM {later} - {earlier}) / 86400)"
    return f"LEAST({NEVER}, GREATEST(1, COALESCE({days}, {NEVER})))::int"


def _around(scope: Scope, window: str) -> str:
    """Days to the caller's contacts before and after in a scope."""
    return (
        f"{_apart(f'lag(moment) OVER {window}', 'moment')} AS {scope}_before,"
        f" {_apart('moment', f'lead(moment) OVER {window}')} AS {scope}_after"
    )


def _nothing_around(scope: Scope) -> str:
    return f"NULL::int AS {scope}_before, NULL::int AS {scope}_after"


def met(*scopes: Scope) -> str:
    """Contacts with the days to their callers' others in some scopes."""
    around = {
        "any": _around("any", "callers") if "any" in scopes else _nothing_around("any"),
        "topic": _around("topic", "topics") if "topic" in scopes else _nothing_around("topic"),
    }
    return f"""
WITH crowded AS MATERIALIZED (
    SELECT caller, array_agg(day) AS days FROM (
        SELECT caller, day FROM contacts WHERE caller <> ''
        GROUP BY caller, day HAVING count(*) > {MOST_A_DAY}
    ) AS days GROUP BY caller
)
SELECT c.*, EXISTS (SELECT FROM unnest(w.days) AS crowded(day)
        WHERE crowded.day BETWEEN c.day - {LONGEST} AND c.day + {LONGEST}) AS shared,
    {around["any"]}, {around["topic"]}
FROM contacts c LEFT JOIN crowded w ON w.caller = c.caller
WINDOW callers AS (PARTITION BY c.caller COLLATE "C" ORDER BY moment, contact_id),
    topics AS (PARTITION BY c.caller COLLATE "C", topic_id ORDER BY moment, contact_id)
"""


MET = met("any", "topic")

ON_QUEUES = f"""
SELECT contact_id, queue_id, moment, ended, resolved, resolvable,
    {_around("queue", "callers")}
FROM (
    SELECT contact_id, queue_id, caller, offered_at AS moment, ended, resolved, resolvable
    FROM came WHERE alone AND entered
    UNION ALL
    SELECT c.contact_id, c.queue_id, m.caller, min(c.offered_at), max(c.ended),
        bool_or(c.resolved), bool_or(c.resolvable)
    FROM came c JOIN met m USING (contact_id) WHERE NOT c.alone AND c.entered
    GROUP BY c.contact_id, c.queue_id, m.caller
) AS entries
WINDOW callers AS (PARTITION BY caller COLLATE "C", queue_id ORDER BY moment, contact_id)
"""

_DAYS = ", ".join(f"{scope}_{side}" for scope in SCOPES for side in ("before", "after"))


def _told(name: str, of: str) -> str:
    return (
        f"CASE WHEN {of}.{name} THEN {YES} WHEN NOT {of}.{name} THEN {NO} ELSE {UNKNOWN} END"
        f" AS {name}"
    )


def _standing(scope: Scope) -> str:
    untold = f"WHEN m.topic_id IS NULL THEN {UNTOLD}" if scope == "topic" else ""
    return (
        f"CASE WHEN m.caller = '' THEN {WITHHELD} WHEN m.shared THEN {SHARED} {untold}"
        f" ELSE {COUNTED} END AS {scope}_standing"
    )


_STANDINGS = ", ".join(map(_standing, SCOPES))
_START = "date_bin('15 min', {}, '2000-01-01Z') AS start"


def visits(*scopes: Scope) -> str:
    """One row an answered visit, on the day it was offered, as its contact was met in `scopes`."""
    others = "v JOIN met m USING (contact_id)"
    days = _DAYS
    if "queue" in scopes:
        others += " JOIN on_queues o USING (contact_id, queue_id)"
    else:
        days = f"{_nothing_around('queue')}, any_before, any_after, topic_before, topic_after"
    return f"""
SELECT * FROM (
    SELECT v.id, v.queue_id, v.agent_id, v.topic_id, v.disposition_id, v.channel,
        {day_sql("v.offered_at")}, {_START.format("v.offered_at")}, v.day_only,
        {_told("resolved", "v")}, {_told("resolvable", "v")}, {_STANDINGS}, {days}
    FROM came {others}
    WHERE v.answered
) AS answered WHERE day BETWEEN %(first)s AND %(last)s
"""


VISITS = visits(*SCOPES)

# One row an answered contact. Of the scope "queue" there is none: there a site adds up its queues.
OF_SITES = f"""
SELECT m.contact_id AS id, NULL::bigint AS queue_id, NULL::bigint AS agent_id,
    NULL::bigint AS topic_id, NULL::bigint AS disposition_id, m.channel, m.day,
    {_START.format("m.moment")}, m.day_only,
    {_told("resolved", "m")}, {_told("resolvable", "m")}, {_STANDINGS},
    NULL::int AS queue_before, NULL::int AS queue_after,
    any_before, any_after, topic_before, topic_after
FROM met m WHERE m.answered AND m.day BETWEEN %(first)s AND %(last)s
"""


def conditions(scope: Scope, window: int) -> dict[str, str]:
    """By the names of `kpis.sums.repeats.Repeats`, what is true of a row of VISITS or OF_SITES that
    is counted so in a scope and a window of days, as SQL that takes `values`."""
    known = f"{scope}_standing = {COUNTED}"
    first = f"{scope}_before > {window}"
    # Without an end of the record that is known, every contact is too young.
    whole = "(SELECT last_whole FROM kpis_repeatfill WHERE site_id = %(site)s)"
    old = f"COALESCE(day <= {whole} - {window}, false)"
    begun = first_day_sql("%(site)s")
    told = f"{known} AND resolved <> {UNKNOWN}"
    able = f"{told} AND resolvable = {YES}"
    return {
        "young": f"{known} AND NOT {old}",
        "again": f"{known} AND {old} AND NOT {first}",
        "first": f"{known} AND {old} AND {first}",
        "settled": f"{known} AND {old} AND {first} AND {scope}_after > {window}",
        "early": f"{known} AND {old} AND {first} AND day - {window} < {begun}",
        "told": told,
        "told_first": f"{told} AND resolved = {YES} AND {first}",
        "early_told": f"{told} AND day - {window} < {begun}",
        "able": able,
        "able_first": f"{able} AND resolved = {YES} AND {first}",
        "early_able": f"{able} AND day - {window} < {begun}",
        "withheld": f"{scope}_standing = {WITHHELD}",
        "shared": f"{scope}_standing = {SHARED}",
        "untold": f"{scope}_standing = {UNTOLD}",
    }


APART = 7
"""A contact of the same matter so many days after the one before still belongs to it."""

# One row a matter that a known caller had: the contacts in one scope of which none is more than
# APART days after the one before. It ends with the first to be over that was told to be resolved,
# or to be beyond what could be resolved, within LONGEST days and before `until`; else it is open.
# What is said of it later, and which numbers are shared by then, lies beyond what is looked at
# around a day: neither counts, so that it does not matter which days are counted together.
MATTERS = f"""
WITH known AS (
    SELECT * FROM met WHERE caller <> ''
), entries AS (
    SELECT 'any' AS scope, NULL::bigint AS queue_id, caller, NULL::bigint AS about, contact_id,
        channel, moment, ended, resolved, resolvable, shared, any_before AS before
    FROM known
    UNION ALL
    SELECT 'topic', NULL, caller, topic_id, contact_id,
        channel, moment, ended, resolved, resolvable, shared, topic_before
    FROM known WHERE topic_id IS NOT NULL
    UNION ALL
    SELECT 'queue', o.queue_id, caller, o.queue_id, contact_id,
        channel, o.moment, o.ended, o.resolved, o.resolvable, shared, queue_before
    FROM known k JOIN on_queues o USING (contact_id)
), numbered AS (
    SELECT *, count(*) FILTER (WHERE before > {APART}) OVER (
        PARTITION BY scope, caller COLLATE "C", about ORDER BY moment, contact_id
    ) AS matter
    FROM entries
), followed AS (
    SELECT *, min(moment) OVER (
        PARTITION BY scope, caller COLLATE "C", about, matter
    ) AS begun
    FROM numbered
), matters AS (
    SELECT scope, queue_id, (array_agg(channel ORDER BY moment, contact_id))[1] AS channel,
        (array_agg(contact_id ORDER BY moment, contact_id))[1] AS contact_id,
        begun, bool_or(resolved IS NOT NULL) AS told,
        min(ended) FILTER (WHERE resolved) AS resolved_at,
        min(ended) FILTER (WHERE NOT resolvable) AS ruled_out_at,
        LEAST(begun + interval '{LONGEST} days', %(until)s) AS watched_to
    FROM followed WHERE moment <= begun + interval '{LONGEST} days'
    GROUP BY scope, queue_id, caller, about, matter, begun
    HAVING NOT (array_agg(shared ORDER BY moment, contact_id))[1]
)
SELECT scope, queue_id, channel, contact_id, told, {day_sql("begun")},
    CASE WHEN resolved_at <= LEAST(ruled_out_at, watched_to) THEN {HAPPENED}
         WHEN ruled_out_at <= watched_to THEN {RULED_OUT} ELSE {OPEN} END AS ending,
    GREATEST(0, floor(extract(epoch FROM CASE
        WHEN resolved_at <= LEAST(ruled_out_at, watched_to) THEN resolved_at
        WHEN ruled_out_at <= watched_to THEN ruled_out_at ELSE watched_to END - begun
    )))::int AS seconds
FROM matters
"""
