"""Celery tasks of coaching."""

import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from ccm import database
from ccm.models import Site
from coaching.agreed import reminders
from coaching.suggestions import mixing
from coaching.triggers import services as triggers

log = logging.getLogger(__name__)


@shared_task(ignore_result=True, acks_late=True)
def mix_suggestions() -> None:
    """Take away what the database keeps of when nameless suggestions came in. Safe to run twice."""
    mixing.mix(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def remind_of_sessions() -> None:
    """Remind people of sessions of the next day, and coaches of those that nobody said were held.
    Safe to run twice, and on several machines: each mail has a key."""
    reminders.put_due(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def propose_sessions() -> None:
    """Look what rules find at each site and propose sessions. Safe to run twice: one runs at a
    time, and what is proposed is not proposed again. A site that fails holds up no other."""
    with database.alone("coaching.triggers") as alone:
        for site in Site.objects.order_by("pk") if alone else ():
            try:
                triggers.look(site, timezone.now())
            except SoftTimeLimitExceeded:
                raise
            except Exception:
                log.exception("proposals of %s failed", site.slug)
