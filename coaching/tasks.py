"""Celery tasks of coaching."""

from celery import shared_task
from django.utils import timezone

from ccm.demo import after
from coaching.demo import history
from coaching.suggestions import mixing

DEMO = "demo coaching"


@shared_task(ignore_result=True, acks_late=True)
def mix_suggestions() -> None:
    """Take away what the database keeps of when nameless suggestions came in. Safe to run twice."""
    mixing.mix(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def demo_coaching(job_id: int) -> None:
    """Write the sessions that a demo has behind it. Safe to run twice."""
    after.run(job_id, lambda: history.write(timezone.now()))
