"""Pages are drafted, published and withdrawn; what was published stays as it was."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, transaction

from ccm.models import AuditEntry
from coaching.library import services
from coaching.models import LibraryPage, LibraryVersion, PageAnswer, PageReceipt
from tests.builders import NINE, a_site, a_team, a_user
from tests.coaching.library.builders import BODY, WHY, a_page, a_version, current
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db

SAID = {"title": "Refunds", "why": WHY, "body": BODY}
LATER = NINE + timedelta(days=1)


def seen(page):
    draft = page.versions.get(published_at=None)
    return draft.pk, draft.revision


def test_a_page_begins_as_a_draft_of_whoever_makes_it_to_be_looked_at_in_a_year():
    site, who = a_site(), a_user("trainer")
    page = services.make(site, "sop", SAID, who, NINE)
    (draft,) = page.versions.all()
    assert (page.owner, page.review_on, page.is_published) == (
        who, (NINE + timedelta(days=365)).date(), False,
    )  # fmt: skip
    assert (draft.number, draft.title, draft.plain, draft.is_current) == (
        1, "Refunds", "Greeting\nSay your name.", False,
    )  # fmt: skip
    (entry,) = AuditEntry.objects.all()
    assert (entry.model, entry.who) == ("coaching.librarypage", who)
    assert "hang up" not in str(entry.after)


def test_a_post_that_comes_twice_makes_one():
    site, who = a_site(), a_user("trainer")
    first = services.make(site, "sop", SAID, who, NINE)
    assert services.make(site, "sop", SAID, who, NINE + timedelta(seconds=9)) == first
    assert services.make(site, "script", SAID, who, NINE) != first
    assert services.make(None, "sop", SAID, who, NINE) != first
    assert services.make(site, "sop", SAID, who, LATER) != first


def test_a_published_version_is_frozen_and_the_next_begins_with_what_it_says():
    who = a_user("trainer")
    page = services.make(a_site(), "sop", SAID, who, NINE)
    services.publish(page.pk, "", services.NOBODY, seen(page), who, NINE)
    draft = services.begin(page.pk, who, LATER)
    assert services.begin(page.pk, who, LATER) == draft
    assert (draft.number, draft.title, draft.why, draft.body) == (2, "Refunds", WHY, BODY)
    services.write(page.pk, SAID | {"body": "Say hello."}, seen(page))
    services.publish(page.pk, "Shorter", services.NOBODY, seen(page), who, LATER)
    told = page.versions.order_by("number").values_list("number", "body", "is_current", "note")
    assert [*told] == [(1, BODY, False, ""), (2, "Say hello.", True, "Shorter")]
    said = [
        (one.model, (one.after or {}).get("number")) for one in AuditEntry.objects.order_by("pk")
    ]
    assert said[1:] == [("coaching.libraryversion", 1), ("coaching.libraryversion", 2)]


@pytest.mark.parametrize(
    "change",
    [
        {"body": "x"},
        {"why": "x"},
        {"title": "x"},
        {"note": "x"},
        {"number": 9},
        {"must_from": 1},
        {"published_at": None},
    ],
)
def test_the_database_refuses_to_change_what_was_published(change):
    version = current(a_page())
    with pytest.raises(ProgrammingError), transaction.atomic():
        LibraryVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(ProgrammingError), transaction.atomic():
        version.delete()


def test_the_database_has_one_draft_and_one_current_version_of_a_page():
    page = a_page()
    a_version(page, 2, published=False)
    for more in ({"published_at": None}, {"published_at": NINE, "is_current": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            LibraryVersion.objects.create(
                page=page, number=3, title="x", why="x", body="x", made_at=NINE, **more
            )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"why": ""}, "Say why"),
        ({"body": "  \n"}, "It says nothing yet"),
        ({"body": "# A\n\n[Go](#nowhere)"}, "#nowhere"),
    ],
)
def test_what_lacks_its_why_its_text_or_a_heading_is_not_published(said, words):
    who = a_user("trainer")
    page = services.make(a_site(), "sop", SAID | said, who, NINE)
    with pytest.raises(ValidationError, match=words):
        services.publish(page.pk, "", services.ANEW, seen(page), who, NINE)


def test_a_further_version_says_what_changed_and_says_something_else():
    who, page = a_user("trainer"), a_page()
    services.begin(page.pk, who, NINE)
    with pytest.raises(ValidationError, match="nothing to publish"):
        services.publish(page.pk, "Note", services.ANEW, seen(page), who, NINE)
    services.write(page.pk, SAID | {"why": "Another."}, seen(page))
    with pytest.raises(ValidationError, match="Say what changed"):
        services.publish(page.pk, "", services.ANEW, seen(page), who, NINE)


def test_a_post_that_comes_twice_publishes_once():
    who, page = a_user("trainer"), a_page(published=False)
    asked = page.pk, "", services.ANEW, seen(page), who
    first = services.publish(*asked, NINE)
    assert services.publish(*asked, NINE + timedelta(seconds=5)) == first
    with pytest.raises(services.Stale):
        services.publish(*asked, LATER)
    assert page.versions.count() == 1


def test_who_has_to_read_it_is_said_when_it_is_published_and_stays():
    who, page = a_user("trainer"), a_page(published=False)
    told = []
    for number, must in enumerate(
        (services.AS_BEFORE, services.ANEW, services.AS_BEFORE, services.NOBODY), start=1
    ):
        services.begin(page.pk, who, NINE)
        services.write(page.pk, SAID | {"body": f"Line {number}"}, seen(page))
        services.publish(page.pk, f"Note {number}", must, seen(page), who, NINE)
        told.append(current(page).must_from)
    assert told == [None, 2, 2, None]


def test_of_two_who_write_a_draft_the_second_is_told():
    page = a_page(published=False)
    drawn = seen(page)
    services.write(page.pk, SAID | {"title": "First"}, drawn)
    with pytest.raises(services.Stale):
        services.write(page.pk, SAID | {"title": "Second"}, drawn)
    assert page.versions.get().title == "First"
    # What is left as it is changes nothing.
    now = seen(page)
    services.write(page.pk, SAID | {"title": "First"}, now)
    assert seen(page) == now


def test_a_form_of_an_earlier_draft_changes_no_later_one():
    who, page = a_user("trainer"), a_page()
    services.begin(page.pk, who, NINE)
    old = seen(page)
    services.discard(page.pk, old, who, NINE)
    services.begin(page.pk, who, NINE)
    for act in (
        lambda: services.write(page.pk, SAID | {"title": "Old"}, old),
        lambda: services.discard(page.pk, old, who, NINE),
        lambda: services.publish(page.pk, "x", services.ANEW, old, who, NINE),
    ):
        with pytest.raises(services.Stale):
            act()


def test_of_a_page_that_was_never_published_nothing_is_left():
    who = a_user("trainer")
    page, kept = a_page(published=False), a_page()
    a_version(kept, 2, published=False)
    assert services.discard(page.pk, seen(page), who, NINE) is False
    assert not LibraryPage.objects.filter(pk=page.pk).exists()
    assert services.discard(kept.pk, seen(kept), who, NINE) is True
    assert kept.versions.count() == 1
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.object_id) == ("removed", str(page.pk))


def test_settings_are_kept_with_whom_it_is_for_and_are_in_the_log():
    site, who = a_site(), a_user("manager")
    page, team = a_page(site), a_team(site)
    said = {
        "kind": "script", "owner": who, "review_on": None,
        "roles": Group.objects.filter(name="agent"), "teams": [team],
    }  # fmt: skip
    services.set_up(page.pk, said, 0, who, NINE)
    page.refresh_from_db()
    assert (page.kind, page.owner, page.revision) == ("script", who, 1)
    assert [*page.teams.all()] == [team]
    (entry,) = AuditEntry.objects.all()
    assert (entry.before["must_read_roles"], entry.after["must_read_roles"]) == ([], ["agent"])
    with pytest.raises(services.Stale):
        services.set_up(page.pk, said, 0, who, NINE)
    services.set_up(page.pk, said, 1, who, NINE)
    assert AuditEntry.objects.count() == 1


def test_it_is_withdrawn_once_and_comes_back():
    who, page, draft = a_user("manager"), a_page(), a_page(published=False)
    assert services.withdraw(page.pk, who, NINE)
    assert not services.withdraw(page.pk, who, LATER)
    page.refresh_from_db()
    assert page.retired_at == NINE
    assert services.withdraw(page.pk, who, LATER, is_back=True)
    assert not services.withdraw(page.pk, who, LATER, is_back=True)
    assert not services.withdraw(draft.pk, who, NINE)
    assert AuditEntry.objects.count() == 2


def test_what_was_read_is_noted_once_and_of_what_is_in_use():
    who, page = a_user("agent"), a_page()
    first = current(page)
    services.confirm(first, who, NINE)
    services.confirm(first, who, LATER)
    assert [one.read_at for one in PageReceipt.objects.all()] == [NINE]
    a_version(page, 2)
    with pytest.raises(services.Replaced):
        services.confirm(first, a_user("agent"), NINE)


def test_one_answer_of_each_and_version_changed_by_asking_again():
    who, page = a_user("agent"), a_page()
    version = current(page)
    services.answer(version, who, NINE, helped=False, words="The form moved")
    services.answer(version, who, LATER, helped=True)
    services.answer(version, a_user("agent"), NINE, helped=False)
    told = PageAnswer.objects.order_by("pk").values_list("helped", "words", "said_at")
    assert [*told] == [(True, "", LATER), (False, "", NINE)]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_does():
    page = a_page(published=False)
    drawn = seen(page)
    first, second = a_user("trainer"), a_user("trainer")

    def publish(who):
        services.publish(page.pk, "", services.ANEW, drawn, who, NINE)

    said = elsewhere(lambda: publish(first), lambda: publish(second))
    assert sorted(words == "done" for words in said) == [False, True]
    assert page.versions.filter(is_current=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_posts_at_once_one_makes_the_page_the_next_draft_and_the_receipt():
    site, who, page = a_site(), a_user("trainer"), a_page()
    version = current(page)
    for act in (
        lambda: services.make(site, "sop", SAID, who, NINE),
        lambda: services.begin(page.pk, who, NINE),
        lambda: services.confirm(version, who, NINE),
        lambda: services.answer(version, who, NINE, helped=True),
    ):
        assert elsewhere(act, act) == ["done", "done"]
    assert LibraryPage.objects.count() == 2
    assert page.versions.count() == 2
    assert (PageReceipt.objects.count(), PageAnswer.objects.count()) == (1, 1)
