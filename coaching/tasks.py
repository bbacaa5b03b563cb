"""Celery tasks of coaching."""

from celery import shared_task
from django.utils import timezone

from coaching.agreed import reminders
from coaching.suggestions import mixing


@shared_task(ignore_result=True, acks_late=True)
def mix_suggestions() -> None:
    """Take away what the database keeps of when nameless suggestions came in. Safe to run twice."""
    mixing.mix(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def remind_of_sessions() -> None:
    """Remind people of sessions of the next day, and coaches of those that nobody said were held.
    Safe to run twice, and on several machines: each mail has a key."""
    reminders.put_due(timezone.now())
