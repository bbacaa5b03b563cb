"""Work done side by side: at once, each with a connection of its own, and all or none of it."""

import threading
import time

import pytest
from django.db import connection

from ccm.abreast import abreast
from ccm.models import Site
from tests.builders import a_site

committed = pytest.mark.django_db(transaction=True)


def session():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def sleep():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")


@committed
def test_two_pieces_go_on_at_once_and_the_third_when_one_is_done():
    meeting = threading.Barrier(2, timeout=10)
    going, most = [], []

    def piece():
        going.append(session())
        most.append(len(going))
        meeting.wait()
        meeting.wait()
        return going.pop()

    with abreast(2) as hands:
        told = [hands.do(piece) for _ in range(4)]
    assert max(most) == 2
    assert session() not in {one.result() for one in told}


@committed
def test_a_piece_may_wait_for_one_before_it():
    with abreast(2) as hands:
        first = hands.do(lambda: a_site("Here").name)
        hands.do(lambda: Site.objects.create(name=first.result() + " too", slug="too"))
    assert set(Site.objects.values_list("name", flat=True)) == {"Here", "Here too"}


def slept_beside(fault, *pieces):
    """What became of those that would sleep for minutes beside a fault; it is raised."""
    began = time.monotonic()
    sleeping = []

    def all_of_it():
        with abreast(2) as hands:
            for piece in pieces:
                hands.do(piece)
            sleeping.extend(hands.do(sleep) for _ in range(3))
            if not pieces:
                raise fault

    with pytest.raises(type(fault)):
        all_of_it()
    assert time.monotonic() - began < 30
    return sleeping


@committed
def test_what_fails_stops_the_others_and_is_told():
    def fails():
        raise ValueError("no such day")

    sleeping = slept_beside(ValueError(), fails)
    assert all(one.cancelled() or one.exception() for one in sleeping)


@committed
def test_who_is_told_to_end_does_not_wait_for_what_goes_on():
    sleeping = slept_beside(SystemExit())
    assert all(one.cancelled() or one.exception() for one in sleeping)


@pytest.mark.django_db
def test_in_a_transaction_it_is_done_here_where_its_rows_are_seen():
    a_site("Here")
    with abreast(2) as hands:
        seen = hands.do(Site.objects.count)
        own = hands.do(session)
    assert (seen.result(), own.result()) == (1, session())
