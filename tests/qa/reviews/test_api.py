"""The API has the same reviews, by the same rules, with the revision that was seen."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.models import ApiToken
from qa.after import disputing
from qa.models import Evaluation
from tests.builders import NINE, a_user
from tests.qa.after.builders import House, drawn_call
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


@pytest.mark.parametrize("state", ["draft", "dropped"])
def test_what_is_not_done_is_its_reviewers_alone(state):
    review = an_evaluation()
    answered(review, greeting="yes", cause=("2", "Secret words"))
    review.refresh_from_db()
    review.evidence.create(line=2, made_at=NINE)
    Evaluation.objects.filter(pk=review.pk).update(state=state, comment="Of the whole")
    answer = ask(review, a_user("manager", review.site))
    told = answer.json()
    assert (told["state"], told["is_told"], told["score_percent"]) == (state, False, None)
    assert (told["is_failed"], told["bonus_percent"], told["comment"]) == (None, None, "")
    named = ("answers", "evidence", "shown", "unanswered", "uncommented", "events", "disputes")
    assert [told[name] for name in named] == [[]] * 7
    assert b"Secret" not in answer.content
    # Nor do its reviewers read on what was taken from them.
    mine = ask(review, review.reviewer).json()
    assert mine["is_told"] == bool(mine["answers"]) == (state == "draft")


def test_a_finished_review_has_its_history_and_until_when_it_is_disputed():
    house = House()
    review = house.released()
    disputing.acknowledge(review, house.me, NINE, "Thank you")
    one = house.dispute(review)
    told = ask(review, house.me).json()
    assert (told["reviewer"], told["queue"]) == (house.reviewer.username, house.queue.pk)
    assert (told["scorecard"], told["queue_name"]) == (house.card.pk, house.queue.name)
    # Seven days and the rest of Monday the 2nd, in UTC.
    assert told["dispute_until"] == "2026-03-10T00:00:00Z"
    assert told["acknowledged_at"] == "2026-03-02T09:00:00Z"
    happened = [(each["what"], each["who"], each["words"]) for each in told["events"]]
    assert happened == [
        ("released", house.reviewer.username, ""),
        ("acknowledged", house.me.username, "Thank you"),
        ("disputed", house.me.username, "I asked twice"),
    ]
    (row,) = told["disputes"]
    assert (row["id"], row["criterion"], row["agent"]) == (one.pk, "cause", house.agent.pk)


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
        ({"release": "nonsense"}, "/release"),
        ({"release": None}, "/release"),
        ({"release": ["at_once"]}, "/release"),
        ({"release": "at_day"}, "/release_on"),
        ({"release": "at_day", "release_on": "9999-12-31"}, "/release_on"),
    ],
)
def test_what_says_when_it_is_released_is_understood_or_refused(more, pointer):
    review = an_evaluation()
    refused = ask(review, review.reviewer, "post", {"revision": 0, **more}, "api_review_finish")
    assert refused.status_code == 400
    assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]
    review.refresh_from_db()
    assert review.is_open


@pytest.mark.parametrize("rank", [0, 1])
def test_the_plan_says_when_a_drawn_review_is_released_and_nobody_else(rank):
    house = House()
    call = house.call()
    review = an_evaluation(
        call, house.reviewer, kind="drawn", drawn=drawn_call(house, call), rank=rank
    )
    said = {"revision": 0, "release": "at_day", "release_on": "2026-12-24"}
    refused = ask(review, house.reviewer, "post", said, "api_review_finish")
    assert refused.status_code == 400
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/release", "/release_on"]
    review.refresh_from_db()
    assert review.is_open


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ('{"revision": 0, "comment": "a\\u0000b"}', "/comment"),
        ('{"revision": 0, "answers": {"cause": {"comment": "\\ud800"}}}', "/answers/cause/comment"),
        ('{"revision": 0, "answers": {"\\udfff": {}}}', "/answers/\\udfff"),
        ('{"\\ud800": 1}', "/\\ud800"),
    ],
)
def test_signs_that_no_column_holds_are_pointed_to(said, pointer):
    review = an_evaluation()
    client = Client()
    client.force_login(review.reviewer)
    address = reverse("api_review", args=[review.pk])
    refused = client.patch(address, said, content_type="application/json")
    assert refused.status_code == 400
    assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]
