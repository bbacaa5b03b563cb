"""What calls cost, with the days of which nobody told what they cost; what they sold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from kpis import formulas
from kpis.formulas import Ratio
from kpis.measures import LeftOut, Measure, Part, Value, noted
from kpis.measures.hourly import CALLS_OUT
from kpis.measures.presence import UNPAID
from kpis.parameters import Parameters
from kpis.sums.counts import Counts
from kpis.sums.money import Sold, Spent

if TYPE_CHECKING:
    from kpis.measures import Words

_WITHOUT_COSTS = ngettext_lazy(
    "day with calls and without costs", "days with calls and without costs", "n"
)
_TOO_EARLY = ngettext_lazy(
    "day with costs before the record begins", "days with costs before the record begins", "n"
)
_ANY_SALES = ngettext_lazy(
    "call that sold, or sale of no call on record",
    "calls that sold and sales of no call on record",
    "n",
)
_ANY_PERHAPS = ngettext_lazy(
    "call that may yet sell, or such a sale of no call on record",
    "calls that may yet sell and such sales of no call on record",
    "n",
)
_UNTOLD_DAYS = _("on days before the first or after the last sale that is told")
NO_SALES = _("no sale is told of this, or not to you")
SEVERAL = _("it is in several currencies, and nothing is converted")


def cost_per(field: str) -> Measure:
    """What was spent over one count of Counts."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        if counts.costs is None:
            return Value(None, 0, reason=_("costs are not told of this, or not to you"))
        spent = counts.costs.of_kinds(parameters.kinds)
        n: int = getattr(counts, field)
        words = _WITHOUT_COSTS
        left_out = noted((words, spent.missing), (_TOO_EARLY, spent.too_early))
        if field == "resolved":
            unknown = counts.answered - counts.resolved_known
            answered = _("answered, not known whether resolved")
            left_out += noted((answered, unknown, ("resolved_unknown",)))
            if counts.answered and not counts.resolved_known:
                return _untold(left_out, spent, _("of no call is it known whether it was resolved"))
        if spent.missing:
            return _untold(left_out, spent, _("not every day with calls has its costs"))
        if len(spent.currencies) > 1:
            return _untold(left_out, spent, SEVERAL)
        if not spent.amounts:
            return Value(None, 0, left_out)
        return Value(
            formulas.money_per(spent.total, n).value,
            n,
            left_out,
            made_of=_parts(spent),
            currency=spent.currencies[0],
            of=_COUNTED[field],
        )

    return measure


_COUNTED: Mapping[str, Words] = {
    "answered": _("answered"),
    "offered": _("offered"),
    "resolved": _("resolved"),
}


def _untold(left_out: tuple[LeftOut, ...], spent: Spent, reason: object) -> Value:
    return Value(None, 0, left_out, reason=str(reason), made_of=_parts(spent))


def _parts(spent: Spent) -> tuple[Part, ...]:
    """The costs by kind, the most first."""
    return tuple(
        Part(kind, float(amount), "money", currency)
        for (kind, currency), amount in sorted(
            spent.amounts.items(), key=lambda one: (-one[1], one[0])
        )
    )


def conversion(field: str) -> Measure:
    """Calls that sold over one count of Counts: inbound, as the counts are."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        sold = counts.sales
        if sold is None:
            return Value(None, 0, reason=NO_SALES)
        told = _told(counts, sold)
        n: int = getattr(told, field)
        left_out = noted(
            (_("still waiting"), told.in_progress if field == "ended" else 0, ("in_progress",)),
            (_UNTOLD_DAYS, getattr(counts, field) - n, ("untold_day",)),
            _outbound(sold.outbound),
            *_undated(sold),
        )
        # Sales without a call may be more than there were calls, so this is no share.
        ratio = Ratio(sold.inbound + sold.unlinked, n)
        return Value(ratio.value, n, left_out, made_of=_sold_parts(sold))

    return measure


def conversion_of_dials(counts: Counts, parameters: Parameters) -> Value:
    """Outbound calls that sold over all of them."""
    sold = counts.sales
    if sold is None:
        return Value(None, 0, reason=NO_SALES)
    every, out = counts.outbound or Counts(), _told(counts, sold).outbound or Counts()
    dials = out.dials - out.in_progress
    left_out = noted(
        (_("still ringing"), out.in_progress, ("dial_ringing",)),
        (_UNTOLD_DAYS, every.dials - every.in_progress - dials, ("untold_day",)),
        _inbound(sold.inbound),
        _of_no_call(sold.unlinked),
        *_undated(sold),
    )
    # Whoever sold need not be who called, so an agent may sell on more calls than were made.
    ratio = Ratio(sold.outbound, dials)
    return Value(ratio.value, dials, left_out, made_of=_sold_parts(sold), of=CALLS_OUT)


def _told(counts: Counts, sold: Sold) -> Counts:
    """What was counted on the days of which sales are told."""
    return counts if sold.of is None else sold.of


def _of_sales(
    amounts: Callable[[Sold], Mapping[str, Decimal]],
    over: Callable[[Counts], int] | None,
    what: Words = "",
    those: Callable[[Sold], int] = lambda sold: sold.sales,
    parts: Callable[[Sold], tuple[Part, ...]] | None = None,
) -> Measure:
    """A sum of sales over how many, or, over none, that of `those` of which it is."""

    made_of = parts or _sold_parts

    def measure(counts: Counts, parameters: Parameters) -> Value:
        sold = counts.sales
        if sold is None:
            return Value(None, 0, reason=NO_SALES)
        told, left_out = amounts(sold), noted(*_undated(sold))
        n = those(sold) if over is None else over(_told(counts, sold))
        if over is not None:
            # Agents are not listed.
            listed = () if what else ("untold_day",)
            left_out += noted((_UNTOLD_DAYS, over(counts) - n, listed))
        if len(told) > 1:
            return Value(None, 0, left_out, reason=SEVERAL, made_of=made_of(sold))
        # Nothing is nothing in the currency in which the others sold.
        nothing = next(iter(sold.currencies)) if len(sold.currencies) == 1 else ""
        ((currency, amount),) = told.items() or ((nothing, Decimal(0)),)
        if told and not currency:
            return Value(None, 0, left_out, reason=_("the site's currency is not told"))
        value = float(amount) if over is None else formulas.money_per(amount, n).value
        return Value(value, n, left_out, made_of=made_of(sold), currency=currency, of=what)

    return measure


def revenue(over: Callable[[Counts], int] | None = None, what: Words = "") -> Measure:
    """What was sold: all of it, or over how many; of `what`, where they are no calls."""
    return _of_sales(lambda sold: sold.revenue, over, what or (_ANY_SALES if over is None else ""))


def revenue_per_paid_hour(counts: Counts, parameters: Parameters) -> Value:
    """What was sold over the hours that agents were paid for."""
    value = revenue()(counts, parameters)
    if value.value is None or counts.sales is None:
        return value
    paid = _told(counts, counts.sales).paid
    if paid is None or not paid.paid_in_all_ms:
        return replace(value, value=None, n=0, reason=_("no paid time is known"))
    if paid.unpaid_days:
        reason = _("not of everybody who was there is it told what was paid")
        left_out = (*value.left_out, *noted((UNPAID, paid.unpaid_days)))
        return replace(value, value=None, n=0, left_out=left_out, reason=reason)
    hours = paid.paid_in_all_ms / 3_600_000
    part = Part(_("paid"), paid.paid_in_all_ms / 1000, "seconds")
    return replace(value, value=value.value / hours, made_of=(*value.made_of, part))


def pipeline(counts: Counts, parameters: Parameters) -> Value:
    """What may yet be sold."""
    return _of_sales(
        lambda sold: sold.pipeline,
        None,
        _ANY_PERHAPS,
        lambda sold: sold.perhaps + sold.perhaps_unlinked,
        _perhaps_parts,
    )(counts, parameters)


def _inbound(n: int) -> tuple[Words, int]:
    return ngettext("inbound call that sold", "inbound calls that sold", n), n


def _outbound(n: int) -> tuple[Words, int]:
    return ngettext("outbound call that sold", "outbound calls that sold", n), n


def _of_no_call(n: int) -> tuple[Words, int]:
    return ngettext("sale of no call on record", "sales of no call on record", n), n


def _undated(sold: Sold) -> tuple[tuple[Words, int], ...]:
    words = ngettext(
        "sale of a call that is not on record, of an unknown day",
        "sales of calls that are not on record, of an unknown day",
        sold.undated,
    )
    return ((words, sold.undated),)


def _sold_parts(sold: Sold) -> tuple[Part, ...]:
    counted = (
        Part(*_inbound(sold.inbound)),
        Part(*_outbound(sold.outbound)),
        Part(*_of_no_call(sold.unlinked)),
    )
    return (*counted, *_amounts(_("sold"), sold.revenue), *_may_yet(sold))


def _perhaps_parts(sold: Sold) -> tuple[Part, ...]:
    calls = ngettext("call that may yet sell", "calls that may yet sell", sold.perhaps)
    return (
        Part(calls, sold.perhaps),
        Part(*_of_no_call(sold.perhaps_unlinked)),
        *_may_yet(sold),
    )


def _may_yet(sold: Sold) -> tuple[Part, ...]:
    return _amounts(_("may yet be sold"), sold.pipeline)


def _amounts(words: Words, by_currency: Mapping[str, Decimal]) -> tuple[Part, ...]:
    return tuple(
        Part(words, float(amount), "money", currency)
        for currency, amount in sorted(by_currency.items())
    )
