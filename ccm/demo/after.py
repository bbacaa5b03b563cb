"""What a demo shows besides its calls: made by a worker, since pages need not wait for it."""

from collections.abc import Callable

from celery import Task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from ccm import database, jobs, work
from ccm.demo import load
from ccm.models import Job


def ask(kind: str, task: Task) -> None:
    """Have `task` done once of this demo. It is given the number of its job, of this kind, by which
    it is found again whatever becomes of a worker. For listeners of `demo_loaded`."""
    with transaction.atomic():
        database.hold(f"ccm.demo:{kind}")
        if Job.objects.filter(kind=kind).exclude(state=Job.State.FAILED).exists():
            return
        job = Job.objects.create(kind=kind)
        transaction.on_commit(lambda: work.send(task, job.pk))


def run(job_id: int, make: Callable[[], object], *, once_over: str = "") -> None:
    """Make it, once the load of the demo is over, and so is the job of the kind `once_over`, well
    or not. Safe to run twice. `make` goes on with what it was cut off at: a worker's time for a
    task may end first."""
    with jobs.running(job_id) as job:
        if job is None:
            return
        if load.loaded_demo() is None or _is_ahead(once_over):
            raise jobs.HandedOver
        try:
            make()
        except SoftTimeLimitExceeded as over:
            raise jobs.HandedOver from over


def _is_ahead(kind: str) -> bool:
    """Whether a job of a kind is still to be done."""
    waiting = (Job.State.QUEUED, Job.State.RUNNING)
    return bool(kind) and Job.objects.filter(kind=kind, state__in=waiting).exists()
