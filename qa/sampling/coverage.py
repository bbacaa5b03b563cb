"""How much of a plan was done."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Due:
    """A review of a drawn call, due by the end of a day. `done`: the day it was; None: not yet."""

    due: date
    done: date | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of a plan, or a part of it. Counts are of reviews.

    `wanted` is what the plan asks for, `drawn` what there were calls for; `reviewed` are done,
    `late` those of them that were done after their day, and `overdue` those not done whose day is
    over. `swaps` counts calls that were swapped, by their reason.
    """

    wanted: int
    drawn: int
    reviewed: int
    late: int
    overdue: int
    swaps: Mapping[str, int]

    @property
    def drawn_share(self) -> float | None:
        """Drawn of wanted, 0.0 to 1.0; None where nothing was."""
        return self.drawn / self.wanted if self.wanted else None

    @property
    def reviewed_share(self) -> float | None:
        """Reviewed of drawn, 0.0 to 1.0; None where nothing was."""
        return self.reviewed / self.drawn if self.drawn else None

    @property
    def overdue_share(self) -> float | None:
        """Overdue of drawn, 0.0 to 1.0; None where nothing was."""
        return self.overdue / self.drawn if self.drawn else None


def coverage(
    wanted: int, drawn: Iterable[Due], today: date, reasons: Iterable[str] = ()
) -> Coverage:
    """What was done of `wanted` reviews up to a day. `reasons` are those of calls swapped.

    Raises ValueError where more were drawn than wanted.
    """
    reviews = [*drawn]
    if len(reviews) > wanted:
        raise ValueError(f"{len(reviews)} drawn of {wanted} wanted")
    return Coverage(
        wanted,
        len(reviews),
        sum(one.done is not None for one in reviews),
        sum(one.done is not None and one.done > one.due for one in reviews),
        sum(one.done is None and one.due < today for one in reviews),
        Counter(reasons),
    )


def together(parts: Iterable[Coverage]) -> Coverage:
    """What was done of several plans or draws in all."""
    found = [*parts]
    swaps: Counter[str] = Counter()
    for one in found:
        swaps.update(one.swaps)
    return Coverage(
        sum(one.wanted for one in found),
        sum(one.drawn for one in found),
        sum(one.reviewed for one in found),
        sum(one.late for one in found),
        sum(one.overdue for one in found),
        swaps,
    )
