"""What calls tell of callers and work, few enough numbers to be kept and drawn. Pure."""

from math import erf, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scheduling.proving import fits

Array = NDArray[np.float64]
# A curve is drawn of so many points at the most, lengths of calls in so many bins.
MOST_POINTS, BINS = 60, 30
# Beyond this quantile lie lengths that would make of all others one bin.
_NEARLY_ALL = 0.99
# Where all take the same time there is no distribution; sums of logarithms are off by less.
_SAME = 1e-9
# Of fewer days nothing is said of how they move.
FEWEST_DAYS = 10


def patience(of: fits.Patience, mean: float | None) -> dict[str, Any]:
    """A curve of patience: after so many `seconds` so many are `staying`, from all on; beside the
    `mean` that Erlang A takes."""
    some = _some(len(of.seconds))
    return {
        "seconds": [0.0, *(round(float(one), 1) for one in of.seconds[some])],
        "staying": [1.0, *(round(float(one), 5) for one in of.staying[some])],
        "median": median(of),
        "mean": mean,
        "left": of.left,
        "waited": of.waited,
    }


def median(of: fits.Patience) -> float | None:
    """For how long half of all callers would wait; None: more than half would for longer than
    anybody had to."""
    below = np.flatnonzero(of.staying <= 0.5)
    return float(of.seconds[below[0]]) if len(below) else None


def _some(many: int) -> NDArray[np.int64]:
    if many <= MOST_POINTS:
        return np.arange(many)
    return np.unique(np.linspace(0, many - 1, MOST_POINTS).round().astype(np.int64))


def handling(seconds: Array) -> dict[str, Any]:
    """Lengths of contacts in bins, beside those of the nearest lognormal. The last bin has no end.
    `apart` is how far the two shares of contacts that are shorter than any length are from each
    other at the most (Kolmogorov)."""
    told = fits.handle_times(seconds)
    found: dict[str, Any] = {
        "n": told.n,
        "mean": told.mean_seconds,
        "deviation": told.deviation_seconds,
        "variation": told.variation,
        "bins": [],
        "apart": None,
    }
    if told.log_mean is None or told.log_deviation is None or told.log_deviation < _SAME:
        return found
    edges = _edges(seconds)
    counted = np.histogram(seconds, np.append(edges, np.inf))[0] / len(seconds)
    shorter = [_lognormal(one, told.log_mean, told.log_deviation) for one in edges] + [1.0]
    found["bins"] = [
        {
            "from": float(edges[place]),
            "to": float(edges[place + 1]) if place + 1 < len(edges) else None,
            "share": round(float(counted[place]), 5),
            "lognormal": round(shorter[place + 1] - shorter[place], 5),
        }
        for place in range(len(edges))
    ]
    found["apart"] = round(_apart(seconds, told.log_mean, told.log_deviation), 4)
    return found


def _edges(seconds: Array) -> Array:
    """Round ones, from 0 to where nearly all lie."""
    most = float(np.quantile(seconds, _NEARLY_ALL))
    width = next(
        (one for one in (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 3600)
         if one * BINS >= most),
        most / BINS,
    )  # fmt: skip
    return np.arange(0.0, max(most, width) + width, width)


def _lognormal(seconds: float, mean: float, deviation: float) -> float:
    """The share of a lognormal that is shorter."""
    if seconds <= 0:
        return 0.0
    return 0.5 * (1 + erf((log(seconds) - mean) / deviation / sqrt(2)))


def _apart(seconds: Array, mean: float, deviation: float) -> float:
    lengths, many = np.unique(seconds, return_counts=True)
    upto = np.cumsum(many) / len(seconds)
    said = np.array([_lognormal(float(one), mean, deviation) for one in lengths])
    return float(np.maximum(np.abs(upto - said), np.abs(upto - many / len(seconds) - said)).max())


def day_to_day(totals: Array, weekdays: NDArray[np.int64]) -> tuple[float | None, int]:
    """How much whole days move beyond chance around the mean of their weekday, as a share of their
    calls; of how many days. None: of too few. Days of nan, as holidays, tell nothing."""
    expected, scaled = np.full(len(totals), np.nan), np.full(len(totals), np.nan)
    for weekday in range(7):
        mine = (weekdays == weekday) & ~np.isnan(totals)
        many = int(mine.sum())
        if many < 2:
            continue
        mean = totals[mine].mean()
        expected[mine] = mean
        # A mean of a few days is drawn to each of them.
        scaled[mine] = mean + (totals[mine] - mean) * sqrt(many / (many - 1))
    days = int((expected > 0).sum())
    if days < FEWEST_DAYS:
        return None, days
    return fits.day_to_day(scaled, expected), days
