"""Which roster an address means, for whom."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from ccm.database import MOST_ID
from ccm.filters import about
from ccm.navigation import may_open
from scheduling.models import KeptRoster


def visible_roster(request: HttpRequest, pk: int) -> KeptRoster:
    """One that the reader may see; else 404."""
    if pk > MOST_ID or not may_open("rosters", request.user):
        raise Http404
    rows = KeptRoster.objects.visible_to(request.user).select_related(
        "site", "group", "made_by", "published_by"
    )
    roster: KeptRoster = get_object_or_404(rows, pk=pk)
    about(request, roster.site)
    return roster


def planned_roster(request: HttpRequest, pk: int) -> KeptRoster:
    """One of a site that the reader plans; else 404."""
    if pk > MOST_ID:
        raise Http404
    rows = KeptRoster.objects.managed_by(request.user).select_related("site", "group")
    roster: KeptRoster = get_object_or_404(rows, pk=pk)
    about(request, roster.site)
    return roster
