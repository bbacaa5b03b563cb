"""Celery tasks of coaching."""

from celery import shared_task
from django.utils import timezone

from coaching.suggestions import mixing


@shared_task(ignore_result=True, acks_late=True)
def mix_suggestions() -> None:
    """Take away what the database keeps of when nameless suggestions came in. Safe to run twice."""
    mixing.mix(timezone.now())
