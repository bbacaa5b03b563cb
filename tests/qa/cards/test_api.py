"""Scorecards over the API: listed, read, written by whoever saw the last revision, published."""

import copy
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ccm.models import ApiToken
from qa.api.acts import WRITE
from qa.cards import document, files, services
from qa.models import Scorecard
from tests.builders import NINE, a_site, a_user
from tests.qa.builders import FORM, an_evaluation, finished
from tests.qa.cards.builders import a_draft, a_published

pytestmark = pytest.mark.django_db
API = "/api/v1/quality/scorecards/"


@pytest.fixture
def site():
    return a_site("Leeds")


@pytest.fixture
def keeper(site):
    return a_user("qa_analyst", site)


def caller(user, *scopes):
    """A client that calls with a token of these scopes."""
    _token, words = ApiToken.issue(
        name="t", user=user, scopes=[*scopes], expires_at=timezone.now() + timedelta(days=1)
    )
    return Client(headers={"authorization": f"Bearer {words}"})


def put(client, card, form=FORM, **more):
    return client.put(
        f"{API}{card.pk}/draft/", {"form": form, **more}, content_type="application/json"
    )


def publish(client, card, **said):
    return client.post(f"{API}{card.pk}/publish/", said, content_type="application/json")


def test_the_list_and_a_version_say_what_the_pages_say(site, keeper):
    card = a_published(site, keeper)
    client = caller(keeper, ApiToken.READ)
    told = client.get(API).json()["results"]
    assert [(one["name"], one["site"], one["version"], one["reviews"]) for one in told] == [
        ("Support", site.slug, 1, 0)
    ]
    version = client.get(f"{API}{card.pk}/versions/1/").json()
    assert (version["state"], version["number"]) == ("published", 1)
    assert version["form"] == card.versions.get().form
    assert client.get(f"{API}?colour=red").status_code == 400
    assert client.get(f"{API}{card.pk}/draft/").status_code == 404
    assert client.get(f"{API}{10**25}/versions/1/").status_code == 404


def test_a_draft_is_begun_replaced_and_published(site, keeper):
    card = a_published(site, keeper)
    client = caller(keeper, ApiToken.READ, WRITE)
    form = copy.deepcopy(FORM)
    form["sections"][0]["criteria"][0]["weight"] = 50
    begun = put(client, card, form).json()
    assert (begun["number"], begun["revision"], begun["faults"]) == (2, 1, [])
    # Without a revision there must be no draft yet; with one it must be the last.
    assert put(client, card, form).status_code == 409
    assert put(client, card, form, revision=0).status_code == 409
    form["sections"][0]["criteria"][0]["options"].pop()
    told = put(client, card, form, revision=1).json()
    assert told["faults"] == ["Greeting: There must be at least two answers."]
    refused = publish(client, card, revision=2, note="Weights")
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {"pointer": "", "message": "Greeting: There must be at least two answers."}
    ]
    assert (
        put(client, card, {**FORM, "sections": FORM["sections"][:1]}, revision=2).json()["revision"]
        == 3
    )
    assert publish(client, card, revision=2, note="One section").status_code == 409
    assert publish(client, card, revision=3).status_code == 400
    assert publish(client, card, revision=3, note="One section").json()["state"] == "published"
    assert publish(client, card, revision=3, note="One section").status_code == 404


def test_what_is_wrong_with_a_document_is_pointed_to(site, keeper):
    card = a_published(site, keeper)
    client = caller(keeper, WRITE)
    form = copy.deepcopy(FORM)
    form["sections"][1]["criteria"][0]["kind"] = "stars"
    form["sections"][0]["a/b"] = 1
    answer = put(client, card, form)
    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == [
        "/form/sections/0/a~1b", "/form/sections/1/criteria/0/kind",
    ]  # fmt: skip
    for body in ("[]", "{", '{"form": []}', '{"form": null}', '{"form": {}, "revision": -1}',
                 '{"form": {}, "revision": 99999999999}', '{"form": {}, "form": {}}'):  # fmt: skip
        sent = client.put(f"{API}{card.pk}/draft/", body, content_type="application/json")
        assert sent.status_code == 400, body
    assert not card.versions.filter(state="draft").exists()


def test_a_token_changes_what_its_scope_and_its_user_may(site, keeper):
    card = a_published(site, keeper)
    assert put(caller(keeper, ApiToken.READ), card).status_code == 403
    assert put(caller(a_user("manager", site), WRITE), card).status_code == 404
    assert put(caller(a_user("qa_analyst", a_site()), WRITE), card).status_code == 404
    services.close(card, keeper, NINE)
    assert put(caller(keeper, WRITE), card).status_code == 400


def test_a_card_of_all_sites_has_no_site(site, keeper):
    a_published(None, a_user("admin"), "House rules")
    told = caller(keeper, ApiToken.READ).get(API).json()["results"]
    assert [(one["name"], one["site"]) for one in told] == [("House rules", None)]


def test_a_card_is_made_brought_in_called_otherwise_and_closed(site, keeper):
    client = caller(keeper, ApiToken.READ, WRITE)

    def post(address, said, method="post"):
        return getattr(client, method)(address, said, content_type="application/json")

    empty = post(API, {"name": "Empty", "site": site.slug})
    assert (empty.status_code, empty.json()["has_draft"]) == (201, True)
    text = files.dumped(document.read(FORM), files.YAML)
    made = post(API, {"name": "From a file", "site": site.slug, "file": text}).json()
    draft = client.get(f"{API}{made['id']}/draft/").json()
    assert (draft["form"], draft["faults"]) == (document.write(document.read(FORM)), [])
    assert (
        post(API, {"name": "x", "site": site.slug, "file": "- ["}).json()["errors"][0]["pointer"]
        == "/file"
    )
    same = post(API, {"name": "Empty", "site": site.slug})
    assert same.status_code == 400
    assert post(API, {"name": "For all"}).status_code == 400
    assert post(API, {"name": "Far", "site": a_site().slug}).status_code == 404
    own = f"{API}{made['id']}/"
    renamed = post(own, {"name": "Better"}, "patch").json()
    assert (renamed["name"], renamed["words"]) == ("Better", "")
    both = put(client, Scorecard(pk=made["id"]), file=text, revision=0)
    assert [one["pointer"] for one in both.json()["errors"]] == ["/file"]
    published = post(f"{own}publish/", {"revision": 0, "note": "First"})
    assert published.status_code == 200
    assert post(f"{own}close/", {"closed": True}).json()["closed_at"] is not None
    assert post(f"{own}close/", {"closed": False}).json()["closed_at"] is None
    begun = put(client, Scorecard(pk=made["id"])).json()
    at = f"{own}draft/?revision={begun['revision']}"
    assert client.delete(f"{own}draft/?revision=99").status_code == 409
    assert client.delete(at).status_code == 204
    assert client.get(f"{own}draft/").status_code == 404


def test_nobody_else_makes_or_closes_cards(site, keeper):
    card = a_published(site, keeper)
    for role in ("manager", "trainer", "supervisor", "agent"):
        client = caller(a_user(role, site), ApiToken.READ, WRITE)
        said = {"name": "Mine", "site": site.slug}
        assert client.post(API, said, content_type="application/json").status_code == 404
        closed = client.post(
            f"{API}{card.pk}/close/", {"closed": True}, content_type="application/json"
        )
        assert closed.status_code == 404


def test_a_card_that_nothing_was_made_by_is_removed_and_another_says_what_hangs_on_it(site, keeper):
    card, other = a_published(site, keeper), a_draft(site, keeper, "New").card
    finished(an_evaluation(version=card.versions.get()))
    client = caller(keeper, ApiToken.READ, WRITE)
    refused = client.delete(f"{API}{card.pk}/")
    assert refused.status_code == 409
    assert "1 review" in refused.json()["detail"]
    assert caller(keeper, ApiToken.READ).delete(f"{API}{other.pk}/").status_code == 403
    manager = caller(a_user("manager", site), ApiToken.READ, WRITE)
    assert manager.delete(f"{API}{other.pk}/").status_code == 404
    assert client.delete(f"{API}{other.pk}/").status_code == 204
    assert [one.pk for one in Scorecard.objects.all()] == [card.pk]
