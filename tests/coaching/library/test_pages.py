"""The pages of the library."""

import csv
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm import navigation
from ccm.models import AuditEntry
from coaching.models import LibraryPage, PageAnswer, PageReceipt, PublicPage, PublicShelf
from tests.builders import NINE, a_site, a_team, a_user, an_agent
from tests.coaching.courses.builders import a_course
from tests.coaching.courses.builders import a_version as a_version_of
from tests.coaching.library.builders import BODY, WHY, a_page, a_version, current, read_by
from tests.coaching.onboarding.builders import a_path

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def titles(answer):
    return [row.record.title for row in answer.context["table"].rows]


def counted(answer):
    groups = navigation.navigation(answer.wsgi_request)
    return {str(one["words"]): one["count"] for group in groups for one in group["entries"]}


def at(name, page, *more):
    return reverse(name, args=[page.pk, *more])


def an_agent_of(site):
    user = a_user("agent")
    an_agent(site, user=user)
    return user


def draft_of(page):
    draft = page.versions.get(published_at=None)
    return {"version": draft.pk, "revision": draft.revision}


def test_a_trainer_writes_publishes_and_an_agent_reads_it():
    site = a_site()
    trainer, agent = a_user("trainer", site), an_agent_of(site)
    client, reader = signed_in(trainer), signed_in(agent)
    said = {"site": site.slug, "kind": "tree", "title": "No sound", "why": WHY, "body": "# Start"}
    answer = client.post(reverse("library_new"), said)
    page = LibraryPage.objects.get()
    assert answer.url == at("library_draft", page)
    # Nobody else sees a draft.
    assert reader.get(at("library_page", page)).status_code == 404
    assert "No sound" not in text(reader.get(reverse("library")))
    assert titles(client.get(reverse("library"))) == []
    assert titles(client.get(f"{reverse('library')}?state=drafts")) == ["No sound"]

    body = "# Start\n\nDo you [hear it](#yes)?\n\n## Yes\n\nDone.\n\n## Never\n"
    typed = {"title": "No sound", "why": WHY, "body": body.replace("\n", "\r\n")}
    client.post(at("library_draft", page), typed | draft_of(page))
    said = text(client.get(at("library_draft", page)))
    assert "No way leads from the beginning to “Never”." in said

    agents = Group.objects.get(name="agent")
    settings = {"kind": "tree", "owner": trainer.pk, "review_on": "", "roles": [agents.pk]}
    client.post(at("library_settings", page), settings | {"revision": 0})
    answer = client.post(
        at("library_publish", page), {"note": "", "must_read": "anew"} | draft_of(page)
    )
    assert answer.url == at("library_page", page)
    answer = reader.get(at("library_page", page))
    said = text(answer)
    assert '<a href="#s-yes">hear it</a>' in said
    assert '<h3 id="s-yes">Yes</h3>' in said
    assert WHY in said
    assert "You have to read this." in said
    assert counted(answer)["Library"] == 1

    reader.post(at("library_read", page), {"number": 1})
    assert PageReceipt.objects.get().user == agent
    answer = reader.get(at("library_page", page))
    assert "You have to read this." not in text(answer)
    assert counted(answer)["Library"] == 0


def test_a_change_has_to_be_read_again_and_says_what_is_different():
    site = a_site()
    agent = an_agent_of(site)
    page = a_page(site, must_from=1, roles=("agent",))
    read_by(agent, current(page))
    a_version(page, 2, must_from=2, body="Say your name twice.", note="Twice now")
    client = signed_in(agent)
    answer = client.get(at("library_page", page))
    said = text(answer)
    assert "It has changed since you read version 1." in said
    assert "Twice now" in said
    assert counted(answer)["Library"] == 1
    assert "to be read" in text(client.get(f"{reverse('library')}?reading=1"))
    lines = client.get(at("library_compare", page) + "?from=1&to=2").context["changes"]
    (change,) = lines
    assert [(one.kind, one.words) for one in change["lines"]][-1] == (
        "added", "Say your name twice.",
    )  # fmt: skip
    # Who sends what they had open is told, and has not read it.
    answer = client.post(at("library_read", page), {"number": 1}, follow=True)
    assert "A newer version is out" in text(answer)
    assert PageReceipt.objects.count() == 1


def test_a_draft_is_compared_and_read_by_its_writers_alone():
    site = a_site()
    page = a_page(site)
    a_version(page, 2, published=False, body="Secret plans.")
    reader, writer = signed_in(an_agent_of(site)), signed_in(a_user("manager", site))
    for url in (at("library_version", page, 2), at("library_draft", page)):
        assert reader.get(url).status_code == 404
    assert "Secret" not in text(reader.get(at("library_compare", page) + "?to=2"))
    assert "Secret" in text(writer.get(at("library_compare", page) + "?to=2"))
    assert writer.get(at("library_version", page, 2)).url == at("library_draft", page)
    assert reader.get(at("library_version", page, 3)).status_code == 404


def test_a_page_of_all_sites_is_read_by_all_and_written_by_admins():
    page = a_page(None)
    for role in ("manager", "trainer", "planner", "agent"):
        client = signed_in(a_user(role, a_site()))
        assert client.get(at("library_page", page)).status_code == 200
        for name in ("library_settings", "library_draft", "library_publish"):
            assert client.get(at(name, page)).status_code == 404
        assert client.post(at("library_begin", page)).status_code == 404
    admin = signed_in(a_user("admin"))
    assert admin.get(at("library_settings", page)).status_code == 200
    offered = admin.get(reverse("library_new")).context["form"]["site"].field.choices
    assert ("all", "all sites") in offered
    admin.post(
        reverse("library_new"), {"site": "all", "kind": "sop", "title": "T", "why": "", "body": ""}
    )
    assert LibraryPage.objects.filter(site=None).count() == 2


def test_a_writer_makes_none_for_another_site():
    own, far = a_site(), a_site()
    client = signed_in(a_user("trainer", own))
    for site in (far.slug, "all", "", "nowhere"):
        said = {"site": site, "kind": "sop", "title": "T", "why": "", "body": ""}
        assert client.post(reverse("library_new"), said).status_code == 200
    assert not LibraryPage.objects.exists()
    assert client.get(f"{reverse('library')}?site={far.slug}").status_code == 404


def test_a_trainer_who_leads_a_team_elsewhere_reads_there_and_writes_nothing():
    own, other = a_site(), a_site()
    user = a_user("trainer", own)
    user.groups.add(Group.objects.get(name="supervisor"))
    a_team(other, user, an_agent(other))
    page = a_page(other)
    client = signed_in(user)
    assert client.get(at("library_page", page)).status_code == 200
    assert client.get(at("library_settings", page)).status_code == 404


def test_the_list_is_narrowed():
    site = a_site()
    user = a_user("trainer", site)
    today = timezone.now().date()
    a_page(site, "Late", owner=user, review_on=today - timedelta(days=3))
    a_page(site, "Script", kind="script", review_on=today + timedelta(days=3))
    a_page(None, "Everywhere", must_from=1, roles=("trainer",))
    a_page(site, "Gone", retired_at=timezone.now())
    a_page(site, "Draft", published=False)
    a_page(a_site(), "Far")
    client = signed_in(user)
    for asked, expected in (
        ("", ["Everywhere", "Late", "Script"]), ("kind=script", ["Script"]), ("mine=1", ["Late"]),
        ("overdue=1", ["Late"]), ("reading=1", ["Everywhere"]), ("site=all", ["Everywhere"]),
        (f"site={site.slug}", ["Late", "Script"]), ("state=drafts", ["Draft"]),
        ("state=withdrawn", ["Gone"]), ("kind=x&state=y", ["Everywhere", "Late", "Script"]),
        ("sort=-title", ["Script", "Late", "Everywhere"]),
    ):  # fmt: skip
        assert titles(client.get(f"{reverse('library')}?{asked}")) == expected, asked
    said = text(client.get(reverse("library")))
    assert said.count('data-level="bad">overdue<') == 1
    # Who reads and no more has no drafts nor what is withdrawn.
    reader = signed_in(an_agent_of(site))
    for state in ("drafts", "withdrawn", "used"):
        found = titles(reader.get(f"{reverse('library')}?state={state}"))
        assert found == ["Everywhere", "Late", "Script"]


def test_words_are_found_on_the_page_and_marked():
    site = a_site()
    a_page(site, "Router & <cable>", body="Check the router first.")
    client = signed_in(an_agent_of(site))
    answer = client.get(f"{reverse('library')}?q=router")
    said = text(answer)
    assert "<mark>Router</mark> &amp; &lt;cable&gt;" in said
    assert "1 found" in said
    assert "Nothing is found" in text(client.get(f"{reverse('library')}?q=zebra"))
    for odd in ("'", '"', "%22a", "-", "a" * 500, "%F0%9F%98%80", "%02"):
        assert client.get(f"{reverse('library')}?q={odd}&page=x").status_code == 200
    assert client.get(f"{reverse('library')}?q=router&page=99999999999999").status_code == 200


def test_answers_are_changed_by_asking_again_and_words_are_told_to_writers():
    site = a_site()
    agent = an_agent_of(site)
    page = a_page(site)
    client = signed_in(agent)
    sent = {"number": 1, "helped": "no", "words": "Where is the <form>?"}
    client.post(at("library_answer", page), sent)
    said = text(client.get(at("library_page", page)))
    assert "You said that it did not." in said
    assert "helped 0, did not 1" in said
    writer = text(signed_in(a_user("trainer", site)).get(at("library_page", page)))
    assert "Where is the &lt;form&gt;?" in writer
    other = text(signed_in(an_agent_of(site)).get(at("library_page", page)))
    assert "Where is the" not in other
    client.post(at("library_answer", page), {"number": 1, "helped": "yes", "words": ""})
    assert [one.helped for one in PageAnswer.objects.all()] == [True]
    answer = client.post(at("library_answer", page), {"number": 1, "helped": "maybe"})
    assert "Choose one of the two" in text(answer)
    for number in ("", "2", "x", "9" * 30):
        sent = {"number": number, "helped": "yes"}
        assert client.post(at("library_answer", page), sent).status_code == 404


def test_of_two_who_write_the_second_keeps_what_was_typed_and_sees_what_it_says():
    site = a_site()
    page = a_page(site, published=False)
    client = signed_in(a_user("trainer", site))
    drawn = draft_of(page)
    said = {"title": "Refunds", "why": WHY, "body": "First"}
    client.post(at("library_draft", page), said | drawn)
    answer = client.post(at("library_draft", page), said | {"body": "Second"} | drawn)
    words = text(answer)
    assert "Somebody has changed it meanwhile" in words
    assert ">Second</textarea>" in words.replace("\n", "").replace("> ", ">")
    (change,) = answer.context["differs"]
    assert [(one.kind, one.words) for one in change["lines"]] == [
        ("removed", "First"), ("added", "Second"),
    ]  # fmt: skip
    sent = answer.context["form"].data
    client.post(at("library_draft", page), sent)
    assert page.versions.get().body == "Second"


def test_what_lacks_something_is_told_instead_of_published():
    site = a_site()
    page = a_page(site, published=False, why="", body="[Go](#nowhere)")
    client = signed_in(a_user("trainer", site))
    said = text(client.get(at("library_publish", page)))
    assert "It cannot be published yet" in said
    assert "#nowhere" in said
    sent = {"note": "", "must_read": "nobody"} | draft_of(page)
    assert client.post(at("library_publish", page), sent).status_code == 200
    assert not page.versions.filter(is_current=True).exists()


def test_a_stale_publication_leads_back_to_the_draft():
    site = a_site()
    page = a_page(site, published=False)
    client = signed_in(a_user("trainer", site))
    old = draft_of(page)
    page.versions.update(revision=5)
    sent = {"note": "", "must_read": "nobody"} | old
    assert client.post(at("library_publish", page), sent).url == at("library_draft", page)
    sent = {"kind": "sop", "owner": "", "review_on": "", "revision": 7}
    said = text(client.post(at("library_settings", page), sent))
    assert "Somebody has changed it meanwhile" in said


def test_teams_are_those_of_the_site_and_owners_those_who_write_it():
    site, other = a_site(), a_site()
    team, far = a_team(site), a_team(other)
    page = a_page(site)
    trainer, planner = a_user("trainer", site), a_user("planner", site)
    client = signed_in(trainer)
    form = client.get(at("library_settings", page)).context["form"]
    assert [*form.fields["teams"].queryset] == [team]
    sent = {"kind": "sop", "owner": "", "review_on": "", "revision": 0}
    for wrong in ({"teams": [far.pk]}, {"owner": planner.pk}):
        assert client.post(at("library_settings", page), sent | wrong).status_code == 200
    admins = Group.objects.get(name="admin")
    assert (
        client.post(at("library_settings", page), sent | {"roles": [admins.pk]}).status_code == 200
    )
    assert not page.teams.exists()
    client.post(at("library_settings", page), sent | {"teams": [team.pk], "owner": trainer.pk})
    page.refresh_from_db()
    assert ([*page.teams.all()], page.owner) == ([team], trainer)


def test_a_withdrawn_page_is_not_there_for_who_reads():
    site = a_site()
    page = a_page(site)
    writer, reader = signed_in(a_user("manager", site)), signed_in(an_agent_of(site))
    writer.post(at("library_withdraw", page))
    assert reader.get(at("library_page", page)).status_code == 404
    assert reader.get(at("library_version", page, 1)).status_code == 404
    assert "Withdrawn on" in text(writer.get(at("library_page", page)))
    writer.post(at("library_withdraw", page), {"back": "yes"})
    assert reader.get(at("library_page", page)).status_code == 200


def test_before_a_page_goes_or_is_back_that_has_to_be_read_or_is_public_it_asks_once():
    site = a_site()
    page = a_page(site, must_from=1, roles=("trainer",))
    trainer = a_user("trainer", site)
    client = signed_in(trainer)
    said = text(client.post(at("library_withdraw", page)))
    assert "1 person has to read it, and finds it no more." in said
    assert "It is public" not in said
    page.refresh_from_db()
    assert page.retired_at is None
    client.post(at("library_withdraw", page), {"sure": "yes"})
    page.refresh_from_db()
    assert page.retired_at is not None
    # Nobody has to read it now, and the lists of its readers say what they are.
    readers = text(client.get(at("library_readers", page)))
    assert "read by 0, still to be read by 0" in readers
    assert "It is withdrawn: nobody has to read it." in readers
    assert "has to be read from" not in readers
    PublicShelf.objects.create(site=site, is_on=True, changed_at=NINE)
    PublicPage.objects.create(page=page, slug="refunds", by=trainer, at=NINE)
    said = text(client.post(at("library_withdraw", page), {"back": "yes"}))
    assert "It is public again at once" in said
    assert f"/help/{site.slug}/" in said
    client.post(at("library_withdraw", page), {"back": "yes", "sure": "yes"})
    page.refresh_from_db()
    assert page.retired_at is None
    assert "Nobody has read it yet" in text(client.get(at("library_readers", page) + "?state=read"))


def test_it_is_to_be_looked_at_on_no_day_that_has_gone_but_one_that_stood_there_may_stay():
    site = a_site(zone="UTC")
    gone = timezone.now().date() - timedelta(days=1)
    page = a_page(site, review_on=gone)
    client = signed_in(a_user("trainer", site))
    sent = {"kind": "sop", "owner": "", "revision": 0}
    said = text(client.post(at("library_settings", page), sent | {"review_on": "2020-01-02"}))
    assert "This day has gone" in said
    stays = client.post(at("library_settings", page), sent | {"review_on": gone.isoformat()})
    assert stays.status_code == 302


def test_who_has_still_to_read_it_stands_first_and_leads_see_their_own_people():
    site = a_site()
    lead = a_user("supervisor")
    mine, done, theirs = (a_user("agent", name=name) for name in ("mine", "done", "theirs"))
    team = a_team(site, lead, an_agent(site, user=mine), an_agent(site, user=done))
    an_agent(site, user=theirs)
    page = a_page(site, must_from=1, roles=("agent",))
    read_by(done, current(page))
    answer = signed_in(lead).get(at("library_readers", page))
    assert [row.record.username for row in answer.context["table"].rows] == ["mine", "done"]
    said = text(answer)
    assert team.name in said
    assert "read by 1, still to be read by 1" in said
    client = signed_in(a_user("trainer", site))
    for state, names in (
        ("all", ["mine", "theirs", "done"]), ("still", ["mine", "theirs"]), ("read", ["done"]),
    ):  # fmt: skip
        answer = client.get(at("library_readers", page) + f"?state={state}")
        assert [row.record.username for row in answer.context["table"].rows] == names


def test_the_files_have_what_the_lists_show_and_are_noted():
    site = a_site()
    user = a_user("trainer", site)
    agents = [an_agent_of(site) for _ in range(3)]
    page = a_page(site, "=cmd()", owner=user, must_from=1, roles=("agent",))
    a_page(site, "Else", kind="script")
    version = current(page)
    for agent, helped in zip(agents[:2], (True, False), strict=True):
        read_by(agent, version)
        version.answers.create(user=agent, helped=helped, said_at=timezone.now())
    client = signed_in(user)
    answer = client.get(f"{reverse('library_csv')}?kind=sop&site={site.slug}")
    (row,) = csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines())
    assert (row["Title"], row["Kind"], row["Owner"]) == ("'=cmd()", "Procedure", str(user))
    assert (row["Read it"], row["Found it helpful"], row["Did not"]) == ("2", "1", "1")
    answer = client.get(at("library_readers_csv", page) + "?state=still")
    (row,) = csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines())
    assert (row["User"], row["Has to read it"], row["Read at"]) == (agents[2].username, "yes", "")
    models = [one.model for one in AuditEntry.objects.filter(action="exported").order_by("pk")]
    assert models == ["coaching.librarypage", "ccm.user"]
    said = text(signed_in(a_user("admin")).get(reverse("audit")))
    assert f"Pages of the library of {site.name}" in said


def test_the_log_tells_pages_and_versions_by_their_titles():
    site = a_site()
    client = signed_in(a_user("trainer", site))
    said = {"site": site.slug, "kind": "sop", "title": "Greeting", "why": WHY, "body": BODY}
    client.post(reverse("library_new"), said)
    page = LibraryPage.objects.get()
    client.post(at("library_publish", page), {"must_read": "anew"} | draft_of(page))
    agents = Group.objects.get(name="agent")
    sent = {"kind": "sop", "owner": "", "review_on": "", "roles": [agents.pk], "revision": 0}
    client.post(at("library_settings", page), sent)
    told = text(signed_in(a_user("admin")).get(reverse("audit")))
    assert "Library: Greeting" in told
    assert "Library: Greeting, version 1" in told
    assert "Whom it is for" in told
    assert "To be read since version" in told


@pytest.mark.parametrize("many", [1, 30])
def test_the_lists_ask_the_same_of_one_as_of_thirty(django_assert_max_num_queries, many):
    site = a_site()
    user = a_user("trainer", site)
    for number in range(many):
        page = a_page(site, "Zebra", owner=user, must_from=1, roles=("trainer", "agent"))
        agent = an_agent_of(site)
        a_team(site, None, agent.agent)
        if number % 2:
            read_by(agent, current(page))
    client = signed_in(user)
    for url, most in (
        (reverse("library"), 6), (f"{reverse('library')}?overdue=1&reading=1", 7),
        (f"{reverse('library')}?q=zebra", 6), (at("library_readers", page), 9),
    ):  # fmt: skip
        with django_assert_max_num_queries(most):
            client.get(url)


@pytest.mark.parametrize("many", [1, 30])
def test_a_page_asks_the_same_of_one_version_as_of_thirty(django_assert_max_num_queries, many):
    site = a_site()
    user = a_user("trainer", site)
    page = a_page(site)
    for number in range(2, many + 2):
        a_version(page, number)
    for _ in range(many):
        current(page).answers.create(
            user=an_agent_of(site), helped=True, words="Good", said_at=timezone.now()
        )
    client = signed_in(user)
    with django_assert_max_num_queries(11):  # one of them: what hangs on it
        client.get(at("library_page", page))


def test_who_read_it_is_told_only_where_somebody_said_so_or_has_to():
    site = a_site()
    trainer = a_user("trainer", site)
    a_page(site, "A asked of nobody")
    a_page(site, "B asked of agents", must_from=1, roles=("agent",))
    read_by(trainer, current(a_page(site, "C read all the same")))
    answer = signed_in(trainer).get(reverse("library"))
    assert "Said they read it" in text(answer)
    # Where it is narrow, two bare days would say nothing.
    assert re.search(r'<td data-label="Published" class="[^"]*\bdated\b', text(answer))
    assert [str(row.get_cell("reads")) for row in answer.context["table"].rows] == ["–", "0", "1"]


def test_an_empty_library_says_how_to_begin():
    site = a_site()
    client = signed_in(a_user("trainer", site))
    said = text(client.get(reverse("library")))
    assert "The library has no page yet" in said
    assert "Begin with what is asked most" in said
    assert "Another filter" not in said
    assert "Another filter may show some" in text(client.get(reverse("library") + "?kind=sop"))
    read = text(client.get(reverse("library") + "?reading=1"))
    assert "You have read all that you have to" in read


def test_before_a_page_is_withdrawn_it_says_what_hangs_on_it():
    site = a_site()
    page = a_page(site)
    course, path = a_course(site, lessons=0), a_path(site, stages=())
    for version in (course.versions.get(), a_version_of(course, 2, lessons=0)):
        version.lessons.create(place=1, kind="page", title="Look up", page=page)
    path.stages.create(place=1, kind="reading", title="Read it", page=page, signer="trainer")
    client = signed_in(a_user("trainer", site))
    said = text(client.get(at("library_page", page)))
    assert "1 lesson of a course is this page. 1 stage of onboarding is to read it." in said
    assert "Withdrawn, nobody could go through these." in said
    client.post(at("library_withdraw", page))
    assert "It is withdrawn: nobody can go through these" in text(
        client.get(at("library_page", page))
    )
    assert "nobody can go" not in text(client.get(at("library_page", a_page(site, "Other"))))
