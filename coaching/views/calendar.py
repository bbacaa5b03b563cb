"""A coach's sessions in their own calendar."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ccm.models import User
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.agreed import events, feeds
from scheduling.views.mine import served


@login_required
@never_cache
@require_safe
def sessions_calendar(request: HttpRequest) -> HttpResponse:
    """Where the calendar of one's sessions is, since when, and when it was last fetched."""
    user = _coach(request)
    return render(request, "coaching/sessions_calendar.html", {"feed": feeds.standing(user)})


@login_required
@require_POST
def sessions_calendar_make(request: HttpRequest) -> HttpResponse:
    """Make an address; the one before is none any more. It is shown once."""
    key = feeds.make(_coach(request), timezone.now())
    url = request.build_absolute_uri(reverse("sessions_feed"))
    said = _("Give this address to your calendar; it is shown once: %(url)s")
    messages.info(request, said % {"url": f"{url}?key={key}"})
    return redirect("sessions_calendar")


@login_required
@require_POST
def sessions_calendar_revoke(request: HttpRequest) -> HttpResponse:
    """End the address."""
    if feeds.revoke(_coach(request), timezone.now()):
        messages.info(request, _("The address is revoked: nothing is told at it any more."))
    return redirect("sessions_calendar")


@require_safe
def sessions_feed(request: HttpRequest) -> HttpResponse:
    """A coach's sessions as a calendar, for whoever has the address: no sign-in."""
    return served(request, _sessions_at)


def _sessions_at(key: str, now: datetime, centre: str) -> bytes | None:
    user = feeds.fetched(key, now)
    return None if user is None else events.of_coach(user, now, centre)


def _coach(request: HttpRequest) -> User:
    if not may_open("sessions", request.user):
        raise Http404
    return signed_in(request)


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/calendar"
    return [
        path(f"{one}/", sessions_calendar, name="sessions_calendar"),
        path(f"{one}/make/", sessions_calendar_make, name="sessions_calendar_make"),
        path(f"{one}/revoke/", sessions_calendar_revoke, name="sessions_calendar_revoke"),
        path("sessions.ics", sessions_feed, name="sessions_feed"),
    ]
