"""The pages of checks: a rule is tried and kept, faults stand at their places, what is wrong is
told; and the numbers for machines."""

import csv
import io
import json
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from ccm.models import ApiToken, AuditEntry, Call, Job, RecordingRegion, Site
from qa import checks
from qa.cards import services as cards
from qa.cards import starters
from qa.checking import agreeing, judging, prefill, services, subjects, trying, words
from qa.checking.forms import RuleForm
from qa.checking.judging import judge_due
from qa.models import CallTranscript, CardCriterion, CheckRule, Suggestion
from tests.builders import NINE, a_call, a_queue, a_site, a_user
from tests.qa.builders import a_card, a_reviewed_agent, an_evaluation, finished
from tests.qa.checking.builders import (
    POLITE,
    RUDE,
    a_check,
    an_answered_call,
    as_lines,
    criterion,
    reviewed,
    says,
    told,
    vtt,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def queue():
    return a_queue()


@pytest.fixture
def analyst(queue):
    return a_user("qa_analyst", queue.site)


@pytest.fixture
def client(analyst):
    found = Client()
    found.force_login(analyst)
    return found


@pytest.fixture(autouse=True)
def nothing_held_back(monkeypatch):
    monkeypatch.setattr(judging, "HELD_BACK_EVERY", 10**12)


def text(answer):
    return " ".join(answer.content.decode().split())


def form(of, **more):
    return {
        "criterion": of.pk, "name": "Thanks", "kind": "say", "said": "thank you for calling",
        "by": "agent", "place": "anywhere", "after_by": "anybody", "met": "o:yes",
        "broken": "o:no", "not_applicable": "", "is_active": "on", "languages": "",
    } | more  # fmt: skip


def test_a_rule_is_tried_and_then_kept(client, queue):
    of = criterion(queue.site)
    told(an_answered_call(queue), *POLITE)
    told(an_answered_call(queue, at=NINE.replace(hour=10)), *RUDE)
    page = client.get(reverse("check_new"), {"criterion": of.pk})
    assert "Not met" in text(page)
    tried = client.post(reverse("check_new"), form(of, **{"try": "yes"}))
    assert tried.context["tried"].counts == {"met": 1, "broken": 1}
    assert not CheckRule.objects.exists()
    made = client.post(reverse("check_new"), form(of))
    row = CheckRule.objects.get()
    assert made.url == reverse("check", args=[row.pk])
    assert row.rule == {
        "kind": "say", "said": [{"text": "thank you for calling", "is_regex": False}],
        "by": "agent", "where": {"place": "anywhere", "after_by": "anybody"},
        "met": {"value": "yes"}, "broken": {"value": "no"},
    }  # fmt: skip
    # The same name again.
    again = client.post(reverse("check_new"), form(of))
    assert "another check of this name" in text(again)


def another(site):
    """A version of a second scorecard of a site."""
    return a_card(site, "Winning back").versions.get()


def test_a_trial_tells_nothing_of_calls_that_are_to_be_answered_without_it(
    queue, analyst, monkeypatch
):
    shown, held, mine = (an_answered_call(queue) for _n in range(3))
    for call in (shown, held, mine):
        told(call, *RUDE)
    an_evaluation(mine, analyst)
    monkeypatch.setattr(judging, "is_held_back", lambda pk: pk == held.pk)
    rule = says("good morning", of=criterion(queue.site))

    def hits():
        return {one.call for one in trying.tried(queue.site.pk, rule, analyst).hits}

    assert hits() == {shown.pk}
    finished(an_evaluation(held, version=another(queue.site)))
    assert hits() == {shown.pk}
    reviewed(held)
    assert hits() == {shown.pk, held.pk}


@pytest.mark.parametrize(
    ("more", "place", "words"),
    [
        ({"said": ""}, "said", "at least one phrase"),
        ({"said": "/(a/"}, "said", "is no expression"),
        ({"said": "/[a-z"}, "said", "“/[a-z” has a slash at one end alone"),
        ({"said": "hello\nbye/"}, "said", "“bye/” has a slash"),
        ({"place": "after", "seconds": "5", "after": "/a"}, "after", "a slash at one end alone"),
        ({"said": "/(a+)+\\1/"}, "said", "is no expression"),
        ({"said": "/a*/"}, "said", "found everywhere"),
        ({"said": "!!"}, "said", "has no words"),
        ({"place": "start"}, "seconds", "how many seconds or lines"),
        ({"place": "after", "seconds": "5", "after": "/(/"}, "after", "is no expression"),
        ({"place": "after", "seconds": "5"}, "after", "at least one phrase"),
        ({"kind": "silence"}, "limit", "Say from how many seconds on."),
        ({"kind": "hold_notice"}, "limit", "how many seconds before a hold"),
        ({"kind": "overtalk"}, "limit", "or from what share of talk"),
        ({"kind": "overtalk", "share": "120"}, "share", "99"),
        ({"languages": "english!"}, "languages", "is no language"),
        ({"met": "", "broken": ""}, "broken", "when met, or when broken"),
        ({"met": "o:no"}, "broken", "not the same"),
        ({"met": "o:maybe"}, "met", "valid choice"),
        ({"name": ""}, "name", "required"),
        ({"seconds": "1e9", "place": "end"}, "seconds", "whole number"),
        ({"queues": ["999999999999999999999"]}, "queues", "valid"),
    ],
)
def test_faults_stand_at_their_places(client, queue, more, place, words):
    page = client.post(reverse("check_new"), form(criterion(queue.site), **more))
    assert page.status_code == 200
    assert words in str(page.context["form"].errors[place])
    assert not CheckRule.objects.exists()


def test_a_new_check_opens_on_the_site_that_other_pages_open_on(monkeypatch):
    early, late = a_site("Aalen", zone="Asia/Tokyo"), a_site("Zwolle")
    for site in (early, late):
        site.opening = {"0": [["09:00", "17:00"]]}  # Mondays
        site.save()
        criterion(site)
    client = Client()
    client.force_login(a_user("admin"))
    at_the_clock(monkeypatch, NINE + timedelta(hours=3))  # noon at Zwolle, 21:00 at Aalen
    page = client.get(reverse("check_new"))
    assert page.context["site"] == client.get(reverse("checks")).context["site"] == late
    of = criterion(late)
    form_page = client.get(reverse("check_new"), {"criterion": of.pk, "site": late.slug})
    assert f'action="{reverse("check_new")}?site={late.slug}"' in form_page.content.decode()
    client.post(f"{reverse('check_new')}?site={late.slug}", form(of))
    assert CheckRule.objects.get().site == late


def test_all_kinds_are_kept_and_come_back_into_the_form(client, queue):
    of = criterion(queue.site)
    said = [
        {"name": "a", "kind": "silence", "limit": "20"},
        {"name": "b", "kind": "overtalk", "limit": "0", "share": "12.5"},
        {"name": "c", "kind": "hold_notice", "limit": "15", "said": "one moment\n/hold( on)?/"},
        {"name": "d", "kind": "never_say", "place": "after", "seconds": "30", "lines": "4",
         "after": "cancel", "after_by": "caller", "languages": "EN_gb, de", "queues": [queue.pk],
         "not_applicable": "na"},
        {"name": "e", "kind": "say", "place": "end", "lines": "3", "said": "bye"},
    ]  # fmt: skip
    for one in said:
        client.post(reverse("check_new"), form(of, **one))
    assert CheckRule.objects.count() == len(said)
    for row in CheckRule.objects.all():
        page = client.get(reverse("check_edit", args=[row.pk]))
        begun = page.context["form"].initial
        kept = row.rule
        sent = form(of) | {name: value for name, value in begun.items() if value is not None}
        sent["is_active"] = "on"
        client.post(reverse("check_edit", args=[row.pk]), sent)
        row.refresh_from_db()
        assert row.rule == kept
        assert client.get(reverse("check", args=[row.pk])).status_code == 200
    assert CheckRule.objects.get(name="d").languages == ["de", "en-gb"]


def test_a_rule_that_somebody_changed_meanwhile_is_told(client, queue):
    row = a_check(queue.site)
    page = client.get(reverse("check_edit", args=[row.pk]))
    sent = form(row.criterion, seen=page.context["form"].initial["seen"])
    CheckRule.objects.update(changed_at=NINE + timedelta(days=1))
    said = client.post(reverse("check_edit", args=[row.pk]), sent)
    assert "Somebody changed this check" in text(said)


@pytest.mark.parametrize("many", [1, 12])
def test_the_list_asks_the_same_of_one_check_as_of_many(
    client, queue, many, django_assert_max_num_queries
):
    for n in range(many):
        a_check(queue.site, name=f"Check {n}")
    told(an_answered_call(queue), *POLITE)
    judge_due(NINE)
    client.get(reverse("checks"))
    with django_assert_max_num_queries(12):
        page = client.get(reverse("checks"))
    assert text(page).count("thank you for calling") == many


@pytest.mark.parametrize("many", [1, 7])
def test_the_page_of_a_rule_asks_the_same_of_one_difference_as_of_many(
    client, queue, many, django_assert_max_num_queries
):
    row = a_check(queue.site, where={"place": "start", "seconds": 15})
    agent = a_reviewed_agent(queue.site)
    for n in range(many):
        call = an_answered_call(queue, at=NINE + timedelta(minutes=n), agent=agent)
        reviewed(call, "yes")
        told(call, vtt((0, 2, "Agent", "What is it?"), (3, 5, "Customer", "My line is down.")))
    judge_due(NINE)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("check", args=[row.pk]))
    assert len(page.context["differences"].rows) == many


def test_the_page_of_a_rule_tells_where_people_differ(client, queue, analyst):
    row = a_check(queue.site)
    call = an_answered_call(queue)
    reviewed(call, "yes")
    told(call, *RUDE)
    judge_due(NINE)
    page = client.get(reverse("check", args=[row.pk]))
    (one,) = page.context["differences"].rows
    assert (one.said_by_check, one.said_by_person) == ("broken", "Met")
    assert "It fills in nothing before 50 calls" in text(page)
    refused = client.post(reverse("check_prefill", args=[row.pk]), {"prefill": "yes"}, follow=True)
    assert "It fills in nothing before 50 calls" in text(refused)
    row.refresh_from_db()
    assert not row.prefills


def test_files_are_brought_in_and_each_has_a_fate(client, queue):
    call = an_answered_call(queue, external_id="z.1")
    lines = as_lines(
        {"external_id": "z.1", "transcript": "\n".join(POLITE)},
        {"external_id": "nobody", "transcript": "Agent: x"},
    )
    file = io.BytesIO(lines)
    file.name = "all.jsonl"
    page = client.post(reverse("transcripts"), {"texts": file, "language": "en"})
    assert [many for _level, _word, many in page.context["told"]] == [1, 1]
    assert "all.jsonl, line 2" in text(page)
    row = CallTranscript.objects.get()
    assert (row.call_id, row.language) == (call.pk, "en")
    read = client.get(reverse("transcript", args=[row.pk]))
    assert "Thank you for calling" in text(read)
    # Nothing was sent, and no language.
    assert "required" in text(client.post(reverse("transcripts"), {}))
    file.seek(0)
    assert "no language" in text(
        client.post(reverse("transcripts"), {"texts": file, "language": "!"})
    )
    client.post(reverse("transcript_remove", args=[row.pk]))
    assert not CallTranscript.objects.exists()


def test_transcripts_are_a_file_without_what_was_said_and_that_it_was_taken_along_is_noted(
    client, queue
):
    queue.name = "+1"
    queue.save()
    call = an_answered_call(queue)
    row = told(call, *POLITE)
    other = a_queue(a_site("Far"))
    told(an_answered_call(other), *RUDE)
    address = reverse("transcripts_csv")
    assert f'href="{address}"' in text(client.get(reverse("transcripts")))
    lines = b"".join(client.get(address).streaming_content).decode("utf-8-sig")
    [cells] = csv.DictReader(io.StringIO(lines))
    assert cells["Transcript"] == str(row.pk)
    assert (cells["Call"], cells["Site"]) == (str(call.pk), queue.site.name)
    assert (cells["Queue"], cells["Lines"], cells["Checked"]) == ("'+1", "2", "")
    assert (cells["All lines have times"], cells["Suggestions"]) == ("no", "0")
    assert "Thank you" not in lines
    entry = AuditEntry.objects.get(action="exported")
    assert (entry.model, entry.after["everywhere"]) == ("qa.calltranscript", True)


def test_what_was_said_is_not_shown_once_the_caller_does_not_agree(client, queue):
    call = an_answered_call(queue)
    row = told(call, *POLITE)
    type(call).objects.filter(pk=call.pk).update(consent=False)
    page = text(client.get(reverse("transcript", args=[row.pk])))
    assert "did not agree" in page
    assert "Thank you for calling" not in page


def test_a_review_says_what_a_check_has_filled_in(client, queue, analyst):
    row = a_check(queue.site)
    CheckRule.objects.filter(pk=row.pk).update(prefills=True)
    call = an_answered_call(queue)
    told(call, *POLITE)
    judge_due(NINE)
    review = an_evaluation(call, analyst)
    prefill.fill_due(NINE)
    assert text(client.get(reverse("review", args=[review.pk]))).count("filled in by a check") == 1


def test_where_people_differ_is_not_told_to_who_has_the_call_to_review(client, queue, analyst):
    row = a_check(queue.site)
    call = an_answered_call(queue)
    reviewed(call, "yes")
    told(call, *RUDE)
    judge_due(NINE)
    an_evaluation(call, analyst)
    page = client.get(reverse("check", args=[row.pk]))
    assert page.context["differences"].rows == ()
    assert page.context["found"].rows == ()
    asked = {"site": queue.site.slug, "first": NINE.date(), "last": NINE.date()}
    assert client.get(reverse("api_suggestions"), asked).json()["suggestions"] == []


def at_the_clock(monkeypatch, now=NINE + timedelta(days=1)):
    """Pages that tell of the last days are read on the day after the calls."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def test_what_is_held_back_of_a_rule_is_told_with_how_much_it_is(
    client, queue, analyst, monkeypatch
):
    row = a_check(queue.site)
    agent = a_reviewed_agent(queue.site)
    calls = [an_answered_call(queue, at=NINE + timedelta(minutes=n), agent=agent) for n in range(4)]
    for call in calls:
        told(call, *RUDE)
    judge_due(NINE)
    Suggestion.objects.filter(transcript__call=calls[0].pk).update(held_back=True)
    reviewed(calls[1], "yes")  # where people say something else, of a call that the reader has
    an_evaluation(calls[1], analyst)
    at_the_clock(monkeypatch)
    page = client.get(reverse("check", args=[row.pk]))
    found, differ = page.context["found"], page.context["differences"]
    assert (len(found.rows), found.seen, found.hidden) == (2, 2, 2)
    assert (differ.rows, differ.seen, differ.hidden) == ((), 0, 1)
    words = text(page)
    assert "4 of 4 calls" in words
    assert "2 of 4" in words
    assert "2 are not shown: one call in five is held back" in words
    assert "1 is by a review that you do not read" in words
    assert "On no call so far" not in words


@pytest.mark.parametrize("rules", [1, 6])
def test_calls_without_times_are_told_apart_by_rules_that_go_by_them(
    client, queue, monkeypatch, rules, django_assert_max_num_queries
):
    by_seconds = {"where": {"place": "start", "seconds": 15}}
    early = [
        a_check(queue.site, name=f"Early {n}", key="greeting", **by_seconds) for n in range(rules)
    ]
    anywhere = a_check(queue.site, name="Anywhere")
    german = a_check(queue.site, name="German", languages=["de"], **by_seconds)
    agent = a_reviewed_agent(queue.site)
    for n in range(3):
        told(an_answered_call(queue, at=NINE + timedelta(minutes=n), agent=agent), *POLITE)
    timed = an_answered_call(queue, at=NINE + timedelta(minutes=9), agent=agent)
    told(timed, vtt((0, 4, "Agent", "Thank you for calling"), (5, 6, "Customer", "Yes")))
    judge_due(NINE)
    at_the_clock(monkeypatch)
    client.get(reverse("checks"))
    with django_assert_max_num_queries(12):
        page = client.get(reverse("checks"))
    told_of = {one.row.pk: (one.judged, one.untimed) for one in page.context["rules"]}
    assert told_of[early[0].pk] == (1, 3)
    assert told_of[anywhere.pk] == (4, 0)
    assert told_of[german.pk] == (0, 0)  # it is for none of these
    assert "3 without times" in text(page)
    assert "3 more could not be judged: no times" in text(
        client.get(reverse("check", args=[early[0].pk]))
    )
    assert text(client.get(reverse("transcripts"))).count("no times") == 3
    of = criterion(queue.site)
    tried = client.post(
        reverse("check_new"), form(of, name="New", place="start", seconds="9", **{"try": "yes"})
    ).context["tried"]
    assert (tried.counts, tried.untimed, tried.others) == ({"met": 1}, 3, 0)


def test_hostile_words_are_written_as_they_are(client, queue):
    a_check(queue.site, name="<script>alert(1)</script>")
    row = told(an_answered_call(queue), "Agent: <script>alert(2)</script>")
    judge_due(NINE)
    for url in (reverse("checks"), reverse("transcript", args=[row.pk])):
        assert "<script>alert" not in client.get(url).content.decode()


def test_a_reader_with_a_blind_review_to_do_is_shown_no_suggestion(client, queue, analyst):
    a_check(queue.site)
    call = an_answered_call(queue)
    row = told(call, *POLITE)
    judge_due(NINE)
    url = reverse("transcript", args=[row.pk])
    assert client.get(url).context["said"]
    mine = an_evaluation(call, analyst)
    assert client.get(url).context["said"]
    Suggestion.objects.update(held_back=True)
    assert client.get(url).context["said"] == []
    mine.delete()
    # Nobody has answered it yet, and whoever reads it may be the one who will.
    assert client.get(url).context["said"] == []
    # A review by another scorecard does not answer what the check is of.
    finished(an_evaluation(call, version=another(queue.site)))
    assert client.get(url).context["said"] == []
    asked = {"site": queue.site.slug, "first": NINE.date(), "last": NINE.date()}
    assert client.get(reverse("api_suggestions"), asked).json()["suggestions"] == []
    reviewed(call)
    assert client.get(url).context["said"]
    assert len(client.get(reverse("api_suggestions"), asked).json()["suggestions"]) == 1


def test_topics_are_looked_for_by_a_job_and_lead_to_calls(client, queue):
    other = a_queue(queue.site)
    agent = a_reviewed_agent(queue.site)
    for n in range(20):
        at = NINE + timedelta(minutes=n)
        told(
            a_call(queue, at, agent=agent), f"Agent: Hello {n}", "Customer: my broken router again"
        )
        told(a_call(other, at, agent=agent), f"Agent: Hello {n}", "Customer: a refund of the bill")
    days = {"site": queue.site.slug, "period": "custom", "from": NINE.date(), "to": NINE.date()}
    url = reverse("check_topics") + "?" + "&".join(f"{key}={value}" for key, value in days.items())
    assert "Nobody has looked" in text(client.get(url))
    client.post(url)
    client.post(url)
    job = Job.objects.get(kind=subjects.KIND)
    subjects.run(job.pk)
    page = client.get(url)
    found = {one["name"]: one["phrases"][0] for one in page.context["queues"]}
    assert found[queue.name]["words"] == "broken router again"
    assert found[queue.name]["calls"] == 20
    assert len(found[queue.name]["shown"]) == 3
    assert "refund" in found[other.name]["words"]
    assert found[queue.name]["shown"][0]["quote"] == "my broken router again"
    assert client.get(reverse("check_job", args=[job.pk])).status_code == 200
    # What callers said stays nowhere but in transcripts: removed there, it is gone.
    job.refresh_from_db()
    assert "quote" not in json.dumps(job.payload)
    CallTranscript.objects.all().delete()
    page = client.get(url)
    assert {len(one["phrases"][0]["shown"]) for one in page.context["queues"]} == {0}


def asked_for_consent(site):
    """The site's country asks callers to agree."""
    Site.objects.filter(pk=site.pk).update(country="DE")
    return RecordingRegion.objects.create(country="DE", why="The law")


def test_what_was_said_is_quoted_nowhere_where_the_region_asks_for_consent(client, queue, analyst):
    rule = a_check(queue.site)
    call = an_answered_call(queue)
    row = told(call, *POLITE)
    judge_due(NINE)
    # A person and the check differ, which its page tells with the line.
    reviewed(call, "no")
    url = reverse("check", args=[rule.pk])
    file = reverse("check_csv", args=[rule.pk])

    def quoted():
        with time_machine.travel(NINE + timedelta(hours=1), tick=False):
            pages = [client.get(url).content.decode(), client.get(file).getvalue().decode()]
        own = list(CallTranscript.objects.heard())
        return ["this is Ann" in one for one in pages], own

    assert quoted() == ([True, True], [row])
    region = asked_for_consent(queue.site)
    assert quoted() == ([False, False], [])
    Call.objects.filter(pk=call.pk).update(consent=True)
    assert quoted() == ([True, True], [row])
    # Refused on a later import: nowhere, whatever the region asks.
    region.delete()
    Call.objects.filter(pk=call.pk).update(consent=False)
    assert quoted() == ([False, False], [])


def test_the_same_numbers_are_in_files_and_for_machines(client, queue, analyst):
    row = a_check(queue.site, name="=1+1")
    call = an_answered_call(queue)
    reviewed(call, "no")
    told(call, *RUDE)
    judge_due(NINE)
    said = b"".join(client.get(reverse("checks_csv")).streaming_content).decode("utf-8-sig")
    (one,) = csv.DictReader(io.StringIO(said))
    assert (one["Check"], one["Judged by both"], one["Broken for both"]) == ("'=1+1", "1", "1")
    answer = client.get(reverse("api_checks"), {"site": queue.site.slug}).json()["checks"][0]
    assert (answer["id"], answer["agreement"]["broken_for_both"]) == (row.pk, 1)
    assert answer["agreement"]["may_prefill"] == "too_few"
    assert answer["agreement"]["is_doubtful"] is False
    asked = {"site": queue.site.slug, "first": NINE.date(), "last": NINE.date()}
    (told_of,) = client.get(reverse("api_suggestions"), asked).json()["suggestions"]
    assert (told_of["call"], told_of["verdict"], told_of["answer"]) == (
        str(call.pk),
        "broken",
        "no",
    )
    assert AuditEntry.objects.filter(action="exported", model="qa.suggestion").count() == 1
    Suggestion.objects.update(evidence=[{"line": 1, "at_ms": 500, "quote": "=x"}])
    with time_machine.travel(NINE + timedelta(hours=1)):
        said = b"".join(client.get(reverse("check_csv", args=[row.pk])).streaming_content)
    (one,) = csv.DictReader(io.StringIO(said.decode("utf-8-sig")))
    # Words of the page, not ids of options.
    assert (one["Call"], one["Verdict"], one["Answer"]) == (str(call.pk), "broken", "Not met")
    assert one["What was said"] == "'=x"
    assert datetime.fromisoformat(one["Called at"]) == call.offered_at.replace(microsecond=0)
    wrong = client.get(reverse("api_suggestions"), asked | {"last": "2020-01-01"})
    assert wrong.status_code == 400


def test_transcripts_are_posted_by_a_token_one_or_many(queue, analyst):
    site = queue.site
    call = an_answered_call(queue)
    _token, words = ApiToken.issue(
        name="t", user=analyst, scopes=[ApiToken.WRITE_RECORD], expires_at="2099-01-01T00:00Z"
    )
    client = Client(headers={"authorization": f"Bearer {words}"})

    def post(said):
        return client.post(reverse("api_transcripts"), said, content_type="application/json")

    one = {
        "call": str(call.pk),
        "transcript": [{"speaker": "agent", "text": "Card 4111111111111111"}],
    }
    first = post(one)
    assert first.status_code == 200, first.content
    assert first.json()["stored"] == 1
    (fate,) = first.json()["results"]
    assert (fate["result"], fate["hidden"], fate["call"]) == ("stored", 1, str(call.pk))
    many = post({"transcripts": [one, {"transcript": "x"}, 7, {"call": "\ud800", "transcript": 1}]})
    assert [each["result"] for each in many.json()["results"]] == ["same", *["refused"] * 3]
    for odd in ("[]", "{", '{"transcripts": 1}', json.dumps({"transcripts": [{}] * 201}), "NaN"):
        assert post(odd).status_code == 400
    assert site == queue.site


def test_a_token_that_names_a_site_brings_no_transcripts_of_another(queue):
    other = a_queue(a_site("York"))
    calls = [an_answered_call(each) for each in (queue, other)]
    _token, words = ApiToken.issue(
        name="t", user=a_user("admin"), site=queue.site, scopes=[ApiToken.WRITE_RECORD],
        expires_at="2099-01-01T00:00Z",
    )  # fmt: skip
    client = Client(headers={"authorization": f"Bearer {words}"})
    said = [{"call": str(one.pk), "transcript": [{"text": "Hello"}]} for one in calls]
    answer = client.post(
        reverse("api_transcripts"), {"transcripts": said}, content_type="application/json"
    )
    assert [one["result"] for one in answer.json()["results"]] == ["stored", "refused"]
    assert set(CallTranscript.objects.values_list("call_id", flat=True)) == {calls[0].pk}


def test_ids_that_no_row_can_have_are_not_found(client):
    for name in ("check", "check_edit", "transcript", "learned_check", "check_job"):
        assert client.get(reverse(name, args=[1 << 64])).status_code == 404
    for word in ("x", "-1", "9" * 30, "١"):
        assert client.get(reverse("check_new"), {"criterion": word}).status_code == 404


def test_a_site_without_anything_says_what_would_bring_some():
    site = a_site()
    client = Client()
    client.force_login(a_user("qa_analyst", site))
    assert "There is no check yet" in text(client.get(reverse("checks")))
    assert "There is no criterion yet" in text(client.get(reverse("check_new")))
    assert "There is no transcript yet" in text(client.get(reverse("transcripts")))


def test_a_suggestion_says_how_often_people_said_so_and_what_was_not_found(client, queue, analyst):
    row = a_check(queue.site)
    agent = a_reviewed_agent(queue.site)
    for n, answer in enumerate(["no", "no", "yes", "no"]):
        call = an_answered_call(queue, at=NINE + timedelta(minutes=n), agent=agent)
        reviewed(call, answer)
        told(call, *RUDE)
    last = an_answered_call(queue, at=NINE + timedelta(hours=1), agent=agent)
    told(last, *RUDE)
    judge_due(NINE)
    review = reverse("review", args=[an_evaluation(last, analyst).pk])
    page = text(client.get(review))
    assert "not found: “thank you for calling”, by the agent, anywhere in the call" in page
    assert "not measured yet" in page
    services.measure_again()
    assert "people answered so on 3 of 4 such calls" in text(client.get(review))
    CheckRule.objects.filter(pk=row.pk).update(is_doubtful=True)
    assert "thank you for calling" not in text(client.get(review))
    done = CallTranscript.objects.exclude(call=last.pk).latest("pk")
    assert "What checks make of it" not in text(client.get(reverse("transcript", args=[done.pk])))


def test_while_calls_are_judged_the_page_of_a_rule_says_so_and_gives_no_verdict(client, queue):
    row = a_check(queue.site)
    agent = a_reviewed_agent(queue.site)
    for n in range(3):
        call = an_answered_call(queue, at=NINE + timedelta(minutes=n), agent=agent)
        reviewed(call, "yes")
        told(call, *RUDE)
        if not n:
            judge_due(NINE)
    page = text(client.get(reverse("check", args=[row.pk])))
    assert "2 reviewed calls are still to be judged" in page
    assert "of 1 of 3 transcripts, and not final" in page
    assert "It fills in nothing" not in page
    judge_due(NINE)
    page = text(client.get(reverse("check", args=[row.pk])))
    assert "not final" not in page
    # Three calls, none of them broken for people.
    assert "too few: 3 of 50 calls, 0 of 10 that people call broken" in page


def test_only_what_lacks_is_said_and_kappa_is_written_in_one_manner():
    def of(both, check, people, neither):
        measure = checks.measure(
            [(True, True)] * both + [(True, False)] * check
            + [(False, True)] * people + [(False, False)] * neither
        )  # fmt: skip
        return agreeing.Agreement(measure, checks.may_prefill(measure))

    # 376 calls, five of them broken for people.
    assert words.too_few(of(3, 1, 2, 370)) == "too few: 5 of 10 that people call broken"
    assert words.too_few(of(10, 0, 2, 8)) == "too few: 20 of 50 calls"
    why = words.why_not_prefill(of(5, 15, 15, 25))
    assert "kappa -." in why
    assert "more than .60 is needed" in why
    assert "more than 80 % is needed" in why
    assert "kappa is at most ." in words.doubtful(of(5, 15, 15, 25))
    assert words.doubtful(of(20, 5, 5, 30)) == ""


def test_the_answers_of_a_scale_are_offered_with_what_they_stand_for(queue):
    starter = starters.find("support").card
    keeper = a_user("admin")
    made = cards.make("Support", queue.site, "", starter, keeper, NINE)
    draft = made.versions.get()
    cards.publish(draft, "The first", keeper, NINE, revision=draft.revision)
    of = CardCriterion.objects.get(card=made, key="objection")
    form = RuleForm(site=queue.site, criterion=of, card=starter)
    names = [name for _value, name in form.fields["met"].choices]
    assert "1: Talks over it or repeats the rule." in names
    # Where nothing is described the name stands alone.
    of = CardCriterion.objects.get(card=made, key="hold")
    form = RuleForm(site=queue.site, criterion=of, card=starter)
    assert [name for _value, name in form.fields["met"].choices][1:3] == ["Met", "Not met"]
