"""Long work that survives its worker: a row says how far it is, a lock says who does it.

A killed worker's message comes back only after the broker's visibility timeout. But whoever runs
a job holds a session lock on its id, and the database lets go of it when the process dies: so
beat and a starting worker look for running jobs that nobody holds and queue them again. The same
lock makes a job that is delivered twice run once.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from ccm.models import Job

log = logging.getLogger(__name__)

STALE_AFTER = timedelta(seconds=60)
# A job that killed its worker so often is the cause, not the victim.
MOST_ATTEMPTS = 10
LOCK_SPACE = 0x6A6F62


class Cancelled(Exception):
    """Somebody asked for the job to stop."""


class Refused(Exception):
    """The job cannot be done; the words say why."""


class HandedOver(Exception):
    """One turn's time is over; the job waits for its next turn."""


@contextmanager
def running(job_id: int) -> Iterator[Job | None]:
    """Hold the job, or yield None when it is held elsewhere, over already, or only prepared.

    What the block raises ends the job: `Refused` and `Cancelled` in their words, anything
    else as a failure that is logged. `HandedOver` puts it back among those that wait. A killed
    process leaves the job to be found again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, job_id])
        if not cursor.fetchone()[0]:
            yield None
            return
    try:
        job = Job.objects.filter(pk=job_id).first()
        if job is None or job.finished or job.state == Job.State.DRAFT:
            yield None
            return
        _begin(job)
        try:
            yield job
        except Cancelled:
            finish(job, Job.State.CANCELLED, job.words)
        except Refused as refusal:
            finish(job, Job.State.FAILED, str(refusal))
        except HandedOver:
            _wait_again(job)
        except SoftTimeLimitExceeded:
            finish(job, Job.State.FAILED, "It took longer than a task may.")
        except Exception:
            log.exception("job %s (%s) failed", job_id, job.kind)
            finish(job, Job.State.FAILED, "It stopped on an error of ours; the log has it.")
            raise
        else:
            finish(job, Job.State.DONE, job.words)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, job_id])


def _begin(job: Job) -> None:
    now = timezone.now()
    job.state = Job.State.RUNNING
    job.started_at = job.started_at or now
    job.heartbeat_at = now
    job.attempts += 1
    job.save(update_fields=["state", "started_at", "heartbeat_at", "attempts"])


def _wait_again(job: Job) -> None:
    """Back to the queue, with all its attempts before it: it did its turn and did not die."""
    job.state, job.attempts = Job.State.QUEUED, 0
    job.save(update_fields=["state", "attempts", "done", "words"])


def beat(job: Job, done: int, words: str = "", until: float | None = None) -> None:
    """Say how far the job is.

    Raises Cancelled when somebody asked it to stop, and HandedOver past `until` (of
    time.monotonic), for a broker delivers a task a second time when it never ends.
    """
    job.done, job.words, job.heartbeat_at = done, words or job.words, timezone.now()
    job.save(update_fields=["done", "total", "words", "heartbeat_at"])
    stop_if_asked(job)
    if until is not None and time.monotonic() > until:
        raise HandedOver


def stop_if_asked(job: Job) -> None:
    """Raises Cancelled when somebody asked the job to stop. For work within one transaction, which
    would keep who asks waiting if it wrote how far it is."""
    if Job.objects.filter(pk=job.pk, cancel_requested=True).exists():
        raise Cancelled


def ask_to_stop(job: Job) -> None:
    """Have a running job stop at its next beat, and one that has not begun never begin."""
    waiting = Job.objects.filter(pk=job.pk, state__in=(Job.State.QUEUED, Job.State.DRAFT))
    ended = {"state": Job.State.CANCELLED, "finished_at": timezone.now()}
    if not waiting.update(cancel_requested=True, **ended):
        Job.objects.filter(pk=job.pk).update(cancel_requested=True)


def finish(job: Job, state: str, words: str) -> None:
    job.state, job.words, job.finished_at = state, words[:300], timezone.now()
    job.save(update_fields=["state", "words", "finished_at", "done", "total"])


def stale(waiting_for: timedelta = STALE_AFTER) -> list[Job]:
    """Jobs that nobody does: running and held by nobody, or waiting for `waiting_for` and more.

    Their heartbeat is now, so that those who look again do not find all that wait anew. A job
    that outlived too many workers is failed instead.
    """
    now = timezone.now()
    heard = Coalesce("heartbeat_at", "created_at")
    found = list(
        Job.objects.alias(heard=heard).filter(
            Q(state=Job.State.QUEUED, heard__lte=now - waiting_for) | Q(state=Job.State.RUNNING)
        )
    )
    # Looked at after the jobs: a job that ended between the two is over, not stale.
    held = _held()
    again: list[Job] = []
    for job in found:
        if job.pk in held:
            continue
        unchanged = Job.objects.filter(pk=job.pk, state=job.state, attempts=job.attempts)
        if job.attempts >= MOST_ATTEMPTS:
            words = "Its worker died every time it was tried."
            unchanged.update(state=Job.State.FAILED, words=words, finished_at=now)
        elif unchanged.update(heartbeat_at=now):
            again.append(job)
    return again


def _held() -> set[int]:
    """Ids of the jobs that some process is running."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"
            " AND objsubid = 2 AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())",
            [LOCK_SPACE],
        )
        return {row[0] for row in cursor.fetchall()}
