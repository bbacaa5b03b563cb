"""Celery tasks of quality review."""

import logging
import time

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.utils import timezone

from ccm import database, work
from ccm import tasks as ccm_tasks
from ccm.demo import after
from qa.after import disputing, releasing
from qa.checking import judging, prefill, services, subjects, training
from qa.demo import history
from qa.models import SamplingPlan
from qa.plans import drawing

log = logging.getLogger(__name__)
DEMO = "demo_reviews"
"""The kind of the job by which a demo has its reviews."""
# A task that takes much longer would be ended.
_LONGEST_SECONDS = 600


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


@shared_task(ignore_result=True, acks_late=True)
def demo_reviews(job_id: int) -> None:
    """Write the reviews that a demo has behind it. Safe to run twice."""
    after.run(job_id, lambda: history.write(timezone.now()))


@shared_task(ignore_result=True, acks_late=True)
def release_reviews() -> None:
    """Release reviews whose day has come, and settle answers to disputes that nobody took further
    in time. Safe to run twice, and on several machines."""
    now = timezone.now()
    releasing.release_due(now)
    disputing.settle_due(now)


@shared_task(ignore_result=True, acks_late=True)
def check_transcripts() -> None:
    """Judge checks over transcripts that are new or whose checks have changed, measure checks that
    are new, and fill in answers of reviews that nobody has begun. Safe to run twice: one runs at a
    time."""
    until = time.monotonic() + _LONGEST_SECONDS
    with database.alone("qa.checks") as alone:
        if alone:
            if judging.judge_due(timezone.now(), until):
                services.measure_again(new_alone=True)
            prefill.fill_due(timezone.now(), until)


def check_soon() -> None:
    """Have transcripts checked; for whoever changed a check or brought one in."""
    work.send(check_transcripts)


@shared_task(ignore_result=True, acks_late=True)
def look_again_at_checks() -> None:
    """Measure all checks beside the reviews since, and take back the filling in of those that do
    not agree well enough with people any more. Safe to run twice."""
    services.measure_again()
    services.look_again(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def train_check(job_id: int) -> None:
    """Learn answers from reviews. Safe to run twice: one is done at a time."""
    training.run(job_id, check_soon)


@shared_task(ignore_result=True, acks_late=True)
def look_for_topics(job_id: int) -> None:
    """Look for what queues' calls are about. Safe to run twice: one is done at a time."""
    subjects.run(job_id)


# A worker that died leaves them to be found again.
ccm_tasks.TASKS[training.KIND] = train_check
ccm_tasks.TASKS[subjects.KIND] = look_for_topics
ccm_tasks.TASKS[DEMO] = demo_reviews
