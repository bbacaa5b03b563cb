"""The calls behind a figure of who came again, from the rows it was counted from.

As `behind` for the names of `predicates` that speak of callers. The calls around those of the
figure are walked for it, but only of the callers that it is of.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models.expressions import RawSQL

from ccm.models import Agent, Queue, Site
from kpis.models import Unit
from kpis.parameters import Parameters
from kpis.passports.behind import positional
from kpis.reads.reading import IN_TEAMS, Selection, Where
from kpis.rollups import repeats_units as units
from kpis.rollups.repeats_units import UNKNOWN, YES
from kpis.sums.repeats import Repeats


@dataclass(frozen=True, slots=True)
class Asked:
    """The answered contacts of a site on days [first, last], or a queue's or an agent's visits.

    `selection` narrows them further, by what a call is of.
    """

    site: Site
    first: date
    last: date
    queue: Queue | None
    agent: Agent | None
    parameters: Parameters
    selection: Selection

    @property
    def contacts(self) -> bool:
        """On queues, contacts are counted by their visits."""
        return self.selection.unit() == Unit.CONTACT and self.parameters.matter != "queue"


def call_ids(names: Iterable[str], asked: Asked) -> RawSQL:
    """The ids of the calls that any of the names finds, for a filter `pk__in`."""
    values = units.values(asked.site, asked.first, asked.last)
    picked = []
    if asked.queue is not None:
        picked.append("queue_id = %(queue)s")
        values["queue"] = asked.queue.pk
    if asked.agent is not None:
        picked.append("agent_id = %(agent)s")
        values["agent"] = asked.agent.pk
    named = " OR ".join(f"({_condition(name, asked.parameters)})" for name in names)
    narrowed = Where(asked.selection)
    for by, keys in asked.selection.only.items():
        narrowed.only(by, keys, has_day=True)
    return positional(
        _CALLS.format(
            came=units.came_of_callers(*picked),
            rows=units.OF_SITES if asked.contacts else units.VISITS,
            in_teams=IN_TEAMS.format("u") if narrowed.keyed() else "",
            conditions=" AND ".join((f"({named})", *picked, *narrowed.parts)),
        ),
        values | narrowed.values,
    )


def counted(names: Iterable[str], told: Repeats) -> int:
    """How many calls the names find, as they were counted; no call is found by two."""
    return sum(getattr(told, _COUNTS[name]) for name in names)


_COUNTS = {
    "caller_first": "first",
    "caller_settled": "settled",
    "caller_told": "told",
    "caller_told_first": "told_first",
    "caller_resolvable": "able",
    "caller_resolvable_first": "able_first",
}

# Materialized: a planner who sees a queue in it takes the calls for one, and joins them in loops.
# An array, for the same reason: who reads the ids then looks each call up by its own, instead of
# comparing every call with every id.
_CALLS = f"""
WITH came AS MATERIALIZED ({{came}}),
contacts AS MATERIALIZED ({units.CONTACTS}),
met AS MATERIALIZED ({units.MET}),
on_queues AS MATERIALIZED ({units.ON_QUEUES}),
units AS MATERIALIZED (SELECT %(site)s::bigint AS site_id, * FROM ({{rows}}) AS every)
SELECT unnest(ARRAY(SELECT id FROM units AS u {{in_teams}} WHERE {{conditions}}))"""


def _condition(name: str, parameters: Parameters) -> str:
    """One name of `PREDICATES` as SQL on a row. Raises KeyError for a name that is none here."""
    scope, window = parameters.matter, parameters.window_days
    counted = f"{scope}_standing = {units.COUNTED}"
    first = f"{scope}_before > {window}"
    old = f"day <= (SELECT last_whole FROM kpis_repeatfill WHERE site_id = %(site)s) - {window}"
    told = f"{counted} AND resolved <> {UNKNOWN}"
    resolvable = f"{told} AND resolvable = {YES}"
    return {
        "caller_first": f"{counted} AND {old} AND {first}",
        "caller_settled": f"{counted} AND {old} AND {first} AND {scope}_after > {window}",
        "caller_told": told,
        "caller_told_first": f"{told} AND resolved = {YES} AND {first}",
        "caller_resolvable": resolvable,
        "caller_resolvable_first": f"{resolvable} AND resolved = {YES} AND {first}",
    }[name]
