"""While the database is away every page says so in words, and asks again by itself."""

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection
from django.test import Client

from ccm import database
from ccm.access import ADMIN
from tests.builders import a_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person():
    """Somebody signed in, of whom the tests' client does not raise what a page breaks with."""
    client = Client(raise_request_exception=False)
    client.force_login(a_user(ADMIN))
    return client


@pytest.fixture
def away(person, monkeypatch):
    """As where the server ended: each statement breaks with its connection."""

    def gone(*_):
        raise OperationalError("server closed the connection unexpectedly")

    with connection.execute_wrapper(gone):
        yield


@pytest.mark.parametrize("address", ["/", "/floor/", "/audit/", "/accounts/login/"])
def test_a_page_says_that_the_record_is_away_and_is_asked_for_again(person, away, address):
    answer = person.get(address)
    assert answer.status_code == 503
    words = answer.content.decode()
    assert "cannot be reached just now" in words
    assert "tried again every 5 seconds" in words
    assert (answer["Refresh"], answer["Retry-After"]) == ("5", "5")


def test_what_was_sent_may_not_be_kept_and_is_never_sent_again_by_itself(person, away):
    answer = person.post("/admin/sites/new/", {"name": "York"})
    assert answer.status_code == 503
    assert "may not have been kept" in answer.content.decode()
    assert "Refresh" not in answer


def test_the_api_answers_a_problem(person, away):
    answer = person.get("/api/v1/agents/")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer["Retry-After"] == "5"


def test_a_server_that_ends_a_session_is_away_and_the_next_page_is_there(person):
    """By the server itself: the session that serves the page is ended in the midst of it."""
    ended = []

    def end(execute, *told):
        if not ended:
            ended.append(True)
            other = connection.copy()
            pid = connection.connection.info.backend_pid
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            other.close()
        return execute(*told)

    with connection.execute_wrapper(end):
        answer = person.get("/audit/")
    assert answer.status_code == 503
    assert "cannot be reached just now" in answer.content.decode()
    connection.close()
    assert person.get("/audit/").status_code == 200


@pytest.mark.parametrize("code", ["08006", "53100", "53300", "57P01", "57P03", None])
def test_no_connection_no_room_and_a_server_that_ends_are_away(code):
    assert database.is_away(broken(OperationalError, code))


def test_so_is_an_error_of_no_kind_and_a_connection_that_was_closed():
    assert database.is_away(DatabaseError("error with status PGRES_TUPLES_OK"))
    assert database.is_away(InterfaceError("connection already closed"))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (OperationalError, "57014"),  # it took too long, which is said in other words
        (OperationalError, "40P01"),  # a deadlock
        (IntegrityError, "23505"),
        (ValueError, None),
    ],
)
def test_other_faults_are_no_such_thing(kind, code):
    assert not database.is_away(broken(kind, code))


def test_nothing_is_no_fault():
    assert not database.is_away(None)


def broken(kind, code):
    fault = kind("no")
    fault.__cause__ = Exception()
    fault.__cause__.pgcode = code
    return fault
