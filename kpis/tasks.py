"""Celery tasks of the counts."""

from celery import shared_task
from django.utils import timezone

from ccm import work
from ccm.models import Site
from ccm.signals import counts_changed
from kpis import rollups
from kpis.alerts import watching
from kpis.kiosks import pairing
from kpis.mailings import sending
from kpis.rollups import repeats
from kpis.second import runs

# Few at a time: each batch is one transaction, and a page sees its counts when it commits.
BATCH = 300
# A turn of a job: well within what a task may take, and again until it is done.
TURN_SECONDS = 1200.0


# Asked for again and again while calls come: one that waited so long has been done by another.
@shared_task(ignore_result=True, expires=15)
def recount_dirty() -> None:
    """Recount dirty days until none is left. Safe to run twice: marks are locked."""
    # Less than a whole batch are done where some days cannot be counted.
    while rollups.recount_dirty(BATCH) > BATCH // 2:
        continue
    if repeats.due(timezone.now()):
        work.send(recount_repeats)


@shared_task(ignore_result=True)
def recount_repeats() -> None:
    """Count who came again, where calls changed. Safe to run twice, and beside itself."""
    if sum(repeats.recount(site, wait=False) for site in repeats.due(timezone.now())):
        counts_changed.send(sender=None)


@shared_task(ignore_result=True)
def watch_alerts() -> None:
    """Look at every alert rule. Safe to run twice: each rule is held by a lock."""
    watching.watch(timezone.now())


@shared_task(ignore_result=True)
def send_mailings() -> None:
    """Send the reports and recaps that are due. Safe to run twice: each is held by a lock."""
    sending.send_due(timezone.now())


@shared_task(ignore_result=True)
def forget_screens() -> None:
    """Drop screens whose code has run out. Safe to run twice."""
    pairing.forget(timezone.now())


def recount_soon(**_: object) -> None:
    """Ask for a recount; connected to `ccm.signals.record_changed`."""
    work.send(recount_dirty)


@shared_task(ignore_result=True, acks_late=True)
def run_verify(job_id: int) -> None:
    """Verify what a job says, or go on with it. Safe to run twice."""
    if runs.run(job_id, TURN_SECONDS):
        work.send(run_verify, job_id)


@shared_task(ignore_result=True)
def verify_nightly() -> None:
    """Have the whole record verified. Safe to run twice: one that waits is not asked for again."""
    runs.start(Site.objects.all())
