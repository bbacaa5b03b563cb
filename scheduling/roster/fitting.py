"""Whether pauses fit a shift: within what is worked, apart from each other, and soon enough."""

from collections.abc import Sequence
from itertools import pairwise

# [From, to) in minutes, of the clock's or of the span, as long as all are the same.
Spans = Sequence[tuple[int, int]]


def is_apart(spans: Spans) -> bool:
    """Whether no two meet."""
    return all(end <= begin for (_, end), (begin, _) in pairwise(sorted(spans)))


def longest_stretch(pauses: Spans, spells: Spans) -> int:
    """The longest time on duty without a pause."""
    longest = 0
    for since, to in spells:
        edge = since
        for begin, end in sorted(pauses):
            if since <= begin < to:
                longest, edge = max(longest, begin - edge), end
        longest = max(longest, to - edge)
    return longest


def fits(pauses: Spans, spells: Spans, taken: Spans = (), limit: int | None = None) -> bool:
    """Whether pauses lie within spells of work, apart from each other and from what is taken, and
    nobody is on duty longer than `limit` without one."""
    return (
        is_apart([*pauses, *taken])
        and all(any(since <= begin and end <= to for since, to in spells) for begin, end in pauses)
        and (limit is None or longest_stretch(pauses, spells) <= limit)
    )
