"""How far apart agents are, where they hardly are at all."""

import numpy as np
import pytest

from coaching.progress.pooling import _apart


@pytest.mark.parametrize("noise", [0.0, 1.8e-15, -1.8e-15])
def test_agents_who_differ_by_rounding_alone_are_not_apart(noise):
    """Where all gained the same, what is left of an interval is rounding, too."""
    values = np.array([-12.0, -12.0, -12.0 + noise, -12.0, -12.0])
    assert _apart(values, np.full(5, 3.5e-30)) == 0.0


def test_agents_whose_spread_is_known_are_as_far_apart_as_the_textbook_has_it():
    # Equal variances: Paule and Mandel's between is the sample variance less the variance within.
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert _apart(values, np.full(5, 0.5)) == pytest.approx(2.5 - 0.5)
