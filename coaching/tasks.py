"""Celery tasks of coaching."""

from celery import shared_task
from django.utils import timezone

from ccm import tasks as ccm_tasks
from coaching.asking import handing
from coaching.asking import services as asking
from coaching.suggestions import mixing
from coaching.voice import matters


@shared_task(ignore_result=True, acks_late=True)
def mix_suggestions() -> None:
    """Take away what the database keeps of when nameless suggestions came in. Safe to run twice."""
    mixing.mix(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def ask_callers() -> None:
    """Draw whom to ask after their calls, and post their links. Safe to run twice: one draws at a
    time, and each link is held by a lock while it is posted."""
    now = timezone.now()
    asking.draw_due(now)
    handing.hand_due(now)


@shared_task(ignore_result=True, acks_late=True)
def look_for_matters(job_id: int) -> None:
    """Look for what comments are about. Safe to run twice: one is done at a time."""
    matters.run(job_id)


# A worker that died leaves them to be found again.
ccm_tasks.TASKS[matters.KIND] = look_for_matters
