"""What agents did in an hour that they were logged in, or paid for.

Days of agents of which the hours are not known leave both sides with what was done on them. A
contact is of several agents' days, so where any of their hours are not known there is no figure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from kpis import formulas
from kpis.measures import LeftOut, Measure, Part, Value, noted
from kpis.parameters import Parameters
from kpis.sums.counts import Counts
from kpis.sums.histogram import WaitOutcome
from kpis.sums.staff import Done, Worked

if TYPE_CHECKING:
    from kpis.measures import Words

NO_HOURS = _("nobody's hours are known")
_ANSWERED = ngettext_lazy("answered visit", "answered visits", "n")
CALLS_OUT = ngettext_lazy("call out", "calls out", "n")
CONVERSATIONS = ngettext_lazy("conversation", "conversations", "n")


class _Hours(NamedTuple):
    """Which hours: of which days of agents they are known, and of which not."""

    ms: Callable[[Worked], int]
    known: Callable[[Worked], Done]
    unknown: Callable[[Worked], Done]
    not_told: Words
    unknown_as: str
    """What the reasons of the calls of other days end in (`passports.predicates`)."""


LOGGED_IN = _Hours(
    lambda worked: worked.logged_in_ms,
    lambda worked: worked.stated,
    lambda worked: worked.untold,
    _("on days whose states are not known"),
    "unlogged",
)
PAID = _Hours(
    lambda worked: worked.paid_ms,
    lambda worked: worked.paid,
    lambda worked: worked.unpaid,
    _("on days whose paid time is not known"),
    "unpaid",
)
_NOBODYS = _("of agents whom the source does not tell")


def _measured(
    hours: _Hours,
    behind: str,
    what: Words,
    counted: Callable[[Done, Parameters], int],
    of_nobody: Callable[[Done], int],
    more: Callable[[Done], tuple[LeftOut, ...]] = lambda done: (),
) -> Measure:
    """What was done on the days whose hours are known, over these; `more` is what of it is not
    known, `of_nobody` how much there is of no agent; `behind`, what reasons of its calls begin
    with."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        worked = counts.worked
        if worked is None:
            return Value(None, 0, reason=NO_HOURS)
        left_out = noted(
            (
                hours.not_told,
                counted(hours.unknown(worked), parameters),
                (f"{behind}_{hours.unknown_as}",),
            ),
            (_NOBODYS, of_nobody(worked.nobodys), (f"{behind}_nobody",)),
        )
        known = hours.known(worked)
        done = counted(known, parameters)
        return _per_hour(done, hours.ms(worked), what, (*left_out, *more(known)))

    return measure


def visits(hours: _Hours) -> Measure:
    return _measured(
        hours,
        "answered",
        _ANSWERED,
        lambda done, _parameters: done.answered,
        lambda done: done.answered,
    )


def dials(hours: _Hours) -> Measure:
    return _measured(
        hours,
        "dialled",
        CALLS_OUT,
        lambda done, _parameters: done.dials,
        lambda done: done.dials,
    )


def conversations(hours: _Hours) -> Measure:
    """Calls out of at least so much talk."""

    def counted(done: Done, parameters: Parameters) -> int:
        known = done.talks.count(WaitOutcome.TALK)
        shortest = parameters.conversation_seconds
        return known - done.talks.within(shortest, "<", WaitOutcome.TALK)

    def unknown(done: Done) -> tuple[LeftOut, ...]:
        known = done.talks.count(WaitOutcome.TALK)
        return noted((_("answered, their talk not known"), done.reached - known))

    return _measured(
        hours, "conversation", CONVERSATIONS, counted, lambda done: done.reached, unknown
    )


def contacts(hours: _Hours) -> Measure:
    """Answered contacts over the hours, where those of all who answered are known."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        worked = counts.worked
        if worked is None:
            return Value(None, 0, reason=NO_HOURS)
        left_out = noted(
            (hours.not_told, hours.unknown(worked).answered), (_NOBODYS, worked.nobodys.answered)
        )
        if left_out:
            reason = _("not of everybody who answered are the hours known")
            return Value(None, 0, left_out, reason=reason)
        return _per_hour(counts.answered, hours.ms(worked), _("answered"), ())

    return measure


def _per_hour(done: int, ms: int, what: Words, left_out: tuple[LeftOut, ...]) -> Value:
    made_of = (
        Part(what % {"n": done}, done),
        Part(_("hours of their agents"), ms / 1000, "seconds"),
    )
    reason = "" if ms else NO_HOURS
    value = formulas.per_hour(done, ms).value
    return Value(value, done, left_out, reason=reason, made_of=made_of, of=what)
