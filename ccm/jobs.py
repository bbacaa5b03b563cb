"""Long work that survives its worker: a row says how far it is, a lock says who does it.

A killed worker's message comes back only after the broker's visibility timeout, so beat and a
starting worker look for jobs whose heartbeat stopped and queue them again. Whoever runs a job
holds a session lock on its id, so a job delivered twice runs once.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from ccm.models import Job

log = logging.getLogger(__name__)

STALE_AFTER = timedelta(seconds=60)
# A job that killed its worker so often is the cause, not the victim.
MOST_ATTEMPTS = 10
_LOCK_SPACE = 0x6A6F62


class Cancelled(Exception):
    """Somebody asked for the job to stop."""


class Refused(Exception):
    """The job cannot be done; the words say why."""


@contextmanager
def running(job_id: int) -> Iterator[Job | None]:
    """Hold the job, or yield None when it is held elsewhere or over already.

    What the block raises ends the job: `Refused` and `Cancelled` in their words, anything
    else as a failure that is logged. A killed process leaves the job to be found again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_SPACE, job_id])
        if not cursor.fetchone()[0]:
            yield None
            return
    try:
        job = Job.objects.filter(pk=job_id).first()
        if job is None or job.finished:
            yield None
            return
        _begin(job)
        try:
            yield job
        except Cancelled:
            finish(job, Job.State.CANCELLED, job.words)
        except Refused as refusal:
            finish(job, Job.State.FAILED, str(refusal))
        except Exception:
            log.exception("job %s (%s) failed", job_id, job.kind)
            finish(job, Job.State.FAILED, "It stopped on an error of ours; the log has it.")
            raise
        else:
            finish(job, Job.State.DONE, job.words)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, job_id])


def _begin(job: Job) -> None:
    now = timezone.now()
    job.state = Job.State.RUNNING
    job.started_at = job.started_at or now
    job.heartbeat_at = now
    job.attempts += 1
    job.save(update_fields=["state", "started_at", "heartbeat_at", "attempts"])


def beat(job: Job, done: int, words: str = "") -> None:
    """Say how far the job is. Raises Cancelled when somebody asked it to stop."""
    job.done, job.words, job.heartbeat_at = done, words or job.words, timezone.now()
    job.save(update_fields=["done", "total", "words", "heartbeat_at"])
    if Job.objects.filter(pk=job.pk, cancel_requested=True).exists():
        raise Cancelled


def ask_to_stop(job: Job) -> None:
    """Have a running job stop at its next beat, and one that has not begun never begin."""
    waiting = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED)
    ended = {"state": Job.State.CANCELLED, "finished_at": timezone.now()}
    if not waiting.update(cancel_requested=True, **ended):
        Job.objects.filter(pk=job.pk).update(cancel_requested=True)


def finish(job: Job, state: str, words: str) -> None:
    job.state, job.words, job.finished_at = state, words[:300], timezone.now()
    job.save(update_fields=["state", "words", "finished_at", "done", "total"])


def stale() -> list[Job]:
    """Jobs nobody seems to be doing: queued or running with no sign of life for a while.

    A job that outlived too many workers is failed instead of tried again.
    """
    silent = timezone.now() - STALE_AFTER
    found = Job.objects.filter(
        Q(state=Job.State.QUEUED, created_at__lt=silent)
        | Q(state=Job.State.RUNNING, heartbeat_at__lt=silent)
    )
    again = []
    for job in found:
        if job.attempts >= MOST_ATTEMPTS:
            finish(job, Job.State.FAILED, "Its worker died every time it was tried.")
        else:
            again.append(job)
    return again
