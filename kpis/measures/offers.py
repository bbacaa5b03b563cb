"""Rings that nobody took, and visits passed on."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from kpis import formulas
from kpis.formulas import Ratio
from kpis.measures import Value, noted, of_ratio
from kpis.parameters import Parameters
from kpis.sums.counts import Counts

_CANCELLED = ngettext_lazy("ring that was cancelled", "rings that were cancelled", "n")
RINGS = ngettext_lazy("ring", "rings", "n")


def missed_per_offer(counts: Counts, parameters: Parameters) -> Value:
    missed = counts.ring_no_answer + counts.declined
    ratio = formulas.share(missed, counts.offers_answered + missed)
    words = _CANCELLED
    cancelled = noted((words, counts.cancelled, ("rang_cancelled",)))
    return replace(of_ratio(ratio, cancelled), of=RINGS)


def missed_per_call(counts: Counts, parameters: Parameters) -> Value:
    # A call can be missed more than once, so this is no share: it may pass 1.
    ratio = Ratio(counts.ring_no_answer + counts.declined, counts.ended)
    return of_ratio(ratio, noted((_("still waiting"), counts.in_progress, ("in_progress",))))


def transfer_rate(counts: Counts, parameters: Parameters) -> Value:
    return of_ratio(formulas.share(counts.transferred_out, counts.answered))


def transferred_blind(counts: Counts, parameters: Parameters) -> Value:
    return _transferred(counts, counts.transferred_blind)


def transferred_attended(counts: Counts, parameters: Parameters) -> Value:
    return _transferred(counts, counts.transferred_attended)


def _transferred(counts: Counts, in_this_way: int) -> Value:
    told = counts.transferred_blind + counts.transferred_attended
    # A contact may be passed on in both ways.
    untold = noted(
        (
            _("passed on, not told how"),
            max(0, counts.transferred_out - told),
            ("transferred_untold",),
        )
    )
    if counts.transferred_out and not told:
        return Value(None, 0, untold, reason=_("no transfer tells whether it was attended"))
    return of_ratio(formulas.share(in_this_way, counts.answered), untold)


def several_agents(counts: Counts, parameters: Parameters) -> Value:
    if counts.several_agents is None:
        of_visits = _("one agent answers a visit: ask for the contacts of a site")
        return Value(None, 0, reason=of_visits if counts.answered else "")
    return of_ratio(formulas.share(counts.several_agents, counts.answered))


def escalation_rate(counts: Counts, parameters: Parameters) -> Value:
    return of_ratio(
        formulas.share(counts.escalated, counts.noted),
        noted((_("answered, without a note"), counts.answered - counts.noted, ("not_noted",))),
    )
