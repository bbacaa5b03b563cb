"""Logarithms of incomplete gamma functions by their leading factor z^a exp(-z), so that neither a
far tail nor a huge load runs out of numbers or of digits.

Where the function itself is too small for a float, a and z lie far apart, and the series (DLMF
8.7.1) or the continued fraction (DLMF 8.9.2) gives it in few terms.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammaln

Array = NDArray[np.float64]

# Below this a regularised function has lost digits or is about to.
_TINY = 1e-250
_TERMS, _CLOSE = 100_000, 1e-16
_HALF_LOG_TAU = 0.5 * np.log(2 * np.pi)


def log_weight(a: Array, z: Array) -> Array:
    """ln(z^a exp(-z) / Gamma(a + 1)), of a >= 0 and z >= 0: the chance that a Poisson count of
    mean z is a. By deviance, so that no digits go where both are large (Loader 2000)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        told = -_deviance(a, z) - _HALF_LOG_TAU - 0.5 * np.log(a) - _stirling(a)
    return np.where(a == 0, -z, np.where(z == 0, -np.inf, told))


def log_lower(a: Array, z: Array) -> Array:
    """ln of a gamma(a, z) / (z^a exp(-z)), of a > 0 and z >= 0. Broadcasts."""
    a, z = np.broadcast_arrays(np.asarray(a, float), np.asarray(z, float))
    regular = gammainc(a, z)
    with np.errstate(divide="ignore", invalid="ignore"):
        told = np.asarray(np.log(regular) - log_weight(a, z))
    far = regular < _TINY
    if far.any():
        told[far] = np.log(_series(a[far], z[far]))
    return told


def log_upper(a: Array, z: Array) -> Array:
    """ln of Gamma(a, z) / (z^a exp(-z)), of a > 0 and z > 0. Broadcasts."""
    a, z = np.broadcast_arrays(np.asarray(a, float), np.asarray(z, float))
    regular = gammaincc(a, z)
    with np.errstate(divide="ignore", invalid="ignore"):
        told = np.asarray(np.log(regular) - log_weight(a, z) - np.log(a))
    far = regular < _TINY
    if far.any():
        told[far] = np.log(_fraction(a[far], z[far]))
    return told


def _deviance(a: Array, z: Array) -> Array:
    """a ln(a / z) + z - a."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = a / z
        # Of the smallest numbers the ratio is none, but its logarithm is.
        far = a * np.where(np.isinf(ratio), np.log(a) - np.log(z), np.log(ratio)) + z - a
        part = (a - z) / (a + z)
        square, power, total = part * part, part, (a - z) * part
        for odd in range(3, 27, 2):
            power = power * square
            total = total + 2 * a * power / odd
    return np.where(np.abs(a - z) < 0.1 * (a + z), total, far)


def _stirling(a: Array) -> Array:
    """ln Gamma(a + 1) less Stirling's formula."""
    with np.errstate(divide="ignore", invalid="ignore"):
        near = gammaln(a + 1) - (a + 0.5) * np.log(a) + a - _HALF_LOG_TAU
        one = 1 / a
        square = one * one
        series = one * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
    return np.where(a < 16, near, series)


def _series(a: Array, z: Array) -> Array:
    """a gamma(a, z) / (z^a exp(-z)) where a is far above z: z^j / ((a + 1) ... (a + j)), summed."""
    total = term = np.ones_like(a)
    for number in range(1, _TERMS):
        term = term * (z / (a + number))
        total = total + term
        if (term < _CLOSE * total).all():
            break
    return total


def _fraction(a: Array, z: Array) -> Array:
    """Gamma(a, z) / (z^a exp(-z)), by Lentz's method; z is far above a."""
    floor = 1e-300
    below = z + 1 - a
    up, down = np.full_like(a, 1 / floor), 1 / below
    total = down
    for number in range(1, _TERMS):
        part = -number * (number - a)
        below = below + 2
        down = part * down + below
        down = 1 / np.where(np.abs(down) < floor, floor, down)
        up = below + part / up
        up = np.where(np.abs(up) < floor, floor, up)
        step = up * down
        total = total * step
        if (np.abs(step - 1) < 1e-15).all():
            break
    return total
