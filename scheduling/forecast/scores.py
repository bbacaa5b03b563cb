"""How far forecasts were from what came. Shares of 1; None where nothing came or was said."""

import numpy as np

from scheduling.forecast.history import Array


def wape(actual: Array, expected: Array) -> float | None:
    """Calls by which it was wrong, either way, by all calls; intervals of both that are nan are
    left out."""
    return _by_calls(np.abs(expected - actual), actual)


def bias(actual: Array, expected: Array) -> float | None:
    """Calls too many by all calls; negative: too few."""
    return _by_calls(expected - actual, actual)


def covers(actual: Array, low: Array, high: Array) -> float | None:
    """How many were within their band, of all that have one."""
    told = ~np.isnan(actual) & ~np.isnan(low) & ~np.isnan(high)
    if not told.any():
        return None
    within = (actual >= low) & (actual <= high)
    return float(within[told].mean())


def _by_calls(away: Array, actual: Array) -> float | None:
    told = ~np.isnan(away)
    came = actual[told].sum()
    return float(away[told].sum() / came) if came else None
