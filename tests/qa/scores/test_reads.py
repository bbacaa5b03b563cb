"""Scores of kept reviews: from draws alone, by scorecard and team."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qa.models import DrawnCall, Evaluation, SamplingPlan
from qa.plans import drawing
from qa.scores import reads
from tests.builders import a_call
from tests.qa.builders import a_card, an_evaluation, finished
from tests.qa.plans.builders import MONDAY, NEXT, Centre

pytestmark = pytest.mark.django_db
SHARES = ["0.90", "0.80", "0.70", "1.00", "0.60"]


def reviewed(centre, shares=SHARES):
    """The agents' drawn calls reviewed with these shares, each the same."""
    for agent in centre.agents:
        rows = Evaluation.objects.filter(agent=agent, kind="drawn", rank=0).order_by("call_id")
        for one, share in zip(rows, shares, strict=False):
            finished(one, share)


def only(found):
    assert len(found) == 1
    return found[0].agents


def test_an_agents_own_score_is_the_mean_of_their_drawn_calls():
    centre = Centre(agents=1, calls=12)
    draw = centre.draw()
    reviewed(centre)
    (one,) = only(reads.of_draws([draw]))
    # One layer: (.9 + .8 + .7 + 1 + .6) / 5.
    assert one.score.own.value == pytest.approx(0.8)
    assert (one.eligible, one.drawn, one.reviews, one.targeted) == (12, 5, 5, 0)
    # Variance of one call .025, of the mean .025 (1 - 5/12) / 5; t of 4 degrees is 2.776.
    half = 2.776 * (0.025 * (1 - 5 / 12) / 5) ** 0.5
    assert one.score.own.interval == pytest.approx((0.8 - half, 0.8 + half), abs=1e-4)
    # 2.776 sqrt(1/5 - 1/12) / 2 = .474: 2.447 sqrt(1/7 - 1/12) = .597, 2.365 sqrt(1/8 - 1/12)
    # = .483, 2.306 sqrt(1/9 - 1/12) = .384.
    assert one.more == 4


def test_strata_that_were_drawn_from_more_often_weigh_less():
    # Two of 8 short calls and 3 of 4 long ones: weights 4 and 4/3.
    centre = Centre(agents=1, calls=12, strata=["length"], bands=[300], allocation="shares",
                    parts={"length:300-": 60})  # fmt: skip
    draw = centre.draw()
    for one in DrawnCall.objects.all():
        share = "0.9" if one.stratum == "length:0-300" else "0.6"
        finished(one.evaluations.get(), share)
    (told,) = only(reads.of_draws([draw]))
    assert told.score.own.value == pytest.approx((8 * 0.9 + 4 * 0.6) / 12)


def test_targeted_reviews_second_ones_and_swapped_calls_never_count():
    centre = Centre(agents=1, calls=12, several_share="1.00")
    draw = centre.draw()
    reviewed(centre)
    for one in Evaluation.objects.filter(rank=1):
        finished(one, "0.01")
    agent = centre.agents[0]
    for _ in range(3):
        call = a_call(centre.queue, agent=agent)
        finished(an_evaluation(call, centre.analysts[0], reason="complaint"), "0.0")
    (one,) = only(reads.of_draws([draw]))
    assert one.score.own.value == pytest.approx(0.8)
    assert (one.reviews, one.targeted) == (5, 3)
    swapped = DrawnCall.objects.first()
    DrawnCall.objects.filter(pk=swapped.pk).update(
        state="swapped", swap_reason="no_talk", swapped_at=NEXT
    )
    (one,) = only(reads.of_draws([draw]))
    assert (one.drawn, one.reviews) == (4, 4)


def test_under_five_reviews_there_is_no_score_and_open_ones_do_not_count():
    centre = Centre(agents=1, calls=12)
    draw = centre.draw()
    reviewed(centre, SHARES[:4])
    (one,) = only(reads.of_draws([draw]))
    assert one.is_too_few
    assert (one.score.pooled, one.rank, one.more, one.reviews) == (None, None, None, 4)


def test_a_review_in_which_nothing_counts_is_none():
    centre = Centre(agents=1, calls=12)
    draw = centre.draw()
    reviewed(centre)
    Evaluation.objects.filter(pk=Evaluation.objects.first().pk).update(share=None)
    (one,) = only(reads.of_draws([draw]))
    assert one.reviews == 4


def test_failed_calls_stand_apart():
    centre = Centre(agents=1, calls=12)
    draw = centre.draw()
    reviewed(centre)
    worst = Evaluation.objects.get(share=Decimal("0.6"))
    Evaluation.objects.filter(pk=worst.pk).update(share=0, is_failed=True)
    (one,) = only(reads.of_draws([draw]))
    assert one.score.own.value == pytest.approx(0.85)
    assert (one.score.failing.failed, one.score.failing.rate) == (1, pytest.approx(0.2))


def test_teams_of_five_have_ranges_of_ranks_and_scores_are_pooled_within_them():
    centre = Centre(agents=5, calls=12)
    draw = centre.draw()
    for place, agent in enumerate(centre.agents):
        rows = Evaluation.objects.filter(agent=agent).order_by("call_id")
        for one, share in zip(rows, SHARES, strict=True):
            finished(one, str(round(float(share) - 0.1 * place, 2)))
    told = only(reads.of_draws([draw]))
    assert [one.rank.ranked for one in told] == [5] * 5
    best = told[0]
    assert best.score.drawn_in > 0
    # The mean of the team is .6: who is above is drawn down to it.
    assert 0.6 < best.score.pooled.value < best.score.own.value == pytest.approx(0.8)


def test_draws_of_a_period_are_put_together_each_with_its_chances():
    centre = Centre(agents=1, calls=12, starts_on=MONDAY)
    a_week = timedelta(weeks=1)
    for n in range(6):
        a_call(centre.queue, NEXT + timedelta(hours=n), agent=centre.agents[0])
    first = centre.draw()
    reviewed(centre)
    second = drawing.make(centre.plan, MONDAY + a_week, None, NEXT + a_week).draw
    for one in Evaluation.objects.filter(drawn__drawn__draw=second):
        finished(one, "0.5")
    (one,) = only(reads.of_period(centre.site, date(2026, 3, 1), date(2026, 3, 31)))
    # 12 calls at .8, by 5 of them, and 6 at .5, by 5 of them.
    assert one.score.own.value == pytest.approx((12 * 0.8 + 6 * 0.5) / 18)
    assert (one.eligible, one.drawn, one.reviews) == (18, 10, 10)
    (one,) = only(reads.of_period(centre.site, date(2026, 3, 8), date(2026, 3, 8)))
    assert one.reviews == 5
    assert reads.of_period(centre.site, date(2026, 3, 9), date(2026, 3, 14)) == []
    assert first.first_day < second.first_day


def test_scorecards_are_apart_and_a_call_of_two_plans_of_one_counts_once():
    centre = Centre(agents=1, calls=5)
    centre.draw()
    reviewed(centre)
    other = a_card(centre.site, "Sales")
    plans = [
        SamplingPlan.objects.create(site=centre.site, name=name, card=card, starts_on=MONDAY,
                                    several_share=0)
        for name, card in (("Again", centre.plan.card), ("Sales", other))
    ]  # fmt: skip
    for plan in plans:
        for one in centre.analysts:
            plan.reviewers.create(user=one)
        drawing.make(plan, MONDAY, None, NEXT)
    for one in Evaluation.objects.filter(drawn__drawn__draw__plan__in=plans):
        finished(one, "0.20")
    found = reads.of_period(centre.site, MONDAY, date(2026, 3, 31))
    assert [(one.card.name, len(one.agents), one.agents[0].reviews) for one in found] == [
        ("Sales", 1, 5), ("Support", 1, 5),
    ]  # fmt: skip
    assert found[1].agents[0].score.own.value == pytest.approx(0.8)
    assert reads.of_period(centre.site, MONDAY, date(2026, 3, 31), other)[0].card == other


def test_those_who_are_asked_for_are_told_alone_and_pooled_with_their_team():
    centre = Centre(agents=5, calls=12)
    centre.draw()
    reviewed(centre)
    chosen = centre.agents[2].pk
    (one,) = only(reads.of_period(centre.site, MONDAY, date(2026, 3, 31), agents={chosen}))
    assert one.agent.pk == chosen
    assert one.rank.ranked == 5


def test_it_asks_the_same_of_many_agents_as_of_few():
    counts = []
    for many in (2, 12):
        centre = Centre(agents=many, calls=6)
        centre.draw()
        reviewed(centre)
        with CaptureQueriesContext(connection) as asked:
            reads.of_period(centre.site, MONDAY, date(2026, 3, 31))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 9
