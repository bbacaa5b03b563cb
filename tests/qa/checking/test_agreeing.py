"""Checks are measured by what people said who did not see them, a call once; they fill in answers
where they agree well enough, and no longer than that."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from ccm.models import AuditEntry
from qa.checking import agreeing, judging, prefill, services
from qa.checking.judging import judge_due
from qa.checks import Prefill
from qa.models import Answer, CheckRule, Evaluation, Suggestion
from qa.reviews import services as reviews
from tests.builders import NINE, a_queue, a_user
from tests.qa.builders import a_reviewed_agent, an_evaluation
from tests.qa.checking.builders import (
    POLITE,
    RUDE,
    a_check,
    an_answered_call,
    criterion,
    reviewed,
    says,
    told,
)
from tests.qa.reviews.builders import answered

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue():
    return a_queue()


@pytest.fixture(autouse=True)
def nothing_held_back(monkeypatch):
    monkeypatch.setattr(judging, "HELD_BACK_EVERY", 10**12)


class Many:
    """Calls at a queue, each with what was said and what a reviewer answered."""

    def __init__(self, queue):
        self.queue, self.n = queue, 0
        self.agent = a_reviewed_agent(queue.site)
        self.reviewer = a_user("qa_analyst", queue.site)

    def add(self, many, lines, answer, **more):
        for _ in range(many):
            at = NINE + timedelta(minutes=self.n)
            self.n += 1
            call = an_answered_call(self.queue, at=at, agent=self.agent)
            reviewed(call, answer, self.reviewer, **more)
            told(call, *lines, who=self.reviewer)
        return self


def test_each_call_is_in_one_of_four_fields(queue):
    row = a_check(queue.site)
    Many(queue).add(3, RUDE, "no").add(2, RUDE, "yes").add(1, POLITE, "no").add(4, POLITE, "yes")
    judge_due(NINE)
    found = agreeing.of_rule(row)
    measure = found.measure
    assert (measure.both, measure.rule_alone, measure.people_alone, measure.neither) == (3, 2, 1, 4)
    assert found.may is Prefill.TOO_FEW
    assert sorted(pair.value for pair in agreeing.pairs(row) if pair.differs) == [
        "no",
        "yes",
        "yes",
    ]


def test_answers_that_saw_the_suggestion_do_not_count(queue):
    row = a_check(queue.site)
    call = an_answered_call(queue)
    told(call, *RUDE)
    judge_due(NINE)
    seen = an_evaluation(call, a_user("qa_analyst", queue.site))
    answered(seen, greeting="no", verified="yes", cause="4")
    seen.refresh_from_db()
    reviews.finish(seen, seen.reviewer, seen.revision, NINE)
    assert dict(seen.answers.values_list("criterion__key", "hint"))["greeting"] == "shown"
    assert dict(seen.answers.values_list("criterion__key", "hint"))["cause"] == ""
    assert agreeing.of_rule(row).measure.calls == 0
    # A call that is held back: nobody saw it, and it counts.
    Suggestion.objects.update(held_back=True)
    blind = an_evaluation(call, a_user("qa_analyst", queue.site))
    answered(blind, greeting="no", verified="yes", cause="4")
    blind.refresh_from_db()
    reviews.finish(blind, blind.reviewer, blind.revision, NINE)
    assert agreeing.of_rule(row).measure.both == 1


def test_a_call_that_several_reviewed_counts_by_the_first(queue):
    row = a_check(queue.site)
    call = an_answered_call(queue)
    reviewed(call, "no")
    later = reviewed(call, "yes", a_user("qa_analyst", queue.site))
    Evaluation.objects.filter(pk=later.pk).update(finished_at=NINE + timedelta(hours=1))
    told(call, *RUDE)
    judge_due(NINE)
    measure = agreeing.of_rule(row).measure
    assert (measure.both, measure.calls) == (1, 1)


@pytest.mark.parametrize(
    ("more", "answers", "broken"),
    [
        # Broken at 2 of 1 to 5: what is worth no more is broken too.
        ({"broken": {"value": "2"}, "met": {"value": "5"}}, ["1", "2", "3", "5"], 2),
        # Nothing is said of broken: whatever is worth less than met.
        ({"met": {"value": "4"}, "broken": None}, ["1", "3", "4", "5"], 2),
    ],
)
def test_on_a_scale_what_is_worth_no_more_is_broken(queue, more, answers, broken):
    of = criterion(queue.site, "cause")
    more = {name: value for name, value in more.items() if value is not None}
    rule = says("thank you for calling", of=of)
    kept = {"met": None, "broken": None} | {name: one["value"] for name, one in more.items()}
    row = a_check(queue.site, replace(rule, **kept), key="cause")
    agent = a_reviewed_agent(queue.site)
    for n, value in enumerate(answers):
        call = an_answered_call(queue, at=NINE + timedelta(minutes=n), agent=agent)
        told(call, *RUDE)
        made = reviewed(call)
        Answer.objects.create(evaluation=made, criterion=of, value=value)
    judge_due(NINE)
    measure = agreeing.of_rule(row).measure
    assert (measure.both, measure.rule_alone) == (broken, len(answers) - broken)


def test_what_does_not_apply_is_not_broken(queue):
    row = a_check(queue.site)
    call = an_answered_call(queue)
    made = reviewed(call)
    made.answers.update(value="", skipped=True)
    told(call, *RUDE)
    judge_due(NINE)
    assert agreeing.of_rule(row).measure.rule_alone == 1


def test_filling_in_takes_enough_calls_and_is_taken_back_when_they_disagree(queue):
    row = a_check(queue.site)
    who = a_user("qa_analyst", queue.site)
    many = Many(queue).add(9, RUDE, "no").add(40, POLITE, "yes")
    judge_due(NINE)
    with pytest.raises(ValidationError, match="50 calls"):
        services.let_prefill(row, who, NINE, prefills=True)
    many.add(21, RUDE, "no")
    judge_due(NINE)
    assert services.let_prefill(row, who, NINE, prefills=True)
    assert services.look_again(NINE) == 0
    many.add(12, RUDE, "yes")
    judge_due(NINE)
    assert services.look_again(NINE) == 1
    assert services.look_again(NINE) == 0
    row.refresh_from_db()
    assert not row.prefills
    entry = AuditEntry.objects.filter(model="qa.checkrule").latest("pk")
    assert (entry.who, entry.after["prefills"]) == (None, False)
    assert entry.why
    with pytest.raises(ValidationError, match="precision"):
        services.let_prefill(row, who, NINE, prefills=True)


@pytest.fixture
def prefilling(queue):
    row = a_check(queue.site)
    CheckRule.objects.filter(pk=row.pk).update(prefills=True)
    return row


def test_a_new_review_has_the_answer_with_its_line_and_says_who_gave_it(queue, prefilling):
    call = an_answered_call(queue)
    told(call, *POLITE)
    judge_due(NINE)
    review = an_evaluation(call)
    assert prefill.fill_due(NINE) == 1
    assert prefill.fill_due(NINE) == 0
    review.refresh_from_db()
    assert (review.state, review.revision) == ("todo", 1)
    (answer,) = review.answers.all()
    assert (answer.value, answer.hint) == ("yes", "filled")
    assert [one.line for one in review.evidence.all()] == [1]
    # The reviewer says otherwise: it is theirs.
    answered(review, greeting="no")
    answer.refresh_from_db()
    assert (answer.value, answer.hint) == ("no", "shown")


def test_nothing_is_filled_in_where_it_is_held_back_begun_blind_or_may_not(queue, prefilling):
    call = an_answered_call(queue)
    told(call, *POLITE)
    judge_due(NINE)
    review = an_evaluation(call)
    Suggestion.objects.update(held_back=True)
    assert prefill.fill_due(NINE) == 0
    Suggestion.objects.update(held_back=False)
    CheckRule.objects.update(prefills=False)
    assert prefill.fill_due(NINE) == 0
    CheckRule.objects.update(prefills=True)
    answered(review, cause="4")
    assert prefill.fill_due(NINE) == 0
    assert [one.hint for one in review.answers.all()] == [""]


def test_what_is_filled_in_and_nobody_changed_measures_nothing(queue, prefilling):
    call = an_answered_call(queue)
    told(call, *RUDE)
    judge_due(NINE)
    review = an_evaluation(call)
    prefill.fill_due(NINE)
    review.refresh_from_db()
    answered(review, verified="yes", cause="4")
    review.refresh_from_db()
    reviews.finish(review, review.reviewer, review.revision, NINE)
    assert agreeing.of_rule(prefilling).measure.calls == 0


def test_each_verdict_is_measured_by_the_very_answer_that_people_give(queue):
    of = criterion(queue.site, "cause")
    rule = replace(says("thank you for calling", of=of), met="5", broken="1")
    row = a_check(queue.site, rule, key="cause")
    agent = a_reviewed_agent(queue.site)
    # Met, so it suggests 5: two of three people say so, the third says 4. Broken, so 1: of two
    # one does.
    talks = [(POLITE, "5"), (POLITE, "5"), (POLITE, "4"), (RUDE, "1"), (RUDE, "3")]
    for n, (lines, value) in enumerate(talks):
        call = an_answered_call(queue, at=NINE + timedelta(minutes=n), agent=agent)
        told(call, *lines)
        Answer.objects.create(evaluation=reviewed(call), criterion=of, value=value)
    assert services.measure_again() == 0  # not before all calls are judged
    judge_due(NINE)
    assert services.measure_again() == 1
    assert services.measure_again() == 0
    row.refresh_from_db()
    assert row.measured == {"met": [2, 3], "broken": [1, 2]}
    assert not row.is_doubtful


def test_what_people_surely_disagree_with_is_shown_beside_no_review(queue):
    row = a_check(queue.site)
    # It calls 20 of 60 broken, 5 of them rightly, and misses 15. They say the same of 30, by chance
    # it would be (20 * 20 + 40 * 40) / 60 = 33.3: kappa is (30 - 33.3) / (60 - 33.3) = -.125.
    many = Many(queue)
    many.add(5, RUDE, "no").add(15, RUDE, "yes").add(15, POLITE, "no").add(25, POLITE, "yes")
    judge_due(NINE)
    services.measure_again()
    row.refresh_from_db()
    assert row.is_doubtful
    call = an_answered_call(queue, at=NINE + timedelta(days=1))
    told(call, *RUDE)
    judge_due(NINE)
    review = an_evaluation(call, a_user("qa_analyst", queue.site))
    assert not Suggestion.objects.shown_in(review).exists()
    # Nobody saw it: what they answer measures it.
    answered(review, greeting="no", verified="yes", cause="4")
    review.refresh_from_db()
    reviews.finish(review, review.reviewer, review.revision, NINE)
    assert agreeing.of_rule(row).measure.both == 6
    # A change makes another rule of it, of which nothing is known.
    rule = replace(says("this is", of=criterion(queue.site)), id=str(row.pk))
    services.keep(row, rule, (), a_user("admin"), NINE, seen=services.mark(row))
    row.refresh_from_db()
    assert (row.measured, row.is_doubtful) == ({}, False)


def test_few_calls_condemn_no_check(queue):
    row = a_check(queue.site)
    Many(queue).add(9, RUDE, "yes").add(9, POLITE, "no")
    judge_due(NINE)
    services.measure_again()
    row.refresh_from_db()
    assert (row.measured, row.is_doubtful) == ({"broken": [0, 9], "met": [0, 9]}, False)


def test_nothing_fills_in_while_reviewed_calls_are_still_to_be_judged(queue):
    row = a_check(queue.site)
    who = a_user("qa_analyst", queue.site)
    many = Many(queue).add(30, RUDE, "no").add(40, POLITE, "yes")
    judge_due(NINE)
    many.add(2, POLITE, "no")
    with pytest.raises(ValidationError, match="2 reviewed calls are still to be judged"):
        services.let_prefill(row, who, NINE, prefills=True)
    judge_due(NINE)
    assert services.let_prefill(row, who, NINE, prefills=True)
