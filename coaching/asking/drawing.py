"""Which calls are drawn to be asked about, at random and to be repeated by anybody. Pure.

Each call has a number of its own, made of the rule's seed and the call's id by BLAKE2b: it is drawn
where that is below the share. So it makes no difference in which order calls come in, nor how often
they are looked at.
"""

from hashlib import blake2b
from uuid import UUID


def number(seed: str, call: UUID) -> float:
    """The number of a call, in [0, 1)."""
    digest = blake2b(call.bytes, key=seed.encode()[:64], digest_size=8).digest()
    # A float holds 53 bits: more would round up to 1.
    return (int.from_bytes(digest, "big") >> 11) / 2**53


def is_drawn(seed: str, call: UUID, share: float) -> bool:
    """Whether a call is drawn. Raises ValueError for a share that is none."""
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is no share")
    return number(seed, call) < share


def is_within(hour: int, first: int, last: int) -> bool:
    """Whether an hour of the clock, 0 to 23, lies in [first, last)."""
    return first <= hour < last
