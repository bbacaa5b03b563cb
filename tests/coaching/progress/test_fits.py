"""Least squares within cells, against refits by a general solver and cases worked by hand."""

import numpy as np
import pytest

from coaching.progress.fits import Estimate, Fit

RNG = np.random.default_rng(3)


def some_rows(agents_of_rows):
    """Rows of three cells with two columns, of which the first is who is coached."""
    rows = len(agents_of_rows)
    cells = [at % 3 for at in range(rows)]
    known = np.column_stack([(np.arange(rows) % 4 == 0).astype(float), RNG.normal(size=rows)])
    values = known @ [2.0, -1.0] + np.array(cells) + RNG.normal(size=rows)
    return known, values, cells


def refitted(known, values, cells, keep):
    """The slopes by a column for each cell, of the rows that are kept."""
    levels = np.eye(3)[np.array(cells)]
    design = np.column_stack([known, levels])[keep]
    return np.linalg.lstsq(design, values[keep], rcond=None)[0][:2]


@pytest.mark.parametrize("agents", [list(range(30)), [at // 2 for at in range(30)]])
def test_the_error_is_how_far_the_slope_moves_without_each_agent(agents):
    # What the jackknife sums is HC3 where each agent has one row, and its clustered form elsewhere.
    known, values, cells = some_rows(agents)
    fit = Fit(known, values, cells, agents)
    whole = refitted(known, values, cells, np.ones(30, bool))
    assert fit.slopes == pytest.approx(whole)
    moved = [
        refitted(known, values, cells, np.array(agents) != one)[0] - whole[0]
        for one in dict.fromkeys(agents)
    ]
    assert fit.estimate(0).error == pytest.approx(float(np.sqrt(np.square(moved).sum())))


def test_five_coached_beside_twenty_have_the_degrees_of_about_five():
    # Of a difference of two means HC3 adds s1 / (n1 (1 - 1/n1)^2) and the like: where all are
    # equally even these are a = 1 / (n1 - 1) and b = 1 / (n2 - 1), with n1 - 1 and n2 - 1 degrees:
    # (a + b)^2 / (a^3 + b^3) with a = 1/4, b = 1/19.
    coached = np.array([1.0] * 5 + [0.0] * 20)[:, None]
    fit = Fit(coached, RNG.normal(size=25), [0] * 25, list(range(25)))
    assert fit.estimate(0).degrees == pytest.approx(5.807, abs=0.001)


def test_what_is_left_of_a_row_is_what_others_do_not_foretell():
    known, values, cells = some_rows(list(range(30)))
    fit = Fit(known, values, cells, list(range(30)))
    for row in (0, 7, 29):
        others = np.arange(30) != row
        rest = [one for at, one in enumerate(cells) if at != row]
        alone = Fit(known[others], values[others], rest, list(range(29)))
        [weights] = alone.foretelling(known[[row]], [cells[row]])
        assert fit.left_out()[row] == pytest.approx(values[row] - weights @ values[others])


def test_columns_that_tell_the_same_are_refused():
    one = RNG.normal(size=12)
    with pytest.raises(ValueError, match="told apart"):
        Fit(np.column_stack([one, 2 * one]), one, [0] * 12, list(range(12)))
    with pytest.raises(ValueError, match="no row is left"):
        Fit(np.array([[0.0], [1.0]]), np.array([1.0, 2.0]), [0, 0], [0, 1])


def test_an_interval_is_that_of_students_t():
    # 2.571 is its 97.5 % quantile at five degrees of freedom, in any table.
    low, high = Estimate(1.0, 2.0, 5.0).interval()
    assert (low, high) == (pytest.approx(1 - 2 * 2.5706, abs=1e-3), pytest.approx(6.141, abs=1e-3))
    assert Estimate(2.0 * 2.5706, 2.0, 5.0).p == pytest.approx(0.05, abs=1e-4)
