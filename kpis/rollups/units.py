"""Visits and contacts as rows to count: how each ended, what it lasted, what rang.

`kpis.rollups` sums these rows into counts, `kpis.passports.behind` lists the calls a figure was
counted from: both ask here what a visit and a contact is.

A visit of a source that tells the day alone (`day_only`) counts in its day and in no quarter hour.

VISITS gives every visit offered in [start, end), and beside them the other visits of the same
contacts, before and after. CONTACTS reads that as a relation `visits`. Both take `values`.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from ccm.dirty import CALLED_BACK
from ccm.identity import id_floor
from ccm.intervals import DAY, Calendar, Span, day_of, day_starts
from ccm.live.clocks import MOST
from ccm.live.stretches import right_sql
from ccm.models import Site

# A visit so long after the one before of its contact begins another: sources use names again. So
# far from a stretch the visits of its contacts are looked for, on both sides.
REACH = timedelta(days=7)


def parted(visits: str, collate: str = "") -> str:
    """A SELECT of a relation of visits with `part`: which contact of its name a visit is of."""
    contact = f"PARTITION BY source {collate}, linked_id {collate} ORDER BY offered_at, id"
    return f"""SELECT *, count(*) FILTER (WHERE begins) OVER ({contact}) AS part
    FROM (
        SELECT *, offered_at - lag(offered_at) OVER ({contact}) > interval '{REACH.days} days'
            AS begins
        FROM {visits}
    ) AS spaced"""


def bounds(span: Span) -> dict[str, UUID]:
    """The ids that hold every call offered in a span, whatever its source's clock wrote; those
    that hold the other visits of its contacts; and the end of those that called these back."""
    far = reaching(span)
    return {
        "low": id_floor(span.start - DAY),
        "high": id_floor(span.end + DAY),
        "far_low": id_floor(far.start - DAY),
        "far_high": id_floor(far.end + DAY),
        "passed_low": id_floor(span.start - 2 * DAY),
        "back_high": id_floor(far.end + CALLED_BACK + DAY),
    }


def values(site: Site, span: Span) -> dict[str, Any]:
    """What VISITS and CONTACTS take for a span of a site."""
    return values_of(site.pk, site.calendar, span)


def values_of(site: int, calendar: Calendar, span: Span) -> dict[str, Any]:
    """What VISITS and CONTACTS take for a span of the site of that id."""
    far = reaching(span)
    # An id may be a day off the visit it is of.
    first, last = day_of(far.start - 2 * DAY, calendar), day_of(far.end + 2 * DAY, calendar)
    return {
        "site": site,
        "start": span.start,
        "end": span.end,
        "day_one": first,
        "day_starts": day_starts(first, last, calendar),
        **bounds(span),
    }


def reaching(span: Span) -> Span:
    """The span whose visits the contacts of `span` may consist of."""
    return Span(span.start - REACH, span.end + REACH)


# How a unit ended, as a number: text would be compared a hundred times a row.
ANSWERED, ABANDONED, CALLBACK, WAITING, TALKED = 1, 2, 6, 7, 11
# No visit at all, but an answer that knows none.
ALONE = -1
ENDINGS = {
    "answered": ANSWERED,
    "abandoned": ABANDONED,
    "timed_out": 3,
    "key_exit": 4,
    "other": 5,
    "callback_requested": CALLBACK,
    "in_progress": WAITING,
    "refused": 8,
    "busy": 9,
    "left_ivr": 10,
}
LOST = "ending BETWEEN 3 AND 5"
ENDED = "ending BETWEEN 1 AND 6"
ENTERED = "ending BETWEEN 1 AND 7"
# Of an outbound call, whatever came of it.
DIALLED = "ending > 0"
HANDLED = f"ending IN ({ANSWERED}, {TALKED})"


def ending_sql(outcome: str) -> str:
    """The number of ENDINGS that an outcome is, as SQL."""
    cases = " ".join(f"WHEN '{name}' THEN {number}" for name, number in ENDINGS.items())
    return f"CASE {outcome} {cases} ELSE {ENDINGS['other']} END"


def day_sql(moment: str) -> str:
    """The site day of a moment, as SQL that takes `values`."""
    return f"%(day_one)s::date + width_bucket({moment}, %(day_starts)s::timestamptz[]) - 1 AS day"


def _ms(interval: str) -> str:
    return f"(extract(epoch FROM {interval}) * 1000)::bigint"


_LEFT = "COALESCE(c.offered_at + c.wait_ms * interval '1 ms', c.ended_at)"

# What a unit has beside its ending, its wait and the parts of its handling.
BESIDE = (
    "transferred_out", "blind", "attended", "several_agents", "escalated", "missed", "ring_ms",
    "return_ms", "called_back_ms",
)  # fmt: skip
_NOTHING_BESIDE = ", ".join(
    f"NULL::bigint AS {name}" if name.endswith("_ms") else f"NULL::boolean AS {name}"
    for name in BESIDE
)


def first_day_sql(site: str) -> str:
    """The first day of a site that has counts, as SQL.

    Each day has rows of no queue, a site's contacts at least. The order is the index's: asked for
    the smallest, the planner would look through all of them.
    """
    return (
        f"(SELECT first.day FROM kpis_daystat first WHERE first.site_id = {site}"
        " AND first.queue_id IS NULL ORDER BY first.queue_id, first.day LIMIT 1)"
    )


# Of the calls out that `called_back` finds: when an agent had the caller on the line again.
REACHED_AT = "min(back.answered_at) FILTER (WHERE back.outcome = 'answered')"


def called_back(
    call: str, told: str, *, low: str, high: str, since: str = "", until: str = ""
) -> str:
    """A SELECT of what is `told` of the calls out (`back`) of the contact of `call`, a relation of
    visits that asked for a call back: those in the days after it, or `since` and `until` moments
    in SQL. `low` and `high`, in SQL, bound the ids of what is looked at.

    Of a call that tells the day alone nobody knows which came first. The contact is looked up by
    its name alone (OFFSET 0): of a site that just came the planner would look through all calls.
    """
    since = since or f"{call}.offered_at"
    until = until or f"{call}.offered_at + interval '{CALLED_BACK.days} days'"
    return f"""(
        SELECT {told} FROM (
            SELECT one.* FROM ccm_call AS one
            WHERE one.linked_id = {call}.linked_id AND one.source = {call}.source
              AND one.id >= {low} AND one.id < {high}
            OFFSET 0
        ) AS back
        WHERE back.site_id = {call}.site_id AND back.direction = 'outbound'
          AND back.offered_at >= {since}
          AND back.offered_at < {until}
          AND back.time_precision <> 'day' AND {call}.time_precision <> 'day'
    )"""


def promised(call: str) -> dict[str, str]:
    """The window of `called_back` for calls on which a note promises a call back: from the end of
    the call on, until some days after the promised time."""
    return {
        "since": f"COALESCE({call}.ended_at, {call}.offered_at)",
        "until": f"""(SELECT note.callback_due_at FROM ccm_callnote AS note
            WHERE note.call_id = {call}.id AND note.is_current)
            + interval '{CALLED_BACK.days} days'""",
    }


_OFFERED = """
    SELECT * FROM ccm_call
    WHERE site_id = %(site)s AND id >= %(low)s AND id < %(high)s
      AND offered_at >= %(start)s AND offered_at < %(end)s
"""
# The other visits of their contacts beside them.
_OTHERS = """
    SELECT far.* FROM ccm_call far
    WHERE far.site_id = %(site)s AND far.id >= %(far_low)s AND far.id < %(far_high)s
      AND (far.offered_at < %(start)s OR far.offered_at >= %(end)s)
      AND far.direction = 'inbound' AND (far.source, far.linked_id) IN (
          SELECT source, linked_id FROM near WHERE direction = 'inbound')
"""
_WITH_OTHERS = f"""
WITH near AS ({_OFFERED}), c AS (
    SELECT * FROM near
    UNION ALL
    {_OTHERS}
)"""
# The same of a stretch by our clock: what `strayed` sources wrote of it beside it is near, too.
_WITH_OTHERS_RIGHT = f"""
WITH near AS (
    {_OFFERED}
    UNION ALL
    SELECT told.* FROM strayed JOIN ccm_call told ON told.source = strayed.source
      AND told.offered_at >= strayed.low AND told.offered_at < strayed.high
    WHERE strayed.site_id = %(site)s AND told.site_id = %(site)s
      AND told.id >= %(far_low)s AND told.id < %(far_high)s
      AND (told.offered_at < %(start)s OR told.offered_at >= %(end)s)
), c AS (
    SELECT * FROM near
    UNION ALL
    {_OTHERS}
      AND NOT COALESCE((
          SELECT far.offered_at >= low AND far.offered_at < high FROM strayed
          WHERE strayed.site_id = far.site_id AND strayed.source = far.source), false)
)"""


def _visits(
    calls: str, kept: str = "AS MATERIALIZED", at: str = "c.offered_at", until: str = "%(end)s"
) -> str:
    """One row a visit of `c`, which `calls` begins the query with; `kept` says whether what is
    looked up beside them is laid out, though nothing of it be asked for. It was offered `at`, and
    what was written `until` then may have led to it.

    An inbound call on no queue was never offered, but its talk is talk. Who asked for a call back
    got it with the first answered call out of the same contact, within some days: looked up a visit
    at a time, for few ask.
    """
    return f"""{calls}, rings AS (
    SELECT o.call_id,
        count(*) FILTER (WHERE o.outcome IN ('no_answer', 'unreachable')) AS ring_no_answer,
        count(*) FILTER (WHERE o.outcome = 'unreachable') AS unreachable,
        count(*) FILTER (WHERE o.outcome = 'declined') AS declined,
        count(*) FILTER (WHERE o.outcome = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE o.outcome = 'answered') AS offers_answered,
        (array_agg(o.ring_ms ORDER BY o.starts_at, o.id) FILTER (WHERE o.outcome = 'answered'))[1]
            AS answered_ring_ms,
        bool_or(o.outcome = 'cancelled' AND COALESCE(
            o.starts_at + o.ring_ms * interval '1 ms' >= c.ended_at - interval '1 s', true
        )) AS left_ringing
    FROM ccm_offer o JOIN c ON c.id = o.call_id
    WHERE o.call_id >= %(far_low)s AND o.call_id < %(far_high)s
    GROUP BY o.call_id
), passed_on {kept} (
    SELECT source, linked_id, array_agg(offered_at) AS moments FROM ccm_call
    WHERE site_id = %(site)s AND id >= %(passed_low)s AND id < %(high)s AND transfer_kind <> ''
      AND offered_at >= %(start)s::timestamptz - interval '1 day' AND offered_at < {until}
    GROUP BY source, linked_id
), called_back {kept} (
    SELECT DISTINCT ON (c.id) c.id,
        {called_back("c", REACHED_AT, low="%(far_low)s", high="%(back_high)s")} AS back_at
    FROM c
    WHERE c.outcome = 'callback_requested' AND c.direction = 'inbound'
      AND c.queue_id IS NOT NULL AND c.time_precision <> 'day'
), notes AS (
    SELECT call_id, bool_or(escalation <> '') AS escalated FROM ccm_callnote
    WHERE call_id >= %(far_low)s AND call_id < %(far_high)s AND is_current
    GROUP BY call_id
)
SELECT c.id, c.source, c.linked_id, c.queue_id, c.agent_id, c.channel, c.direction,
    {at} AS offered_at, date_bin('15 min', {at}, '2000-01-01Z') AS start,
    {day_sql(at)}, c.time_precision = 'day' AS day_only,
    CASE WHEN c.queue_id IS NULL AND c.direction <> 'outbound'
         THEN CASE WHEN c.outcome = 'answered' THEN {TALKED} ELSE 0 END
         ELSE {ending_sql("c.outcome")}
    END AS ending,
    c.wait_ms, c.talk_ms, c.hold_ms, c.acw_ms,
    EXISTS (SELECT FROM unnest(p.moments) AS m(moved) WHERE moved < c.offered_at
        AND moved >= c.offered_at - interval '1 day') AS transferred_in,
    c.transfer_kind <> '' AS transferred_out,
    c.transfer_kind = 'blind' AS blind, c.transfer_kind = 'attended' AS attended,
    n.escalated, NULL::boolean AS several_agents,
    c.outcome = 'abandoned' AND COALESCE(r.left_ringing, false) AS missed,
    CASE WHEN c.outcome = 'answered' THEN COALESCE(r.answered_ring_ms, c.ring_ms)::bigint END
        AS ring_ms,
    {_ms("b.back_at - c.offered_at")} AS return_ms,
    CASE WHEN b.back_at >= {_LEFT} THEN {_ms(f"b.back_at - {_LEFT}")} END AS called_back_ms,
    c.resolved, c.resolvable,
    COALESCE(r.ring_no_answer, 0) AS ring_no_answer, COALESCE(r.unreachable, 0) AS unreachable,
    COALESCE(r.declined, 0) AS declined, COALESCE(r.cancelled, 0) AS cancelled,
    COALESCE(r.offers_answered, 0) AS offers_answered, c.topic_id, c.disposition_id
FROM c
LEFT JOIN rings r ON r.call_id = c.id
LEFT JOIN called_back b ON b.id = c.id
LEFT JOIN notes n ON n.call_id = c.id
LEFT JOIN passed_on p ON p.source = c.source AND p.linked_id = c.linked_id
"""


VISITS = _visits(_WITH_OTHERS)
# As VISITS, each offered when it was by our clock, as far as it is known of its source's. It takes
# `STRETCHES` and `STRAYED` (`ccm.live.stretches`), too. Between two moments of a contact there is
# what the source wrote.
VISITS_RIGHT = _visits(
    _WITH_OTHERS_RIGHT,
    at=right_sql("c"),
    until=f"%(end)s::timestamptz + interval '{MOST // timedelta(hours=1)} hours'",
)


def offered(*which: str) -> str:
    """The visits offered in [start, end) alone, of calls `which` these conditions are true of.

    Of what is not asked of them nothing is looked up.
    """
    calls = " AND ".join((_OFFERED, *which))
    return _visits(f"WITH c AS NOT MATERIALIZED ({calls})", "AS NOT MATERIALIZED")


RINGS = ("ring_no_answer", "unreachable", "declined", "cancelled", "offers_answered")


def _part(name: str) -> str:
    """A part of a contact's handling: known if every answered visit knows it, then their sum."""
    mine = f"FILTER (WHERE {HANDLED})"
    return f"CASE WHEN bool_and({name} IS NOT NULL) {mine} THEN sum({name}) {mine} END AS {name}"


# One row a contact that began in the stretch: answered if any visit was, its wait the sum up
# to the first answer, else the last visit's, and so with the ring that was answered and the call
# back. Visits on no queue were never offered: they bring their talk, agents, rings and answers to
# the contact, and one that has no other begins with its first. Where they alone were answered
# (TALKED) the contact is what its visits on queues were, and its talk has a row of its own. Most
# contacts are one visit and pass through.
CONTACTS = f"""
WITH v AS (
    SELECT * FROM visits WHERE direction = 'inbound'
), many AS (
    SELECT source, linked_id FROM v GROUP BY source, linked_id HAVING count(*) > 1
), parts AS (
    {parted("v JOIN many USING (source, linked_id)")}
), placed AS (
    SELECT *, {ENTERED} AS entered, queue_id IS NOT NULL AS queued,
        {ENTERED} AND offered_at <= min(offered_at) FILTER (WHERE ending = {ANSWERED})
            OVER contact AS waited,
        row_number() OVER (contact ORDER BY {ENTERED} DESC, queue_id IS NOT NULL DESC,
            offered_at DESC, id DESC) AS from_last
    FROM parts WINDOW contact AS (PARTITION BY source, linked_id, part)
), joined AS (
    SELECT (array_agg(id ORDER BY queued DESC, offered_at, id))[1] AS id,
        (array_agg(channel ORDER BY queued DESC, offered_at, id))[1] AS channel,
        COALESCE(min(offered_at) FILTER (WHERE entered), min(offered_at) FILTER (WHERE queued),
            min(offered_at)) AS offered_at,
        CASE WHEN bool_or(ending = {ANSWERED}) THEN {ANSWERED}
             WHEN bool_or(queued) THEN min(ending) FILTER (WHERE from_last = 1)
             ELSE max(ending) END AS ending,
        CASE WHEN NOT bool_or(ending = {ANSWERED})
             THEN min(wait_ms) FILTER (WHERE from_last = 1)
             WHEN bool_and(wait_ms IS NOT NULL) FILTER (WHERE waited)
             THEN sum(wait_ms) FILTER (WHERE waited) END AS wait_ms,
        {_part("talk_ms")}, {_part("hold_ms")}, {_part("acw_ms")},
        bool_or(transferred_out) FILTER (WHERE queued) AS transferred_out,
        bool_or(blind) FILTER (WHERE queued) AS blind,
        bool_or(attended) FILTER (WHERE queued) AS attended,
        bool_or(ending = {ANSWERED}) AND count(DISTINCT agent_id) FILTER (WHERE {HANDLED}) > 1
            AS several_agents,
        bool_or(escalated) FILTER (WHERE ending = {ANSWERED}) AS escalated,
        bool_or(missed) FILTER (WHERE from_last = 1) AS missed,
        (array_agg(ring_ms ORDER BY offered_at, ring_ms, id) FILTER (WHERE ending = {ANSWERED}))[1]
            AS ring_ms,
        min(return_ms) FILTER (WHERE from_last = 1) AS return_ms,
        min(called_back_ms) FILTER (WHERE from_last = 1) AS called_back_ms,
        COALESCE(bool_or(day_only) FILTER (WHERE entered), bool_or(day_only) FILTER (WHERE queued),
            bool_or(day_only)) AS day_only,
        bool_or(resolved) FILTER (WHERE queued) AS resolved,
        bool_or(resolvable) FILTER (WHERE queued) AS resolvable,
        {", ".join(f"sum({name}) AS {name}" for name in RINGS)},
        array_agg(id) AS visit_ids, bool_or(queued) AS queued,
        (array_agg(id ORDER BY offered_at, id) FILTER (WHERE ending = {TALKED}))[1] AS talked_id
    FROM placed GROUP BY source, linked_id, part
), contacts AS (
    SELECT id, channel, offered_at, ending, wait_ms, talk_ms, hold_ms, acw_ms, {", ".join(BESIDE)},
        day_only, resolved, resolvable, {", ".join(RINGS)}, visit_ids
    FROM joined
    UNION ALL
    SELECT talked_id, channel, offered_at, {TALKED}, NULL, talk_ms, hold_ms, acw_ms,
        {_NOTHING_BESIDE}, day_only, NULL, NULL, {", ".join("0" for _ring in RINGS)},
        ARRAY[]::uuid[]
    FROM joined WHERE queued AND talked_id IS NOT NULL AND ending <> {ANSWERED}
    UNION ALL
    SELECT id, channel, offered_at, ending, wait_ms, talk_ms, hold_ms, acw_ms,
        {", ".join("false" if name == "several_agents" else name for name in BESIDE)},
        day_only, resolved, resolvable, {", ".join(RINGS)}, ARRAY[id]
    FROM v WHERE NOT EXISTS
        (SELECT FROM many m WHERE m.source = v.source AND m.linked_id = v.linked_id)
)
SELECT *, NULL::bigint AS queue_id, 'inbound' AS direction, false AS transferred_in,
    date_bin('15 min', offered_at, '2000-01-01Z') AS start,
    {day_sql("offered_at")}
FROM contacts WHERE offered_at >= %(start)s AND offered_at < %(end)s
"""

# One row an answer that knows no call, among visits: it counts nowhere but in satisfaction, on its
# queue if it has one, at the moment it was given. Its types are those of VISITS: else the planner
# would not see through what joins the two, and look up beside calls what nobody asks for.
ANSWERS_ALONE = f"""
SELECT s.id, s.source, s.id::varchar AS linked_id, s.queue_id, s.agent_id,
    COALESCE(q.channel, 'voice') AS channel, 'inbound'::varchar AS direction,
    s.answered_at AS offered_at,
    date_bin('15 min', s.answered_at, '2000-01-01Z') AS start,
    {day_sql("s.answered_at")}, false AS day_only, {ALONE} AS ending,
    NULL::int AS wait_ms, NULL::int AS talk_ms, NULL::int AS hold_ms, NULL::int AS acw_ms,
    false AS transferred_in, {_NOTHING_BESIDE},
    NULL::boolean AS resolved, NULL::boolean AS resolvable,
    {", ".join(f"0::bigint AS {name}" for name in RINGS)},
    NULL::bigint AS topic_id, NULL::bigint AS disposition_id
FROM ccm_surveyresponse s LEFT JOIN ccm_queue q ON q.id = s.queue_id
WHERE s.site_id = %(site)s AND s.call_id IS NULL
  AND s.answered_at >= %(start)s AND s.answered_at < %(end)s
"""
# The same row with the columns of CONTACTS.
CONTACT_OF_ANSWER = f"""
id, channel, offered_at, ending, wait_ms, talk_ms, hold_ms, acw_ms, {", ".join(BESIDE)}, day_only,
resolved, resolvable, {", ".join(RINGS)}, ARRAY[]::uuid[], NULL::bigint, direction, transferred_in,
start, day
"""

# Bits of the parts that are known: talk 1, hold 2, ACW 4.
PARTS = (
    "(talk_ms IS NOT NULL)::int + 2 * (hold_ms IS NOT NULL)::int + 4 * (acw_ms IS NOT NULL)::int"
)
