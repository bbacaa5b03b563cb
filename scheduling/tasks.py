"""Celery tasks of forecasts and rosters."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from ccm import database, work
from ccm import tasks as ccm_tasks
from ccm.models import Site
from scheduling.demo import forecasts as demo_past
from scheduling.demo import rosters as demo_rosters
from scheduling.intraday import keeping
from scheduling.known import past, runs
from scheduling.made import ledger, making
from scheduling.proving import making as proving
from scheduling.rosters import services as rosters
from scheduling.scenarios import reckoned

log = logging.getLogger(__name__)
# A task that takes much longer would be ended.
_LONGEST_SECONDS = 600


# Of a site whose forecasts are made and scored, one after the other: what fails holds up none of
# the others.
_STEPS: tuple[Callable[[Site, datetime], object], ...] = (
    keeping.hold_site,
    reckoned.renew,
    proving.prove_site,
)


@shared_task(ignore_result=True, acks_late=True)
def forecast_due() -> None:
    """Have forecasts made, scored and proved where another day is over: one site after the other,
    and nowhere else meanwhile, so that counts of calls find a free worker. Safe to run twice."""
    until = time.monotonic() + _LONGEST_SECONDS
    with database.alone("forecasts") as alone:
        for site in runs.due(timezone.now()) if alone else ():
            forecast_site(site, until)
            if time.monotonic() > until:
                return  # beat asks again for the rest


@shared_task(ignore_result=True, acks_late=True)
def demo_forecasts() -> None:
    """Make what a demo shows of rosters and of forecasts. Safe to run twice."""
    with database.alone("forecasts", wait=True):
        asked = demo_rosters.publish()
        demo_past.publish()
        for site in runs.due(timezone.now()):
            forecast_site(site)
    for job in asked:
        work.send(make_roster, job)


def forecast_site(site_id: int, until: float | None = None) -> None:
    """Make a site's forecasts anew, score those that were published, reckon scenarios, and put each
    model to the site's last weeks. What failed is tried again later; what was not come to when the
    monotonic clock went beyond `until` is gone on with soon."""
    site = Site.objects.filter(pk=site_id).first()
    if site is None:
        return
    now = timezone.now()
    last = runs.known_until(site, now)
    if last is None:
        return
    begun = runs.begin(site, last, now)
    lasts = past.last_days(site, now)
    is_behind = any(day < last for day in lasts.values())

    def make(site: Site, now: datetime) -> None:
        making.make_site(site, now, begun, until, lasts)

    def score(site: Site, now: datetime) -> None:
        ledger.score_site(site, now, lasts)

    is_whole = True
    for step in (make, score, *_STEPS):
        try:
            step(site, now)
        except runs.Cut:
            runs.note(site, last, now, is_whole=False, is_behind=is_behind)
            runs.again(site.pk, now)
            return
        except SoftTimeLimitExceeded:
            runs.note(site, last, now, is_whole=False, is_behind=is_behind)
            raise
        except Exception:
            log.exception("%s of site %d failed", step.__qualname__, site.pk)
            is_whole = False
    runs.note(site, last, now, is_whole=is_whole, is_behind=is_behind)


@shared_task(ignore_result=True)
def reforecast_due() -> None:
    """Have the rests of days told anew at each site. Safe to run twice."""
    for site in Site.objects.order_by("pk").values_list("pk", flat=True):
        work.send(reforecast_site, site)


# Asked for again and again: one that waited so long is about what another has done.
@shared_task(ignore_result=True, acks_late=True, expires=240)
def reforecast_site(site_id: int) -> None:
    """Keep what is said now of the rest of each queue's day. Safe to run twice."""
    site = Site.objects.filter(pk=site_id).first()
    if site is not None:
        keeping.keep_site(site, timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def make_roster(job_id: int) -> None:
    """Make a roster, or make it anew where that was cut off. Safe to run twice: one is made at a
    time. It loads a solver that no page and no other task needs."""
    from scheduling.rosters import making as roster_making

    roster_making.run(job_id)


# A worker that died leaves them to be found again.
ccm_tasks.TASKS[rosters.KIND] = make_roster
