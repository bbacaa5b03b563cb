"""Whether a queue's days have left what they were said to lie in the night before. Pure.

Of 100 days five lie outside their band of 95 % by chance; three of ten do so once in a hundred
times. Between raising and clearing it stays as it is, so that it does not waver.
"""

from collections.abc import Sequence

LOOKED_AT = 10
_RAISED_BY = 3
# So many days within their bands, one after the other, and it is over.
_CLEARED_BY = 5


def strays(outside: Sequence[bool], is_raised: bool) -> bool:
    """By its last days, the newest last: whether each lay outside its band, known beforehand."""
    recent = outside[-LOOKED_AT:]
    if is_raised:
        return len(recent) < _CLEARED_BY or any(recent[-_CLEARED_BY:])
    return sum(recent) >= _RAISED_BY
