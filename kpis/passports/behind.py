"""The calls behind a figure: each name of `predicates` as a condition on `kpis.rollups.units`.

The same rows that the counts were summed from are asked, so as many calls are listed as were
counted; a figure of contacts lists the first visit of each.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models.expressions import RawSQL

from ccm.intervals import Span
from ccm.models import Agent, Direction, Queue, Site
from kpis.declaration import Variant
from kpis.models import Unit
from kpis.parameters import Parameters
from kpis.reads import opening
from kpis.reads.reading import IN_TEAMS, Selection, Where
from kpis.rollups.units import (
    ABANDONED,
    ANSWERED,
    CALLBACK,
    CONTACTS,
    DIALLED,
    ENDED,
    ENDINGS,
    ENTERED,
    HANDLED,
    LOST,
    PARTS,
    TALKED,
    VISITS,
    WAITING,
)
from kpis.rollups.units import values as unit_values
from kpis.sums.counts import EDGES, ONE_SCALE

_NEVER = "false"


@dataclass(frozen=True, slots=True)
class Asked:
    """The units of a figure: a site's contacts in a span, or a queue's or an agent's visits.

    `parts` is the set of known parts that its handling time pools (`formulas.measured_parts`).
    `selection` narrows them further, by what a call is of and by what the clock tells.
    """

    site: Site
    span: Span
    queue: Queue | None = None
    agent: Agent | None = None
    parts: int = 0
    selection: Selection | None = None

    @property
    def contacts(self) -> bool:
        if self.selection is not None:
            return self.selection.unit() == Unit.CONTACT
        return self.queue is None and self.agent is None


def call_ids(
    names: Iterable[str], variant: Variant, parameters: Parameters, asked: Asked
) -> RawSQL:
    """The ids of the calls that any of the names finds, for a filter `pk__in`."""
    found = " OR ".join(f"({condition(name, parameters, asked)})" for name in names) or _NEVER
    where = [f"({found})", *_left_out(variant, parameters)]
    asked_for = Direction.INBOUND if asked.selection is None else asked.selection.direction
    direction = Direction.OUTBOUND if variant.of_outbound else asked_for
    in_teams = ""
    values = unit_values(asked.site, asked.span) | {"direction": str(direction)}
    if asked.contacts and not variant.of_outbound:
        units = f"WITH visits AS ({VISITS}) SELECT * FROM ({CONTACTS}) AS contacts"
    else:
        units = f"SELECT v.*, ARRAY[v.id] AS visit_ids FROM ({VISITS}) AS v"
        where.append("offered_at >= %(start)s AND offered_at < %(end)s")
        where.append("direction = %(direction)s")
        if asked.queue is not None:
            where.append("queue_id = %(queue)s")
            values["queue"] = asked.queue.pk
        if asked.agent is not None:
            values["agent"] = asked.agent.pk
            if not any(name.startswith("rang") for name in names):
                where.append("agent_id = %(agent)s")
    if asked.selection is not None:
        narrowed = Where(asked.selection)
        for by, keys in asked.selection.only.items():
            narrowed.only(by, keys, has_day=True)
        if asked.selection.by_quarter():
            narrowed.add("NOT day_only")
        if narrowed.keyed():
            in_teams = IN_TEAMS.format("u")
        where += narrowed.parts
        values |= narrowed.values
    sql = (
        f"SELECT id FROM (SELECT %(site)s::bigint AS site_id, * FROM ({units}) AS every) AS u"
        f" {in_teams} WHERE {' AND '.join(where)}"
    )
    return positional(sql, values)


def positional(sql: str, values: dict[str, Any]) -> RawSQL:
    """RawSQL takes its values in order; the statements here name them."""
    order: list[str] = []

    class _Names(dict[str, Any]):
        def __getitem__(self, name: str) -> str:
            order.append(name)
            return "%s"

    text = sql % _Names()
    return RawSQL(text, [values[name] for name in order])


def condition(name: str, parameters: Parameters, asked: Asked) -> str:
    """One name of `PREDICATES` as SQL on a unit row. Raises KeyError for a name that is none.

    Where the clock starts late, waits shrink by it: wait <= T is wait <= T + start.
    """
    shift = parameters.clock_start_seconds
    within = f"wait_ms {parameters.boundary} {(parameters.threshold_seconds + shift) * 1000}"
    after = f"(wait_ms IS NULL OR NOT {within})"
    short_ms = (parameters.short_abandon_seconds + shift) * 1000
    short = f"wait_ms <= {short_ms}" if parameters.short_abandon_seconds else _NEVER
    ended = {ending: f"ending = {number}" for ending, number in ENDINGS.items()}
    answered, abandoned = ended["answered"], ended["abandoned"]
    callback = ended["callback_requested"]
    conditions = ended | {
        "offered": ENTERED,
        "ended": ENDED,
        "lost": LOST,
        "answered_within": f"{answered} AND {within}",
        "answered_wait_known": f"{answered} AND wait_ms IS NOT NULL",
        "abandoned_within": f"{abandoned} AND {within}",
        "abandoned_after": f"{abandoned} AND {after}",
        "abandoned_short": f"{abandoned} AND {short}",
        "abandoned_not_short": f"{abandoned} AND NOT COALESCE({short}, false)",
        "abandoned_wait_known": f"{abandoned} AND wait_ms IS NOT NULL",
        "lost_within": f"{LOST} AND {within}",
        "lost_after": f"{LOST} AND {after}",
        "callback_within": f"{callback} AND {within}",
        "ended_wait_known": f"{ENDED} AND wait_ms IS NOT NULL",
        "talk_known": f"{HANDLED} AND talk_ms IS NOT NULL",
        "hold_known": f"{HANDLED} AND hold_ms IS NOT NULL",
        "acw_known": f"{HANDLED} AND acw_ms IS NOT NULL",
        "handling_known": f"{HANDLED} AND {PARTS} = {asked.parts}",
        "not_handled": f"({ENDED} OR ending BETWEEN 8 AND 10) AND NOT {answered}",
        "missed": f"{abandoned} AND missed",
        "missed_within": f"{abandoned} AND missed AND {within}",
        "ring_known": f"{answered} AND wait_ms IS NOT NULL AND ring_ms IS NOT NULL",
        "called_back": f"{callback} AND return_ms IS NOT NULL",
        "called_back_after": f"{callback} AND called_back_ms IS NOT NULL",
        "returned_within": f"{callback} AND {within.replace('wait_ms', 'return_ms')}",
        "transferred_out": f"{answered} AND transferred_out",
        "transferred_blind": f"{answered} AND blind",
        "transferred_attended": f"{answered} AND attended",
        "several_agents": f"{answered} AND several_agents",
        "noted": f"{answered} AND escalated IS NOT NULL",
        "escalated": f"{answered} AND escalated",
        "resolved": f"{answered} AND resolved",
        "resolved_known": f"{answered} AND resolved IS NOT NULL",
        "rang": _rang(asked, "answered", "no_answer", "unreachable", "declined"),
        "rang_missed": _rang(asked, "no_answer", "unreachable", "declined"),
        "rang_no_answer": _rang(asked, "no_answer", "unreachable"),
        "rang_unreachable": _rang(asked, "unreachable"),
        "rang_declined": _rang(asked, "declined"),
        "rang_cancelled": _rang(asked, "cancelled"),
        "dialled": DIALLED,
        "dial_told": f"{DIALLED} AND ending <> {WAITING}",
        "conversation": f"{answered} AND talk_ms >= {parameters.conversation_seconds * 1000}",
        **{
            f"{kind}{suffix}": _scored(kind, share, ONE_SCALE.get(kind))
            for kind, (good, bad) in EDGES.items()
            for suffix, share in (("", ""), ("_good", f">= {good}"), ("_bad", f"<= {bad}"))
        },
    }
    entered = f"ending BETWEEN {ANSWERED} AND {TALKED - 1}"
    for kind in EDGES:
        conditions[f"{kind}_told"] = f"{answered} AND {_scored(kind)}"
        conditions[f"{kind}_invited"] = f"{entered} AND {_invited(kind)}"
        conditions[f"{kind}_invited_told"] = f"{entered} AND {_invited(kind)} AND {_scored(kind)}"
    return conditions[name]


def _left_out(variant: Variant, parameters: Parameters) -> list[str]:
    """What the switches of a rate take out of both its sides."""
    out = []
    if "entry" in variant.uses and not parameters.transfers_in:
        out.append(f"NOT (transferred_in AND {ENDED})")
    if "clock" in variant.uses and parameters.clock_start_seconds:
        early = f"wait_ms < {parameters.clock_start_seconds * 1000}"
        waits_on = "callbacks" in variant.uses and parameters.callbacks == "return"
        last = CALLBACK - 1 if waits_on else CALLBACK
        out.append(f"NOT (ending BETWEEN {ABANDONED} AND {last} AND COALESCE({early}, false))")
    if variant.in_hours(parameters):
        clock = "(u.start AT TIME ZONE s.zone)"
        out.append(
            "NOT day_only AND EXISTS (SELECT FROM ccm_site s LEFT JOIN ccm_queue q"
            " ON q.id = u.queue_id WHERE s.id = %(site)s"
            f" AND {opening.within(clock, 'q', 's')})"
        )
    return out


def _rang(asked: Asked, *outcomes: str) -> str:
    words = ", ".join(f"'{one}'" for one in outcomes)
    mine = " AND o.agent_id = %(agent)s" if asked.agent is not None else ""
    return (
        "EXISTS (SELECT FROM ccm_offer o WHERE o.call_id = ANY(u.visit_ids)"
        f" AND o.outcome IN ({words}){mine})"
    )


def _invited(kind: str) -> str:
    return (
        "EXISTS (SELECT FROM ccm_surveyinvitation s WHERE s.call_id = ANY(u.visit_ids)"
        f" AND '{kind}' = ANY(s.questions)"
        " AND (s.withdrawn_at IS NULL OR s.withdrawn_at >= s.expires_at))"
    )


def _scored(kind: str, share: str = "", scale: tuple[int, int] | None = None) -> str:
    """Whether a survey gave a score of a kind, in a share of its scale, on that scale alone."""
    asked = f" AND (s.score - s.scale_min) / (s.scale_max - s.scale_min) {share}" if share else ""
    if scale is not None:
        low, high = scale
        asked += f" AND s.scale_min = {low} AND s.scale_max = {high}"
    return (
        "EXISTS (SELECT FROM ccm_surveyresponse s WHERE s.call_id = ANY(u.visit_ids)"
        f" AND s.kind = '{kind}'{asked})"
    )
