"""Fixtures every test may use. What a test needs of the record it builds with `tests.builders`."""

import os
from pathlib import Path

import pytest
from django.db import connections


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """A database of its own for each process, so that two runs at once do not meet."""
    for connection in connections.all():
        connection.settings_dict["TEST"]["NAME"] = f"test_ccm_{os.getpid()}"


@pytest.fixture
def sample_data() -> Path:
    """The folder of real call logs, which are other people's and not in this repository."""
    folder = os.environ.get("CCM_SAMPLE_DATA", "")
    if not folder:
        pytest.skip("CCM_SAMPLE_DATA is unset: the real call logs are not part of the project")
    return Path(folder)
