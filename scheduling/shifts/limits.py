"""What binds a person's shifts, and what it costs to break what is not binding."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

HARD = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a contract and the law say of one person's shifts. None: nothing.

    Minutes are worked minutes (`Problem.worked`) but for rests, which are minutes between shifts as
    time goes by. A day's shift is one that begins on it, and all of it counts for that day and its
    week; weeks are the calendar's, Monday to Sunday; a period is the whole span with all that
    `Person.before` says was worked. Who is on call has a shift like any other, of no minutes. The
    fewest minutes and days of a week, and the fewest minutes of a period, are less by approved
    absence (`Person.credited`, `Person.away`), and never below 0; the most stay as they are.

    Runs that the span's edge cuts off, or that of somebody's time here, are held to nothing but
    their longest, and so are weeks: what was before counts for their most, and no fewest are asked
    of them. What was before breaks no rule alone, without a shift of the span.
    """

    # Of each shift; being on call is held to neither.
    fewest_day_minutes: int | None = None
    most_day_minutes: int | None = None
    fewest_week_minutes: int | None = None
    most_week_minutes: int | None = None
    fewest_period_minutes: int | None = None
    most_period_minutes: int | None = None
    fewest_week_days: int | None = None
    most_week_days: int | None = None
    # Between the end of a shift and the beginning of the next; hours between spells are no rest.
    rest_minutes: int | None = None
    # An unbroken rest at least so long in each calendar week, from Monday's midnight to the next.
    # Days beyond the span are free, and those before it but for what `Person.before` says.
    week_rest_minutes: int | None = None
    most_days_in_row: int | None = None
    fewest_days_in_row: int | None = None
    fewest_off_in_row: int | None = None
    # A weekend is worked if a shift begins on its Saturday or Sunday. Weekends are those of which
    # the span shows a day; one is off as long as no shift of it is known.
    most_weekends: int | None = None
    fewest_weekends_off: int | None = None
    # Within a week all starts lie within so many minutes of each other, by the clock of the day
    # they belong to: half past midnight is early, and 23 hours from half past eleven.
    start_band_minutes: int | None = None
    most_nights_in_row: int | None = None
    # After a run of nights, be it of one, before the next shift that is none.
    rest_after_nights_minutes: int | None = None
    # Of all shifts of one template in the span.
    most_of_template: Mapping[str, int] = field(default_factory=dict)
    # A shift of more worked minutes than the first has pauses of the second in all, unpaid or paid;
    # the hours between spells are one. Of shapes alone, wherever their pauses are placed.
    pause_after: tuple[tuple[int, int], ...] = ()
    # Nobody is on duty longer than this without a pause; activities that are none are duty. Where
    # pauses are not placed yet, there is a way to place them so.
    longest_without_pause: int | None = None

    def strictest(self, other: "Limits") -> "Limits":
        """What holds where both do: a contract and the law of its country."""
        said: dict[str, Any] = {}
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            if one.name == "most_of_template":
                said[one.name] = {
                    name: min(mine.get(name, theirs.get(name)), theirs.get(name, mine.get(name)))
                    for name in {**mine, **theirs}
                }
            elif one.name == "pause_after":
                said[one.name] = tuple(sorted({*mine, *theirs}))
            elif mine is None or theirs is None:
                said[one.name] = theirs if mine is None else mine
            else:
                said[one.name] = (max if _asks_for_more(one.name) else min)(mine, theirs)
        return replace(self, **said)


def _asks_for_more(name: str) -> bool:
    """Whether more of it is stricter."""
    return name.startswith(("fewest_", "rest_")) or name == "week_rest_minutes"


@dataclass(frozen=True, slots=True)
class Weights:
    """What it costs to break each soft rule, once: in the same measure as `Demand` counts a
    position missing for a slot. HARD (None): it must not be broken.

    A rule is broken once for each shift, pair of shifts, week, template or person that does not
    keep it, however far; one of the longest run, once for each day that is one too many; `mix`,
    once for each day of the clock on which it fails at any moment; `pairing`, once for each day.

    Keys are fields of `Limits`, or `mix`, `pairing` and `rotation`; what is not named is hard.
    """

    of: Mapping[str, int | None] = field(default_factory=dict)

    def weight(self, rule: str) -> int | None:
        return self.of.get(rule, HARD)
