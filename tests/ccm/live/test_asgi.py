"""What the web server runs: pages through threads that keep their connections, streams beside."""

import asyncio
import threading

import pytest
from django.db import connection
from django.http import HttpResponse
from django.urls import path

from ccm.asgi import application, pages, stream
from ccm.live.tokens import stream_token


def who(request):
    """Tells which connection of which thread answered, and what the request looked like."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), pg_sleep(0.01)")
        pid = cursor.fetchone()[0]
    agent = request.headers.get("X-Forwarded-Proto", "-")
    query = request.META["QUERY_STRING"]
    return HttpResponse(f"{threading.get_ident()} {pid} {agent} {query}")


urlpatterns = [path("who/", who)]


async def get(where, query=b"", headers=()):
    """Status and body of a GET, as a web server would ask for it."""
    asked = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": where, "raw_path": where.encode(), "query_string": query, "root_path": "",
        "headers": [(b"host", b"localhost"), *headers],
        "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip
    status, body = 0, b""

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        nonlocal status, body
        status = message.get("status", status)
        body += message.get("body", b"")

    await application(asked, receive, send)
    return status, body.decode()


@pytest.fixture
def threads():
    """Ends the threads afterwards, and with them their connections to the test database."""
    yield
    pages.executor.shutdown()
    pages.executor = type(pages.executor)(max_workers=8, thread_name_prefix="WSGI")


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_a_hundred_requests_need_no_more_connections_than_there_are_threads(threads):
    async def ask():
        return [(await asyncio.gather(*[get("/who/") for _ in range(10)])) for _ in range(10)]

    answers = [answer for burst in asyncio.run(ask()) for answer in burst]
    assert {status for status, _ in answers} == {200}
    served = {tuple(body.split()[:2]) for _, body in answers}
    assert len(answers) == 100
    assert len(served) <= 8
    assert len({thread for thread, _ in served}) == len(served)  # one connection a thread


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_a_header_that_a_proxy_vouches_for_cannot_be_written_with_an_underscore(threads):
    _, body = asyncio.run(get("/who/", headers=[(b"x_forwarded_proto", b"https")]))
    assert body.split()[2] == "-"
    _, body = asyncio.run(get("/who/", headers=[(b"x-forwarded-proto", b"https")]))
    assert body.split()[2] == "https"


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_a_query_of_foreign_bytes_is_no_error(threads):
    status, body = asyncio.run(get("/who/", query=b"q=\xff%C3%A9&r=1"))
    assert (status, body.split()[3]) == (200, "q=%FF%C3%A9&r=1")


def test_streams_pass_django_by(monkeypatch):
    async def refused():
        return await get("/live/floor", query=b"t=nonsense")

    status, words = asyncio.run(refused())
    assert (status, words) == (403, "The token is not good, or no longer.\n")


def test_the_server_is_told_when_it_is_up_and_its_streams_end_with_it():
    said, opened = [], []

    async def whole():
        messages: asyncio.Queue = asyncio.Queue()

        async def send(message):
            said.append(message["type"])

        async def opening(message):
            opened.append(message)

        life = asyncio.create_task(application({"type": "lifespan"}, messages.get, send))
        await messages.put({"type": "lifespan.startup"})
        wall = asyncio.create_task(
            application(
                {
                    "type": "http", "method": "GET", "path": "/live/floor", "headers": [],
                    "query_string": f"t={stream_token('floor', 'user:1')}".encode(),
                },
                asyncio.Event().wait,
                opening,
            )
        )  # fmt: skip
        await asyncio.sleep(0.3)
        assert stream.hub.count == 1
        await messages.put({"type": "lifespan.shutdown"})
        await asyncio.wait_for(asyncio.gather(life, wall), 5)

    asyncio.run(whole())
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert opened[0]["status"] == 200
    assert opened[-1]["more_body"] is False
