"""Celery tasks of quality review."""

import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.utils import timezone

from qa.models import SamplingPlan
from qa.plans import drawing

log = logging.getLogger(__name__)


@shared_task(ignore_result=True, acks_late=True)
def draw_due() -> None:
    """Draw the periods of plans that are over. Safe to run twice: each is drawn once. What fails of
    one plan holds up none of the others, nor a period without calls those that follow it."""
    now = timezone.now()
    for plan in SamplingPlan.objects.select_related("site").order_by("pk"):
        try:
            for period in drawing.due(plan, now):
                try:
                    drawing.make(plan, period.first, None, now)
                except ValidationError as refusal:
                    log.info("plan %d, %s: %s", plan.pk, period.first, refusal.messages[0])
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("a draw of plan %d failed", plan.pk)
