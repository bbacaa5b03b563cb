"""How long callers' matters took, with those that are open yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from kpis.formulas.survival import End, Wait, median
from kpis.measures import Part, Value, noted
from kpis.parameters import Parameters
from kpis.sums.counts import Counts
from kpis.sums.matters import HAPPENED, OPEN, RULED_OUT

if TYPE_CHECKING:
    from kpis.measures import Words

_UNTOLD = ngettext_lazy(
    "matter of which nobody says whether it was resolved",
    "matters of which nobody says whether they were resolved",
    "n",
)
_UNFINISHED = ngettext_lazy(
    "matter of an unfinished day: not yet known", "matters of an unfinished day: not yet known", "n"
)
_MATTERS = ngettext_lazy("matter", "matters", "n")
_ENDS: dict[int, End] = {HAPPENED: "happened", RULED_OUT: "ruled_out", OPEN: "open"}


def resolution_time(counts: Counts, parameters: Parameters) -> Value:
    """The median of the seconds until a matter was resolved."""
    if counts.matters is None:
        return Value(None, 0, reason=_("what callers wanted is not followed by this"))
    matters = counts.matters(parameters.matter)
    waits = {Wait(seconds, _ENDS[ending]): n for (ending, seconds), n in matters.ended.items()}
    value, n = median(waits), sum(waits.values())
    left_out = noted(
        (_UNTOLD, matters.untold, ("matter_untold",)),
        (_UNFINISHED, matters.young, ("matter_young",)),
    )
    made_of = (
        Part(_("resolved"), matters.count(HAPPENED)),
        Part(_("known not to be resolvable"), matters.count(RULED_OUT)),
        Part(_("open as far as is known"), matters.count(OPEN)),
    )
    reason = _("not yet known: fewer than half of them are resolved") if waits else ""
    return Value(
        value,
        n,
        left_out,
        precision=_precision(value),
        reason="" if value is not None else reason,
        made_of=made_of,
        of=_MATTERS,
        not_yet=matters.young,
    )


def _precision(seconds: float | None) -> Words:
    """How far waits of so long are told apart (`kpis.sums.matters`)."""
    if seconds is None or seconds < 3600:
        return ""
    return _("to the minute") if seconds < 86_400 else _("to the hour")
