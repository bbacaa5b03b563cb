"""Nobody waits long for an import, a dry run or a taking back; and none of them misses another."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse

from ccm import jobs
from ccm.dirty import mark_days
from ccm.imports import run, undo
from ccm.imports.storing import links, load, locks
from ccm.models import Agent, Call, DirtyDay, ImportBatch, Job, Queue, Site, SurveyResponse, Topic
from ccm.naming import services as naming
from tests.builders import NINE, a_queue, a_record, a_site, a_user, an_agent, stored

pytestmark = pytest.mark.django_db(transaction=True)

LOG = b"1772442000|c1|Sales|NONE|ENTERQUEUE||5550123|1\n1772442009|c1|Sales|Ann|CONNECT|9|c1.1|3\n"
LONG = 20


@contextmanager
def meanwhile(work: Callable[[], Any], reached: threading.Event) -> Iterator[list[Any]]:
    """Do some work in a thread; the block begins when the work has `reached` its point."""
    results: list[Any] = []

    def do() -> None:
        try:
            results.append(work())
        finally:
            reached.set()
            connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    try:
        assert reached.wait(LONG)
        yield results
    finally:
        thread.join(LONG)
    assert not thread.is_alive()


@contextmanager
def holding(take: Callable[[Any], None]) -> Iterator[None]:
    """Another transaction has taken something and goes on."""
    reached, over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            take(cursor)
            reached.set()
            over.wait(LONG)

    with meanwhile(hold, reached):
        try:
            yield
        finally:
            over.set()


@contextmanager
def a_dry_run(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImportBatch]:
    """A dry run that has written all it writes, and not taken it back yet."""
    batch = run.start([("q", BytesIO(LOG))], form="asterisk_queue_log", site=site, dry_run=True)
    reached, over = threading.Event(), threading.Event()
    asked = jobs.stop_if_asked

    def wait(job: Job) -> None:
        if connection.in_atomic_block:
            reached.set()
            over.wait(LONG)
        asked(job)

    monkeypatch.setattr(jobs, "stop_if_asked", wait)
    with meanwhile(lambda: run.run(batch.job_id), reached):
        try:
            yield batch
        finally:
            over.set()


def impatient() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")


def test_nobody_waits_for_the_end_of_a_dry_run(monkeypatch):
    site = a_site()
    sales, verkauf = a_queue(site, "Sales"), a_queue(site, "Verkauf")
    bill, bil = (Topic.objects.create(name=name) for name in ("Bill", "Bil"))
    agents = an_agent(site), an_agent(site)
    impatient()
    with a_dry_run(site, monkeypatch) as batch:
        naming.merge(naming.QUEUES, verkauf, sales)
        naming.merge(naming.TOPICS, bil, bill)
        naming.merge(naming.AGENTS, *agents)
        # The live process marks the same days, and an import makes the same names.
        with transaction.atomic(), connection.cursor() as cursor:
            mark_days(cursor, site, {(sales.pk, NINE.date()), (None, NINE.date())})
        stored(site, a_record(queue="Sales", outcome="answered", answered_at=NINE, agent="Ann"))
        jobs.ask_to_stop(batch.job)
    batch.refresh_from_db()
    assert batch.job.state == Job.State.CANCELLED
    assert Call.objects.get().source == "test"


def test_a_dry_run_of_a_log_of_new_months_makes_these_before_it_locks_anything(monkeypatch):
    site = a_site()
    log = LOG.replace(b"17724420", b"12000000")  # January 2008
    monkeypatch.setitem(globals(), "LOG", log)
    impatient()
    with a_dry_run(site, monkeypatch) as batch:
        Queue.objects.create(site=site, name="Sales")
        Agent.objects.create(site=site, name="Ann")
    batch.refresh_from_db()
    assert (batch.job.state, batch.read, batch.stored) == (Job.State.DONE, 2, 2)
    assert not Call.objects.exists()
    assert not DirtyDay.objects.exists()


def test_a_dry_run_counts_what_the_import_then_does_and_leaves_no_name():
    site = a_site()
    tried = run.start([("q", BytesIO(LOG))], form="asterisk_queue_log", site=site, dry_run=True)
    run.run(tried.job_id)
    tried.refresh_from_db()
    assert (tried.read, tried.stored, tried.rejected) == (2, 2, 0)
    assert [(day.queue, day.made) for day in tried.days.all()] == [("Sales", 1)]
    assert not Queue.objects.exists()
    assert not Agent.objects.exists()
    done = run.start([("q", BytesIO(LOG))], form="asterisk_queue_log", site=site)
    run.run(done.job_id)
    again = run.start([("q", BytesIO(LOG))], form="asterisk_queue_log", site=site, dry_run=True)
    run.run(again.job_id)
    again.refresh_from_db()
    assert (again.read, again.duplicate) == (2, 2)


def test_a_merge_gives_up_in_words_where_an_import_is_not_done_soon(client, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 1)
    site = a_site()
    sales, verkauf = a_queue(site, "Sales"), a_queue(site, "Verkauf")
    client.force_login(a_user("admin"))
    with holding(locks.hold_names):
        url = reverse("name_merge", args=["queues", verkauf.pk])
        page = client.post(url, {"merge-keeper": sales.pk})
    assert page.status_code == 200
    assert "Calls are being written just now: try again in a minute." in page.content.decode()
    assert not Job.objects.exists()


def an_import(site: Site) -> ImportBatch:
    batch = run.start([("q", BytesIO(LOG))], form="asterisk_queue_log", site=site)
    run.run(batch.job_id)
    return batch


@pytest.mark.parametrize("take", ["names", "source"])
def test_a_taking_back_gives_up_in_words_where_an_import_is_not_done_soon(
    take, client, monkeypatch
):
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 1)
    site = a_site()
    batch = an_import(site)
    source = f"asterisk_queue_log@{site.slug}"
    client.force_login(a_user("admin"))
    taken = (
        locks.hold_names if take == "names" else lambda cursor: locks.hold_source(cursor, source)
    )
    with holding(taken):
        page = client.post(reverse("import_undo", args=[batch.pk]))
    assert page.status_code == 409
    assert "Calls are being written just now" in page.content.decode()


def test_a_taking_back_and_a_merge_do_not_miss_each_other(monkeypatch):
    site = a_site()
    batch = an_import(site)
    other = a_queue(site, "Verkauf")
    reached, over = threading.Event(), threading.Event()
    moving = naming.moving

    def slowly(*args: Any) -> Job:
        job = moving(*args)
        reached.set()
        over.wait(1)  # the job is made, and nobody can see it yet
        return job

    monkeypatch.setattr(naming, "moving", slowly)
    merge = lambda: naming.merge(naming.QUEUES, other, Queue.objects.get(name="Sales"))  # noqa: E731
    with meanwhile(merge, reached), pytest.raises(undo.Blocked, match="moved to other names"):
        undo.start(batch)


def test_a_move_that_failed_is_not_taken_up_while_an_import_is_taken_back(client):
    site = a_site()
    batch = an_import(site)
    job = naming.merge(naming.QUEUES, a_queue(site, "Verkauf"), Queue.objects.get(name="Sales"))
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED)
    undo.start(batch)
    client.force_login(a_user("admin"))
    page = client.post(reverse("names_again", args=[job.pk]), follow=True)
    assert "An import is being taken back" in page.content.decode()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED


def test_answers_and_their_calls_that_are_read_at_once_find_each_other(monkeypatch):
    site = a_site()
    file = b"date,call id,kind,score,scale\n2026-03-02 10:00,c1,csat,4,1-5\n"
    answers = run.start([("a.csv", BytesIO(file))], form="survey_answers", site=site)
    calls = run.start([("q", BytesIO(LOG))], form="asterisk_queue_log", site=site)
    reached = threading.Event()

    def slowly(*args: Any) -> None:
        links.link_waiting(*args)
        reached.set()
        time.sleep(1)  # it has looked for answers, and nobody can see the call yet

    monkeypatch.setattr(load, "link_waiting", slowly)
    with meanwhile(lambda: run.run(calls.job_id), reached):
        run.run(answers.job_id)
    assert SurveyResponse.objects.get().call == Call.objects.get()
