"""The cells of quality review's files, in one manner: words as pages say them, yes or no, and parts
of a whole as hundredths with one decimal, under a head that says "%"."""

from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qa.scoring import percent


class _Interval(Protocol):
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


Cells = tuple[object, object, object]
CALL = (gettext_lazy("Call"), gettext_lazy("Called at"))
"""Heads of a call: its id, by which files are put beside each other, and its time."""


def yes(value: bool | None) -> str | None:
    """None: not known."""
    if value is None:
        return None
    return _("yes") if value else _("no")


def hundredths(share: float | Fraction | Decimal | None) -> Decimal | None:
    return percent(None if share is None else Fraction(share))


def interval(ends: _Interval | None) -> tuple[object, object]:
    """Both ends of an interval of shares; None: there is none."""
    return (None, None) if ends is None else (hundredths(ends.low), hundredths(ends.high))


def estimate(said: Any) -> Cells:
    """A share with both its ends; None: there is none."""
    if said is None:
        return (None, None, None)
    ends = getattr(said, "interval", said)
    return (hundredths(said.value), *interval(ends))
