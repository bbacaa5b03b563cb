"""Reviews go along when two names become one."""

import pytest

from ccm.models import Agent, Queue
from ccm.signals import names_merged
from qa.models import Evaluation
from tests.builders import a_queue, an_agent
from tests.qa.builders import a_plan, an_evaluation

pytestmark = pytest.mark.django_db


def test_reviews_of_a_merged_agent_are_those_of_the_one_they_become():
    review = an_evaluation()
    keeper = an_agent(review.site)
    names_merged.send(sender=Agent, loser=review.agent_id, keeper=keeper.pk)
    assert Evaluation.objects.get().agent == keeper


def test_plans_and_reviews_of_a_merged_queue_are_of_the_one_it_becomes():
    review = an_evaluation()
    keeper = a_queue(review.site)
    plan = a_plan(review.site, review.version.card)
    plan.queues.add(review.queue)
    names_merged.send(sender=Queue, loser=review.queue_id, keeper=keeper.pk)
    assert Evaluation.objects.get().queue == keeper
    assert list(plan.queues.all()) == [keeper]
