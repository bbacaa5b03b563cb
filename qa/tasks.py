"""Celery tasks of quality review."""

import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.utils import timezone

from ccm import database
from qa.after import disputing, releasing
from qa.demo import history
from qa.models import SamplingPlan
from qa.plans import drawing

log = logging.getLogger(__name__)


@shared_task(ignore_result=True, acks_late=True)
def draw_due() -> None:
    """Draw the periods of plans that are over. Safe to run twice: each is drawn once. What fails of
    one plan holds up none of the others."""
    now = timezone.now()
    for plan in SamplingPlan.objects.select_related("site").order_by("pk"):
        try:
            for period in drawing.due(plan, now):
                drawing.make(plan, period.first, None, now)
        except ValidationError as refusal:
            log.info("plan %d draws nothing: %s", plan.pk, refusal.messages[0])
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("the draw of plan %d failed", plan.pk)


@shared_task(ignore_result=True, acks_late=True)
def demo_reviews() -> None:
    """Write the reviews that a demo has behind it. Safe to run twice."""
    with database.alone("demo reviews", wait=True):
        history.write(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def release_reviews() -> None:
    """Release reviews whose day has come, and settle answers to disputes that nobody took further
    in time. Safe to run twice, and on several machines."""
    now = timezone.now()
    releasing.release_due(now)
    disputing.settle_due(now)
