"""What an agent says to a review, and what comes of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse

from ccm.models import AuditEntry
from qa.after import disputing
from qa.after.changing import Given
from qa.models import Answer, AnswerChange, CardVersion, Dispute, Evaluation
from tests.builders import NINE, a_user
from tests.qa.after.builders import House
from tests.qa.builders import FORM
from tests.threads import elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
DAY = timedelta(days=1)


@pytest.fixture
def house():
    return House()


def events_of(review):
    return list(review.events.values_list("what", flat=True))


def answer(house, dispute, now=NINE, words="You asked once", **said):
    given = {key: Given(value) for key, value in said.items()}
    return disputing.answer(dispute, house.reviewer, now, words, given)


def test_the_agent_acknowledges_once_and_may_say_something(house):
    review = house.released()
    disputing.acknowledge(review, house.me, NINE, "Fair enough")
    with pytest.raises(ValidationError, match="already"):
        disputing.acknowledge(review, house.me, NINE)
    review.refresh_from_db()
    assert review.acknowledged_at == NINE
    assert list(review.events.values_list("what", "words"))[1:] == [("acknowledged", "Fair enough")]
    for who in (house.reviewer, house.lead, house.manager):
        with pytest.raises(ValidationError, match="for the agent"):
            disputing.acknowledge(house.released(), who, NINE)


def test_a_comment_that_is_sent_twice_stands_once(house):
    review = house.released()
    disputing.comment(review, house.me, NINE, "Thank you")
    with pytest.raises(ValidationError, match="already"):
        disputing.comment(review, house.me, NINE, "Thank you")
    disputing.comment(review, house.reviewer, NINE, "You are welcome")
    assert events_of(review) == ["released", "commented", "commented"]
    with pytest.raises(ValidationError, match="not yours"):
        disputing.comment(review, house.lead, NINE, "I too")
    with pytest.raises(ValidationError, match="not yours"):
        disputing.comment(house.finished(), house.reviewer, NINE, "Not released")


def test_a_dispute_needs_words_its_time_and_its_agent(house):
    review = house.released()
    with pytest.raises(ValidationError, match="Say why"):
        house.dispute(review, words="")
    with pytest.raises(ValidationError, match="is over"):
        house.dispute(review, now=review.dispute_until)
    with pytest.raises(ValidationError, match="for the agent"):
        disputing.dispute(review, house.reviewer, NINE, "No")
    with pytest.raises(ValidationError, match="no answer to it"):
        house.dispute(review, "remark")
    assert not Dispute.objects.exists()
    made = house.dispute(review, now=review.dispute_until - timedelta(seconds=1))
    # Five days to answer, to the end of the site's day: the 9th and five.
    assert made.answer_due_at == datetime(2026, 3, 15, tzinfo=UTC)


def test_the_same_is_disputed_once_until_it_is_withdrawn(house):
    review = house.released()
    first = house.dispute(review)
    with pytest.raises(ValidationError, match="disputed already"):
        house.dispute(review)
    house.dispute(review, "greeting")
    with pytest.raises(ValidationError, match="one by one"):
        house.dispute(review, None)
    disputing.withdraw(first, house.me, NINE)
    house.dispute(review)
    whole = house.released()
    house.dispute(whole, None)
    with pytest.raises(ValidationError, match="All of this review"):
        house.dispute(whole)


def test_what_was_changed_by_a_dispute_is_not_taken_back_with_it(house):
    review = house.released()
    made = answer(house, house.dispute(review), cause="5")
    with pytest.raises(ValidationError, match="cannot be taken back"):
        disputing.withdraw(made, house.me, NINE)
    made.refresh_from_db()
    assert made.state == "answered"


def test_a_reviewer_who_keeps_an_answer_changes_nothing_but_says_why(house):
    review = house.released()
    made = answer(house, house.dispute(review))
    assert (made.state, made.answer_outcome, made.outcome) == ("answered", "upheld", "")
    assert made.escalate_until == datetime(2026, 3, 8, tzinfo=UTC)
    review.refresh_from_db()
    assert (review.share, AnswerChange.objects.count()) == (Decimal("0.7"), 0)


def test_a_reviewer_who_changes_an_answer_changes_the_score_and_what_was_is_kept(house):
    review = house.released()
    made = answer(house, house.dispute(review), cause="5")
    assert made.answer_outcome == "changed"
    review.refresh_from_db()
    # 40 and all of 60.
    assert (review.share, review.revision) == (1, 1)
    [change] = AnswerChange.objects.all()
    assert (change.before, change.after, change.who, change.dispute) == (
        "3", "5", house.reviewer, made,
    )  # fmt: skip
    assert list(review.events.values_list("what", "share")) == [
        ("released", Decimal("0.7")), ("disputed", Decimal("0.7")), ("answered", Decimal(1)),
    ]  # fmt: skip
    assert review.answers.get(criterion__key="cause").lost == 0


def test_an_automatic_fail_that_is_taken_back_gives_the_score_back(house):
    review = house.released(verified="no")
    assert (review.share, review.is_failed) == (0, True)
    answer(house, house.dispute(review, "verified"), verified="yes")
    review.refresh_from_db()
    assert (review.share, review.is_failed) == (Decimal("0.7"), False)
    assert list(review.events.values_list("is_failed", flat=True)) == [True, True, False]


def test_of_one_answer_no_other_is_changed_and_none_to_what_cannot_be(house):
    made = house.dispute(house.released())
    with pytest.raises(ValidationError, match="not about"):
        answer(house, made, greeting="no")
    for wrong in ("9", "x" * 200, "'; --"):
        with pytest.raises(ValidationError, match="no answer to it"):
            answer(house, made, cause=wrong)
    # It always applies, and an answer cannot be taken away.
    with pytest.raises(ValidationError, match="no answer to it"):
        disputing.answer(made, house.reviewer, NINE, "So", {"cause": Given(skipped=True)})
    with pytest.raises(ValidationError, match="needs an answer"):
        answer(house, made, cause="")
    made.refresh_from_db()
    assert (made.state, AnswerChange.objects.count()) == ("open", 0)


def test_of_all_of_a_review_any_answer_may_change_one_that_was_open_too(house):
    review = house.released()
    made = answer(house, house.dispute(review, None), cause="5", remark="It was noisy")
    assert made.answer_outcome == "changed"
    review.refresh_from_db()
    assert review.share == 1
    changes = set(AnswerChange.objects.values_list("answer__criterion__key", "before", "after"))
    assert changes == {("cause", "3", "5"), ("remark", "", "It was noisy")}


def test_an_answer_to_a_dispute_never_lowers_the_score_and_a_decision_may(house):
    review = house.released()
    made = house.dispute(review, None)
    for lower in ({"greeting": "no"}, {"cause": "2"}, {"verified": "no"}):
        with pytest.raises(ValidationError, match="never lowers it"):
            answer(house, made, **lower)
    # 40 less and 30 more: 60 of 100 instead of 70.
    with pytest.raises(ValidationError, match="never lowers it"):
        answer(house, made, greeting="no", cause="5")
    assert not AnswerChange.objects.exists()
    disputing.escalate(answer(house, made), house.me, NINE, "No")
    disputing.decide(made, house.manager, NINE, "It is not there", {"greeting": Given("no")})
    review.refresh_from_db()
    assert review.share == Decimal("0.3")


def test_what_was_decided_or_settled_no_later_dispute_changes(house):
    review = house.released()
    first = answer(house, house.dispute(review))
    disputing.escalate(first, house.me, NINE, "It is a 5")
    second = house.dispute(review, "greeting")
    disputing.decide(first, house.manager, NINE, "It is", {"cause": Given("5")})
    for again in (None, "cause"):
        with pytest.raises(ValidationError, match="disputed"):
            house.dispute(review, again)
    with pytest.raises(ValidationError, match="not about"):
        answer(house, second, cause="3")
    disputing.accept(answer(house, second), house.me, NINE)
    with pytest.raises(ValidationError, match="stands as it was decided"):
        house.dispute(review, None)
    # What nobody has disputed yet may be.
    house.dispute(review, "verified")
    review.refresh_from_db()
    assert review.share == 1


def asking_the_cause_only_when_greeted(house, review):
    form = {**FORM, "sections": [FORM["sections"][0], {
        **FORM["sections"][1],
        "criteria": [
            FORM["sections"][1]["criteria"][0],
            {**FORM["sections"][1]["criteria"][1],
             "shown_if": [{"criterion": "greeting", "options": ["yes"]}]},
        ],
    }]}  # fmt: skip
    shown = CardVersion.objects.create(
        card=house.card, number=2, state="published", form=form, made_at=NINE, published_at=NINE
    )
    Evaluation.objects.filter(pk=review.pk).update(version=shown)


def test_what_was_decided_is_changed_through_no_other_answer(house):
    review = house.released()
    asking_the_cause_only_when_greeted(house, review)
    first = answer(house, house.dispute(review), cause="5")
    disputing.accept(first, house.me, NINE)
    # The greeting shows the cause: its dispute is about both, and the cause was settled.
    second = house.dispute(review, "greeting")
    with pytest.raises(ValidationError, match="no other dispute changes it"):
        answer(house, second, cause="4")
    disputing.escalate(answer(house, second), house.me, NINE, "No")
    with pytest.raises(ValidationError, match="not be asked any more"):
        disputing.decide(second, house.manager, NINE, "So", {"greeting": Given("no")})
    disputing.decide(second, house.manager, NINE, "It stands")


def test_what_was_changed_along_with_another_answer_is_decided_too(house):
    review = house.released()
    asking_the_cause_only_when_greeted(house, review)
    made = answer(house, house.dispute(review, "greeting"), cause="5")
    disputing.accept(made, house.me, NINE)
    with pytest.raises(ValidationError, match="decided already"):
        house.dispute(review, "cause")


def test_an_answer_that_shows_another_criterion_needs_that_one_answered_too(house):
    review = house.released(greeting="no")
    Answer.objects.filter(evaluation=review, criterion__key="cause").delete()
    asking_the_cause_only_when_greeted(house, review)
    made = house.dispute(review, "greeting")
    with pytest.raises(ValidationError) as refused:
        answer(house, made, greeting="yes")
    assert set(refused.value.message_dict) == {"cause"}
    answer(house, made, greeting="yes", cause="5")
    review.refresh_from_db()
    assert review.share == 1


def test_the_agent_accepts_and_it_is_settled_or_somebody_else_decides(house):
    review = house.released()
    disputing.accept(answer(house, house.dispute(review)), house.me, NINE)
    assert events_of(review)[-1] == "settled"
    made = answer(house, house.dispute(review, "greeting"))
    with pytest.raises(ValidationError, match="Say why"):
        disputing.escalate(made, house.me, NINE, "")
    disputing.escalate(made, house.me, NINE, "Listen to 0:31")
    for who in (house.reviewer, house.me, house.lead, a_user("manager")):
        with pytest.raises(ValidationError, match="Somebody else decides"):
            disputing.decide(made, who, NINE, "Because")
    with pytest.raises(ValidationError, match="needs a reason"):
        disputing.decide(made, house.manager, NINE, "")
    done = disputing.decide(made, house.manager, NINE, "It is there", {"greeting": Given("no")})
    assert (done.state, done.outcome, done.reason) == ("decided", "changed", "It is there")
    review.refresh_from_db()
    assert review.share == Decimal("0.3")
    assert events_of(review)[-4:] == ["disputed", "answered", "escalated", "decided"]


def test_a_manager_whose_own_call_it_was_does_not_decide(house):
    made = answer(house, house.dispute(house.released()))
    disputing.escalate(made, house.me, NINE, "No")
    house.me.groups.set(house.manager.groups.all())
    house.me.sites.add(house.site)
    with pytest.raises(ValidationError, match="Somebody else decides"):
        disputing.decide(made, house.me, NINE, "I am right")


def test_who_waits_too_long_for_an_answer_goes_on_without_one(house):
    made = house.dispute(house.released())
    with pytest.raises(ValidationError, match="still time"):
        disputing.escalate(made, house.me, made.answer_due_at - timedelta(seconds=1), "Hello?")
    gone = disputing.escalate(made, house.me, made.answer_due_at, "Hello?")
    assert (gone.state, gone.answered_at) == ("escalated", None)
    with pytest.raises(ValidationError, match="done already"):
        answer(house, made)


def test_an_answer_that_nobody_takes_further_in_time_is_settled_once(house):
    made = answer(house, house.dispute(house.released()))
    assert disputing.settle_due(made.escalate_until - timedelta(seconds=1)) == 0
    assert disputing.settle_due(made.escalate_until) == 1
    assert disputing.settle_due(made.escalate_until) == 0
    made.refresh_from_db()
    assert made.state == "settled"
    with pytest.raises(ValidationError, match="done already"):
        disputing.escalate(made, house.me, made.escalate_until, "Too late")


def test_the_time_to_go_on_is_over_before_anybody_settles_it(house):
    made = answer(house, house.dispute(house.released()))
    with pytest.raises(ValidationError, match="is over"):
        disputing.escalate(made, house.me, made.escalate_until, "Too late")


def test_a_step_that_was_taken_already_is_told_and_only_the_reviewer_answers(house):
    made = house.dispute(house.released())
    for who in (house.me, house.other, house.manager):
        with pytest.raises(ValidationError, match="reviewer answers"):
            disputing.answer(made, who, NINE, "No")
    with pytest.raises(ValidationError, match="in words"):
        answer(house, made, words="")
    answer(house, made)
    with pytest.raises(ValidationError, match="done already"):
        answer(house, made, words="Again")
    assert made.events.filter(what="answered").count() == 1


def test_who_looked_at_an_older_state_of_the_review_is_told(house):
    review = house.released(greeting="no")
    made = house.dispute(review)
    answer(house, house.dispute(review, "greeting"), greeting="yes")
    with pytest.raises(ValidationError, match="has changed since"):
        disputing.answer(made, house.reviewer, NINE, "So", {"cause": Given("5")}, seen=0)
    disputing.answer(made, house.reviewer, NINE, "So", {"cause": Given("5")}, seen=1)


def test_each_step_is_in_the_log_of_changes(house):
    made = answer(house, house.dispute(house.released()))
    disputing.accept(made, house.me, NINE)
    rows = AuditEntry.objects.filter(model="qa.dispute").order_by("pk")
    assert [(one.who, (one.after or {})["state"]) for one in rows] == [
        (house.me, "open"), (house.reviewer, "answered"), (house.me, "settled"),
    ]  # fmt: skip
    # What was said is the review's own.
    assert "words" not in rows[0].after


def test_the_log_of_changes_has_a_decision_with_its_reason_and_what_it_changed(house):
    review = house.released()
    made = answer(house, house.dispute(review))
    disputing.escalate(made, house.me, NINE, "It is a 5")
    disputing.decide(made, house.manager, NINE, "She names it at 2:06", {"cause": Given("4")})
    entry = AuditEntry.objects.filter(model="qa.dispute").latest("pk")
    assert entry.why == "She names it at 2:06"
    # 40 and half of 60 before, three quarters of it after.
    assert (entry.before["answers"], entry.before["share"][:4]) == ({"cause": "3"}, "0.70")
    assert (entry.after["answers"], entry.after["share"][:4]) == ({"cause": "4"}, "0.85")
    client = Client()
    client.force_login(a_user("admin"))
    said = client.get(reverse("audit"), {"model": "qa.dispute"}).content.decode()
    assert f"Dispute {made.pk} of a call of {review.agent.name}" in said
    assert "Found the cause: 3 → 4" in said
    assert "Score: 70.0\xa0% → 85.0\xa0%" in said
    assert "She names it at 2:06" in said
    assert "Outcome: – → Answers were changed" in said


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_counts(house):
    made = house.dispute(house.released())

    def act(words):
        def one():
            with transaction.atomic():
                answer(house, Dispute.objects.get(pk=made.pk), words=words, cause="5")

        return one

    said = elsewhere(act("First"), act("Second"))
    assert sorted(one[:15] for one in said) == sorted(["ValidationError", "done"])
    assert AnswerChange.objects.count() == 1
    assert made.events.filter(what="answered").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_disputes_at_once_of_the_same_one_stands(house):
    review = house.released()
    said = elsewhere(*[lambda: house.dispute(review)] * 2)
    assert sorted(one[:15] for one in said) == sorted(["ValidationError", "done"])
    assert Dispute.objects.count() == 1


def test_an_answer_that_is_not_asked_any_more_is_changed_by_no_dispute(house):
    review = house.released()
    asking_the_cause_only_when_greeted(house, review)
    moot = house.dispute(review)
    # Another answer hides it: its dispute can change nothing, and counts as one that did not.
    other = house.dispute(review, "greeting")
    disputing.escalate(answer(house, other), house.me, NINE, "No")
    disputing.decide(other, house.manager, NINE, "Nobody greeted", {"greeting": Given("no")})
    with pytest.raises(ValidationError) as refused:
        answer(house, moot, cause="5")
    assert list(refused.value.message_dict) == ["cause"]
    assert "not asked any more" in refused.value.messages[0]
    assert answer(house, moot).answer_outcome == "upheld"
    # Nor is it disputed anew.
    disputing.withdraw(moot, house.me, NINE)
    with pytest.raises(ValidationError, match="not asked any more"):
        house.dispute(review)


def test_a_decision_that_sets_a_low_mark_says_why_as_a_review_does(house):
    # The cause needs a comment below half of its points: 2 has a quarter of them.
    review = house.released()
    made = answer(house, house.dispute(review))
    disputing.escalate(made, house.me, NINE, "No")
    with pytest.raises(ValidationError) as refused:
        disputing.decide(made, house.manager, NINE, "It was a guess", {"cause": Given("2")})
    assert refused.value.message_dict == {"cause": ["Say why: so low an answer needs a comment."]}
    said = {"cause": Given("2", comment="Never asked what happened")}
    disputing.decide(made, house.manager, NINE, "It was a guess", said)
    kept = Answer.objects.get(evaluation=review, criterion__key="cause")
    assert (kept.value, kept.comment) == ("2", "Never asked what happened")


def test_what_the_reviewer_wrote_beside_an_answer_stays(house):
    review = house.released()
    Answer.objects.filter(evaluation=review, criterion__key="cause").update(comment="Half of it")
    made = answer(house, house.dispute(review))
    disputing.escalate(made, house.me, NINE, "No")
    disputing.decide(made, house.manager, NINE, "So", {"cause": Given("1", comment="Nothing")})
    kept = Answer.objects.get(evaluation=review, criterion__key="cause")
    assert (kept.value, kept.comment) == ("1", "Half of it")


def test_a_step_that_comes_too_early_is_not_told_to_be_done(house):
    made = house.dispute(house.released())
    with pytest.raises(ValidationError, match="too early"):
        disputing.accept(made, house.me, NINE)
    with pytest.raises(ValidationError, match="too early"):
        disputing.decide(made, house.manager, NINE, "So")
    answer(house, made)
    with pytest.raises(ValidationError, match="done already"):
        answer(house, made)


def test_words_said_twice_at_once_stand_once_whatever_was_said_between(house):
    review = house.released()
    disputing.acknowledge(review, house.me, NINE, "Fair enough")
    with pytest.raises(ValidationError, match="already"):
        disputing.comment(review, house.me, NINE + timedelta(seconds=1), "Fair enough")
    disputing.comment(review, house.me, NINE, "Twice")
    disputing.comment(review, house.reviewer, NINE, "Once")
    with pytest.raises(ValidationError, match="already"):
        disputing.comment(review, house.me, NINE + timedelta(seconds=1), "Twice")
    disputing.comment(review, house.me, NINE + timedelta(minutes=3), "Twice")
