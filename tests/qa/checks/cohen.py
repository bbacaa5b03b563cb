"""Cohen's kappa by its definition, and its published standard error."""

import math

import numpy as np


def true_kappa(a, b, c, d):
    """Of shares, or counts, of yes and yes, yes and no, no and yes, no and no."""
    n = a + b + c + d
    agreed = (a + d) / n
    chance = ((a + b) * (a + c) + (d + b) * (d + c)) / n**2
    return (agreed - chance) / (1 - chance)


def standard_error(a, b, c, d):
    """Of large samples (Fleiss, Cohen & Everitt 1969, "Large sample standard errors of kappa and
    weighted kappa")."""
    p = np.array([[a, b], [c, d]]) / (a + b + c + d)
    rows, columns = p.sum(1), p.sum(0)
    chance = float(rows @ columns)
    k = true_kappa(a, b, c, d)
    first = sum(p[i, i] * (1 - (rows[i] + columns[i]) * (1 - k)) ** 2 for i in range(2))
    second = (1 - k) ** 2 * (
        p[0, 1] * (columns[0] + rows[1]) ** 2 + p[1, 0] * (columns[1] + rows[0]) ** 2
    )
    third = (k - chance * (1 - k)) ** 2
    return math.sqrt(max(0.0, first + second - third) / (a + b + c + d)) / (1 - chance)
