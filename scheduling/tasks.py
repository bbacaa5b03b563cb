"""Celery tasks of forecasts, rosters and bids."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from ccm import database, work
from ccm import tasks as ccm_tasks
from ccm.demo import after
from ccm.intervals import day_of
from ccm.models import Site
from scheduling.absences import services as absences
from scheduling.absences import staffed
from scheduling.adherence import counting, marks
from scheduling.bids import services as bids
from scheduling.demo import forecasts as demo_past
from scheduling.demo import offers as demo_offers
from scheduling.demo import rosters as demo_rosters
from scheduling.demo import timeoff as demo_timeoff
from scheduling.demo import trades as demo_trades
from scheduling.intraday import keeping
from scheduling.known import past, runs
from scheduling.made import ledger, making
from scheduling.mine import notices
from scheduling.models import BidRound
from scheduling.offers import services as offers
from scheduling.proving import making as proving
from scheduling.rosters import repairs
from scheduling.rosters import services as rosters
from scheduling.scenarios import reckoned
from scheduling.trades import services as trades

log = logging.getLogger(__name__)
DEMO = "demo_schedules"
"""The kind of the job by which a demo has its forecasts and rosters."""
# A task that takes much longer would be ended.
_LONGEST_SECONDS = 600
# So long is counted at a time what others wait beside: beat asks again each minute.
_COUNTED_SECONDS = 40
_MARKED_AT_ONCE = 20


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
def demo_forecasts(job_id: int) -> None:
    """Make what a demo shows of rosters, of forecasts and of time off. Safe to run twice."""
    after.run(job_id, make_demo)


def make_demo() -> None:
    """Make it all here, one after the other; rosters and what refuses wishes are sent."""
    with database.alone("forecasts", wait=True):
        asked = demo_rosters.publish()
        demo_past.publish()
        for site in runs.due(timezone.now()):
            forecast_site(site)
        demo_rosters.ask()
        demo_timeoff.publish()
        demo_trades.publish()
        demo_offers.publish()
    for job in asked:
        work.send(make_roster, job)
    work.send(explain_refusals)


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


@shared_task(ignore_result=True, acks_late=True)
def repair_roster(job_id: int) -> None:
    """Look for changes that mend a roster, or look anew where that was cut off. Safe to run twice:
    they are proposed, not made. It loads the solver."""
    from scheduling.rosters import mending

    mending.run(job_id)


@shared_task(ignore_result=True, acks_late=True)
def explain_refusals() -> None:
    """Find out why rosters refuse wishes, where nobody has yet. Safe to run twice: one does. It
    loads the solver."""
    from scheduling.rosters import wishes

    with database.alone("refusals") as alone:
        if alone:
            wishes.explain_all(timezone.now(), _LONGEST_SECONDS / 2)


@shared_task(ignore_result=True, acks_late=True)
def settle_time_off(site_id: int) -> None:
    """Go through what waits for room at a site. Safe to run twice."""
    if Site.objects.filter(pk=site_id).exists():
        absences.settle_site(site_id, timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def time_off_due() -> None:
    """Reckon anew how many may be away on the days to come at each site, and go through what waits
    for them. Safe to run twice; what fails at one site holds up none of the others."""
    for site in Site.objects.order_by("pk").values_list("pk", flat=True):
        try:
            renew_time_off(site)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("time off of site %d failed", site)


@shared_task(ignore_result=True, acks_late=True)
def renew_time_off(site_id: int) -> None:
    """Reckon anew how many may be away on a site's days to come, and go through what waits for
    them. Safe to run twice."""
    site = Site.objects.select_related("leave_rules").filter(pk=site_id).first()
    if site is None:
        return
    now = timezone.now()
    staffed.renew(site, now)
    absences.follow_absences(site_id, now)
    absences.settle_site(site_id, now)


@shared_task(ignore_result=True, acks_late=True)
def close_bids() -> None:
    """Close rounds of bids whose moment is over. Safe to run twice; what fails of one holds up none
    of the others."""
    now = timezone.now()
    for held in BidRound.objects.due(now).order_by("pk"):
        try:
            bids.close(held, now)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("round of bids %d could not be closed", held.pk)


@shared_task(ignore_result=True, expires=60)
def count_adherence() -> None:
    """Count how schedules were kept, on the days that are marked. Safe to run twice: one does."""
    until = time.monotonic() + _COUNTED_SECONDS
    with database.alone("adherence") as alone:
        while alone and time.monotonic() < until:
            if not counting.count_marked(timezone.now(), _MARKED_AT_ONCE):
                return


@shared_task(ignore_result=True)
def adherence_afresh() -> None:
    """Have the last weeks counted again, for what nobody marked. Safe to run twice."""
    for site in counting.sites_with_rosters():
        marks.afresh(day_of(timezone.now(), site.calendar), site.pk)


@shared_task(ignore_result=True, acks_late=True)
def put_notices() -> None:
    """Tell people of what was published and of changes at short notice. Safe to run twice: each is
    told once."""
    notices.put_due(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def end_trades() -> None:
    """End offers that nobody took in time. Safe to run twice."""
    trades.end_due(timezone.now())


@shared_task(ignore_result=True, acks_late=True)
def end_shift_offers() -> None:
    """End offers of overtime and time off that nobody answered in time. Safe to run twice."""
    offers.end_due(timezone.now())


# A worker that died leaves them to be found again.
ccm_tasks.TASKS[rosters.KIND] = make_roster
ccm_tasks.TASKS[repairs.KIND] = repair_roster
ccm_tasks.TASKS[DEMO] = demo_forecasts
