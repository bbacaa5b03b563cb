"""Celery tasks: an id in, a service called, safe to run twice."""

from celery import shared_task
from celery.signals import worker_ready

from ccm import jobs, work
from ccm.imports import run as imports


@shared_task(ignore_result=True, acks_late=True)
def run_import(job_id: int) -> None:
    """Do an import, or go on with one that was cut off. Safe to run twice."""
    imports.run(job_id)


@shared_task(ignore_result=True)
def requeue_stale_jobs() -> None:
    """Queue again what a dead worker left. Safe to run twice: a job is held by a lock."""
    for job in jobs.stale():
        if job.kind == imports.KIND:
            work.send(run_import, job.pk)


@worker_ready.connect
def _look_for_leftovers(**_: object) -> None:
    requeue_stale_jobs.delay()
