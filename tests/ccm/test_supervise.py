"""The supervisor, over small real processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ccm import supervise
from ccm.stack.processes import command_of
from ccm.supervise import Child, Supervisor

ROOT = Path(__file__).resolve().parents[2]


def a_child(name: str, program: str, patience: float = 3.0) -> Child:
    return Child(name, [sys.executable, "-u", "-c", program], patience)


def run(children: list[Child], until, seconds: float = 20.0) -> list[str]:
    """Supervise until `until(said)` holds, then send the signal a terminal would. What was said."""
    said: list[str] = []
    deadline = time.monotonic() + seconds

    def tick() -> None:
        if until(said) or time.monotonic() > deadline:
            os.kill(os.getpid(), signal.SIGINT)

    Supervisor(children, dict(os.environ), said.append).run(tick)
    return said


def ends(pid: int) -> bool:
    """Whether the process is gone within five seconds."""
    deadline = time.monotonic() + 5
    while command_of(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not command_of(pid)


WAITS = """
import signal, sys, time
def leave(*_):
    print("leaving")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("here")
time.sleep(60)
"""


def test_children_stop_one_after_the_other_the_last_started_first():
    children = [a_child(name, WAITS) for name in ("live", "web")]
    said = run(children, lambda said: len(said) == 2)
    assert sorted(said[:2]) == ["live     | here", "web      | here"]
    assert said[2:] == ["web      | leaving", "live     | leaving"]


def test_a_child_that_dies_is_started_again():
    said = run(
        [a_child("worker", "print('once'); raise SystemExit(3)")],
        lambda said: said.count("worker   | once") == 2,
    )
    assert said[:3] == [
        "worker   | once",
        "worker ended (exit code 3); it starts again in 1 s",
        "worker   | once",
    ]


def test_the_pauses_grow():
    child = a_child("worker", "raise SystemExit(1)")
    said = run([child], lambda said: len(said) == 2)
    assert [line.rpartition(" in ")[2] for line in said[:2]] == ["1 s", "2 s"]


def test_a_child_that_was_well_is_started_again_at_once(monkeypatch):
    monkeypatch.setattr(supervise, "HEALTHY_SECONDS", 0.1)
    monkeypatch.setattr(supervise, "FIRST_PAUSE_SECONDS", 60.0)
    said = run(
        [a_child("live", "import time; print('once'); time.sleep(0.2)")],
        lambda said: said.count("live     | once") == 2,
    )
    assert said[:3] == [
        "live     | once",
        "live ended (exit code 0); it starts again",
        "live     | once",
    ]


def test_a_child_that_does_not_listen_is_ended_after_its_patience():
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf')"
    child = a_child("worker", deaf + "; time.sleep(60)", patience=0.5)
    began = time.monotonic()
    run([child], lambda said: said == ["worker   | deaf"])
    assert time.monotonic() - began < 10
    assert child.process is None


def test_nothing_that_a_child_started_outlives_it():
    program = (
        "import subprocess, sys, time;"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid);"
        "time.sleep(60)"
    )
    said = run([a_child("worker", program)], lambda said: bool(said))
    pid = int(said[0].rpartition(" ")[2])
    assert ends(pid)


def test_half_a_line_waits_for_its_end_and_the_last_one_is_not_lost():
    program = (
        "import sys, time; sys.stdout.write('one '); time.sleep(0.7);"
        "sys.stdout.write('line\\nlast'); sys.stdout.flush(); time.sleep(60)"
    )
    said = run([a_child("web", program)], lambda said: bool(said))
    assert said == ["web      | one line", "web      | last"]


def test_handlers_of_signals_are_put_back():
    before = [signal.getsignal(sign) for sign in supervise.SIGNALS]
    run([], lambda said: True)
    assert [signal.getsignal(sign) for sign in supervise.SIGNALS] == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a child to its parent")
def test_children_of_a_killed_parent_are_told_to_go():
    child = (
        "import sys, time; from ccm import supervise; supervise.die_with(int(sys.argv[1]));"
        "print('tied', flush=True); time.sleep(60)"
    )
    parent = (
        "import os, subprocess, sys, time;"
        f"c = subprocess.Popen([sys.executable, '-c', {child!r}, str(os.getpid())]);"
        "print(c.pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    pid = int(process.stdout.readline())
    assert process.stdout.readline() == "tied\n"
    process.kill()
    process.wait()
    process.stdout.close()
    assert ends(pid)
