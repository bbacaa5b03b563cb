"""The servers that the tests run on, as those who keep them meet them."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from django.db import connection

from ccm import stack
from ccm.stack import places


@contextmanager
def superuser(name: str = "postgres") -> Iterator[psycopg2.extensions.cursor]:
    """A cursor of the cluster's superuser in a database."""
    parameters = connection.get_connection_params()
    more = {"user": "postgres", "password": secret(), "dbname": name}
    there = psycopg2.connect(**parameters | more)
    there.autocommit = True
    try:
        with there.cursor() as cursor:
            yield cursor
    finally:
        there.close()


def secret() -> str:
    servers = (stack.data_dir() / "servers").resolve()
    return places.Place(servers, "test", places.account()).passwords()["postgres"]
