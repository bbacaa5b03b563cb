"""What a request does to its session, and what one is told whose session is over.

A request that no person made, because a page asks by itself what is new, says so by a header
(`static/js/session.js`) and keeps nothing open.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_delete
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from ccm import unlogged
from ccm.entry import rights
from ccm.entry.store import SessionStore
from ccm.models import BrowserSession

BACKGROUND = "Ccm-Background"
SAFE = ("GET", "HEAD", "OPTIONS")
MOST_FIELDS, LONGEST_SHOWN = 60, 20_000
_UNSHOWN = re.compile(r"csrf|passw|secret|token|code|key", re.IGNORECASE)
Sent = list[tuple[str, str]]
_walls: list[re.Pattern[str]] = []


def register_walls(paths: str) -> None:
    """Have addresses of walls that are shown keep their sessions open, for them alone."""
    _walls.append(re.compile(paths))


class Lasting:
    """Writes when a person last did something; tells whoever is sent to sign in why."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if isinstance(session, SessionStore):
            is_wall = any(one.fullmatch(request.path_info) for one in _walls)
            session.for_walls = is_wall and request.method in SAFE
        response = self.respond(request)
        if isinstance(session, SessionStore):
            if session.accessed and _is_an_act(request):
                session.touch(timezone.now())
            if _leads_to_sign_in(response):
                return _told(request, response, session.was_over)
        return response


def _is_an_act(request: HttpRequest) -> bool:
    """Whether a person did something, or a wall asked; of what is nobody's no moment is kept."""
    return BACKGROUND not in request.headers and not unlogged.is_kept_out(request.path)


def _leads_to_sign_in(response: HttpResponse) -> bool:
    """Whether a page sends away who would have to sign in first; signing out leads there, too."""
    if response.status_code != HTTPStatus.FOUND:
        return False
    there = urlsplit(response["Location"])
    return there.path == resolve_url(settings.LOGIN_URL) and "next=" in there.query


def _told(request: HttpRequest, response: HttpResponse, was_over: bool) -> HttpResponse:
    """That the session is over: on the sign-in page, which leads back; of what was sent, that it
    was not kept; of what a page asked for by itself nothing but a status."""
    if _is_asked_by_a_page(request):
        words = _("You are signed out: nothing of it was kept. Sign in in another tab.")
        return _refused(JsonResponse({"words": words}, status=HTTPStatus.UNAUTHORIZED))
    if request.method in SAFE:
        if was_over:
            response["Location"] += f"{'&' if '?' in response['Location'] else '?'}ended=1"
        return response
    # Whoever sends a form has had its page, and the cookie that came with it.
    if not was_over and settings.CSRF_COOKIE_NAME not in request.COOKIES:
        return response
    sign_in = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': _page_of(request)})}"
    sent = [
        (name, str(value))
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    again = sent if request.method == "POST" and _can_be_sent_again(request, sent) else []
    told = {"fields": _typed(sent), "again": again, "sign_in": sign_in}
    return _refused(render(request, "ccm/session_over.html", told, status=401))


def _refused(response: HttpResponse) -> HttpResponse:
    response["WWW-Authenticate"] = 'Cookie realm="ccm"'
    response["Cache-Control"] = "no-store"
    return response


def _is_asked_by_a_page(request: HttpRequest) -> bool:
    navigates = request.headers.get("Sec-Fetch-Mode", "navigate").endswith("navigate")
    return "HX-Request" in request.headers or not navigates


def _page_of(request: HttpRequest) -> str:
    """The page whose form was sent, as its browser says."""
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure()):
        parts = urlsplit(came_from)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return "/"


def _typed(sent: Sent) -> Sent:
    """What somebody wrote into the form, so that it can be copied; nothing that may be secret."""
    found = [
        (name, value[:LONGEST_SHOWN])
        for name, value in sent
        if value.strip() and not _UNSHOWN.search(name)
    ]
    return found[:MOST_FIELDS]


def _can_be_sent_again(request: HttpRequest, sent: Sent) -> bool:
    """Whether the page can send all of it again, and not a part that would mean something else."""
    whole = not request.FILES and len(sent) <= MOST_FIELDS
    return whole and not any(
        _UNSHOWN.search(name) or len(value) > LONGEST_SHOWN for name, value in sent
    )


def _begin(request: HttpRequest, **_more: Any) -> None:
    if isinstance(request.session, SessionStore):
        request.session.begin()


def connect() -> None:
    """Count from a sign-in on; end the streams of a session that is gone."""
    user_logged_in.connect(_begin, dispatch_uid="ccm.entry.sessions")
    post_delete.connect(
        rights.session_gone, sender=BrowserSession, dispatch_uid="ccm.entry.sessions.gone"
    )
    rights.connect()
