"""`callcenter up`: what it decides, and the whole of it once, from empty folder to stopped."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from ccm import cli, lanes, serve, up
from ccm.demo import LOGINS
from ccm.models import Job, User
from ccm.stack import StackError

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ({}, "http://127.0.0.1:8051"),
        ({"CCM_ADDRESS": "https://ccm.example"}, "https://ccm.example"),
        ({"CCM_TRUSTED_ORIGINS": "https://ccm.example"}, None),
    ],
)
def test_its_processes_know_the_port_that_they_are_served_at(said, address):
    assert up.told(said, 8051).get("CCM_ADDRESS") == address


@pytest.mark.django_db
def test_the_demo_is_wanted_by_an_empty_record_only():
    assert up.wants_demo()
    User.objects.create(username="someone")
    assert not up.wants_demo()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (Job.State.QUEUED, True),
        (Job.State.RUNNING, True),  # cut off half-way: its users are there, its calls are not all
        (Job.State.DONE, False),
        (Job.State.FAILED, False),
    ],
)
def test_a_demo_that_was_cut_off_is_gone_on_with(state, wanted):
    User.objects.create(username="someone")
    Job.objects.create(kind="demo", state=state)
    assert up.wants_demo() is wanted


@pytest.mark.django_db
def test_the_welcome_shows_only_logins_that_open_the_door():
    assert "callcenter createsuperuser" in up.welcome(8000)
    manager, planner = LOGINS[1], LOGINS[2]
    User.objects.create_user(manager.username, password=manager.password)
    User.objects.create_user(planner.username, password="they chose their own")
    shown = up.welcome(8000)
    assert "http://127.0.0.1:8000/" in shown
    assert manager.password in shown
    assert planner.password not in shown
    assert "createsuperuser" not in shown


def test_stopping_goes_from_what_feeds_to_what_is_fed():
    stopping = [child.name for child in reversed(up.children(8000, simulator=True))]
    assert stopping == ["simulate", "web", "beat", "worker", "long", "live"]
    assert "simulate" not in [child.name for child in up.children(8000, simulator=False)]


def test_its_two_workers_do_all_work_and_each_of_it_one():
    """Long work does not stand in the way of the rest, and Celery can tell them apart."""
    workers = [
        words for one in up.children(8000, simulator=False) if "worker" in (words := one.command)
    ]
    asked = [cli._parser().parse_args(words[3:]) for words in workers]
    assert sorted(queue for one in asked for queue in one.queues) == sorted(lanes.ALL)
    assert {one.queues: one.concurrency for one in asked}[("long",)] == 1
    assert [lanes.node(one.queues) for one in asked] == [
        "long@%h",
        "import-rollup-mail-default@%h",
    ]


def test_the_page_does_not_wait_for_long_work_to_start():
    begun = {child.name: child.start_at for child in up.children(8000, simulator=True)}
    assert {name for name, at in begun.items() if at > time.monotonic() + 5} == {"long"}


def test_one_data_folder_is_up_once(tmp_path):
    data = tmp_path / "data"
    with up.alone(data), pytest.raises(StackError, match="already up"), up.alone(data):
        pass
    with up.alone(data):
        pass


def processes_naming(folder: str, pids: set[int]) -> list[str]:
    """Command lines that name the folder, or belong to one of the sessions."""
    rows = subprocess.run(["ps", "-eo", "pid=,sess=,stat=,args="], capture_output=True, text=True)
    found = []
    for row in rows.stdout.splitlines():
        pid, session, state, words = row.split(None, 3)
        if not state.startswith("Z") and (folder in words or int(session) in pids):
            found.append(f"{pid} {words}")
    return found


def test_from_an_empty_folder_to_a_page_and_back_to_nothing_running():
    with serve.listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    given = ("DATABASE_URL", "REDIS_URL", "CCM_SECRET_KEY", "CCM_REDIS_PREFIX")
    env = {key: value for key, value in os.environ.items() if key not in given}
    with tempfile.TemporaryDirectory(prefix="ccm up ", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        log = Path(folder, "log")
        with log.open("wb") as out:
            centre = subprocess.Popen(
                [*up.command("up", "--no-demo", "--no-simulator", "--port", str(port))],
                env=env | {"CCM_DATA_DIR": f"{folder}/data"},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            deadline = time.monotonic() + 180
            while not up.answers(port):
                assert centre.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
            while "Ctrl-C stops it" not in log.read_text():
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
            os.killpg(centre.pid, signal.SIGINT)  # what a terminal does
            assert centre.wait(timeout=60) == 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(centre.pid, signal.SIGKILL)
            centre.wait()
        said = log.read_text()
        assert f"http://127.0.0.1:{port}/" in said
        assert said.endswith("Stopped.\n")
        assert re.findall(r"Traceback|CRITICAL|ERROR|FATAL", said) == [], said
        assert processes_naming(folder, {centre.pid}) == []
