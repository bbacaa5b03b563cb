"""A telephone number, or a name, in any text: found however it is punctuated, and hidden."""

import re
from collections.abc import Mapping
from typing import Any

from ccm.digits import DASHES, SIGNS, plainly, without_signs

HIDDEN = "•••"
# Shorter ones stand in too many texts that tell of something else.
FEWEST = 6
_BETWEEN = f"[{SIGNS}{DASHES}]*"


def digits_of(number: str) -> str:
    """The digits that are looked for; empty: too few, or it is no number."""
    plain = without_signs(plainly(number))
    plain = plain.lstrip("0") if plain.isascii() and plain.isdigit() else ""
    return plain if len(plain) >= FEWEST else ""


def pattern(digits: str) -> re.Pattern[str]:
    """What finds the number, and none of which it is a part."""
    before = rf"(?:[+(]*0+\)?[\s./\-{DASHES}]*|\+)?"
    return re.compile(rf"(?<!\d){before}{_BETWEEN.join(digits)}(?!\d)")


def words(*names: str) -> re.Pattern[str]:
    """What finds any of some words, whatever their case, each by itself."""
    any_of = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{any_of})(?!\w)", re.IGNORECASE)


def hidden(value: Any, found: re.Pattern[str], instead: str = HIDDEN) -> Any:
    """A value of a column without it: in texts a mark stands there, and a text of values with parts
    that is nothing else is empty, for it would be read as somebody's. Names of parts lose numbers
    alone: a word may be the name of any, and what has another is not read any more."""
    if isinstance(value, str):
        return found.sub(instead, value)
    return _within(value, found, instead)


def _within(value: Any, found: re.Pattern[str], instead: str) -> Any:
    if isinstance(value, str):
        whole = found.fullmatch(value.strip()) and instead == HIDDEN
        return "" if whole else found.sub(instead, value)
    if isinstance(value, Mapping):
        return {
            found.sub(instead, name)
            if isinstance(name, str) and instead == HIDDEN
            else name: _within(one, found, instead)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_within(one, found, instead) for one in value]
    if isinstance(value, int) and not isinstance(value, bool) and found.fullmatch(str(value)):
        return None
    return value


def holds(value: Any, found: re.Pattern[str]) -> bool:
    """Whether a value has it anywhere."""
    return bool(hidden(value, found) != value)
