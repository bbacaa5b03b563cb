"""Turnover, with those of whom nobody knows since when they are there; and how long those who came
were new."""

from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from kpis import formulas
from kpis.formulas import Ratio
from kpis.formulas.people import LEAST_DAYS
from kpis.formulas.survival import Wait, median
from kpis.measures import Measure, Part, Value, noted
from kpis.parameters import Parameters
from kpis.sums.counts import Counts
from kpis.sums.staff import People

_UNRECORDED = ngettext_lazy(
    "day of which nobody knows who left, before the record begins",
    "days of which nobody knows who left, before the record begins", "n",
)  # fmt: skip
_UNDATED_PEOPLE = ngettext_lazy(
    "person whose day of hire is not known", "people whose day of hire is not known", "n"
)
_PEOPLE = ngettext_lazy("person", "people", "n")
_HIRED = ngettext_lazy("person hired", "people hired", "n")


def of_people(formula: Callable[[People], Ratio]) -> Measure:
    """A share of who was employed."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        people = counts.people
        if people is None:
            return Value(None, 0, reason=_("who comes and goes is not kept by this"))
        left_out = noted((_UNDATED_PEOPLE, people.undated), (_UNRECORDED, people.unrecorded))
        if not people.days:
            why = _("nobody knows who left: the days are before the record begins")
            return Value(None, 0, left_out, reason=why)
        if not people.opening and not people.hired:
            reason = _("nobody's day of hire is known") if people.undated else ""
            return Value(None, 0, left_out, reason=reason)
        made_of = (
            Part(_("employed the day before the first"), people.opening),
            Part(_("hired"), people.hired),
            Part(_("left"), people.left),
            Part(_("of these, within 90 days of being hired"), people.left_early),
            Part(_("of these, of their own will"), people.left_voluntarily),
            Part(_("employed on the last day"), people.closing),
        )
        return Value(
            formula(people).value,
            people.opening + people.hired,
            left_out,
            made_of=made_of,
            of=_PEOPLE,
        )

    return measure


of_mean = of_people(lambda one: formulas.turnover(one.left, one.opening, one.closing))
of_opening = of_people(lambda one: formulas.turnover_of_opening(one.left, one.opening))
early = of_people(lambda one: formulas.turnover(one.left_early, one.opening, one.closing))


_voluntary = of_people(
    lambda one: formulas.turnover(one.left_voluntarily, one.opening, one.closing)
)


def voluntary(counts: Counts, parameters: Parameters) -> Value:
    """Who left of their own will; of whom nobody knows why is left out and counted."""
    value = _voluntary(counts, parameters)
    people = counts.people
    if value.value is None or people is None:
        return value
    untold = noted((_("left, not known whether of their own will"), people.left_untold))
    left_out = (*value.left_out, *untold)
    if people.left and people.left == people.left_untold:
        reason = _("of nobody who left is it known why")
        return replace(value, value=None, left_out=left_out, reason=reason)
    return replace(value, left_out=left_out)


def of_a_year(counts: Counts, parameters: Parameters) -> Value:
    """The turnover of a span as it would be of a year."""
    value = of_mean(counts, parameters)
    days = counts.people.days if counts.people is not None else 0
    if value.value is None:
        return value
    if days < LEAST_DAYS:
        reason = _("fewer than 90 days do not tell a year's turnover")
        return replace(value, value=None, reason=reason)
    return replace(value, value=formulas.annualised(value.value, days))


def ramp_time(counts: Counts, parameters: Parameters) -> Value:
    """The median of the days until those hired work as the tenured do."""
    ramp = counts.ramp
    if ramp is None:
        return Value(None, 0, reason=_("nobody's time since hire is told by this"))
    untold = _("hired before the record begins, or of whom no week can be compared")
    left_out = noted((untold, ramp.untold))
    waits = [
        *(Wait(days, "happened") for days in ramp.reached),
        *(Wait(days, "ruled_out") for days in ramp.left),
        *(Wait(days, "open") for days in ramp.open),
    ]
    made_of = (
        Part(_("hired"), ramp.hired),
        Part(_("work as the tenured do"), len(ramp.reached)),
        Part(_("left before they did"), len(ramp.left)),
        Part(_("not yet known"), len(ramp.open)),
    )
    value = median(waits)
    untold_of_all = _(
        "all were hired before the record begins, or no week of theirs can be compared"
    )
    reason = untold_of_all if ramp.untold and not waits else ""
    if waits and value is None:
        reason = _("not yet known: fewer than half of them do so far")
    return Value(
        value,
        ramp.hired,
        left_out,
        reason=reason,
        made_of=made_of,
        of=_HIRED,
    )
