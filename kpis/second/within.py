"""What of the record bears on some days of one site, and `kpi.of`, the views of these days alone.

A view reads every call there is: a contact, a call back and who came again are looked for beyond a
day, so no condition on the day reaches the calls. `WHICH` says how far beyond that is.
"""

from datetime import timedelta

from ccm.dirty import CALLED_BACK
from kpis.second import statements

# Visits of one contact are looked for this far from a stretch on both sides, as by a recount.
REACH = timedelta(days=7)
# And their callers' other contacts as far as the longest window goes, which may touch a day more.
AROUND = timedelta(days=31) + REACH

_AROUND = "site_id = %(site)s AND id >= %(around_low)s AND id < %(around_high)s"
# Contacts of whoever called in the stretch: a few of all callers, and of these every contact.
_OF_CALLERS = f"""{_AROUND} AND (source, linked_id) IN (
    SELECT source, linked_id FROM public.ccm_call
    WHERE {_AROUND} AND caller_hash <> '' AND caller_hash IN (
        SELECT caller_hash FROM public.ccm_call WHERE {_AROUND} AND (source, linked_id) IN (
            SELECT source, linked_id FROM public.ccm_call
            WHERE site_id = %(site)s AND id >= %(near_low)s AND id < %(near_high)s
        )
    )
)"""
# What of the record is laid out for a stretch. An id may be a day off the call it is of.
_WHICH = {
    "recorded": "site_id = %(site)s AND id >= %(low)s AND id < %(high)s",
    "offer": "call_id >= %(low)s AND call_id < %(high)s",
    "note": "call_id >= %(low)s AND call_id < %(high)s",
    "invitation": "call_id >= %(low)s AND call_id < %(high)s",
    "survey": "call_id >= %(low)s AND call_id < %(high)s"
    " OR site_id = %(site)s AND call_id IS NULL"
    " AND answered_at >= %(early)s AND answered_at < %(late)s",
    "state": "site_id = %(site)s AND starts_at < %(late)s"
    " AND COALESCE(ends_at, starts_at + interval '1 day') > %(early)s",
    "parameter": "site_id = %(site)s",
    "newest": "site_id = %(site)s",
    "selling": "site_id = %(site)s",
    "arrived": _OF_CALLERS,
}
# Contacts that began beside the stretch are no concern of it.
_OF_DAYS = frozenset(
    {
        "contact", "spoken", "unit", "dial", "ring", "answer", "asked", "agent_time", "again",
        "matter", "volume", "cost", "sale", "sold", "paid", "agent_day", "worked", "headcount",
        "newcomer", "agent_week", "ramp",
    }
)  # fmt: skip


def which(name: str) -> str:
    """The condition on a relation of `sql/base` that leaves what bears on days [first, last] of a
    site: `paths.Stretch.values` has its values."""
    if name in _OF_DAYS:
        return "site_id = %(site)s AND day BETWEEN %(first)s AND %(last)s"
    return _WHICH.get(name, "true")


# As `paths.Stretch.values` reckons, in plpgsql. Days are of 24 hours there.
_VALUES = {
    "site": "here.id",
    "first": "$3",
    "last": "$4",
    "early": "begins - {reach}",
    "late": "ends + {reach}",
    "low": "kpi.id_floor(begins - {reach} - {day})",
    "high": "kpi.id_floor(ends + {reach} + {back} + {day})",
    "near_low": "kpi.id_floor(begins - {day})",
    "near_high": "kpi.id_floor(ends + {day})",
    "around_low": "kpi.id_floor(kpi.day_start($3 - {around}, here.zone, here.day_begins) - {day})",
    "around_high": "kpi.id_floor("
    "kpi.day_start($4 + 1 + {around}, here.zone, here.day_begins) + {day})",
}
_PLACES = {name: f"${place}" for place, name in enumerate(_VALUES, 1)}
_COLUMNS = (
    "site_id bigint, site text, queue_id bigint, queue text, agent_id bigint, agent text,"
    " day date, variant text, numerator float8, denominator float8, value float8"
)
_FUNCTION = """
CREATE OR REPLACE FUNCTION kpi.id_floor(moment timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    -- The least id of what was born at the moment or later.
    (lpad(to_hex(greatest(0, floor(extract(epoch FROM moment) * 1000))::bigint), 12, '0')
        || '70008000000000000000')::uuid;
DROP FUNCTION IF EXISTS kpi.of(text, text, date, date);
CREATE FUNCTION kpi.of(kpi text, at_site text, first_day date, last_day date)
RETURNS TABLE ({columns})
-- Like a view it reads with the rights of its owner, whatever those of its reader are.
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = kpi, public, pg_temp SET enable_nestloop = off AS $of$
DECLARE
    here record;
    begins timestamptz;
    ends timestamptz;
    answer text := CASE $1
{answers}
    END;
BEGIN
    SELECT s.id, s.zone, s.day_begins INTO here FROM public.ccm_site s
    WHERE $2 IN (s.name, s.slug) ORDER BY s.name = $2 DESC LIMIT 1;
    IF here.id IS NULL THEN
        RAISE EXCEPTION 'there is no site named %', $2;
    ELSIF answer IS NULL THEN
        RAISE EXCEPTION 'there is no KPI %', $1;
    END IF;
    begins := kpi.day_start($3, here.zone, here.day_begins);
    ends := kpi.day_start($4 + 1, here.zone, here.day_begins);
    RETURN QUERY EXECUTE $base${base}$base$ || answer USING {values};
END $of$;
REVOKE ALL ON FUNCTION kpi.of(text, text, date, date) FROM PUBLIC;
COMMENT ON FUNCTION kpi.of(text, text, date, date) IS
    'The rows of a KPI''s view that are of one site, by its name, and the days from one to another';
"""


def function(named: str) -> str:
    """The SQL that makes `kpi.of`: the same statements, each relation as far as it bears on some
    days of a site. `named` puts names to the rows of a KPI."""
    base = ",\n".join(
        f"{one.name} AS MATERIALIZED (SELECT * FROM ({one.sql}) AS whole WHERE {which(one.name)})"
        for one in statements.base()
    )
    columns = ", ".join(one.replace(" ", "::", 1) for one in _COLUMNS.split(", "))
    answers = (
        f"    WHEN '{name}' THEN $sql$ SELECT {columns} FROM ({named.format(sql=one.sql)}) AS named"
        " WHERE day BETWEEN $2 AND $3 $sql$"
        for name, one in statements.kpis().items()
    )
    spans = {
        "day": "interval '24 hours'",
        "reach": f"interval '{REACH.days * 24} hours'",
        "back": f"interval '{CALLED_BACK.days * 24} hours'",
        "around": AROUND.days,
    }
    return _FUNCTION.format(
        columns=_COLUMNS,
        answers="\n".join(answers),
        base="WITH " + base % _PLACES,
        values=", ".join(_VALUES.values()).format(**spans),
    )
