"""Reviews of a demo are filled in as a reviewer would, and their score is that of their answers."""

from datetime import timedelta

import pytest

from qa.demo.minds import Mind
from qa.demo.reviewed import Filler
from qa.models import Evaluation, ReviewEvent
from qa.reviews.answers import rescore
from tests.builders import NINE, a_call, a_queue, a_user
from tests.qa.builders import a_reviewed_agent, an_evaluation

pytestmark = pytest.mark.django_db


def some(many, due=NINE + timedelta(days=7)):
    queue = a_queue()
    agent = a_reviewed_agent(queue.site)
    reviewer = a_user("qa_analyst", queue.site)
    return [
        an_evaluation(a_call(queue, NINE + timedelta(minutes=n), agent=agent), reviewer, due_at=due)
        for n in range(many)
    ]


def filler(reviews, now):
    return Filler(NINE, now, {reviews[0].reviewer_id: Mind()}, {}, {})


def test_filled_reviews_have_the_score_of_their_answers_and_a_history():
    reviews = some(12)
    now = NINE + timedelta(days=30)
    assert filler(reviews, now).fill(reviews) == 12
    for one in Evaluation.objects.all():
        kept = (one.share, one.is_failed)
        rescore(one)
        assert (one.share, one.is_failed) == kept
        assert one.state == "released"
        assert NINE <= one.finished_at < now
        whats = [*one.events.values_list("what", flat=True)]
        assert whats[:2] == ["finished", "released"]
    assert 0 < ReviewEvent.objects.filter(what="acknowledged").count() <= 12


def test_most_of_what_is_due_later_stays_to_be_done():
    now = NINE + timedelta(days=1)
    reviews = some(30, due=NINE + timedelta(days=7))
    done = filler(reviews, now).fill(reviews, open_from=now)
    assert 0 < done < 20
    assert Evaluation.objects.open().count() == 30 - done
