"""The program under test: web, worker and live process as they are run, on a database of tests
that commit, and windows to look at it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.window import Window
from tests.program import Command, Web, wait_for_quiet

OpenWindow = Callable[..., Window]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What lies here is a browser's test, whether its file says so or not: one that is not taken
    for such leaves Playwright without its loop, and with it all that come after."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def processes(
    browser: Browser, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Web, Command]]:
    """Web and worker, for all tests of this run."""
    folder = tmp_path_factory.mktemp("program")
    web = Web(folder / "web.log")
    worker = Command(folder / "worker.log", "worker", "--concurrency", "1")
    try:
        web.wait()
        yield web, worker
    finally:
        for one in (web, worker):
            one.ask_to_stop()
        for one in (web, worker):
            one.stop()


@pytest.fixture
def program(processes: tuple[Web, Command], transactional_db: None) -> Iterator[Web]:
    """The program with an empty record."""
    web, worker = processes
    assert web.alive(), web.said()
    assert worker.alive(), worker.said()
    yield web
    wait_for_quiet()


@pytest.fixture
def live(program: Web, tmp_path: Any) -> Iterator[Command]:
    """The live process."""
    process = Command(tmp_path / "live.log", "live")
    yield process
    process.stop()


@pytest.fixture
def window(program: Web, browser: Browser) -> Iterator[OpenWindow]:
    """Opens windows that share nothing; none may have had anything to complain of at the end."""
    opened: list[Window] = []

    def new(**options: Any) -> Window:
        settings = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options
        made = Window(
            browser.new_context(**({"reduced_motion": "reduce"} | settings)), program.address
        )
        opened.append(made)
        return made

    yield new
    complaints = [words for one in opened for words in one.unexpected()]
    for one in opened:
        one.context.close()
    assert complaints == []
