"""After-call notes: who writes them, that they stand against logs, and who is to be called back."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from ccm import notes
from ccm.imports import run, undo
from ccm.models import ApiToken, Call, CallNote, DirtyDay, Disposition, Topic
from ccm.naming import reattribution
from ccm.naming import services as naming
from tests.builders import (
    NINE,
    a_call,
    a_queue,
    a_record,
    a_site,
    a_team,
    a_user,
    an_agent,
    stored,
)
from tests.messages import told

pytestmark = pytest.mark.django_db
LOG = {"external_id": "c1", "outcome": "answered", "answered_at": NINE, "wait_ms": 0}


def noted(call, author=None, now=NINE, **said):
    return notes.write(call, author or a_user("admin"), said, now)


def test_a_note_sets_what_it_says_and_leaves_the_rest():
    call = a_call(a_queue(), resolvable=True)
    note = noted(call, disposition="Sold", resolved=False, words="Twice")
    call.refresh_from_db()
    assert (call.disposition.name, call.topic, call.resolved, call.resolvable) == (
        "Sold", None, False, True,
    )  # fmt: skip
    assert call.noted == ["disposition_id", "resolved"]
    assert (note.words, note.topic, note.resolvable) == ("Twice", None, None)
    assert Disposition.objects.get().is_new


def test_a_new_note_supersedes_the_last_which_is_kept():
    call = a_call(a_queue())
    first = noted(call, words="One", callback_due_at=NINE)
    second = noted(call, words="Two")
    assert [one.words for one in call.notes.all()] == ["Two", "One"]
    assert CallNote.objects.get(is_current=True) == second
    # The caller was promised to be called back, and still is to be.
    assert CallNote.objects.callbacks().get() == second
    assert second.callback_due_at == NINE
    assert noted(call, callback_due_at=None).callback_due_at is None
    assert not CallNote.objects.callbacks().exists()
    assert CallNote.objects.get(pk=first.pk).callback_due_at == NINE


def test_a_note_marks_the_calls_day_to_be_recounted():
    queue = a_queue(a_site(zone="Pacific/Auckland"))
    noted(a_call(queue, datetime(2026, 3, 2, 20, tzinfo=UTC)), resolved=True)
    mark = DirtyDay.objects.get()
    assert (mark.queue, mark.day.isoformat()) == (queue, "2026-03-03")


@pytest.mark.parametrize("later", [{}, {"topic": "Other", "resolved": True, "talk_ms": 9}])
def test_a_persons_word_stands_against_later_imports(later):
    site = a_site()
    stored(site, a_record(**LOG, topic="Bill", resolved=True))
    call = Call.objects.get()
    noted(call, topic="Complaint", resolved=False)
    fates = stored(site, a_record(**LOG | {"topic": "Bill", "resolved": True} | later))
    call.refresh_from_db()
    assert (call.topic.name, call.resolved, call.talk_ms) == (
        "Complaint",
        False,
        later.get("talk_ms"),
    )
    # What the log tells of other things is taken; what it only repeats changes nothing.
    assert (fates.updated, fates.duplicate) == ((1, 0) if later else (0, 1))


def test_what_is_said_to_be_unknown_is_given_back_to_the_log():
    site = a_site()
    log = a_record(**LOG, resolved=True)
    stored(site, log)
    call = Call.objects.get()
    noted(call, resolved=False)
    noted(call, resolved=None)
    call.refresh_from_db()
    assert (call.resolved, call.noted) == (None, None)
    stored(site, log)
    call.refresh_from_db()
    assert call.resolved is True


def test_a_persons_word_stands_when_a_later_import_is_taken_back(nothing_sent):
    site = a_site()
    logs = [
        "1772442000|c1|Sales|NONE|ENTERQUEUE||5550123|1\n1772442012|c1|Sales|Ann|CONNECT|12|c1.1|3\n",
        "1772442102|c1|Sales|Ann|COMPLETECALLER|12|90|1\n",
    ]
    batches = []
    for log in logs:
        file = ("queue_log", BytesIO(log.encode()))
        batches.append(run.start([file], form="asterisk_queue_log", site=site))
        run.run(batches[-1].job_id)
    call = Call.objects.get()
    assert call.talk_ms == 90_000
    noted(call, resolved=True, topic="Bill")
    undo.run(undo.start(batches[1]).pk)
    call.refresh_from_db()
    assert (call.talk_ms, call.resolved, call.topic.name) == (None, True, "Bill")
    assert call.noted == ["resolved", "topic_id"]


def test_a_note_s_topic_and_disposition_hold_no_card_number():
    note = noted(a_call(a_queue()), topic="Paid 4111 1111 1111 1111", disposition="cvv 123")
    assert (note.topic.name, note.disposition.name) == ("Paid ••••", "cvv •••")


def test_a_note_follows_a_topic_that_is_made_one_with_another():
    note = noted(a_call(a_queue()), topic="Bil")
    keeper = Topic.objects.create(name="Bill")
    reattribution.run(naming.merge(naming.TOPICS, note.topic, keeper).pk)
    note.refresh_from_db()
    assert note.topic == keeper
    assert [one.name for one in Topic.objects.all()] == ["Bill"]


def test_card_numbers_are_hidden_in_what_is_written():
    note = noted(a_call(a_queue()), words="Paid with 4111 1111 1111 1111", escalation="cvv 123")
    assert "1111" not in note.words
    assert "123" not in note.escalation


@pytest.fixture
def house():
    """A site with a team, a call of its agent and one that nobody took; one person of each role."""
    site = a_site(zone="Europe/Berlin")
    people = {
        role: a_user(role, site)
        for role in ("admin", "manager", "planner", "supervisor", "qa_analyst", "trainer", "agent")
    }
    agent = an_agent(site, user=people["agent"])
    a_team(site, people["supervisor"], agent)
    queue = a_queue(site)
    calls = {
        "own": a_call(queue, agent=agent),
        "colleague": a_call(queue, agent=an_agent(site)),
        "nobody": a_call(queue, outcome="abandoned"),
    }
    return people, calls


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("admin", {"own", "colleague", "nobody"}),
        ("supervisor", {"own", "nobody"}),
        ("agent", {"own"}),
        ("manager", set()),
        ("qa_analyst", set()),
        ("planner", set()),
        ("trainer", set()),
    ],
)
def test_who_may_write_a_note(client, house, role, may):
    people, calls = house
    client.force_login(people[role])
    for name, call in calls.items():
        page = client.post(f"/calls/{call.pk}/note/", {"words": "Hello"})
        api = client.post(
            f"/api/v1/calls/{call.pk}/note/", {"words": "Hi"}, content_type="application/json"
        )
        expected = (302, 201) if name in may else (404, 404)
        assert (page.status_code, api.status_code) == expected, name
        assert call.notes.count() == (2 if name in may else 0)


def test_the_form_says_what_was_changed_and_keeps_what_was_not(client, house):
    people, calls = house
    call = calls["own"]
    Call.objects.filter(pk=call.pk).update(resolved=True)
    client.force_login(people["agent"])
    with time_machine.travel("2026-03-02T12:00Z", tick=False):
        answer = client.post(
            f"/calls/{call.pk}/note/",
            {"disposition": "Sold", "resolved": "yes", "callback_due_at": "2026-03-03T15:30",
             "words": "Two\r\nlines"},
        )  # fmt: skip
    assert answer.status_code == 302
    call.refresh_from_db()
    # Resolved was the log's and was left as it stood: the log may still correct it.
    assert (call.disposition.name, call.resolved, call.noted) == ("Sold", True, ["disposition_id"])
    note = call.notes.get()
    assert note.author == people["agent"]
    assert note.callback_due_at == datetime(2026, 3, 3, 14, 30, tzinfo=UTC)  # Berlin's clock
    page = client.get(f"/calls/{call.pk}/").content.decode()
    assert "Two<br>lines" in page
    assert "Sold" in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "says nothing new"),
        ({"callback_due_at": "soon"}, "Write it as"),
        ({"callback_due_at": "2026-03-29T02:30"}, "The clocks skip this time"),
        ({"callback_due_at": "2029-01-01T00:00"}, "more than a year away"),
        ({"callback_due_at": "2026-03-02T12:54"}, "This time has gone"),  # six minutes ago
        ({"callback_due_at": "0001-01-01T00:00"}, "more than a year away"),
        ({"words": "x" * 4001}, "at most 4000"),
        ({"resolved": "perhaps"}, "not one of the available choices"),
    ],
)
def test_a_form_that_says_nothing_or_nonsense_says_why(client, house, said, words):
    people, calls = house
    client.force_login(people["agent"])
    with time_machine.travel("2026-03-02T12:00Z", tick=False):
        page = client.post(f"/calls/{calls['own'].pk}/note/", said)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not CallNote.objects.exists()


@time_machine.travel("2026-11-30T12:00Z")
def test_a_token_writes_a_note_once_a_key(house):
    people, calls = house
    _token, words = ApiToken.issue(
        name="crm",
        user=people["agent"],
        scopes=[ApiToken.WRITE_RECORD],
        expires_at=timezone.now() + timedelta(days=1),
    )
    client = Client(headers={"authorization": f"Bearer {words}", "idempotency-key": "n1"})
    url, due = f"/api/v1/calls/{calls['own'].pk}/note/", "2026-12-01T09:00:00+01:00"
    body = {"topic": "Bill", "resolved": True, "callback_due_at": due, "words": "a\nb"}
    answers = [client.post(url, json.dumps(body), content_type="application/json") for _ in "ab"]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    note = CallNote.objects.get()
    assert answers[0].json() == {
        "id": note.pk, "call": str(calls["own"].pk), "at": note.at.isoformat(), **body,
        "disposition": None, "resolvable": None, "escalation": None,
        "callback_due_at": "2026-12-01T08:00:00+00:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/words"),
        ([], ""),
        ({"resolved": "yes"}, "/resolved"),
        ({"callback_due_at": "2026-12-01T09:00"}, "/callback_due_at"),
        ({"callback_due_at": "2099-12-01T09:00Z"}, "/callback_due_at"),
        ({"callback_due_at": "2026-03-02T11:54:00Z"}, "/callback_due_at"),
        ({"wrods": "typo"}, "/wrods"),
    ],
)
def test_a_note_that_is_not_one_is_pointed_at(client, house, body, pointer):
    people, calls = house
    client.force_login(people["admin"])
    url = f"/api/v1/calls/{calls['own'].pk}/note/"
    with time_machine.travel("2026-03-02T12:00Z", tick=False):
        answer = client.post(url, json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_promise_that_a_note_does_not_speak_of_is_kept(client, house):
    people, calls = house
    call = calls["own"]
    client.force_login(people["agent"])
    api, page = f"/api/v1/calls/{call.pk}/note/", f"/calls/{call.pk}/note/"

    def post(**said):
        return client.post(api, said, content_type="application/json").json()["callback_due_at"]

    with time_machine.travel("2026-03-02T12:00Z") as clock:
        due = "2026-03-02T12:30:00+00:00"
        assert post(callback_due_at=due) == due
        assert post(words="Asked for the bill") == due
        # Overdue by now: that is no reason not to write a note.
        clock.move_to("2026-03-02T15:00Z")
        form = client.get(page).context["form"]
        assert form["callback_due_at"].value() == "2026-03-02T13:30"
        said = {"words": "Tried twice", "callback_due_at": "2026-03-02T13:30"}
        assert client.post(page, said).status_code == 302
        assert call.notes.get(is_current=True).callback_due_at == datetime.fromisoformat(due)
        assert ">2 Mar 2026 13:30<" in client.get(f"/calls/{call.pk}/").content.decode()
        assert post(callback_due_at=None) is None


def test_of_a_time_that_the_clocks_show_twice_the_first_is_meant_and_said(client, house):
    people, calls = house
    client.force_login(people["agent"])
    page = f"/calls/{calls['own'].pk}/note/"
    with time_machine.travel("2026-10-20T12:00Z", tick=False):
        said = told(client.post(page, {"callback_due_at": "2026-10-25T02:30"}, follow=True))
    assert said == [
        ("info", "The note stands."),
        ("info", "The clocks show the time of the callback twice: the first one is meant."),
    ]
    assert CallNote.objects.get().callback_due_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_callbacks_are_due_overdue_and_done(client, house):
    people, calls = house
    now = timezone.now()
    noted(calls["own"], callback_due_at=now - timedelta(hours=1), words="Was promised")
    noted(calls["nobody"], callback_due_at=now + timedelta(hours=1), words="Asked for it")
    client.force_login(people["supervisor"])
    page = client.get("/callbacks/promised/").content.decode()
    assert "1 overdue" in page
    assert page.index("Was promised") < page.index("Asked for it")
    late = CallNote.objects.get(words="Was promised")
    for _ in range(2):
        assert client.post(f"/callbacks/{late.pk}/done/").status_code == 302
    late.refresh_from_db()
    assert late.callback_done_by == people["supervisor"]
    assert "Was promised" not in client.get("/callbacks/promised/").content.decode()
    done = client.get("/callbacks/promised/?done=1").content.decode()
    assert "Was promised" in done
    assert f"· {people['supervisor']}" in done  # who called back
    client.force_login(people["manager"])
    page = client.get("/callbacks/promised/").content.decode()
    assert "for its agent or their supervisor to say" in page
    assert "/done/" not in page


def test_as_many_callbacks_are_counted_as_are_shown(client):
    """Calls on no queue are among them; a call that went with its month is not."""
    site, now = a_site(), timezone.now()
    user = a_user("admin")
    queue = a_queue(site)
    calls = [a_call(queue), a_call(queue), a_call(queue)]
    for call in calls:
        noted(call, user, callback_due_at=now - timedelta(hours=1))
    Call.objects.filter(pk=calls[1].pk).update(queue=None)
    Call.objects.filter(pk=calls[2].pk).delete()
    client.force_login(user)
    page = client.get("/callbacks/promised/")
    assert [row.record.call_id for row in page.context["table"].paginated_rows] == [
        calls[0].pk, calls[1].pk,
    ]  # fmt: skip
    assert page.context["table"].page.paginator.count == 2
    assert "2 overdue" in page.content.decode()
    gone = CallNote.objects.get(call=calls[2].pk)
    assert client.post(f"/callbacks/{gone.pk}/done/").status_code == 404


def test_who_called_back_is_told_so_and_who_is_late_that_another_did(client, house):
    people, calls = house
    note = noted(calls["own"], callback_due_at=NINE)
    done = f"/callbacks/{note.pk}/done/"
    client.force_login(people["supervisor"])
    assert told(client.post(done, follow=True)) == [("info", "Noted as called back.")]
    client.force_login(people["admin"])
    assert told(client.post(done, follow=True)) == [
        ("warning", "It was noted as called back before: that stands.")
    ]
    note.refresh_from_db()
    assert note.callback_done_by == people["supervisor"]
    # A newer note asks for no callback: there is none to be done.
    noted(calls["own"], words="Settled")
    assert client.post(done).status_code == 404


def test_who_writes_a_note_is_told_that_it_stands_and_who_says_nothing_is_not(client, house):
    people, calls = house
    client.force_login(people["supervisor"])
    path = f"/calls/{calls['own'].pk}/note/"
    assert told(client.post(path, {"words": "Promised"}, follow=True)) == [
        ("info", "The note stands.")
    ]
    assert told(client.post(path, {"callback_due_at": "soon"}, follow=True)) == []


def test_a_callback_is_ended_by_who_may_write_on_the_call(client, house):
    people, calls = house
    note = noted(calls["own"], callback_due_at=NINE)
    client.force_login(people["manager"])
    page = client.get("/callbacks/promised/").content.decode()
    assert f"/calls/{calls['own'].pk}/" in page
    assert "Called back" not in page.split("<table")[1]
    assert client.post(f"/callbacks/{note.pk}/done/").status_code == 404


@pytest.mark.parametrize("callbacks", [1, 30])
def test_callbacks_ask_the_same_of_one_as_of_thirty(client, django_assert_num_queries, callbacks):
    site = a_site()
    user = a_user("supervisor")
    agent = an_agent(site)
    a_team(site, user, agent)
    queue = a_queue(site)
    for n in range(callbacks):
        noted(a_call(queue, agent=agent), user, callback_due_at=NINE + timedelta(hours=n))
    client.force_login(user)
    # Session, user, scope; how many are overdue, how many in all, the rows.
    with django_assert_num_queries(5):
        page = client.get("/callbacks/promised/")
    assert page.content.count(b"Called back</button>") == callbacks


def test_the_note_page_asks_the_same_of_one_note_as_of_many(client, django_assert_num_queries):
    call = a_call(a_queue())
    admin = a_user("admin")
    client.force_login(admin)
    for n in (1, 20):
        for _ in range(n):
            noted(call, admin, words="x", topic="Bill")
        # Session, user, scope; call, notes, dispositions, topics.
        with django_assert_num_queries(6):
            assert client.get(f"/calls/{call.pk}/note/").status_code == 200
