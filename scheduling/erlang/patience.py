"""Erlang A: whoever waits leaves after a patience of their own, exponential around a mean."""

import numpy as np

from scheduling.erlang.expected import Expected, Numbers, shaped
from scheduling.erlang.gamma import Array, log_lower
from scheduling.erlang.loss import checked, log_blocked


def erlang_a(
    load: Numbers,
    positions: Numbers,
    aht_seconds: Numbers,
    patience_seconds: Numbers,
    target_seconds: Numbers = 20.0,
) -> Expected:
    """What to expect where who waits may leave. Broadcasts.

    It has an answer for any load: too many calls leave until the rest can be answered, and where
    nobody comes nobody waits or leaves, be there positions or none. The mean patience is that of
    callers who would wait for ever, and not the mean wait of who left.
    Raises ValueError of a negative number, and of a patience or handle time of 0.
    Source: Palm 1946; Mandelbaum and Zeltyn 2007, "Service engineering in action".
    """
    a, n, aht, patience, target = checked(
        load, positions, aht_seconds, patience_seconds, target_seconds
    )
    if (aht == 0).any() or (patience == 0).any():
        raise ValueError("Erlang A needs a handle time and a patience of more than 0 seconds")
    queue = Palm(a, n, aht, patience)
    return queue.expected(target)


class Palm:
    """The queue M/M/n+M in the steady state, by checked arrays of one shape.

    A call that would wait for v seconds if it stayed does so with a density of
    exp(y (1 - e^(-v/p)) - x v/p), p the patience, x = n p / aht and y = load p / aht.
    """

    def __init__(self, load: Array, positions: Array, aht: Array, patience: Array) -> None:
        self.load, self.positions, self.aht, self.patience = load, positions, aht, patience
        self.nobody = (positions == 0) & (load > 0)
        self.x = np.where(positions == 0, 1.0, positions) * patience / aht
        self.y = load * patience / aht
        self.log_any = log_lower(self.x, self.y)
        turned_away = log_blocked(load, positions)
        # Who waits by who finds the last position just taken: odds, as neither may be a number.
        with np.errstate(divide="ignore", over="ignore"):
            odds = self.log_any + turned_away - np.log1p(-np.exp(turned_away))
            share = 1 / (1 + np.exp(-odds))
        self.p_wait = np.where(self.nobody, 1.0, np.where(load == 0, 0.0, share))
        # Of those who wait, who is answered in the end.
        whole = log_lower(self.x + 1, self.y) - self.log_any + np.log(self.x / (self.x + 1))
        self.of_waiting = np.where(self.nobody, 0.0, np.minimum(np.exp(whole), 1.0))

    def after(self, seconds: Array) -> Array:
        """The share of all calls that would wait for longer if they stayed."""
        rest = self.p_wait * self._rest(self.x, self.log_any, seconds)
        return np.where(self.nobody, 1.0, rest)

    def served(self) -> Array:
        """The share of all calls that are answered."""
        return 1 - self.p_wait * (1 - self.of_waiting)

    def served_after(self, seconds: Array) -> Array:
        """The share of all calls that are answered after a longer wait."""
        shape = self.x + 1
        return self.p_wait * self.of_waiting * self._rest(shape, log_lower(shape, self.y), seconds)

    def waited_by_served(self) -> Array:
        """The waits of the answered, summed, by the number of all calls."""
        # The logarithm of the density's transform is told by its cumulants, the first of which
        # is its slope: 4 points a hundredth of its width apart tell it to eight digits.
        shape = self.x + 1
        step = 0.01 * np.maximum(shape - self.y, np.sqrt(shape))
        near, far = (
            self._log_transform(shape - k * step) - self._log_transform(shape + k * step)
            for k in (1, 2)
        )
        mean = (8 * near - far) / (12 * step)
        return self.p_wait * self.of_waiting * mean * self.patience

    def _rest(self, shape: Array, log_all: Array, seconds: Array) -> Array:
        """gamma(shape, y e^(-t/p)) / gamma(shape, y)."""
        gone = seconds / self.patience
        left = self.y * np.exp(-gone)
        # (left / y)^shape e^(y - left), of which the exponents nearly cancel.
        cut = -shape * gone - self.y * np.expm1(-gone)
        return np.exp(np.minimum(cut + log_lower(shape, left) - log_all, 0.0))

    def _log_transform(self, shape: Array) -> Array:
        return log_lower(shape, self.y) - np.log(shape)

    def expected(self, target: Array) -> Expected:
        served, abandoned = self.served(), self.p_wait * (1 - self.of_waiting)
        after = self.after(target)
        within = np.maximum(served - self.served_after(target), 0.0)
        # Whoever is neither answered nor gone by the target still waits.
        waiting = after * np.exp(-target / self.patience)
        gone = np.clip(1 - waiting - within, 0.0, 1.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            of_served = np.where(served > 0, within / served, np.nan)
            of_rest = np.where(gone < 1, within / (1 - gone), np.nan)
            w1 = np.where(served > 0, self.waited_by_served() / served, np.nan)
            busy = np.where(self.nobody, 1.0, self.load * served / self.positions)
        busy = np.where(self.load > 0, busy, 0.0)
        w2 = abandoned * self.patience
        return Expected(
            p_wait=shaped(self.p_wait),
            sl1=shaped(1 - waiting), sl2=shaped(of_served), sl3=shaped(within),
            sl4=shaped(of_rest), p_virtual=shaped(1 - after),
            w1=shaped(w1), w2=shaped(w2),
            occupancy=shaped(np.clip(busy, 0.0, 1.0)), p_abandon=shaped(abandoned),
            queue_length=shaped(self.load / self.aht * w2),
        )  # fmt: skip
