"""The SQL of the second path, read from its files: what it says, and the words before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from kpis.measures import Words

_FOLDER = Path(__file__).parent / "sql"

# Each reads the record or those before it.
_BASE = (
    "recorded", "call", "offer", "survey", "state", "note", "invitation", "member", "beside",
    "visit", "contact", "spoken", "unit", "dial", "ring", "answer", "asked", "parameter", "spell",
    "agent_time", "newest", "arrived", "arrival", "came", "again", "matter", "volume", "cost",
    "sale", "paid", "agent_day", "selling", "sold", "worked", "headcount", "newcomer", "agent_week",
    "ramp",
)  # fmt: skip

FUNCTIONS = """
-- Those of before a day could begin at another hour than midnight.
DROP FUNCTION IF EXISTS kpi.day_of(timestamptz, text);
DROP FUNCTION IF EXISTS kpi.day_start(date, text);
CREATE OR REPLACE FUNCTION kpi.day_start(day date, zone text, begins int) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    -- Where the hour comes twice the day begins with the first, where it is skipped as late as
    -- without: at midnight that is the first moment there is.
    CASE WHEN (((day + make_interval(hours => begins - 2)) AT TIME ZONE zone + interval '2 hours')
               AT TIME ZONE zone) = day + make_interval(hours => begins)
         THEN (day + make_interval(hours => begins - 2)) AT TIME ZONE zone + interval '2 hours'
         ELSE (day + make_interval(hours => begins)) AT TIME ZONE zone END;
CREATE OR REPLACE FUNCTION kpi.day_of(moment timestamptz, zone text, begins int) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    -- A day that has begun does not end when the clock goes back over its beginning.
    ((moment AT TIME ZONE zone) - make_interval(hours => begins))::date
    + CASE WHEN moment >= kpi.day_start(
                ((moment AT TIME ZONE zone) - make_interval(hours => begins))::date + 1,
                zone, begins) THEN 1
           WHEN moment < kpi.day_start(
                ((moment AT TIME ZONE zone) - make_interval(hours => begins))::date,
                zone, begins) THEN -1
           ELSE 0 END;
CREATE OR REPLACE FUNCTION kpi.is_open(hours jsonb, moment timestamptz, zone text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    -- Whether the quarter hour begins within the spells of its weekday; no hours: always open.
    hours = '{}' OR EXISTS (
        SELECT FROM to_char(date_bin('15 minutes', moment, '2000-01-01Z') AT TIME ZONE zone,
                'HH24:MI') AS clock,
            jsonb_array_elements(hours -> (extract(isodow FROM date_bin(
                '15 minutes', moment, '2000-01-01Z') AT TIME ZONE zone) - 1)::text) AS spell
        WHERE clock >= spell->>0 AND clock < spell->>1
    );
CREATE OR REPLACE FUNCTION kpi.listed(words text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    -- What stands between commas, in lower case and with single spaces; empty for none.
    ARRAY(
        SELECT lower(btrim(one)) FROM regexp_split_to_table(
            regexp_replace(words, '[[:space:]]+', ' ', 'g'), ',') AS one
        WHERE btrim(one) <> ''
    );
"""

WITHOUT_VIEW: Mapping[str, "Words"] = {
    "turnover:T4": _("a year is told from at least 90 days, and what is compared are days"),
}
"""KPIs ("id") and variants ("id:variant") that have no second path, and why."""

_PER_HOUR = {"calls_per_hour", "contacts_per_hour", "dials_per_hour", "conversations_per_hour"}
# Their n counts calls, sales or people: it is not what they are divided by.
N_APART = frozenset({"turnover", "revenue", *_PER_HOUR})
# What there is of every day makes no row on pages where it names a queue or an agent without calls.
OF_EVERY_DAY = frozenset({"cost_per_call"})

# Counts and these are of a team what they are of its agents, numerators and denominators summed.
ADD_UP = frozenset(
    {
        "service_level", "abandon_rate", "asa", "talk", "hold", "acw", "mean_time_to_abandon",
        "time_to_call_back", "called_back_rate", "connect_rate", "missed_rate", "resolved_rate",
        "escalation_rate", "fcr", "csat:C1", "csat:C3", "nps", "ces:E2", "transfer_rate:answered",
        "csat_response", "nps_response", "ces_response", "utilisation", "shrinkage:sum",
        "conversion:answered", "conversion:dials",
    }
)  # fmt: skip
# And these of some days what they are of each: numerators and denominators summed. Of a day without
# numerator nobody knows, and of none among which it is.
OVER_DAYS = ADD_UP | {
    "cost_per_call", "conversion:contacts", "revenue:total", "revenue:per_contact",
    "revenue:per_paid_hour", "pipeline", "occupancy", *_PER_HOUR,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """One file: its name, the words of its first comment, and its SELECT."""

    name: str
    words: str
    sql: str


@cache
def base() -> list[Statement]:
    """How the record is laid out, in an order in which each can be made."""
    return [_read(_FOLDER / "base" / f"{name}.sql") for name in _BASE]


@cache
def kpis() -> Mapping[str, Statement]:
    """The KPIs that have a second path, by id."""
    return {path.stem: _read(path) for path in sorted((_FOLDER / "kpis").glob("*.sql"))}


def compared(kpi: str, variant: str) -> bool:
    """Whether a variant of a KPI with a second path is among it."""
    return not {kpi, f"{kpi}:{variant}"} & set(WITHOUT_VIEW)


def adds_up(kpi: str, variant: str) -> bool:
    """Whether a figure of agents together is told by their numerators and denominators."""
    return variant == "count" or bool({kpi, f"{kpi}:{variant}"} & ADD_UP)


def adds_up_over_days(kpi: str, variant: str) -> bool:
    """Whether a figure of several days is told by their numerators and denominators."""
    return variant == "count" or bool({kpi, f"{kpi}:{variant}"} & OVER_DAYS)


def _read(path: Path) -> Statement:
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if not line.startswith("--"))
    words = " ".join(line.removeprefix("--").strip() for line in lines[:first])
    return Statement(path.stem, words, "\n".join(lines[first:]))
