"""What callers said: who reads it, what is found, what has which tag, what becomes of it."""

import csv
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from ccm.intervals import site_days
from ccm.models import AuditEntry, Queue, SurveyResponse, Topic
from ccm.signals import names_merged
from coaching.models import Complaint, VoiceMark, VoiceTag
from coaching.voice import counting, reads, returning, services
from coaching.voice.changes import share
from coaching.voice.reads import Asked
from coaching.voice.services import Noticed
from kpis import report, rollups
from kpis.report import Question
from qa.findings import services as findings
from qa.models import Finding
from tests import plans
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.coaching.voice.builders import a_comment, a_tag, comments, of_call

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = NINE.date()


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NINE + timedelta(hours=8), tick=False):
        yield


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def page(user, name, *args, **asked):
    return signed_in(user).get(reverse(name, args=args), asked)


def span(site, first=TODAY - 30 * DAY, last=TODAY):
    return site_days(first, last, site.calendar)


def said_to(user, site, **asked):
    rows = reads.comments(user, site, span(site))
    return {one.comment for one in reads.found(rows, Asked(**asked))}


class House:
    """A site with two teams, an agent in each, and a comment on each and on nobody."""

    def __init__(self):
        self.queue = a_queue()
        self.site = self.queue.site
        self.lead = a_user("supervisor")
        self.ann, self.ben = an_agent(self.site, "Ann"), an_agent(self.site, "Ben")
        a_team(self.site, self.lead, self.ann)
        a_team(self.site, a_user("supervisor"), self.ben)
        self.manager = a_user("manager", self.site)
        self.on_ann = a_comment(self.site, "It came late again", NINE, self.ann)
        self.on_ben = a_comment(self.site, "Delayed by a week", NINE - DAY, self.ben, score=2)
        self.on_nobody = a_comment(self.site, "All was fine", NINE - 2 * DAY, score=5)


def test_who_sees_all_reviews_reads_all_comments_and_who_leads_those_on_their_teams():
    house = House()
    everything = {"It came late again", "Delayed by a week", "All was fine"}
    for user in (house.manager, a_user("qa_analyst", house.site), a_user("admin")):
        assert said_to(user, house.site) == everything
    assert said_to(house.lead, house.site) == {"It came late again"}
    for name in ("voice_comments", "voice_tags", "voice"):
        assert page(a_user("manager", a_site()), name, site=house.site.slug).status_code == 404
    said = text(page(house.lead, "voice_comments", site=house.site.slug))
    assert "It came late again" in said
    assert "Delayed by a week" not in said


def test_nobody_reads_what_was_said_of_themselves_here():
    house = House()
    house.lead.groups.add(*a_user("agent").groups.all())
    house.ann.user = house.lead
    house.ann.save()
    lead = type(house.lead).objects.get(pk=house.lead.pk)
    assert said_to(lead, house.site) == set()
    lead.groups.add(*house.manager.groups.all())
    lead.sites.add(house.site)
    lead = type(lead).objects.get(pk=lead.pk)
    assert said_to(lead, house.site) == {"Delayed by a week", "All was fine"}
    tag = a_tag(house.site)
    for one, status in ((house.on_ann, 404), (house.on_ben, 302)):
        url = reverse("voice_mark", args=[one.pk])
        assert signed_in(lead).post(url, {"tag": tag.pk, "on": "0"}).status_code == status
    VoiceMark.objects.all().delete()
    told = returning.of(lead, house.site, TODAY - 30 * DAY, TODAY, [tag], None)
    assert [(one.having, one.many) for one in told.shares.values()] == [(1, 2)]


def test_comments_are_found_by_the_stems_of_their_words():
    house = House()
    site = house.site
    assert said_to(house.manager, site, text="delay") == {"Delayed by a week"}
    assert said_to(house.manager, site, text="late OR delays") == {
        "It came late again", "Delayed by a week"
    }  # fmt: skip
    assert said_to(house.manager, site, text="came -late") == set()
    assert said_to(house.manager, site, score="good") == {"All was fine"}
    assert said_to(house.manager, site, score="bad", agent=house.ben.pk) == {"Delayed by a week"}
    assert said_to(house.manager, site, kind="nps") == set()
    said = text(page(house.manager, "voice_comments", site=site.slug, q="late"))
    assert "It came <mark>late</mark> again" in said
    assert "All was fine" not in said
    # No comment has both: those with some of them are told, and that it is so.
    said = text(page(house.manager, "voice_comments", site=site.slug, q="late week"))
    assert "No comment has all of these words" in said
    assert "by a <mark>week</mark>" in said


ASKED = {
    '"tell it again"': {"again"},
    "“TELL IT again”": {"again"},
    '"all over again" OR "passed on"': {"again", "passed"},
    '"the amount"': {"the amount"},
    'bank -"the amount"': {"amount"},
    '"the amount" OR tells': {"the amount", "again", "her"},
    'the "passed on"': {"passed"},
    'said "for it"': set(),
    '"tell her" person': set(),
    '"tells"': set(),
    "tells": {"again", "her"},
}
"""Which of the comments below have it, by hand: words by their stems, phrases as written."""


def test_phrases_are_found_as_they_are_written_wherever_comments_are_looked_for():
    site = a_site()
    said = {
        "again": "I had to tell it again, all over again.",
        "passed": "Passed on like a parcel",
        "her": "Please tell her thank you from me",
        "amount": "My bank took another amount",
        "the amount": "It is not the amount that my bank took",
    }
    names = {a_comment(site, text, NINE).pk: name for name, text in said.items()}
    rows = reads.comments(a_user("manager", site), site, span(site))
    tags = [a_tag(site, words, words) for words in ASKED]
    counted = counting.shares(site, [span(site)], tags)[0]
    having = reads.tagged([*names], tags)
    for tag in tags:
        told = {names[one.pk] for one in reads.found(rows, Asked(text=tag.words))}
        assert told == ASKED[tag.words], tag.words
        assert {names[one.pk] for one in reads.having(rows, tag)} == told
        assert {names[pk] for pk, some in having.items() if tag.pk in some} == told
        assert counted[tag.pk].having == len(told)
    manager = a_user("manager", site)
    for asked, marked in (
        ('"tell it again"', "to <mark>tell it again</mark>, all"),
        ('amount OR "all over"', "took another <mark>amount</mark>"),
    ):
        assert marked in text(page(manager, "voice_comments", site=site.slug, q=asked))
    # Of stop words alone a phrase may be a tag.
    new = f"{reverse('voice_tags')}?site={site.slug}"
    assert (
        signed_in(manager).post(new, {"name": "All", "words": '"all over again"'}).status_code
        == 302
    )


def test_a_phrase_is_found_by_the_index_of_the_stems():
    every = SurveyResponse.objects.exclude(comment="").order_by()
    found = reads.found(every, Asked(text='"took the amount"'))
    assert plans.is_served_by(found, "survey_words")


def test_a_comment_beside_several_scores_is_told_once_with_all_of_them():
    queue = a_queue()
    call = a_call(queue, agent=an_agent(queue.site), topic=Topic.objects.create(name="Billing"))
    of_call(queue, call, "Far too late", score=2)
    of_call(queue, call, "Far too late", kind="nps", scale_min=0, scale_max=10, score=3)
    # Two callers who wrote the same are two.
    comments(queue.site, "ok", 1, kind="csat")
    comments(queue.site, "ok", 1, kind="csat")
    manager = a_user("manager", queue.site)
    answer = page(manager, "voice_comments", site=queue.site.slug)
    assert answer.context["many"] == 3
    said = text(answer)
    assert said.count("Far too late") == 1
    assert "Satisfaction: <b>2 of 1–5</b>" in said
    assert "Recommendation: <b>3 of 0–10</b>" in said
    assert reverse("call", args=[call.pk]) in said
    (now,) = counting.shares(queue.site, [span(queue.site)], [a_tag(queue.site)])
    assert [(one.having, one.many) for one in now.values()] == [(1, 3)]
    topic = page(manager, "voice_comments", site=queue.site.slug, topic=call.topic_id)
    assert topic.context["many"] == 1


def test_results_are_the_figures_that_other_pages_have():
    queue = a_queue()
    site, ann = queue.site, an_agent(queue.site, "Ann")
    other = a_queue(site)
    for number, score in enumerate((5, 5, 4, 1)):
        call = a_call(queue, NINE + number * timedelta(minutes=9), agent=ann)
        of_call(queue, call, "", score=score)
    a_call(other, agent=ann)
    rollups.rebuild()
    manager = a_user("manager", site)
    answer = page(manager, "voice", site=site.slug)
    (line,) = answer.context["lines"]
    assert line["name"] == queue.name
    csat = line["cells"][0]
    # Three of four are 4 or 5.
    assert csat["value"] == "75.0\u00a0%"
    assert csat["cell"].response.value == 1.0
    (row,) = report.answer(
        Question([site], TODAY, TODAY, by="queue", queues=[queue], kpis=["csat"])
    )
    assert row.figures["csat"].value == csat["cell"].figure.value
    # All: four of five callers told.
    assert answer.context["whole"][0]["cell"].response.value == pytest.approx(0.8)
    # All counts a contact once, what stands below its visits: it is said, and whose FCR it is.
    said = text(answer)
    assert "each contact once; below, each visit" in said
    assert "First contact resolution: by callers&#x27; answers" in said
    by_agent = page(manager, "voice", site=site.slug, by="agent")
    assert [one["name"] for one in by_agent.context["lines"]] == ["Ann"]


def test_results_by_agent_are_of_those_whom_the_reader_leads():
    house = House()
    for name, agent in (("x", house.ann), ("y", house.ben)):
        call = a_call(house.queue, agent=agent, external_id=name)
        of_call(house.queue, call, "", score=5)
    rollups.rebuild()
    told = page(house.lead, "voice", site=house.site.slug, by="agent").context["lines"]
    assert [one["name"] for one in told] == ["Ann"]
    rows = csv.reader(
        signed_in(house.lead).get(
            reverse("voice_csv"), {"site": house.site.slug, "by": "agent"}
        ).getvalue().decode("utf-8-sig").splitlines()
    )  # fmt: skip
    assert {row[1] for row in rows} == {"Name", "Total", "Ann"}
    assert AuditEntry.objects.filter(action="exported", who=house.lead).count() == 1


def test_a_comment_has_a_tag_by_its_words_or_by_hand_and_not_where_it_was_taken():
    house = House()
    tag = a_tag(house.site)
    client = signed_in(house.manager)

    def having():
        rows = reads.comments(house.manager, house.site, span(house.site))
        counted = counting.shares(house.site, [span(house.site)], [tag])[0][tag.pk]
        found = {one.pk for one in reads.having(rows, tag)}
        assert counted.having == len(found)
        assert {
            pk for pk, tags in reads.tagged([one.pk for one in rows], [tag]).items() if tags
        } == found
        return found

    assert having() == {house.on_ann.pk, house.on_ben.pk}

    def mark(survey, on):
        return client.post(
            reverse("voice_mark", args=[survey.pk]), {"tag": tag.pk, "on": on, "back": "/x"}
        )

    assert mark(house.on_ann, "0").url == reverse("voice_comments")
    mark(house.on_nobody, "1")
    mark(house.on_nobody, "1")
    # Pressed before any was chosen: nothing is given.
    url = reverse("voice_mark", args=[house.on_ben.pk])
    assert "Choose a tag first" in text(client.post(url, {"tag": "", "on": "1"}, follow=True))
    assert having() == {house.on_ben.pk, house.on_nobody.pk}
    assert VoiceMark.objects.count() == 2
    # A tag of another site is none for it.
    other = a_tag(a_site())
    answer = client.post(
        reverse("voice_mark", args=[house.on_ann.pk]), {"tag": other.pk, "on": "1"}
    )
    assert answer.status_code == 404
    with pytest.raises(ValidationError):
        services.mark(other, house.on_ann.pk, house.manager, NINE, is_on=True)
    # Nor is a comment there for who may not read it.
    lead = signed_in(house.lead)
    sent = {"tag": tag.pk, "on": "1"}
    assert lead.post(reverse("voice_mark", args=[house.on_ben.pk]), sent).status_code == 404
    assert lead.post(reverse("voice_mark", args=[house.on_ann.pk]), sent).status_code == 302


def test_tags_are_made_changed_and_retired_by_who_reads_all_comments():
    house = House()
    client = signed_in(house.manager)
    url = f"{reverse('voice_tags')}?site={house.site.slug}"
    said = {"name": "Late", "words": "late  OR delayed"}
    client.post(url, said)
    client.post(url, said)
    tag = VoiceTag.objects.get()
    assert (tag.words, tag.made_by) == ("late OR delayed", house.manager)
    again = client.post(url, {"name": "LATE", "words": "x"})
    assert "another tag of this name" in text(again)
    assert list(client.post(url, {"name": "The", "words": "the"}).context["form"].errors) == [
        "words"
    ]
    assert signed_in(house.lead).post(url, said).status_code == 404
    edit = reverse("voice_tag", args=[tag.pk])
    client.post(edit, {"name": "Too late", "words": "late", "revision": 0})
    assert "Somebody has changed it" in text(
        client.post(edit, {"name": "Later", "words": "late", "revision": 0})
    )
    tag.refresh_from_db()
    assert (tag.name, tag.revision) == ("Too late", 1)
    client.post(reverse("voice_tag_retire", args=[tag.pk]))
    assert client.get(edit).status_code == 404
    assert AuditEntry.objects.filter(model="coaching.voicetag").count() == 3
    admin = text(signed_in(a_user("admin")).get(reverse("audit")))
    assert "Tag of comments: Too late" in admin
    with pytest.raises(IntegrityError), transaction.atomic():
        a_tag(house.site, "")


def test_what_returns_is_told_against_as_many_days_before():
    site = a_site()
    agents = [an_agent(site) for _ in range(6)]
    before, now = NINE - 8 * DAY, NINE - DAY
    comments(site, "came late", 4, before, agents)
    comments(site, "fine", 96, before + timedelta(hours=3), agents)
    comments(site, "came late", 40, now, agents)
    comments(site, "fine", 60, now + timedelta(hours=3), agents)
    tag = a_tag(site)
    still = a_tag(site, "Fine", "fine")
    told = returning.of(a_user("admin"), site, TODAY - 6 * DAY, TODAY, [tag, still], None)
    one, change = told.shares[tag.pk], told.changes[tag.pk]
    assert (one.having, one.many) == (40, 100)
    assert change.before == pytest.approx(0.04)
    assert change.difference.value == pytest.approx(0.36)
    assert (change.direction, tag.pk in told.told_of) == ("up", True)
    assert (told.first_before, told.last_before) == (TODAY - 13 * DAY, TODAY - 7 * DAY)
    said = text(page(a_user("manager", site), "voice_tags", site=site.slug, period="7d"))
    assert "more than before" in said
    assert "40.0 %" in said
    # Of the days before those there are no comments: it is said.
    said = text(page(a_user("manager", site), "voice_tags", site=site.slug, period="28d"))
    assert said.count("no comments before") == 2
    lines = page(a_user("manager", site), "voice_tags_csv", site=site.slug, period="7d")
    rows = list(csv.reader(lines.getvalue().decode("utf-8-sig").splitlines()))
    assert rows[2][:5] == ["Late", "late OR delayed", "40", "100", "40.0"]


def test_what_returns_becomes_an_item_with_its_comments_once():
    house = House()
    tag = a_tag(house.site)
    client = signed_in(house.manager)
    new = f"{reverse('voice_item_new', args=[tag.pk])}?site={house.site.slug}&period=28d"
    assert "2 of 3 comments of these days have this tag" in text(client.get(new))
    sent = {"kind": "process", "title": "Parcels are late", "words": "", "owner": house.lead.pk}
    client.post(new, sent)
    answer = client.post(new, sent)
    item = Complaint.objects.get()
    assert answer.url == reverse("voice_item", args=[item.pk])
    assert (item.comments, item.many, item.first) == (2, 3, TODAY - 27 * DAY)
    finding = item.finding
    assert (finding.kind, finding.owner, finding.made_by) == ("process", house.lead, house.manager)
    assert AuditEntry.objects.filter(model="coaching.complaint").count() == 1
    # The finding leads there, and it to the finding.
    assert answer.url in text(client.get(reverse("finding", args=[finding.pk])))
    said = text(client.get(answer.url))
    assert reverse("finding", args=[finding.pk]) in said
    assert "It came late again" in said
    # Its owner sees it, with the comments on their own team alone.
    mine = text(signed_in(house.lead).get(answer.url))
    assert "It came late again" in mine
    assert "Delayed by a week" not in mine
    assert client.get(reverse("voice_item", args=[10**6])).status_code == 404
    # A training gap is no item of this kind.
    again = client.post(new, sent | {"kind": "training"})
    assert list(again.context["form"].errors) == ["kind"]


def test_no_item_is_made_of_what_nobody_said():
    house = House()
    tag = a_tag(house.site, "Rude", "rude")
    noticed = Noticed(tag, None, TODAY, TODAY, share({}, {None: 3}))
    finding = Finding(site=house.site, kind="product", title="Rude")
    with pytest.raises(ValidationError, match="No comment"):
        services.make_item(finding, noticed, house.manager, NINE)
    assert not Finding.objects.exists()


def test_what_became_of_it_is_held_against_the_days_before_it_was_noticed():
    site = a_site()
    agents = [an_agent(site) for _ in range(5)]
    for at, late, fine in (
        (NINE - 60 * DAY, 5, 45),  # before
        (NINE - 15 * DAY, 25, 25),  # noticed
        (NINE - 5 * DAY, 10, 40),  # since somebody's
        (NINE - DAY, 2, 98),  # since done
    ):
        comments(site, "late", late, at, agents)
        comments(site, "fine", fine, at + timedelta(hours=3), agents)
    tag, manager = a_tag(site), a_user("manager", site)
    noticed = Noticed(tag, None, TODAY - 20 * DAY, TODAY - 10 * DAY, share({None: 25}, {None: 50}))
    at = NINE - 9 * DAY
    finding = Finding(site=site, kind="product", title="Late")
    item = services.make_item(finding, noticed, manager, at)
    one, made = item.finding, item.finding.pk
    findings.note(made, "", manager, NINE - 3 * DAY, state="done", revision=one.revision)
    item = Complaint.objects.select_related("finding__site", "tag", "queue").get()
    told = returning.since(item, NINE)
    days = [(each.of, each.first, each.last) for each in told]
    assert days == [
        # As many days as it was noticed in, but 28 at least: these are too early for the first.
        ("before", TODAY - 48 * DAY, TODAY - 21 * DAY),
        ("noticed", TODAY - 20 * DAY, TODAY - 10 * DAY),
        ("since", TODAY - 8 * DAY, TODAY - 3 * DAY),
        ("done", TODAY - 2 * DAY, TODAY),
    ]
    assert [(each.share.having, each.share.many) for each in told] == [
        (0, 0), (25, 50), (10, 50), (2, 100)
    ]  # fmt: skip
    assert told[3].change.difference is None  # nothing is known of before
    comments(site, "late", 5, NINE - 30 * DAY, agents)
    comments(site, "fine", 45, NINE - 30 * DAY + timedelta(hours=3), agents)
    told = returning.since(item, NINE)
    assert told[3].change.difference.value == pytest.approx(0.02 - 0.1)
    said = text(page(manager, "voice_item", item.pk))
    assert "Since it is done" in said
    assert "2 of 100" in said


def test_a_complaint_of_a_queue_follows_it_into_another():
    house = House()
    keeper = a_queue(house.site)
    tag = a_tag(house.site)
    made = services.make_item(
        Finding(site=house.site, kind="product", title="Late"),
        Noticed(tag, house.queue, TODAY, TODAY, share({None: 1}, {None: 1})),
        house.manager, NINE,
    )  # fmt: skip
    names_merged.send(sender=Queue, loser=house.queue.pk, keeper=keeper.pk)
    made.refresh_from_db()
    assert made.queue == keeper
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=made.pk).update(comments=5, many=2)


def test_comments_leave_as_a_file_that_is_harmless_and_noted():
    house = House()
    a_comment(house.site, "=1+1 late", NINE - 3 * DAY)
    a_tag(house.site)
    answer = page(house.manager, "voice_comments_csv", site=house.site.slug, q="late")
    rows = list(csv.reader(answer.getvalue().decode("utf-8-sig").splitlines()))
    assert [row[7] for row in rows] == ["Comment", "It came late again", "'=1+1 late"]
    assert rows[1][3] == "Ann"
    assert rows[1][8] == "Late"
    assert AuditEntry.objects.filter(action="exported", who=house.manager).count() == 1


def test_hostile_text_is_text_and_what_makes_no_sense_is_not_there():
    house = House()
    a_comment(house.site, "<script>x</script> late")
    client = signed_in(house.manager)
    url = reverse("voice_comments")
    said = client.get(url, {"site": house.site.slug, "q": "late"}).content.decode()
    assert "<script>x" not in said
    assert "&lt;script&gt;x" in said
    for query in ("q=%22", "q=-", "page=x", "page=99", "kind=x", "score=x", "by=x"):
        assert client.get(f"{url}?site={house.site.slug}&{query}").status_code == 200
    for query in ("tag=x", "tag=1", f"tag={10**25}", "agent=0", "topic=-1"):
        assert client.get(f"{url}?{query}").status_code == 404


def test_pages_with_nothing_say_so():
    site = a_site()
    manager = a_user("manager", site)
    for name, words in (
        ("voice", "Nobody has answered a survey"),
        ("voice_comments", "Nobody has written anything"),
        ("voice_tags", "There is no tag yet"),
    ):
        assert words in text(page(manager, name, site=site.slug))
    from ccm.models import Site

    Site.objects.all().delete()
    for name in ("voice", "voice_comments", "voice_tags"):
        assert "There is no site yet" in text(page(a_user("admin"), name))


@pytest.mark.parametrize("many", [1, 20])
def test_pages_ask_the_same_of_one_as_of_twenty(django_assert_max_num_queries, many):
    queue = a_queue()
    site = queue.site
    lead = a_user("supervisor")
    agents = [an_agent(site) for _ in range(many)]
    a_team(site, lead, *agents)
    for number, agent in enumerate(agents):
        call = a_call(queue, NINE + number * timedelta(minutes=1), agent=agent)
        of_call(queue, call, "late")
        a_tag(site, f"Tag {number}")
    for user in (lead, a_user("manager", site)):
        client = signed_in(user)
        for name, most in (("voice", 12), ("voice_comments", 12), ("voice_tags", 10)):
            with django_assert_max_num_queries(most):
                client.get(reverse(name), {"site": site.slug, "q": "late"})
