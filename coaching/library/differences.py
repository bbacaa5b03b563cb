"""What two texts have different, line by line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

AROUND = 2
SAME, ADDED, REMOVED, LEFT_OUT = "same", "added", "removed", "left_out"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of either text: `kind` is SAME, ADDED or REMOVED; LEFT_OUT stands for `many` lines
    that both have."""

    kind: str
    words: str = ""
    many: int = 1


def between(before: str, after: str) -> list[Line]:
    """The lines of both texts in their order, what is alike cut to `AROUND` lines beside a change;
    [] where both say the same."""
    if before == after:
        return []
    old, new = before.split("\n"), after.split("\n")
    found: list[Line] = []
    steps = SequenceMatcher(None, old, new).get_opcodes()
    for place, (what, a, b, c, d) in enumerate(steps):
        if what == "equal":
            found += _alike(old[a:b], is_first=place == 0, is_last=place == len(steps) - 1)
            continue
        found += [Line(REMOVED, one) for one in old[a:b]]
        found += [Line(ADDED, one) for one in new[c:d]]
    return found


def _alike(lines: Sequence[str], *, is_first: bool, is_last: bool) -> list[Line]:
    head = 0 if is_first else AROUND
    tail = 0 if is_last else AROUND
    left = len(lines) - head - tail
    if left <= 1:
        return [Line(SAME, one) for one in lines]
    return [
        *(Line(SAME, one) for one in lines[:head]),
        Line(LEFT_OUT, many=left),
        *(Line(SAME, one) for one in lines[len(lines) - tail :]),
    ]
