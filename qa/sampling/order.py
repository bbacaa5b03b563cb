"""The seed's order: the order in which a seed takes calls.

Each call gets a number of its own, a keyed hash of its id, and comes in the order of these numbers
("permanent random numbers": Ohlsson 1995, "Coordination of samples using permanent random
numbers"). To take the first n so is to draw n at random without replacement (Fan, Muller & Rezucha
1962, "Development of sampling plans by using sequential (item by item) selection techniques and
digital computers").

A shuffle by `random.Random` or numpy would do for one draw, but its outcome hangs on the order of
the input and on every call in it: a call that came late, or was erased, would move all others.
numpy also does not promise the same numbers of a later version. A hash is the same everywhere and
for ever, and a call's own number hangs on nothing but the seed and its id.
"""

from collections.abc import Iterable
from hashlib import blake2b

DRAW = b"draw"
TIES = b"ties"
DOUBLES = b"doubles"
WORK = b"work"


def number(seed: str, id: str, purpose: bytes = DRAW) -> int:
    """The number of an id under a seed, from 0 to 2**128 - 1.

    `purpose`, of at most 16 bytes, sets numbers apart that must not follow from each other: which
    calls are drawn, and which of these are reviewed twice. Raises ValueError without a seed.
    """
    if not seed:
        raise ValueError("a draw needs a seed")
    # A key is at most 64 bytes long, which a hash of any seed is.
    key = blake2b(seed.encode()).digest()
    return int.from_bytes(blake2b(id.encode(), digest_size=16, key=key, person=purpose).digest())


def in_order(seed: str, ids: Iterable[str], purpose: bytes = DRAW) -> list[str]:
    """The ids in the seed's order, whatever theirs was."""
    return sorted(ids, key=lambda id: (number(seed, id, purpose), id))
