"""A search for a roster, watched: how far it is, told to its job, and whether it is to stop."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.models import Job
from scheduling.roster.cover import Cover
from scheduling.roster.grid import Grid
from scheduling.roster.search import Progress

log = logging.getLogger(__name__)
# A page asks how far it is every second.
_BEAT_SECONDS = 1.0


class Watch:
    """How far a search is, told from whichever thread it searches in, and whether it is to stop."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.best: tuple[Progress, Grid] | None = None
        self.explains = False

    def tell(self, progress: Progress, grid: Grid) -> None:
        self.best = progress, grid

    @property
    def words(self) -> str:
        if self.explains:
            return _("Finding out what refuses wishes")
        if self.best is None:
            return _("Looking for a first roster")
        progress, grid = self.best
        many = priced = 0
        # What is cheaper than any rule between people breaks none that must be kept.
        if progress.cost * grid.parts >= min(grid.pair_price, grid.mix_price // 100):
            many, priced = Cover(grid, progress.chosen).broken()
        cost = max(progress.cost - priced / grid.parts, 0)
        said = _("The best so far costs %(cost)s")
        if many:
            # A search takes a rule that must be kept as very dear: no cost that anybody has.
            said = ngettext(
                "A rule that must be kept is broken still; but for that the best so far costs"
                " %(cost)s",
                "Rules that must be kept are broken still, %(n)s times; but for that the best so"
                " far costs %(cost)s",
                many,
            )
        return said % {"cost": number(cost), "n": number(many)}


def number(value: float) -> str:
    """A whole number as pages have it: "12,280"."""
    return number_format(round(value), decimal_pos=0, use_l10n=True, force_grouping=True)


@contextmanager
def watched(job: Job, begun: datetime) -> Iterator[Watch]:
    """Once a second say how far a job is, and hear whether it is to stop.

    From a thread of its own: a solver is not to be kept waiting, and tells of what it finds from
    threads that have no connection to the database.
    """
    watch, over = Watch(), threading.Event()

    def beat() -> None:
        try:
            while not over.wait(_BEAT_SECONDS):
                try:
                    _beat(job, begun, watch)
                except DatabaseError:
                    log.warning("job %s: how far it is could not be told", job.pk, exc_info=True)
                    connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"job-{job.pk}", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


def _beat(job: Job, begun: datetime, watch: Watch) -> None:
    now = timezone.now()
    rows = Job.objects.filter(pk=job.pk)
    done = min(int((now - begun).total_seconds()), job.total)
    rows.update(done=done, words=watch.words, heartbeat_at=now)
    if rows.filter(cancel_requested=True).exists():
        watch.stop.set()
