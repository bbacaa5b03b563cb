"""What plans and draws say goes on of a name that another is merged into."""

import pytest

from ccm.models import Agent, Queue
from ccm.signals import names_merged
from qa.models import AgentDraw, Evaluation, SamplingPlan
from qa.plans import drawing
from qa.scores import reads
from tests.builders import a_queue
from tests.qa.builders import finished
from tests.qa.plans.builders import Centre

pytestmark = pytest.mark.django_db


def test_two_names_that_were_both_drawn_are_one_agent_with_both_draws():
    centre = Centre(agents=2, calls=12)
    draw = centre.draw()
    loser, keeper = centre.agents
    for one in Evaluation.objects.all():
        finished(one, "0.80" if one.agent_id == loser.pk else "0.60")
    names_merged.send(sender=Agent, loser=loser.pk, keeper=keeper.pk)
    assert set(AgentDraw.objects.values_list("agent", flat=True)) == {keeper.pk}
    assert set(Evaluation.objects.values_list("agent", flat=True)) == {keeper.pk}
    assert drawing.repeat(draw).is_equal
    (card,) = reads.of_draws([draw])
    (one,) = card.agents
    # Twelve calls at .8 and twelve at .6, each by five.
    assert (one.reviews, one.eligible) == (10, 24)
    assert one.score.own.value == pytest.approx(0.7)


def test_a_plan_of_a_queue_goes_on_with_the_one_it_is_merged_into():
    centre = Centre(agents=1, calls=12)
    keeper = a_queue(centre.site, "Support")
    plan = centre.plan
    plan.queues.add(centre.queue)
    SamplingPlan.objects.update(strata=["queue"], parts={f"queue:{centre.queue.pk}": 30})
    names_merged.send(sender=Queue, loser=centre.queue.pk, keeper=keeper.pk)
    plan.refresh_from_db()
    assert list(plan.queues.all()) == [keeper]
    assert plan.parts == {f"queue:{keeper.pk}": 30}
