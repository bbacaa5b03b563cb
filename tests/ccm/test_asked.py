"""A process that is asked to end does, whatever it is in the middle of."""

import os
import signal
import subprocess
import sys

import pytest

from ccm import asked

PROGRAM = """
import os, signal, threading
from ccm import asked
with asked.to_end({grace}) as over:
    print("there", flush=True)
    {does}
print("ended", flush=True)
"""
IN_A_STATEMENT = """
    import psycopg2
    psycopg2.connect(os.environ["DATABASE_URL"]).cursor().execute("SELECT pg_sleep(60)")
"""


def asked_while(does, sign=signal.SIGTERM, grace=30):
    """What such a process says and how it ends that is asked to in the middle of what it does."""
    program = PROGRAM.format(grace=grace, does=does.strip())
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        process.send_signal(sign)
        said, faults = process.communicate(timeout=50)
    return said, faults, process.returncode


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_by_itself_once_it_has_done_what_it_was_at(sign):
    assert asked_while("over.wait(60)", sign) == ("ended\n", "", 0)


def test_an_event_that_is_waited_for_all_the_time_is_set_all_the_same():
    # Its lock is held nearly always: a handler that set it in this thread would wait for itself.
    assert asked_while("while not over.wait(0): pass") == ("ended\n", "", 0)


def test_one_that_is_in_a_statement_ends_after_a_while_and_says_where_it_stood():
    said, faults, code = asked_while(IN_A_STATEMENT, grace=0.5)
    assert (said, code) == ("", 1)
    assert "still here 0 s after it was asked to end" in faults
    assert 'File "<string>", line 7 in <module>' in faults


def test_afterwards_signals_do_what_they_did_before():
    before = [signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)]
    woken = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(woken)
    open_before = len(os.listdir("/proc/self/fd"))
    with asked.to_end() as over:
        assert signal.getsignal(signal.SIGTERM) not in before
    assert not over.is_set()
    assert [signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)] == before
    assert signal.set_wakeup_fd(woken) == woken
    assert len(os.listdir("/proc/self/fd")) <= open_before + 1  # its end is read in a moment
