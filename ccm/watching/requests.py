"""Each request by an id: made here, or a trusted proxy's, in its lines of the log and its answer.

    Named      around the whole server: gives the id, and the one line of a stream; says where a
               proxy brings it that is not trusted
    told       around Django: the one line of a page, and its part of `/metrics`

Of addresses that no line tells of (`ccm.unlogged`) there is no id and no count either: a count that
grows tells the moment.
"""

import re
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject
from structlog.contextvars import bind_contextvars, bound_contextvars, unbind_contextvars

from ccm import limits, unlogged
from ccm.watching import counted, masked, proxies

log = structlog.get_logger("ccm.requests")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADER = "X-Request-ID"
_HEADER = HEADER.lower().encode()
_FORWARDED = b"x-forwarded-for"
# Beside Django (`ccm.live.stream`), which writes no line of theirs.
_STREAMS = "/live/"
# Of an address that there is: what is out of reach is told as what is not there.
_REFUSED = (401, 403, 404)
_WELL_FORMED = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class Trusted(Protocol):
    """Addresses of proxies, as uvicorn keeps them."""

    def __contains__(self, host: str | None, /) -> bool: ...


class Named:
    """Gives each request its id. `trusted` are the proxies whose id is taken; the address of who
    asks must still be the connection's."""

    def __init__(self, app: App, trusted: Trusted) -> None:
        self.app = app
        self.trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        unbind_contextvars("request_id")
        if unlogged.is_kept_out(scope["path"]):
            return await self.app(scope, receive, send)
        name = self._id(scope)
        if (proxy := self._unnamed_proxy(scope)) is not None:
            scope[limits.UNNAMED_PROXY] = proxy
        bind_contextvars(request_id=name)
        began, status = time.perf_counter(), 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [pair for pair in message.get("headers", []) if pair[0] != _HEADER]
                message = {**message, "headers": [*headers, (_HEADER, name.encode())]}
            await send(message)

        try:
            await self.app(scope, receive, named)
        finally:
            if scope["path"].startswith(_STREAMS):
                _tell(scope["method"], scope["path"], status, time.perf_counter() - began)

    def _id(self, scope: Scope) -> str:
        client = scope.get("client")
        if client and client[0] in self.trusted:
            said = [value for name, value in scope["headers"] if name == _HEADER]
            if len(said) == 1 and _WELL_FORMED.fullmatch(said[0]):
                return str(said[0], "ascii")
        return uuid.uuid4().hex

    def _unnamed_proxy(self, scope: Scope) -> str | None:
        client = scope.get("client")
        if not client or client[0] in self.trusted:
            return None
        return client[0] if any(name == _FORWARDED for name, _said in scope["headers"]) else None


def told(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: one line a request, and one more of its view in the counts."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if unlogged.is_kept_out(request.path):
            return respond(request)
        name = structlog.contextvars.get_contextvars().get("request_id") or uuid.uuid4().hex
        began = time.perf_counter()
        with bound_contextvars(request_id=name):
            if (proxy := limits.unnamed_proxy_of(request)) is not None:
                proxies.seen(proxy)
            answer = respond(request)
            seconds = time.perf_counter() - began
            answer.headers.setdefault(HEADER, name)
            view = request.resolver_match.view_name if request.resolver_match else ""
            counted.request(view or "none", request.method or "", answer.status_code, seconds)
            more = {"view": view or None, "user_id": _user_id(request)}
            if view and answer.status_code in _REFUSED:
                more["refused"] = True
            _tell(request.method or "", request.path, answer.status_code, seconds, **more)
        return answer

    return middleware


def _user_id(request: HttpRequest) -> int | None:
    """Who asked, where the request found out: nobody is looked up for the log."""
    user = request.__dict__.get("user")
    if isinstance(user, LazyObject):
        user = getattr(request, "_cached_user", None)
    found: int | None = getattr(user, "pk", None)
    return found


def _tell(method: str, path: str, status: int, seconds: float, **more: Any) -> None:
    log.info(
        "request",
        method=method,
        path=masked.path(path),
        status=status,
        duration_ms=round(seconds * 1000, 1),
        **{name: value for name, value in more.items() if value is not None},
    )
