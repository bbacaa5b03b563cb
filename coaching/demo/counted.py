"""Whether a demo's talks can be prepared yet with how schedules were kept."""

from datetime import datetime, timedelta

from ccm.intervals import day_of
from ccm.models import Job, Site
from scheduling.models import AdherenceFill, AdherenceMark

LONGEST = timedelta(hours=1)
"""So long it is waited for at the most: talks without it are better than none."""


def is_awaited(kind: str, job_id: int, now: datetime) -> bool:
    """Whether days that are over are still to be counted, or the job of a kind, which makes the
    rosters, has made none yet; not once the job that waits is too old."""
    if Job.objects.filter(pk=job_id, created_at__lt=now - LONGEST).exists():
        return False
    for site in Site.objects.all():
        today = day_of(now, site.calendar)
        if AdherenceMark.objects.filter(site=site, day__lt=today).exists():
            return True
    waiting = (Job.State.QUEUED, Job.State.RUNNING)
    is_ahead = Job.objects.filter(kind=kind, state__in=waiting).exists()
    return is_ahead and not AdherenceFill.objects.exists()
