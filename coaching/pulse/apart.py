"""Which groups may be asked beside others, so that no subtraction tells of a few. Pure.

Whoever knows what a site says and what a part of it says knows what the rest says. So beside each
group nothing may be asked that leaves of another a rest of fewer than five people: not by one part,
and not by all its parts together.
"""

from collections.abc import Collection, Iterable

Group = frozenset[int]


def leaves_a_few(asked: Group, others: Iterable[Group], fewest: int) -> bool:
    """Whether a group, asked beside others at about the same time, leaves a few of one alone.

    The same group twice is no part of itself; what people say of both times is kept apart by time.
    """
    every = {*others, asked}
    for whole in every:
        parts = [one for one in every if one < whole]
        if asked == whole or asked in parts:
            rests = [whole - one for one in parts if asked in (whole, one)]
            if parts:
                rests.append(whole - frozenset().union(*parts))
            if any(0 < len(rest) < fewest for rest in rests):
                return True
    return False


def is_enough(group: Collection[int], fewest: int) -> bool:
    return len(group) >= fewest
