"""Findings over the API: made, changed by who saw the last revision, and what is said of one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ccm.models import AuditEntry
from qa.models import Finding
from tests.builders import a_user
from tests.qa.acts import act, pointers
from tests.qa.after.builders import House
from tests.qa.builders import a_card
from tests.qa.findings.builders import a_finding

pytestmark = pytest.mark.django_db
IN_A_MONTH = (timezone.now() + timedelta(days=30)).date().isoformat()


@pytest.fixture
def house():
    return House()


def test_a_finding_is_made_of_a_review_and_stands_on_its_page(house):
    review = house.finished()
    said = {
        "review": review.pk, "kind": "training", "title": "Asks twice", "due_on": IN_A_MONTH,
        "owner": house.manager.username, "criterion": "cause",
    }  # fmt: skip
    made = act(house.reviewer, "api_findings", **said)
    assert made.status_code == 201
    told = made.json()
    assert (told["agent"], told["queue"], told["review"], told["owner"]) == (
        house.agent.pk, house.queue.pk, review.pk, house.manager.username,
    )  # fmt: skip
    assert (told["criterion"], told["scorecard"]) == ("cause", house.card.pk)
    row = Finding.objects.get(pk=told["id"])
    assert (row.title, row.made_by, row.site) == ("Asks twice", house.reviewer, house.site)
    assert AuditEntry.objects.filter(model="qa.finding", object_id=str(row.pk)).exists()
    listed = act(house.manager, "api_findings", method="get").json()["results"]
    assert [one["id"] for one in listed] == [row.pk]
    assert act(house.manager, "api_finding", row.pk, method="get").json()["notes"] == []


@pytest.mark.parametrize(
    ("more", "status", "where"),
    [
        ({"colour": "red"}, 400, ["/colour"]),
        ({"title": None}, 400, ["/title"]),
        ({"owner": "nobody"}, 400, ["/owner"]),
        ({"agent": 999_999_999}, 400, ["/agent"]),
        ({"kind": "joke"}, 400, ["/kind"]),
        ({"criterion": "gone"}, 400, ["/criterion"]),
        ({"scorecard": 1}, 400, ["/criterion"]),
        ({"due_on": "0001-01-01"}, 400, ["/due_on"]),
        ({"site": "nowhere"}, 404, []),
    ],
)
def test_what_is_wrong_is_pointed_to_and_nothing_is_made(house, more, status, where):
    said = {"site": house.site.slug, "kind": "praise", "title": "Kind", **more}
    answer = act(house.reviewer, "api_findings", **said)
    assert (answer.status_code, pointers(answer)) == (status, where)
    assert not Finding.objects.exists()
    needed = act(house.reviewer, "api_findings")
    assert (needed.status_code, set(pointers(needed))) == (400, {"/kind", "/title"})
    assert pointers(act(house.reviewer, "api_findings", kind="praise", title="Kind")) == ["/site"]


def test_a_criterion_that_several_scorecards_ask_is_told_apart_by_its_scorecard(house):
    review = house.finished()
    other = a_card(house.site, name="Sales")
    said = {"site": house.site.slug, "kind": "praise", "title": "Kind", "criterion": "cause"}
    assert pointers(act(house.reviewer, "api_findings", **said)) == ["/scorecard"]
    told = act(house.reviewer, "api_findings", **said, scorecard=other.pk).json()
    assert (told["criterion"], told["scorecard"]) == ("cause", other.pk)
    told = act(house.reviewer, "api_findings", **said, review=review.pk).json()
    assert (told["criterion"], told["scorecard"]) == ("cause", house.card.pk)
    # What is left out stays, and null takes it away.
    pk = told["id"]
    said = {"method": "patch", "revision": 0, "title": "Kinder"}
    assert act(house.reviewer, "api_finding", pk, **said).json()["criterion"] == "cause"
    said = {"method": "patch", "revision": 1, "criterion": None}
    told = act(house.reviewer, "api_finding", pk, **said).json()
    assert (told["criterion"], told["scorecard"]) == (None, None)


def test_a_finding_is_changed_by_who_saw_its_last_revision(house):
    one = a_finding(house.site, house.reviewer, agent=house.agent)
    stale = act(house.reviewer, "api_finding", one.pk, method="patch", revision=4, title="New")
    assert stale.status_code == 409
    done = act(house.reviewer, "api_finding", one.pk, method="patch", revision=0, title="New")
    # What was left out stays.
    assert (done.json()["title"], done.json()["agent"]) == ("New", house.agent.pk)
    noted = act(
        house.manager, "api_finding_notes", one.pk, words="Planned", state="doing", revision=1
    )
    assert (noted.status_code, noted.json()["state"]) == (201, "doing")
    assert [(each["words"], each["state"]) for each in noted.json()["notes"]] == [
        ("Planned", "doing")
    ]
    assert act(house.manager, "api_finding_notes", one.pk).status_code == 400
    late = act(house.manager, "api_finding_notes", one.pk, state="done", revision=1)
    assert late.status_code == 409
    for who in (a_user("planner", house.site), house.me):
        assert act(who, "api_finding_notes", one.pk, words="x").status_code == 404
