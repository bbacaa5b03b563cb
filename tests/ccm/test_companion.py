"""A process that is kept beside another, and what becomes of either when the other is gone."""

import logging
import os
import subprocess
import sys
import threading
import time

import pytest

from ccm import companion
from ccm.companion import Companion

LISTENING = """
import time
from ccm import companion
companion.when_alone({do}, 0.2)
time.sleep(60)
"""


def listening(do):
    """A process that does so when it is alone."""
    return [sys.executable, "-c", LISTENING.format(do=do)]


def test_one_that_cannot_be_begun_is_tried_ever_less_often_and_keeps_nobody(caplog, monkeypatch):
    monkeypatch.setattr(companion, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(companion, "LONGEST_PAUSE_SECONDS", 0.2)
    caplog.set_level(logging.WARNING)
    over = threading.Event()
    with companion.kept(Companion(["/no/such/program"], "nothing"), over):
        deadline = time.monotonic() + 10
        while len(caplog.records) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
    paused = [one.args[2] for one in caplog.records]
    assert paused[:4] == [0.05, 0.1, 0.2, 0.2]
    assert "No such file" in caplog.records[0].getMessage()


def test_one_that_does_not_end_at_its_word_is_ended(tmp_path):
    told = tmp_path / "pid"
    words = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    deaf = Companion([sys.executable, "-c", words], "deaf", patience=0.2)
    with companion.kept(deaf, threading.Event()):
        deadline = time.monotonic() + 30
        while not (told.exists() and told.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        began = time.monotonic()
    assert time.monotonic() - began < 30
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


def test_left_alone_a_process_does_what_it_is_to_and_ends_where_that_has_no_effect():
    for do, code in (("lambda: __import__('os')._exit(7)", 7), ("lambda: None", 1)):
        with subprocess.Popen(listening(do), stdin=subprocess.PIPE) as left:
            left.stdin.close()
            assert left.wait(30) == code
