"""A door before Redis that a test can shut, as if the server had gone away."""

import socket
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Proxy:
    """Forwards a unix socket to the server of `redis_url`; `url` is the way through the door."""

    def __init__(self, redis_url: str, folder: Path) -> None:
        parts = urlsplit(redis_url)
        self.server = unquote(parts.path)
        self.path = folder / "door"
        self.url = parts._replace(path=str(self.path)).geturl()
        self.open_ends: list[socket.socket] = []
        self.open()

    def open(self) -> None:
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(str(self.path))
        self.door.listen(64)
        threading.Thread(target=self._let_in, args=[self.door], daemon=True).start()

    def shut(self) -> None:
        """Nobody comes in, and who is in is thrown out."""
        self.path.unlink(missing_ok=True)
        for end in [self.door, *self.open_ends]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.open_ends.clear()

    def _let_in(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = door.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.server)
                self.open_ends += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=_pour, args=[source, target], daemon=True).start()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
