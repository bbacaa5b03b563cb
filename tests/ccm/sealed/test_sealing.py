"""The audit log is sealed in order, and whatever is done to it afterwards is found."""

import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from ccm.models import AuditCheck, AuditEntry, AuditSeal, AuditWaiting
from ccm.sealed import sealing, verifying
from tests.builders import NINE

pytestmark = pytest.mark.django_db
LATER = NINE + timedelta(minutes=11)


def entries(*words, at=NINE):
    return [
        AuditEntry.objects.create(
            at=at, action="changed", model="ccm.site", object_id="1", before={"a": 1.50, "é": None},
            after={"a": word}, names={}, why=word,
        )
        for word in words
    ]  # fmt: skip


def sealed(*words):
    made = entries(*words)
    sealing.seal_waiting(NINE)
    return made


@contextmanager
def as_owner():
    """Whoever owns the tables can do anything to them."""
    with connection.cursor() as cursor:
        for table in ("ccm_auditentry", "ccm_auditseal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in ("ccm_auditentry", "ccm_auditseal"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def faults(**more):
    return [(one.entry, one.place, one.what) for one in verifying.verify(LATER, **more).faults]


def test_what_waits_is_sealed_once_and_in_order():
    made = entries("one", "two", "three")
    assert sealing.seal_waiting(NINE) == 3
    assert sealing.seal_waiting(NINE) == 0
    seals = AuditSeal.objects.order_by("place")
    assert [(one.place, one.entry) for one in seals] == [
        (place, entry.pk) for place, entry in enumerate(made, 1)
    ]
    assert not AuditWaiting.objects.exists()
    found = verifying.verify(LATER)
    assert (found.entries, found.seals, found.waiting, found.wrong) == (3, 3, 0, 0)
    assert found.head == bytes(seals[2].hash).hex()


def test_what_waits_a_second_time_keeps_nothing_else_from_being_sealed():
    [first] = sealed("one")
    AuditWaiting.objects.create(entry=first.pk)
    [second] = entries("two")
    assert sealing.seal_waiting(NINE) == 1
    assert [one.entry for one in AuditSeal.objects.order_by("place")] == [first.pk, second.pk]


def test_sql_alone_tells_the_same_hash():
    """As docs/audit.md has it, for who verifies without the program."""
    sealed("one")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT encode(sha256(decode(repeat('00', 32), 'hex') || convert_to(
                '1 2026-03-02T09:00:00.000000Z' || chr(10) || jsonb_build_array(
                    id, '2026-03-02T09:00:00.000000Z', who_id, action, model, object_id, before,
                    after, names, why)::text, 'UTF8')), 'hex')
            FROM ccm_auditentry
            """
        )
        [(by_sql,)] = cursor.fetchall()
    assert verifying.verify(LATER).head == by_sql


def test_pieces_go_on_from_one_another(monkeypatch):
    monkeypatch.setattr(sealing, "PIECE", 2)
    entries("one", "two", "three", "four", "five")
    assert sealing.seal_waiting(NINE, pieces=1) == 2
    assert sealing.seal_waiting(NINE) == 3
    assert faults() == []


def test_a_session_of_another_zone_verifies_the_same():
    sealed("one")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'Asia/Kathmandu'")
    assert faults() == []


CHANGED = "changed, or out of order: this is not what was sealed here"


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        ("UPDATE ccm_auditentry SET why = 'x' WHERE id = {two}", ["{two}", 2, CHANGED]),
        ("UPDATE ccm_auditentry SET who_id = 7 WHERE id = {two}", ["{two}", 2, CHANGED]),
        ("UPDATE ccm_auditentry SET after = '{{}}' WHERE id = {two}", ["{two}", 2, CHANGED]),
        (
            "UPDATE ccm_auditentry SET at = at + interval '1 microsecond' WHERE id = {two}",
            ["{two}", 2, CHANGED],
        ),
        ("DELETE FROM ccm_auditentry WHERE id = {two}", ["{two}", 2, "the entry is missing"]),
        (
            "UPDATE ccm_auditseal SET sealed_at = sealed_at + interval '1 s' WHERE place = 2",
            ["{two}", 2, CHANGED],
        ),
    ],
)
def test_what_was_changed_is_found_once_with_its_entry(tamper, expected):
    _one, two, _three = sealed("one", "two", "three")
    with as_owner() as cursor:
        cursor.execute(tamper.format(two=two.pk))
    assert faults() == [(two.pk, *expected[1:])]


def test_an_entry_that_is_taken_with_its_seal_leaves_a_gap_and_is_missed():
    _one, two, three = sealed("one", "two", "three")
    with as_owner() as cursor:
        cursor.execute("DELETE FROM ccm_auditentry WHERE id = %s", [two.pk])
        cursor.execute("DELETE FROM ccm_auditseal WHERE place = 2")
    # The third was sealed upon the second.
    assert faults() == [(None, 3, "seals 2 to 2 are missing"), (three.pk, 3, CHANGED)]


def test_entries_that_change_places_are_found():
    one, two = sealed("one", "two")
    with as_owner() as cursor:
        cursor.execute("UPDATE ccm_auditseal SET entry = -1 WHERE place = 1")
        cursor.execute("UPDATE ccm_auditseal SET entry = %s WHERE place = 2", [one.pk])
        cursor.execute("UPDATE ccm_auditseal SET entry = %s WHERE place = 1", [two.pk])
    assert faults() == [(two.pk, 1, CHANGED), (one.pk, 2, CHANGED)]


def test_the_newest_taken_away_are_missed_by_who_kept_the_head():
    _one, two = sealed("one", "two")
    head = verifying.verify(LATER).head
    with as_owner() as cursor:
        cursor.execute("DELETE FROM ccm_auditentry WHERE id = %s", [two.pk])
        cursor.execute("DELETE FROM ccm_auditseal WHERE place = 2")
    assert faults() == []
    assert faults(head=head) == [
        (None, None, f"no seal has the hash {head}: newer entries were taken away")
    ]
    sealed("three")
    assert len(faults(head=head)) == 1


def test_a_head_of_before_is_in_the_chain_still():
    sealed("one")
    head = verifying.verify(LATER).head
    sealed("two")
    assert faults(head=head) == []


def test_what_is_taken_before_it_is_sealed_is_missed():
    [one] = entries("one")
    with as_owner() as cursor:
        cursor.execute("DELETE FROM ccm_auditentry")
    assert faults() == [(one.pk, None, "removed before it was sealed")]
    sealing.seal_waiting(NINE)
    assert faults() == [(one.pk, None, "removed before it was sealed")]


def test_what_waits_too_long_and_what_no_longer_waits_is_told():
    one, two = entries("one", "two")
    AuditWaiting.objects.filter(pk=two.pk).delete()
    AuditWaiting.objects.update(since=NINE)
    assert faults() == [
        (one.pk, None, "waits to be sealed for more than ten minutes"),
        (two.pk, None, "neither sealed nor waiting to be"),
    ]
    assert verifying.verify(NINE).wrong == 1  # what has just come may wait


def test_what_tells_of_long_ago_waits_since_it_came():
    before = timezone.now()
    entries("one", at=NINE - timedelta(days=9))
    state = verifying.state()
    assert (state.waiting, state.oldest >= before - timedelta(seconds=5)) == (1, True)
    assert not state.is_late(before + timedelta(minutes=9))
    assert state.is_late(timezone.now() + timedelta(minutes=11))


@pytest.mark.parametrize(
    "emptied",
    [
        "ccm_auditentry", "ccm_auditentry CASCADE", "ccm_auditseal", "ccm_auditwaiting",
        "ccm_auditanchor",
    ],
)  # fmt: skip
def test_the_program_itself_empties_nothing_of_the_log_by_one_statement(emptied):
    sealed("one")
    entries("two")
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        connection.cursor().execute(f"TRUNCATE {emptied}")
    assert refused.value.__cause__.pgcode == "42501"  # insufficient_privilege
    assert (AuditEntry.objects.count(), AuditSeal.objects.count()) == (2, 1)
    assert AuditWaiting.objects.count() == 1


def test_whoever_has_no_key_cannot_make_a_seal_again(settings):
    settings.AUDIT_KEYS = ["k" * 40]
    [one] = sealed("one")
    assert faults() == []
    settings.AUDIT_KEYS = []
    assert [place for _entry, place, _what in faults()] == [1]
    settings.AUDIT_KEYS = ["other" * 10]
    assert [place for _entry, place, _what in faults()] == [1]
    # As somebody would who has the database alone.
    settings.AUDIT_KEYS = []
    with as_owner() as cursor:
        cursor.execute("UPDATE ccm_auditentry SET why = 'forged'")
        cursor.execute("DELETE FROM ccm_auditseal")
    AuditWaiting.objects.create(entry=one.pk)
    sealing.seal_waiting(NINE)
    assert faults() == []
    settings.AUDIT_KEYS = ["k" * 40]
    assert faults() == [(one.pk, 1, "sealed without the key (see CCM_AUDIT_KEYED_FROM)")]


def test_a_key_that_came_later_and_one_that_is_followed_by_another(settings):
    sealed("one")
    settings.AUDIT_KEYS, settings.AUDIT_KEYED_FROM = ["k" * 40], 2
    sealed("two")
    settings.AUDIT_KEYS = ["l" * 40, "k" * 40]
    sealed("three")
    found = verifying.verify(LATER)
    assert (found.wrong, found.plain, found.seals) == (0, 1, 3)
    assert len({one.key for one in AuditSeal.objects.all()}) == 3


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_with_a_smaller_id_is_sealed_all_the_same():
    inserted, go_on = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            entries("late")
            inserted.set()
            go_on.wait(10)
        connection.close()

    other = threading.Thread(target=late)
    other.start()
    inserted.wait(10)
    entries("early")
    assert sealing.seal_waiting(NINE) == 1
    go_on.set()
    other.join()
    assert sealing.seal_waiting(NINE) == 1
    assert faults() == []
    order = [one.entry for one in AuditSeal.objects.order_by("place")]
    assert order == sorted(order, reverse=True)


@pytest.mark.django_db(transaction=True)
def test_two_that_seal_at_once_leave_one_chain(monkeypatch):
    monkeypatch.setattr(sealing, "PIECE", 3)
    entries(*[f"{n}" for n in range(20)])
    done = []

    def seal():
        done.append(sealing.seal_waiting(NINE))
        connection.close()

    both = [threading.Thread(target=seal) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    sealing.seal_waiting(NINE)
    assert faults() == []
    assert AuditSeal.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_no_writer_waits_for_who_seals():
    """The lock that sealing holds is none that adding an entry asks for."""
    entries("one")
    holds, go_on = threading.Event(), threading.Event()

    def seal():
        with transaction.atomic():
            sealing._seal_piece(NINE)
            holds.set()
            go_on.wait(10)
        connection.close()

    other = threading.Thread(target=seal)
    other.start()
    holds.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
        entries("two")
        cursor.execute("RESET lock_timeout")
    go_on.set()
    other.join()
    sealing.seal_waiting(NINE)
    assert faults() == []


def run(**options):
    out = StringIO()
    code = 0
    try:
        call_command("verify", audit=True, stdout=out, **options)
    except CommandError as some:
        code = some.returncode
        out.write(str(some))
    return code, out.getvalue()


def test_the_command_tells_what_there_is_and_ends_with_0():
    sealed("one", "two")
    head = verifying.verify(LATER).head
    code, said = run()
    assert code == 0
    assert said.splitlines() == [
        "2 entries, 2 seals, 0 wait for theirs.",
        "2 of the seals are without a key: whoever may write to the database could have made them"
        " again.",
        f"Head: {head}",
    ]
    assert run(head=head.upper())[0] == 0


def test_the_command_tells_the_first_fault_and_ends_with_1():
    one, _two = sealed("one", "two")
    with as_owner() as cursor:
        cursor.execute("UPDATE ccm_auditentry SET why = 'x' WHERE id = %s", [one.pk])
    code, said = run()
    assert code == 1
    assert said.splitlines()[0] == f"entry {one.pk}, seal 1: {CHANGED}"
    assert said.endswith("1 fault")
    code, said = run(json=True)
    told = json.loads(said.removesuffix("1 fault"))
    assert (code, told["faults"], told["first_faults"][0]["entry"]) == (1, 1, one.pk)


@pytest.mark.parametrize("options", [{"head": "zz"}, {"site": "Leeds"}])
def test_what_makes_no_sense_ends_with_2(options):
    assert run(**options)[0] == 2


def test_a_head_without_the_log_is_refused():
    with pytest.raises(CommandError) as some:
        call_command("verify", head=sha256().hexdigest())
    assert some.value.returncode == 2


def test_the_log_of_each_sealing_tells_the_head(caplog):
    with caplog.at_level("INFO", logger="ccm.sealed"):
        sealed("one")
    head = verifying.verify(LATER).head
    assert any(head in str(record.msg) for record in caplog.records)


def test_a_check_is_kept_and_the_state_tells_what_is_late():
    [one] = sealed("one")
    kept = verifying.check(LATER)
    assert (kept.seals, kept.faults, kept.first_fault) == (1, 0, "")
    entries("two")
    AuditWaiting.objects.update(since=NINE)
    state = verifying.state()
    assert (state.last.entry, state.waiting, state.oldest) == (one.pk, 1, NINE)
    assert state.checked == AuditCheck.objects.get()
    assert not state.is_late(NINE)
    assert state.is_late(LATER)
