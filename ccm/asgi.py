"""What the web server runs: streams as they are, everything else through Django in threads.

Django under ASGI would open a database connection for every request. Here it is served as
WSGI from a fixed pool of threads, each of which keeps its connection.
"""

from typing import Any, cast
from urllib.parse import quote

from a2wsgi import WSGIMiddleware
from django.conf import settings

from ccm.entry import slowing
from ccm.live.stream import PREFIX, Receive, Scope, Send, Stream
from ccm.wsgi import application as django

pages: Any = WSGIMiddleware(cast(Any, django), workers=settings.WEB_THREADS)
stream = Stream(settings.REDIS_URL, cap=settings.STREAM_CAP)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
        await stream(scope, receive, send)
    else:
        await pages(_plain(scope), receive, slowing.later(send))


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await stream.hub.close()
    await send({"type": "lifespan.shutdown.complete"})


def _plain(scope: Scope) -> Any:
    """The request as WSGI can carry it."""
    query = scope.get("query_string", b"")
    if not query.isascii():
        query = quote(query, safe="%&=+/?:;,@!$'()*~").encode()
    # WSGI writes - and _ alike, so a header with _ could pass for one that a proxy vouches for.
    headers = [pair for pair in scope.get("headers", []) if b"_" not in pair[0]]
    return {**scope, "query_string": query, "headers": headers}
