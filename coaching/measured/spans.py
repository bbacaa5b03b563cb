"""Which days are held against which. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ccm.intervals import Days

USUAL, FEWEST, MOST = 28, 14, 91
"""Days: where nobody has met before, the fewest that say something, and the most."""
_DAY = timedelta(days=1)

Why = Literal["since", "first", "short", "long"]


@dataclass(frozen=True, slots=True)
class Spans:
    """Days and those before them that they are held against; `why` these: since the last session,
    there was none ("first"), it is too short ago, or too long."""

    now: Days
    before: Days
    why: Why


def since_last(held_on: date | None, last: date) -> Spans:
    """The days up to `last` since the day of the last session, and at least 28 before them.

    Of fewer than 14 days little can be told, so that the last 28 are taken then, as where there was
    no session; of more than 91 the last 91.
    """
    many = USUAL
    why: Why = "first"
    if held_on is not None:
        many, why = (last - held_on).days + 1, "since"
        if many < FEWEST:
            many, why = USUAL, "short"
        elif many > MOST:
            many, why = MOST, "long"
    now = Days(last - (many - 1) * _DAY, last)
    return Spans(now, now.before(max(many, USUAL)), why)


def since_agreed(agreed_on: date, last: date) -> Spans | None:
    """The days after a step was agreed on, at most 91 and the first of them, and as many up to the
    day that it was; None where there is none yet."""
    if last <= agreed_on:
        return None
    now = Days(agreed_on + _DAY, min(last, agreed_on + MOST * _DAY))
    return Spans(now, now.before(now.many), "since")
