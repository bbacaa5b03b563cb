"""Erlang B: calls that find no position free are turned away."""

import numpy as np

from scheduling.erlang.expected import Numbers, shaped
from scheduling.erlang.gamma import Array, log_upper


def erlang_b(load: Numbers, positions: Numbers) -> Numbers:
    """The share of calls that find all positions taken. Broadcasts.

    Raises ValueError of a negative load or number of positions.
    Source: Erlang 1917; between whole numbers the integral of Fortet, B = 1 / (load e^load
    load^-(n+1) Gamma(n+1, load)).
    """
    return shaped(blocked(*checked(load, positions)))


def checked(*values: Numbers) -> tuple[Array, ...]:
    """As arrays of one shape. Raises ValueError of one that is negative or no number."""
    arrays = np.broadcast_arrays(*(np.asarray(value, float) for value in values))
    if any((one < 0).any() or np.isnan(one).any() for one in arrays):
        raise ValueError("a queue is made of numbers of 0 or more")
    return tuple(arrays)


def blocked(load: Array, positions: Array) -> Array:
    """Erlang B of checked arrays."""
    return np.exp(log_blocked(load, positions))


def log_blocked(load: Array, positions: Array) -> Array:
    """Its logarithm: of many positions beside a small load it is too small for a number."""
    some = np.where(load > 0, load, 1.0)
    share = np.minimum(-np.log(some) - log_upper(positions + 1, some), 0.0)
    with np.errstate(divide="ignore"):
        none = np.where(positions > 0, -np.inf, 0.0)
    return np.where(load > 0, share, none)
