"""Celery tasks: an id in, a service called, safe to run twice."""

from datetime import timedelta

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from ccm import addresses, jobs, viewed, work
from ccm.api import posts
from ccm.entry import locking, places, resets
from ccm.entry.store import SessionStore
from ccm.erasure import customers
from ccm.erasure import work as erasure
from ccm.imports import rejected, undo
from ccm.imports import run as imports
from ccm.imports.mapping import drafts
from ccm.long_reads import asking
from ccm.naming import reattribution
from ccm.naming import services as naming
from ccm.outgoing import outbox
from ccm.retention import work as retention
from ccm.sealed import letting_go, sealing, verifying

# A turn of a job: well within what a task may take, and again until it is done.
TURN_SECONDS = 1200.0


@shared_task(ignore_result=True, acks_late=True)
def run_import(job_id: int) -> None:
    """Do an import, or go on with one that was cut off. Safe to run twice."""
    if imports.run(job_id, TURN_SECONDS):
        work.send(run_import, job_id)


@shared_task(ignore_result=True, acks_late=True)
def run_undo(job_id: int) -> None:
    """Take an import back, or go on with it. Safe to run twice."""
    if undo.run(job_id, TURN_SECONDS):
        work.send(run_undo, job_id)


@shared_task(ignore_result=True, acks_late=True)
def move_named(job_id: int) -> None:
    """Move what was recorded under a name to whose the name is now. Safe to run twice."""
    if reattribution.run(job_id, TURN_SECONDS):
        work.send(move_named, job_id)


@shared_task(ignore_result=True, acks_late=True)
def read_long(job_id: int) -> None:
    """Read what a page did not wait for. Safe to run twice: one is done at a time."""
    asking.run(job_id)


@shared_task(ignore_result=True, acks_late=True)
def run_retention(job_id: int) -> None:
    """Remove what retention lets go, or go on with it. Safe to run twice."""
    if retention.run(job_id, TURN_SECONDS):
        work.send(run_retention, job_id)


@shared_task(ignore_result=True, acks_late=True)
def run_erasure(job_id: int) -> None:
    """Look for what is held of somebody, or erase it. Safe to run twice."""
    erasure.run(job_id)


@shared_task(ignore_result=True)
def forget_erasures() -> None:
    """Forget whom somebody looked for and did not erase. Safe to run twice."""
    customers.forget(timezone.now())


@shared_task(ignore_result=True)
def retention_nightly() -> None:
    """Have what the rules of retention let go removed. Safe to run twice: one that waits is not
    asked for again."""
    retention.start(timezone.now())


TASKS = {
    imports.KIND: run_import,
    retention.KIND: run_retention,
    customers.KIND: run_erasure,
    undo.KIND: run_undo,
    naming.JOB: move_named,
    asking.KIND: read_long,
}


@shared_task(ignore_result=True)
def requeue_stale_jobs(waiting_for_seconds: float = jobs.STALE_AFTER.total_seconds()) -> None:
    """Queue again what a dead worker left, and the taking back of what is to be all or nothing.

    Safe to run twice: a job is held by a lock.
    """
    for job in jobs.stale(timedelta(seconds=waiting_for_seconds)):
        if task := TASKS.get(job.kind):
            work.send_once(task, job.pk)
    imports.take_back_parts()


@shared_task(ignore_result=True)
def forget_rejected_rows() -> None:
    """Drop rejected rows that nobody corrected for long. Safe to run twice."""
    rejected.forget()


@shared_task(ignore_result=True)
def note_viewings() -> None:
    """Write down who looked at whose pages. Safe to run twice: one does it at a time."""
    viewed.settle()


@shared_task(ignore_result=True)
def log_viewings() -> None:
    """Tell the audit log who looked at whose pages. Safe to run twice: each is told once."""
    viewed.settle()
    viewed.tell_the_log(timezone.now())


@shared_task(ignore_result=True)
def seal_audit_log() -> None:
    """Seal entries of the audit log. Safe to run twice: one does it at a time."""
    sealing.seal_waiting(timezone.now())


@shared_task(ignore_result=True)
def verify_audit_log() -> None:
    """Verify the audit log's chain, and keep what was found; where it is whole, let go of what is
    out by a rule of retention. Safe to run twice."""
    now = timezone.now()
    verifying.check(now)
    letting_go.let_go(now)


@shared_task(ignore_result=True)
def forget_viewings() -> None:
    """Drop who looked at whose pages long ago. Safe to run twice."""
    viewed.forget(timezone.now())


@shared_task(ignore_result=True)
def send_messages() -> None:
    """Send what waits in the outbox. Safe to run twice: each message is held by a lock."""
    outbox.send_due(timezone.now())


def send_soon(**_: object) -> None:
    """Have the outbox sent; connected to `ccm.signals.message_put`."""
    work.send(send_messages)


@shared_task(ignore_result=True)
def send_reset(email: str) -> None:
    """Send a link for a new password to who has this address. Done twice, two links are sent, each
    good until the password is set."""
    resets.send(email)


@shared_task(ignore_result=True)
def forget_messages() -> None:
    """Remove old messages. Safe to run twice."""
    outbox.forget(timezone.now())


@shared_task(ignore_result=True)
def sweep_addresses() -> None:
    """Let go of callers' addresses that have expired; those that stay are enciphered under the
    first key. Safe to run twice."""
    addresses.sweep(timezone.now())


@shared_task(ignore_result=True)
def sweep_drafts() -> None:
    """Let go of the files of imports that nobody has come back to. Safe to run twice."""
    drafts.sweep()


@shared_task(ignore_result=True)
def forget_posts() -> None:
    """Drop the kept answers of old posts. Safe to run twice."""
    posts.forget(timezone.now())


@shared_task(ignore_result=True)
def forget_attempts() -> None:
    """Drop old failed sign-ins. Safe to run twice."""
    locking.forget(timezone.now())


@shared_task(ignore_result=True)
def forget_sessions() -> None:
    """Drop sessions that are over, and what was kept beside them. Safe to run twice."""
    SessionStore.clear_expired()
    places.forget()


@worker_ready.connect
def _look_for_leftovers(**_: object) -> None:
    """The worker before may have died with the message of a job that it had not begun."""
    requeue_stale_jobs.delay(waiting_for_seconds=0)
