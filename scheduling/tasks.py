"""Celery tasks of forecasts."""

from celery import shared_task
from django.utils import timezone

from ccm import work
from ccm.models import Site
from scheduling import making
from scheduling.scenarios import reckoned


@shared_task(ignore_result=True)
def forecast_due() -> None:
    """Have forecasts made and scored where another day is over. Safe to run twice."""
    for site in making.due(timezone.now()):
        work.send(forecast_site, site)


@shared_task(ignore_result=True, acks_late=True)
def forecast_site(site_id: int) -> None:
    """Make a site's forecasts anew, score those that were published, and reckon its scenarios
    anew. Safe to run twice."""
    site = Site.objects.filter(pk=site_id).first()
    if site is not None:
        now = timezone.now()
        making.make_site(site, now)
        making.score_site(site, now)
        reckoned.renew(site, now)
