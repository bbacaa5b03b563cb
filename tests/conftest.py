"""Fixtures every test may use. What a test needs of the record it builds with `tests.builders`."""

import asyncio
import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Task
from django.db import connections
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from tests import emptying, examples, once, signing, template

# Playwright keeps an event loop in the thread of the tests, and Django would refuse to work there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

# How long an example takes says nothing on a machine with other work.
# The same examples each time, so that the suite says the same of the same code; what looks further
# are the commands of `tests.heavy`.
settings.register_profile(
    "ccm",
    deadline=None,
    derandomize=examples.TIMES == 1,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ccm")


# A test that commits ends with every table emptied.
TransactionTestCase._fixture_teardown = emptying.empty
Client._login = signing.login


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Nothing of what is loaded here is garbage: looking for it was a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: looking through it for garbage, again and again, was
    a tenth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_blocker: DjangoDbBlocker) -> None:
    """A database of its own for each process, so that two runs at once do not meet; a copy of the
    one that is migrated already."""
    with django_db_blocker.unblock():
        copied = template.made()
    for connection in connections.all():
        connection.settings_dict["TEST"] |= {
            "NAME": f"test_ccm_{os.getpid()}", "TEMPLATE": copied,
        }  # fmt: skip


@pytest.fixture(scope="session")
def _made_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Nothing that was made once outlives the tests."""
    yield
    with django_db_blocker.unblock():
        once.leave()


@pytest.fixture
def _django_db_helper(
    request: pytest.FixtureRequest, _made_once: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Each way to the database leads through this fixture of pytest-django; around what it does
    lies what a test shares with others."""
    with django_db_blocker.unblock():
        once.around(request)
    request.getfixturevalue("_django_db_helper")


@pytest.fixture
def sample_data() -> Path:
    """The folder of real call logs, which are other people's and not in this repository."""
    folder = os.environ.get("CCM_SAMPLE_DATA", "")
    if not folder:
        pytest.skip("CCM_SAMPLE_DATA is unset: the real call logs are not part of the project")
    return Path(folder)


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands do their work themselves. The browser tests' worker may be up beside this test,
    and would wait for what this test does not commit."""
    monkeypatch.setattr("ccm.work.worker_is_up", lambda: False)


@pytest.fixture
def nothing_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """No task reaches a broker; what `work.here` does itself it still does."""
    from ccm import work

    sent = work.send

    def only_here(task: Task, *args: Any) -> None:
        if work.is_done_here():
            sent(task, *args)

    monkeypatch.setattr("ccm.work.send", only_here)


@pytest.fixture(autouse=True)
def _alone_with_its_tables(request: pytest.FixtureRequest) -> None:
    """What a test commits is emptied at its end. The browser tests' worker may be up beside it,
    and must not be at work in those tables then: each would wait for the other."""
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction")
    if commits and not request.node.get_closest_marker("browser"):
        request.getfixturevalue("nothing_sent")


@pytest.fixture(scope="session", autouse=True)
def _somebody_is_there() -> None:
    """Pages lead whoever is not signed in to sign in, as where there is somebody; tests of the
    first admin begin otherwise."""
    from ccm.entry import first_run

    first_run._known_to_be_over = True


# Browser tests


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Headless Chromium from the system (or CHROMIUM), which asks nobody else for anything."""
    chromium = shutil.which(os.environ.get("CHROMIUM") or "chromium")
    if not chromium:
        if os.environ.get("CCM_REQUIRE_BROWSER"):
            pytest.fail("CCM_REQUIRE_BROWSER is set and there is no chromium")
        pytest.skip("there is no chromium here (CHROMIUM names another place to look)")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {**browser_type_launch_args, "executable_path": chromium, "args": flags}


@pytest.fixture(scope="session")
def browser(browser: Any) -> Iterator[Any]:
    """Once started, Playwright's loop counts as running, and must where it ends."""
    loop = asyncio._get_running_loop()
    yield browser
    asyncio._set_running_loop(loop)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Beside the browser's tests that loop is none, from a test's first fixture to its last:
    asyncio.run would refuse, and Django keeps another connection where a loop runs than where none
    does, so that a test would commit what its fixtures mean to take back."""
    loop = asyncio._get_running_loop()
    if loop is None or item.get_closest_marker("browser"):
        return (yield)
    asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        asyncio._set_running_loop(loop if loop.is_running() else None)
