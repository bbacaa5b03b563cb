"""The second path: every KPI in plain SQL over the raw calls, rings and surveys.

Written from the words of docs/metrics.md and of nothing else: no rollup, no histogram and no
formula of `kpis` is read here. It is slow, and a reader can check it line by line.

Parameters are the defaults: T = 20 s, `<=`, a short abandon gives up within 5 s, time-outs and
other exits count as lost, asking for a call back is neither success nor failure.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection

from ccm.models import Site

# Every inbound call, one row each. Voicemail and failures are exits without a name. Calls on no
# queue were never offered; they tell of the agents who took them.
CALLS = """
    SELECT c.id, c.source, c.linked_id, c.offered_at AS at, q.name AS queue, a.name AS agent,
           CASE WHEN c.outcome IN ('voicemail', 'failed') THEN 'other' ELSE c.outcome END
               AS outcome,
           c.outcome NOT IN ('refused', 'busy', 'left_ivr') AS entered,
           c.wait_ms, c.talk_ms, c.hold_ms, c.acw_ms, c.resolved,
           c.transfer_kind IN ('blind', 'attended') AS transferred,
           c.time_precision = 'day' AS day_only
    FROM ccm_call c
    LEFT JOIN ccm_queue q ON q.id = c.queue_id
    LEFT JOIN ccm_agent a ON a.id = c.agent_id
    WHERE c.site_id = %(site)s AND c.direction = 'inbound'
"""

# What is counted: units, when each entered the queue, and what came of it. `member` says which
# calls make a unit. A visit is one call on one queue.
VISIT_MEMBERS = "SELECT id::text AS unit, * FROM call WHERE queue IS NOT NULL"
VISIT_UNITS = """
    SELECT unit, at, queue, agent, outcome, wait_ms, talk_ms, hold_ms, acw_ms, resolved,
           transferred, day_only
    FROM member
"""

# A contact is all visits that one source gave one linked_id. Visits that never entered a queue
# are counted apart, so they make a contact only where no other visit does. It is answered if
# any visit was, else what its last visit was; its wait is the sum up to the first answer, else
# its last visit's; its talk, hold and wrap-up are sums over its answered visits. A sum with an
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
_SUM = """
    CASE WHEN bool_and({0} IS NOT NULL) FILTER (WHERE outcome = 'answered')
         THEN sum({0}) FILTER (WHERE outcome = 'answered') END AS {0}"""
CONTACT_UNITS = f"""
    SELECT unit, min(at) AS at, NULL AS queue, NULL AS agent,
           CASE WHEN bool_or(outcome = 'answered') THEN 'answered'
                ELSE max(outcome) FILTER (WHERE is_last) END AS outcome,
           CASE WHEN NOT bool_or(outcome = 'answered')
                THEN max(wait_ms) FILTER (WHERE is_last)
                WHEN bool_and(wait_ms IS NOT NULL) FILTER (WHERE at <= answered_first)
                THEN sum(wait_ms) FILTER (WHERE at <= answered_first) END AS wait_ms,
           {_SUM.format("talk_ms")}, {_SUM.format("hold_ms")}, {_SUM.format("acw_ms")},
           bool_or(resolved) FILTER (WHERE outcome = 'answered') AS resolved,
           bool_or(transferred AND outcome = 'answered') AS transferred,
           bool_or(day_only) AS day_only
    FROM member GROUP BY unit
"""

# What agents did, at the time of its unit; an agent's own row also knows calls on no queue.
HANDLED = "SELECT * FROM unit WHERE outcome = 'answered'"
WORK = "SELECT m.id, u.at, m.queue, m.agent, u.day_only FROM member m JOIN unit u USING (unit)"
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
# one that knows no call, on its own queue when it was given. Contacts are of queues.
SURVEYS = """
    SELECT w.at, w.queue, w.agent, w.day_only, s.score, s.scale_min, s.scale_max,
           (s.score - s.scale_min) / (s.scale_max - s.scale_min) AS place
    FROM work w JOIN ccm_surveyresponse s ON s.call_id = w.id
    WHERE s.kind = 'csat'
    UNION ALL
    SELECT s.answered_at, q.name, a.name, false, s.score, s.scale_min, s.scale_max,
           (s.score - s.scale_min) / (s.scale_max - s.scale_min) AS place
    FROM ccm_surveyresponse s
    LEFT JOIN ccm_queue q ON q.id = s.queue_id LEFT JOIN ccm_agent a ON a.id = s.agent_id
    WHERE s.kind = 'csat' AND s.call_id IS NULL AND s.site_id = %(site)s
"""
CONTACT_SURVEYS = f"SELECT * FROM ({SURVEYS}) AS every WHERE queue IS NOT NULL"

KEYS = {
    "total": "''",
    "day": "(at AT TIME ZONE %(zone)s)::date",
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
SHARES = {
    "abandon_rate:A1": (f"{ABANDONED} - {SHORT}", f"{ENDED} - {SHORT}"),
    "abandon_rate:A2": (ABANDONED, ENDED),
    "abandon_rate:A3": (
        ABANDONED,
        f"{ENDED} + {how_many('''outcome IN ('refused', 'left_ivr')''')}",
    ),
    "abandon_rate:A4": (f"{ENDED} - {ANSWERED}", ENDED),
    "transfer_rate": (how_many("outcome = 'answered' AND transferred"), ANSWERED),
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
}
# id[:variant] -> the time in ms, and of whom.
MEANS = {
    "asa:W1": ("wait_ms", "outcome = 'answered'"),
    "asa:W2": ("wait_ms", GONE),
    "mean_time_to_abandon": ("wait_ms", "outcome = 'abandoned'"),
}
PARTS = {"talk": "talk_ms", "hold": "hold_ms", "acw": "acw_ms"}
OF_WHOM = {"answered": "outcome = 'answered'", "all": GONE}
PERCENTILES = {"wait_p50": 0.5, "wait_p90": 0.9, "wait_p95": 0.95, "wait_p99": 0.99}
MISSED = how_many("result IN ('no_answer', 'unreachable', 'declined')")
RING_COUNTS = {
    "ring_no_answer": how_many("result IN ('no_answer', 'unreachable')"),
    "unreachable": how_many("result = 'unreachable'"),
}

HANDLING = ("aht:H1", "aht:H2", "aht:H3", "aht:H4")
EVERY_KPI = [
    *COUNTS,
    *RING_COUNTS,
    *(f"service_level:{variant}" for variant in SERVICE_LEVELS),
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
]
NOTHING = dict.fromkeys((*COUNTS, *RING_COUNTS), (0, 0))

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
        for part in (self._units, self._handling, self._rings, self._surveys):
            for key, figures in part(by).items():
                found.setdefault(key, {}).update(figures)
        for key, figures in self._answerers(by).items():
            # A contact of the row before may have been answered in this one: that makes no row.
            if key in found:
                found[key].update(figures)
        return {
            key: dict.fromkeys(EVERY_KPI, (None, 0)) | NOTHING | figures
            for key, figures in found.items()
        }

    def _units(self, by: str) -> dict[Key, dict[str, Figure]]:
        """Counts, shares and waits."""
        columns: dict[str, tuple[str, str]] = {one: (sql, sql) for one, sql in COUNTS.items()}
        for name, (top, bottom) in SHARES.items():
            columns[name] = (_ratio(top, bottom), bottom)
        for name, (top, bottom) in SERVICE_LEVELS.items():
            # Answers of which no wait is known leave no figure, rather than one of the lost.
            silent = f"{ANSWERED} > 0 AND {KNOWN} = 0"
            columns[f"service_level:{name}"] = (
                f"CASE WHEN NOT ({silent}) THEN {_ratio(top, bottom)} END",
                f"CASE WHEN {silent} THEN 0 ELSE {bottom} END",
            )
        for name, (time, who) in MEANS.items():
            columns[name] = _mean(time, who)
        for whose, who in OF_WHOM.items():
            known = how_many(f"{who} AND wait_ms IS NOT NULL")
            of_whom = f"FILTER (WHERE {who})"
            columns[f"longest_wait:{whose}"] = (f"max(wait_ms) {of_whom} / 1000.0", known)
            for name, share in PERCENTILES.items():
                rank = f"percentile_disc({share}) WITHIN GROUP (ORDER BY wait_ms) {of_whom}"
                columns[f"{name}:{whose}"] = (f"{rank} / 1000.0", known)
        return self._ask("unit", by, columns)

    def _handling(self, by: str) -> dict[Key, dict[str, Figure]]:
        """Talk, hold, wrap-up, and AHT over the largest group of answers that measure the same.

        Talk is among the parts of such a group. The answers of other groups are on neither side.
        Of groups of one size the one that knows more parts is taken, and that which knows hold
        before that which knows wrap-up. With the wait instead of hold (H4) there is a figure
        only where all answers measure the same and every wait is known.
        """
        hold, acw = "(hold_ms IS NOT NULL)", "(acw_ms IS NOT NULL)"
        groups = self._rows(
            by,
            f"""
            SELECT DISTINCT ON (1) {KEYS[by]} AS key, count(*),
                   (sum(talk_ms + COALESCE(hold_ms, 0) + COALESCE(acw_ms, 0)) / 1000.0)::float
            FROM handled
            WHERE {self._counted(by)} AND talk_ms IS NOT NULL
            GROUP BY 1, {hold}, {acw}
            ORDER BY 1, 2 DESC, {hold} AND {acw} DESC, {hold} DESC, {acw} DESC
            """,
        )
        units = self._ask(
            "unit", by, {"gone": (f"{ENDED} - {ANSWERED}", "0"), "apart": (APART, "0")}
        )
        one_kind = f"count(DISTINCT ({hold}, {acw})) = 1 AND bool_and(talk_ms IS NOT NULL)"
        with_wait = "sum(talk_ms + wait_ms + COALESCE(acw_ms, 0)) / 1000.0 / count(*)"
        all_known = f"{one_kind} AND bool_and(wait_ms IS NOT NULL)"
        found = self._ask(
            "handled",
            by,
            {
                **{name: _mean(time, "true") for name, time in PARTS.items()},
                "aht:H4": (
                    f"CASE WHEN {all_known} THEN {with_wait} END",
                    f"CASE WHEN {all_known} THEN count(*) ELSE 0 END",
                ),
            },
        )
        for key, pooled, seconds in groups:
            unit = units.get(key, {"gone": (0, 0), "apart": (0, 0)})
            left = pooled + unit["gone"][0]
            everyone = left + unit["apart"][0]
            found[key] |= {
                "aht:H1": (seconds / pooled, pooled),
                "aht:H2": (seconds / everyone, everyone),
                "aht:H3": (seconds / left, left),
            }
        return found

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
        one_scale = "count(DISTINCT (scale_min, scale_max)) = 1"
        good, bad = how_many("place >= 0.75"), how_many("place <= 0.25")
        return self._ask(
            "survey",
            by,
            {
                "csat:C1": (_ratio(good, "count(*)"), "count(*)"),
                "csat:C2": (
                    f"CASE WHEN {one_scale} THEN avg(score) END",
                    f"CASE WHEN {one_scale} THEN count(*) ELSE 0 END",
                ),
                "csat:C3": (_ratio(f"{good} - {bad}", "count(*)"), "count(*)"),
            },
        )

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
        days = "(at AT TIME ZONE %(zone)s)::date BETWEEN %(first)s AND %(last)s"
        queue = " AND queue = %(queue)s" if self.queue else ""
        return f"{days}{queue} AND {KEYS[by]} IS NOT NULL"

    def _rows(self, by: str, select: str) -> list[tuple[Any, ...]]:
        """A site's whole spans are counted in contacts; queues and agents in visits."""
        contacts = not self.queue and by in ("total", "day", "interval")
        relations = {
            "call": CALLS,
            "member": CONTACT_MEMBERS if contacts else VISIT_MEMBERS,
            "unit": CONTACT_UNITS if contacts else VISIT_UNITS,
            "handled": AGENT_HANDLED if by == "agent" else HANDLED,
            "work": AGENT_WORK if by == "agent" else WORK,
            "answerer": ANSWERERS,
            "ring": RINGS,
            "survey": CONTACT_SURVEYS if contacts else SURVEYS,
        }
        steps = ", ".join(f"{name} AS ({sql})" for name, sql in relations.items())
        with connection.cursor() as cursor:
            # Rows of a test are new to the planner, which would compare each with each.
            cursor.execute("SET LOCAL enable_nestloop = off")
            cursor.execute(
                f"WITH {steps} {select}",
                {
                    "site": self.site.pk,
                    "zone": self.site.zone,
                    "first": self.first,
                    "last": self.last,
                    "queue": self.queue,
                },
            )
            rows = cursor.fetchall()
            cursor.execute("SET LOCAL enable_nestloop = on")
            return rows


def _ratio(top: str, bottom: str) -> str:
    return f"({top})::float / nullif({bottom}, 0)"


def _mean(time: str, who: str) -> tuple[str, str]:
    of_whom = f"FILTER (WHERE {who})"
    return (f"avg({time}) {of_whom} / 1000.0", f"count({time}) {of_whom}")


def _figure(value: Any, n: int) -> Figure:
    return (value if value is None or isinstance(value, int) else float(value), n)


def report(
    site: Site, first: date, last: date, by: str, queue: str = "", kpis: list[str] | None = None
) -> str:
    """What the program prints: JSON of `callcenter report`, every KPI unless some are named."""
    asked = [word for one in kpis or EVERY_KPI for word in ("--kpi", one)]
    words = ["--from", str(first), "--to", str(last), "--site", site.name, "--by", by, *asked]
    out = StringIO()
    call_command("report", *words, *(["--queue", queue] if queue else []), "--json", stdout=out)
    return out.getvalue()


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
        nothing: dict[str, Figure] = dict.fromkeys(EVERY_KPI, (None, 0)) | NOTHING
        expected, told = ours.get(key, nothing), theirs.get(key, nothing)
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
