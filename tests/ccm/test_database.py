"""A process that goes after others does so with its sessions in the database, too."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from ccm import database

ASK = """
import os, django
from pathlib import Path
django.setup()
from django.db import connection
from ccm import database
database.go_after_others(7)
connection.ensure_connection()
session = connection.connection.info.backend_pid
for pid in (os.getpid(), session):
    print(os.getpriority(os.PRIO_PROCESS, pid))
    group = Path(f"/proc/{pid}/autogroup")
    print(group.read_text().split()[-1] if group.exists() else 7)
"""


def session():
    """The host and the number of the session that serves this process."""
    connection.ensure_connection()
    told = connection.connection.info
    return told.host, told.backend_pid


@pytest.mark.django_db
def test_the_sessions_of_a_process_that_goes_after_others_go_after_them_too():
    if not database._is_here(*session()):
        pytest.skip("the database is reached through no socket of this machine")
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "ccm.settings"}
    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        env=env,
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert asked.stdout.split() == [str(max(7, os.getpriority(os.PRIO_PROCESS, 0)))] * 4


@pytest.mark.parametrize(
    ("host", "command", "here"),
    [
        ("/run/postgresql", "postgres: ccm ccm [local] idle", True),
        ("db.example", "postgres: ccm ccm 192.0.2.7(5432) idle", False),
        ("/run/forwarded", "vim notes on postgres", False),
        ("/run/forwarded", "", False),
    ],
)
def test_a_program_that_is_no_session_of_this_machine_is_left_alone(
    monkeypatch, host, command, here
):
    monkeypatch.setattr(database.processes, "command_of", {7: command}.get)
    assert database._is_here(host, 7) is here


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("7", 7),
        ("007", 7),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("0" * 5000, None),  # more digits than Python reads
        ("9" * 5000, None),
        ("", None),
        ("-1", None),
        ("1.0", None),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", None),
        ("\N{SUPERSCRIPT TWO}", None),
    ],
)
def test_an_id_that_an_address_says_is_one_that_a_row_could_have(word, number):
    assert database.id_of(word) == number
