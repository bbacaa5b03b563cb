"""Forecasts as of three weeks ago, published by the planner of a demo, which are scored since."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.access import PLANNER
from ccm.models import Queue, Site, User
from scheduling.made import ledger, making
from scheduling.models import Forecast

_PUBLISHED = timedelta(weeks=3)


def publish() -> None:
    """Make and publish the forecasts of three weeks ago. Safe to run twice."""
    now = timezone.now()
    for site in Site.objects.order_by("pk"):
        planner = User.objects.filter(groups__name=PLANNER, sites=site).order_by("pk").first()
        known = Forecast.objects.published().filter(queue__site=site)
        if planner is None or known.exists():
            continue
        making.make_site(site, now - _PUBLISHED)
        for queue in Queue.objects.filter(site=site).order_by("pk"):
            ledger.publish(queue, planner, _("The weeks to come"), now - _PUBLISHED)
