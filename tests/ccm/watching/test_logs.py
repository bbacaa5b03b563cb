"""Lines of the log: one for each thing said, whatever is said; by programs or people to be read."""

import json
import logging
import sys

import pytest
import structlog
from django.db import OperationalError, ProgrammingError
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm.watching import logs
from tests.examples import examples


def record(message, *args, name="django.request", level=logging.WARNING, exc_info=None, **more):
    made = logging.LogRecord(name, level, "", 0, message, args, exc_info)
    for key, value in more.items():
        setattr(made, key, value)
    return made


def lines_of(form, made):
    return logs.formatter(form).format(made).split("\n")


def ours(event, **values):
    """What structlog hands over, as the settings configure it."""
    return record({"event": event, **values}, _logger=None, _name="info", name="ccm.requests")


HOSTILE = 'x\n2026-01-01T00:00:00Z [info] signed in user=1\r\x1b[2K\u2028\x85"}\n{"event": "no'


@pytest.mark.parametrize("form", logs.FORMATS)
def test_nobody_adds_a_line_or_steers_a_terminal(form):
    for made in (record("Not Found: %s", HOSTILE), ours("request", path=HOSTILE)):
        text = logs.formatter(form).format(made)
        assert len(text.splitlines()) == 1
        assert not any(sign in text for sign in "\r\x1b\u2028\x85")


@settings(max_examples=examples(100))
@given(st.text(max_size=60))
def test_whatever_is_said_is_one_line(said):
    for form in logs.FORMATS:
        made = record("said %s", said)
        assert len(logs.formatter(form).format(made).splitlines()) == 1
    (line,) = lines_of("json", record("%s", said))
    assert json.loads(line)["event"] == said


@pytest.mark.parametrize("form", logs.FORMATS)
def test_what_an_error_says_is_no_line_of_its_own_either(form):
    try:
        raise ValueError("bad\n2026-01-01T00:00:00Z [info     ] signed in")
    except ValueError:
        text = logs.formatter(form).format(record("it broke", exc_info=sys.exc_info()))
    first, *rest = text.splitlines()
    assert "it broke" in first
    if form == "json":
        assert rest == []
        assert "ValueError: bad" in json.loads(first)["exception"]
    else:
        assert all(line.startswith("  | ") for line in rest)
        assert any("ValueError: bad" in line for line in rest)


def test_a_traceback_has_no_values_of_variables():
    try:
        caller = "0123456789"
        raise ValueError(len(caller))
    except ValueError:
        made = record("it broke", exc_info=sys.exc_info())
    assert "0123456789" not in logs.formatter("json").format(made)
    assert "0123456789" not in logs.formatter("plain").format(made).replace('caller = "', "")


def test_a_line_for_programs_says_when_who_how_bad_and_of_which_request():
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        (line,) = lines_of("json", record("It is %s", "late"))
    told = json.loads(line)
    assert told["event"] == "It is late"
    assert told["logger"] == "django.request"
    assert told["level"] == "warning"
    assert told["request_id"] == "r1"
    assert told["timestamp"].endswith("Z")


@pytest.mark.parametrize("form", logs.FORMATS)
def test_secrets_of_addresses_are_left_out_whoever_tells_them(form):
    for made in (record("Not Found: %s", "/s/sesame/"), ours("x", path="/kiosk/sesame/token/")):
        text = logs.formatter(form).format(made)
        assert "sesame" not in text
        assert "***" in text


def test_what_django_says_of_requests_that_are_nobodys_is_left_out_but_that_they_broke():
    asked = RequestFactory().post("/coaching/suggestions/new/")
    other = RequestFactory().post("/coaching/huddles/")
    only = logs.WithoutNobodys()
    assert not only.filter(record("Too Many Requests: %s", asked.path, request=asked))
    assert only.filter(record("Too Many Requests: %s", other.path, request=other))
    assert only.filter(record("It broke", level=logging.ERROR, request=asked))
    assert only.filter(record("no request at all"))
    # Sockets come along with errors of servers, and have no path.
    assert only.filter(record("Broken pipe", request=object()))


def refused_host(seconds, host="evil"):
    made = record("Invalid HTTP_HOST header: %r", host, level=logging.ERROR,
                  name="django.security.DisallowedHost",
                  exc_info=(ValueError, ValueError("host"), None))  # fmt: skip
    made.created = float(seconds)
    return made


def test_what_strangers_do_is_one_line_a_minute_and_no_traceback():
    strangers = logs.Strangers()
    first, again, next_one = refused_host(0), refused_host(59), refused_host(60)
    assert [strangers.filter(one) for one in (first, again, next_one)] == [True, False, True]
    for form in logs.FORMATS:
        assert len(logs.formatter(form).format(first).splitlines()) == 1
    (line,) = lines_of("json", next_one)
    told = json.loads(line)
    assert told["level"] == "warning"
    assert told["event"] == "Invalid HTTP_HOST header: 'evil' (and 1 more before)"
    assert strangers.filter(long := refused_host(999, "x" * 60_000))
    assert len(long.getMessage()) == logs.Strangers.LONGEST
    # What breaks here is told as it is.
    ours = record("it broke", level=logging.ERROR, exc_info=(ValueError, ValueError("x"), None))
    assert strangers.filter(ours)
    assert (ours.levelno, bool(ours.exc_info)) == (logging.ERROR, True)


def test_while_the_database_is_away_pages_that_ask_for_it_are_one_line_a_minute():
    def asked(at):
        why = OperationalError("connection to server failed: No such file\n\tIs it running?")
        told = record("Internal Server Error: %s", "/calls/", level=logging.ERROR,
                      exc_info=(type(why), why, None))  # fmt: skip
        told.created = float(at)
        return told

    away = logs.Away()
    first, again, next_one = asked(0), asked(30), asked(61)
    assert [away.filter(one) for one in (first, again, next_one)] == [True, False, True]
    for form in logs.FORMATS:
        assert len(logs.formatter(form).format(first).splitlines()) == 1
    assert first.getMessage() == "PostgreSQL is away: connection to server failed: No such file"
    assert next_one.getMessage().endswith("(and 1 more before)")
    assert (next_one.levelno, next_one.exc_info) == (logging.WARNING, None)
    # A statement that is wrong is a fault of the program's, and has its traceback.
    wrong = ProgrammingError("no such column")
    ours = record("it broke", level=logging.ERROR, exc_info=(ProgrammingError, wrong, None))
    assert away.filter(ours)
    assert (ours.levelno, bool(ours.exc_info)) == (logging.ERROR, True)


def test_a_host_that_nobody_named_is_answered_in_words_and_logged_by_that(client, caplog):
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "names no address of this installation" in answer.content.decode()
    (one,) = [one for one in caplog.records if one.name.startswith(logs.Strangers.PREFIX)]
    assert logs.Strangers().filter(one)
    assert (one.levelno, one.exc_info) == (logging.WARNING, None)
