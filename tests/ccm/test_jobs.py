"""Long work: done once however often it is delivered, found again when its worker died."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.utils import timezone

from ccm import jobs, tasks, work
from ccm.imports import run
from ccm.models import Call, Job
from tests.builders import a_site
from tests.logs import DATA

# Locks are the sessions' own: what another process holds, another connection must hold.
pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = timedelta(minutes=5)


def a_job(state: str = Job.State.QUEUED, ago: timedelta = timedelta(), **said: object) -> Job:
    job = Job.objects.create(kind=run.KIND, state=state, **said)
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - ago)
    return job


@contextmanager
def at_work_elsewhere(job: Job) -> Iterator[None]:
    """Another process runs the job while the block lasts."""
    begun, over = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with jobs.running(job.pk):
                begun.set()
                over.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(20)
    try:
        yield
    finally:
        over.set()
        thread.join()


def ends(job: Job, block: Callable[[Job], object]) -> Job:
    """The job after a turn that did `block`."""
    with jobs.running(job.pk) as mine:
        assert mine is not None
        block(mine)
    job.refresh_from_db()
    return job


def raising(error: Exception) -> Callable[[Job], None]:
    def block(_job: Job) -> None:
        raise error

    return block


def test_a_job_delivered_twice_is_done_by_one() -> None:
    job = a_job()
    with at_work_elsewhere(job), jobs.running(job.pk) as mine:
        assert mine is None
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 1)
    with jobs.running(job.pk) as mine:
        assert mine is None, "it is over"


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (jobs.Refused("no header"), Job.State.FAILED, "no header"),
        (jobs.Cancelled(), Job.State.CANCELLED, ""),
        (SoftTimeLimitExceeded(), Job.State.FAILED, "It took longer than a task may."),
    ],
)
def test_what_a_job_ends_with(error: Exception, state: str, words: str) -> None:
    job = ends(a_job(), raising(error))
    assert (job.state, job.words) == (state, words)
    assert job.finished_at is not None


def test_a_fault_of_ours_fails_the_job_and_is_told() -> None:
    job = a_job()
    with pytest.raises(ZeroDivisionError):
        ends(job, raising(ZeroDivisionError()))
    job.refresh_from_db()
    assert (job.state, job.words) == (
        Job.State.FAILED,
        "It stopped on an error of ours; the log has it.",
    )


def test_a_turn_past_its_time_waits_for_the_next_and_has_lost_no_attempt() -> None:
    def half(job: Job) -> None:
        job.total = 10
        jobs.beat(job, 5, "half of it", until=0.0)

    job = ends(a_job(attempts=7), half)
    assert (job.state, job.attempts) == (Job.State.QUEUED, 0)
    assert (job.done, job.words) == (5, "half of it")
    assert ends(job, lambda _: None).state == Job.State.DONE


def test_a_job_asked_to_stop_stops_at_its_next_beat() -> None:
    def asked(job: Job) -> None:
        jobs.ask_to_stop(job)
        jobs.beat(job, 1)

    assert ends(a_job(), asked).state == Job.State.CANCELLED


def test_a_running_job_is_found_as_soon_as_nobody_holds_it() -> None:
    job = a_job()
    with at_work_elsewhere(job):
        assert jobs.stale() == []
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, finished_at=None)
    assert jobs.stale() == [job]


def test_a_job_that_waits_is_found_after_a_while_and_not_again_at_once() -> None:
    a_job()
    old = a_job(ago=LONG_AGO)
    assert jobs.stale() == [old]
    assert jobs.stale() == []


def test_a_worker_that_starts_takes_what_waits_however_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[object] = []
    monkeypatch.setattr(work, "send", lambda task, *args: sent.append((task, *args)))
    new = a_job()
    a_job(Job.State.DONE, LONG_AGO)
    tasks.requeue_stale_jobs(waiting_for_seconds=0)
    assert sent == [(tasks.run_import, new.pk)]


def test_a_job_that_outlived_too_many_workers_is_failed() -> None:
    job = a_job(Job.State.RUNNING, attempts=jobs.MOST_ATTEMPTS)
    assert jobs.stale() == []
    job.refresh_from_db()
    assert (job.state, job.words) == (
        Job.State.FAILED,
        "Its worker died every time it was tried.",
    )


def test_an_import_of_many_turns_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[object, ...]] = []
    monkeypatch.setattr(work, "send", lambda task, *args: sent.append((task, *args)))
    monkeypatch.setattr(tasks, "TURN_SECONDS", 0.0)
    line = "%d|call-%d|sales|NONE|ENTERQUEUE||5550171|1\n"
    files = [(f"log.{n}", io.BytesIO((line % (1543480000 + n, n)).encode())) for n in range(3)]
    batch = run.start(files, form="asterisk_queue_log", site=a_site())
    # A file a turn; the last turn finds nothing left to read.
    for read in (1, 2, 3, 3):
        turn = (tasks.run_import, batch.job_id)
        assert sent.count(turn) == 1
        sent.clear()
        tasks.run_import(batch.job_id)
        batch.refresh_from_db()
        assert (batch.read, batch.stored) == (read, read)
    assert turn not in sent
    job = Job.objects.get()
    assert (job.state, job.attempts) == (Job.State.DONE, 1)
    assert Call.objects.count() == 3


def test_files_of_two_formats_are_each_recognised_in_their_turn() -> None:
    files = [(name, (DATA / name).open("rb")) for name in ("queue_log", "phonenow.csv")]
    site = a_site(zone="Europe/London")
    batch = run.start(files, form=run.AUTO, site=site, date_order="mdy")
    while run.run(batch.job_id, 0.0):
        continue
    assert Job.objects.get().state == Job.State.DONE
    found = list(batch.files.values_list("format", flat=True))
    assert found == ["asterisk_queue_log", "phonenow"]
