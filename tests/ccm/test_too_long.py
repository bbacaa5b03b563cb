"""What the database ends because it takes too long: pages say so, files and workers have longer."""

import time

import pytest
from django.db import OperationalError, connection, connections
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny

from ccm import database, exports
from ccm.database import NotReady
from ccm.views.failures import not_found, server_error

pytestmark = pytest.mark.django_db(transaction=True)

# Sleeps for longer than a page is given here, and shorter than anybody would wait for.
SLEEP = 3


def asleep(_request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [SLEEP])
    return HttpResponse("slept")


def a_file(_request: HttpRequest) -> HttpResponse:
    def rows():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(2)")
        yield ["slept"]

    return exports.download("sleep.csv", ["What"], rows())


@api_view()
@permission_classes([AllowAny])
def endpoint(request):
    return asleep(request)


urlpatterns = [
    path("asleep/", asleep),
    path("api/asleep/", asleep),
    path("api/endpoint/", endpoint),
    path("file/", a_file),
]
handler404, handler500 = not_found, server_error


@pytest.fixture
def limited(settings):
    """Connections as the web process has them, with one second for a page."""
    settings.PAGE_SECONDS = 1
    settings.ROOT_URLCONF = __name__
    connections.close_all()
    database.limit_statements(1)
    yield
    connection_created.disconnect(dispatch_uid="ccm.limit_statements")
    connections.close_all()


def limit():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


def test_a_page_that_takes_too_long_is_ended_and_says_what_to_do(client, limited):
    began = time.monotonic()
    page = client.get("/asleep/?from=2026-01-01")
    assert time.monotonic() - began < SLEEP
    assert page.status_code == 503
    words = page.content.decode()
    assert "longer than 1 seconds" in words
    assert "fewer days" in words
    # The connection is as good as before.
    assert limit() == "1s"


def test_what_was_sent_and_ended_is_said_not_to_be_kept(client, limited):
    words = client.post("/asleep/").content.decode()
    assert "is not kept" in words
    assert "fewer days" not in words


@pytest.mark.parametrize("address", ["/api/asleep/", "/api/endpoint/"])
def test_the_api_answers_a_problem(client, limited, address):
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert "fewer days" in answer.json()["detail"]


def test_a_file_that_is_read_while_it_is_sent_has_longer_and_then_a_page_has_not(
    client, limited, settings
):
    settings.FILE_SECONDS = 60
    answer = client.get("/file/")
    assert b"slept" in b"".join(answer.streaming_content)
    assert limit() == "1s"
    settings.FILE_SECONDS = 1
    with pytest.raises(OperationalError):
        b"".join(client.get("/file/").streaming_content)
    assert limit() == "1s"


def test_other_faults_are_no_such_thing(client, limited):
    client.raise_request_exception = False
    assert not database.was_ended(NotReady("no"))
    assert not database.was_ended(OperationalError("the server went away"))
    assert client.get("/nowhere/").status_code == 404


def test_workers_and_commands_are_not_limited_nor_anybody_who_is_given_0_seconds():
    assert limit() == "0"
    with database.allowed(1):
        assert limit() == "0"
    database.limit_statements(0)
    connections.close_all()
    assert limit() == "0"


def test_only_the_web_process_limits_its_statements(monkeypatch, settings):
    """`serve`, before it answers anybody."""
    from ccm import serve

    settings.PAGE_SECONDS = 7
    said = []
    listen = serve.listen
    monkeypatch.setattr(serve, "listen", lambda *at: said.append("listens") or listen(*at))
    monkeypatch.setattr(serve.database, "limit_statements", said.append)
    monkeypatch.setattr(serve.Server, "run", lambda *_, **__: said.append("runs"))
    serve.serve("127.0.0.1", 0, 1)
    assert said == [7, "listens", "runs"]
