"""Rings that nobody took, and visits passed on."""

from django.utils.translation import gettext_lazy as _

from kpis import formulas
from kpis.counts import Counts
from kpis.formulas import Ratio
from kpis.measures import Value, noted, of_ratio
from kpis.parameters import Parameters


def missed_per_offer(counts: Counts, parameters: Parameters) -> Value:
    missed = counts.ring_no_answer + counts.declined
    ratio = formulas.share(missed, counts.offers_answered + missed)
    return of_ratio(ratio, noted((_("rings that were cancelled"), counts.cancelled)))


def missed_per_call(counts: Counts, parameters: Parameters) -> Value:
    # A call can be missed more than once, so this is no share: it may pass 1.
    ratio = Ratio(counts.ring_no_answer + counts.declined, counts.ended)
    return of_ratio(ratio, noted((_("still waiting"), counts.in_progress)))


def transfer_rate(counts: Counts, parameters: Parameters) -> Value:
    return of_ratio(formulas.share(counts.transferred_out, counts.answered))
