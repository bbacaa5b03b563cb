"""The web process: its port, its log, its end."""

import asyncio
import http.client
import logging
import socket
import threading
import time

import pytest
import uvicorn

from ccm import serve
from ccm.stack import StackError


def test_a_taken_port_is_said_in_words():
    with serve.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=f"port {port}: address already in use"):
            serve.listen("127.0.0.1", port)


def test_the_access_log_leaves_out_what_follows_the_question_mark():
    record = logging.LogRecord(
        "uvicorn.access",
        logging.INFO,
        "",
        0,
        '%s - "%s %s HTTP/%s" %d',
        ("127.0.0.1:5", "GET", "/live/main?t=secret", "1.1", 200),
        None,
    )
    assert serve.WithoutQuery().filter(record)
    assert record.getMessage() == '127.0.0.1:5 - "GET /live/main HTTP/1.1" 200'


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
        uvicorn.Config(
            app,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=serve.REQUEST_SECONDS,
        )
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
