"""A call is taken for a review by who may, once, for a reason; it counts in no score."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from ccm.access import scope_of
from ccm.models import AuditEntry, User
from qa.models import Evaluation, Scorecard
from qa.reviews import beside_calls, taking
from tests.builders import NINE, a_call, a_queue, a_site, a_user
from tests.qa.builders import a_card, a_reviewed_agent, a_version, finished
from tests.qa.reviews.builders import a_drawn_review
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db


def a_takable(**more):
    queue = a_queue()
    lead = a_user("supervisor")
    call = a_call(queue, agent=a_reviewed_agent(queue.site, lead), **more)
    return call, a_card(queue.site), lead


def take(call, card, who, **more):
    return taking.take(call, card, who, NINE, **{"reason": "complaint"} | more)


def test_a_taken_call_is_reviewed_by_the_newest_version_and_counts_in_no_score():
    call, card, lead = a_takable()
    newest = a_version(card)
    a_version(card, published=False)
    made = take(call, card, lead, words="Rang the newspaper")
    assert (made.kind, made.state, made.version, made.reviewer) == (
        "targeted", "todo", newest, lead,
    )  # fmt: skip
    assert (made.reason, made.reason_words, made.drawn) == ("complaint", "Rang the newspaper", None)
    assert not Evaluation.objects.scored().exists()
    entry = AuditEntry.objects.get(model="qa.evaluation")
    assert (entry.action, entry.after["reason"]) == ("created", "complaint")


def test_who_reviews_it_already_is_led_there():
    call, card, lead = a_takable()
    first = take(call, card, lead)
    with pytest.raises(taking.Already) as told:
        take(call, card, lead)
    assert told.value.evaluation == first
    # A newer version of the card is the same card; another's review is another's.
    a_version(card)
    with pytest.raises(taking.Already):
        take(call, card, lead)
    assert take(call, card, a_user("qa_analyst", call.site)).pk != first.pk


def test_who_was_drawn_to_review_it_does_not_take_it_too():
    call, _card, lead = a_takable()
    drawn = a_drawn_review(call, lead)
    with pytest.raises(taking.Already) as told:
        take(call, drawn.version.card, lead)
    assert told.value.evaluation == drawn


def test_what_may_not_be_reviewed_is_not_taken():
    call, card, _lead = a_takable(consent=False)
    keeper = a_user("qa_analyst", call.site)
    with pytest.raises(ValidationError, match="did not agree"):
        take(call, card, keeper)
    call, card, lead = a_takable()
    with pytest.raises(ValidationError, match="Say why"):
        take(call, card, lead, reason="boredom")
    with pytest.raises(ValidationError, match="own calls"):
        take(call, card, call.agent.user)
    Scorecard.objects.filter(pk=card.pk).update(closed_at=NINE)
    with pytest.raises(ValidationError, match="not in use"):
        take(call, card, lead)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("nothing_sent")
def test_a_call_that_is_taken_twice_at_once_is_taken_once():
    call, card, lead = a_takable()
    outcomes = elsewhere(lambda: take(call, card, lead), lambda: take(call, card, lead))
    assert sum(one == "done" for one in outcomes) == 1
    assert sum("already" in one for one in outcomes) == 1
    assert Evaluation.objects.count() == 1


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def page(user, call, sent=None):
    address = reverse("review_new", args=[call.pk])
    client = client_of(user)
    return client.get(address) if sent is None else client.post(address, sent)


def test_supervisors_of_the_agent_and_keepers_of_scorecards_take_calls_and_nobody_else():
    call, _card, lead = a_takable()
    other = a_user("supervisor")
    a_reviewed_agent(call.site, other)
    for user, expected in (
        (lead, 200),
        (a_user("qa_analyst", call.site), 200),
        (a_user("admin"), 200),
        (a_user("manager", call.site), 404),
        (other, 404),
        (a_user("qa_analyst", a_site()), 404),
        (call.agent.user, 404),
    ):
        assert page(user, call).status_code == expected
        offered = b"Review this call" in client_of(user).get(f"/calls/{call.pk}/").content
        assert offered == (expected == 200)


def test_the_form_says_what_it_is_for_and_leads_to_the_review():
    call, card, lead = a_takable()
    assert b"counts in no score" in page(lead, call).content
    lacking = page(lead, call, {"card": card.pk, "reason": "other"})
    assert b"Say in words what else it is" in lacking.content
    sent = {"card": card.pk, "reason": "low_survey", "words": "2 of 5"}
    answer = page(lead, call, sent)
    made = Evaluation.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/quality/reviews/{made.pk}/")
    again = page(lead, call, sent).content.decode()
    assert "already" in again
    assert f'href="/quality/reviews/{made.pk}/"' in again
    shown = client_of(lead).get(answer["Location"]).content.decode()
    assert "counts in no score" in shown
    assert "Low survey: 2 of 5" in shown


@pytest.mark.parametrize("card", ["", "x", "0", "99999999999999999999"])
def test_a_card_that_is_none_is_told(card):
    call, _card, lead = a_takable()
    answer = page(lead, call, {"card": card, "reason": "complaint"})
    assert answer.status_code == 200
    assert not Evaluation.objects.exists()


def test_a_call_that_may_not_be_heard_says_so_and_so_does_a_site_without_scorecards():
    call, _card, _lead = a_takable(consent=False)
    assert b"did not agree" in page(a_user("qa_analyst", call.site), call).content
    queue = a_queue()
    bare = a_call(queue, agent=a_reviewed_agent(queue.site))
    assert b"There is no scorecard" in page(a_user("qa_analyst", queue.site), bare).content


def offered(user, call):
    return [one.words.replace("\xa0", " ") for one in beside_calls.acts(user, call)]


def test_a_call_leads_to_its_reviews_first_and_to_a_further_one_as_the_rule_allows():
    call, card, lead = a_takable()
    analyst = a_user("qa_analyst", call.site)
    assert offered(lead, call) == ["Review this call"]
    mine = take(call, card, lead)
    # One a reviewer, card and call: their own is to be done, and no other card is there.
    assert offered(lead, call) == ["Go on with your review"]
    assert offered(analyst, call) == ["Review this call"]
    finished(mine, share="0.8", finished_at=NINE)
    assert offered(lead, call) == ["Review of 2 Mar: 80.0 %"]
    assert offered(analyst, call) == ["Review of 2 Mar: 80.0 %", "Review it again"]
    a_version(a_card(call.site, name="Sales"))
    assert offered(lead, call) == ["Review of 2 Mar: 80.0 %", "Review it by another scorecard"]


def test_what_a_call_leads_to_is_asked_once(django_assert_num_queries):
    call, card, lead = a_takable()
    finished(take(call, card, lead))
    lead = User.objects.get(pk=lead.pk)
    scope_of(lead)
    with django_assert_num_queries(1):
        offered(lead, call)
