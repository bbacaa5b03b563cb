"""Disputes in lists, what waits for whom, and how often answers are changed."""

from datetime import timedelta

import pytest

from ccm.access import facts as scope_facts
from ccm.access import scope_of
from ccm.intervals import Span
from ccm.models import User
from qa.after import disputing, listed, reach, reads
from qa.after.changing import Given
from tests.builders import NINE, a_user
from tests.qa.after.builders import House
from tests.qa.builders import an_evaluation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
SPAN = Span(NINE - timedelta(days=1), NINE + timedelta(days=1))


@pytest.fixture
def house():
    return House()


def ended(house, review, key, cause=None, decided=None):
    """A dispute that is over: answered, and where it is decided gone on with."""
    made = house.dispute(review, key)
    said = {} if cause is None else {key: Given(cause)}
    disputing.answer(made, house.reviewer, NINE, "So", said)
    if decided is None:
        return disputing.accept(made, house.me, NINE)
    disputing.escalate(made, house.me, NINE, "No")
    return disputing.decide(made, house.manager, NINE, "Thus", {key: Given(decided)})


def test_how_often_answers_are_changed_by_reviewer_and_by_criterion(house):
    for number in range(5):
        review = house.released()
        # Changed by the reviewer twice, once by the decision, kept twice.
        ended(house, review, "cause", "5" if number < 2 else None, "4" if number == 2 else None)
    ended(house, review, "greeting")
    house.dispute(house.released())  # still goes on
    disputing.withdraw(house.dispute(house.released()), house.me, NINE)  # as if it never was
    reviewers, criteria = listed.overturned(house.manager, house.site, SPAN)
    [one] = reviewers
    assert (one.released, one.reviews, one.disputed, one.ended, one.changed) == (7, 6, 7, 6, 3)
    # Wilson's of 3 of 6 at 95 %: .188 to .812 (Wilson 1927, by hand).
    assert (round(one.interval.low, 3), round(one.interval.high, 3)) == (0.188, 0.812)
    cause, greeting = criteria
    assert (cause.name, cause.disputed, cause.ended, cause.changed) == ("Found the cause", 6, 5, 3)
    assert (greeting.ended, greeting.interval) == (1, None)  # too few


def test_a_dispute_of_all_of_a_review_is_of_no_one_criterion(house):
    house.dispute(house.released(), None)
    _reviewers, criteria = listed.overturned(house.manager, house.site, SPAN)
    assert [(one.name, one.disputed) for one in criteria] == [("All of the review", 1)]


def test_what_waits_is_told_to_whom_it_waits_for(house):
    made = house.dispute(house.released())
    assert [one.dispute for one in listed.waiting(house.reviewer, NINE).to_answer] == [made]
    assert not listed.waiting(house.other, NINE).to_answer
    disputing.answer(made, house.reviewer, NINE, "So")
    disputing.escalate(made, house.me, NINE, "No")
    for who in (house.other, house.manager):
        assert [one.dispute for one in listed.waiting(who, NINE).to_decide] == [made]
    for who in (house.reviewer, house.lead, house.me, a_user("manager")):
        assert not listed.waiting(who, NINE).to_decide


def found_with_facts(user, facts):
    asked = scope_facts() | facts
    found = User.objects.annotate(**asked).get(pk=user.pk)
    scope_of(found, {name: getattr(found, name) for name in scope_facts()})
    return found


@pytest.mark.parametrize("who", ["reviewer", "other", "manager", "lead", "me"])
def test_the_count_beside_the_entry_is_what_the_page_says(house, who):
    user = getattr(house, who)
    house.dispute(house.released())
    made = house.dispute(house.released())
    disputing.answer(made, house.reviewer, NINE, "So")
    disputing.escalate(made, house.me, NINE, "No")
    waiting = listed.waiting(user, NINE)
    many = len(waiting.to_answer) + len(waiting.to_decide)
    assert many == {"reviewer": 1, "other": 1, "manager": 1}.get(who, 0)
    assert listed.count(User.objects.get(pk=user.pk)) == many
    assert listed.count(found_with_facts(user, listed.facts())) == many


def test_who_is_still_to_score_a_call_blind_sees_no_dispute_of_it(house):
    review = house.released()
    made = house.dispute(review)
    disputing.answer(made, house.reviewer, NINE, "So")
    disputing.escalate(made, house.me, NINE, "No")
    an_evaluation(review.call, house.other, version=review.version)
    assert not reach.disputes(house.other).exists()
    assert listed.count(found_with_facts(house.other, listed.facts())) == 0
    assert reach.disputes(house.manager).exists()


def test_what_is_to_be_read_is_counted_beside_my_reviews(house):
    first = house.released()
    house.released()
    house.finished()
    for asked in (House().me, house.me):
        expected = 2 if asked == house.me else 0
        assert reads.own_count(User.objects.get(pk=asked.pk)) == expected
        assert reads.own_count(found_with_facts(asked, reads.own_facts())) == expected
    disputing.acknowledge(first, house.me, NINE)
    assert reads.own_count(found_with_facts(house.me, reads.own_facts())) == 1


def test_an_answer_that_waits_for_its_agent_is_counted_and_a_dispute_is_read(house):
    review = house.released()
    made = house.dispute(review)
    review.refresh_from_db()
    assert review.acknowledged_at == NINE

    def counted(who=house.me):
        alone = reads.own_count(User.objects.get(pk=who.pk))
        assert reads.own_count(found_with_facts(who, reads.own_facts())) == alone
        return alone

    assert counted() == 0
    disputing.answer(made, house.reviewer, NINE, "So")
    assert (counted(), counted(House().me)) == (1, 0)
    disputing.accept(made, house.me, NINE)
    assert counted() == 0
