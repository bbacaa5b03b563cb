"""The second path: every KPI in plain SQL over the raw calls, rings and surveys.

Written from the words of docs/metrics.md and of nothing else: no rollup, no histogram and no
formula of `kpis` is read here. It is slow, and a reader can check it line by line.

Parameters are the defaults: T = 20 s, `<=`, a short abandon gives up within 5 s, time-outs and
other exits count as lost, asking for a call back is neither success nor failure.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection

from ccm.models import Site

# Every inbound call, one row each. Voicemail and failures are exits without a name. Calls on no
# queue were never offered; they tell of who took them, of their talk and of what callers answered.
CALLS = """
    SELECT c.id, c.source, c.linked_id, c.offered_at AS at, q.name AS queue, a.name AS agent,
           CASE WHEN c.outcome IN ('voicemail', 'failed') THEN 'other' ELSE c.outcome END
               AS outcome,
           c.outcome NOT IN ('refused', 'busy', 'left_ivr') AS entered,
           c.wait_ms, c.talk_ms, c.hold_ms, c.acw_ms, c.resolved,
           c.transfer_kind IN ('blind', 'attended') AS transferred,
           c.transfer_kind = 'blind' AS blind, c.transfer_kind = 'attended' AS attended,
           c.time_precision = 'day' AS day_only, note.escalation <> '' AS escalated,
           CASE WHEN c.outcome = 'answered' THEN (
               SELECT o.ring_ms FROM ccm_offer o
               WHERE o.call_id = c.id AND o.outcome = 'answered' ORDER BY o.starts_at, o.id LIMIT 1
           ) END AS ring_ms,
           c.outcome = 'abandoned' AND EXISTS (
               SELECT FROM ccm_offer o WHERE o.call_id = c.id AND o.outcome = 'cancelled'
           ) AS missed,
           -- The first answered call out of the contact, of a week, by whoever asked for it.
           CASE WHEN c.outcome = 'callback_requested' AND c.time_precision <> 'day' THEN (
               SELECT min(b.answered_at) FROM ccm_call b
               WHERE b.source = c.source AND b.linked_id = c.linked_id AND b.site_id = c.site_id
                 AND b.direction = 'outbound' AND b.outcome = 'answered'
                 AND b.time_precision <> 'day' AND b.offered_at >= c.offered_at
                 AND b.offered_at < c.offered_at + interval '7 days'
           ) END AS back_at,
           COALESCE(c.offered_at + c.wait_ms * interval '1 ms', c.ended_at) AS left_at
    FROM ccm_call c
    LEFT JOIN ccm_queue q ON q.id = c.queue_id
    LEFT JOIN ccm_agent a ON a.id = c.agent_id
    LEFT JOIN ccm_callnote note ON note.call_id = c.id AND note.is_current
    WHERE c.site_id = %(site)s AND c.direction = 'inbound'
"""
# Every call out, on a queue or on none. Nobody waits on one.
OUTBOUND = """
    SELECT c.offered_at AS at, q.name AS queue, a.name AS agent, c.outcome, c.talk_ms, c.hold_ms,
           c.acw_ms, c.time_precision = 'day' AS day_only
    FROM ccm_call c
    LEFT JOIN ccm_queue q ON q.id = c.queue_id
    LEFT JOIN ccm_agent a ON a.id = c.agent_id
    WHERE c.site_id = %(site)s AND c.direction = 'outbound'
"""

# What is counted: units, when each entered the queue, and what came of it. `member` says which
# calls make a unit. A visit is one call on one queue.
VISIT_MEMBERS = "SELECT id::text AS unit, * FROM call WHERE queue IS NOT NULL"
VISIT_UNITS = """
    SELECT unit, at, queue, agent, outcome, wait_ms, talk_ms, hold_ms, acw_ms, resolved,
           transferred, blind, attended, escalated, ring_ms, missed, at AS waited_from, back_at,
           left_at, NULL::bigint AS agents, day_only
    FROM member
"""

# A contact is all visits that one source gave one linked_id, those on no queue for their talk,
# rings and answers alone. Visits that never entered a queue
# are counted apart, so they make a contact only where no other visit does. It is answered if
# any visit was, else what its last visit was; its wait is the sum up to the first answer, else
# its last visit's, and so with who was missed or called back; its ring is that of the first answer;
# its talk, hold and wrap-up are sums over its answered visits, on a queue or on none. A sum with an
# unknown part is unknown. It is resolved if any answer resolved it.
CONTACT_MEMBERS = """
    SELECT * FROM (
        SELECT source || ' ' || linked_id AS unit, call.*,
               bool_or(entered) OVER contact AS any_entered,
               min(at) FILTER (WHERE outcome = 'answered') OVER contact AS answered_first,
               at = COALESCE(max(at) FILTER (WHERE entered) OVER contact, max(at) OVER contact)
                   AS is_last
        FROM call WHERE queue IS NOT NULL
        WINDOW contact AS (PARTITION BY source, linked_id)
    ) AS visits
    WHERE entered OR NOT any_entered
"""
# Of every inbound call, the moment that its contact is counted at.
PLACED = """
    SELECT call.*, source || ' ' || linked_id AS contact,
           COALESCE(min(at) FILTER (WHERE entered AND queue IS NOT NULL) OVER contact,
                    min(at) FILTER (WHERE queue IS NOT NULL) OVER contact, min(at) OVER contact)
               AS began,
           COALESCE(bool_or(day_only) FILTER (WHERE entered AND queue IS NOT NULL) OVER contact,
                    bool_or(day_only) FILTER (WHERE queue IS NOT NULL) OVER contact,
                    bool_or(day_only) OVER contact) AS began_day_only
    FROM call
    WINDOW contact AS (PARTITION BY source, linked_id)
"""
CONTACT_UNITS = """
    SELECT unit, min(at) AS at, NULL AS queue, NULL AS agent,
           CASE WHEN bool_or(outcome = 'answered') THEN 'answered'
                ELSE max(outcome) FILTER (WHERE is_last) END AS outcome,
           CASE WHEN NOT bool_or(outcome = 'answered')
                THEN max(wait_ms) FILTER (WHERE is_last)
                WHEN bool_and(wait_ms IS NOT NULL) FILTER (WHERE at <= answered_first)
                THEN sum(wait_ms) FILTER (WHERE at <= answered_first) END AS wait_ms,
           bool_or(resolved) FILTER (WHERE outcome = 'answered') AS resolved,
           bool_or(transferred AND outcome = 'answered') AS transferred,
           bool_or(blind AND outcome = 'answered') AS blind,
           bool_or(attended AND outcome = 'answered') AS attended,
           bool_or(escalated) FILTER (WHERE outcome = 'answered') AS escalated,
           min(ring_ms) FILTER (WHERE outcome = 'answered' AND at = answered_first) AS ring_ms,
           bool_or(missed) FILTER (WHERE is_last) AS missed,
           max(at) FILTER (WHERE is_last) AS waited_from,
           max(back_at) FILTER (WHERE is_last) AS back_at,
           max(left_at) FILTER (WHERE is_last) AS left_at,
           max(taken.agents) AS agents, bool_or(day_only) AS day_only
    FROM member JOIN (
        SELECT contact, count(DISTINCT agent) FILTER (WHERE outcome = 'answered') AS agents
        FROM placed GROUP BY contact
    ) AS taken ON contact = unit
    GROUP BY unit
"""

_SUM = """
    CASE WHEN bool_and({0} IS NOT NULL) FILTER (WHERE outcome = 'answered')
         THEN sum({0}) FILTER (WHERE outcome = 'answered') END AS {0}"""
# What agents did, at the time of its unit. Calls on no queue are of agents and of contacts, whose
# waits they have no part in.
HANDLED = "SELECT * FROM unit WHERE outcome = 'answered'"
WORK = "SELECT m.id, u.at, m.queue, m.agent, u.day_only FROM member m JOIN unit u USING (unit)"
CONTACT_HANDLED = f"""
    SELECT p.began AS at, NULL AS queue, NULL AS agent, p.began_day_only AS day_only,
           'answered' AS outcome, max(u.wait_ms) AS wait_ms,
           {_SUM.format("talk_ms")}, {_SUM.format("hold_ms")}, {_SUM.format("acw_ms")}
    FROM placed p LEFT JOIN (
        SELECT unit, wait_ms FROM unit WHERE outcome = 'answered'
    ) AS u ON u.unit = p.contact
    WHERE outcome = 'answered' GROUP BY p.contact, p.began, p.began_day_only
"""
CONTACT_WORK = """
    SELECT id, began AS at, queue, agent, began_day_only AS day_only FROM placed
"""
AGENT_HANDLED = "SELECT * FROM call WHERE outcome = 'answered'"
AGENT_WORK = "SELECT id, at, queue, agent, day_only FROM call"
# An agent answered when the visit was offered, though its contact may be of the day before.
ANSWERERS = (
    "SELECT at, queue, agent, day_only FROM member WHERE outcome = 'answered' AND agent IS NOT NULL"
)
RINGS = """
    SELECT w.at, w.queue, a.name AS agent, o.outcome AS result, w.day_only
    FROM work w JOIN ccm_offer o ON o.call_id = w.id JOIN ccm_agent a ON a.id = o.agent_id
"""
# `place` is where a score lies on its scale, 0 to 1. An answer counts where and when its call does;
# one that knows no call, on its own queue, if it has one, when it was given.
SURVEYS = """
    SELECT w.at, w.queue, w.agent, w.day_only, s.kind, s.score, s.scale_min, s.scale_max,
           (s.score - s.scale_min) / (s.scale_max - s.scale_min) AS place
    FROM work w JOIN ccm_surveyresponse s ON s.call_id = w.id
    UNION ALL
    SELECT s.answered_at, q.name, a.name, false, s.kind, s.score, s.scale_min, s.scale_max,
           (s.score - s.scale_min) / (s.scale_max - s.scale_min) AS place
    FROM ccm_surveyresponse s
    LEFT JOIN ccm_queue q ON q.id = s.queue_id LEFT JOIN ccm_agent a ON a.id = s.agent_id
    WHERE s.call_id IS NULL AND s.site_id = %(site)s
"""
IN_HOURS_UNITS = """
    SELECT * FROM unit WHERE NOT day_only AND EXISTS (SELECT FROM open_quarter o
        WHERE o.queue = COALESCE(unit.queue, '')
          AND o.start = date_bin('15 minutes', unit.at, '2000-01-01T00:00Z'))
"""
# Who could answer a kind of survey, a row a unit and kind: did, was asked by a link.
ASKED = """
    SELECT u.*, s.kind, s.told, s.invited
    FROM unit u JOIN (
        SELECT m.unit, kinds.kind,
            bool_or(EXISTS (SELECT FROM ccm_surveyresponse r
                WHERE r.call_id = m.id AND r.kind = kinds.kind)) AS told,
            bool_or(EXISTS (SELECT FROM ccm_surveyinvitation i
                WHERE i.call_id = m.id AND kinds.kind = ANY(i.questions)
                  AND (i.withdrawn_at IS NULL OR i.withdrawn_at >= i.expires_at))) AS invited
        FROM askable m CROSS JOIN (VALUES ('csat'), ('nps'), ('ces')) AS kinds(kind)
        GROUP BY m.unit, kinds.kind
    ) AS s USING (unit)
"""

DAY = "(at AT TIME ZONE %(zone)s - make_interval(hours => %(begins)s))::date"
KEYS = {
    "total": "''",
    "day": DAY,
    # What tells only its day is in no quarter hour of it.
    "interval": "CASE WHEN NOT day_only THEN date_bin('15 minutes', at, '2000-01-01T00:00Z') END",
    "queue": "queue",
    "agent": "agent",
}


def how_many(where: str) -> str:
    return f"count(*) FILTER (WHERE {where})"


ANSWERED = how_many("outcome = 'answered'")
ABANDONED = how_many("outcome = 'abandoned'")
CALLBACK = how_many("outcome = 'callback_requested'")
ENTERED = "outcome NOT IN ('refused', 'busy', 'left_ivr')"
GONE = f"{ENTERED} AND outcome <> 'in_progress'"
ENDED = how_many(GONE)
STILL_WAITING = how_many("outcome = 'in_progress'")
APART = how_many(f"NOT ({ENTERED})")

# An answer after an unknown wait is on neither side of a service level; whoever else left after
# an unknown wait left after T.
KNOWN = how_many("outcome = 'answered' AND wait_ms IS NOT NULL")
UNKNOWN = how_many("outcome = 'answered' AND wait_ms IS NULL")
IN_TIME = how_many("outcome = 'answered' AND wait_ms <= 20000")
GAVE_UP = how_many("outcome IN ('abandoned', 'timed_out', 'key_exit', 'other')")
GAVE_UP_EARLY = how_many(
    "outcome IN ('abandoned', 'timed_out', 'key_exit', 'other') AND wait_ms <= 20000"
)
ABANDONED_EARLY = how_many("outcome = 'abandoned' AND wait_ms <= 20000")
CALLBACK_EARLY = how_many("outcome = 'callback_requested' AND wait_ms <= 20000")
MISSED_CALLS = how_many("outcome = 'abandoned' AND missed")
MISSED_EARLY = how_many("outcome = 'abandoned' AND missed AND wait_ms <= 20000")
CALLED_BACK = how_many("outcome = 'callback_requested' AND back_at IS NOT NULL")
SHORT = how_many("outcome = 'abandoned' AND wait_ms <= 5000")

# id[:variant] -> numerator, denominator, both over the units of one row.
SERVICE_LEVELS = {
    "SL1": (f"{IN_TIME} + {GAVE_UP_EARLY}", f"{KNOWN} + {GAVE_UP}"),
    "SL2": (IN_TIME, KNOWN),
    "SL3": (IN_TIME, f"{KNOWN} + {GAVE_UP}"),
    "SL4": (IN_TIME, f"{KNOWN} + {GAVE_UP} - {GAVE_UP_EARLY}"),
    "SL5": (f"{IN_TIME} + {SHORT}", f"{KNOWN} + {GAVE_UP}"),
    "SL6": (IN_TIME, f"{ENDED} - {UNKNOWN} - {SHORT}"),
    "SL7": (f"{IN_TIME} + {ABANDONED_EARLY} + {CALLBACK_EARLY}", f"{ENDED} - {UNKNOWN}"),
    "SL7b": (f"{IN_TIME} + {CALLBACK_EARLY}", f"{KNOWN} + {ABANDONED} + {CALLBACK}"),
}
# Of opening hours alone; agents are counted by day, so of them there is none.
IN_HOURS = {"SL8": (f"{IN_TIME} + {MISSED_EARLY}", f"{KNOWN} + {MISSED_CALLS}")}
SHARES = {
    "abandon_rate:A1": (f"{ABANDONED} - {SHORT}", f"{ENDED} - {SHORT}"),
    "abandon_rate:A2": (ABANDONED, ENDED),
    "abandon_rate:A3": (
        ABANDONED,
        f"{ENDED} + {how_many('''outcome IN ('refused', 'left_ivr')''')}",
    ),
    "abandon_rate:A4": (f"{ENDED} - {ANSWERED}", ENDED),
    "transfer_rate": (how_many("outcome = 'answered' AND transferred"), ANSWERED),
    "escalation_rate": (
        how_many("outcome = 'answered' AND escalated"),
        how_many("outcome = 'answered' AND escalated IS NOT NULL"),
    ),
    "called_back_rate": (CALLED_BACK, CALLBACK),
    "resolved_rate": (
        how_many("outcome = 'answered' AND resolved"),
        how_many("outcome = 'answered' AND resolved IS NOT NULL"),
    ),
}
COUNTS = {
    "offered": how_many(ENTERED),
    **{
        name: how_many(f"outcome = '{name}'")
        for name in (
            "answered",
            "abandoned",
            "timed_out",
            "key_exit",
            "callback_requested",
            "other",
            "in_progress",
            "left_ivr",
            "refused",
            "busy",
        )
    },
    "missed": MISSED_CALLS,
    "called_back": CALLED_BACK,
}
# id[:variant] -> the time in ms, and of whom.
MEANS = {
    "asa:W1": ("wait_ms", "outcome = 'answered'"),
    "asa:W2": ("wait_ms", GONE),
    "asa:W3": (
        "CASE WHEN wait_ms >= ring_ms THEN wait_ms - ring_ms WHEN wait_ms < ring_ms THEN 0 END",
        "outcome = 'answered'",
    ),
    "mean_time_to_abandon": ("wait_ms", "outcome = 'abandoned'"),
    "time_to_call_back": (
        "CASE WHEN back_at >= left_at THEN extract(epoch FROM back_at - left_at) * 1000 END",
        "outcome = 'callback_requested'",
    ),
}
PARTS = {"talk": "talk_ms", "hold": "hold_ms", "acw": "acw_ms"}
OF_WHOM = {"answered": "outcome = 'answered'", "all": GONE}
PERCENTILES = {"wait_p50": 0.5, "wait_p90": 0.9, "wait_p95": 0.95, "wait_p99": 0.99}
MISSED = how_many("result IN ('no_answer', 'unreachable', 'declined')")
RING_COUNTS = {
    "ring_no_answer": how_many("result IN ('no_answer', 'unreachable')"),
    "unreachable": how_many("result = 'unreachable'"),
    "declined": how_many("result = 'declined'"),
    "cancelled": how_many("result = 'cancelled'"),
}
OUTBOUND_COUNTS = {
    "dials": "count(*)",
    "conversations": how_many("outcome = 'answered' AND talk_ms >= 30000"),
}
WAYS_ON = {"transfer_rate:blind": "blind", "transfer_rate:attended": "attended"}
KINDS = ("csat", "nps", "ces")

HANDLING = ("aht:H1", "aht:H2", "aht:H3", "aht:H4")
EVERY_KPI = [
    *COUNTS,
    *RING_COUNTS,
    *(f"service_level:{variant}" for variant in (*SERVICE_LEVELS, *IN_HOURS)),
    *SHARES,
    *MEANS,
    *PARTS,
    *(f"{one}:{whose}" for one in (*PERCENTILES, "longest_wait") for whose in OF_WHOM),
    *HANDLING,
    "calls_per_agent",
    "missed_rate:per_offer",
    "missed_rate:per_call",
    "csat:C1",
    "csat:C2",
    "csat:C3",
    "nps",
    "ces:E1",
    "ces:E2",
    *(f"{kind}_response:{way}" for kind in KINDS for way in ("answered", "invited")),
    "transfer_rate:contacts",
    *WAYS_ON,
    *OUTBOUND_COUNTS,
    "connect_rate",
    "aht_outbound",
]
NOTHING = dict.fromkeys((*COUNTS, *RING_COUNTS, *OUTBOUND_COUNTS), (0, 0))
# What counts calls that nobody answered: an agent has none of these.
NOBODYS = dict.fromkeys(
    (
        *COUNTS.keys() - {"answered"},
        *(f"service_level:{one}" for one in (*SERVICE_LEVELS, *IN_HOURS) if one != "SL2"),
        *(one for one in SHARES if one.startswith("abandon_rate")),
        *(f"{one}:all" for one in (*PERCENTILES, "longest_wait")),
        "called_back_rate", "asa:W2", "mean_time_to_abandon", "time_to_call_back", "aht:H2",
        "aht:H3", "missed_rate:per_call",
    ),
    (None, 0),
)  # fmt: skip

Key = str | date | datetime
# The value and its n.
Figure = tuple[float | None, int]


@dataclass(frozen=True)
class Oracle:
    """Answers for the site days `first` to `last`; of one queue's visits where it is named."""

    site: Site
    first: date
    last: date
    queue: str = ""

    def answer(self, by: str) -> dict[Key, dict[str, Figure]]:
        """Every KPI of every row that has anything to say, by the row's key."""
        found: dict[Key, dict[str, Figure]] = {}
        if by == "total":
            found[""] = {}
        parts = (
            self._units,
            self._levels,
            self._handling,
            self._rings,
            self._surveys,
            self._asked,
            self._outbound,
        )
        for part in parts:
            for key, figures in part(by).items():
                found.setdefault(key, {}).update(figures)
        for key, figures in self._answerers(by).items():
            # A contact of the row before may have been answered in this one: that makes no row,
            # but stretches of time have theirs.
            if by in ("day", "interval") or key in found:
                found.setdefault(key, {}).update(figures)
        return {
            key: nothing(by) | figures | (NOBODYS if by == "agent" else {})
            for key, figures in found.items()
        }

    def _units(self, by: str) -> dict[Key, dict[str, Figure]]:
        """Counts, shares and waits."""
        columns: dict[str, tuple[str, str]] = {one: (sql, sql) for one, sql in COUNTS.items()}
        for name, (top, bottom) in SHARES.items():
            columns[name] = (_ratio(top, bottom), bottom)
        for name, (length, who) in MEANS.items():
            columns[name] = _mean(length, who)
        for whose, who in OF_WHOM.items():
            known = how_many(f"{who} AND wait_ms IS NOT NULL")
            of_whom = f"FILTER (WHERE {who})"
            columns[f"longest_wait:{whose}"] = (f"max(wait_ms) {of_whom} / 1000.0", known)
            for name, share in PERCENTILES.items():
                rank = f"percentile_disc({share}) WITHIN GROUP (ORDER BY wait_ms) {of_whom}"
                columns[f"{name}:{whose}"] = (f"{rank} / 1000.0", known)
        for name, way in WAYS_ON.items():
            # Where transfers do not tell how they were, none was neither blind nor attended.
            passed_on = how_many("outcome = 'answered' AND transferred")
            told = how_many("outcome = 'answered' AND (blind OR attended)")
            untold = f"{passed_on} > 0 AND {told} = 0"
            share = _ratio(how_many(f"outcome = 'answered' AND {way}"), ANSWERED)
            columns[name] = (
                f"CASE WHEN NOT ({untold}) THEN {share} END",
                f"CASE WHEN {untold} THEN 0 ELSE {ANSWERED} END",
            )
        # One agent answers a visit: only contacts can have had several.
        several = how_many("outcome = 'answered' AND agents > 1")
        columns["transfer_rate:contacts"] = (
            f"CASE WHEN bool_and(agents IS NOT NULL) THEN {_ratio(several, ANSWERED)} END",
            f"CASE WHEN bool_and(agents IS NOT NULL) THEN {ANSWERED} ELSE 0 END",
        )
        return self._ask("unit", by, columns)

    def _levels(self, by: str) -> dict[Key, dict[str, Figure]]:
        """Service levels, of all units and of those whose quarter hour began in opening hours."""
        found = self._ask("unit", by, _level_columns(SERVICE_LEVELS))
        if by != "agent":
            for key, figures in self._ask("in_hours", by, _level_columns(IN_HOURS)).items():
                found[key] |= figures
        return found

    def _open_quarters(self) -> tuple[list[str], list[datetime]]:
        """The quarter hours that begin while a queue, or the site (""), is open, one by one; the
        site's days are up to a day off those of UTC."""
        edges = (self.first - timedelta(days=1), self.last + timedelta(days=2))
        start, end = (datetime.combine(day, time(), UTC) for day in edges)
        hours = dict(self.site.queues.values_list("name", "hours")) | {"": {}}
        found = [
            (queue, start + n * timedelta(minutes=15))
            for queue, own in hours.items()
            for n in range((end - start) // timedelta(minutes=15))
            if self.site.is_open(start + n * timedelta(minutes=15), own)
        ]
        return [queue for queue, _ in found], [moment for _, moment in found]

    def _handling(self, by: str) -> dict[Key, dict[str, Figure]]:
        """Talk, hold, wrap-up, and AHT over the largest group of answers that measure the same.

        Talk is among the parts of such a group. The answers of other groups are on neither side.
        Of groups of one size the one that knows more parts is taken, and that which knows hold
        before that which knows wrap-up. With the wait instead of hold (H4) there is a figure
        only where all answers measure the same and every wait is known.
        """
        groups = self._pooled(by, "handled")
        hold, acw = "(hold_ms IS NOT NULL)", "(acw_ms IS NOT NULL)"
        units = self._ask(
            "unit",
            by,
            {
                "gone": (f"{ENDED} - {ANSWERED}", "0"),
                "waiting": (STILL_WAITING, "0"),
                "apart": (APART, "0"),
            },
        )
        one_kind = f"count(DISTINCT ({hold}, {acw})) = 1 AND bool_and(talk_ms IS NOT NULL)"
        with_wait = "sum(talk_ms + wait_ms + COALESCE(acw_ms, 0)) / 1000.0 / count(*)"
        all_known = f"{one_kind} AND bool_and(wait_ms IS NOT NULL)"
        found = self._ask(
            "handled",
            by,
            {
                **{name: _mean(part, "true") for name, part in PARTS.items()},
                "aht:H4": (
                    f"CASE WHEN {all_known} THEN {with_wait} END",
                    f"CASE WHEN {all_known} THEN count(*) ELSE 0 END",
                ),
            },
        )
        for key, pooled, seconds in groups:
            unit = units.get(key, {"gone": (0, 0), "waiting": (0, 0), "apart": (0, 0)})
            left = pooled + unit["gone"][0]
            everyone = left + unit["apart"][0]
            offered = left + unit["waiting"][0]
            found[key] |= {
                "aht:H1": (seconds / pooled, pooled),
                "aht:H2": (seconds / everyone, everyone),
                "aht:H3": (seconds / offered, offered),
            }
        return found

    def _pooled(self, by: str, relation: str) -> list[tuple[Any, ...]]:
        """The largest group of answers that measure the same parts: key, how many, seconds."""
        hold, acw = "(hold_ms IS NOT NULL)", "(acw_ms IS NOT NULL)"
        return self._rows(
            by,
            f"""
            SELECT DISTINCT ON (1) {KEYS[by]} AS key, count(*),
                   (sum(talk_ms + COALESCE(hold_ms, 0) + COALESCE(acw_ms, 0)) / 1000.0)::float
            FROM {relation}
            WHERE {self._counted(by)} AND outcome = 'answered' AND talk_ms IS NOT NULL
            GROUP BY 1, {hold}, {acw}
            ORDER BY 1, 2 DESC, {hold} AND {acw} DESC, {hold} DESC, {acw} DESC
            """,
        )

    def _answerers(self, by: str) -> dict[Key, dict[str, Figure]]:
        """Answered visits with an agent's name to them, a head."""
        heads = "count(DISTINCT agent)"
        return self._ask("answerer", by, {"calls_per_agent": (_ratio("count(*)", heads), heads)})

    def _rings(self, by: str) -> dict[Key, dict[str, Figure]]:
        tried = how_many("result <> 'cancelled'")
        columns = {
            **{name: (sql, sql) for name, sql in RING_COUNTS.items()},
            "missed_rate:per_offer": (_ratio(MISSED, tried), tried),
        }
        found = self._ask("ring", by, columns)
        missed = self._ask("ring", by, {"missed": (MISSED, MISSED)})
        ended = self._ask("unit", by, {"ended": (ENDED, ENDED)})
        for key in found.keys() | ended.keys():
            [count, _] = missed.get(key, {}).get("missed", (0, 0))
            [calls, _] = ended.get(key, {}).get("ended", (0, 0))
            found.setdefault(key, {})["missed_rate:per_call"] = (
                count / calls if calls else None,
                calls,
            )
        return found

    def _surveys(self, by: str) -> dict[Key, dict[str, Figure]]:
        csat = how_many("kind = 'csat'")
        good, bad = (how_many(f"kind = 'csat' AND place {edge}") for edge in (">= 0.75", "<= 0.25"))
        # On 0 to 10, 9 and 10 recommend and 0 to 6 do not; on other scales nobody is asked that.
        nps = "kind = 'nps' AND scale_min = 0 AND scale_max = 10"
        net = f"{how_many(f'{nps} AND score >= 9')} - {how_many(f'{nps} AND score <= 6')}"
        # On 1 to 7, 5 to 7 found it easy; on other scales nobody is asked that.
        ces = "kind = 'ces' AND scale_min = 1 AND scale_max = 7"
        easy = how_many(f"{ces} AND score >= 5")
        return self._ask(
            "survey",
            by,
            {
                "csat:C1": (_ratio(good, csat), csat),
                "csat:C2": _mean_of_one_scale("csat"),
                "csat:C3": (_ratio(f"{good} - {bad}", csat), csat),
                "nps": (_ratio(net, how_many(nps)), how_many(nps)),
                "ces:E1": _mean("score * 1000", ces),
                "ces:E2": (_ratio(easy, how_many(ces)), how_many(ces)),
            },
        )

    def _asked(self, by: str) -> dict[Key, dict[str, Figure]]:
        """How many told, of the answered and of those who were sent a link."""
        columns = {}
        for kind in KINDS:
            answered = how_many(f"kind = '{kind}' AND outcome = 'answered'")
            told = how_many(f"kind = '{kind}' AND outcome = 'answered' AND told")
            invited = how_many(f"kind = '{kind}' AND invited")
            both = how_many(f"kind = '{kind}' AND invited AND told")
            columns[f"{kind}_response:answered"] = (_ratio(told, answered), answered)
            columns[f"{kind}_response:invited"] = (_ratio(both, invited), invited)
        found = self._ask("asked", by, columns)
        signs = {
            kind: (sql := how_many(f"kind = '{kind}' AND (told OR invited)"), sql) for kind in KINDS
        }
        given = {kind: (sql := how_many(f"kind = '{kind}'"), sql) for kind in KINDS}
        asked, answers = self._ask("asked", by, signs), self._ask("survey", by, given)
        for key, figures in found.items():
            for kind in KINDS:
                # Nobody is known to have been asked: no rate is no 0 %.
                if not any(one.get(key, {}).get(kind, (0, 0))[0] for one in (asked, answers)):
                    name = f"{kind}_response:answered"
                    figures[name] = (None, figures[name][1])
        return found

    def _outbound(self, by: str) -> dict[Key, dict[str, Figure]]:
        """Calls out. The handling of those that measure the same, as of the others."""
        over = how_many("outcome <> 'in_progress'")
        columns = {name: (sql, sql) for name, sql in OUTBOUND_COUNTS.items()}
        columns["connect_rate"] = (_ratio(ANSWERED, over), over)
        found = self._ask("outbound", by, columns)
        for key, pooled, seconds in self._pooled(by, "outbound"):
            found[key]["aht_outbound"] = (seconds / pooled, pooled)
        return found

    def _ask(
        self, relation: str, by: str, columns: dict[str, tuple[str, str]]
    ) -> dict[Key, dict[str, Figure]]:
        asked = ", ".join(f"({value}), ({n})" for value, n in columns.values())
        rows = self._rows(
            by,
            f"SELECT {KEYS[by]} AS key, {asked} FROM {relation} "
            f"WHERE {self._counted(by)} GROUP BY 1",
        )
        return {
            key: dict(zip(columns, map(_figure, values[::2], values[1::2]), strict=True))
            for key, *values in rows
        }

    def _counted(self, by: str) -> str:
        days = f"{DAY} BETWEEN %(first)s AND %(last)s"
        queue = " AND queue = %(queue)s" if self.queue else ""
        return f"{days}{queue} AND {KEYS[by]} IS NOT NULL"

    def _rows(self, by: str, select: str) -> list[tuple[Any, ...]]:
        """A site's whole spans are counted in contacts; queues and agents in visits."""
        contacts = not self.queue and by in ("total", "day", "interval")
        relations = {
            "call": CALLS,
            "placed": PLACED,
            "member": CONTACT_MEMBERS if contacts else VISIT_MEMBERS,
            "unit": CONTACT_UNITS if contacts else VISIT_UNITS,
            "handled": CONTACT_HANDLED if contacts else AGENT_HANDLED if by == "agent" else HANDLED,
            "work": CONTACT_WORK if contacts else AGENT_WORK if by == "agent" else WORK,
            "answerer": ANSWERERS,
            "ring": RINGS,
            "survey": SURVEYS,
            "open_quarter": "SELECT * FROM unnest(%(open_queues)s::text[],"
            " %(open_starts)s::timestamptz[]) AS o(queue, start)",
            "in_hours": IN_HOURS_UNITS,
            "askable": "SELECT contact AS unit, id FROM placed"
            if contacts
            else "SELECT unit, id FROM member",
            "asked": ASKED,
            "outbound": OUTBOUND,
        }
        # Only what is asked needs to be told.
        if "in_hours" not in select:
            del relations["open_quarter"], relations["in_hours"]
        queues, starts = self._open_quarters() if "in_hours" in select else ([], [])
        steps = ", ".join(f"{name} AS ({sql})" for name, sql in relations.items())
        with connection.cursor() as cursor:
            # Rows of a test are new to the planner, which would compare each with each.
            cursor.execute("SET LOCAL enable_nestloop = off")
            cursor.execute(
                f"WITH {steps} {select}",
                {
                    "site": self.site.pk,
                    "zone": self.site.zone,
                    "begins": self.site.day_begins,
                    "first": self.first,
                    "last": self.last,
                    "queue": self.queue,
                    "open_queues": queues,
                    "open_starts": starts,
                },
            )
            rows = cursor.fetchall()
            cursor.execute("SET LOCAL enable_nestloop = on")
            return rows


def nothing(by: str) -> dict[str, Figure]:
    """A row of which nothing is told."""
    of_agents = NOBODYS if by == "agent" else {}
    return dict.fromkeys(EVERY_KPI, (None, 0)) | NOTHING | of_agents


def _level_columns(levels: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Answers of which no wait is known leave no figure, rather than one of the lost."""
    silent = f"{ANSWERED} > 0 AND {KNOWN} = 0"
    return {
        f"service_level:{name}": (
            f"CASE WHEN NOT ({silent}) THEN {_ratio(top, bottom)} END",
            f"CASE WHEN {silent} THEN 0 ELSE {bottom} END",
        )
        for name, (top, bottom) in levels.items()
    }


def _ratio(top: str, bottom: str) -> str:
    return f"({top})::float / nullif({bottom}, 0)"


def _mean(length: str, who: str) -> tuple[str, str]:
    of_whom = f"FILTER (WHERE {who})"
    return (f"avg({length}) {of_whom} / 1000.0", f"count({length}) {of_whom}")


def _mean_of_one_scale(kind: str) -> tuple[str, str]:
    mine = f"FILTER (WHERE kind = '{kind}')"
    one = f"count(DISTINCT (scale_min, scale_max)) {mine} = 1"
    return (
        f"CASE WHEN {one} THEN avg(score) {mine} END",
        f"CASE WHEN {one} THEN count(*) {mine} ELSE 0 END",
    )


def _figure(value: Any, n: int) -> Figure:
    return (value if value is None or isinstance(value, int) else float(value), n)


def report(
    site: Site, first: date, last: date, by: str, queue: str = "", kpis: list[str] | None = None
) -> str:
    """What the program prints: JSON of `callcenter report`, every KPI unless some are named.

    But for where the figures explain themselves: that names the site.
    """
    asked = [word for one in kpis or EVERY_KPI for word in ("--kpi", one)]
    words = ["--from", str(first), "--to", str(last), "--site", site.name, "--by", by, *asked]
    out = StringIO()
    call_command("report", *words, *(["--queue", queue] if queue else []), "--json", stdout=out)
    found = json.loads(out.getvalue())
    for row in found["rows"]:
        for one in row["kpis"].values():
            del one["passport_url"]
    return json.dumps(found)


def rows_of(printed: str) -> dict[Key, dict[str, Figure]]:
    """The report's rows by the oracle's keys."""
    found: dict[Key, dict[str, Figure]] = {}
    for row in json.loads(printed)["rows"]:
        key = _key_of(row["key"])
        assert key not in found, f"two rows for {key}"
        found[key] = {name: (one["value"], one["n"]) for name, one in row["kpis"].items()}
    return found


def disagreements(
    oracle: Oracle, by: str, printed: str, left_out: tuple[str, ...] = ()
) -> list[str]:
    """Where the program's answer is not the oracle's: the row, the KPI, and both.

    A row that only one side has must be empty. Counts and n agree exactly, ratios and means to
    1e-9; a percentile of whole seconds exactly, one between two seconds to half of one.
    """
    ours, theirs = oracle.answer(by), rows_of(printed)
    wrong = []
    for key in ours.keys() | theirs.keys():
        expected, told = ours.get(key, nothing(by)), theirs.get(key, nothing(by))
        wrong += [
            f"{by} {key or 'all'}: {name}: oracle {expected[name]}, program {told[name]}"
            for name in EVERY_KPI
            if name not in left_out and not _agree(name, expected[name], told[name])
        ]
    return wrong


def _agree(name: str, expected: Figure, told: Figure) -> bool:
    (value, n), (told_value, told_n) = expected, told
    if n != told_n or (value is None) != (told_value is None):
        return False
    if value is None or told_value is None or isinstance(value, int):
        return value == told_value
    if name.partition(":")[0] in PERCENTILES:
        return value == told_value if value.is_integer() else abs(value - told_value) < 0.5
    return abs(value - told_value) <= 1e-9 * max(1, abs(value))


def _key_of(key: dict[str, str]) -> Key:
    match key:
        case {"day": day}:
            return date.fromisoformat(day)
        case {"start": start}:
            return datetime.fromisoformat(start)
        case {"queue": name} | {"agent": name}:
            return name
    assert key == {}
    return ""
