"""The `callcenter` command as a shell sees it: words, streams, exit codes."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg2
import pytest
from django.db import OperationalError

from ccm import cli, database, serve

ROOT = Path(__file__).resolve().parents[2]

# `callcenter report` with another command's body, to see what passes through.
STAND_IN = """
import sys
from django.core.management.base import BaseCommand, CommandError
from ccm import cli

class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("--code", type=int, default=0)

    def handle(self, code, **options):
        from django.contrib.auth import get_user_model
        self.stdout.write('{"users": %d}' % get_user_model().objects.count())
        if code:
            raise CommandError("some rows were rejected", returncode=code)

cli._load = lambda name: Command()
cli.main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def bare() -> Iterator[dict[str, str]]:
    """The environment of a machine with nothing running, and an empty data folder."""
    with tempfile.TemporaryDirectory(prefix="ccm-cli-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        given = ("DATABASE_URL", "REDIS_URL", "CCM_SECRET_KEY", "CCM_PARENT")
        env = {key: value for key, value in os.environ.items() if key not in given}
        yield env | {"CCM_DATA_DIR": f"{folder}/data"}


@pytest.fixture(autouse=True)
def handlers_put_back() -> Iterator[None]:
    """`main` takes two signals for itself; here it runs inside pytest."""
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for sign, handler in before.items():
        signal.signal(sign, handler)


def callcenter(env, *words, program=("-m", "ccm.cli")) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *program, *words],
        env=env,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def data_folder(env: dict[str, str]) -> Path:
    return Path(env["CCM_DATA_DIR"])


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    own = ("up", "serve", "worker", "beat")
    handed_over = ("demo", "import", "report", "rebuild", "migrate", "live", "simulate", "watch")
    for name in (*own, *handed_over, "forecast", "staffing"):
        assert f"\n    {name} " in shown


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nope"],
        ["up", "--port", "0"],
        ["up", "--port", "x"],
        ["serve", "--bad"],
        ["worker", "--queues", "import,forecast"],  # nobody would send it anything
    ],
)
def test_wrong_words_get_the_help_and_exit_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "usage: callcenter" in shown.err


def test_help_of_a_command_starts_nothing(bare):
    shown = callcenter(bare, "createsuperuser", "--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith("usage: callcenter createsuperuser")
    assert not data_folder(bare).exists()


@pytest.mark.parametrize(
    ("words", "usage", "told"),
    [
        (["forecast", "evaluate"], "forecast evaluate", "--origins-from YYYY-MM-DD"),
        (["staffing", "solve"], "staffing solve", "max_occupancy"),
        (["staffing", "simulate"], "staffing simulate", "FILE"),
        (["staffing"], "staffing", "simulate"),
    ],
)
def test_help_of_a_part_of_a_command_is_its_own(words, usage, told, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: callcenter {usage} ")
    assert told in shown


def test_what_reads_a_file_alone_starts_nothing(bare, tmp_path):
    cases = tmp_path / "cases.csv"
    cases.write_text(
        "case_id,model,calls,interval_s,aht_s,patience_s,target_s,target_sl,max_occupancy,shrinkage,"
        "agents_given,required_agents,scheduled_agents,p_wait,service_level,asa_s,occupancy,"
        "p_abandon,p_block,source\n"
        "A,erlang_c,100,1800,180,,20,0.8,0.85,0.3,,,,,,,,,,a guide\n"
    )
    shown = callcenter(bare, "staffing", "solve", str(cases))
    assert shown.returncode == 0
    assert ",14,20,0.1741319335" in shown.stdout.splitlines()[1]
    assert shown.stdout.splitlines()[1].endswith(",a guide")
    refused = callcenter(bare, "forecast", "evaluate", str(cases), "--origins-from", "2026-01-01")
    assert refused.returncode == 2
    assert refused.stderr == (
        f"{cases}: The first line must name the columns interval_start and calls.\n"
    )
    assert not data_folder(bare).exists()


def test_a_taken_port_is_said_before_anything_is_started(bare):
    with serve.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        tried = callcenter(bare, "up", "--port", str(port))
    assert tried.returncode == 2
    assert tried.stderr == (
        f"Cannot listen on 127.0.0.1 port {port}: address already in use. "
        "Choose another with --port.\n"
    )
    assert not data_folder(bare).exists()


@pytest.mark.parametrize("code", [0, 2, 3])
def test_on_a_bare_machine_a_command_prints_only_its_own_and_its_code_comes_through(bare, code):
    """The first of these makes servers and tables; none of that is on stdout."""
    done = callcenter(bare, "report", "--code", str(code), program=("-c", STAND_IN))
    assert json.loads(done.stdout) == {"users": 0}
    assert done.returncode == code
    assert done.stderr == ("some rows were rejected\n" if code else "")


def test_an_argument_the_command_does_not_know_exits_2(bare):
    done = callcenter(bare, "report", "--nope", program=("-c", STAND_IN))
    assert done.returncode == 2
    assert "unrecognized arguments: --nope" in done.stderr


def test_a_data_folder_that_cannot_be_had_is_said_in_words(bare, tmp_path):
    file = tmp_path / "file"
    file.touch()
    done = callcenter(bare | {"CCM_DATA_DIR": str(file)}, "report", program=("-c", STAND_IN))
    assert done.returncode == 2
    assert done.stderr == f"{file} is not a folder. Choose another CCM_DATA_DIR.\n"


def test_a_database_that_does_not_answer_is_said_in_words(bare):
    env = bare | {"DATABASE_URL": "postgres://ccm:secret@127.0.0.1:1/ccm", "REDIS_URL": "redis://x"}
    done = callcenter(env, "migrate")
    assert done.returncode == 2
    assert done.stderr.startswith("The database does not answer: ")
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


@pytest.fixture
def elsewhere(bare) -> Iterator[dict[str, str]]:
    """An environment whose DATABASE_URL points to an empty database that is not ours to change."""
    url = os.environ["DATABASE_URL"]
    with contextlib.closing(psycopg2.connect(url)) as server, server.cursor() as cursor:
        server.autocommit = True
        name = f"elsewhere_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
        there = url.replace("/ccm?", f"/{name}?")
        assert there != url
        yield bare | {"DATABASE_URL": there, "REDIS_URL": os.environ["REDIS_URL"]}
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_given_database_gets_its_tables_when_empty_and_is_left_alone_when_behind(elsewhere):
    first = callcenter(elsewhere, "report", program=("-c", STAND_IN))
    assert json.loads(first.stdout) == {"users": 0}
    with contextlib.closing(psycopg2.connect(elsewhere["DATABASE_URL"])) as there:
        there.autocommit = True
        with there.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    behind = callcenter(elsewhere, "report", program=("-c", STAND_IN))
    assert (behind.returncode, behind.stdout) == (2, "")
    assert behind.stderr == "The database is 1 migration behind: run `callcenter migrate`.\n"
    assert callcenter(elsewhere, "migrate", "--fake", "sessions").returncode == 0
    again = callcenter(elsewhere, "report", program=("-c", STAND_IN))
    assert json.loads(again.stdout) == {"users": 0}


def test_a_database_from_before_the_first_migration_is_refused_in_words_and_left_alone(elsewhere):
    """Of an app that has had some of what its first migration replaces, Django says that there is
    nothing to do."""
    had = "CREATE TABLE django_migrations (id serial, app text, name text, applied timestamptz)"
    one = "INSERT INTO django_migrations (app, name) VALUES ('coaching', '0001_sessions')"
    with contextlib.closing(psycopg2.connect(elsewhere["DATABASE_URL"])) as there:
        there.autocommit = True
        with there.cursor() as cursor:
            cursor.execute(had)
            cursor.execute(one)
        for command in ("report", "migrate"):
            done = callcenter(elsewhere, command)
            assert (done.returncode != 0, done.stdout) == (True, "")
            assert "made by an older version" in done.stderr
            assert "see Upgrade in docs/operating.md" in done.stderr
            assert "Traceback" not in done.stderr
        with there.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_an_old_postgresql_is_refused_by_its_number(monkeypatch):
    database.check_server()
    monkeypatch.setattr(database, "MIN_VERSION", 99)
    with pytest.raises(database.NotReady, match=r"is PostgreSQL 18, and 99 or newer"):
        database.check_server()


def test_what_the_server_says_when_it_refuses_is_passed_on(monkeypatch):
    def refuse():
        raise OperationalError("too many clients\n")

    # Not the connection itself: what other tests go on with must not be what refuses.
    refusing = SimpleNamespace(ensure_connection=refuse)
    monkeypatch.setattr(database, "connection", refusing)
    with pytest.raises(
        database.NotReady, match=r"^The database does not answer: too many clients$"
    ):
        database.check_server()
