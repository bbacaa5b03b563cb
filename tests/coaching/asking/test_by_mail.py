"""Asking by mail: once, to an address that is nowhere in clear, in hours, and never again for who
says so."""

import io
import logging
import re
import smtplib
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm import addresses, surveys
from ccm.imports import rejected, run, undo
from ccm.imports.files import corrections
from ccm.imports.records import Shape
from ccm.intervals import Span
from ccm.models import (
    ApiToken,
    AuditEntry,
    Call,
    CallAddress,
    ImportProfile,
    SurveyInvitation,
    SurveyOptOut,
)
from coaching.asking import handing, letters, reads, sending, services, wanted
from coaching.models import AskedCall, AskingRule
from coaching.tasks import ask_callers
from tests.builders import NINE, a_queue, a_site, a_user
from tests.coaching.asking.builders import a_rule, a_webhook, called
from tests.threads import elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]
NOON = NINE + timedelta(hours=3)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ANN, BOB = "ann.smith@example.org", "bob.jones@example.org"


@pytest.fixture(autouse=True)
def a_mail_server(settings):
    settings.MAIL_IS_SET = True
    settings.DEFAULT_FROM_EMAIL = "ccm <ccm@centre.example>"
    settings.ADDRESS = "https://ccm.example"


@pytest.fixture
def queue():
    return a_queue(a_site(zone="Europe/London"))


@pytest.fixture
def rule(queue):
    return a_rule(queue.site, by_mail=True)


def mailed(queue, address=ANN, caller="a", minutes=0, **more):
    """An answered call with which an address came."""
    call = called(queue, caller, minutes, **more)
    addresses.keep(call.site, {call.pk: address}, NOON)
    return call


def one():
    return AskedCall.objects.get()


def whys():
    return dict(AskedCall.objects.values_list("call", "why"))


def refusing(monkeypatch, raised, at="send_messages"):
    """A mail server that does not take what it is given; returns the moments of its being asked."""
    asked = []

    def refuse(*_args):
        asked.append(1)
        raise raised

    monkeypatch.setattr(EmailBackend, at, refuse, raising=False)
    return asked


def tables_with(*words):
    """The tables of the database that have any of the words in them: as text, or in bytes."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        for (table,) in cursor.fetchall():
            for word in words:
                cursor.execute(
                    f'SELECT EXISTS (SELECT FROM "{table}" t WHERE t::text ILIKE %s'
                    " OR t::text LIKE %s)",
                    [f"%{word}%", f"%{word.encode().hex()}%"],
                )
                if cursor.fetchone()[0]:
                    found.add(table)
    return found


# What is sent.


def test_a_mail_says_where_to_answer_and_how_to_be_asked_no_more(queue, rule):
    call = mailed(queue)
    assert services.draw(rule, NOON) == 1
    assert sending.send_due(NOON) == 1
    (sent,) = mail.outbox
    words = services.words_of(call.pk)
    link, stop = f"https://ccm.example/s/{words}/", f"https://ccm.example/s/{words}/stop/"
    assert (sent.to, sent.subject) == ([ANN], f"Your call to {queue.site.name}")
    assert sent.from_email == f"{queue.site.name} <ccm@centre.example>"
    ((html, kind),) = sent.alternatives
    assert kind == "text/html"
    for text in (sent.body, html):
        assert link in text
        assert stop in text
        assert "on March 2, 2026. How was it?" in text
        assert "<time" not in text
    assert sent.extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    told = one()
    assert (told.state, told.handed_at, told.error) == ("handed", NOON, "")
    assert told.invitation.address_hash == addresses.address_hash(ANN)
    # It was kept for this.
    assert not CallAddress.objects.exists()
    assert sending.send_due(NOON) == 0
    assert len(mail.outbox) == 1


def test_words_of_a_rule_stand_in_place_of_the_usual_and_are_no_markup(queue):
    rule = a_rule(queue.site, by_mail=True, subject="How was it?", words="Dear <b>you</b>,\nsay.")
    letter = letters.example(rule, NOON, NOON + DAY)
    assert letter.subject == "How was it?"
    assert "Dear <b>you</b>,\nsay." in letter.text
    assert "Dear &lt;b&gt;you&lt;/b&gt;," in letter.html
    assert "Thank you for your call" not in letter.text + letter.html


def test_mails_go_in_the_hours_of_the_site_and_not_without_a_mail_server(settings):
    queue = a_queue(a_site(zone="Asia/Tokyo"))
    rule = a_rule(queue.site, by_mail=True, first_hour=9, last_hour=20)
    mailed(queue)
    services.draw(rule, NOON)
    assert sending.send_due(NOON) == 0  # 21:00 in Tokyo
    settings.MAIL_IS_SET = False
    morning = NOON + 13 * HOUR
    assert sending.send_due(morning) == 0
    assert (one().state, one().tries) == ("drawn", 0)
    settings.MAIL_IS_SET = True
    assert sending.send_due(morning) == 1


# Who is asked.


def test_a_call_waits_for_its_address_and_is_left_out_where_none_came(queue, rule):
    late, never = called(queue, "a"), called(queue, "b", 5)
    assert services.draw(rule, NOON) == 0
    assert not AskedCall.objects.exists()
    addresses.keep(queue.site, {late.pk: ANN}, NOON + DAY)
    assert services.draw(rule, NOON + DAY) == 1
    assert services.draw(rule, NINE + 47 * HOUR + 20 * MINUTE) == 0
    assert whys() == {late.pk: "", never.pk: "nowhere"}


def test_who_withholds_a_number_is_asked_by_mail_and_by_no_webhook(queue, rule):
    mailed(queue, caller="")
    assert services.draw(rule, NOON) == 1
    AskingRule.objects.update(by_mail=False)
    rule.refresh_from_db()
    called(queue, "", 10)
    assert services.draw(rule, NOON) == 0
    assert {*whys().values()} == {"", "withheld"}


def test_who_opted_out_is_told_as_that_whether_or_not_an_address_came(queue, rule):
    without, with_one = called(queue, "a"), mailed(queue, BOB, "b", 5)
    SurveyOptOut.objects.create(caller_hash=without.caller_hash, at=NINE)
    SurveyOptOut.objects.create(caller_hash=addresses.address_hash(BOB), at=NINE)
    assert services.draw(rule, NOON) == 0
    assert services.draw(rule, NINE + 47 * HOUR + 20 * MINUTE) == 0
    assert whys() == {without.pk: "never", with_one.pk: "never"}
    # Nothing of the address stays but that its hash said no.
    assert not CallAddress.objects.exists()
    assert tables_with(BOB) == set()


def test_one_address_rests_whatever_number_it_called_from(queue, rule):
    first = mailed(queue, caller="a")
    second, third = mailed(queue, caller="b", minutes=5), mailed(queue, BOB, "a", 10)
    assert services.draw(rule, NOON) == 1
    assert whys() == {first.pk: "", second.pk: "resting", third.pk: "resting"}
    # Of those left out nothing is kept.
    assert [*CallAddress.objects.values_list("call", flat=True)] == [first.pk]
    month = 60 * 24 * 31
    again = called(queue, "c", month)
    addresses.keep(queue.site, {again.pk: ANN}, NOON + 31 * DAY)
    assert services.draw(rule, NOON + 31 * DAY) == 1


def test_an_opt_out_holds_for_the_number_and_the_address_before_and_after_the_draw(queue, rule):
    first = mailed(queue)
    services.draw(rule, NOON)
    sending.send_due(NOON)
    words = services.words_of(first.pk)
    anybody = Client(REMOTE_ADDR="198.51.100.77", enforce_csrf_checks=True)
    with time_machine.travel(NOON + 20 * DAY, tick=False):  # long after the link was over
        page = anybody.get(f"/s/{words}/stop/")
        assert "Yes, ask me no more" in page.content.decode()
        assert page["Referrer-Policy"] == "no-referrer"
        assert not page.cookies
        assert not SurveyOptOut.objects.exists()  # a program that follows links does nothing
        said = {"List-Unsubscribe": "One-Click"}
        for _ in range(2):
            assert anybody.post(f"/s/{words}/stop/", said).status_code == 200
        assert anybody.get("/s/made-up/stop/").status_code == 404
    both = {first.caller_hash, addresses.address_hash(ANN)}
    assert {*SurveyOptOut.objects.values_list("caller_hash", flat=True)} == both
    other = mailed(queue, caller="z", minutes=60 * 24)
    assert services.draw(rule, NOON + DAY) == 0
    assert whys()[other.pk] == "never"
    # Who says no between the draw and the mail gets none.
    last = called(queue, "y", 60 * 24 + 5)
    addresses.keep(queue.site, {last.pk: BOB}, NOON + DAY)
    assert services.draw(rule, NOON + DAY) == 1
    SurveyOptOut.objects.create(caller_hash=addresses.address_hash(BOB), at=NOON)
    sending.send_due(NOON + DAY)
    assert whys()[last.pk] == "never"
    assert len(mail.outbox) == 1
    assert not CallAddress.objects.exists()


# Once.


class Killed(BaseException):
    pass


def test_who_is_killed_after_the_mail_sends_no_second_one_and_it_is_said(queue, rule, monkeypatch):
    mailed(queue)
    services.draw(rule, NOON)
    take = EmailBackend.send_messages

    def killed(self, messages):
        take(self, messages)
        raise Killed

    with monkeypatch.context() as there:
        there.setattr(EmailBackend, "send_messages", killed)
        with pytest.raises(Killed):
            sending.send_due(NOON)
    assert one().state == "going"
    for later in (MINUTE, 30 * MINUTE, HOUR, 2 * HOUR):
        sending.send_due(NOON + later)
    assert len(mail.outbox) == 1
    assert one().state == "failed"
    assert one().error == ("sending it was interrupted: not sent again, since it may have arrived")
    assert not CallAddress.objects.exists()
    told = reads.steps([rule], Span(NINE, NOON + DAY), NOON)[rule.pk]
    assert (told.drawn, told.waiting, told.failed, told.handed) == (1, 0, 1, 0)


def test_a_task_that_comes_twice_sends_once(queue, rule):
    mailed(queue)
    with time_machine.travel(NOON, tick=False):
        ask_callers()
        ask_callers()
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_while_a_mail_is_handed_over_another_worker_knows_and_sends_none(monkeypatch):
    queue = a_queue()
    rule = a_rule(queue.site, by_mail=True)
    mailed(queue)
    services.draw(rule, NOON)
    take, others = EmailBackend.send_messages, []

    def slowly(self, messages):
        # Committed before: another connection sees it, and waits for no lock.
        others.extend(elsewhere(lambda: others.append(one().state), lambda: sending.send_due(NOON)))
        return take(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", slowly)
    assert sending.send_due(NOON) == 1
    assert sorted(others) == ["done", "done", "going"]
    assert len(mail.outbox) == 1
    assert one().state == "handed"


@pytest.mark.parametrize(
    ("raised", "at", "again", "words"),
    [
        (ConnectionRefusedError(f"for {ANN}"), "open", True,
         "the mail server is not reached (ConnectionRefusedError)"),
        (smtplib.SMTPAuthenticationError(535, f"no {ANN}".encode()), "open", True,
         "the mail server is not reached (SMTPAuthenticationError 535)"),
        (smtplib.SMTPRecipientsRefused({ANN: (450, f"{ANN} is busy".encode())}), "send_messages",
         True, "the mail server refused it (450)"),
        (smtplib.SMTPRecipientsRefused({ANN: (550, f"no {ANN}".encode())}), "send_messages",
         False, "the mail server refused it (550)"),
        (smtplib.SMTPDataError(554, f"spam to {ANN}".encode()), "send_messages", False,
         "the mail server refused it (554)"),
        (TimeoutError(f"for {ANN}"), "send_messages", False,
         "the connection broke while it was handed over: not sent again, since it may have"
         " arrived"),
        (smtplib.SMTPServerDisconnected(ANN), "send_messages", False,
         "the connection broke while it was handed over: not sent again, since it may have"
         " arrived"),
        (ValueError(f"Invalid address; {ANN}"), "send_messages", False,
         "it could not be written (ValueError)"),
    ],
)  # fmt: skip
def test_only_what_was_surely_not_taken_is_sent_again_and_no_word_has_the_address(
    queue, rule, monkeypatch, caplog, raised, at, again, words
):
    caplog.set_level(logging.DEBUG)
    mailed(queue)
    services.draw(rule, NOON)
    refusing(monkeypatch, raised, at)
    assert sending.send_due(NOON) == 1
    told = one()
    assert (told.state, told.error) == ("drawn" if again else "failed", words)
    assert CallAddress.objects.exists() is again
    if again:
        assert told.due_at == NOON + MINUTE
    assert reads.troubles(rule) == [words]
    assert "ann.smith" not in caplog.text
    assert tables_with("ann.smith") == set()


def test_tries_come_later_each_time_and_end_after_a_day(queue, rule, monkeypatch):
    mailed(queue)
    services.draw(rule, NOON)
    asked = refusing(monkeypatch, smtplib.SMTPDataError(451, b""))
    waits, now = [], NOON
    while one().state == "drawn":
        sending.send_due(now)
        waits.append((one().due_at - now) // MINUTE)
        now = one().due_at
    assert waits[:7] == [1, 5, 15, 60, 180, 360, 720]
    assert (one().state, len(asked)) == ("failed", 8)
    assert not CallAddress.objects.exists()


def test_where_nobody_answers_the_others_are_not_tried_in_vain(queue, rule, monkeypatch):
    for number, caller in enumerate("abc"):
        mailed(queue, f"{caller}@example.org", caller, number)
    services.draw(rule, NOON)
    asked = refusing(monkeypatch, ConnectionRefusedError(), "open")
    assert sending.send_due(NOON) == 1
    assert len(asked) == 1
    assert sum(AskedCall.objects.values_list("tries", flat=True)) == 1


# The address.


def test_an_address_that_expired_or_whose_key_is_gone_leaves_its_caller_out_in_words(
    queue, rule, settings
):
    settings.ADDRESS_KEYS = ["one"]
    lost, gone = mailed(queue), mailed(queue, BOB, "b", 5)
    services.draw(rule, NOON)
    settings.ADDRESS_KEYS = ["two"]
    CallAddress.objects.filter(call=gone).update(kept_at=NOON - 3 * DAY, expires_at=NOON - HOUR)
    with time_machine.travel(NOON, tick=False):
        ask_callers()
        assert whys() == {lost.pk: "sealed", gone.pk: "expired"}
        assert not mail.outbox
        assert not CallAddress.objects.exists()
        client = Client()
        client.force_login(a_user("manager", queue.site))
        page = client.get(reverse("asking")).content.decode()
    assert "the mail address cannot be read: its key is gone 1" in page


def test_after_a_change_of_keys_what_waits_is_sent(queue, rule, settings):
    settings.ADDRESS_KEYS = ["one"]
    mailed(queue)
    services.draw(rule, NOON)
    settings.ADDRESS_KEYS = ["two", "one"]
    addresses.sweep(NOON)
    settings.ADDRESS_KEYS = ["two"]
    assert sending.send_due(NOON) == 1
    assert mail.outbox[0].to == [ANN]


def test_addresses_are_kept_of_calls_that_a_rule_by_mail_draws_and_of_no_others(queue):
    site = queue.site
    calls = [called(queue, "a", minutes) for minutes in range(40)]
    old = called(queue, "b", -60 * 24 * 6)
    every = {one.pk: ANN for one in (*calls, old)}
    assert addresses.keep(site, every, NOON) == 0  # nobody asks by mail
    rule = a_rule(site, by_mail=True, share="0.25", address_days=5)
    addresses.keep(site, every, NOON)
    kept = {*CallAddress.objects.values_list("call", flat=True)}
    assert kept == {one.pk for one in calls if services.is_drawn("seed", one.pk, 0.25)}
    assert 0 < len(kept) < 40
    assert {*CallAddress.objects.values_list("expires_at", flat=True)} == {NOON + 5 * DAY}
    # Switched off, nobody is asked: they go.
    assert wanted.let_go(NOON) == 0
    AskingRule.objects.filter(pk=rule.pk).update(is_on=False)
    assert [wanted.let_go(NOON), wanted.let_go(NOON)] == [len(kept), 0]


def test_no_address_is_kept_of_a_call_that_no_rule_draws_as_it_ended(queue):
    site, other = queue.site, a_queue(queue.site)
    rule = a_rule(site, queue, by_mail=True, since=NINE + 30 * MINUTE)
    kept = mailed(queue, minutes=40)
    mailed(queue, minutes=10)  # before the rule began
    mailed(queue, minutes=45, outcome="abandoned", ended_at=NOON)
    mailed(other, minutes=50)
    mailed(queue, minutes=55, direction="outbound")
    assert CallAddress.objects.get().call_id == kept.pk
    assert wanted.let_go(NOON) == 0
    # Of one under way nobody knows how it ends. Switched on again, the rule is of later calls.
    under_way = mailed(queue, minutes=60)
    Call.objects.filter(pk=under_way.pk).update(ended_at=None)
    AskingRule.objects.filter(pk=rule.pk).update(since=NOON)
    assert wanted.let_go(NOON) == 1
    assert CallAddress.objects.get().call_id == under_way.pk


def test_what_is_never_drawn_goes_after_three_days_and_what_waits_stays(queue, rule):
    waits = mailed(queue)
    services.draw(rule, NOON)
    other = mailed(queue, BOB, "b", 5)
    Call.objects.filter(pk=other.pk).update(ended_at=None)
    assert services.draw(rule, NOON) == 0
    assert wanted.let_go(NOON + 3 * DAY - MINUTE) == 0
    assert wanted.let_go(NOON + 3 * DAY) == 1
    assert CallAddress.objects.get().call_id == waits.pk != other.pk


def test_told_again_after_the_mail_an_address_is_not_kept_again(queue, rule):
    call = mailed(queue)
    services.draw(rule, NOON)
    sending.send_due(NOON)
    assert addresses.keep(queue.site, {call.pk: ANN}, NOON + HOUR) == 0


# Where it comes from.

HEADER = "No;When;Queue;Who;Talk;E-mail"
MAPPING = {
    "dialect": {"delimiter": ";"}, "rows": "calls", "answered_by": "agent", "zone": "UTC",
    "columns": [
        {"label": "No", "target": "external_id"},
        {"label": "When", "target": "moment", "spelling": "ymd"},
        {"label": "Queue", "target": "queue"},
        {"label": "Who", "target": "agent"},
        {"label": "Talk", "target": "talk", "unit": "s"},
        {"label": "E-mail", "target": "caller_email"},
    ],
}  # fmt: skip


def imported(site, *rows, **said):
    ImportProfile.objects.get_or_create(slug="ours", defaults={"name": "Ours", "mapping": MAPPING})
    data = "\n".join([HEADER, *rows]).encode()
    batch = run.start([("calls.csv", io.BytesIO(data))], form="ours", site=site, **said)
    return done(batch)


def done(batch):
    run.run(batch.job_id)
    batch.refresh_from_db()
    return batch


@time_machine.travel(NOON, tick=False)
def test_an_imported_address_is_sent_to_and_stands_nowhere_in_clear():
    site = a_site(zone="UTC")
    a_rule(site, by_mail=True)
    rows = (
        f"1;2026-03-02 09:00:00;Sales;Ann;60;{ANN}",
        f"2;2026-03-02 09:05:00;Sales;Ann;x;{BOB}",  # no length
        f"3;2026-03-02 09:06:00;Sales;Ann;60;{BOB};more",  # too many cells
        "4;2026-03-02 09:07:00;Sales;ann@own.example;60;cy.example.org",  # no address
        f"1;2026-03-02 09:00:00;Sales;Bob;60;{BOB}",  # contradicts the first
        "5;2026-03-02 09:09:00;Sales;me@own.example;x;",
    )
    batch = imported(site, *rows)
    assert (batch.stored, batch.rejected) == (2, 4)
    secret = ("ann.smith", "bob.jones", "cy.example")
    assert tables_with(*secret) == set()
    assert addresses.unseal(CallAddress.objects.get().sealed) == ANN
    assert batch.issues.filter(rule="address").count() == 1
    # Rejected rows go out to be corrected, without it.
    kept = batch.files.get()
    shape = Shape(kept.shape, kept.header, kept.delimiter)
    text = "".join(corrections.written(rejected.rows_of(kept), shape)).removeprefix("\ufeff")
    # Three rows, and of the one of too many cells what is said to be wrong.
    assert text.count("•••@•••") == 4
    assert "5;2026-03-02 09:09:00;Sales;me@own.example;x;" in text  # an agent's own name
    again = text.replace(";x;•••@•••", f";30;{BOB}")
    made = done(run.corrected(batch, [("rows.csv", io.BytesIO(again.encode()))]))
    assert (made.stored, made.rejected) == (1, 3)  # the others are as they were
    assert CallAddress.objects.count() == 2
    assert tables_with(*secret) == set()
    ask_callers()
    assert sorted(one.to[0] for one in mail.outbox) == [ANN, BOB]
    assert not CallAddress.objects.exists()
    assert tables_with(*secret) == set()
    # The same file again: the mail was sent, so nothing is kept.
    assert imported(site, *rows).stored == 0
    assert not CallAddress.objects.exists()
    assert not AuditEntry.objects.filter(after__icontains="example.org").exists()


@time_machine.travel(NOON, tick=False)
def test_an_address_that_stands_in_another_column_is_told_by_nothing_that_is_wrong_with_it():
    site = a_site(zone="UTC")
    a_rule(site, by_mail=True)
    rows = (
        f"1;not a time {ANN};Sales;Ann;60;{ANN}",
        f"2;2026-03-02 09:05:00;Sales;Ann;{BOB};{BOB}",
    )
    batch = imported(site, *rows)
    assert (batch.stored, batch.rejected) == (0, 2)
    values = set(batch.issues.values_list("value", flat=True))
    assert values == {"not a time •••@•••", "•••@•••"}
    assert tables_with("ann.smith", "bob.jones") == set()


@time_machine.travel(NOON, tick=False)
def test_of_calls_that_no_rule_would_ask_about_no_address_is_kept():
    """The rule is of Sales, and of calls that end from 9:30 on."""
    site = a_site(zone="UTC")
    rule = a_rule(site, by_mail=True)
    rule.queues.set([a_queue(site, "Sales")])
    AskingRule.objects.update(since=NOON - timedelta(hours=2, minutes=30))
    imported(
        site,
        f"1;2026-03-02 09:00:00;Sales;Ann;60;{ANN}",
        f"2;2026-03-02 09:40:00;Support;Ann;60;{ANN}",
        f"3;2026-03-02 09:40:00;Sales;;;{ANN}",  # nobody took it
        f"4;2026-03-02 09:40:00;Sales;Ann;60;{BOB}",
    )
    assert [addresses.unseal(one.sealed) for one in CallAddress.objects.all()] == [BOB]


@time_machine.travel(NOON, tick=False)
def test_a_try_keeps_no_address_and_what_is_taken_back_takes_it_along():
    site = a_site(zone="UTC")
    a_rule(site, by_mail=True)
    row = f"1;2026-03-02 09:00:00;Sales;Ann;60;{ANN}"
    imported(site, row, dry_run=True)
    assert not CallAddress.objects.exists()
    batch = imported(site, row)
    assert CallAddress.objects.count() == 1
    job = undo.start(batch)
    undo.run(job.pk)
    assert not Call.objects.exists()
    assert not CallAddress.objects.exists()


@time_machine.travel(NOON, tick=False)
def test_of_an_import_that_is_taken_back_no_mail_waits_and_imported_anew_it_does():
    site = a_site(zone="UTC")
    rule = a_rule(site, by_mail=True)
    rows = [
        f"{n};2026-03-02 09:0{n}:00;Sales;Ann;60;{who}" for n, who in enumerate((ANN, ANN, BOB))
    ]
    batch = imported(site, *rows)
    assert services.draw(rule, NOON) == 2
    # One may be with a webhook's receiver by now, and one was sent.
    first, second = AskedCall.objects.filter(state="drawn").order_by("pk")
    AskedCall.objects.filter(pk=first.pk).update(state="handed", handed_at=NOON)
    AskedCall.objects.filter(pk=second.pk).update(tries=1)
    undo.run(undo.start(batch).pk)
    assert [*AskedCall.objects.order_by("pk").values_list("pk", "state", "why")] == [
        (first.pk, "handed", ""), (second.pk, "left", "gone"),
    ]  # fmt: skip
    assert SurveyInvitation.objects.get(pk=second.invitation_id).withdrawn_at == NOON
    assert sending.send_due(NOON) == 0
    # Nobody was told of any of these: it is as if they had not been drawn.
    AskedCall.objects.all().delete()
    SurveyInvitation.objects.all().delete()
    batch = imported(site, *rows)
    assert services.draw(rule, NOON) == 2
    undo.run(undo.start(batch).pk)
    assert not AskedCall.objects.exists()
    assert not SurveyInvitation.objects.exists()
    assert reads.steps([rule], Span(NINE, NOON + DAY), NOON)[rule.pk] == reads.Steps()
    imported(site, *rows)
    assert services.draw(rule, NOON) == 2
    assert sending.send_due(NOON) == 2
    assert {to for one in mail.outbox for to in one.to} == {ANN, BOB}


def test_no_mail_goes_out_for_a_call_that_went_after_it_was_claimed(queue, rule, monkeypatch):
    mailed(queue)
    services.draw(rule, NOON)
    claim = sending._next

    def then_gone(rule, now):
        found = claim(rule, now)
        Call.objects.all().delete()
        return found

    monkeypatch.setattr(sending, "_next", then_gone)
    sending.send_due(NOON)
    assert not mail.outbox
    assert (one().state, one().why) == ("left", "gone")
    assert not CallAddress.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_a_call_that_is_just_taken_back_nobody_is_drawn():
    queue = a_queue()
    rule = a_rule(queue.site, by_mail=True)
    going, stays = mailed(queue), mailed(queue, BOB, "b", 5)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT FROM ccm_call WHERE id = %s FOR UPDATE", [going.pk])
        assert elsewhere(lambda: services.draw(rule, NOON)) == ["done"]
    assert whys() == {stays.pk: ""}
    assert SurveyInvitation.objects.get().call_id == stays.pk
    # It was not, after all.
    assert services.draw(rule, NOON) == 1


@pytest.mark.django_db(transaction=True)
def test_while_a_mail_is_handed_over_its_call_is_not_taken_back_and_may_be_written(monkeypatch):
    queue = a_queue()
    rule = a_rule(queue.site, by_mail=True)
    mailed(queue)
    services.draw(rule, NOON)
    take, others = EmailBackend.send_messages, []

    def remove():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '200ms'")
            cursor.execute("SELECT FROM ccm_call FOR UPDATE")

    def slowly(self, messages):
        others.extend(elsewhere(remove, lambda: Call.objects.update(wait_ms=1)))
        return take(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", slowly)
    assert sending.send_due(NOON) == 1
    refused, done = sorted(others, key=lambda one: one == "done")
    assert "lock timeout" in refused
    assert done == "done"
    assert one().state == "handed"
    remove()


@time_machine.travel(NOON, tick=False)
def test_a_posted_address_is_kept_sealed_alone_and_what_is_none_is_left_out():
    site = a_site(zone="UTC")
    a_rule(site, by_mail=True)
    _token, words = ApiToken.issue(
        name="crm", user=a_user("manager", site), site=site, source="crm",
        scopes=[ApiToken.WRITE_RECORD], expires_at=timezone.now() + DAY,
    )  # fmt: skip
    client = Client(headers={"authorization": f"Bearer {words}"})
    call = {
        "external_id": "c1", "queue": "Sales", "agent": "Ann", "outcome": "answered",
        "offered_at": "2026-03-02T09:00:00+00:00", "wait_seconds": 5, "talk_ms": 60_000,
    }  # fmt: skip
    said = {"calls": [call | {"caller_email": ANN}, call | {"external_id": "c2",
            "caller_email": "nobody.there"}]}  # fmt: skip
    for _ in range(2):
        answer = client.post(
            "/api/v1/calls/bulk", said, content_type="application/json",
            headers={"idempotency-key": "k"},
        )  # fmt: skip
        assert answer.status_code == 200
        assert answer.json()["rejected"] == 0
    assert addresses.unseal(CallAddress.objects.get().sealed) == ANN
    assert tables_with("ann.smith", "nobody.there") == set()
    assert (
        "ann.smith" not in client.get(f"/api/v1/calls/{Call.objects.first().pk}/").content.decode()
    )


# By step.


def test_begun_is_who_touched_an_answer_and_no_program_that_opens_the_page(queue, rule):
    calls = [mailed(queue, f"{who}@example.org", who, n) for n, who in enumerate("abcd")]
    services.draw(rule, NOON)
    sending.send_due(NOON)
    with time_machine.travel(NOON, tick=False):
        for number, call in enumerate(calls):
            path = f"/s/{services.words_of(call.pk)}/"
            caller = Client(REMOTE_ADDR=f"203.0.113.{number}")
            page = caller.get(path)  # as what looks at mails does
            assert b"js/survey.js" in page.content
            token = surveys.form_token(SurveyInvitation.objects.get(call=call))
            if number == 1:  # the script says that an answer was touched
                assert caller.post(path, {"begun": "1", "token": "x"}).status_code == 200
                assert caller.post(path, {"begun": "1", "token": token}).status_code == 204
            if number == 2:  # without a script: sent, and nothing answered
                assert caller.post(path, {"token": token}).status_code == 200
            if number == 3:
                caller.post(path, {"csat": "5", "token": token})
    told = reads.steps([rule], Span(NINE, NOON + DAY), NOON)[rule.pk]
    assert (told.drawn, told.handed, told.begun, told.answered) == (4, 4, 3, 1)
    assert SurveyInvitation.objects.filter(opened_at=NOON).count() == 4
    client = Client()
    client.force_login(a_user("manager", queue.site))
    with time_machine.travel(NOON, tick=False):
        said = " ".join(client.get(reverse("asking")).content.decode().split())
    assert "<b>3</b> begun<small>75.0 %</small>" in said
    assert "by mail" in said


# The pages.


def _letter_of(page):
    (shown,) = re.findall(r'srcdoc="([^"]*)"', page)
    return shown


def test_a_rule_by_mail_is_made_looked_at_and_changed(queue):
    site = queue.site
    client = Client()
    client.force_login(a_user("manager", site))
    url = f"{reverse('asking_new')}?site={site.slug}"
    said = {
        "name": "By mail", "questions": ["csat"], "percent": "50", "rest_days": 30,
        "first_hour": 9, "last_hour": 20, "is_on": "on", "webhook": "mail",
        "subject": "How was it?", "words": "Dear <b>caller</b>", "address_days": "10",
    }  # fmt: skip
    with time_machine.travel(NOON, tick=False):
        page = client.post(url, said | {"look": "1"}).content.decode()
        # The mail is shown as a page of its own, its plain text as text: no words make markup.
        assert "<p>Dear &lt;b&gt;caller&lt;/b&gt;</p>" in unescape(_letter_of(page))
        assert "Dear <b>" not in page
        assert "Dear &lt;b&gt;caller&lt;/b&gt;\n" in page
        assert "How was it?" in page
        assert not AskingRule.objects.exists()
        for wrong in ({"address_days": "31"}, {"address_days": "2"}, {"webhook": "999"}):
            answer = client.post(url, said | wrong)
            assert list(answer.context["form"].errors) == list(wrong)
        client.post(url, said)
        rule = AskingRule.objects.get()
        assert (rule.by_mail, rule.webhook, rule.address_days) == (True, None, 10)
        mailed(queue)
        page = client.get(reverse("asking_rule", args=[rule.pk])).content.decode()
        assert "1 address of the site is kept enciphered" in page or "No address is kept" in page
        assert "Links to take along" not in page
        client.post(reverse("asking_hand", args=[rule.pk]))
        hook = a_webhook(site)
        client.post(
            reverse("asking_rule", args=[rule.pk]), said | {"webhook": hook.pk, "revision": 0}
        )
    rule.refresh_from_db()
    assert (rule.by_mail, rule.webhook) == (False, hook)
    with pytest.raises(IntegrityError), transaction.atomic():
        AskingRule.objects.update(by_mail=True)
    assert handing.is_open(rule, NOON)
