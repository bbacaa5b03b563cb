"""Erlang C: calls that find no position free wait until they are answered."""

import numpy as np

from scheduling.erlang.expected import Expected, Numbers, shaped
from scheduling.erlang.gamma import Array
from scheduling.erlang.loss import blocked, checked


def erlang_c(
    load: Numbers, positions: Numbers, aht_seconds: Numbers, target_seconds: Numbers = 20.0
) -> Expected:
    """What to expect where nobody abandons. Broadcasts.

    With as many erlangs as positions or more the queue grows without an end: everybody waits,
    nobody within the target, for ever. Where nobody comes nobody waits, be there positions or none.
    Raises ValueError of a negative number.
    Source: Erlang 1917.
    """
    a, n, aht, target = checked(load, positions, aht_seconds, target_seconds)
    wait = waits(a, n)
    spare = np.where(a < n, n - a, np.nan)
    idle = (a == 0) | (aht == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        late = np.where(a < n, beyond(wait, spare, aht, target), 1.0)
        asa = np.where(a < n, mean_wait(wait, spare, aht), np.inf)
        length = np.where(a < n, wait * a / spare, np.inf)
        occupancy = np.where(n > 0, np.minimum(a / n, 1.0), 1.0)
    # Without a handle time no load is no word of whether calls come.
    none = np.where(n > 0, idle, (a == 0) & (aht > 0))
    level = shaped(np.where(none, 1.0, 1 - late))
    mean = shaped(np.where(none, 0.0, asa))
    return Expected(
        p_wait=shaped(np.where(none, 0.0, wait)),
        sl1=level, sl2=level, sl3=level, sl4=level, p_virtual=level,
        w1=mean, w2=mean,
        occupancy=shaped(np.where(none, 0.0, occupancy)),
        p_abandon=shaped(np.zeros_like(a)),
        queue_length=shaped(np.where(none, 0.0, length)),
    )  # fmt: skip


def waits(load: Array, positions: Array) -> Array:
    """The share of calls that wait, of checked arrays."""
    turned_away = blocked(load, positions)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = waiting(turned_away, load / positions)
    return np.where(load < positions, share, 1.0)


def waiting(turned_away: Array, busy: Array) -> Array:
    """The share of calls that wait, by Erlang B and the load of a position, less than 1."""
    return turned_away / (1 - busy * (1 - turned_away))


def beyond(wait: Array, spare: Array, aht: Array, target: Array) -> Array:
    """The share of calls that wait for longer than the target, by the share that waits at all and
    the positions beyond the load."""
    return wait * np.exp(-spare * target / aht)


def mean_wait(wait: Array, spare: Array, aht: Array) -> Array:
    """In seconds, of all calls."""
    return wait * aht / spare
