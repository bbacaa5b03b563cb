"""Loaded by pytest before Django's settings: the suite's own servers, thrown away with their data.

Workers of pytest-xdist inherit the addresses, so one pair of servers serves them all; each
worker has its own database (pytest-django) and its own prefix in Redis.
"""

import gc
import os
import sys
import tempfile
from contextlib import ExitStack

import pytest

from ccm import stack
from tests import alone

_open = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    alone.guard()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    # Until what is collected is there (`tests/conftest.py`) all that is loaded stays.
    gc.disable()
    # Workers, and the commands that tests start, find the project compiled: each did it anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    os.environ["CCM_REDIS_PREFIX"] = f"test-{worker}:"
    # Tests travel in time while they are signed in; those of sessions set their own limits.
    os.environ["CCM_SESSION_IDLE_MINUTES"] = str(14 * 24 * 60)
    os.environ["CCM_SESSION_HOURS"] = str(14 * 24)
    # No page is handed to a worker because the machine that tests it is slow; tests of that set it.
    os.environ["CCM_ANSWER_SECONDS"] = "0"
    # Tables of a few rows are read in any order, and to weigh all orders of twelve of them was a
    # third of what the database did.
    os.environ["PGOPTIONS"] = "-c join_collapse_limit=4"
    # Not in the environment of whoever runs the suite: it must never meet real data.
    if worker == "main":
        os.environ.pop("DATABASE_URL", None)
        os.environ.pop("REDIS_URL", None)
        # Where the recordings of tests lie, for workers and processes that they start too.
        recordings = tempfile.TemporaryDirectory(prefix="ccm-recordings-")
        os.environ["CCM_RECORDINGS"] = _open.enter_context(recordings)
    _open.enter_context(stack.running(name="test", fast=True, createdb=True))


def pytest_unconfigure() -> None:
    _open.close()
