"""Heeds the rights of roles: at each address before its view, on each page before it is sent."""

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ccm import long_reads
from ccm.access import acting_as
from ccm.rights import reach, ways


class Heeded:
    """An address of an action that a signed-in person does not hold is not there. On other pages
    nothing leads to it. Costs no query, and nothing is read over unless rights were changed."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        if _is_signed_in(request):
            _take_ways(request, response, request.user)
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is not None and _is_signed_in(request):
            name, method = match.url_name or "", str(request.method)
            reach.heed(request.user, name, method, request.GET)  # type: ignore[arg-type]
        return None


def _is_signed_in(request: HttpRequest) -> bool:
    """Whether a person asks, or a worker as one. Who has no session costs nothing."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES and long_reads.who_rehearses() is None:
        return False
    return request.user.is_authenticated


def _take_ways(request: HttpRequest, response: HttpResponse, user: Any) -> None:
    """Take from a page what leads to addresses that are closed to its reader."""
    whole = reach.whole_scope_of(user)
    kind = response.get("Content-Type", "")
    if not whole.rights or response.streaming or not kind.startswith("text/html"):
        return

    @cache
    def is_closed(to: str, method: str) -> bool:
        there = urlsplit(urljoin(request.path, to))
        if there.netloc not in ("", request.get_host()):
            return False
        with acting_as(user, whole):
            return reach.is_closed(user, there.path, method, parse_qs(there.query))

    page = response.content.decode(response.charset)
    taken = ways.without(page, is_closed)
    if taken != page:
        response.content = taken.encode(response.charset)
        if response.has_header("Content-Length"):
            response["Content-Length"] = str(len(response.content))
