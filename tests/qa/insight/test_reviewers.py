"""Scores by which reviewers are compared."""

from datetime import date

import pytest

from qa.insight import reviewers
from qa.insight.reads import Double, Form, Given
from tests.qa.builders import FORM

KEYS = {1: "greeting", 2: "verified", 3: "cause", 4: "remark"}
CARD = Form("Support", FORM, {7: FORM}, {pk: (key, key, "", "") for pk, key in KEYS.items()})


def a_double(share, is_failed=False):
    day = date(2026, 3, 2)
    return Double(5, ("drawn", 1), 9, 7, 2, share, is_failed, day.replace(day=1), day)


def given(**said):
    pks = {key: pk for pk, key in KEYS.items()}
    return [Given(5, pks[key], value, False) for key, value in said.items()]


@pytest.mark.parametrize(
    ("said", "share", "expected"),
    [
        # It failed outright: greeting 40 and half of 60 stay, the critical one weighs nothing.
        ({"greeting": "yes", "verified": "no", "cause": "3"}, 0.0, 0.7),
        # What did not fail keeps the score that it was given.
        ({"greeting": "yes", "verified": "yes", "cause": "3"}, 0.7123, 0.7123),
    ],
)
def test_a_score_is_taken_without_what_a_critical_answer_takes_with_it(said, share, expected):
    (found,) = reviewers.lenient([a_double(share, share == 0)], {9: CARD}, given(**said))
    assert found.share == pytest.approx(expected)


def test_a_review_in_which_nothing_counts_but_the_fail_has_no_score():
    (found,) = reviewers.lenient([a_double(0.0, True)], {9: CARD}, given(verified="no"))
    assert found.share is None
