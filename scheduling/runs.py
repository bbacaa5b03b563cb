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


def known_until(site: Site, now: datetime) -> date | None:
    """The last day that is known of a site; None: it has no record."""
    record = reading.records([site.pk]).get(site.pk)
    return None if record is None else past.last_known(site, record.newest_at, now)


def note(site: Site, last: date, begun: datetime, *, is_whole: bool) -> None:
    """That a site was run from a moment on, of what was known then, and whether all was done."""
    tried = {"tried_until": last, "tried_at": begun}
    whole = {"done_until": last} if is_whole else {}
    ForecastRun.objects.update_or_create(site=site, defaults=tried | whole)
    ForecastRun.objects.filter(site=site, wanted_at__lt=begun).update(wanted_at=None)


def again(site: int, now: datetime) -> None:
    """Have a site run with the next look, also where it is running."""
    ForecastRun.objects.filter(site=site).update(wanted_at=now)


def _is_due(run: ForecastRun | None, last: date, now: datetime) -> bool:
    if run is None or run.tried_at is None or run.wanted_at is not None:
        return True
    if run.done_until == last:
        return False
    return run.tried_until != last or now - run.tried_at >= _TRIED_AGAIN
