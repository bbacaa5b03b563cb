"""Celery tasks of quality review."""

from celery import shared_task
from django.utils import timezone

from qa.after import disputing, releasing


@shared_task(ignore_result=True, acks_late=True)
def release_reviews() -> None:
    """Release reviews whose day has come, and settle answers to disputes that nobody took further
    in time. Safe to run twice, and on several machines."""
    now = timezone.now()
    releasing.release_due(now)
    disputing.settle_due(now)
