"""Which sites' forecasts are due: of which another day is known than all was done for."""

from datetime import date, datetime, timedelta

from ccm.models import Queue, Site
from kpis.reads import reading
from scheduling import past
from scheduling.models import ForecastRun

# After a run that failed in part it is tried again, but not with every look.
_TRIED_AGAIN = timedelta(hours=1)


def due(now: datetime) -> list[int]:
    """By id. A site without a queue or a record is not."""
    sites = list(Site.objects.filter(pk__in=Queue.objects.values("site")))
    records = reading.records([one.pk for one in sites])
    runs = ForecastRun.objects.in_bulk([one.pk for one in sites], field_name="site_id")
    return [
        one.pk
        for one in sites
        if one.pk in records
        and _is_due(runs.get(one.pk), past.last_known(one, records[one.pk].newest_at, now), now)
    ]


def note(site: Site, now: datetime, *, is_whole: bool) -> None:
    """That a site was run, and whether all of it was done."""
    record = reading.records([site.pk]).get(site.pk)
    if record is None:
        return
    last = past.last_known(site, record.newest_at, now)
    tried = {"tried_until": last, "tried_at": now}
    whole = {"done_until": last} if is_whole else {}
    ForecastRun.objects.update_or_create(site=site, defaults=tried | whole)


def again(site: int) -> None:
    """Have a site run with the next look."""
    ForecastRun.objects.filter(site=site).update(done_until=None, tried_at=None)


def _is_due(run: ForecastRun | None, last: date, now: datetime) -> bool:
    if run is None or run.tried_at is None:
        return True
    if run.done_until == last:
        return False
    return run.tried_until != last or now - run.tried_at >= _TRIED_AGAIN
