"""The calls of a figure's scope: on which of its sides each is, and for which reason.

Each name of `predicates` is a condition here on `kpis.rollups.units`. The same rows that the counts
were summed from are asked, so as many calls are listed as were counted; a figure of contacts lists
the first visit of each.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ccm.intervals import Span
from ccm.models import Agent, Direction, Queue, Site
from kpis.declaration import Behind, Variant
from kpis.models import Unit
from kpis.parameters import Parameters
from kpis.passports.predicates import (
    EITHER_WAY,
    OF_VISITS,
    OUT,
    RINGS,
    SALES,
    SWITCHED,
    reasons_of,
)
from kpis.reads import opening
from kpis.reads.reading import MEMBERS, Selection, Where
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
from kpis.sums.money import Told
from kpis.sums.surveys import EDGES, ONE_SCALE

_ALWAYS, _NEVER = "true", "false"
# Bits of the column `counted`.
ABOVE, BELOW = 1, 2


class Units(NamedTuple):
    """A query of a scope's units, one row each: the `id` of the call that stands for it, the ids of
    all its visits, its site's `day` (null where nobody's rings or sales are looked for), by number
    which of `reasons` is the first that is true of it, whether it is in the numerator (`ABOVE`) and
    in the denominator (`BELOW`), how it ended and what it lasted."""

    sql: str
    values: Mapping[str, Any]
    reasons: tuple[str, ...]


class Whose(NamedTuple):
    """Whose rings and sales are looked for: those of agents, and of whoever was in one of the teams
    on a day. 0 or None among them: of nobody, or of whoever is in no team; for all: of anybody."""

    agents: Sequence[int | None] | None = None
    teams: Sequence[int | None] | None = None

    def has(self, agent: str, day: str) -> str:
        """The condition that an agent is one of them; empty: anybody is."""
        told = []
        if self.agents is not None:
            told.append(f"{agent} = ANY({_ids(self.agents)})")
        if self.teams is not None:
            told.append(_in_teams(agent, day, self.teams))
        return " AND ".join(told)

    def more(self, agent: str, day: str) -> str:
        """The same as one more condition; empty where there is none."""
        told = self.has(agent, day)
        return f" AND {told}" if told else ""


def whose(selection: Selection | None) -> Whose:
    """Who is picked by a selection."""
    picked = {} if selection is None else selection.picked
    return Whose(picked.get("agent"), picked.get("team"))


def _in_teams(agent: str, day: str, teams: Sequence[int | None]) -> str:
    """Whoever was never in one of the teams is not looked up by the day."""
    there = f"m.starts_on <= {day} AND (m.ends_on IS NULL OR m.ends_on > {day})"
    of_day = f"FROM ccm_teammembership m WHERE m.agent_id = {agent} AND {there}"
    ids = _ids(teams)
    told = (
        f"{agent} = ANY({MEMBERS.format(ids)})"
        f" AND EXISTS (SELECT {of_day} AND m.team_id = ANY({ids}))"
    )
    if {0, None} & {*teams}:
        told += f" OR {agent} IS NOT NULL AND NOT EXISTS (SELECT {of_day})"
    return f"({told})"


def _ids(ids: Iterable[int | None]) -> str:
    """Ids as an array in SQL."""
    return "'{" + ", ".join(str(int(one or 0)) for one in ids) + "}'::bigint[]"


@dataclass(frozen=True, slots=True)
class Asked:
    """The units of a figure: a site's contacts in a span, or a queue's or an agent's visits.

    `parts` is the set of known parts that its handling time pools (`formulas.measured_parts`).
    `selection` narrows them further, by what a call is of and by what the clock tells. `told` are
    the first and the last day of which sales are told.
    """

    site: Site
    span: Span
    queue: Queue | None = None
    agent: Agent | None = None
    parts: int = 0
    selection: Selection | None = None
    told: Told | None = None

    @property
    def whose(self) -> Whose:
        """Who is picked."""
        found = whose(self.selection)
        return found if self.agent is None else found._replace(agents=[self.agent.pk])

    def has(self, agent: str) -> str:
        """The condition that an agent is one of those picked, on the day of a unit `u`; empty:
        nobody is picked."""
        return self.whose.has(agent, "u.day")

    @property
    def contacts(self) -> bool:
        if self.selection is not None:
            return self.selection.unit() == Unit.CONTACT
        return self.queue is None and self.agent is None


def units(variant: Variant, parameters: Parameters, asked: Asked) -> Units:
    """The units of a scope, on the sides that the variant has under the parameters."""
    direction = Direction.INBOUND if asked.selection is None else asked.selection.direction
    sides = variant.behind(parameters)
    names = {*sides.numerator, *sides.denominator}
    of_outbound = variant.of_outbound or not OUT.isdisjoint(names)
    if of_outbound:
        direction = Direction.OUTBOUND
    values = unit_values(asked.site, asked.span) | {"direction": str(direction)}
    of_rings, of_sales = not RINGS.isdisjoint(names), not SALES.isdisjoint(names)
    either_way = not EITHER_WAY.isdisjoint(names)
    # Whoever answered it, a call is of whom it rang at, and of who sold on it.
    or_theirs = f" OR {_rang(asked)}" if of_rings else ""
    or_theirs += "".join(f" OR {_SALES[name](asked)}" for name in sorted(SALES & names))
    where = ["true"]
    of_visits = of_outbound or either_way or not OF_VISITS.isdisjoint(names)
    if asked.contacts and not of_visits:
        rows = f"WITH visits AS ({VISITS}) SELECT * FROM ({CONTACTS}) AS contacts"
    else:
        rows = f"SELECT v.*, ARRAY[v.id] AS visit_ids FROM ({VISITS}) AS v"
        where.append("offered_at >= %(start)s AND offered_at < %(end)s")
        if not either_way:
            where.append("direction = %(direction)s")
        if asked.queue is not None:
            where.append("queue_id = %(queue)s")
            values["queue"] = asked.queue.pk
        if asked.has(""):
            where.append(f"({asked.has('u.agent_id')}{or_theirs})")
    if asked.selection is not None:
        narrowed = Where(asked.selection)
        for by, keys in asked.selection.picked.items():
            if by not in ("agent", "team"):
                narrowed.only(by, keys, has_day=True)
        if asked.selection.by_quarter():
            narrowed.add("NOT day_only")
        where += narrowed.parts
        values |= narrowed.values
    of = conditions(parameters, asked) | _switched_off(variant, parameters)
    if asked.told is not None:
        # Of what would be below, so that it is as many as are left out for it.
        below = " OR ".join(f"COALESCE({of[name]}, false)" for name in sides.denominator)
        days = "u.day NOT BETWEEN %(told_first)s AND %(told_last)s"
        of["untold_day"] = f"({below or _ALWAYS}) AND {days}"
        values |= {"told_first": asked.told[0], "told_last": asked.told[1]}
    answered = asked.has("u.agent_id")
    if answered and (of_rings or of_sales):
        # Rings are of whom they rang at, sales of who sold; all else is of who answered.
        own = ("rang", "sold")
        of = {
            name: one if name.startswith(own) else f"{one} AND {answered}"
            for name, one in of.items()
        }
    outbound = direction == Direction.OUTBOUND
    told = reasons_of([*sides.numerator, *sides.denominator], parameters, outbound)
    reasons = tuple(name for name in told if of[name] != _NEVER)
    off = " OR ".join(f"COALESCE({of[name]}, false)" for name in SWITCHED)
    sql = (
        f"SELECT id, visit_ids, day, {numbered(reasons, of)} AS reason,"
        f" CASE WHEN {off} THEN 0 ELSE {counted(sides, of)} END AS counted,"
        f" ending, {', '.join(LENGTHS)}, NULL::int AS before, NULL::int AS later"
        f" FROM (SELECT %(site)s::bigint AS site_id, * FROM ({rows}) AS every) AS u"
        f" WHERE {' AND '.join(where)}"
    )
    return Units(sql, values, reasons)


LENGTHS = ("wait_ms", "ring_ms", "talk_ms", "hold_ms", "acw_ms", "return_ms", "called_back_ms")
"""What units of calls lasted, in milliseconds."""


def numbered(reasons: Iterable[str], of: Mapping[str, str]) -> str:
    """The number of the first reason that is true of a row, as SQL. What nothing tells apart is
    of the last."""
    told = [*reasons][:-1]
    cases = " ".join(f"WHEN {of[name]} THEN {number}" for number, name in enumerate(told))
    return f"CASE {cases} ELSE {len(told)} END"


def counted(sides: Behind, of: Mapping[str, str]) -> str:
    """On which sides a row is, as SQL. A figure with one side has it both above and below."""
    numerator, denominator = (
        " OR ".join(f"COALESCE({of[name]}, false)" for name in side) or _NEVER
        for side in (sides.numerator, sides.denominator or sides.numerator)
    )
    return f"{ABOVE} * ({numerator})::int + {BELOW} * ({denominator})::int"


def conditions(parameters: Parameters, asked: Asked) -> dict[str, str]:
    """Each name of `PREDICATES` and `REASONS` as SQL on a unit row; a reason is true of what those
    before it leave.

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
    handling = f"{HANDLED} AND {PARTS} = {asked.parts}" if asked.parts else _NEVER
    found = ended | {
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
        "handling_known": handling,
        "no_talk": f"{handling} AND talk_ms = 0",
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
        "answered_by_agent": f"{answered} AND agent_id IS NOT NULL",
        **{name: _rang(asked, *outcomes) for name, outcomes in RANG.items()},
        **{name: _SALES[name](asked) for name in SALES},
        "dialled": DIALLED,
        "dial_told": f"{DIALLED} AND ending <> {WAITING}",
        "conversation": f"{answered} AND talk_ms >= {parameters.conversation_seconds * 1000}",
        **_by_hours(answered, parameters),
        **{
            f"{kind}{suffix}": _scored(kind, share, ONE_SCALE.get(kind))
            for kind, (good, bad) in EDGES.items()
            for suffix, share in (("", ""), ("_good", f">= {good}"), ("_bad", f"<= {bad}"))
        },
    }
    entered = f"ending BETWEEN {ANSWERED} AND {TALKED - 1}"
    for kind in EDGES:
        found |= {
            f"{kind}_told": f"{answered} AND {_scored(kind)}",
            f"{kind}_not_told": answered,
            f"{kind}_invited": f"{entered} AND {_invited(kind)}",
            f"{kind}_invited_told": f"{entered} AND {_invited(kind)} AND {_scored(kind)}",
            f"{kind}_not_invited": _ALWAYS,
            f"{kind}_elsewhere": _scored(kind),
            f"{kind}_none": _ALWAYS,
        }
    return found | {
        "talked": f"ending = {TALKED}",
        "no_queue": "ending = 0",
        "answered_unknown": f"{answered} AND wait_ms IS NULL",
        "answered_after": answered,
        "abandoned_unknown": f"{abandoned} AND wait_ms IS NULL",
        "abandoned_unrung": abandoned,
        "lost_unknown": f"{LOST} AND wait_ms IS NULL",
        "callback_unknown": f"{callback} AND wait_ms IS NULL",
        "callback_after": callback,
        "ended_unknown": f"{ENDED} AND wait_ms IS NULL",
        "missed_unknown": f"{abandoned} AND missed AND wait_ms IS NULL",
        "missed_after": f"{abandoned} AND missed",
        "ring_unknown": answered,
        "called_back_untold": f"{callback} AND return_ms IS NOT NULL",
        "returned_after": f"{callback} AND return_ms IS NOT NULL",
        "not_called_back": callback,
        "talk_unknown": f"{HANDLED} AND talk_ms IS NULL",
        "hold_unknown": f"{HANDLED} AND hold_ms IS NULL",
        "acw_unknown": f"{HANDLED} AND acw_ms IS NULL",
        "handling_unknown": f"{HANDLED} AND {PARTS} = 0",
        "handling_other": HANDLED,
        "transferred_untold": f"{answered} AND transferred_out",
        "not_transferred": answered,
        "one_agent": answered,
        "not_escalated": f"{answered} AND escalated IS NOT NULL",
        "not_noted": answered,
        "not_resolved": f"{answered} AND resolved IS NOT NULL",
        "resolved_unknown": answered,
        "rang_not_so": _ALWAYS,
        "rang_nowhere": _ALWAYS,
        "rang_elsewhere": _ALWAYS if asked.has("") else _NEVER,
        "dial_answered": answered,
        "dial_ringing": f"ending = {WAITING}",
        "dial_unanswered": _ALWAYS,
        "talk_short": answered,
    }


_HOURS = {
    "logged_in": (
        "unlogged",
        "EXISTS (SELECT FROM kpis_agenttime t WHERE t.agent_id = u.agent_id AND t.day = u.day AND"
        " t.handling_ms + t.ringing_ms + t.ready_ms + t.other_ms + t.paused_ms > 0)",
    ),
    "paid": (
        "unpaid",
        "EXISTS (SELECT FROM ccm_paidtime p WHERE p.agent_id = u.agent_id AND p.day = u.day)",
    ),
}
"""Whether the hours of an agent's day are known, as `reads.ledger.worked` has it."""


def _by_hours(answered: str, parameters: Parameters) -> dict[str, str]:
    """The names and reasons that speak of the hours of who answered or called."""
    long = f"{answered} AND talk_ms >= {parameters.conversation_seconds * 1000}"
    # How long nobody's calls were talked is not looked at.
    kinds = {
        "answered": (answered, answered),
        "dialled": (DIALLED, DIALLED),
        "conversation": (long, answered),
    }
    found = {}
    for what, (counted_, nobodys) in kinds.items():
        found[f"{what}_nobody"] = f"{nobodys} AND agent_id IS NULL"
        for hours, (unknown, known) in _HOURS.items():
            found[f"{what}_{hours}"] = f"{counted_} AND {known}"
            found[f"{what}_{unknown}"] = f"{counted_} AND agent_id IS NOT NULL AND NOT {known}"
    return found


def _switched_off(variant: Variant, parameters: Parameters) -> dict[str, str]:
    """What the switches of a rate take out of both its sides."""
    off = dict.fromkeys(SWITCHED, _NEVER)
    if "entry" in variant.uses and not parameters.transfers_in:
        off["transferred_in"] = f"transferred_in AND {ENDED}"
    if "clock" in variant.uses and parameters.clock_start_seconds:
        early = f"wait_ms < {parameters.clock_start_seconds * 1000}"
        waits_on = "callbacks" in variant.uses and parameters.callbacks == "return"
        last = CALLBACK - 1 if waits_on else CALLBACK
        off["before_clock"] = f"ending BETWEEN {ABANDONED} AND {last} AND {early}"
    if variant.in_hours(parameters):
        clock = "(u.start AT TIME ZONE s.zone)"
        outside = (
            "(day_only OR NOT EXISTS (SELECT FROM ccm_site s LEFT JOIN ccm_queue q"
            " ON q.id = u.queue_id WHERE s.id = %(site)s"
            f" AND {opening.within(clock, 'q', 's')}))"
        )
        off["outside"] = f"{ENTERED} AND {outside}"
        off["outside_before"] = outside
    return off


RANG: Mapping[str, tuple[str, ...]] = {
    "rang": ("answered", "no_answer", "unreachable", "declined"),
    "rang_missed": ("no_answer", "unreachable", "declined"),
    "rang_no_answer": ("no_answer", "unreachable"),
    "rang_unreachable": ("unreachable",),
    "rang_declined": ("declined",),
    "rang_cancelled": ("cancelled",),
}
"""How the rings ended that each name finds."""


def rings(reasons: Sequence[str], of: Whose) -> str:
    """How many rings of theirs a row of `reasons` by number, `visit_ids` and a `day` is for its
    reason, as SQL; null where its reason is of none."""
    mine = of.more("o.agent_id", "day")
    cases = "".join(
        f" WHEN {number} THEN (SELECT count(*) FROM ccm_offer o"
        f" WHERE o.call_id = ANY(visit_ids) AND o.outcome IN ({words_in(RANG[name])}){mine})"
        for number, name in enumerate(reasons)
        if name in RANG
    )
    return f"CASE reason{cases} END" if cases else "NULL::bigint"


def _rang(asked: Asked, *outcomes: str) -> str:
    """Whether it rang, and it ended in one of the outcomes; none named: whichever."""
    so = f" AND o.outcome IN ({words_in(outcomes)})" if outcomes else ""
    mine = asked.whose.more("o.agent_id", "u.day")
    return f"EXISTS (SELECT FROM ccm_offer o WHERE o.call_id = ANY(u.visit_ids){so}{mine})"


def words_in(outcomes: Iterable[str]) -> str:
    """Words as a list in SQL."""
    return ", ".join(f"'{one}'" for one in outcomes)


def _sold(asked: Asked, of_sale: str = "value", of_call: str = "sale_value") -> str:
    """Whether a sale that names it has a value, or it tells one that no sale of it does, as
    `reads.ledger.sales` counts them."""
    mine = asked.whose.more("COALESCE(s.agent_id, u.agent_id)", "u.day")
    own = asked.whose.more("u.agent_id", "u.day")
    return (
        "(EXISTS (SELECT FROM ccm_sale s WHERE s.call_id = ANY(u.visit_ids)"
        f" AND s.{of_sale} > 0{mine}) OR EXISTS (SELECT FROM ccm_call c"
        " WHERE c.id = ANY(u.visit_ids) AND c.id >= %(far_low)s AND c.id < %(far_high)s"
        f" AND c.{of_call} > 0 AND NOT EXISTS (SELECT FROM ccm_sale s WHERE s.call_id = c.id"
        f" AND s.{of_sale} IS NOT NULL){own}))"
    )


def _may_sell(asked: Asked) -> str:
    return _sold(asked, "pipeline_value", "pipeline_value")


_SALES: Mapping[str, Callable[[Asked], str]] = {
    "sold": _sold,
    "sold_either_way": _sold,
    "sold_perhaps": _may_sell,
}


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
