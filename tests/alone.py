"""No test asks anybody outside this machine for anything: who would is refused, at the socket.

It stands in the process of the tests, and in those of the program that tests start
(`tests/starting/sitecustomize.py`). What a compiled library connects by itself it does not see.
"""

import ipaddress
import socket
from typing import Any

_connect, _connect_ex = socket.socket.connect, socket.socket.connect_ex
_looked_up = socket.getaddrinfo


class Outside(PermissionError):
    """Something was to be reached that is not on this machine."""


def on_this_machine(host: object) -> bool:
    """Whether a host is the loopback, or none."""
    if host in (None, "", b"", "localhost", "::"):
        return True
    try:
        plain = host.decode() if isinstance(host, bytes) else str(host)
        return ipaddress.ip_address(plain.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse(family: int, address: Any) -> None:
    if family != socket.AF_UNIX and not on_this_machine(address[0]):
        raise Outside(f"a test would connect to {address}")


def guard() -> None:
    """Refuse from now on."""

    def connect(self: socket.socket, address: Any) -> None:
        _refuse(self.family, address)
        return _connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        _refuse(self.family, address)
        return _connect_ex(self, address)

    def looked_up(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        flags = more.get("flags", rest[3] if len(rest) > 3 else 0)
        if not flags & socket.AI_NUMERICHOST and not on_this_machine(host) and not _is_number(host):
            raise Outside(f"a test would ask where {host} is")
        return _looked_up(host, port, *rest, **more)

    socket.socket.connect = connect
    socket.socket.connect_ex = connect_ex
    socket.getaddrinfo = looked_up


def _is_number(host: object) -> bool:
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    return True
