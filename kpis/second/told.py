"""What a verification found, for people: two answers that differ, and what all of it says. Pure but
for the language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.names import in_order
from ccm.templatetags.figures import DECIMALS, count, figure, grouped, parts
from kpis.definitions import UnknownKpi, parse
from kpis.models import VerifyRun
from kpis.second.columns import is_time

# Floats tell no more of themselves.
_MOST_DIGITS = 12
# Beside the night it is done in there is time for a second try.
_NIGHTLY = timedelta(days=2)


def unit_of(name: str) -> str:
    """The unit of a KPI's variant ("id:variant"); the lines of books are counts."""
    try:
        _kpi, variant = parse(name)
    except UnknownKpi:
        return "count"
    return variant.unit


def both(one: float | None, other: float | None, unit: str) -> tuple[str, str]:
    """Two answers as pages write them, with so many more digits as it takes to tell them apart."""
    if unit == "count":
        one, other = _whole(one), _whole(other)
    texts = figure(one, unit), figure(other, unit)
    if one is None or other is None or one == other:
        return texts
    digits = DECIMALS.get(unit, 0)
    while texts[0] == texts[1] and digits < _MOST_DIGITS:
        digits += 1
        texts = _closer(one, unit, digits), _closer(other, unit, digits)
    return texts


def of_line(what: str, one: float | None, other: float | None) -> tuple[str, str]:
    """`both` of a line of the books: milliseconds as seconds, all else are counts."""
    if what and is_time(what):
        return both(_seconds(one), _seconds(other), "seconds")
    return both(one, other, "count")


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else ms / 1000


def _whole(count: float | None) -> float | None:
    """A count that was kept as a float, as the whole number that it is, if it is one."""
    return int(count) if isinstance(count, float) and count.is_integer() else count


def _closer(value: float, unit: str, digits: int) -> str:
    if unit == "seconds":
        return _("%(seconds)s s") % {"seconds": grouped(value, digits)}
    if unit == "count":
        return grouped(value, digits)
    return " ".join(one for one in parts(value, unit, digits) if one)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the last runs of some sites say together: in words, how bad it is ("ok", "warn", "bad"),
    and when the earliest of them ended."""

    level: str
    words: str
    since: datetime


def verdict(runs: Sequence[VerifyRun], now: datetime, unchecked: Sequence[str] = ()) -> Verdict:
    """Whether what the sites show may be trusted, by their last finished runs; at least one.

    `unchecked` are the names of the sites of which no run has finished yet.
    """
    cells = sum(run.cells for run in runs)
    unbalanced = sum(wrong for run in runs for _lines, wrong in run.books.values())
    figures = sum(run.differing for run in runs) - unbalanced
    since = min(run.finished_at for run in runs if run.finished_at is not None)
    compared = ngettext("%(cells)s figure", "%(cells)s figures", cells) % {"cells": count(cells)}
    wrong = []
    if figures:
        told = ngettext("%(count)s of them differs", "%(count)s of them differ", figures)
        wrong.append(told % {"count": count(figures)})
    if unbalanced:
        told = ngettext(
            "%(count)s line of the books does not balance",
            "%(count)s lines of the books do not balance",
            unbalanced,
        )
        wrong.append(told % {"count": count(unbalanced)})
    if wrong:
        words = _(
            "Not all: %(compared)s were computed in two ways; %(wrong)s. Which, stands below; all"
            " others are equal."
        )
        found = {"compared": compared, "wrong": _(", and ").join(wrong)}
        return Verdict("bad", _with(words % found, unchecked), since)
    if not cells:
        words = _("There is nothing to check yet: no day shows a figure.")
        return Verdict("warn", _with(words, unchecked), since)
    if unchecked:
        words = _(
            "So far: all of %(compared)s that were computed in two ways are equal (percentiles of"
            " waits to the half second), 0 differ, and the books balance."
        )
        return Verdict("warn", _with(words % {"compared": compared}, unchecked), since)
    words = _(
        "Yes: all of %(compared)s that were computed in two ways are equal (percentiles of waits to"
        " the half second), 0 differ, and the books balance."
    ) % {"compared": compared}
    if now - since > _NIGHTLY:
        return Verdict("warn", _("When last checked: %(words)s") % {"words": words}, since)
    return Verdict("ok", words, since)


def _with(words: str, unchecked: Sequence[str]) -> str:
    """What is said of some sites, and the names of those of which nothing is."""
    if not unchecked:
        return words
    names = ", ".join(sorted(unchecked, key=in_order))
    return _("%(words)s Not checked yet: %(sites)s.") % {"words": words, "sites": names}
