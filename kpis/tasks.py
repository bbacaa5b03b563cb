"""Celery tasks of the counts."""

from celery import shared_task
from django.utils import timezone

from ccm import work
from kpis import rollups
from kpis.alerts import watching

# Few at a time: each batch is one transaction, and a page sees its counts when it commits.
BATCH = 300


@shared_task(ignore_result=True)
def recount_dirty() -> None:
    """Recount dirty days until none is left. Safe to run twice: marks are locked."""
    while rollups.recount_dirty(BATCH) == BATCH:
        continue


@shared_task(ignore_result=True)
def watch_alerts() -> None:
    """Look at every alert rule. Safe to run twice: each rule is held by a lock."""
    watching.watch(timezone.now())


def recount_soon(**_: object) -> None:
    """Ask for a recount; connected to `ccm.signals.record_changed`."""
    work.send(recount_dirty)
