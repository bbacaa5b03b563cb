"""Which sites' forecasts are due: of which another day is known than all was done for."""

from datetime import UTC, date, datetime, timedelta

from django.db.models import Max, Min

from ccm.models import DirtyDay, ImportBatch, Queue, Site
from kpis.reads import reach
from scheduling.known import past
from scheduling.models import ForecastRun

# After a run that failed in part it is tried again, but not with every look.
_TRIED_AGAIN = timedelta(hours=1)
# Days that wait to be counted are waited for, but not those that wait for longer.
_COUNTED = timedelta(hours=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Cut(Exception):
    """Time is up: the next run goes on with what is left."""


def due(now: datetime) -> list[int]:
    """By id, first of which it is longest ago that they were tried. A site without a queue or a
    record is not, nor one of which a day that is over is being counted."""
    sites = list(Site.objects.filter(pk__in=Queue.objects.values("site")).order_by("pk"))
    ids = [one.pk for one in sites]
    reaches, runs = reach.of_sites(ids), ForecastRun.objects.in_bulk(ids, field_name="site_id")
    imported = dict(
        ImportBatch.objects.filter(site__in=ids, dry_run=False)
        .order_by()
        .values_list("site")
        .annotate(Max("job__finished_at"))
    )
    marks = DirtyDay.objects.filter(site__in=ids, marked_at__gte=now - _COUNTED).order_by()
    counting = dict(marks.values_list("site").annotate(Min("day")))
    found = []
    for site in sites:
        if site.pk not in reaches:
            continue
        last, run = past.last_known(site, reaches[site.pk], now), runs.get(site.pk)
        if counting.get(site.pk, date.max) <= last:
            continue
        if _is_due(run, last, imported.get(site.pk), now):
            found.append((run.tried_at if run and run.tried_at else _LONG_AGO, site.pk))
    return [pk for _tried_at, pk in sorted(found)]


def known_until(site: Site, now: datetime) -> date | None:
    """The last day that is known of a site; None: it has no record."""
    goes_to = reach.of_sites([site.pk]).get(site.pk)
    return None if goes_to is None else past.last_known(site, goes_to, now)


def begin(site: Site, last: date, now: datetime) -> datetime:
    """Since when it is run for what is known up to a day: a run that was cut, or that failed, is
    gone on with."""
    run, _made = ForecastRun.objects.get_or_create(site=site)
    if run.begun_at is None or run.tried_until != last:
        run.begun_at, run.tried_until = now, last
        run.save(update_fields=["begun_at", "tried_until"])
    return run.begun_at


def note(site: Site, last: date, at: datetime, *, is_whole: bool, is_behind: bool) -> None:
    """That a site was run from a moment on, of what was known then, and whether all was done; and
    whether less is known of any of its queues."""
    tried = {"tried_until": last, "tried_at": at, "is_behind": is_behind}
    whole = {"done_until": last} if is_whole else {}
    ForecastRun.objects.update_or_create(site=site, defaults=tried | whole)
    ForecastRun.objects.filter(site=site, wanted_at__lt=at).update(wanted_at=None)


def again(site: int, now: datetime) -> None:
    """Have a site run with the next look, also where it is running."""
    ForecastRun.objects.filter(site=site).update(wanted_at=now)


def anew(site: int, now: datetime) -> None:
    """The same, and what it was run for so far does not count: somebody said what goes into
    forecasts."""
    ForecastRun.objects.filter(site=site).update(wanted_at=now, begun_at=None)


def _is_due(
    run: ForecastRun | None, last: date, imported_at: datetime | None, now: datetime
) -> bool:
    """`imported_at` is when something was imported last."""
    if run is None or run.tried_at is None or run.wanted_at is not None:
        return True
    if run.done_until == last:
        # What was lacking of some queues may have come.
        return run.is_behind and imported_at is not None and imported_at > run.tried_at
    return run.tried_until != last or now - run.tried_at >= _TRIED_AGAIN
