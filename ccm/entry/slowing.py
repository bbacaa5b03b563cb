"""An answer that comes later, and holds no thread and no connection to the database meanwhile.

Django says by a header how many seconds; the server beside it waits and takes the header off.
"""

import asyncio
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from ccm.live.stream import Message, Send

HEADER = "Ccm-Wait"
_NAME = HEADER.lower().encode()


def told(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Say of what request the answer is to wait (`locking.Handler`)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        if seconds := getattr(request, "entry_wait", 0):
            response[HEADER] = str(seconds)
        return response

    return middleware


def later(send: Send) -> Send:
    """Sends as `send` does, after what the answer's header says."""

    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message["headers"]
            waits = [int(value) for name, value in headers if name == _NAME]
            if waits:
                kept = [pair for pair in headers if pair[0] != _NAME]
                message = {**message, "headers": kept}
                await asyncio.sleep(max(waits))
        await send(message)

    return sender
