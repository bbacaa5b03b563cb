"""What insight tells of reviews of which it is known what it has to find."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from ccm.models import Agent
from qa.agreement import Rewrite
from qa.insight import told
from qa.insight.told import Asked
from qa.models import Answer, DrawnCall, Evaluation
from tests.builders import a_call, a_user, an_agent
from tests.qa.builders import an_evaluation, finished
from tests.qa.insight.invented import invented

pytestmark = pytest.mark.django_db
LAST = date(2026, 6, 20)
FIRST = date(2026, 4, 1)


def of(made, user=None, **more):
    user = user or a_user("qa_analyst", made.site)
    return told.of(user, made.site, FIRST, LAST, **more)


def test_who_becomes_harder_is_exposed_and_nobody_else():
    made = invented(LAST)
    found = of(made)
    (one,) = found.judged.drifting
    assert one.id == made.reviewers[0].pk
    assert one.trend.low < 2.0 < one.trend.high
    assert one.severity.value > 3  # of April to June: 3, 4 and 5 months of 2 points


def test_nobody_drifts_where_nobody_does():
    found = of(invented(LAST, drift=0.0))
    assert found.judged.is_told
    assert found.judged.drifting == []


def test_the_few_that_most_is_lost_on_come_first():
    made = invented(LAST)
    found = of(made)
    expected = dict.fromkeys(made.criteria, 0.0)
    first = Answer.objects.filter(evaluation__rank=0, evaluation__called_at__date__gte=FIRST)
    for one in first.select_related("criterion", "evaluation__drawn"):
        # All five of a month's calls were reviewed.
        expected[one.criterion.key] += float(one.lost) * one.evaluation.drawn.of / 5
    everything = sum(expected.values())
    losses = {one.key: one.loss for one in found.criteria}
    assert {key: one.share for key, one in losses.items()} == pytest.approx(
        {key: one / everything for key, one in expected.items()}
    )
    assert next(iter(losses)) == "cause"
    assert [one.key for one in found.vital] == ["cause", "solution"]
    assert found.vital[-1].loss.together >= 0.8 > losses["cause"].share


def test_what_is_lost_fits_with_what_scores_lack():
    made = invented(LAST)
    found = of(made)
    # All five of a month's calls of each agent were reviewed, each for a fifth of its calls.
    first = Evaluation.objects.filter(rank=0, called_at__date__gte=FIRST).select_related("drawn")
    calls = sum(one.drawn.of for one in first)
    mean = sum(float(one.share) * one.drawn.of for one in first) / calls
    assert found.lacking.lack == pytest.approx(1 - mean, abs=1e-6)
    assert found.lacking.listed == pytest.approx(sum(one.loss.lost for one in found.criteria))


def test_teams_of_the_trend_come_by_name():
    made = invented(LAST, teams=3, months=2)
    # The one with the fewest reviews is the first by name.
    fewer = Evaluation.objects.filter(drawn__drawn__team=made.teams[2], called_at__month=5)
    fewer.update(state="todo", finished_at=None)
    assert [one.name for one in of(made).trend] == ["East0", "North0", "South0"]


def test_a_criterion_that_everybody_passes_and_one_that_all_mean_differently_are_named():
    made = invented(LAST, doubled=0.6)
    found = of(made)
    assert "greeting" in [one.key for one in found.never_failed]
    assert "tone" in [one.key for one in found.to_rewrite]
    tone = next(one for one in found.criteria if one.key == "tone")
    assert tone.verdict.rewrite is Rewrite.SURELY
    greeting = next(one for one in found.criteria if one.key == "greeting")
    assert greeting.verdict.rewrite is Rewrite.UNKNOWN
    assert "greeting" not in [one.key for one in found.to_rewrite]


def test_what_callers_said_goes_with_the_criterion_it_was_planted_on():
    made = invented(LAST, teams=3, calls=8, surveyed=0.8)
    found = {one.key: one for one in of(made).criteria}
    solution = found["solution"].csat
    # One point of four: 25 of 100, and what chance does to it among 220 answers.
    assert solution.is_told
    assert solution.difference.value == pytest.approx(0.25, abs=0.08)
    assert found["greeting"].csat.difference.n_without == 0
    assert found["greeting"].fcr is None


def test_a_team_is_the_weighted_mean_of_its_first_reviews_and_fails_stand_apart():
    made = invented(LAST, months=3, teams=1, agents=3, calls=2)
    Evaluation.objects.filter(rank=0).update(share=Decimal("0.8"))
    # Of the third agent, drawn from 60 calls a month where the first is from 40, all at .5.
    third = made.agents[2]
    Evaluation.objects.filter(agent=third).update(share=Decimal("0.5"))
    failed = Evaluation.objects.filter(agent=made.agents[0], rank=0).first()
    Evaluation.objects.filter(pk=failed.pk).update(share=0, is_failed=True)
    (team,) = of(made).teams
    # Each month 40 calls of the first, 50 of the second, 60 of the third; 20 of the first, half
    # of a month, failed: (100 * .8 + 150 * .8 + 180 * .5) / 430.
    assert team.score.value == pytest.approx((100 * 0.8 + 150 * 0.8 + 180 * 0.5) / 430)
    assert (team.failing.having, team.failing.n) == (1, 18)
    assert team.failing.value == pytest.approx(20 / 450)


def test_what_was_not_reviewed_yet_leaves_more_to_what_was():
    made = invented(LAST, months=1, teams=1, agents=3, calls=4)
    first, second, third = made.agents
    undone = DrawnCall.objects.filter(drawn__agent=first).order_by("pk")[:3]
    Evaluation.objects.filter(drawn__in=undone).update(state="todo", finished_at=None)
    Evaluation.objects.filter(agent=first).update(share=1)
    Evaluation.objects.filter(agent__in=(second, third)).update(share=Decimal("0.5"))
    found = told.of(a_user("admin"), made.site, date(2026, 6, 1), LAST)
    # The one review of the first stands for all 40 of their calls, beside 50 and 60.
    assert found.whole.score.value == pytest.approx((40 * 1 + 110 * 0.5) / 150)


def test_targeted_reviews_and_second_ones_are_in_no_score():
    made = invented(LAST, doubled=1.0)
    before = of(made)
    review = made.reviews[0]
    for n in range(6):
        other = an_evaluation(
            _call_of(made, n), made.reviewers[0], version=made.version, kind="targeted"
        )
        finished(other, "0.0")
    Evaluation.objects.filter(rank=1).update(share=Decimal("0.01"))
    after = of(made)
    assert review.rank == 0
    assert (after.reviews, after.whole.score.value) == (before.reviews, before.whole.score.value)


def _call_of(made, n):
    return a_call(made.queues[0], datetime(2026, 6, 2, 9 + n, tzinfo=UTC), agent=made.agents[0])


def test_it_is_narrowed_by_queue_team_card_and_reviewer():
    made = invented(LAST)
    whole = of(made)
    team, queue, reviewer = made.teams[1], made.queues[0], made.reviewers[1]
    assert [one.name for one in of(made, asked=Asked(team=team.pk)).teams] == [team.name]
    by_queue = of(made, queue=queue.pk)
    assert [one.id for one in by_queue.queues] == [queue.pk]
    first = Evaluation.objects.filter(rank=0, called_at__date__gte=FIRST)
    assert by_queue.reviews == first.filter(queue=queue).count()
    by_reviewer = of(made, asked=Asked(reviewer=reviewer.pk))
    assert by_reviewer.reviews == first.filter(reviewer=reviewer).count()
    assert by_reviewer.judged.calls == whole.judged.calls
    nothing = of(made, asked=Asked(card=0))
    assert (nothing.reviews, nothing.is_let_go, nothing.asked) == (whole.reviews, True, Asked())


def test_bands_of_tenure_are_by_the_day_of_the_call():
    made = invented(LAST, months=1, teams=1, agents=3)
    days = {0: 90, 1: 91, 2: 730}
    for place, many in days.items():
        agent = made.agents[place]
        Agent.objects.filter(pk=agent.pk).update(hired_on=date(2026, 6, 5) - timedelta(days=many))
    Evaluation.objects.update(called_at="2026-06-05T12:00Z")
    assert [one.id for one in of(made).tenure] == ["new", "year", "longer"]


def test_who_leads_a_team_reads_of_it_alone_and_of_no_reviewer():
    made = invented(LAST)
    lead = a_user("supervisor")
    made.teams[0].leads.create(supervisor=lead, starts_on=date(2020, 1, 1))
    found = of(made, lead)
    assert [one.name for one in found.teams] == [made.teams[0].name]
    assert found.judged is None
    own = an_agent(made.site, user=lead)
    assert own.pk not in {one.agent for one in made.reviews}


def test_an_answer_that_a_dispute_changed_is_a_rating_as_it_was_given():
    made = invented(LAST, doubled=0.6)
    review = made.reviews[0]
    answer = Answer.objects.get(evaluation=review, criterion=made["greeting"])
    dispute = review.disputes.create(
        words="No", opened_at=review.called_at, answer_due_at=review.called_at
    )
    dispute.changes.create(
        answer=answer, at=review.called_at, before="yes", skipped_before=False, after="no",
        skipped_after=False,
    )  # fmt: skip
    before = {one.key: one.agreement.percent.value for one in of(made).criteria}
    Answer.objects.filter(pk=answer.pk).update(value="no")
    after = {one.key: one.agreement.percent.value for one in of(made).criteria}
    assert after == before


def test_nothing_reviewed_says_nothing():
    made = invented(LAST, months=1)
    found = told.of(a_user("admin"), made.site, date(2025, 1, 1), date(2025, 2, 1))
    assert (found.reviews, list(found.criteria), list(found.teams)) == (0, [], [])
    assert found.whole.score.value is None
