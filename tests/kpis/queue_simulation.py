"""An Erlang A queue (Poisson calls, exponential talk and patience), many days side by side."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Days:
    """Calls of each day: answered within the threshold, and offered."""

    within: npt.NDArray[np.int64]
    offered: npt.NDArray[np.int64]


def erlang_a_days(
    days: int,
    *,
    seed: int,
    calls_per_day: float = 300,
    open_seconds: float = 6 * 3600,
    agents: int = 5,
    talk_seconds: float = 300,
    patience_seconds: float = 240,
    threshold_seconds: float = 20,
    day_variation: float = 0.08,
) -> Days:
    """Days that begin empty, each with a call rate of its own around the mean.

    Every call meets the agent who is free first: if the wait for that agent passes the
    caller's patience, the caller leaves and takes up nobody's time.
    """
    random = np.random.default_rng(seed)
    rate = calls_per_day * (1 + day_variation * random.standard_normal(days)) / open_seconds
    most = int(calls_per_day * 1.8)
    arrivals = np.cumsum(random.exponential(1, (days, most)) / rate[:, None], axis=1)
    assert (arrivals[:, -1] > open_seconds).all()
    talk = random.exponential(talk_seconds, (days, most))
    patience = random.exponential(patience_seconds, (days, most))
    free_at = np.zeros((days, agents))
    within = np.zeros(days, np.int64)
    offered = np.zeros(days, np.int64)
    every = np.arange(days)
    for call in range(most):
        came = arrivals[:, call]
        is_open = came < open_seconds
        first = free_at.argmin(axis=1)
        wait = np.maximum(0, free_at[every, first] - came)
        served = is_open & (wait <= patience[:, call])
        free_at[every[served], first[served]] = (came + wait + talk[:, call])[served]
        offered += is_open
        within += served & (wait <= threshold_seconds)
    return Days(within, offered)
