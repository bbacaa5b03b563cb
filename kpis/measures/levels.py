"""Service level and abandon rate, with the visits that they leave out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from kpis import formulas
from kpis.formulas import Ratio, Split
from kpis.measures import LeftOut, Measure, Value, noted, of_ratio
from kpis.parameters import Parameters
from kpis.sums.counts import Counts

if TYPE_CHECKING:
    from kpis.measures import Words

_SHORT_ABANDONS = ngettext_lazy("short abandon", "short abandons", "n")
LevelFormula = Callable[[Split, Parameters], Ratio]

_ABANDONED = ("abandoned", "abandoned_unrung")
_LOST = ("timed_out", "key_exit", "other")
_BEFORE_QUEUE: Mapping[str, Words] = {
    "left_ivr": _("hung up in the menu, before the queue"),
    "refused": _("turned away before the queue"),
    "busy": _("met a busy line before the queue"),
}


def _outside(counts: Counts, visits: Split, *beside: str) -> tuple[LeftOut, ...]:
    """Visits that no rate of these parameters counts; `beside` names those of them that never came
    to the queue and that this one does count."""
    return noted(
        (_("still waiting"), counts.in_progress, ("in_progress",)),
        (_("left before the clock starts"), visits.before_clock, ("before_clock",)),
        (_("transferred in"), visits.transferred_in, ("transferred_in",)),
        *(
            (words, getattr(counts, name), (name,))
            for name, words in _BEFORE_QUEUE.items()
            if name not in beside
        ),
    )


def _split(counts: Counts, parameters: Parameters) -> Split:
    """Visits split for a rate to which asking for a call back is an ending as others are."""
    return formulas.split(counts, replace(parameters, callbacks="request"))


def service_level(
    formula: LevelFormula,
    *unserved: str,
    switches: bool = False,
    callbacks: bool = False,
    less: str = "",
) -> Measure:
    """A service level whose denominator holds the answered and the `unserved` groups.

    `unserved` names groups of a Split. With `switches` (SL1 to SL5) the parameters decide
    whether lost and call-back visits join them; with `callbacks` alone (SL6) what the latter
    are. `less` is what leaves the denominator again: the abandoned and lost "within" the
    threshold, or the "short" abandons.
    """
    reads_callbacks = switches or callbacks

    def measure(counts: Counts, parameters: Parameters) -> Value:
        divide = formulas.split if reads_callbacks else _split
        visits = divide(counts, parameters)
        returns = reads_callbacks and parameters.callbacks == "return"
        counted = set(unserved)
        if returns:
            counted.discard("callback")
        if switches and "abandoned" in unserved and parameters.lost:
            counted.add("lost")
        if switches and parameters.callbacks == "success":
            counted.add("callback")
        left_out = noted(
            (
                _("answered after an unknown wait"),
                visits.answered_unknown,
                ("answered_unknown",),
            ),
            (
                _("abandoned after an unknown wait: counted as longer than the threshold"),
                visits.abandoned_unknown if "abandoned" in counted else 0,
                ("abandoned_unknown",),
            ),
            (
                _("lost after an unknown wait: counted as longer than the threshold"),
                visits.lost_unknown if "lost" in counted else 0,
                ("lost_unknown",),
            ),
            (
                _(
                    "call back asked for after an unknown wait: counted as longer than"
                    " the threshold"
                ),
                visits.callback_unknown if "callback" in counted else 0,
                ("callback_unknown",),
            ),
            (
                _("abandoned within the threshold"),
                visits.abandoned_within if less == "within" else 0,
                ("abandoned_within",),
            ),
            (
                _("lost within the threshold"),
                visits.lost_within if less == "within" and "lost" in counted else 0,
                ("lost_within",),
            ),
            (
                _SHORT_ABANDONS,
                visits.short if less == "short" else 0,
                ("abandoned_short",),
            ),
            (
                _("left while a phone rang, after an unknown wait: longer than the threshold"),
                visits.missed_unknown if "missed" in counted else 0,
                ("missed_unknown",),
            ),
            (
                _("abandoned while no phone rang") if "missed" in counted else _("abandoned"),
                0
                if "abandoned" in counted
                else visits.abandoned - (visits.missed if "missed" in counted else 0),
                _ABANDONED,
            ),
            (
                _("timed out or left without service"),
                0 if "lost" in counted else visits.lost,
                _LOST,
            ),
            (
                _("asked for a call back and still wait, as far as is known"),
                visits.not_returned if returns else 0,
                ("not_called_back",),
            ),
            (
                _("asked for a call back"),
                0 if returns or "callback" in counted else visits.callback,
                ("callback_requested",),
            ),
        ) + _outside(counts, visits)
        if visits.answered and not visits.answered_known:
            # Were the unserved counted alone, a source without waits would read 0 %.
            return Value(None, 0, left_out, reason=_("no wait of an answered visit is known"))
        return of_ratio(formula(visits, parameters), left_out)

    return measure


def abandon_rate_a1(counts: Counts, parameters: Parameters) -> Value:
    visits = _split(counts, parameters)
    left_out = noted(
        (_SHORT_ABANDONS, visits.short, ("abandoned_short",)),
        (
            _("abandoned after an unknown wait: not short"),
            visits.abandoned_unknown,
            ("abandoned_unknown",),
        ),
    )
    return of_ratio(formulas.abandon_rate_a1(visits), left_out + _outside(counts, visits))


def abandon_rate_a2(counts: Counts, parameters: Parameters) -> Value:
    visits = _split(counts, parameters)
    return of_ratio(formulas.abandon_rate_a2(visits), _outside(counts, visits))


def abandon_rate_a3(counts: Counts, parameters: Parameters) -> Value:
    visits = _split(counts, parameters)
    ratio = formulas.abandon_rate_a3(visits, counts.refused, counts.left_ivr)
    return of_ratio(ratio, _outside(counts, visits, "refused", "left_ivr"))


def abandon_rate_a4(counts: Counts, parameters: Parameters) -> Value:
    visits = _split(counts, parameters)
    return of_ratio(formulas.abandon_rate_a4(visits), _outside(counts, visits))
