"""What many tests of a file begin with is made once, and each of them finds it as it was made.

    @once.fixture  # in a test's own file, and without fixtures of its own
    def centre():
        return a_centre(days=70)

    def test_of_it(centre):
        site, queue = centre

It is made in a transaction around those of the tests, which end at savepoints of it. A test that
does not ask for it begins with an empty record as ever: what was made is taken back before it, and
is made again for the next that asks. So it must be slow to make, and its tests stand together.
"""

import contextlib
import copy
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction

Make = Callable[[], Any]
_makes: dict[int, Make] = {}


def fixture(make: Make) -> Any:
    """A fixture of a copy of what `make` returned: rows of the database, or a heap of them."""

    @pytest.fixture
    def once(db: None) -> Any:
        return copy.deepcopy(_kept.made)

    _makes[id(once)] = make
    return once


class _Kept:
    """What is made at the moment, if anything is."""

    def __init__(self) -> None:
        self.make: Make | None = None
        self.made: Any = None
        self._around = contextlib.ExitStack()

    def have(self, make: Make | None) -> None:
        """See that what lies around the test that comes is what `make` makes; or nothing."""
        if make is not self.make:
            self.leave()
            if make is not None:
                self._enter(make)
        if make is not None:
            _forget_answers()

    def _enter(self, make: Make) -> None:
        self._around.enter_context(transaction.atomic())
        self._around.callback(transaction.set_rollback, True)
        self.make = make
        try:
            self.made = make()
            # Else every test would look again at whether all that it is made of is there.
            connection.check_constraints()
        except BaseException:
            self.leave()
            raise
        # Nobody hears of what is never committed.
        connection.run_on_commit.clear()

    def leave(self) -> None:
        self.make = self.made = None
        self._around.close()


_kept = _Kept()


def around(request: pytest.FixtureRequest) -> None:
    """Before the first look at the database of a test: what it asks for is made, no other is."""
    known = vars(request.module) if request.module else {}
    asked = {_makes.get(id(known.get(name))) for name in request.fixturenames} - {None}
    assert len(asked) <= 1, "of what is made once a test has one"
    _kept.have(asked.pop() if asked else None)


def leave() -> None:
    """After the last of them."""
    _kept.leave()


def _forget_answers() -> None:
    """Rows keep their numbers from test to test here, and answers are kept under these."""
    cache.version += 1
