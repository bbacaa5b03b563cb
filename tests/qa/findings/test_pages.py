"""The pages of findings."""

import csv
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm import navigation
from ccm.models import AuditEntry
from qa.models import CardCriterion, Finding, Scorecard
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.qa.builders import (
    FORM,
    a_card,
    a_reviewed_agent,
    a_version,
    an_evaluation,
    finished,
)
from tests.qa.findings.builders import a_finding

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def posted(**more):
    return {"kind": "training", "title": "Greets late", "words": "", "revision": ""} | more


def test_it_is_made_of_a_review_with_its_agent_queue_and_criterion():
    review = finished(an_evaluation())
    site = review.site
    user = a_user("qa_analyst", site)
    client = signed_in(user)
    criterion = CardCriterion.objects.get(card=review.version.card, key="greeting")
    url = f"{reverse('finding_new')}?review={review.pk}&criterion={criterion.pk}&kind=praise"
    form = client.get(url).context["form"]
    assert form["agent"].value() in (review.agent, review.agent.pk)
    assert (form["kind"].value(), form["title"].value()) == ("praise", "Greeting")
    answer = client.post(url, posted(agent=review.agent.pk, criterion=criterion.pk, owner=user.pk))
    one = Finding.objects.get()
    assert answer.url == reverse("finding", args=[one.pk])
    assert (one.evaluation, one.agent, one.criterion, one.site) == (
        review, review.agent, criterion, site,
    )  # fmt: skip
    assert client.post(
        url, posted(agent=review.agent.pk, criterion=criterion.pk, owner=user.pk)
    ).url == reverse("finding", args=[one.pk])
    assert Finding.objects.count() == 1


def test_a_review_out_of_reach_or_not_finished_makes_none():
    done, undone = finished(an_evaluation()), an_evaluation()
    analyst = signed_in(a_user("qa_analyst", undone.site))
    assert analyst.get(f"{reverse('finding_new')}?review={done.pk}").status_code == 404
    assert analyst.get(f"{reverse('finding_new')}?review={undone.pk}").status_code == 404
    for wrong in ("x", "-1", "9" * 30, "1e3"):
        assert analyst.get(f"{reverse('finding_new')}?review={wrong}").status_code == 404
        assert analyst.get(f"{reverse('finding_new')}?criterion={wrong}").status_code == 404


def test_who_leads_a_team_makes_them_of_own_agents_alone():
    site = a_site()
    lead, led, stranger = a_user("supervisor"), an_agent(site), an_agent(site)
    a_team(site, lead, led)
    client = signed_in(lead)
    url = reverse("finding_new")
    # No "none" is offered that would be refused.
    offered = [
        str(words) for _value, words in client.get(url).context["form"]["agent"].field.choices
    ]
    assert offered == ["choose", led.name]
    said = text(client.post(url, posted()))
    assert "Choose whom of your teams it is about." in said
    assert client.post(url, posted(agent=stranger.pk)).status_code == 200
    assert not Finding.objects.exists()
    client.post(url, posted(agent=led.pk))
    assert Finding.objects.get().agent == led
    hidden = a_finding(site, agent=stranger)
    assert client.get(reverse("finding", args=[hidden.pk])).status_code == 404
    answer = client.post(reverse("finding_note", args=[hidden.pk]), {"words": "x"})
    assert answer.status_code == 404


def test_criteria_are_those_that_published_scorecards_of_the_site_score():
    site, other = a_site(), a_site()
    a_card(site, "Support")
    a_card(None, "Sales", FORM)
    a_card(other, "Elsewhere")
    draft = Scorecard.objects.create(site=site, name="Not yet", made_at=NINE)
    a_version(draft, published=False)
    for user in (a_user("manager", site), a_user("admin")):
        url = f"{reverse('finding_new')}?site={site.slug}"
        choices = signed_in(user).get(url).context["form"]["criterion"].field.choices
        told = [(card, [words for _pk, words in some]) for card, some in [*choices][1:]]
        # What fails the form is there, though it weighs nothing; the text is not.
        asked = ["Greeting", "Verified the account", "Found the cause"]
        assert told == [("Sales", asked), ("Support", asked)]


def test_the_site_that_a_form_was_shown_of_is_the_one_that_it_is_sent_of():
    first, second = sorted((a_site(), a_site()), key=lambda one: one.name)
    client = signed_in(a_user("manager", first, second))
    page = client.get(f"{reverse('finding_new')}?site={second.slug}")
    assert f"site={second.slug}" in page.context["action"]
    client.post(page.context["action"], posted())
    assert Finding.objects.get().site == second


def test_nobody_reads_or_changes_one_about_themselves_but_praise_is_read():
    site = a_site()
    lead = a_user("supervisor")
    own = an_agent(site, user=lead)
    lead.groups.add(*a_user("agent").groups.all())
    a_team(site, lead, own)
    gap = a_finding(site, agent=own)
    praise = a_finding(site, agent=own, kind="praise")
    client = signed_in(lead)
    assert client.get(reverse("finding", args=[gap.pk])).status_code == 404
    answer = client.get(reverse("finding", args=[praise.pk]))
    assert "finding_note" not in text(answer)
    assert not answer.context["may_change"]
    assert client.get(reverse("finding_edit", args=[praise.pk])).status_code == 404


def test_a_stale_form_is_told_and_changes_nothing():
    site = a_site()
    client = signed_in(a_user("manager", site))
    one = a_finding(site, revision=3)
    url = reverse("finding_edit", args=[one.pk])
    answer = client.post(url, posted(title="Mine", revision=2), follow=True)
    said = text(answer)
    assert "Somebody has changed it meanwhile" in said
    # What was typed stays, beside what it says by now, and can be sent again.
    assert 'value="Mine"' in said
    assert "<dt>What</dt><dd>Asks twice for the number</dd>" in said
    assert answer.context["form"]["revision"].value() == "3"
    one.refresh_from_db()
    assert one.title == "Asks twice for the number"
    client.post(url, posted(title="Mine", revision=3))
    one.refresh_from_db()
    assert (one.title, one.revision) == ("Mine", 4)


def test_a_stale_state_keeps_the_words_that_were_written():
    site = a_site()
    client = signed_in(a_user("manager", site))
    one = a_finding(site, revision=1)
    note = {"words": "Told the team", "state": "done", "revision": "0"}
    answer = client.post(reverse("finding_note", args=[one.pk]), note)
    assert "Somebody has changed it meanwhile" in text(answer)
    assert "Told the team</textarea>" in answer.content.decode()
    assert answer.context["form"]["revision"].value() == "1"
    one.refresh_from_db()
    assert (one.state, one.notes.count()) == ("open", 0)
    client.post(reverse("finding_note", args=[one.pk]), note | {"revision": "1"})
    one.refresh_from_db()
    assert one.state == "done"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "gossip"}, {"title": ""}, {"title": "x" * 161}, {"words": "x" * 3001},
        {"agent": "99999999999999999999"}, {"owner": "0"}, {"criterion": "one"},
        {"due_on": "2026-13-01"}, {"due_on": "0001-01-01"}, {"title": "\u200b"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_beside_its_field(wrong):
    site = a_site()
    client = signed_in(a_user("manager", site))
    answer = client.post(reverse("finding_new"), posted(**wrong))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == list(wrong)
    assert not Finding.objects.exists()


def test_hostile_text_is_text():
    site = a_site()
    client = signed_in(a_user("manager", site))
    client.post(reverse("finding_new"), posted(title="<script>x</script>", words="</p><b>"))
    one = Finding.objects.get()
    for name, args in (("finding", [one.pk]), ("findings", []), ("finding_edit", [one.pk])):
        said = client.get(reverse(name, args=args)).content.decode()
        assert "<script>x" not in said
        assert "&lt;script&gt;x" in said
    for number in (2**31, 2**63, 10**25):
        for name in ("finding", "finding_edit"):
            assert client.get(reverse(name, args=[number])).status_code == 404


def test_the_list_is_narrowed_counts_by_kind_and_state_and_marks_what_is_overdue():
    site = a_site()
    user = a_user("manager", site)
    today = timezone.now().date()
    late = a_finding(site, title="Late", owner=user, due_on=today - timedelta(days=3))
    a_finding(site, title="Praised", kind="praise")
    a_finding(site, title="Over", state="done", ended_at=timezone.now())
    client = signed_in(user)
    said = text(client.get(reverse("findings")))
    assert "Late" in said
    assert "Praised" in said
    assert ">Over<" not in said
    assert said.count('data-level="bad">overdue<') == 1
    for asked, titles in (
        ("mine=1", ["Late"]), ("overdue=1", ["Late"]), ("kind=praise", ["Praised"]),
        ("state=done", ["Over"]), ("state=all", ["Late", "Over", "Praised"]),
        ("kind=x&state=y", ["Late", "Praised"]),
    ):  # fmt: skip
        rows = client.get(f"{reverse('findings')}?{asked}").context["table"].rows
        assert sorted(row.record.title for row in rows) == titles
    counted = client.get(reverse("findings")).context["counted"]
    assert [(one["words"], [many for many, _url in one["cells"]]) for one in counted] == [
        ("Training gap", [1, 0, 1, 0]), ("Praise", [1, 0, 0, 0]),
    ]  # fmt: skip
    assert client.get(f"{reverse('findings')}?site={a_site().slug}").status_code == 404
    assert late.owner == user


def test_what_is_mine_and_open_is_counted_in_the_sidebar():
    site = a_site()
    user = a_user("manager", site)
    for state in ("open", "doing", "done"):
        a_finding(
            site, owner=user, state=state, ended_at=timezone.now() if state == "done" else None
        )
    a_finding(site)
    answer = signed_in(user).get(reverse("findings"))
    groups = navigation.navigation(answer.wsgi_request)
    counts = {str(entry["words"]): entry["count"] for group in groups for entry in group["entries"]}
    assert counts["Findings"] == 2


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_asks_the_same_of_one_as_of_thirty(django_assert_max_num_queries, many):
    site = a_site()
    user = a_user("manager", site)
    queue, agent = a_queue(site), an_agent(site)
    for _ in range(many):
        a_finding(site, owner=user, agent=agent, queue=queue)
    client = signed_in(user)
    with django_assert_max_num_queries(7):
        client.get(reverse("findings"))


def test_the_file_has_what_the_list_shows_and_is_noted():
    site = a_site()
    user = a_user("manager", site)
    a_finding(site, title="=cmd()", owner=user)
    a_finding(site, title="Else", kind="praise")
    client = signed_in(user)
    answer = client.get(f"{reverse('findings_csv')}?kind=training&site={site.slug}")
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(body.splitlines())
    assert (row["What"], row["Owner"]) == ("'=cmd()", str(user))
    assert (row["Kind"], row["State"], row["Overdue"]) == ("Training gap", "Open", "no")
    (entry,) = AuditEntry.objects.filter(action="exported")
    assert entry.model == "qa.finding"
    said = text(signed_in(a_user("admin")).get(reverse("audit")))
    assert f"Findings of {site.name}" in said


def test_the_log_tells_it_by_its_name():
    site = a_site()
    client = signed_in(a_user("manager", site))
    client.post(reverse("finding_new"), posted())
    said = text(signed_in(a_user("admin")).get(reverse("audit")))
    assert "Finding: Greets late" in said


def test_machines_read_those_they_may():
    site, other = a_site(), a_site()
    user = a_user("manager", site)
    one = a_finding(site, owner=user)
    a_finding(other)
    client = signed_in(user)
    url = reverse("api_findings")
    (found,) = client.get(url).json()["results"]
    assert (found["id"], found["site"], found["is_overdue"]) == (one.pk, site.slug, False)
    assert AuditEntry.objects.get(model="qa.finding").after == {"everywhere": True, "file": "api"}
    assert client.get(f"{url}?site={other.slug}").status_code == 404
    for wrong in ("kind=x", "state=x", "mine=maybe", "seen=1", "kind=praise&kind=script"):
        assert client.get(f"{url}?{wrong}").status_code == 400


def test_a_trainer_sees_the_training_gaps_that_are_theirs_and_no_other():
    site = a_site()
    trainer, agent = a_user("trainer", site), an_agent(site)
    own = a_finding(site, title="Mine", owner=trainer, agent=agent)
    other = a_finding(site, title="Not mine")
    client = signed_in(trainer)
    answer = client.get(reverse("findings"))
    said = text(answer)
    assert "Mine" in said
    assert "Not mine" not in said
    # They make none; the sidebar says how many wait.
    assert reverse("finding_new") not in said
    assert client.get(reverse("finding_new")).status_code == 404
    groups = navigation.navigation(answer.wsgi_request)
    counts = {str(entry["words"]): entry["count"] for group in groups for entry in group["entries"]}
    assert counts["Findings"] == 1
    assert client.get(reverse("finding", args=[other.pk])).status_code == 404
    said = text(client.get(reverse("finding", args=[own.pk])))
    assert agent.name in said
    for link in (part.split('"')[0] for part in said.split('href="/')[1:]):
        assert client.get(f"/{link}").status_code == 200, link
    client.post(
        reverse("finding_note", args=[own.pk]), {"words": "Trained", "state": "done", "revision": 0}
    )
    own.refresh_from_db()
    assert own.state == "done"


def test_of_a_review_only_what_fits_it_is_offered():
    site, lead, other = a_site(), a_user("supervisor"), a_user("supervisor")
    review = finished(an_evaluation(a_call(a_queue(site), agent=a_reviewed_agent(site, lead))))
    a_card(site, "Sales")
    manager = a_user("manager", site)
    a_team(site, other, an_agent(site))
    form = signed_in(manager).get(f"{reverse('finding_new')}?review={review.pk}").context["form"]
    cards = [card for card, _some in [*form["criterion"].field.choices][1:]]
    assert cards == [review.version.card.name]
    owners = {str(words) for _pk, words in form["owner"].field.choices}
    assert {str(manager), str(lead)} <= owners
    assert str(other) not in owners
    # Who is sent all the same is told why they may not.
    url = f"{reverse('finding_new')}?review={review.pk}"
    said = text(signed_in(manager).post(url, posted(agent=review.agent.pk, owner=other.pk)))
    assert "They may not see what this is about." in said


@pytest.mark.parametrize("role", ["qa_analyst", "admin"])
def test_a_finding_of_a_call_that_one_is_still_to_score_blind_is_not_there_yet(role):
    first = finished(an_evaluation())
    site = first.site
    user = a_user(role, site)
    blind = an_evaluation(first.call, user)
    one = a_finding(site, title="Gave the answer away", evaluation=first, owner=user)
    client = signed_in(user)
    answer = client.get(reverse("findings"))
    assert "Gave the answer away" not in text(answer)
    groups = navigation.navigation(answer.wsgi_request)
    counts = {str(entry["words"]): entry["count"] for group in groups for entry in group["entries"]}
    assert not counts["Findings"]
    assert client.get(reverse("finding", args=[one.pk])).status_code == 404
    assert client.get(reverse("api_finding", args=[one.pk])).status_code == 404
    finished(blind)
    assert "Gave the answer away" in text(client.get(reverse("findings")))
