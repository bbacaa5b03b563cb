"""Checks over the API: made, changed by whoever saw the last of them, switched and removed."""

from datetime import timedelta

import pytest

from ccm.models import Job
from qa.checking import subjects
from qa.models import CallTranscript, CheckRule, LearnedScorer
from tests.builders import NINE, a_call, a_queue, a_site, a_user
from tests.qa.acts import act, pointers
from tests.qa.builders import a_reviewed_agent
from tests.qa.checking.builders import a_check, criterion, told

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


def test_topics_are_looked_for_and_read_as_on_the_page(site, keeper):
    billing, repairs = a_queue(site, "Billing"), a_queue(site, "Repairs")
    agent = a_reviewed_agent(site)
    for n in range(20):
        at = NINE + timedelta(minutes=n)
        of_caller(a_call(repairs, at, agent=agent), n, "my broken router again")
        of_caller(a_call(billing, at, agent=agent), n, "a refund of the bill")
    days = {"site": site.slug, "first": str(NINE.date()), "last": str(NINE.date())}
    none = act(keeper, "api_topics", method="get", **days).json()
    assert (none["job"], none["state"], none["queues"]) == (None, None, [])
    asked = act(keeper, "api_topics", **days)
    assert (asked.status_code, asked.json()["queues"]) == (202, [])
    job = Job.objects.get(kind=subjects.KIND)
    assert act(keeper, "api_topics", **days).json()["job"] == job.pk
    subjects.run(job.pk)
    told = act(keeper, "api_topics", method="get", **days).json()
    assert (told["state"], told["calls"], told["looked_at"]) == ("done", 40, 40)
    found = {one["queue_name"]: one["phrases"][0] for one in told["queues"]}
    assert (found["Repairs"]["words"], found["Repairs"]["calls"]) == ("broken router again", 20)
    assert len(found["Repairs"]["examples"]) == 3
    one = act(keeper, "api_topics", method="get", queue=billing.pk, **days).json()
    assert [each["queue_name"] for each in one["queues"]] == ["Billing"]
    elsewhere = a_queue(a_site("York"))
    wrong = act(keeper, "api_topics", method="get", queue=elsewhere.pk, **days)
    assert wrong.status_code == 404
    assert act(a_user("supervisor", site), "api_topics", **days).status_code == 404
    turned = act(keeper, "api_topics", **days | {"last": "2020-01-01"})
    assert pointers(turned) == ["/last"]


def of_caller(call, n, words):
    told(call, f"Agent: Hello {n}", f"Customer: {words}")


def test_a_transcript_is_forgotten_by_who_keeps_the_checks_of_its_site(site, keeper):
    call = a_call(a_queue(site), agent=a_reviewed_agent(site))
    of_caller(call, 1, "it is broken")
    row = CallTranscript.objects.get()
    at = "api_transcript", row.pk
    assert act(a_user("manager", site), *at, method="delete").status_code == 404
    assert act(a_user("qa_analyst", a_site("York")), *at, method="delete").status_code == 404
    assert act(keeper, *at, method="delete").status_code == 204
    assert act(keeper, *at, method="delete").status_code == 404
    assert not CallTranscript.objects.exists()
