"""The web process: uvicorn in front of ccm.asgi."""

import asyncio
import logging
import socket

import uvicorn
from django.conf import settings

from ccm import database
from ccm.stack import StackError

LOOPBACK = "127.0.0.1"
# A wallboard's stream never ends by itself: after this long the server hangs up on it.
STREAM_SECONDS = 1.0
# Whoever is in the middle of a page gets this long to finish.
REQUEST_SECONDS = 8


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


class WithoutQuery(logging.Filter):
    """Keeps what follows the question mark (tokens, names searched for) out of the access log."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and len(record.args) == 5:
            client, method, path, version, status = record.args
            record.args = (client, method, str(path).partition("?")[0], version, status)
        return True


class Server(uvicorn.Server):
    """Uvicorn, which hangs up on endless streams when it is told to stop."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
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


def serve(host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    database.limit_statements(settings.PAGE_SECONDS)
    listener = listen(host, port)
    config = uvicorn.Config(
        "ccm.asgi:application",
        log_config=None,  # Django's, which has been set up
        log_level=settings.LOG_LEVEL.lower(),
        timeout_graceful_shutdown=REQUEST_SECONDS,
        server_header=False,
    )
    logging.getLogger("uvicorn.access").addFilter(WithoutQuery())
    Server(config).run(sockets=[listener])
