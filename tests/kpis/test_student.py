import math

import pytest

from kpis.noise.student import t_quantile, t_two_sided_p


@pytest.mark.parametrize(
    ("probability", "df", "published"),
    [
        # Any printed table of Student's t.
        (0.975, 1, 12.706),
        (0.975, 2, 4.303),
        (0.975, 5, 2.571),
        (0.975, 7, 2.365),
        (0.975, 10, 2.228),
        (0.975, 30, 2.042),
        (0.975, 120, 1.980),
        (0.95, 7, 1.895),
        (0.995, 1, 63.657),
        (0.995, 20, 2.845),
        (0.9995, 3, 12.924),
    ],
)
def test_quantiles_are_those_of_the_tables(probability, df, published):
    assert round(t_quantile(probability, df), 3) == published


def test_the_lower_half_mirrors_the_upper():
    assert t_quantile(0.025, 7) == -t_quantile(0.975, 7)
    assert t_quantile(0.5, 7) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("t", [0.01, 0.5, 1.0, 3.0, 50.0, 1e6])
def test_one_and_two_degrees_of_freedom_have_closed_forms(t):
    cauchy = 1 - 2 * math.atan(t) / math.pi
    assert t_two_sided_p(t, 1) == pytest.approx(cauchy, rel=1e-6, abs=1e-12)
    two = 1 - t / math.sqrt(2 + t * t)
    assert t_two_sided_p(-t, 2) == pytest.approx(two, rel=1e-6, abs=1e-12)


def test_nothing_is_farther_than_infinity():
    assert t_two_sided_p(math.inf, 5) == 0
    assert t_two_sided_p(0, 5) == 1


def test_questions_without_an_answer_are_refused():
    with pytest.raises(ValueError, match="degree of freedom"):
        t_two_sided_p(1, 0)
    for probability in (0, 1, 1.5):
        with pytest.raises(ValueError, match="between 0 and 1"):
            t_quantile(probability, 5)
