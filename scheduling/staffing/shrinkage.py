"""What paid time goes to that is not for calls, kind by kind, and the one share it comes to."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

MOST = Decimal("0.95")
MOST_KINDS = 12
LONGEST_NAME = 40
_PERCENT = 100
_BETWEEN = re.compile(r"[+;\n]|,\s+")
# A name with a number of its own is two kinds, or three, written as one.
_ALONE = re.compile(r"(?<!\S)\d+(?:[.,]\d+)?%?(?!\S)", re.ASCII)
_KIND = re.compile(r"(?:(\S(?:.*\S)?)\s+)?(\d{1,3}(?:[.,]\d{1,2})?)\s*%?", re.ASCII)


class Kind(NamedTuple):
    """One kind, which need not have a name, and its share, 0 to 1."""

    name: str
    share: Decimal

    def __str__(self) -> str:
        return f"{self.name} {percent(self.share)}".strip()


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """Kinds that go together: shares of the same paid time, or each of what the ones before left
    (`of_the_rest`)."""

    kinds: tuple[Kind, ...] = ()
    of_the_rest: bool = False

    @property
    def share(self) -> Decimal:
        """Of paid time, exactly. Raises ValueError where kinds leave no time for calls."""
        shares = [one.share for one in self.kinds]
        return together(shares, of_the_rest=self.of_the_rest)

    @property
    def made_of(self) -> str:
        """How several kinds come to the share, as it is reckoned; nothing of one."""
        if len(self.kinds) < 2:
            return ""
        if self.of_the_rest:
            return "1 − " + " × ".join(f"(1 − {one})" for one in self.kinds)
        return " + ".join(str(one) for one in self.kinds)


NONE = Shrinkage()


def together(shares: Iterable[Decimal], *, of_the_rest: bool = False) -> Decimal:
    """Shrinkage of several kinds: the sum where all are shares of the same paid time, and
    1 - product(1 - share) where each is a share of what the ones before left.

    Raises ValueError where no time is left.
    """
    left = Decimal(1)
    for share in shares:
        if not 0 <= share < 1:
            raise ValueError("shrinkage is a share of 0 or more and less than 1")
        left = left * (1 - share) if of_the_rest else left - share
    if left <= 0:
        raise ValueError("shrinkage leaves no time for calls")
    return 1 - left


def read(text: str) -> tuple[Kind, ...]:
    """Kinds in percent as somebody writes them: `30`, `leave 12 + sickness 5.5`, or one in each
    line. Raises ValueError with what is wrong, and where."""
    parts = [one.strip() for one in _BETWEEN.split(text)]
    if not any(parts):
        return ()
    if len(parts) > MOST_KINDS:
        raise ValueError(_("No more than %(most)s kinds.") % {"most": MOST_KINDS})
    return tuple(_kind(one) for one in parts if one)


def _kind(part: str) -> Kind:
    found = _KIND.fullmatch(part)
    name = (found[1] or "").rstrip(" :=") if found else ""
    if not found or "," in name or _ALONE.search(name):
        words = _("“%(part)s” is no kind: write its name and how many percent it takes.")
        raise ValueError(words % {"part": part[:LONGEST_NAME]})
    if len(name) > LONGEST_NAME:
        raise ValueError(_("The name “%(name)s…” is too long.") % {"name": name[:LONGEST_NAME]})
    return Kind(name, Decimal(found[2].replace(",", ".")) / _PERCENT)


def checked(shrinkage: Shrinkage) -> Shrinkage:
    """The same. Raises ValueError where it leaves hardly any time for calls."""
    try:
        share = shrinkage.share
    except ValueError:
        share = Decimal(1)
    if share > MOST:
        raise ValueError(_("Together they leave hardly any time for calls."))
    return shrinkage


def written(kinds: Sequence[Kind]) -> str:
    """Kinds as they are read."""
    return " + ".join(f"{one.name} {_number(one.share)}".strip() for one in kinds)


def percent(share: Decimal) -> str:
    return f"{_number(share)} %"


def _number(share: Decimal) -> str:
    return f"{(share * _PERCENT).normalize():f}"
