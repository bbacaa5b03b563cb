"""What those who are planned give, by numbers that can be reckoned by hand."""

from math import exp, nan

import numpy as np
import pytest

from scheduling.gaps.outlook import OVER, SHORT, Outlook
from scheduling.staffing.requirement import Aim, given_by

# Nobody leaves (Erlang C), 200 s a call, within 20 s: ten calls in half an hour are 10/9 erlangs,
# nine are exactly one.
AIM = Aim(service_level=0.8, target_seconds=20, variant="SL1")
HALF = 1800
# Of one erlang: of two positions a third of the calls waits, of three one in eleven.
OF_TWO = 1 - exp(-0.1) / 3
OF_THREE = 1 - exp(-0.2) / 11


def an_outlook(scheduled, calls=9.0, required=3.0, known=0, is_open=1.0):
    many = len(scheduled)
    return Outlook(
        calls=np.full(many, calls) if np.isscalar(calls) else np.array(calls, float),
        aht_seconds=np.full(many, 200.0),
        open=np.full(many, is_open) if np.isscalar(is_open) else np.array(is_open, float),
        required=np.full(many, required) if np.isscalar(required) else np.array(required, float),
        scheduled=np.array(scheduled, float),
        known=known,
        interval_seconds=HALF,
        aim=AIM,
    )


def test_one_erlang_by_two_and_by_three():
    told = an_outlook([2, 3]).expected
    assert told.level == pytest.approx([OF_TWO, OF_THREE])
    assert told.occupancy == pytest.approx([1 / 2, 1 / 3])


def test_somebody_who_is_there_for_half_of_the_time_is_there_for_half_of_the_calls():
    told = an_outlook([2.5]).expected
    assert told.level == pytest.approx([(OF_TWO + OF_THREE) / 2])
    # One erlang of two and a half positions.
    assert told.occupancy == pytest.approx([0.4])


def test_where_no_calls_come_or_nobody_knows_how_long_they_take_nothing_is_told():
    given = given_by(
        np.array([2.0, 2.0, 0.0]), np.array([0.0, 9.0, 9.0]), np.array([200.0, nan, 200.0]),
        HALF, AIM,
    )  # fmt: skip
    assert np.isnan(given.level).tolist() == [True, True, False]
    assert given.level[2] == 0
    assert np.isnan(given.occupancy).all()


def test_an_hour_that_is_open_for_half_of_it_has_its_calls_in_that_half():
    half = given_by(np.array([2.0]), np.array([4.5]), np.array([200.0]), HALF, AIM, np.array([0.5]))
    assert half.level == pytest.approx([OF_TWO])


def test_gaps_are_told_from_now_on_one_after_the_other():
    """Known are two: the day is short in the third and fourth, right in the fifth, one over in the
    sixth, and closed in the last."""
    outlook = an_outlook([1, 1, 2, 2, 3, 4, 0], known=2, is_open=[1, 1, 1, 1, 1, 1, 0])
    short, over = outlook.gaps(0, 6)
    assert (short.first, short.last, short.kind, short.by) == (2, 3, SHORT, -1)
    assert short.level == pytest.approx(OF_TWO)
    assert short.occupancy == pytest.approx(0.5)
    assert (over.first, over.last, over.kind, over.by) == (5, 5, OVER, 1)


@pytest.mark.parametrize(
    ("scheduled", "kind"),
    [(2.85, SHORT), (2.95, None), (3.0, None), (3.9, None), (4.0, OVER)],
)
def test_a_part_of_somebody_is_a_gap_and_nobody_is_sent_home_by_parts(scheduled, kind):
    assert an_outlook([scheduled]).kind(0) == kind


def test_what_is_required_of_unknown_lengths_is_no_gap():
    assert an_outlook([0], required=nan).gaps(0, 0) == []


def test_levels_of_a_gap_are_weighed_by_calls():
    """Eighteen calls by two positions are two erlangs: all wait, nobody within 20 s."""
    [gap] = an_outlook([2, 2], calls=[9, 18]).gaps(0, 1)
    assert gap.level == pytest.approx((9 * OF_TWO + 18 * 0) / 27)
    assert gap.occupancy == pytest.approx((9 * 0.5 + 18 * 1) / 27)
