"""Celery tasks of coaching."""

import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from ccm import database, jobs
from ccm import tasks as ccm_tasks
from ccm.demo import after
from ccm.models import Site
from coaching.agreed import reminders
from coaching.asking import handing, sending, wanted
from coaching.asking import services as asking
from coaching.badges import giving
from coaching.challenges import services as challenges
from coaching.courses import assigning
from coaching.demo import counted, shown
from coaching.pulse import mixing as pulses
from coaching.suggestions import mixing
from coaching.triggers import services as triggers
from coaching.voice import matters
from qa import tasks as reviews
from scheduling import tasks as schedules

DEMO = "demo coaching"
log = logging.getLogger(__name__)


@shared_task(ignore_result=True, acks_late=True)
def mix_suggestions() -> None:
    """Take away what the database keeps of when nameless suggestions came in. Safe to run twice."""
    mixing.mix(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def mix_pulses() -> None:
    """The same of answers to surveys of people; and forget who has answered those that are over.
    Safe to run twice."""
    pulses.mix_all(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def decide_challenges() -> None:
    """Decide, by their rules, challenges that are over. Safe to run twice."""
    challenges.decide_due(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def give_badges() -> None:
    """Give badges for what was reached. Safe to run twice."""
    giving.give_due(timezone.now())


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


@shared_task(ignore_result=True, acks_late=True)
def assign_courses() -> None:
    """Have everybody take the courses that rules, changes and certificates say by now. Safe to run
    twice."""
    assigning.due(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def ask_callers() -> None:
    """Draw whom to ask after their calls, and post or mail their links. Safe to run twice: one
    draws at a time, each link is held by a lock while it is posted, and claimed before it is
    mailed. Addresses that nothing is to be sent to go."""
    now = timezone.now()
    asking.draw_due(now)
    handing.hand_due(now)
    sending.send_due(now)
    wanted.let_go(now)


@shared_task(ignore_result=True, acks_late=True)
def look_for_matters(job_id: int) -> None:
    """Look for what comments are about. Safe to run twice: one is done at a time."""
    matters.run(job_id)


@shared_task(ignore_result=True, acks_late=True)
def demo_coaching(job_id: int) -> None:
    """Write what a demo shows of coaching, once its reviews are there, and it is counted how
    schedules were kept. Safe to run twice."""

    def make() -> None:
        schedules.count_adherence()
        if counted.is_awaited(schedules.DEMO, job_id, timezone.now()):
            raise jobs.HandedOver
        shown.write(timezone.now())

    after.run(job_id, make, once_over=reviews.DEMO)


# A worker that died leaves them to be found again.
ccm_tasks.TASKS[matters.KIND] = look_for_matters
ccm_tasks.TASKS[DEMO] = demo_coaching
