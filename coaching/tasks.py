"""Celery tasks of coaching."""

from celery import shared_task
from django.utils import timezone

from coaching.courses import assigning
from coaching.suggestions import mixing


@shared_task(ignore_result=True, acks_late=True)
def mix_suggestions() -> None:
    """Take away what the database keeps of when nameless suggestions came in. Safe to run twice."""
    mixing.mix(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def assign_courses() -> None:
    """Have everybody take the courses that rules, changes and certificates say by now. Safe to run
    twice."""
    assigning.due(timezone.now())
