"""Which criteria of scorecards a session talks about. Pure."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from qa.after.trend import Trend

Key = TypeVar("Key", bound=Hashable)
FEWEST_LOST = 2


@dataclass(frozen=True, slots=True)
class Lost(Generic[Key]):
    """The criterion that cost points in most of the latest reviews: in `many` of `of`."""

    criterion: Key
    many: int
    of: int


@dataclass(frozen=True, slots=True)
class Criteria(Generic[Key]):
    """Criteria whose marks rose and fell by more than chance, each the most first, and the one that
    cost most lately, where it is none of those that fell."""

    rose: Sequence[Key]
    fell: Sequence[Key]
    lost: Lost[Key] | None


def choose(
    trends: Mapping[Key, Trend], latest: Mapping[Key, Sequence[float]], most: int = 2
) -> Criteria[Key]:
    """`latest` are the shares (0 to 1) that each criterion had in the reviews since the last
    session. Marks lost in one review alone are no pattern."""

    def by(one: Key) -> float:
        return trends[one].mean - (trends[one].before or 0.0)

    rose = sorted((one for one in trends if trends[one].direction == "up"), key=by, reverse=True)
    fell = sorted((one for one in trends if trends[one].direction == "down"), key=by)
    counted = {
        key: (sum(share < 1 for share in shares), sum(shares) / len(shares), len(shares))
        for key, shares in latest.items()
        if shares and key not in fell
    }
    worst = max(counted, key=lambda key: (counted[key][0], -counted[key][1]), default=None)
    lost = None
    if worst is not None and counted[worst][0] >= FEWEST_LOST:
        lost = Lost(worst, counted[worst][0], counted[worst][2])
    return Criteria(rose[:most], fell[:most], lost)
