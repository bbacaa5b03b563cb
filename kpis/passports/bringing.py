"""What a call brings to a figure's numerator, where that is another number than one.

Seconds that it waited or was handled, scores, an amount, a number of rings or of answers: of all
calls in the numerator they add up to the figure, or to what over its n is the figure.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from kpis.declaration import Unit, Variant
from kpis.parameters import Parameters
from kpis.passports.behind import RANG, Whose, words_in
from kpis.passports.predicates import ANSWERS, MATTERS, RINGS, SALES
from kpis.sums.surveys import EDGES, ONE_SCALE

_LASTED = {
    "answered_wait_known": "wait_ms",
    "ended_wait_known": "wait_ms",
    "abandoned_wait_known": "wait_ms",
    "ring_known": "GREATEST(wait_ms - ring_ms, 0)",
    "called_back_after": "called_back_ms",
    "talk_known": "talk_ms",
    "hold_known": "hold_ms",
    "acw_known": "acw_ms",
    "handling_known": "COALESCE(talk_ms, 0) + COALESCE(hold_ms, 0) + COALESCE(acw_ms, 0)",
}
"""By the name of the calls of a mean of time, what each lasted of it."""
_WAIT_FOR_HOLD = {"H4": "COALESCE(talk_ms, 0) + COALESCE(wait_ms, 0) + COALESCE(acw_ms, 0)"}
"""By the variant, where that is otherwise."""


class Brought(NamedTuple):
    """What each call of a list brings, as SQL on its row, with the values that it takes in order;
    null of what is told in no such number."""

    sql: str = "NULL::bigint"
    values: tuple[Any, ...] = ()


def unit_of(variant: Variant, parameters: Parameters) -> Unit | None:
    """In what calls bring it; None: each in the numerator brings one."""
    names = {*variant.behind(parameters).numerator}
    if not names:
        return None
    if MATTERS.issuperset(names):
        return None  # of a median
    if variant.unit == "seconds":
        return "seconds"
    if SALES.issuperset(names):
        return "money" if variant.unit == "money" else None
    if ANSWERS.issuperset(names):
        return "score" if variant.unit == "score" else "count"
    return "count" if RINGS.issuperset(names) else None


def brought(
    variant: Variant,
    parameters: Parameters,
    of: Whose,
    between: tuple[UUID, UUID],
) -> Brought:
    """What a row of `visit_ids`, a `day` and `behind.LENGTHS` brings of these people's; its calls
    have ids `between` these two."""
    unit = unit_of(variant, parameters)
    names = variant.behind(parameters).numerator
    if unit is None:
        return Brought()
    if unit == "seconds":
        return Brought(_WAIT_FOR_HOLD.get(variant.id, _LASTED[names[0]]))
    if unit == "money":
        perhaps = "sold_perhaps" in names
        columns = ("pipeline_value", "pipeline_value") if perhaps else ("value", "sale_value")
        return _amount(*columns, of, between)
    if RINGS.issuperset(names):
        return _rings(names, of)
    return Brought(_answers(variant, parameters, names))


def of_row(value: float | Decimal | None, unit: Unit | None) -> float | Decimal | None:
    """A value as it was read, in its unit."""
    return value / 1000 if unit == "seconds" and value is not None else value


def _rings(names: Sequence[str], of: Whose) -> Brought:
    outcomes = words_in({outcome for name in names for outcome in RANG[name]})
    return Brought(
        "(SELECT count(*) FROM ccm_offer o WHERE o.call_id = ANY(visit_ids)"
        f" AND o.outcome IN ({outcomes}){of.more('o.agent_id', 'day')})"
    )


def _answers(variant: Variant, parameters: Parameters, names: Sequence[str]) -> str:
    """The sum of scores, or how many answers are good, or bad, or the good less the bad."""
    kind, _edge, only = names[0].partition("_")
    good, bad = EDGES[kind]
    share = "(s.score - s.scale_min) / (s.scale_max - s.scale_min)"
    told = {
        "score": "sum(s.score)",
        "good": f"count(*) FILTER (WHERE {share} >= {good})",
        "bad": f"count(*) FILTER (WHERE {share} <= {bad})",
    }
    sql, where = told[only or "score"], ""
    if variant.unit == "points":
        sql = f"{told['good']} - {told['bad']}"
    if kind in ONE_SCALE:
        low, high = ONE_SCALE[kind]
        where = f" AND s.scale_min = {low} AND s.scale_max = {high}"
        if variant.unit == "score" and "effort" in variant.uses and parameters.effort == "hard":
            sql = f"sum({low + high} - s.score)"
    return (
        f"(SELECT {sql} FROM ccm_surveyresponse s WHERE s.call_id = ANY(visit_ids)"
        f" AND s.kind = '{kind}'{where})"
    )


def _amount(of_sale: str, of_call: str, of: Whose, between: tuple[UUID, UUID]) -> Brought:
    """What sales of the calls tell, and what a call tells itself where no sale of it does, as
    `reads.ledger.sales` sums it."""
    sold, own = of.more("COALESCE(s.agent_id, c.agent_id)", "day"), of.more("c.agent_id", "day")
    calls = "c.id = ANY(visit_ids) AND c.id >= %s AND c.id < %s"
    return Brought(
        f"(SELECT COALESCE(sum(amount), 0) FROM (SELECT s.{of_sale} AS amount"
        f" FROM ccm_sale s JOIN ccm_call c ON c.id = s.call_id WHERE {calls}{sold}"
        f" UNION ALL SELECT c.{of_call} FROM ccm_call c WHERE {calls}{own} AND NOT EXISTS"
        f" (SELECT FROM ccm_sale s WHERE s.call_id = c.id AND s.{of_sale} IS NOT NULL)) AS told)",
        (*between, *between),
    )
