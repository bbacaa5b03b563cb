"""What is lost on criteria, and what scores lack."""

from datetime import date
from types import SimpleNamespace

import pytest

from qa.insight.criteria import lacking
from qa.insight.pareto import Loss
from qa.insight.reads import Review, Said
from tests.builders import NINE

DAY = date(2026, 3, 2)


def a_review(pk, share, weight):
    return Review(
        pk, pk, NINE, DAY, DAY, pk, None, 1, "North", 1, "Billing", 9, "Support", 2, share,
        share == 0, weight, None,
    )  # fmt: skip


def test_what_is_lost_less_what_bonuses_give_back_is_what_scores_lack():
    # Of three calls .2 lost, .1 given back by a bonus; of one all, .4 of it on what is asked no
    # more. Lost on what is listed: (3 x .2 + .6) / 4; the scores lack 1 - 3 x .9 / 4.
    reviews = [a_review(1, 0.9, 3), a_review(2, 0.0, 1)]
    answers = [Said(1, 5, 0.5, 0.2, True), Said(2, 5, 0.0, 0.6, True), Said(2, 6, 0.0, 0.4, True)]
    found = lacking(reviews, answers, [SimpleNamespace(id=5, loss=Loss(5, 0.3, 1, 1, True))])
    assert (found.listed, found.elsewhere, found.gave_back) == pytest.approx((0.3, 0.1, 0.075))
    assert found.lack == pytest.approx(1 - 3 * 0.9 / 4)


def test_what_no_answer_tells_of_is_lost_elsewhere():
    found = lacking([a_review(1, 0.7, 2)], [Said(1, 5, 0.5, 0.2, True)], [])
    assert (found.listed, found.elsewhere, found.gave_back) == pytest.approx((0, 0.3, 0))


def test_of_nothing_nothing_is_lacking():
    assert lacking([], [], []).lack == 0
