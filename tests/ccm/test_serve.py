"""The web process: its port, its log, its end."""

import asyncio
import http.client
import logging
import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from ccm import serve
from ccm.stack import StackError
from tests.program import Web


def test_a_taken_port_is_said_in_words():
    with serve.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=f"port {port}: address already in use"):
            serve.listen("127.0.0.1", port)


async def endless(scope, receive, send):
    """A wallboard's stream, as ASGI has it: it ends when the viewer is gone."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b": ping\n\n", "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass


async def slow(scope, receive, send):
    """A page that takes longer to make than a stream is given."""
    await asyncio.sleep(serve.STREAM_SECONDS + 1)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"whole"})


@pytest.mark.parametrize(("app", "body"), [(endless, b": ping\n\n"), (slow, b"whole")])
def test_told_to_stop_it_hangs_up_on_streams_and_finishes_pages(app, body, caplog):
    listener = serve.listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    server = serve.Server(
        serve.Config(
            app,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=serve.REQUEST_SECONDS,
        ),
        threading.Event(),
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    viewer = socket.create_connection(("127.0.0.1", port))
    viewer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.5)
    began = time.monotonic()
    server.should_exit = True
    thread.join(timeout=15)
    assert not thread.is_alive()
    assert server.over.is_set()  # and so those beside it know
    assert time.monotonic() - began < serve.STREAM_SECONDS + 3
    answer = b""
    while got := viewer.recv(4096):
        answer += got
    viewer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert body in answer
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", port).connect()


def beside(web):
    """The process that shares the port, once it does; 0: there is none."""
    tasks = Path(f"/proc/{web.process.pid}/task")
    found = [pid for one in tasks.iterdir() for pid in (one / "children").read_text().split()]
    return int(found[0]) if found else 0


def is_answered(web, seconds=2):
    """Whether there is a page within so long."""
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=seconds)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


def until(holds, seconds=30):
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.1)


@pytest.fixture
def two(tmp_path):
    """Two processes, of which the second answers."""
    web = Web(tmp_path / "web.log", processes=2)
    try:
        web.wait()
        until(lambda: beside(web))
        web.process.send_signal(signal.SIGSTOP)
        until(lambda: is_answered(web, 1))
        web.process.send_signal(signal.SIGCONT)
        yield web
    finally:
        web.stop()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for processes as Linux has")
@pytest.mark.django_db(transaction=True)
def test_two_processes_share_the_port_and_neither_outlives_the_end_of_the_first(two):
    # Without the second the first answers, and begins it again.
    gone = beside(two)
    os.kill(gone, signal.SIGKILL)
    assert is_answered(two)
    until(lambda: beside(two) not in (0, gone))
    # Told to end, both end, and nothing is said.
    last = beside(two)
    two.stop()
    until(lambda: not Path(f"/proc/{last}").exists())
    assert not is_answered(two)
    assert "Traceback" not in two.log.read_text()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for processes as Linux has")
@pytest.mark.django_db(transaction=True)
def test_where_the_first_is_killed_the_second_lets_go_of_the_port(two):
    left = beside(two)
    two.kill()
    until(lambda: not is_answered(two), serve.BESIDE_SECONDS)
    with serve.listen("127.0.0.1", two.port):
        until(lambda: not Path(f"/proc/{left}").exists(), serve.BESIDE_SECONDS + 2)
