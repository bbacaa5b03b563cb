"""A door before the program that a test can freeze, as a router does that forgets who was there."""

import socket
import threading
from contextlib import suppress


class Door:
    """Forwards a port of this machine to the program's; what is in flight can be let die."""

    def __init__(self, port: int) -> None:
        self.server = port
        self.pairs: list[threading.Event] = []
        self.is_frozen = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._let_in, daemon=True).start()

    def freeze(self) -> None:
        """From now on nothing comes through, and nobody is told: connections stay as they are."""
        self.is_frozen = True
        for dead in self.pairs:
            dead.set()

    def thaw(self) -> None:
        """Whoever comes anew is let in; what was there before stays dead."""
        self.is_frozen = False

    def close(self) -> None:
        self.freeze()
        self.listener.close()

    def _let_in(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                dead = threading.Event()
                if self.is_frozen:
                    dead.set()
                self.pairs.append(dead)
                far = socket.create_connection(("127.0.0.1", self.server))
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=_pour, args=[source, target, dead], daemon=True).start()


def _pour(source: socket.socket, target: socket.socket, dead: threading.Event) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            if dead.is_set():
                return  # both ends stay open
            target.sendall(data)
    if not dead.is_set():
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
