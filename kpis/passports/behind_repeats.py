"""The calls of a scope of a figure of callers, who came again or how long their matters took, from
the rows it was counted from.

As `behind` for the names of `predicates` that speak of callers. The calls around those of the
figure are walked for it, but only of the callers that it is of.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ccm.models import Agent, Queue, Site
from kpis.declaration import Variant
from kpis.models import Unit
from kpis.parameters import Parameters
from kpis.passports.behind import LENGTHS, Units, counted, numbered
from kpis.passports.predicates import reasons_of
from kpis.reads.reading import IN_TEAMS, Selection, Where
from kpis.rollups import repeats_units as units
from kpis.rollups.repeats_units import NO, UNKNOWN, YES
from kpis.rollups.units import ANSWERED, ending_sql
from kpis.sums.matters import HAPPENED, OPEN, RULED_OUT


@dataclass(frozen=True, slots=True)
class Asked:
    """The answered contacts of a site on days [first, last], or a queue's or an agent's visits.

    `selection` narrows them further, by what a call is of. `whole_until` is the end of the last
    whole day of the record.
    """

    site: Site
    first: date
    last: date
    queue: Queue | None
    agent: Agent | None
    selection: Selection
    whole_until: datetime | None

    @property
    def picked(self) -> tuple[list[str], dict[str, Any]]:
        """The conditions of its queue and its agent, and the values that its units take."""
        values = units.values(self.site, self.first, self.last)
        said = []
        if self.queue is not None:
            said.append("queue_id = %(queue)s")
            values["queue"] = self.queue.pk
        if self.agent is not None:
            said.append("agent_id = %(agent)s")
            values["agent"] = self.agent.pk
        return said, values

    @property
    def narrowed(self) -> Where:
        """What its selection picks by."""
        where = Where(self.selection)
        for by, keys in self.selection.picked.items():
            where.only(by, keys, has_day=True)
        return where

    def contacts(self, parameters: Parameters) -> bool:
        """On queues, contacts are counted by their visits."""
        return self.selection.unit() == Unit.CONTACT and parameters.matter != "queue"


def answered(variant: Variant, parameters: Parameters, asked: Asked) -> Units:
    """The answered of a scope, on the sides that the variant has under the parameters."""
    picked, values = asked.picked
    narrowed = asked.narrowed
    if asked.selection.by_quarter():
        narrowed.add("NOT day_only")
    sides, of = variant.behind(parameters), _conditions(parameters)
    reasons = reasons_of([*sides.numerator, *sides.denominator], parameters, outbound=False)
    sql = _ANSWERED.format(
        came=units.came_of_callers(*picked),
        met=units.met(parameters.matter),
        rows=units.OF_SITES if asked.contacts(parameters) else units.visits(parameters.matter),
        reason=numbered(reasons, of),
        counted=counted(sides, of),
        scope=parameters.matter,
        in_teams=IN_TEAMS.format("u") if narrowed.keyed() else "",
        conditions=" AND ".join(("true", *picked, *narrowed.parts)),
    )
    return Units(sql, values | narrowed.values, reasons)


def begun(variant: Variant, parameters: Parameters, asked: Asked) -> Units:
    """The contacts of a scope that begin a matter, the first of each for all of it."""
    picked, values = asked.picked
    narrowed = asked.narrowed
    sides = variant.behind(parameters)
    reasons = reasons_of([*sides.numerator, *sides.denominator], parameters, outbound=False)
    sql = _BEGUN.format(
        came=units.came_of_callers(*picked),
        met=units.met(parameters.matter),
        reason=numbered(reasons, _OF_MATTERS),
        counted=counted(sides, _OF_MATTERS),
        conditions=" AND ".join(("scope = %(scope)s", *picked, *narrowed.parts)),
    )
    more = {"scope": parameters.matter, "until": asked.whole_until}
    return Units(sql, values | narrowed.values | more, reasons)


_OF_MATTERS = {
    "matter": "is_whole AND told",
    "matter_young": "NOT is_whole",
    "matter_untold": "NOT told",
    "matter_resolved": f"is_whole AND told AND how = {HAPPENED}",
    "matter_ruled_out": f"how = {RULED_OUT}",
    "matter_open": f"how = {OPEN}",
}
"""The names that speak of matters as SQL on a row; a reason is true of what those before leave."""
_BEGUN = f"""
WITH came AS MATERIALIZED ({{came}}),
contacts AS MATERIALIZED ({units.CONTACTS}),
met AS MATERIALIZED ({{met}}),
on_queues AS MATERIALIZED ({units.ON_QUEUES}),
units AS MATERIALIZED (
    SELECT %(site)s::bigint AS site_id, contact_id AS id, scope, queue_id, channel, day, told,
        ending AS how, seconds, COALESCE(day <= (
            SELECT last_whole FROM kpis_repeatfill WHERE site_id = %(site)s
        ), false) AS is_whole
    FROM ({units.MATTERS}) AS every WHERE day BETWEEN %(first)s AND %(last)s
)
SELECT id, ARRAY[id] AS visit_ids, NULL::date AS day, {{reason}} AS reason, {{counted}} AS counted,
    (SELECT {ending_sql("c.outcome")} FROM ccm_call c
     WHERE c.id = u.id AND c.id >= %(low)s AND c.id < %(high)s) AS ending,
    {", ".join(f"NULL::int AS {length}" for length in LENGTHS)},
    NULL::int AS before, seconds AS later
FROM units AS u WHERE {{conditions}}"""


# Materialized: a planner who sees a queue in it takes the calls for one, and joins them in loops.
_ANSWERED = f"""
WITH came AS MATERIALIZED ({{came}}),
contacts AS MATERIALIZED ({units.CONTACTS}),
met AS MATERIALIZED ({{met}}),
on_queues AS MATERIALIZED ({units.ON_QUEUES}),
units AS MATERIALIZED (SELECT %(site)s::bigint AS site_id, * FROM ({{rows}}) AS every)
SELECT id, ARRAY[id] AS visit_ids, NULL::date AS day, {{reason}} AS reason, {{counted}} AS counted,
    {ANSWERED} AS ending, {", ".join(f"NULL::int AS {length}" for length in LENGTHS)},
    {{scope}}_before AS before, {{scope}}_after AS later
FROM units AS u {{in_teams}} WHERE {{conditions}}"""


def _conditions(parameters: Parameters) -> dict[str, str]:
    """Each name that speaks of callers as SQL on a row, as `behind.conditions`."""
    scope, window = parameters.matter, parameters.window_days
    of = units.conditions(scope, window)
    return {
        "caller_first": of["first"],
        "caller_settled": of["settled"],
        "caller_told": of["told"],
        "caller_told_first": of["told_first"],
        "caller_resolvable": of["able"],
        "caller_resolvable_first": of["able_first"],
        **{name: of[name] for name in ("withheld", "shared", "untold", "young", "again")},
        "returned": f"{scope}_after <= {window}",
        "settled": "true",
        "resolved_unknown": f"resolved = {UNKNOWN}",
        "not_resolvable": f"resolvable <> {YES}",
        "not_settled": f"resolved = {NO}",
        "told_again": f"{scope}_before <= {window}",
        "told_first": "true",
    }
