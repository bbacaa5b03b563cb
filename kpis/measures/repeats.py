"""First contact resolution, with the contacts of which it cannot be told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from ccm.templatetags.figures import count
from kpis import formulas
from kpis.formulas import Ratio
from kpis.measures import Value, noted, of_ratio
from kpis.measures.outcome import answers
from kpis.parameters import Parameters
from kpis.sums.counts import Counts
from kpis.sums.repeats import Repeats

if TYPE_CHECKING:
    from kpis.measures import Words

_WITHHELD = ngettext_lazy(
    "caller whose number is withheld or not logged",
    "callers whose number is withheld or not logged",
    "n",
)
_NOT_COUNTED = _("who came again is counted by day, and not with the newest calls")
_NOBODY_KNOWN = _("of no contact is it known who called, or about what")
_NOT_YET = _("not known of any contact yet")


def fcr_f1(counts: Counts, parameters: Parameters) -> Value:
    repeats = _told(counts, parameters)
    if repeats is None:
        return _none(counts)
    said = _said(
        repeats,
        formulas.fcr_f1(repeats),
        (
            _("answered, not known whether resolved"),
            repeats.known - repeats.told,
            ("resolved_unknown",),
        ),
    )
    return _warned(said, repeats.early_told, parameters)


def fcr_f2(counts: Counts, parameters: Parameters) -> Value:
    repeats = _told(counts, parameters)
    if repeats is None:
        return _none(counts)
    said = _said(
        repeats,
        formulas.fcr_f2(repeats),
        (
            _("answered, not known whether resolved"),
            repeats.known - repeats.told,
            ("resolved_unknown",),
        ),
        (
            _("could not be resolved, or nobody said that they could"),
            repeats.told - repeats.able,
            ("not_resolvable",),
        ),
    )
    return _warned(said, repeats.early_able, parameters)


def fcr_f3(counts: Counts, parameters: Parameters) -> Value:
    repeats = _told(counts, parameters)
    if repeats is None:
        return _none(counts)
    said = _said(
        repeats,
        formulas.fcr_f3(repeats),
        (_("not yet known: the window is not over"), repeats.young, ("young",)),
        (_("came after another of the caller's within the window"), repeats.again, ("again",)),
    )
    return _warned(replace(said, not_yet=repeats.young), repeats.early, parameters)


def fcr_f4(counts: Counts, parameters: Parameters) -> Value:
    return answers(of_ratio(formulas.good_share(list(counts.scales("fcr").values()))))


def _told(counts: Counts, parameters: Parameters) -> Repeats | None:
    if counts.repeats is None:
        return None
    return counts.repeats(parameters.matter, parameters.window_days)


def _none(counts: Counts) -> Value:
    return Value(None, 0, reason=_NOT_COUNTED if counts.answered else "")


def _warned(value: Value, early: int, parameters: Parameters) -> Value:
    """The figure, which says how many it is of that nobody knows to be first."""
    if value.value is None or not early:
        return value
    words = ngettext(
        "%(count)s contact came in the first %(window)s of the record: where the record does not"
        " show that its caller had called before, it is taken as the first",
        "%(count)s contacts came in the first %(window)s of the record: where the record does not"
        " show that their callers had called before, they are taken as the first",
        early,
    )
    window = parameters.placeholders()["window"]
    return replace(value, caution=words % {"count": count(early), "window": window})


def _said(repeats: Repeats, ratio: Ratio, *own: tuple[Words, int, tuple[str, ...]]) -> Value:
    """The ratio with what it leaves out: its own, and callers whom nobody can tell apart."""
    left_out = noted(
        *own,
        (
            _WITHHELD,
            repeats.withheld,
            ("withheld",),
        ),
        (
            _("numbers shared by many: more than ten contacts on a day"),
            repeats.shared,
            ("shared",),
        ),
        (_("not known what they were about"), repeats.untold, ("untold",)),
    )
    reason: Words = ""
    if not ratio.denominator and left_out:
        reason = _NOBODY_KNOWN if not repeats.known else _NOT_YET
    return of_ratio(ratio, left_out, reason)
