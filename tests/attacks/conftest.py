"""What every attack leaves out: a line of the log for each request that is refused."""

import logging
from collections.abc import Iterator

import pytest

QUIET = ("django.request", "django.security.csrf", "django.security.DisallowedHost")


@pytest.fixture(autouse=True)
def _refusals_are_not_written_down() -> Iterator[None]:
    for name in QUIET:
        logging.getLogger(name).disabled = True
    yield
    for name in QUIET:
        logging.getLogger(name).disabled = False
