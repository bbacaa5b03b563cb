"""How long callers waited."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from kpis import formulas
from kpis.measures import Measure, Value, noted, of_ratio, seconds
from kpis.parameters import Parameters
from kpis.sums.counts import Counts
from kpis.sums.histogram import WaitOutcome


def asa_of_answered(counts: Counts, parameters: Parameters) -> Value:
    ratio = formulas.mean_seconds(counts.answered_wait_ms, counts.answered_wait_n)
    unknown = counts.answered - counts.answered_wait_n
    return of_ratio(
        ratio, noted((_("answered after an unknown wait"), unknown, ("answered_unknown",)))
    )


def asa_of_ended(counts: Counts, parameters: Parameters) -> Value:
    total_ms = (
        counts.answered_wait_ms
        + counts.abandoned_wait_ms
        + counts.lost_wait_ms
        + counts.callback_wait_ms
    )
    n = _known_waits(counts)
    unknown = noted((_("ended after an unknown wait"), counts.ended - n, ("ended_unknown",)))
    return of_ratio(formulas.mean_seconds(total_ms, n), unknown)


def asa_before_ring(counts: Counts, parameters: Parameters) -> Value:
    ratio = formulas.mean_seconds(counts.before_ring_ms, counts.before_ring_n)
    unknown = counts.answered - counts.before_ring_n
    words = _("answered after an unknown wait or ring")
    return of_ratio(ratio, noted((words, unknown, ("ring_unknown",))))


def mean_time_to_abandon(counts: Counts, parameters: Parameters) -> Value:
    ratio = formulas.mean_seconds(counts.abandoned_wait_ms, counts.abandoned_wait_n)
    unknown = counts.abandoned - counts.abandoned_wait_n
    return of_ratio(
        ratio, noted((_("abandoned after an unknown wait"), unknown, ("abandoned_unknown",)))
    )


def time_to_call_back(counts: Counts, parameters: Parameters) -> Value:
    ratio = formulas.mean_seconds(counts.called_back_ms, counts.called_back_n)
    return of_ratio(
        ratio,
        noted(
            (
                _("not called back, as far as is known"),
                _not_called_back(counts),
                ("not_called_back",),
            ),
            (
                _("called back, not known how long after"),
                counts.called_back - counts.called_back_n,
                ("called_back_untold",),
            ),
        ),
    )


def called_back_rate(counts: Counts, parameters: Parameters) -> Value:
    return of_ratio(formulas.share(counts.called_back, counts.callback_requested))


def _not_called_back(counts: Counts) -> int:
    return counts.callback_requested - counts.called_back


def longest_of_ended(counts: Counts, parameters: Parameters) -> Value:
    n = _known_waits(counts)
    unknown = noted((_("ended after an unknown wait"), counts.ended - n, ("ended_unknown",)))
    return Value(seconds(counts.max_wait_ms), n, unknown)


def longest_of_answered(counts: Counts, parameters: Parameters) -> Value:
    n = counts.answered_wait_n
    words = _("answered after an unknown wait")
    unknown = noted((words, counts.answered - n, ("answered_unknown",)))
    return Value(seconds(counts.max_answered_wait_ms), n, unknown)


def wait_percentile(percent: int, outcomes: Iterable[WaitOutcome]) -> Measure:
    """The wait at the nearest rank among visits with one of the `outcomes`."""
    outcomes = tuple(outcomes)

    def measure(counts: Counts, parameters: Parameters) -> Value:
        only_answered = outcomes == (WaitOutcome.ANSWERED,)
        n = sum(counts.wait_hist.count(outcome) for outcome in outcomes)
        left_out = (
            noted((_("answered after an unknown wait"), counts.answered - n, ("answered_unknown",)))
            if only_answered
            else noted((_("ended after an unknown wait"), counts.ended - n, ("ended_unknown",)))
        )
        found = counts.wait_hist.percentile(percent, outcomes)
        if found is None:
            return Value(None, n, left_out)
        value, is_between = found
        if not is_between:
            return Value(value, n, left_out)
        # The middle of its second may lie beyond all waits.
        longest = seconds(counts.max_answered_wait_ms if only_answered else counts.max_wait_ms)
        value = value if longest is None else min(value, longest)
        return Value(value, n, left_out, _("to the half second"))

    return measure


def _known_waits(counts: Counts) -> int:
    """Ended visits whose wait is known."""
    return (
        counts.answered_wait_n
        + counts.abandoned_wait_n
        + counts.lost_wait_n
        + counts.callback_wait_n
    )
