"""A review's score is kept as its answers make it."""

from decimal import Decimal

import pytest

from qa.models import Answer, CardCriterion
from qa.reviews.answers import rescore
from tests.qa.builders import an_evaluation

pytestmark = pytest.mark.django_db


def said(evaluation, **values):
    for key, value in values.items():
        criterion = CardCriterion.objects.get(card=evaluation.version.card, key=key)
        Answer.objects.update_or_create(
            evaluation=evaluation,
            criterion=criterion,
            defaults={"value": "" if value is None else value, "skipped": value is None},
        )
    rescore(evaluation)
    evaluation.refresh_from_db()


def test_the_share_and_what_each_answer_loses_are_kept():
    # Greeting 40 of 100 met; the cause is 60 at 3 of 1 to 5, half: 40 + 30 = 70.
    review = an_evaluation()
    said(review, greeting="yes", cause="3", remark="well told")
    assert (review.share, review.is_failed) == (Decimal("0.7"), False)
    lost = dict(review.answers.values_list("criterion__key", "lost"))
    assert lost == {"greeting": 0, "cause": Decimal("0.3"), "remark": None}


def test_what_does_not_apply_leaves_its_weight_to_the_others_and_a_fail_takes_all():
    review = an_evaluation()
    said(review, greeting=None, cause="3")
    assert review.share == Decimal("0.5")
    said(review, verified="no")
    assert (review.share, review.is_failed) == (0, True)
