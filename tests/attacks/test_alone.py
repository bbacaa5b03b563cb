"""The suite itself reaches nobody outside this machine."""

import asyncio
import socket
import subprocess
import sys

import pytest

from tests import alone
from tests.program import alone as alone_too


@pytest.mark.parametrize("address", [("192.0.2.1", 9), ("10.0.0.1", 80)])
def test_a_test_that_would_connect_outside_is_refused(address):
    with pytest.raises(alone.Outside):
        socket.create_connection(address, timeout=1)
    with socket.socket() as reached, pytest.raises(alone.Outside):
        reached.connect_ex(address)


def test_nor_does_one_ask_where_a_host_is():
    with pytest.raises(alone.Outside):
        socket.getaddrinfo("example.com", 443)
    with pytest.raises(alone.Outside):
        asyncio.run(asyncio.open_connection("example.com", 443))


def test_this_machine_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as there:
        socket.create_connection(there.getsockname(), timeout=5).close()


def test_processes_of_the_program_are_held_to_it_too():
    told = "import socket; socket.create_connection(('192.0.2.1', 9), timeout=1)"
    done = subprocess.run([sys.executable, "-c", told], env=alone_too(), capture_output=True)
    assert b"Outside" in done.stderr
