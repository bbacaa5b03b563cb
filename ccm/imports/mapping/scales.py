"""From what to what the answers to a survey go: told by a column's name and its cells, or asked.

A scale is taken only where both its ends were chosen by somebody, of many, or the name says it: of
answers from 2 to 5 nobody knows whether a 1 or a 7 could have been given. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

# Not from 0 to 10: some tables write a 0 where none was given.
USUAL = ((1, 5), (1, 7), (1, 10), (0, 100))
# With fewer answers an end that nobody chose may still be one.
ENOUGH = 20
# What the measure itself says of its scale.
BY_KIND = {"nps": (0, 10), "fcr": (0, 1)}
# "1-5", "1 to 5", "0 a 10" in a name. A date or a clock is none.
_NAMED = re.compile(
    r"(?<![\d:/.-])(\d{1,3})\s*(?:-|–|\.\.|to|bis|à|a|até|tot|e)\s*(\d{1,3})(?![\d:/.-])", re.I
)


@dataclass(frozen=True, slots=True)
class Told:
    """A scale, or None where it must be asked for, and why, in words."""

    scale: tuple[int, int] | None
    reason: str


def told(label: str, kind: str, values: Sequence[float], percent: bool = False) -> Told:
    """The scale of a column of answers of a kind; `values` are all that were given.

    `percent` says that its cells are written with a percent sign.
    """
    if not values:
        return Told(None, "")
    low, high = min(values), max(values)
    seen = {"low": f"{low:g}", "high": f"{high:g}"}
    if hit := _NAMED.search(label):
        named = (int(hit[1]), int(hit[2]))
        if named[0] < named[1] and named[0] <= low and high <= named[1]:
            words = _("Its name says that it goes from %(low)d to %(high)d.")
            return Told(named, words % {"low": named[0], "high": named[1]})
    if percent and low >= 0 and high <= 100:
        return Told((0, 100), _("Its answers are percentages."))
    if kind == "nps" and low >= 0 and high <= 10 and not (_many(values) and low >= 1 and high <= 5):
        return Told(BY_KIND[kind], _("An NPS is asked for from 0 to 10."))
    if kind != "nps" and (low, high) in USUAL and _many(values):
        made = (int(low), int(high))
        return Told(made, _("Its answers go from %(low)s to %(high)s.") % seen)
    words = _("Its answers go from %(low)s to %(high)s, which does not tell their scale.")
    return Told(None, words % seen)


def _many(values: Sequence[float]) -> bool:
    return len(values) >= ENOUGH
