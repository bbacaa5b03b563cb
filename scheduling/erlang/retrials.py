"""Erlang X: of those who leave, a share calls again."""

import numpy as np

from scheduling.erlang.expected import Expected, Numbers, shaped
from scheduling.erlang.loss import checked
from scheduling.erlang.patience import Palm, erlang_a

_HALVINGS = 60
# Erlangs a position: where all call again and more is to be done than can be, nobody gets through.
_MOST = 1e6


def erlang_x(
    load: Numbers,
    positions: Numbers,
    aht_seconds: Numbers,
    patience_seconds: Numbers,
    again: Numbers,
    target_seconds: Numbers = 20.0,
) -> Expected:
    """What to expect where who leaves calls again with the chance `again`. Broadcasts.

    Shares and waits are of all calls, the repeated among them (`load_with_retrials` of them).
    Raises ValueError of a chance over 1, and as Erlang A.
    Source: Koole 2013, "Call center optimization"; calls again are taken to come at random, too.
    """
    whole = load_with_retrials(load, positions, aht_seconds, patience_seconds, again)
    return erlang_a(whole, positions, aht_seconds, patience_seconds, target_seconds)


def load_with_retrials(
    load: Numbers,
    positions: Numbers,
    aht_seconds: Numbers,
    patience_seconds: Numbers,
    again: Numbers,
) -> Numbers:
    """The load of all calls, the repeated among them: where everybody calls again and more is to be
    done than the positions can do, a million erlangs a position in place of no end."""
    fresh, n, aht, patience, share = checked(load, positions, aht_seconds, patience_seconds, again)
    if (share > 1).any():
        raise ValueError("a chance to call again is at most 1")
    low = fresh
    with np.errstate(divide="ignore", invalid="ignore"):
        high = np.where(fresh > 0, np.minimum(fresh / (1 - share), _MOST * (n + 1) + fresh), 0.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        left = 1 - Palm(middle, n, aht, patience).served()
        # What is left of them without those who call again: it grows with the load.
        enough = middle * (1 - share * left) >= fresh
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return shaped(high)
