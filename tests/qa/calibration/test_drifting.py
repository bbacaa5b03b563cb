"""Scores by which reviewers are compared, from what was given blind."""

from datetime import timedelta

import pytest

from qa import cards
from qa.agreement import severities
from qa.calibration import drifting, ratings
from qa.calibration.ratings import Given
from tests.builders import NINE
from tests.qa.after.builders import House
from tests.qa.builders import FORM
from tests.qa.calibration.builders import a_session, score

FIRST, UNTIL = NINE - timedelta(days=1), NINE + timedelta(days=1)


def given(share, **said):
    return Given(("drawn", 1), 2, 7, NINE.date().replace(day=1), NINE, share, said)


@pytest.mark.parametrize(
    ("said", "share", "expected"),
    [
        # It failed outright: greeting 40 and half of 60 stay, the critical one weighs nothing.
        ({"greeting": "yes", "verified": "no", "cause": "3"}, 0.0, 0.7),
        # What did not fail keeps the score that it was given.
        ({"greeting": "yes", "verified": "yes", "cause": "3"}, 0.7123, 0.7123),
        # Nothing counts but the fail.
        ({"verified": "no"}, 0.0, None),
    ],
)
def test_a_score_is_taken_without_what_a_critical_answer_takes_with_it(said, share, expected):
    found = drifting.lenient(given(share, **said), cards.read(FORM).form)
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.django_db
@pytest.mark.usefixtures("nothing_sent")
def test_who_is_harder_on_the_same_calls_is_told_without_automatic_fails():
    # The other gives two steps of four less of 60 points, 30, on each of six calls; that they also
    # fail the call outright is not in it.
    house = House()
    session = a_session(house, [house.call() for _ in range(6)])
    for number in range(1, 7):
        high = "4" if number % 2 else "5"
        score(session, house.reviewer, number, cause=high)
        score(session, house.other, number, cause=str(int(high) - 2), verified="no")
    found = ratings.blind(ratings.seen(house.manager), FIRST, UNTIL)
    scores = [one for _given, one in drifting.scores(found.values(), NINE.date())]
    told = severities(scores).severities
    assert told[house.other.pk].value == pytest.approx(30)
    assert told[house.reviewer.pk].value == pytest.approx(-30)
    assert {one.period for one in scores} == {0}
