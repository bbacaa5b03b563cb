"""What every request must be before anything else looks at it, and how long it may take."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import among_others, database, long_reads, viewed
from ccm.access import scope_of
from ccm.accounts import emergency
from ccm.views.failures import refused, took_too_long
from ccm.views.long_reads import waiting

log = logging.getLogger(__name__)

_OF_NOBODY = frozenset({"/healthz", "/readyz", "/metrics"})


def without_nul(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse an address or a cookie with a NUL: no text in the database can hold one, and to ask
    for it is an error there."""

    def middleware(request: HttpRequest) -> HttpResponse:
        told = (request.path, *request.COOKIES.values())
        if any("\0" in words for words in told) or "%00" in request.META.get("QUERY_STRING", ""):
            return refused(
                request, HTTPStatus.BAD_REQUEST, _("The address or a cookie holds a NUL.")
            )
        return respond(request)

    return middleware


def kept_by_nobody(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """What is answered is for whoever asked: neither a browser that others use after them nor a
    proxy keeps it, unless a view said otherwise."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        response.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def as_whoever_asked(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """What a worker does over is seen by the eyes of whoever asked for it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if (user := long_reads.who_rehearses()) is not None:
            request.user = user
        return respond(request)

    return middleware


def noted_in_emergencies(
    respond: Callable[[HttpRequest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Each page that somebody opens while they have reach in an emergency is in the audit log, and
    before it is shown. Who is not signed in costs nothing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            going_on = scope_of(request.user).emergency
            if going_on is not None:
                emergency.note_view(request.user, going_on, request, timezone.now())
        return respond(request)

    return middleware


def lists_noted(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Note who was shown a page on which people are among others, by a session or a key of the API:
    once it was answered, and with no query. What a page asks for by itself counts: whoever looks
    says of no request that it is not to be counted."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        match = request.resolver_match
        address = (match and match.url_name) or ""
        if (
            request.method == "GET"
            and response.status_code == HTTPStatus.OK
            and address in among_others.pages()
            and request.user.is_authenticated
        ):
            viewed.note_list(request.user, address, timezone.now())
        return response

    return middleware


def of_nobody(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Addresses that programs ask have no session: none is looked up, and nobody, whatever a cookie
    says."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path in _OF_NOBODY:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return respond(request)

    return middleware


class NotTooLong:
    """Says so, in words, where the database ended a statement that took too long; what reads calls
    for longer than a page may is handed to a worker."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with long_reads.hurried(request):
            return self.respond(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        if isinstance(fault, long_reads.TakesLong):
            return waiting(request)
        if not database.was_ended(fault):
            return None
        log.warning("ended, for it took too long: %s %s", request.method, request.path)
        return took_too_long(request)
