"""Checks over the API: made, changed by whoever saw the last of them, switched and removed."""

import pytest

from qa.models import CheckRule, LearnedScorer
from tests.builders import NINE, a_site, a_user
from tests.qa.acts import act, pointers
from tests.qa.checking.builders import a_check, criterion

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def keeper(site):
    return a_user("qa_analyst", site)


def new(site, **more):
    of = criterion(site)
    return {
        "site": site.slug, "scorecard": of.card_id, "criterion": of.key, "name": "Thanks",
        "kind": "say", "phrases": ["thank you", "/thanks?/"], "place": "start",
        "within_seconds": 15, "languages": ["en"], "met": {"value": "yes"},
        "broken": {"value": "no"}, **more,
    }  # fmt: skip


def test_a_check_is_made_and_changed_as_its_form_has_it(site, keeper):
    made = act(keeper, "api_checks", **new(site))
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["name"], told["languages"], told["is_active"]) == ("Thanks", ["en"], True)
    row = CheckRule.objects.get()
    assert [one["text"] for one in row.rule["said"]] == ["thank you", "thanks?"]
    at = "api_check"
    assert act(keeper, at, row.pk, method="patch", seen="old", name="Hello").status_code == 409
    done = act(keeper, at, row.pk, method="patch", seen=told["seen"], name="Hello")
    assert (done.status_code, done.json()["rule"]) == (200, told["rule"])
    row.refresh_from_db()
    assert row.name == "Hello"
    listed = act(keeper, "api_checks", method="get", site=site.slug).json()["checks"]
    assert [one["name"] for one in listed] == ["Hello"]


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"phrases": []}, ["/phrases"]),
        ({"phrases": ["/[a-z/"]}, ["/phrases"]),
        ({"kind": "sing"}, ["/kind"]),
        ({"met": {"value": "perhaps"}}, ["/met"]),
        ({"within_seconds": 0}, ["/within_seconds"]),
        ({"languages": ["english!"]}, ["/languages"]),
        ({"colour": "red"}, ["/colour"]),
    ],
)
def test_what_no_check_can_be_is_pointed_to(site, keeper, more, where):
    answer = act(keeper, "api_checks", **new(site, **more))
    assert (answer.status_code, pointers(answer)) == (400, where)
    assert not CheckRule.objects.exists()


def test_a_check_is_switched_and_removed(site, keeper):
    row = a_check(site)
    assert act(keeper, "api_check_use", row.pk, on=False).json()["is_active"] is False
    refused = act(keeper, "api_check_prefill", row.pk, on=True)
    assert (refused.status_code, refused.json()["detail"]) == (
        400, "A check that is not used fills in nothing.",
    )  # fmt: skip
    assert act(keeper, "api_check_use", row.pk).status_code == 400
    manager = a_user("manager", site)
    assert act(manager, "api_check_use", row.pk, on=True).status_code == 404
    assert act(manager, "api_check", row.pk, method="get").status_code == 200
    assert act(manager, "api_check", row.pk, method="delete").status_code == 404
    assert act(keeper, "api_check", row.pk, method="delete").status_code == 204
    assert not CheckRule.objects.exists()


def test_what_was_learned_is_switched_and_forgotten_and_learning_says_what_it_lacks(site, keeper):
    of = criterion(site)
    row = LearnedScorer.objects.create(
        site=site, criterion=of, model={"answers": ["a", "b", "c"]}, trained_on=9, trained_at=NINE
    )
    refused = act(keeper, "api_learned_prefill", row.pk, on=True)
    assert (refused.status_code, refused.json()["detail"]) == (
        400, "It tells more than two answers apart: it suggests, and fills in nothing.",
    )  # fmt: skip
    said = {"site": site.slug, "scorecard": of.card_id, "criterion": of.key}
    text = act(keeper, "api_check_learn", **{**said, "criterion": "remark"})
    assert (text.status_code, pointers(text)) == (400, [""])
    assert act(keeper, "api_check_learn", **said).json()["state"] == "queued"
    assert act(keeper, "api_check_learn", **{**said, "criterion": "x"}).status_code == 404
    assert act(keeper, "api_learned", row.pk, method="delete").status_code == 204
    assert not LearnedScorer.objects.exists()
