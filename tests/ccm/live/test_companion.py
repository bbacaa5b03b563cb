"""A process that is kept beside another, and what becomes of either when the other is gone."""

import logging
import subprocess
import sys
import threading
import time

from ccm.live import companion

LISTENING = """
import time
from ccm.live import companion
companion.PATIENCE_SECONDS = 0.2
companion.when_alone({do})
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
    with companion.kept(["/no/such/program"], "nothing", over):
        deadline = time.monotonic() + 10
        while len(caplog.records) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
    paused = [one.args[2] for one in caplog.records]
    assert paused[:4] == [0.05, 0.1, 0.2, 0.2]
    assert "No such file" in caplog.records[0].getMessage()


def test_one_that_does_not_end_at_its_word_is_ended(monkeypatch):
    monkeypatch.setattr(companion, "PATIENCE_SECONDS", 0.2)
    over = threading.Event()
    deaf = [sys.executable, "-c", "import time; time.sleep(60)"]
    with companion.kept(deaf, "deaf", over):
        pass
    assert over.is_set()


def test_left_alone_a_process_does_what_it_is_to_and_ends_where_that_has_no_effect():
    for do, code in (("lambda: __import__('os')._exit(7)", 7), ("lambda: None", 1)):
        with subprocess.Popen(listening(do), stdin=subprocess.PIPE) as left:
            left.stdin.close()
            assert left.wait(30) == code
