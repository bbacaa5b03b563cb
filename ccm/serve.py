"""The web: uvicorn in front of ccm.asgi, in as many processes as share the port.

Python makes one page at a time in a process, and an opened wall or page is a connection to either:
whoever is free takes it. The first process holds the port and keeps the others beside it.
"""

import asyncio
import contextlib
import os
import socket
import sys
import threading
from typing import Any, cast

import uvicorn
from django.conf import settings
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ccm import companion, database
from ccm.stack import StackError
from ccm.watching.requests import Named

LOOPBACK = "127.0.0.1"
# A wallboard's stream never ends by itself: after this long the server hangs up on it.
STREAM_SECONDS = 1.0
# Whoever is in the middle of a page gets this long to finish.
REQUEST_SECONDS = 8
# So long is one beside given, whose pages end by then.
BESIDE_SECONDS = REQUEST_SECONDS + 1.5

# Walls come back in crowds after a restart.
BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at the address. Raises StackError, in words, when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as refused:
        listener.close()
        raise StackError(
            f"Cannot listen on {host} port {port}: {(refused.strerror or '').lower()}. "
            "Choose another with --port."
        ) from None
    return listener


def address(host: str, port: int) -> str:
    """Where a browser finds what listens there: on this machine, unless `CCM_ADDRESS` says more."""
    if os.environ.get("CCM_ADDRESS") or settings.CSRF_TRUSTED_ORIGINS:
        return str(settings.ADDRESS)
    everywhere = host in ("0.0.0.0", "::")  # noqa: S104
    shown = LOOPBACK if everywhere else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


class Config(uvicorn.Config):
    """Uvicorn's, where each request has an id. That is given where the connection's own address is
    still known, outside of what believes a proxy on who asks."""

    def __init__(self, app: Any, **more: Any) -> None:
        # `ccm.watching.requests` writes the one line of each.
        super().__init__(app, access_log=False, **more)

    def load(self) -> None:
        super().load()
        believes = self.loaded_app
        if isinstance(believes, ProxyHeadersMiddleware):
            self.loaded_app = Named(cast(Any, believes), believes.trusted_hosts)
        else:
            self.loaded_app = Named(believes, frozenset())


class Server(uvicorn.Server):
    """Uvicorn, which hangs up on endless streams when it is told to stop, and says so to those
    beside it by `over`."""

    def __init__(self, config: uvicorn.Config, over: threading.Event) -> None:
        super().__init__(config)
        self.over = over

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.over.set()
        asyncio.get_running_loop().call_later(STREAM_SECONDS, self._hang_up)
        await super().shutdown(sockets)

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            if (transport := getattr(connection, "transport", None)) and not _is_page(connection):
                transport.close()


def _is_page(connection: object) -> bool:
    """Whether the answer under way is an ordinary one, which ends by itself."""
    cycle = getattr(connection, "cycle", None)
    return cycle is not None and not cycle.response_started


def serve(host: str, port: int, processes: int) -> None:
    """Serve until SIGINT or SIGTERM. Raises StackError, in words, when the port is taken."""
    database.limit_statements(settings.PAGE_SECONDS)
    over = threading.Event()
    with listen(host, port) as listener, contextlib.ExitStack() as beside:
        shared = listener.fileno()
        for _number in range(1, processes):
            beside.enter_context(companion.kept(_one_beside(shared), over))
        _server(over).run(sockets=[listener])


def serve_beside(shared: int) -> None:
    """Serve at the socket of the process that began this one, until that is gone or says so."""
    database.limit_statements(settings.PAGE_SECONDS)
    server = _server(threading.Event())

    def end() -> None:
        server.should_exit = True

    companion.when_alone(end, BESIDE_SECONDS)
    with socket.socket(fileno=shared) as listener:
        server.run(sockets=[listener])


def _one_beside(shared: int) -> companion.Companion:
    words = [sys.executable, "-m", "ccm.cli", "serve", "--beside", str(shared)]
    return companion.Companion(words, "a web process beside", BESIDE_SECONDS, [shared])


def _server(over: threading.Event) -> Server:
    config = Config(
        "ccm.asgi:application",
        log_config=None,  # Django's, which has been set up
        log_level=settings.LOG_LEVEL.lower(),
        timeout_graceful_shutdown=REQUEST_SECONDS,
        server_header=False,
        forwarded_allow_ips=settings.FORWARDED_ALLOW_IPS,
    )
    return Server(config, over)
