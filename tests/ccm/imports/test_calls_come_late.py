"""Calls that come late, or come back, find what was told of them before."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from ccm import notes, surveys
from ccm.imports import run, undo
from ccm.imports.storing import links
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Target
from ccm.models import Call, DirtyDay, ImportBatch, Job, Sale, SurveyInvitation, SurveyResponse
from tests.builders import NINE, a_chunk, a_record, a_site, a_user

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
LOG = {"outcome": "answered", "answered_at": NINE, "ended_at": NINE + MINUTE, "agent": "Ann"}


def an_import(site, *records, surveys=()):
    """Written by an import of its own, of calls (of source `t`) or answers (`s`)."""
    job = Job.objects.create(kind="import", state=Job.State.DONE)
    source = "s" if surveys else "t"
    batch = ImportBatch.objects.create(job=job, site=site, format="x", source=source)
    fates = store(a_chunk(*records, surveys=surveys), Target(site, source, batch.pk))
    batch.stored, batch.updated, batch.duplicate = fates.stored, fates.updated, fates.duplicate
    batch.read = batch.stored + batch.updated + batch.duplicate
    batch.save()
    return batch


def a_sale(site, ref="c1", **more):
    return Sale.objects.create(
        site=site, call_ref=ref, value=Decimal(100), currency="EUR", **{"reference": "r1"} | more
    )


def an_answer(**said):
    return {
        "line": 1, "lines": 1, "external_id": "a1", "birth_ms": 1_772_442_600_000,
        "kind": "csat", "scale_min": 1, "scale_max": 5, "score": 4.0, "call_ref": "c1",
        "answered_at": NINE + timedelta(days=1),
    } | said  # fmt: skip


def taken_back(batch):
    undo.run(undo.start(batch).pk)
    batch.refresh_from_db()
    assert batch.undone_at


def marked():
    return {
        (mark.queue and mark.queue.name, mark.day.isoformat()) for mark in DirtyDay.objects.all()
    }


def test_a_sale_that_is_read_first_finds_its_call():
    site, other = a_site(), a_site()
    sale, unlike, elsewhere = a_sale(site), a_sale(site, "c2", reference="r2"), a_sale(other)
    an_import(site, a_record(**LOG))
    for one in (sale, unlike, elsewhere):
        one.refresh_from_db()
    assert sale.call == Call.objects.get()
    assert (unlike.call_id, elsewhere.call_id) == (None, None)


def test_a_sale_is_of_the_last_visit_that_an_agent_answered():
    site = a_site()
    sale = a_sale(site, "k1")
    visits = [
        a_record(NINE + n * MINUTE, external_id=f"v{n}", linked_id="k1", outcome="answered",
                 answered_at=NINE + n * MINUTE, agent=agent)
        for n, agent in enumerate([None, "Ann", None])
    ]  # fmt: skip
    an_import(site, *visits)
    sale.refresh_from_db()
    assert sale.call.external_id == "v1"


def test_a_sale_lets_go_of_a_call_that_goes_and_finds_it_when_it_comes_back():
    site = a_site()
    batch = an_import(site, a_record(**LOG))
    sale = a_sale(site, call=Call.objects.get())
    taken_back(batch)
    sale.refresh_from_db()
    assert sale.call_id is None
    an_import(site, a_record(**LOG))
    sale.refresh_from_db()
    assert sale.call == Call.objects.get()


def test_an_answer_that_is_read_first_finds_its_call_and_leaves_its_day():
    site = a_site()
    an_import(site, surveys=[an_answer()])
    answer = SurveyResponse.objects.get()
    assert (answer.call_id, answer.agent_id, answer.call_ref) == (None, None, "c1")
    DirtyDay.objects.all().delete()
    batch = an_import(site, a_record(**LOG))
    answer.refresh_from_db()
    call = Call.objects.get()
    assert (answer.call, answer.agent) == (call, call.agent)
    assert marked() == {("Sales", "2026-03-02"), (None, "2026-03-03")}
    DirtyDay.objects.all().delete()
    taken_back(batch)
    answer.refresh_from_db()
    assert (answer.call_id, answer.agent_id) == (None, None)
    assert (None, "2026-03-03") in marked()


def test_an_answer_given_too_long_after_a_call_is_of_none():
    site = a_site()
    an_import(site, surveys=[an_answer(answered_at=NINE + timedelta(days=9))])
    an_import(site, a_record(**LOG))
    assert SurveyResponse.objects.get().call_id is None


def test_an_answer_read_first_does_not_keep_either_import_from_being_taken_back():
    site = a_site()
    answers = an_import(site, surveys=[an_answer()])
    calls = an_import(site, a_record(**LOG))
    assert undo.blockers(answers) == []
    assert undo.blockers(calls) == []
    taken_back(answers)
    assert not SurveyResponse.objects.exists()
    taken_back(calls)
    assert not Call.objects.exists()


def test_an_answer_that_returns_to_what_it_was_has_its_call_all_the_same():
    site = a_site()
    an_import(site, surveys=[an_answer()])
    better = an_import(site, surveys=[an_answer(score=5.0)])
    an_import(site, a_record(**LOG))
    taken_back(better)
    answer = SurveyResponse.objects.get()
    assert (answer.score, answer.call) == (4.0, Call.objects.get())


def test_what_a_caller_answered_by_a_link_of_ours_finds_the_very_visit_again():
    site = a_site()
    visits = [
        a_record(NINE + n * MINUTE, **LOG | {"answered_at": NINE + n * MINUTE, "ended_at": None},
                 external_id=f"v{n}", linked_id="k1")
        for n in range(2)
    ]  # fmt: skip
    batch = an_import(site, *visits)
    first = Call.objects.get(external_id="v0")
    at = NINE + timedelta(days=20)
    invitation = SurveyInvitation.objects.create(
        hash="x", call=first, site=site, questions=["csat"], expires_at=at + MINUTE
    )
    assert surveys.answer(invitation, {"csat": 5}, "", at)
    taken_back(batch)
    answer = SurveyResponse.objects.get()
    assert (answer.call_id, answer.agent_id) == (None, None)
    an_import(site, *visits)
    answer.refresh_from_db()
    assert (answer.call, answer.agent_id) == (first, Call.objects.get(pk=first.pk).agent_id)


def test_what_notes_say_of_a_call_stands_when_it_comes_back():
    site = a_site()
    author = a_user("supervisor", site)
    record = a_record(**LOG, topic="Bill", resolved=True)
    batch = an_import(site, record, a_record(external_id="c2", topic="Bill"))
    call = Call.objects.get(external_id="c1")
    for n, said in enumerate(
        [{"topic": "Move", "resolved": False}, {"topic": None}, {"disposition": "Lost"}]
    ):
        notes.write(call, author, said, NINE + n * MINUTE)
    taken_back(batch)
    an_import(site, record, a_record(external_id="c2", topic="Bill"))
    back = Call.objects.get(pk=call.pk)
    # The second note gave the topic back to the log.
    assert (back.topic.name, back.resolved, back.disposition.name) == ("Bill", False, "Lost")
    assert back.noted == ["disposition_id", "resolved"]
    other = Call.objects.get(external_id="c2")
    assert (other.topic.name, other.noted) == ("Bill", None)
    # And the log read once more changes nothing.
    fates = store(a_chunk(record), Target(site, "t"))
    assert (fates.updated, fates.duplicate) == (0, 1)


def test_a_list_of_sales_read_before_the_log_is_linked_by_the_import():
    site = a_site()
    sale = a_sale(site)
    log = (
        b"1772442000|c1|Sales|NONE|ENTERQUEUE||5550123|1\n1772442009|c1|Sales|NONE|ABANDON|1|1|9\n"
    )
    batch = run.start([("queue_log", io.BytesIO(log))], form="asterisk_queue_log", site=site)
    run.run(batch.job_id)
    sale.refresh_from_db()
    assert sale.call == Call.objects.get()


@pytest.mark.parametrize(
    ("table", "index"),
    [(links.SALES, "sale_waits_for_call"), (links.ANSWERS, "survey_waits_for_call")],
)
def test_that_nothing_waits_is_told_by_an_index(table, index):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT FROM {table} WHERE {links._WAITS}", {"site": 1})
        assert index in str(cursor.fetchall())
