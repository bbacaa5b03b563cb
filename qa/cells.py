"""The cells of quality review's files, in one manner: words as pages say them, yes or no, and parts
of a whole as hundredths with one decimal, under a head that says "%", times to the second in the
site's time, chances (p) with four decimals and coefficients of agreement with three."""

from datetime import datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from django.utils.translation import gettext_lazy

from ccm.templatetags.figures import yes_no
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
    return yes_no(value)


def hundredths(share: float | Fraction | Decimal | None) -> Decimal | None:
    return percent(None if share is None else Fraction(share))


def when(moment: datetime | None, zone: tzinfo) -> datetime | None:
    """A moment by a site's clock, to the second."""
    return None if moment is None else moment.astimezone(zone).replace(microsecond=0)


def p(value: float | None) -> Decimal | None:
    return _decimals(value, 4)


def coefficient(value: float | None) -> Decimal | None:
    """Alpha, AC, kappa."""
    return _decimals(value, 3)


def _decimals(value: float | None, places: int) -> Decimal | None:
    return None if value is None else round(Decimal(repr(float(value))), places)


def interval(ends: _Interval | None) -> tuple[object, object]:
    """Both ends of an interval of shares; None: there is none."""
    return (None, None) if ends is None else (hundredths(ends.low), hundredths(ends.high))


def estimate(said: Any) -> Cells:
    """A share with both its ends; None: there is none."""
    if said is None:
        return (None, None, None)
    ends = getattr(said, "interval", said)
    return (hundredths(said.value), *interval(ends))
