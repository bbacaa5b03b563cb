"""Calls that were made, and how many reached somebody.

The counts are those of the outbound calls: see `kpis.measures.of_outbound`.
"""

from django.utils.translation import gettext_lazy as _

from kpis import formulas
from kpis.measures import Value, noted, of_ratio
from kpis.parameters import Parameters
from kpis.sums.counts import Counts
from kpis.sums.histogram import WaitOutcome


def connect_rate(counts: Counts, parameters: Parameters) -> Value:
    return of_ratio(
        formulas.share(counts.answered, counts.dials - counts.in_progress),
        noted((_("still ringing"), counts.in_progress, ("dial_ringing",))),
    )


def conversations(counts: Counts, parameters: Parameters) -> Value:
    """Calls of at least so much talk."""
    talks = counts.wait_hist
    known = talks.count(WaitOutcome.TALK)
    shorter = talks.within(parameters.conversation_seconds, "<", WaitOutcome.TALK)
    words = _("answered, their talk not known")
    unknown = noted((words, counts.answered - known, ("talk_unknown",)))
    return Value(known - shorter, known - shorter, unknown)
