"""What calls cost and what they sell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kpis.declaration import Kpi, Need, Variant
from kpis.definitions.making import COMMON
from kpis.measures import Measure, money
from kpis.measures.counted import WHO_ANSWERED

if TYPE_CHECKING:
    from kpis.measures import Words
    from kpis.sums.counts import Counts

COSTS_UNKNOWN = _(
    "A day with calls and without costs leaves the sum unknown, and there is no figure. A cost is"
    " of its days in equal parts, and counts on those from the first day of its site with calls to"
    " the newest. Of a queue or an agent only what names it can be told. Nothing is converted into"
    " another currency. Costs are for those who may see them."
)


def _cost_per(variant_id: str, words: Words, formula: str, field: str) -> Variant:
    return Variant(
        id=variant_id,
        words=words,
        formula=formula,
        source=COMMON,
        unit="money",
        measure=money.cost_per(field),
        denominator=(field,),
        uses=("kinds",),
        needs=("costs",),
    )


COST = Kpi(
    "cost_per_call",
    _("Cost per call"),
    "down",
    COSTS_UNKNOWN,
    (
        _cost_per("answered", _("Costs of the days ÷ answered"), "costs / answered", "answered"),
        _cost_per("contacts", _("Costs of the days ÷ offered"), "costs / offered", "offered"),
        _cost_per("resolved", _("Costs of the days ÷ resolved"), "costs / resolved", "resolved"),
    ),
)

SALES_UNKNOWN = _(
    "A sale is of the day of its call; without a call, of the day it names; without either it is"
    " in no figure. Where a sale and its call both tell a value the sale's stands. Of a site,"
    " which counts contacts, one that sold in several of its calls on a day sold once. Of a queue,"
    " a channel, a topic and a disposition only sales of calls that are there can be told. A site"
    " tells its sales from the day of the first that is told, made or yet to be, to the day of the"
    " last: of a queue, of any queue of its site; of an agent or a team, of any agent. Where calls"
    " tell themselves what they sold, if only 0, and no list tells of a sale later than the last"
    " of these, that is up to the newest day with calls. Whoever sold nothing on such a day sold 0;"
    " other days are in no figure, and their calls are left out. Sales are for those who may see"
    " them."
)

CONVERSION = Kpi(
    "conversion",
    _("Conversion"),
    "up",
    SALES_UNKNOWN,
    (
        *(
            Variant(
                id=variant_id,
                words=words,
                formula=f"(calls that sold + sales of no call) / {field}",
                source=COMMON,
                unit="fraction",
                measure=money.conversion(field),
                interval="wilson",
                numerator=("sold",),
                denominator=(field,),
                needs=("sales",),
            )
            for variant_id, words, field in (
                (
                    "contacts",
                    _("(Inbound calls that sold + sales of no call) ÷ all that left the queue"),
                    "ended",
                ),
                (
                    "answered",
                    _("(Inbound calls that sold + sales of no call) ÷ answered"),
                    "answered",
                ),
            )
        ),
        Variant(
            id="dials",
            words=_("Outbound calls that sold ÷ calls out that are over or were answered"),
            formula="outbound calls that sold / (dials - in_progress)",
            source=COMMON,
            unit="fraction",
            measure=money.conversion_of_dials,
            interval="wilson",
            numerator=("sold",),
            denominator=("dial_told",),
            needs=("sales", "outbound"),
        ),
    ),
)


def _who_answered(counts: Counts) -> int:
    return counts.answering.agents if counts.answering else 0


def _revenue(
    variant_id: str,
    words: Words,
    formula: str,
    measure: Measure,
    numerator: tuple[str, ...] = (),
    denominator: tuple[str, ...] = (),
    needs: tuple[Need, ...] = ("sales",),
) -> Variant:
    return Variant(
        id=variant_id,
        words=words,
        formula=formula,
        source=COMMON,
        unit="money",
        measure=measure,
        numerator=numerator,
        denominator=denominator,
        needs=needs,
    )


REVENUE = Kpi(
    "revenue",
    _("Revenue"),
    "up",
    SALES_UNKNOWN,
    (
        _revenue(
            "total",
            _("Sum of what was sold"),
            "sum of sales",
            money.revenue(),
            ("sold_either_way",),
        ),
        _revenue(
            "per_contact",
            _("Sum of what was sold ÷ offered"),
            "sum of sales / offered",
            money.revenue(lambda counts: counts.offered),
            ("sold",),
            ("offered",),
        ),
        _revenue(
            "per_agent",
            _("Sum of what was sold ÷ agents who answered"),
            "sum of sales / agents",
            money.revenue(_who_answered, WHO_ANSWERED),
            ("sold",),
            ("answered",),
            needs=("sales", "answering"),
        ),
        _revenue(
            "per_paid_hour",
            _("Sum of what was sold ÷ hours paid"),
            "sum of sales / paid hours",
            money.revenue_per_paid_hour,
            ("sold_either_way",),
            needs=("sales", "paid"),
        ),
    ),
)

PIPELINE = Kpi(
    "pipeline",
    _("Pipeline value added"),
    "up",
    SALES_UNKNOWN,
    (
        _revenue(
            "total",
            _("Sum of what may yet be sold"),
            "sum of pipeline values",
            money.pipeline,
            ("sold_perhaps",),
        ),
    ),
)

MONEY = (COST, CONVERSION, REVENUE, PIPELINE)
