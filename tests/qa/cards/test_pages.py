"""The pages of scorecards: the list, a draft's changes one by one, files, and who sees what."""

import copy
import csv
import io
import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from qa.cards import document, files, read, services, starters
from qa.models import Scorecard
from tests.builders import NINE, a_site, a_user
from tests.qa.builders import FORM, an_evaluation, finished
from tests.qa.cards.builders import a_draft, a_published

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site("Leeds")


@pytest.fixture
def keeper(site):
    return a_user("qa_analyst", site)


@pytest.fixture
def client(keeper):
    client = Client()
    client.force_login(keeper)
    return client


def text(answer):
    assert answer.status_code == 200, answer
    return answer.content.decode()


def change(client, card, **sent):
    """One change of the draft, by whoever has seen its last revision."""
    draft = card.versions.get(state="draft")
    said = {"revision": draft.revision, **sent}
    return client.post(reverse("scorecard_draft", args=[card.pk]), said, follow=True)


def order(card):
    form = document.read(card.versions.get(state="draft").form)
    return [[one.id for one in each.criteria] for each in form.form.sections]


def test_the_list_says_what_is_in_use_by_how_many_and_what_is_not(client, site, keeper):
    used = a_published(site, keeper, "Support")
    finished(an_evaluation(version=used.versions.get()))
    an_evaluation(version=used.versions.get())  # to be done
    services.begin(used, keeper, NINE)
    a_draft(site, keeper, "Sales")
    closed = a_published(site, keeper, "Old")
    services.close(closed, keeper, NINE)
    page = text(client.get(reverse("scorecards")))
    assert '1<small class="mark">1 to do</small>' in page
    assert "1 review, 1 to do" in text(client.get(reverse("scorecard", args=[used.pk])))
    assert "Draft of the next version" in page
    assert "Draft, never published" in page
    assert "Closed" in page
    assert page.index("Sales") < page.index("Support") < page.index(">Old<")
    assert "Sales" not in text(client.get(reverse("scorecards") + "?only=used")).split("<table")[1]
    for asked in ("?sort=-reviews", "?sort=-name", "?sort=site", "?sort=version", "?sort=nothing",
                  "?page=99", "?only=closed", "?q=supp%20", "?only=x"):  # fmt: skip
        text(client.get(reverse("scorecards") + asked))
    lines = client.get(reverse("scorecards_csv") + "?q=supp").getvalue().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(lines)))
    assert [row[:2] + row[3:4] + row[5:7] for row in rows[1:]] == [
        ["Support", "Leeds", "1", "1", "yes"]
    ]


def test_since_when_a_version_is_in_use_is_told_by_the_clock_of_its_site_everywhere():
    site = a_site("Pune", zone="Asia/Kolkata")
    keeper = a_user("qa_analyst", site)
    draft = a_draft(site, keeper)
    # Half past one of the third, at Pune.
    at = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
    card = services.publish(draft, "", keeper, at, revision=draft.revision).card
    client = Client()
    client.force_login(keeper)
    version = card.versions.get()
    for address in (
        reverse("scorecards"),
        reverse("scorecard", args=[card.pk]),
        reverse("scorecard_version", args=[card.pk, version.number]),
    ):
        page = text(client.get(address))
        assert "3 Mar 2026" in page
        assert "2 Mar 2026" not in page
    [_head, row] = csv.reader(
        io.StringIO(client.get(reverse("scorecards_csv")).getvalue().decode("utf-8-sig"))
    )
    assert row[4] == "2026-03-03T01:30:00+05:30"


@pytest.mark.parametrize("name", ["scorecards", "scorecard", "scorecard_draft"])
@pytest.mark.parametrize("many", [1, 12])
def test_pages_ask_the_same_of_one_as_of_many(
    client, site, keeper, django_assert_max_num_queries, name, many
):
    for number in range(many if name == "scorecards" else 1):
        card = a_published(site, keeper, f"Card {number}")
    for _number in range(many if name != "scorecards" else 1):
        draft = services.begin(card, keeper, NINE)
        form = document.read(draft.form)
        form = read({**FORM, "sections": [
            {**FORM["sections"][0], "name": f"Opening {draft.number}"}, FORM["sections"][1],
        ]})  # fmt: skip
        draft = services.keep(draft, form, keeper, NINE, revision=0)
        services.publish(draft, "Another", keeper, NINE, revision=1)
    services.begin(card, keeper, NINE)
    address = reverse(name, args=[] if name == "scorecards" else [card.pk])
    client.get(address)
    with django_assert_max_num_queries(9):
        text(client.get(address))


def test_a_card_begins_with_a_starter_a_file_another_or_nothing(client, site, keeper):
    new = reverse("scorecard_new")
    for begin, criteria in (("support", 14), ("sales", 13), ("collections", 12), ("empty", 0)):
        said = {"name": begin, "site": site.pk, "begin": begin}
        page = text(client.post(new, said, follow=True))
        card = Scorecard.objects.get(name=begin)
        assert sum(map(len, order(card))) == criteria
        assert "draft of version 1" in page
    sent = SimpleUploadedFile("a.yaml", files.dumped(read(FORM), "yaml").encode())
    said = {"name": "File", "site": site.pk, "begin": "file", "file": sent}
    text(client.post(new, said, follow=True))
    assert Scorecard.objects.get(name="File").versions.get().form == document.write(read(FORM))
    source = Scorecard.objects.get(name="support")
    said = {"name": "Copy", "site": site.pk, "begin": "copy", "copied": source.pk}
    text(client.post(new, said, follow=True))
    copied = Scorecard.objects.get(name="Copy").versions.get()
    assert document.read(copied.form) == starters.find("support").card


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"name": "New", "begin": "file"}, "Choose a file."),
        ({"name": "New", "begin": "copy"}, "Choose one."),
        ({"name": "New", "begin": "copy", "copied": "9" * 30}, "Select a valid choice"),
        ({"name": "Support"}, "There is another scorecard of this name already."),
        ({"name": "New", "site": ""}, "This field is required"),
    ],
)
def test_a_new_card_that_cannot_be_is_told_why(client, site, keeper, said, words):
    a_draft(site, keeper)
    page = text(client.post(reverse("scorecard_new"), {"site": site.pk, "begin": "empty"} | said))
    assert words in page
    assert Scorecard.objects.count() == 1


def test_a_new_card_opens_on_the_site_that_other_pages_open_on(site, keeper):
    shut = a_site("Aarhus")
    shut.opening = {"6": [["08:00", "12:00"]]}  # Sundays
    shut.save()
    client = Client()
    client.force_login(a_user("qa_analyst", shut, site))
    with time_machine.travel(NINE, tick=False):  # a Monday
        opened = client.get(reverse("scorecard_new"))
        named = client.get(reverse("scorecard_new"), {"site": shut.slug})
    assert f'<option value="{site.pk}" selected>Leeds</option>' in text(opened)
    assert "Whose calls are reviewed by it." in text(opened)
    assert f'<option value="{shut.pk}" selected>Aarhus</option>' in text(named)


def test_a_card_may_be_of_another_site_until_it_is_published(site, keeper):
    there, elsewhere = a_site("Aarhus"), a_site("Oslo")
    mover = a_user("qa_analyst", site, there)
    client = Client()
    client.force_login(mover)
    card = a_draft(site, mover).card
    address = reverse("scorecard_name", args=[card.pk])
    assert "Name and site" in text(client.get(reverse("scorecard_draft", args=[card.pk])))
    said = {"name": "Support", "about": "", "site": elsewhere.pk}
    assert "Select a valid choice" in text(client.post(address, said))
    page = text(client.post(address, said | {"site": there.pk}, follow=True))
    assert "draft of version 1" in page
    assert "Aarhus" in page
    card.refresh_from_db()
    assert card.site == there
    draft = card.versions.get()
    services.publish(draft, "", mover, NINE, revision=draft.revision)
    assert 'name="site"' not in text(client.get(address))
    text(client.post(address, said | {"site": site.pk}, follow=True))
    card.refresh_from_db()
    assert card.site == there


def test_every_fault_of_a_file_is_told_with_its_place(client, site):
    raw = b"layout: 1\nsections:\n  - {id: a b, name: A, criteria: [{id: c, name: C, kind: x}]}\n"
    sent = SimpleUploadedFile("a.yaml", raw)
    said = {"name": "New", "site": site.pk, "begin": "file", "file": sent}
    page = text(client.post(reverse("scorecard_new"), said))
    assert "section 1, id: “a b” cannot be an id" in page
    assert "section 1, criterion 1, kind: one of these is needed" in page


def test_a_draft_is_changed_step_by_step(client, site, keeper):
    card = a_draft(site, keeper, form=None).card
    change(client, card, do="add_section", name="Opening")
    change(client, card, do="add_section", name="Care")
    change(client, card, do="add", section="opening", name="Greeting", kind="yes_no")
    change(client, card, do="add", section="opening", name="Greeting", kind="scale")
    change(client, card, do="add", section="care", name="Cause", kind="number")
    assert order(card) == [["greeting", "greeting-2"], ["cause"]]
    change(client, card, do="put", criterion="greeting", section="care", before="cause")
    assert order(card) == [["greeting-2"], ["greeting", "cause"]]
    change(client, card, do="put", criterion="greeting", section="care", before="")
    assert order(card) == [["greeting-2"], ["cause", "greeting"]]
    change(client, card, do="move", criterion="cause", by="-1")
    assert order(card) == [["greeting-2", "cause"], ["greeting"]]
    change(client, card, do="section_move", section="care", by="-1")
    assert order(card) == [["greeting"], ["greeting-2", "cause"]]
    page = text(change(client, card, do="section", section="care", name="Caring", weight="30"))
    assert "Either every section has a weight of its own, or none has." in page
    assert "Say at which number it is worth nothing, and at which all." in page
    change(client, card, do="section_remove", section="opening")
    assert order(card) == [["greeting"]]
    assert card.versions.get().revision == 11


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"do": "add_section", "name": ""}, "Give it a name."),
        ({"do": "add_section", "name": "x" * 161}, "161 letters are too many: 160 are possible."),
        ({"do": "add_section", "name": "a\x00b"}, "signs in it that no text can have"),
        ({"do": "add", "section": "care", "name": "A", "kind": "stars"}, "how it is answered"),
        ({"do": "add", "section": "nowhere", "name": "A", "kind": "text"}, "not on the draft any"),
        ({"do": "section", "section": "care", "name": "A", "weight": "-1"}, "a whole number"),
        ({"do": "section", "section": "care", "name": "A", "weight": "99999"}, "from 0 to 10000"),
        ({"do": "move", "criterion": "nothing"}, "not on the draft any more"),
        ({"do": "put", "criterion": "cause", "section": "nowhere"}, "not on the draft any more"),
        ({"do": "back", "criterion": "nothing"}, "not on the draft any more"),
        ({"do": "move", "criterion": "cause", "revision": "7"}, "Somebody changed this draft"),
        ({"do": "move", "criterion": "cause", "revision": "²"}, "Somebody changed this draft"),
        (
            {"do": "add", "section": "care", "name": "Kept words", "kind": "text", "revision": "7"},
            'value="Kept words"',
        ),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_is_told_and_nothing_is_lost(client, site, keeper, sent, words):
    draft = a_draft(site, keeper)
    assert words in text(change(client, draft.card, **sent))
    before = draft.form
    draft.refresh_from_db()
    assert (draft.form, draft.revision) == (before, 0)


def criterion(**said):
    """A greeting as its form sends it."""
    return {
        "revision": "0", "name": "Greets", "kind": "choice", "section": "care", "weight": "7",
        "fails": "section", "comment_below": "50", "may_skip": "yes",
        "option-0-id": "yes", "option-0-name": "Met", "option-0-points": "2",
        "option-1-id": "", "option-1-name": "Half of it", "option-1-points": "1",
        "option-1-anchor": "By name or by company",
        "option-4-id": "no", "option-4-name": "Not met", "option-4-points": "",
        "option-4-fails": "yes",
        "help": " Within ten\r\nseconds ", "why": "Trust.", "good": "Hello", "bad": "Yes?",
        "link-0-name": "How to greet", "link-0-url": "/library/3/",
        "link-1-name": "", "link-1-url": "",
        **said,
    }  # fmt: skip


def test_who_adds_a_criterion_finds_the_form_for_the_next_one_open(client, site, keeper):
    card = a_draft(site, keeper).card
    page = text(change(client, card, do="add", section="care", name="Patience", kind="yes_no"))
    assert page.count('class="qs-edit qs-more-of" open') == 1
    assert 'aria-label="New criterion of Care" autofocus' in page


def test_what_is_not_worded_yet_is_told_and_may_be_published(client, site, keeper):
    card = a_draft(site, keeper, form=None).card
    change(client, card, do="add_section", name="Care")
    for name, kind in (("Reason", "choice"), ("Tone", "scale"), ("Met", "yes_no")):
        change(client, card, do="add", section="care", name=name, kind=kind)
    page = text(client.get(reverse("scorecard_draft", args=[card.pk])))
    assert page.count('class="qs-unsaid"') == 2
    assert "Still called Answer A, Answer B: name the answers." in page
    # Its ends are "Not at all" and "Fully" from the beginning.
    assert "None of the steps between the ends is described." in page
    asked = text(client.get(reverse("scorecard_publish", args=[card.pk])))
    assert "Reviewers would have to guess:" in asked
    at = reverse("scorecard_criterion", args=[card.pk, "reason"])
    assert f'<a class="link" href="{at}">Reason</a>' in asked
    said = {"revision": card.versions.get().revision, "note": ""}
    client.post(reverse("scorecard_publish", args=[card.pk]), said)
    assert card.versions.published().count() == 1


def test_each_fault_leads_to_its_criterion_or_section(client, site, keeper):
    card = a_draft(site, keeper).card
    change(client, card, do="add", section="care", name="Minutes", kind="number")
    change(client, card, do="add_section", name="Closing")
    its = reverse("scorecard_criterion", args=[card.pk, "minutes"])
    section = reverse("scorecard_draft", args=[card.pk]) + "#s-closing"
    for name in ("scorecard_draft", "scorecard_publish"):
        page = text(client.get(reverse(name, args=[card.pk])))
        assert f'<a class="link" href="{its}">Minutes</a>: Say at which number' in page
        assert f'<a class="link" href="{section}">Closing</a>: This section has no' in page


def test_a_criterion_is_kept_with_everything_that_is_said_of_it(client, site, keeper):
    draft = a_draft(site, keeper)
    address = reverse("scorecard_criterion", args=[draft.card_id, "greeting"])
    text(client.get(address))
    client.post(address, criterion())
    draft.refresh_from_db()
    assert order(draft.card) == [[], ["verified", "cause", "remark", "greeting"]]
    kept = draft.form["sections"][1]["criteria"][3]
    assert kept == {
        "id": "greeting", "name": "Greets", "kind": "choice", "weight": 7,
        "options": [
            {"id": "yes", "name": "Met", "points": 2},
            {"id": "half-of-it", "name": "Half of it", "anchor": "By name or by company",
             "points": 1},
            {"id": "no", "name": "Not met", "points": 0, "fails": True},
        ],
        "may_skip": True, "fails": "section", "comment_below": 50,
        "help": "Within ten\nseconds", "why": "Trust.", "good": "Hello", "bad": "Yes?",
        "links": [{"name": "How to greet", "url": "/library/3/"}],
    }  # fmt: skip


def test_a_criterion_is_shown_by_marked_answers_of_those_before_it(client, site, keeper):
    draft = a_draft(site, keeper)
    address = reverse("scorecard_criterion", args=[draft.card_id, "cause"])
    page = text(client.get(address))
    assert 'name="shown-greeting"' in page
    assert 'name="shown-remark"' not in page
    sent = criterion(**{"shown-greeting": ["no"], "shown-verified": ["yes", "no"]})
    client.post(address, sent)
    draft.refresh_from_db()
    kept = document.read(draft.form).find("cause")
    assert {one.criterion: one.options for one in kept.shown_if} == {
        "greeting": {"no"}, "verified": {"yes", "no"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": ""}, "this is needed."),
        ({"weight": "much"}, "a whole number is needed, not “much”."),
        ({"weight": "-3"}, "-3 is not from 0 to 10000."),
        ({"comment_below": "101"}, "101 is not from 0 to 100."),
        ({"kind": "stars"}, "one of these is needed"),
        ({"kind": "number", "worst": "low"}, "a number is needed, not “low”."),
        ({"kind": "number", "best": "1e99999999"}, "a number is needed"),
        ({"link-0-url": "javascript:alert(1)"}, "is no address of a page"),
        ({"why": "x" * 2001}, "2001 letters are too many"),
        ({"why": "a\x00"}, "signs in it that no text can have"),
        ({"option-0-points": "-1"}, "points: -1 is not from 0 to 10000."),
        ({"option-1-id": "yes"}, "is there twice"),
        ({"fails": "everything"}, "critical: one of these is needed"),
    ],
)  # fmt: skip
def test_a_criterion_that_cannot_be_is_told_and_stays_as_it_was_typed(
    client, site, keeper, said, words
):
    draft = a_draft(site, keeper)
    address = reverse("scorecard_criterion", args=[draft.card_id, "greeting"])
    page = text(client.post(address, criterion(**said)))
    assert words in page
    assert "By name or by company" in page
    before = draft.form
    draft.refresh_from_db()
    assert draft.form == before


def test_who_saves_a_criterion_that_somebody_removed_may_have_it_back(client, site, keeper):
    draft = a_draft(site, keeper)
    address = reverse("scorecard_criterion", args=[draft.card_id, "greeting"])
    client.post(address, {"do": "remove", "revision": 0})
    assert client.get(address).status_code == 404
    page = text(client.post(address, criterion()))
    assert "Somebody removed this criterion." in page
    assert "By name or by company" in page
    client.post(address, criterion(revision="1", anew="yes"))
    assert order(draft.card) == [[], ["verified", "cause", "remark", "greeting"]]


def test_a_criterion_of_an_earlier_version_is_brought_back_with_its_key(client, site, keeper):
    card = a_published(site, keeper)
    services.begin(card, keeper, NINE)
    address = reverse("scorecard_criterion", args=[card.pk, "remark"])
    page = text(client.post(address, {"do": "remove", "revision": 0}, follow=True))
    assert "Bring back Remark" in page
    change(client, card, do="back", criterion="remark")
    assert order(card) == [["greeting"], ["verified", "cause", "remark"]]


def test_a_trial_scores_and_keeps_nothing(client, site, keeper):
    """40 of 100 met; the cause 3 of 1 to 5, half of 60: 70."""
    card = a_published(site, keeper)
    address = reverse("scorecard_try", args=[card.pk, 1])
    said = {"a-greeting": "yes", "a-cause": "3", "a-remark": "x" * 5000}
    for headers in ({}, {"HX-Request": "true"}):
        page = text(client.post(address, said, headers=headers))
        assert '<span class="qs-sum">70</span>' in page
        assert "2 of 3 answered" in page
        assert ("<html" in page) == (not headers)
    page = text(client.post(address, {"a-cause": "2", "a-greeting": "n/a"}))
    assert "says why in a comment" in page
    assert '<span class="qs-sum">25</span>' in page
    page = text(client.post(address, {"a-cause": "2", "c-cause": "Never asked", "a-greeting": "?"}))
    assert "says why in a comment" not in page
    assert 'value="Never asked"' in page
    assert "This cannot be an answer." in page
    page = text(client.post(address, {"a-verified": "no"}))
    assert "Failed by: Verified the account" in page


def test_what_a_hostile_card_says_is_shown_as_text(client, site, keeper):
    form = {**FORM, "sections": [{**FORM["sections"][0], "name": "<script>alert(1)</script>"}]}
    card = a_published(site, keeper, form=form)
    page = text(client.get(reverse("scorecard", args=[card.pk])))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("layout", files.LAYOUTS)
def test_a_version_is_exported_and_comes_back_as_a_draft(client, site, keeper, layout):
    card = a_published(site, keeper)
    answer = client.get(reverse("scorecard_file", args=[card.pk, 1, layout]))
    assert f"scorecard-{card.pk}-v1.{layout}" in answer["Content-Disposition"]
    assert files.load(answer.content) == read(FORM)
    services.begin(card, keeper, NINE)
    other = starters.find("sales").card
    sent = SimpleUploadedFile("a", files.dumped(other, layout).encode())
    address = reverse("scorecard_read", args=[card.pk])
    page = text(client.post(address, {"revision": 5, "file": sent}))
    assert "Somebody changed this draft" in page
    sent.seek(0)
    text(client.post(address, {"revision": 0, "file": sent}, follow=True))
    assert document.read(card.versions.get(number=2).form) == other


def test_publishing_asks_what_changed_and_tells_how_many_reviews_keep_their_version(
    client, site, keeper
):
    card = a_published(site, keeper)
    an_evaluation(version=card.versions.get())
    services.begin(card, keeper, NINE)
    change(client, card, do="section", section="care", name="Caring", weight="")
    address = reverse("scorecard_publish", args=[card.pk])
    page = text(client.get(address))
    assert "1 review that waits is still made by the version that it was assigned with." in page
    assert "Scores stay comparable: only words changed." in page
    assert "Say what changed" in text(client.post(address, {"revision": 1, "note": " "}))
    assert "At most 300" in text(client.post(address, {"revision": 1, "note": "x" * 301}))
    stale = text(client.post(address, {"revision": 0, "note": "Words"}))
    assert "Somebody changed this draft" in stale
    text(client.post(address, {"revision": 1, "note": "Words"}, follow=True))
    assert card.versions.published().count() == 2
    again = client.post(address, {"revision": 1, "note": "Words"}, follow=True)
    assert "There is no draft of it" in text(again)
    page = text(client.get(reverse("scorecard_compare", args=[card.pk]) + "?from=1&to=2"))
    assert "Caring" in page
    assert client.get(reverse("scorecard_compare", args=[card.pk]) + "?from=9").status_code == 404


def test_who_only_reads_sees_no_draft_and_no_buttons(site, keeper):
    card = a_published(site, keeper)
    services.begin(card, keeper, NINE)
    trainer = Client()
    trainer.force_login(a_user("trainer", site))
    page = text(trainer.get(reverse("scorecard", args=[card.pk])))
    assert "draft" not in page.split('id="content"')[1]
    for name in ("scorecard_draft", "scorecard_name", "scorecard_publish"):
        assert trainer.get(reverse(name, args=[card.pk])).status_code == 404
    assert trainer.get(reverse("scorecard_version", args=[card.pk, 2])).status_code == 404


def test_ids_that_cannot_be_are_not_there(client):
    for pk in (0, 1 << 63, 10**25):
        for name in ("scorecard", "scorecard_draft", "scorecard_compare"):
            assert client.get(reverse(name, args=[pk])).status_code == 404
    assert client.get(reverse("scorecard_new") + "?copy=" + "9" * 40).status_code == 200


def test_a_card_of_all_sites_is_read_by_all_and_kept_by_admins(site, keeper, client):
    everywhere = a_published(None, a_user("admin"), "House rules")
    assert "House rules" in text(client.get(reverse("scorecards")))
    text(client.get(reverse("scorecard", args=[everywhere.pk])))
    assert client.get(reverse("scorecard_name", args=[everywhere.pk])).status_code == 404


def test_the_log_of_changes_names_the_scorecard_and_its_version(site, keeper, client):
    card = a_published(site, keeper)
    services.begin(card, keeper, NINE)
    change(client, card, do="section", section="care", name="Caring", weight="30")
    services.close(card, keeper, NINE)
    admin = Client()
    admin.force_login(a_user("admin"))
    page = text(admin.get(reverse("audit")))
    assert "Scorecard: Support" in page
    assert "Version of a scorecard: Support v2" in page
    assert "Caring" in page


def test_a_card_that_is_closed_or_removed_says_so(site, keeper, client):
    card = a_published(site, keeper)
    finished(an_evaluation(version=card.versions.get()))
    remove = reverse("scorecard_remove", args=[card.pk])
    assert "It cannot be removed" in text(client.get(remove))
    assert "1 review" in text(client.post(remove))
    close = reverse("scorecard_close", args=[card.pk])
    assert "nothing new is reviewed by it" in text(client.post(close, follow=True))
    text(client.post(close, follow=True))
    begun = text(client.post(reverse("scorecard_begin", args=[card.pk]), follow=True))
    assert "It is closed: open it first." in begun
    assert "Close" in text(client.post(close, {"open": "yes"}, follow=True))
    other = a_draft(site, keeper, "Other").card
    discard = client.get(reverse("scorecard_discard", args=[other.pk]), follow=True)
    assert "Its versions and its draft go with it." in text(discard)
    gone = client.post(reverse("scorecard_remove", args=[other.pk]), follow=True)
    assert "Other is removed." in text(gone)
    assert client.get(reverse("scorecard", args=[other.pk])).status_code == 404


def test_a_preview_shows_what_is_typed_and_keeps_nothing(site, keeper, client):
    draft = a_draft(site, keeper)
    address = reverse("scorecard_preview", args=[draft.card_id, "greeting"])
    page = text(client.post(address, criterion(why="Names <b>build</b> trust.")))
    assert "Names &lt;b&gt;build&lt;/b&gt; trust." in page
    assert "critical: fails its section" in page
    assert "Half of it" in page
    page = text(client.post(address, criterion(name="")))
    assert "It is shown once it has a name" in page
    draft.refresh_from_db()
    assert draft.revision == 0


def test_a_draft_says_as_many_things_as_it_counts(client, site, keeper):
    form = copy.deepcopy(FORM)
    form["sections"][0]["criteria"][0]["options"].pop()
    del form["sections"][1]["criteria"][1]["options"][1:]
    draft = a_draft(site, keeper, form=form)
    answer = client.get(reverse("scorecard_draft", args=[draft.card_id]))
    faults = answer.context["faults"]
    assert f"{len(faults)} things keep it from being published" in text(answer)
    assert "Greeting: There must be at least two answers." in map(str, faults)
    told = re.sub(r"</?a\b[^>]*>", "", text(answer))  # each is a link to its place
    assert all(f"<li>{one}</li>" in told for one in faults)


def test_a_draft_is_called_one_where_versions_are_compared(client, site, keeper):
    card = a_published(site, keeper)
    services.begin(card, keeper, NINE)
    page = text(client.get(reverse("scorecard_compare", args=[card.pk])))
    assert page.count("v2 (draft)") == 2
    assert "v1 (draft)" not in page
