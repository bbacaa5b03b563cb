"""Suggestions: who reads which, how they are answered, and what everybody reads."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from ccm import navigation
from ccm.models import AuditEntry
from coaching.models import Suggestion
from coaching.suggestions import services
from tests.builders import NINE, a_site, a_team, a_user, an_agent
from tests.coaching.suggestions.builders import MONDAY, a_suggestion, published

pytestmark = pytest.mark.django_db

ROLES = ["admin", "manager", "planner", "supervisor", "qa_analyst", "trainer", "agent"]


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def at_the_site(role, site):
    """Somebody of the role who belongs to a site."""
    user = a_user(role, site)
    if role == "supervisor":
        a_team(site, user, an_agent(site))
    elif role == "agent":
        an_agent(site, user=user)
    return user


def posted(**more):
    return {"title": "Two screens", "words": "They tile badly.", "name": "named"} | more


def answered(**more):
    return {"state": "planned", "answer": "In May", "is_published": True} | more


@pytest.mark.parametrize("name", ["named", "nameless"])
@pytest.mark.parametrize("role", ROLES)
def test_anybody_at_a_site_suggests_with_a_name_or_without(role, name):
    site = a_site()
    user = at_the_site(role, site)
    with time_machine.travel(NINE, tick=False):
        answer = signed_in(user).post(reverse("suggestion_new"), posted(name=name))
    one = Suggestion.objects.get()
    assert (one.site, one.title, one.words, one.day) == (
        site, "Two screens", "They tile badly.", MONDAY,
    )  # fmt: skip
    assert one.by == (user if name == "named" else None)
    to = reverse("suggestion", args=[one.pk]) if name == "named" else reverse("suggestion_kept")
    assert answer.url == to


def test_who_belongs_to_several_sites_says_which_box():
    site, other, far = a_site("Leeds"), a_site("York"), a_site("Hull")
    client = signed_in(a_user("manager", site, other))
    offered = client.get(reverse("suggestion_new")).context["form"].fields["site"].queryset
    assert [one.name for one in offered] == ["Leeds", "York"]
    client.post(reverse("suggestion_new"), posted(site=other.pk, name="nameless"))
    assert Suggestion.objects.get().site == other
    for wrong in (far.pk, "", "x", "9" * 30):
        answer = client.post(reverse("suggestion_new"), posted(site=wrong, title="Else"))
        assert list(answer.context["form"].errors) == ["site"]
    assert Suggestion.objects.count() == 1
    assert (
        "site"
        not in signed_in(at_the_site("agent", site))
        .get(reverse("suggestion_new"))
        .context["form"]
        .fields
    )


def test_who_manages_reads_all_and_others_what_is_published_and_their_own():
    site, other = a_site(), a_site()
    writer = at_the_site("agent", site)
    a_suggestion(site, title="Without a name")
    a_suggestion(site, writer, title="With a name")
    published(site, title="For all", answer="From May on")
    published(other, title="Elsewhere")

    def shown(user):
        rows = signed_in(user).get(reverse("suggestions")).context["rows"]
        return sorted(row["one"].title for row in rows)

    everything = ["For all", "With a name", "Without a name"]
    assert shown(a_user("manager", site)) == everything
    assert shown(a_user("admin")) == sorted([*everything, "Elsewhere"])
    assert shown(writer) == ["For all", "With a name"]
    for role in ("planner", "supervisor", "qa_analyst", "trainer", "agent"):
        assert shown(at_the_site(role, site)) == ["For all"], role
    said = text(signed_in(at_the_site("trainer", site)).get(reverse("suggestions")))
    assert "From May on" in said


def test_what_one_does_not_read_is_not_there():
    site = a_site()
    hidden, shown = a_suggestion(site), published(site)
    agent, manager = at_the_site("agent", site), a_user("manager", site)
    for user in (agent, a_user("manager", a_site())):
        assert signed_in(user).get(reverse("suggestion", args=[hidden.pk])).status_code == 404
    page = signed_in(agent).get(reverse("suggestion", args=[shown.pk]))
    assert page.context["form"] is None
    assert signed_in(manager).get(reverse("suggestion", args=[hidden.pk])).context["form"]
    # Who only reads it answers nothing.
    answer = signed_in(agent).post(reverse("suggestion", args=[shown.pk]), {"state": "done"})
    assert answer.status_code == 404
    assert signed_in(agent).get("/coaching/suggestions/7/").status_code == 404


def test_a_name_is_read_by_who_answers_and_by_nobody_else():
    site = a_site()
    writer = at_the_site("agent", site)
    writer.first_name, writer.last_name = "Zenobia", "Quill"
    writer.save()
    one = published(site, writer)
    url = reverse("suggestion", args=[one.pk])
    for user in (a_user("manager", site), a_user("admin")):
        for place in (url, reverse("suggestions")):
            assert "Zenobia Quill" in text(signed_in(user).get(place))
    for role in ("planner", "supervisor", "agent"):
        for place in (url, reverse("suggestions")):
            assert "Zenobia" not in text(signed_in(at_the_site(role, site)).get(place))
    assert "<span>yours</span>" in text(signed_in(writer).get(url))


def test_its_writer_sees_how_far_it_is_whether_or_not_it_is_published():
    site = a_site()
    writer = at_the_site("agent", site)
    one = a_suggestion(site, writer, state="dropped", answer="Too dear")
    said = text(signed_in(writer).get(f"{reverse('suggestions')}?mine=1"))
    assert "Not to be done" in said
    assert "Too dear" in said
    assert "not published" in said
    assert signed_in(writer).get(reverse("suggestion", args=[one.pk])).status_code == 200


def test_it_is_answered_and_published_and_the_log_has_it():
    site = a_site()
    manager = a_user("manager", site)
    one = a_suggestion(site)
    url = reverse("suggestion", args=[one.pk])
    said = {"state": "planned", "answer": "In May", "is_published": "on", "revision": "0"}
    with time_machine.travel(NINE + timedelta(days=9), tick=False):
        assert signed_in(manager).post(url, said).url == url
    one.refresh_from_db()
    assert (one.state, one.answer, one.is_published, one.revision) == (
        "planned", "In May", True, 1,
    )  # fmt: skip
    assert (one.answered_by, one.answered_at) == (manager, NINE + timedelta(days=9))
    entry = AuditEntry.objects.get()
    assert (entry.who_id, entry.before["state"], entry.after["state"]) == (
        manager.pk, "new", "planned",
    )  # fmt: skip
    assert not {"answer", "title", "words", "by"} & {*entry.before, *entry.after}
    page = text(signed_in(a_user("admin")).get(reverse("audit")))
    assert f"Suggestion at {site.name} of {one.day}" in page
    assert "Two screens" not in page
    assert "In May" not in page
    assert "In May" in text(signed_in(at_the_site("agent", site)).get(url))


def test_said_twice_it_is_changed_once():
    site, manager = a_site(), a_user("manager")
    one = a_suggestion(site)
    services.answer(one.pk, answered(), 0, manager, NINE)
    again = services.answer(one.pk, answered(), 0, manager, NINE + timedelta(hours=1))
    assert (again.revision, again.answered_at) == (1, NINE)
    assert AuditEntry.objects.count() == 1


def test_another_state_leaves_the_time_of_the_answer_and_no_answer_has_none():
    site, first, second = a_site(), a_user("manager"), a_user("manager")
    one = a_suggestion(site)
    later = NINE + timedelta(days=1)
    services.answer(one.pk, answered(), 0, first, NINE)
    done = services.answer(one.pk, answered(state="done"), 1, second, later)
    assert (done.answered_by, done.answered_at) == (first, NINE)
    bare = services.answer(one.pk, answered(answer="", is_published=False), 2, second, later)
    assert (bare.answered_by, bare.answered_at, bare.is_published) == (None, None, False)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"answer": ""}, "answer"),  # everybody reads an answer, or nothing
        ({"state": "new"}, "state"),
    ],
)
def test_nothing_is_published_without_an_answer_or_before_it_was_looked_at(said, field):
    site = a_site()
    manager = a_user("manager", site)
    one = a_suggestion(site)
    with pytest.raises(ValidationError) as refusal:
        services.answer(one.pk, answered(**said), 0, manager, NINE)
    assert list(refusal.value.message_dict) == [field]
    sent = {"state": "planned", "answer": "In May", "is_published": "on", "revision": "0"} | said
    page = signed_in(manager).post(reverse("suggestion", args=[one.pk]), sent)
    assert list(page.context["form"].errors) == [field]
    one.refresh_from_db()
    assert (one.revision, one.is_published) == (0, False)
    with (
        pytest.raises(IntegrityError, match="suggestion_published_is_answered"),
        transaction.atomic(),
    ):
        published(site, **said)


def test_a_stale_answer_keeps_what_was_typed_and_changes_nothing():
    site = a_site()
    client = signed_in(a_user("manager", site))
    one = a_suggestion(site, state="seen", answer="Theirs", revision=3)
    url = reverse("suggestion", args=[one.pk])
    sent = {"state": "done", "answer": "Mine", "revision": "2"}
    page = client.post(url, sent)
    said = text(page)
    assert "Somebody has changed it meanwhile" in said
    assert "Mine</textarea>" in said
    assert "<p>Theirs</p>" in said
    assert page.context["form"]["revision"].value() == "3"
    one.refresh_from_db()
    assert (one.state, one.answer) == ("seen", "Theirs")
    client.post(url, sent | {"revision": "3"})
    one.refresh_from_db()
    assert (one.state, one.answer) == ("done", "Mine")


def test_those_that_wait_are_counted_for_who_answers_them():
    site, other = a_site(), a_site()
    a_suggestion(site)
    a_suggestion(site, a_user("agent"))
    a_suggestion(site, state="seen")
    a_suggestion(other)

    def counted(user):
        answer = signed_in(user).get(reverse("suggestions"))
        groups = navigation.navigation(answer.wsgi_request)
        return {str(one["words"]): one["count"] for group in groups for one in group["entries"]}

    assert counted(a_user("manager", site))["Suggestions"] == 2
    assert counted(a_user("admin"))["Suggestions"] == 3
    assert counted(at_the_site("agent", site))["Suggestions"] == 0


def test_the_list_is_narrowed_by_site_state_and_whose():
    site, other = a_site("Leeds"), a_site("York")
    manager = a_user("manager", site, other)
    a_suggestion(site, title="New")
    a_suggestion(site, manager, title="Mine", state="done")
    a_suggestion(other, title="In York", state="done")
    client = signed_in(manager)
    for asked, titles in (
        ("", ["In York", "Mine", "New"]), ("state=done", ["In York", "Mine"]),
        ("mine=1", ["Mine"]), (f"site={other.slug}", ["In York"]),
        (f"site={site.slug}&state=done", ["Mine"]), ("state=x&mine=y", ["In York", "Mine", "New"]),
    ):  # fmt: skip
        rows = client.get(f"{reverse('suggestions')}?{asked}").context["rows"]
        assert sorted(row["one"].title for row in rows) == titles, asked
    assert client.get(f"{reverse('suggestions')}?site={a_site().slug}").status_code == 404
    for query in ("page=x", "page=-1", "page=99"):
        assert client.get(f"{reverse('suggestions')}?{query}").status_code == 200


def test_the_newest_days_come_first_and_pages_lead_on():
    site = a_site()
    for n in range(25):
        a_suggestion(site, title=f"No. {n}", day=MONDAY - timedelta(days=n))
    client = signed_in(a_user("manager", site))
    first = client.get(reverse("suggestions"))
    assert [row["one"].title for row in first.context["rows"]] == [f"No. {n}" for n in range(20)]
    second = client.get(first.context["more"])
    assert [row["one"].title for row in second.context["rows"]] == [
        f"No. {n}" for n in range(20, 25)
    ]
    assert second.context["earlier"].endswith("page=1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""}, {"title": "x" * 161}, {"title": "\u200b"}, {"words": "x" * 3001},
        {"name": "somebody"}, {"name": ""}, {"words": "a\0b"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_beside_its_field(wrong):
    site = a_site()
    client = signed_in(a_user("manager", site))
    answer = client.post(reverse("suggestion_new"), posted(**wrong))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == list(wrong)
    assert not Suggestion.objects.exists()


def test_hostile_text_is_text():
    site = a_site()
    client = signed_in(a_user("manager", site))
    client.post(reverse("suggestion_new"), posted(title="<script>x</script>", words="</p><b>"))
    one = Suggestion.objects.get()
    services.answer(one.pk, answered(answer="<script>x</script>"), 0, a_user("manager"), NINE)
    for url in (reverse("suggestions"), reverse("suggestion", args=[one.pk])):
        said = client.get(url).content.decode()
        assert "<script>x" not in said
        assert said.count("&lt;script&gt;x") >= 2


def test_a_box_with_nothing_says_so():
    site = a_site()
    for role, words in (
        ("manager", "without one from the second day after"),
        ("agent", "what was answered for everybody"),
    ):
        client = signed_in(at_the_site(role, site))
        assert words in text(client.get(reverse("suggestions")))
    said = text(client.get(f"{reverse('suggestions')}?state=done"))
    assert "Nothing is there of what was chosen" in said


def test_where_there_is_no_site_there_is_no_box():
    client = signed_in(a_user("admin"))
    assert "suggestions/new" not in text(client.get(reverse("suggestions")))
    assert client.get(reverse("suggestion_new")).status_code == 404
    # Who belongs to no site is not led there either.
    for role in ("", "manager", "agent"):
        assert signed_in(a_user(role)).get(reverse("suggestions")).status_code == 404


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_asks_the_same_of_one_as_of_thirty(django_assert_num_queries, many):
    site = a_site()
    manager = a_user("manager", site)
    for n in range(many):
        published(site, a_user("agent"), title=f"No. {n}", answered_by=manager)
    client = signed_in(manager)
    with django_assert_num_queries(5):  # session, user, sites, count, page
        client.get(reverse("suggestions"))
    one = Suggestion.objects.first()
    with django_assert_num_queries(3):  # session, user, itself
        client.get(reverse("suggestion", args=[one.pk]))
