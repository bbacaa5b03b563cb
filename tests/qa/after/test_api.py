"""What becomes of a review over the API: each step by its own person, refused in words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ccm.models import AuditEntry
from qa.after import disputing
from qa.after.changing import Given
from qa.models import Dispute, Evaluation
from tests.builders import NINE, a_user
from tests.qa.acts import act, pointers
from tests.qa.after.builders import House

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return House()


def test_a_review_is_released_read_commented_on_and_talked_about(house):
    review = house.finished()
    pk = review.pk
    assert act(house.me, "api_review_release", pk).status_code == 404
    assert act(house.reviewer, "api_review_release", pk, at="now").status_code == 400
    told = act(house.reviewer, "api_review_release", pk)
    assert (told.status_code, told.json()["state"]) == (200, "released")
    again = act(house.reviewer, "api_review_release", pk)
    assert (again.status_code, again.json()["detail"]) == (400, "It is released already.")
    assert act(house.manager, "api_review_acknowledge", pk).status_code == 404
    assert act(house.me, "api_review_acknowledge", pk, words="Thank you").status_code == 200
    assert act(house.me, "api_review_comment", pk, words="").status_code == 400
    assert act(house.me, "api_review_comment", pk, words="It was a long day").status_code == 200
    early = act(house.lead, "api_review_verbal", pk, at=str(NINE - timedelta(days=1)))
    assert early.status_code == 400
    nowhere = act(house.lead, "api_review_verbal", pk, at="2026-03-02T10:00:00")
    assert pointers(nowhere) == ["/at"]
    assert act(house.lead, "api_review_verbal", pk, words="At the desk").status_code == 200
    assert act(house.me, "api_review_verbal", pk).status_code == 404
    events = list(review.events.values_list("what", "words"))
    assert events == [
        ("released", ""), ("acknowledged", "Thank you"), ("commented", "It was a long day"),
        ("verbal", "At the desk"),
    ]  # fmt: skip
    assert AuditEntry.objects.filter(model="qa.evaluation", who=house.lead).exists()


def test_an_answer_is_disputed_answered_carried_on_and_decided(house):
    review = house.released(timezone.now())
    pk = review.pk
    assert act(house.me, "api_review_dispute", pk, criterion="cause").status_code == 400
    for wrong in ("gone", "", 7):
        refused = act(house.me, "api_review_dispute", pk, criterion=wrong, words="x")
        assert pointers(refused) == ["/criterion"]
    assert act(house.manager, "api_review_dispute", pk, words="x").status_code == 404
    made = act(house.me, "api_review_dispute", pk, criterion="cause", words="I asked twice")
    assert made.status_code == 201
    row, one = made.json(), made.json()["id"]
    assert (row["criterion"], row["agent"], row["reviewer"]) == (
        "cause", house.agent.pk, house.reviewer.username,
    )  # fmt: skip
    early = act(house.me, "api_dispute_accept", one)
    assert early.json()["detail"] == (
        f"It is too early for this step: {house.reviewer} answers it."
    )
    early = act(house.manager, "api_dispute_decide", one, words="x", revision=0)
    assert "too early" in early.json()["detail"]
    twice = act(house.me, "api_review_dispute", pk, criterion="cause", words="I asked twice")
    assert (twice.status_code, twice.json()["detail"]) == (400, "That is disputed already.")

    assert act(house.other, "api_dispute_answer", one, words="No", revision=0).status_code == 404
    lower = act(
        house.reviewer, "api_dispute_answer", one,
        words="Less", revision=0, answers={"cause": {"value": "1"}},
    )  # fmt: skip
    assert (lower.status_code, pointers(lower)) == (400, [""])
    wrong = act(
        house.reviewer, "api_dispute_answer", one,
        words="More", revision=0, answers={"cause": {"value": "9"}},
    )  # fmt: skip
    assert pointers(wrong) == ["/answers/cause"]
    for value in ("x" * 2001, "\0", "\ud800"):
        said = {"words": "More", "revision": 0, "answers": {"cause": {"value": value}}}
        assert pointers(act(house.reviewer, "api_dispute_answer", one, **said)) == [
            "/answers/cause/value"
        ]
    stale = act(house.reviewer, "api_dispute_answer", one, words="No", revision=7)
    assert stale.status_code == 409
    done = act(house.reviewer, "api_dispute_answer", one, words="No", revision=0)
    # It goes on, so nobody knows yet what becomes of it.
    assert (done.json()["answer_outcome"], done.json()["outcome"]) == ("upheld", "")
    assert act(house.me, "api_dispute_escalate", one, words="I did").status_code == 200
    assert act(house.reviewer, "api_dispute_decide", one, words="x", revision=0).status_code == 404
    decided = act(
        house.manager, "api_dispute_decide", one,
        words="Heard it: twice", revision=0, answers={"cause": {"value": "5"}},
    )  # fmt: skip
    assert (decided.status_code, decided.json()["outcome"]) == (200, "changed")
    # 40 of 100 met, and all of 60.
    assert float(Evaluation.objects.get(pk=pk).share) == 1.0
    assert act(house.me, "api_dispute_withdraw", one).status_code == 400
    seen = act(house.manager, "api_dispute", one, method="get").json()
    assert (seen["state"], seen["reason"]) == ("decided", "Heard it: twice")
    assert act(a_user("planner", house.site), "api_dispute", one, method="get").status_code == 404


def test_how_often_answers_were_changed_is_told_with_its_share(house):
    for number in range(5):
        one = house.dispute(house.released())
        said = {"cause": Given("5")} if number < 2 else None
        disputing.answer(one, house.reviewer, NINE, "Heard again", said)
        disputing.accept(one, house.me, NINE)
    asked = {"site": house.site.slug, "first": "2026-03-01", "last": "2026-03-31"}
    for name, day in (("first", "0001-01-01"), ("last", "9999-12-31"), ("first", "2026-04-01")):
        refused = act(house.manager, "api_disputes", method="get", **{**asked, name: day})
        assert pointers(refused) == ["/last" if day.startswith("2026") else f"/{name}"]
    (told,) = act(house.manager, "api_disputes", method="get", **asked).json()["by_reviewer"]
    assert (told["ended"], told["changed"], told["released"], told["share"]) == (5, 2, 5, 0.4)
    assert told["share_low"] < 0.4 < told["share_high"]


def test_an_answer_is_taken_or_a_dispute_is_taken_back(house):
    review = house.released(timezone.now())
    taken = house.dispute(review, now=timezone.now())
    act(house.reviewer, "api_dispute_answer", taken.pk, words="It was asked once", revision=0)
    assert act(house.manager, "api_dispute_accept", taken.pk).status_code == 404
    assert act(house.me, "api_dispute_accept", taken.pk).json()["state"] == "settled"
    back = house.dispute(review, "greeting", now=timezone.now())
    assert act(house.me, "api_dispute_withdraw", back.pk).json()["state"] == "withdrawn"
    assert set(Dispute.objects.values_list("state", flat=True)) == {"settled", "withdrawn"}
