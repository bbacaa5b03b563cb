"""The API has the same reviews, by the same rules, with the revision that was seen."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.models import ApiToken
from tests.builders import a_user
from tests.qa.builders import an_evaluation, finished
from tests.qa.reviews.builders import answered

pytestmark = pytest.mark.django_db


def ask(review, user, method="get", said=None, name="api_review"):
    client = Client()
    client.force_login(user)
    address = reverse(name, args=[review.pk])
    if said is None:
        return getattr(client, method)(address)
    return getattr(client, method)(address, said, content_type="application/json")


def test_a_review_is_read_with_answers_score_and_evidence():
    review = an_evaluation()
    answered(review, greeting="yes", cause=("2", "Guessed"))
    told = ask(review, review.reviewer).json()
    # 40 of 100 met, and a quarter of 60: 55.
    assert (told["score_percent"], told["revision"], told["counts"]) == (55.0, 1, False)
    cause = next(one for one in told["answers"] if one["criterion"] == "cause")
    assert (cause["value"], cause["points_percent"], cause["lost_percent"]) == ("2", 25.0, 45.0)
    assert told["unanswered"] == ["verified"]
    assert ask(review, a_user("planner", review.site)).status_code == 404
    assert ask(review, review.agent.user).status_code == 404


def test_what_an_answer_lost_is_rounded_once_as_the_score_is():
    review = an_evaluation()
    answered(review, greeting="no", cause="2")
    # As it is kept: a part of 1 with ten digits.
    review.answers.filter(criterion__key="cause").update(lost=Decimal("0.1333333333"))
    told = {one["criterion"]: one for one in ask(review, review.reviewer).json()["answers"]}
    assert (told["cause"]["lost_percent"], told["greeting"]["lost_percent"]) == (13.3, 40.0)


def test_a_review_is_filled_and_finished_and_who_saw_an_older_one_is_told():
    review = an_evaluation()
    user = review.reviewer
    said = {"revision": 0, "answers": {"cause": {"value": "5"}}, "pins": [{"line": 2}]}
    told = ask(review, user, "patch", said).json()
    assert (told["revision"], told["state"], told["evidence"][0]["line"]) == (1, "draft", 2)
    stale = ask(review, user, "patch", said)
    assert (stale.status_code, stale["Content-Type"]) == (409, "application/problem+json")
    lacking = ask(review, user, "post", {"revision": 1}, "api_review_finish")
    assert lacking.status_code == 400
    assert {one["pointer"] for one in lacking.json()["errors"]} == {
        "/answers/greeting",
        "/answers/verified",
    }
    rest = {"greeting": {"value": "no"}, "verified": {"skipped": True}}
    assert ask(review, user, "patch", {"revision": 1, "answers": rest}).status_code == 200
    done = ask(review, user, "post", {"revision": 2, "release": "by_hand"}, "api_review_finish")
    assert (done.status_code, done.json()["score_percent"]) == (200, 60.0)
    assert ask(review, user, "patch", {"revision": 3}).status_code == 409


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({}, "/revision"),
        ({"revision": "0"}, "/revision"),
        ({"revision": 0, "answer": {}}, "/answer"),
        ({"revision": 0, "answers": {"cause": {"value": "9"}}}, "/answers/cause/value"),
        ({"revision": 0, "pins": [{"line": 0}]}, "/pins/0/line"),
    ],
)
def test_what_is_wrong_is_pointed_to_and_nothing_is_kept(said, pointer):
    review = an_evaluation()
    answer = ask(review, review.reviewer, "patch", said)
    assert answer.status_code == 400
    assert pointer in {one["pointer"] for one in answer.json()["errors"]}
    review.refresh_from_db()
    assert review.revision == 0
    assert ask(review, review.reviewer, "patch", []).status_code == 400


def test_nobody_else_fills_in_a_review():
    review = an_evaluation()
    manager = a_user("manager", review.site)
    assert ask(review, manager, "patch", {"revision": 0, "comment": "x"}).status_code == 409
    planner = a_user("planner", review.site)
    assert ask(review, planner, "patch", {"revision": 0, "comment": "x"}).status_code == 404
    done = finished(review)
    assert (
        ask(done, review.reviewer, "post", {"revision": 0}, "api_review_finish").status_code == 409
    )


def test_a_token_that_reads_does_not_write():
    review = an_evaluation()
    _token, words = ApiToken.issue(
        name="reads", user=review.reviewer, scopes=[ApiToken.READ],
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    address = reverse("api_review", args=[review.pk])
    headers = {"authorization": f"Bearer {words}"}
    assert Client().get(address, headers=headers).status_code == 200
    answer = Client().patch(
        address, {"revision": 0}, content_type="application/json", headers=headers
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"release_on": "2026-12-24"}, "/release_on"),
        ({"release": "at_once", "release_on": "2026-12-24"}, "/release_on"),
        ({"relase": "by_hand"}, "/relase"),
    ],
)
def test_what_says_when_it_is_released_is_understood_or_refused(more, pointer):
    review = an_evaluation()
    refused = ask(review, review.reviewer, "post", {"revision": 0, **more}, "api_review_finish")
    assert refused.status_code == 400
    assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]
    review.refresh_from_db()
    assert review.is_open
