"""The list of reviews over the API, calls that are taken for one, and reviews that change hands."""

from datetime import timedelta

import pytest
from django.urls import reverse

from qa.models import Evaluation
from tests.builders import NINE, a_site, a_user
from tests.qa.acts import act, pointers, signed_in
from tests.qa.after.builders import House
from tests.qa.builders import an_evaluation
from tests.qa.reviews.builders import answered

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return House()


def test_reviews_are_listed_narrowed_and_paged(house):
    done = house.finished()
    open_ = an_evaluation(house.call(), house.other, version=done.version)
    told = act(house.manager, "api_reviews", method="get").json()
    # The newest call first: they are of the same minute, and the later made is first.
    assert [one["id"] for one in told["results"]] == [open_.pk, done.pk]
    row = told["results"][1]
    # Greeting 40 of 100 met, the cause 60 at half.
    assert (row["score_percent"], row["reviewer"]) == (70.0, house.reviewer.username)
    for said, expected in (
        ({"state": "open"}, [open_.pk]),
        ({"state": "done"}, [done.pk]),
        ({"reviewer": house.other.username}, [open_.pk]),
        ({"agent": house.agent.pk, "page_size": 1}, [open_.pk]),
    ):
        found = act(house.manager, "api_reviews", method="get", **said).json()
        assert [one["id"] for one in found["results"]] == expected, said
    assert act(house.me, "api_reviews", method="get").json()["results"] == []
    own = house.released()
    mine = act(house.me, "api_reviews", method="get").json()["results"]
    assert [one["id"] for one in mine] == [own.pk]
    assert act(house.manager, "api_reviews", method="get", colour="red").status_code == 400
    assert act(house.manager, "api_reviews", method="get", site="nowhere").status_code == 404
    assert act(house.manager, "api_reviews", method="get", cursor="cD1udWxs").status_code == 404
    assert act(a_user("planner", house.site), "api_reviews", method="get").status_code == 404
    far = a_user("manager", a_site())
    assert act(far, "api_reviews", method="get").json()["results"] == []


@pytest.mark.parametrize("said", [{"reviewer": "nobody"}, {"agent": 999_999_999}, {"plan": 77}])
def test_a_filter_by_nobody_that_one_may_know_of_is_told(house, said):
    house.finished()
    assert pointers(act(house.manager, "api_reviews", method="get", **said)) == [f"/{min(said)}"]


def test_the_newest_call_is_first_whenever_it_was_reviewed(house):
    late = house.finished()
    early = an_evaluation(
        house.call(at=NINE - timedelta(days=3)), house.other, version=late.version
    )
    told = act(house.manager, "api_reviews", method="get").json()["results"]
    assert [one["id"] for one in told] == [late.pk, early.pk]
    first = act(house.manager, "api_reviews", method="get", page_size=1).json()
    assert [one["id"] for one in first["results"]] == [late.pk]
    rest = signed_in(house.manager).get(first["next"]).json()["results"]
    assert [one["id"] for one in rest] == [early.pk]


def test_a_draft_tells_others_how_far_it_is_and_nothing_of_its_score(house):
    draft = an_evaluation(house.call(), house.reviewer)
    answered(draft, greeting="yes", cause=("2", "Secret"))
    for who, share in ((house.reviewer, 55.0), (house.manager, None), (house.lead, None)):
        (row,) = act(who, "api_reviews", method="get").json()["results"]
        told = act(who, "api_review", draft.pk, method="get").json()
        assert (row["state"], row["score_percent"], row["is_told"]) == (
            "draft", share, share is not None,
        )  # fmt: skip
        # What both tell they tell alike.
        assert {name: told[name] for name in row} == row


@pytest.mark.parametrize("reviews", [1, 9])
def test_the_list_asks_the_same_of_one_review_as_of_nine(
    house, django_assert_max_num_queries, reviews
):
    for _ in range(reviews):
        house.finished()
    client = signed_in(house.manager)
    with django_assert_max_num_queries(8):
        told = client.get(reverse("api_reviews")).json()
    assert len(told["results"]) == reviews


def test_a_call_is_taken_for_a_review_once(house):
    call = house.call()
    said = {"call": str(call.pk), "scorecard": house.card.pk, "reason": "complaint"}
    assert act(house.me, "api_reviews", **said).status_code == 404
    other = act(house.reviewer, "api_reviews", **{**said, "reason": "other"})
    assert pointers(other) == ["/words"]
    assert pointers(act(house.reviewer, "api_reviews", **{**said, "scorecard": 0})) == [
        "/scorecard"
    ]
    made = act(house.reviewer, "api_reviews", **said, words="Card 4111 1111 1111 1111")
    assert (made.status_code, made.json()["kind"]) == (201, "targeted")
    row = Evaluation.objects.get(pk=made.json()["id"])
    assert (row.reviewer, row.call_id) == (house.reviewer, call.pk)
    assert "4111 1111" not in row.reason_words
    assert act(house.reviewer, "api_reviews", **said).status_code == 409
    assert act(house.manager, "api_reviews", **said).status_code == 404


def test_an_open_review_is_handed_on_and_a_finished_one_is_opened_again(house):
    review = an_evaluation(house.call(), house.reviewer)
    said = {"reviewer": house.other.username, "reason": "On leave"}
    assert act(house.manager, "api_review_hand_on", review.pk, **said).status_code == 404
    nobody = act(house.reviewer, "api_review_hand_on", review.pk, **{**said, "reviewer": "nobody"})
    assert pointers(nobody) == ["/reviewer"]
    done = act(house.reviewer, "api_review_hand_on", review.pk, **said)
    assert (done.status_code, done.json()["reviewer"]) == (200, house.other.username)
    review.refresh_from_db()
    assert review.reviewer == house.other
    finished = house.finished()
    assert act(house.other, "api_review_reopen", finished.pk).status_code == 404
    assert act(house.reviewer, "api_review_reopen", finished.pk).json()["state"] == "draft"
    assert act(house.reviewer, "api_review_reopen", finished.pk).status_code == 400
