"""Draws: once, by a recorded seed, to be made again by anybody."""

import json
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from hashlib import blake2b
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qa import tasks
from qa.models import AgentDraw, DrawnCall, Evaluation, PlanDraw, SamplingPlan, Scorecard
from qa.plans import drawing, kept
from qa.plans.how import How
from tests.builders import NINE, a_call, a_user
from tests.qa.plans.builders import MONDAY, NEXT, Centre, a_late_call
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db


def test_each_agent_gets_as_many_calls_as_wanted_and_each_call_a_reviewer():
    centre = Centre(agents=3, calls=12)
    draw = centre.draw()
    assert (draw.eligible, draw.agents.count(), len(draw.seed)) == (36, 3, 32)
    for one in draw.agents.all():
        assert (one.wanted, one.eligible, one.drawn.count(), one.team) == (5, 12, 5, centre.team)
    assert set(DrawnCall.objects.values_list("n", "of")) == {(5, 12)}
    reviews = Evaluation.objects.all()
    assert Counter(reviews.values_list("kind", "rank", "state")) == {("drawn", 0, "todo"): 15}
    assert sorted(Counter(reviews.values_list("reviewer", flat=True)).values()) == [7, 8]
    one = reviews.first()
    assert (one.site, one.team, one.queue) == (centre.site, centre.team, centre.queue)
    assert one.facts["queue"] == "Technical"
    # Drawn on Monday, seven days to review: until the end of Monday the 16th.
    assert one.due_at == draw.due_at == NEXT.replace(day=17, hour=0)


def test_calls_come_in_the_order_of_their_keyed_hashes():
    """An own reckoning of the seed's order: blake2b of the id, keyed with the hash of the seed."""
    centre = Centre(agents=1, calls=40)
    draw = centre.draw()
    key = blake2b(draw.seed.encode()).digest()

    def number(call):
        text = str(call.pk).encode()
        return blake2b(text, digest_size=16, key=key, person=b"draw").digest()

    expected = sorted(centre.calls[centre.agents[0].pk], key=number)[:5]
    drawn = DrawnCall.objects.filter(drawn__draw=draw).values_list("call_id", flat=True)
    assert set(drawn) == {one.pk for one in expected}


AGAIN = """
import json, sys
from qa.sampling import Eligible, Proportional, draw
said = json.load(sys.stdin)
made = draw(said["seed"], [Eligible(*one) for one in said["calls"]], Proportional(said["n"]))
json.dump([[one.call, one.n, one.of] for one in made.drawn], sys.stdout)
"""


def test_another_process_makes_the_same_draw_from_what_was_kept():
    centre = Centre(agents=1, calls=30, strata=["length"], bands=[300, 600])
    draw = centre.draw()
    row = draw.agents.get()
    ids = bytes(row.calls)
    calls = [
        [str(UUID(bytes=ids[16 * at : 16 * at + 16])),
         row.strata[int.from_bytes(bytes(row.of_strata)[2 * at : 2 * at + 2])]]
        for at in range(row.eligible)
    ]  # fmt: skip
    said = {"seed": draw.seed, "calls": calls[::-1], "n": 5}
    done = subprocess.run(
        [sys.executable, "-c", AGAIN], input=json.dumps(said), capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    there = {(str(one.call_id), one.n, one.of) for one in row.drawn.all()}
    assert {tuple(one) for one in json.loads(done.stdout)} == there
    assert {one[0] for one in calls} == {str(one.pk) for one in centre.calls[row.agent_id]}


def test_a_repeated_draw_is_equal_until_anybody_meddles_with_it():
    centre = Centre(agents=2, calls=12)
    draw = centre.draw()
    told = drawing.repeat(draw)
    assert (told.is_equal, told.agents, told.calls) == (True, 2, 24)
    row = draw.agents.first()
    drawn = row.drawn.first()
    there = set(row.drawn.values_list("call_id", flat=True))
    chosen = next(one for one in centre.calls[row.agent_id] if one.pk not in there)
    DrawnCall.objects.filter(pk=drawn.pk).update(call=chosen.pk)
    told = drawing.repeat(draw)
    assert not told.is_equal
    assert {one.agent for one in told.differences} == {row.agent}
    assert any(str(chosen.pk) in one.words for one in told.differences)


def test_kept_calls_that_are_changed_do_not_fit_their_digest():
    centre = Centre(agents=1, calls=6)
    draw = centre.draw()
    row = draw.agents.get()
    AgentDraw.objects.filter(pk=row.pk).update(calls=bytes(row.calls)[16:])
    assert any("digest" in one.words for one in drawing.repeat(draw).differences)


def test_ids_and_strata_are_packed_and_come_out_again():
    calls = {"b": [str(UUID(int=9)), str(UUID(int=2))], "a": [str(UUID(int=5))]}
    ids, labels, places = kept.pack(calls)
    row = AgentDraw(calls=ids, strata=labels, of_strata=places)
    assert [(one.call, one.stratum) for one in kept.unpack(row)] == [
        (str(UUID(int=2)), "b"), (str(UUID(int=5)), "a"), (str(UUID(int=9)), "b"),
    ]  # fmt: skip
    assert len(ids) == 48
    assert len(places) == 6


def test_a_period_is_drawn_once():
    centre = Centre()
    first = drawing.make(centre.plan, MONDAY, None, NEXT)
    second = drawing.make(centre.plan, MONDAY, None, NEXT + timedelta(hours=1))
    assert (first.is_new, second.is_new) == (True, False)
    assert first.draw == second.draw
    assert Evaluation.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_two_who_draw_at_once_make_one_draw():
    centre = Centre(agents=3, calls=12)
    said = elsewhere(*[lambda: drawing.make(centre.plan, MONDAY, None, NEXT)] * 2)
    assert said == ["done", "done"]
    assert PlanDraw.objects.count() == 1
    assert Evaluation.objects.count() == 15


def test_periods_that_are_not_over_or_not_the_plans_are_not_drawn():
    centre = Centre()
    for day, now in ((MONDAY, NEXT - timedelta(days=1)), (MONDAY + timedelta(days=1), NEXT)):
        with pytest.raises(ValidationError, match="no such period"):
            drawing.make(centre.plan, day, None, now)


def test_without_calls_or_a_published_version_there_is_no_draw():
    empty = Centre(agents=1, calls=0)
    with pytest.raises(ValidationError, match="no call"):
        empty.draw()
    centre = Centre()
    centre.plan.card = Scorecard.objects.create(site=centre.site, name="Draft", made_at=NINE)
    centre.plan.save()
    with pytest.raises(ValidationError, match="published version"):
        centre.draw()
    assert not PlanDraw.objects.exists()


def test_nobody_reviews_their_own_calls():
    centre = Centre(agents=2, calls=12)
    player = centre.analysts[0]
    centre.agents[0].user = player
    centre.agents[0].save()
    draw = centre.draw()
    assert not Evaluation.objects.filter(reviewer=player, agent=centre.agents[0]).exists()
    assert Evaluation.objects.filter(drawn__drawn__draw=draw).count() == 10


def test_who_leads_a_team_reviews_it_and_no_other():
    centre = Centre(agents=2, calls=12)
    other = Centre(
        agents=1, calls=12, site=centre.site, name="Other", card=centre.plan.card
    ).agents[0]
    centre.reviewed_by(centre.lead)
    draw = centre.draw()
    mine = set(Evaluation.objects.filter(reviewer=centre.lead).values_list("agent", flat=True))
    assert mine == {one.pk for one in centre.agents}
    row = AgentDraw.objects.get(agent=other)
    assert (row.drawn.count(), Evaluation.objects.filter(agent=other).count()) == (5, 0)
    assert Counter(why for _call, _rank, why in draw.how["missing"]) == {"conflicts": 5}


def test_reviewers_get_no_more_than_they_can_and_what_is_left_says_so():
    centre = Centre(agents=2, calls=12)
    centre.reviewed_by(centre.analysts[0], capacity=4)
    draw = centre.draw()
    assert Evaluation.objects.count() == 4
    assert Counter(why for _call, _rank, why in draw.how["missing"]) == {"capacity": 6}


@pytest.mark.parametrize(
    ("capacities", "expected"),
    [
        ((None, None), [5, 5]),
        ((3, None), [3, 7]),
        ((9, None), [5, 5]),  # an even part, though they could do more
        ((4, 16), [2, 8]),  # of those who all have a most, in proportion to it
        ((2, 3), [2, 3]),
    ],
)
def test_work_is_shared_evenly_up_to_what_each_can_do(capacities, expected):
    centre = Centre(agents=2, calls=12)
    for one, most in zip(centre.analysts, capacities, strict=True):
        centre.plan.reviewers.filter(user=one).update(capacity=most)
    centre.draw()
    reviews = Evaluation.objects.all()
    assert [reviews.filter(reviewer=one).count() for one in centre.analysts] == expected


def test_who_may_not_review_some_leaves_more_to_others_than_their_part():
    centre = Centre(agents=2, calls=12)
    Centre(agents=3, calls=12, site=centre.site, name="Other", card=centre.plan.card)
    centre.reviewed_by(centre.lead, centre.analysts[0])
    centre.agents[0].user = centre.analysts[0]
    centre.agents[0].save()
    centre.draw()
    # Of 25 calls 13 would be even. The supervisor may review the ten of their team alone, and the
    # analyst none of their own: fifteen of three others are left to them.
    reviews = Evaluation.objects.all()
    assert reviews.filter(reviewer=centre.lead).count() == 10
    assert reviews.filter(reviewer=centre.analysts[0]).count() == 15
    assert not reviews.filter(agent=centre.agents[0], reviewer=centre.analysts[0])


def test_a_share_of_calls_is_reviewed_by_two_who_differ():
    centre = Centre(agents=2, calls=12, several_share="0.20")
    centre.draw()
    doubles = Evaluation.objects.filter(rank=1)
    assert doubles.count() == 2  # of ten calls
    for one in doubles:
        first = Evaluation.objects.get(drawn=one.drawn, rank=0)
        assert first.reviewer != one.reviewer


def test_who_has_a_call_for_another_plan_does_not_get_it_twice():
    centre = Centre(agents=1, calls=5)
    first = centre.draw()
    other = SamplingPlan.objects.create(
        site=centre.site, name="Second", card=centre.plan.card, starts_on=MONDAY, several_share=0
    )
    other.reviewers.create(user=centre.analysts[0])
    other.reviewers.create(user=centre.analysts[1])
    second = drawing.make(other, MONDAY, None, NEXT).draw
    # All five calls are drawn by both; each by the one who has it not yet.
    had = dict(Evaluation.objects.filter(drawn__drawn__draw=first).values_list("call", "reviewer"))
    got = dict(Evaluation.objects.filter(drawn__drawn__draw=second).values_list("call", "reviewer"))
    assert set(got) == set(had)
    assert all(got[call] != had[call] for call in had)


def test_a_draw_keeps_how_it_was_made_though_the_plan_changes():
    centre = Centre(agents=1, calls=12)
    a_call(centre.queue, NINE, agent=centre.agents[0], talk=5)
    draw = centre.draw()
    SamplingPlan.objects.update(per_agent=9, strata=["queue"])
    draw.refresh_from_db()
    assert How.read(draw.how["plan"]).per_agent == 5
    assert draw.how["left_out"] == {"short": 1}
    assert drawing.repeat(draw).is_equal


def test_shares_draw_more_of_some():
    # Twelve calls of 60 to 390 seconds: 8 under five minutes, four longer.
    parts = {"length:300-": 60}
    centre = Centre(agents=1, calls=12, strata=["length"], bands=[300], allocation="shares",
                    parts=parts)  # fmt: skip
    centre.draw()
    by = Counter(DrawnCall.objects.values_list("stratum", "n", "of"))
    assert by == {("length:300-", 3, 4): 3, ("length:0-300", 2, 8): 2}


def test_so_many_of_each_wants_that_of_each_stratum():
    centre = Centre(agents=1, calls=12, strata=["length"], bands=[300], allocation="fixed",
                    per_agent=2, parts={"length:300-": 3})  # fmt: skip
    centre.draw()
    assert AgentDraw.objects.get().wanted == 5
    assert Counter(DrawnCall.objects.values_list("stratum", flat=True)) == {
        "length:300-": 3, "length:0-300": 2,
    }  # fmt: skip


def test_a_period_waits_until_its_calls_are_there():
    centre = Centre()
    assert drawing.due(centre.plan, NEXT) == []
    assert [one.first for one in drawing.due(centre.plan, NEXT + timedelta(days=2))] == [MONDAY]
    a_late_call(centre.queue)
    assert [one.first for one in drawing.due(centre.plan, NEXT)] == [MONDAY]


def test_a_new_plan_draws_its_newest_period_alone_and_then_what_follows():
    centre = Centre(starts_on=MONDAY - timedelta(weeks=4))
    later = NEXT + timedelta(days=2)
    assert [one.first for one in drawing.due(centre.plan, later)] == [MONDAY]
    assert len(drawing.undrawn(centre.plan, later)) == 5
    drawing.make(centre.plan, MONDAY, None, later)
    assert drawing.due(centre.plan, later) == []
    # Three weeks in which nothing ran.
    found = drawing.due(centre.plan, later + timedelta(weeks=3))
    assert [one.first for one in found] == [MONDAY + timedelta(weeks=n) for n in (1, 2, 3)]
    assert drawing.due(centre.plan, later + timedelta(weeks=30))[0].first > date(2026, 7, 1)


def test_a_plan_that_has_ended_draws_what_was_over_by_then():
    centre = Centre(ended_on=MONDAY + timedelta(days=8))
    later = NEXT + timedelta(weeks=4)
    assert [one.first for one in drawing.due(centre.plan, later)] == [MONDAY]
    SamplingPlan.objects.update(ended_on=MONDAY + timedelta(days=3))
    centre.plan.refresh_from_db()
    assert drawing.due(centre.plan, later) == []


def test_the_task_draws_what_is_due_once_and_goes_on_where_a_plan_cannot(time_machine_at_next):
    empty = Centre(agents=1, calls=0)
    centre = Centre(agents=1, calls=12)
    for one in (empty, centre):
        a_late_call(one.queue)
    tasks.draw_due()
    tasks.draw_due()
    assert [one.plan for one in PlanDraw.objects.all()] == [centre.plan]
    assert PlanDraw.objects.get().made_by is None


def test_a_period_without_calls_does_not_hold_up_the_next():
    centre = Centre(agents=1, calls=12)
    centre.draw()
    late = NEXT + timedelta(weeks=2)
    a_call(centre.queue, late - timedelta(days=1), agent=centre.agents[0])
    with time_machine.travel(late + timedelta(days=2), tick=False):
        tasks.draw_due()
    days = PlanDraw.objects.order_by("first_day").values_list("first_day", flat=True)
    assert list(days) == [MONDAY, MONDAY + timedelta(weeks=2)]


@pytest.fixture
def time_machine_at_next():
    with time_machine.travel(NEXT, tick=False):
        yield


def queries_of(centre):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        centre.draw()
    return len(asked)


def test_a_draw_asks_the_same_of_few_agents_as_of_many():
    few, many = Centre(agents=2, calls=6), Centre(agents=30, calls=8)
    assert queries_of(few) == queries_of(many)


def test_an_analyst_elsewhere_or_gone_gets_nothing():
    centre = Centre(agents=1, calls=12)
    gone = a_user("qa_analyst", centre.site)
    gone.is_active = False
    gone.save()
    centre.reviewed_by(gone, a_user("qa_analyst", Centre(agents=0).site), centre.analysts[0])
    centre.draw()
    assert set(Evaluation.objects.values_list("reviewer", flat=True)) == {centre.analysts[0].pk}
