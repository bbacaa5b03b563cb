"""The embedded servers, started for real in folders of their own."""

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import environ
import psycopg2
import pytest
import redis
from kombu import Connection

from ccm import stack
from ccm.stack import places, processes
from ccm.stack.urls import database_url, redis_url

ROOT = os.geteuid() == 0
root_only = pytest.mark.skipif(
    not ROOT, reason="only root needs a system user for the servers; these tests run as a user"
)

# One more user of the servers: says the database's process, and leaves when its input ends.
USER = """
import sys
from ccm import stack
env = {"CCM_DATA_DIR": sys.argv[1]}
with stack.running(env, fast=True, say=lambda words: None) as servers:
    print(servers.postgres.pid(), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def ground() -> Iterator[Path]:
    """A folder that anyone may pass through, as pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="ccm test ", dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="module")
def data(ground: Path) -> Path:
    """The data folder that most tests share: making a database takes a second or two."""
    return ground / ("a folder with a long name " * 5).strip() / "data"


def start(data: Path, **options):
    env = {"CCM_DATA_DIR": str(data)}
    return stack.running(env, fast=True, createdb=True, say=lambda words: None, **options)


def ask(servers: stack.Servers, question: str):
    """The first row of the answer; what the question changes is kept."""
    with (
        contextlib.closing(psycopg2.connect(servers.addresses()["DATABASE_URL"])) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(question)
        return cursor.fetchone() if cursor.description else None


def a_user(data: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://:pw@cache:6379/2", "redis://:pw@cache:6379/2"),
        ("rediss://:pw@cache:6380/2", "rediss://:pw@cache:6380/2?ssl_cert_reqs=required"),
        ("rediss://h/0?ssl_cert_reqs=none", "rediss://h/0?ssl_cert_reqs=none"),
        ("unix:///run/r.sock", "redis+socket:///run/r.sock?virtual_host=0"),
        (
            "unix://:p%2Fw@/run/a%20b/r.sock?db=3",
            "redis+socket://:p%2Fw@/run/a%20b/r.sock?virtual_host=3",
        ),
        ("unix://:pw@/run/a b.sock", "redis+socket://:pw@/run/a%20b.sock?virtual_host=0"),
    ],
)
def test_celery_names_the_same_server_in_its_own_way(url, expected):
    assert stack.celery_broker_url(url) == expected


def test_celery_gets_no_address_of_another_kind():
    with pytest.raises(ValueError, match="amqp"):
        stack.celery_broker_url("amqp://localhost")


def test_a_socket_address_survives_django_environ():
    url = database_url(Path("/tmp/a b%c"), "ccm", "p/w@:", "ccm")
    read = environ.Env.db_url_config(url)
    assert (read["NAME"], read["USER"], read["PASSWORD"]) == ("ccm", "ccm", "p/w@:")
    assert (read["HOST"], read["OPTIONS"]) == ("", {"host": "/tmp/a b%c"})


def test_a_socket_address_survives_redis_py():
    pool = redis.ConnectionPool.from_url(redis_url(Path("/tmp/a b%c/r.sock"), "p/w@:"))
    assert pool.connection_kwargs["path"] == "/tmp/a b%c/r.sock"
    assert pool.connection_kwargs["password"] == "p/w@:"


def test_the_data_folder_is_named_or_lies_in_the_checkout():
    assert places.data_dir({"CCM_DATA_DIR": "/srv/x"}) == Path("/srv/x")
    assert places.data_dir({}) == Path(__file__).resolve().parents[2] / ".data"


def test_the_database_is_what_the_project_needs(data):
    with start(data) as servers:
        assert ask(servers, "SHOW server_version")[0].startswith("18.")
        assert ask(servers, "SHOW server_encoding") == ("UTF8",)
        assert ask(servers, "SHOW timezone") == ("UTC",)
        assert ask(servers, "SHOW listen_addresses") == ("",)
        # A small é sorts and folds by Unicode, whatever this machine's locale.
        assert ask(servers, "SELECT upper('é')") == ("É",)
        rights = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'ccm'"
        assert ask(servers, rights) == (False, False, True)
        assert ask(servers, "SELECT current_user") == ("ccm",)
        assert ask(
            servers,
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()",
        ) == ("ccm",)


def test_nobody_gets_in_without_the_password(data):
    with start(data) as servers:
        for user in ("ccm", "postgres"):
            with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
                psycopg2.connect(
                    host=str(servers.postgres.sockets), user=user, password="guess", dbname="ccm"
                )
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(unix_socket_path=str(servers.valkey.socket)).ping()


def test_secrets_are_in_no_command_line_and_no_open_file(data):
    with start(data) as servers:
        shown = [processes.command_of(one.pid()) for one in (servers.postgres, servers.valkey)]
        assert all(shown)
        secrets = [*servers.postgres.passwords.values(), (data / "secret_key").read_text()]
        assert len(set(secrets)) == 4
        assert not [secret for secret in secrets if any(secret in line for line in shown)]
        for file in (data / "secret_key", data / "servers" / "main" / "passwords.json"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_folder_of_ours_lets_strangers_in(data):
    with start(data) as servers:
        ours = [data, data / "servers", servers.place.home, servers.place.state]
        ours += [servers.postgres.data, servers.postgres.sockets]
        assert [path for path in ours if path.stat().st_mode & 0o007] == []
        # Under root the servers' own user passes through the outer ones.
        assert [path for path in ours[3:] if path.stat().st_mode & 0o077] == []


def test_celery_reaches_valkey(data):
    with start(data) as servers:
        url = stack.celery_broker_url(servers.addresses()["REDIS_URL"])
        with (
            Connection(url) as connection,
            contextlib.closing(connection.SimpleQueue("knock")) as queue,
        ):
            queue.put({"who": "there"})
            assert queue.get(timeout=5).payload == {"who": "there"}


def test_addresses_that_were_given_are_left_alone(ground):
    env = {
        "CCM_DATA_DIR": str(ground / "untouched"),
        "DATABASE_URL": "postgres://elsewhere/x",
        "REDIS_URL": "redis://elsewhere",
        "CCM_SECRET_KEY": "mine",
    }
    before = dict(env)
    with stack.running(env) as servers:
        assert env == before
        assert servers.addresses() == {}
        assert servers.keep() is False
    assert not (ground / "untouched").exists()


def test_what_was_set_is_taken_out_again_but_for_the_secret_key_file(data):
    env = {"CCM_DATA_DIR": str(data), "REDIS_URL": "redis://elsewhere"}
    with stack.running(env, fast=True) as servers:
        assert env["DATABASE_URL"].startswith("postgres://ccm:")
        assert env["REDIS_URL"] == "redis://elsewhere"
        assert servers.valkey is None
        first = env["CCM_SECRET_KEY"]
    assert env == {"CCM_DATA_DIR": str(data), "REDIS_URL": "redis://elsewhere"}
    with stack.running(env, fast=True):
        assert env["CCM_SECRET_KEY"] == first


def test_data_outlive_the_servers(data):
    with start(data) as servers:
        ask(servers, "CREATE TABLE kept AS SELECT 42 AS answer")
        first = servers.postgres.pid()
    assert not processes.command_of(first)
    assert not servers.postgres.sockets.exists()
    with start(data) as servers:
        assert ask(servers, "SELECT answer FROM kept") == (42,)


def test_the_last_to_leave_stops_them(data):
    one, other = a_user(data), a_user(data)
    pid = int(one.stdout.readline())
    assert int(other.stdout.readline()) == pid  # two at once started one server
    one.communicate()
    assert processes.command_of(pid)
    other.communicate()
    assert not processes.command_of(pid)


def test_two_at_once_make_one_database(ground):
    """On a bare machine, too: neither meets folders or a cluster that is half made."""
    users = [a_user(ground / "raced") for _ in range(2)]
    pids = {int(user.stdout.readline()) for user in users}
    for user in users:
        user.communicate()
    assert len(pids) == 1
    assert [user.returncode for user in users] == [0, 0]


def test_servers_left_by_a_killed_process_are_used_and_then_stopped(data):
    killed = a_user(data)
    pid = int(killed.stdout.readline())
    killed.kill()
    killed.communicate()
    with start(data) as servers:
        assert servers.postgres.pid() == pid
    assert not processes.command_of(pid)


def test_killed_servers_are_started_again(data):
    """Also while a session of the killed server is still busy in its memory."""
    with start(data) as servers:
        busy = psycopg2.connect(servers.addresses()["DATABASE_URL"], async_=1)
        psycopg2.extensions.set_wait_callback(None)
        while busy.poll() != psycopg2.extensions.POLL_OK:
            time.sleep(0.01)
        busy.cursor().execute("SELECT count(*) FROM generate_series(1, 2000000000)")
        time.sleep(0.2)
        for server in (servers.postgres, servers.valkey):
            os.kill(server.pid(), signal.SIGKILL)
        # The kernel takes a moment to bury them.
        until = time.monotonic() + 10
        while (servers.postgres.pid() or servers.valkey.pid()) and time.monotonic() < until:
            time.sleep(0.01)
        began = time.monotonic()
        assert servers.keep() is True
        assert time.monotonic() - began < 20
        assert ask(servers, "SELECT 1") == (1,)
        assert redis.Redis.from_url(servers.addresses()["REDIS_URL"]).ping()
        assert servers.keep() is False


def test_a_process_number_that_belongs_to_another_by_now_stops_nothing(data):
    with start(data) as servers:
        os.kill(servers.postgres.pid(), signal.SIGKILL)
        stale = servers.postgres.data / "postmaster.pid"
        account = servers.place.account.popen_options()
        stranger = subprocess.Popen(["/bin/sleep", "60"], **account)
        try:
            _, rest = stale.read_text().split("\n", 1)
            stale.write_text(f"{stranger.pid}\n{rest}")
            assert servers.keep() is True
            assert ask(servers, "SELECT 1") == (1,)
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()


def test_a_cleaned_temporary_folder_is_made_again_under_the_same_name(data):
    with start(data) as servers:
        before = servers.addresses()
        for socket in servers.postgres.sockets.iterdir():
            socket.unlink()
        servers.postgres.sockets.rmdir()
        with start(data) as newcomer:
            assert newcomer.addresses() == before
            assert ask(newcomer, "SELECT 1") == (1,)


def test_a_socket_folder_open_to_others_is_not_used(data):
    with start(data) as servers:
        used = servers.postgres.sockets
    used.mkdir()
    used.chmod(0o777)
    try:
        with start(data) as servers:
            assert servers.postgres.sockets != used
    finally:
        used.rmdir()


def test_a_copied_data_folder_has_servers_of_its_own(data, ground):
    with start(data) as servers:
        copied = ground / "copied"
        subprocess.run(["cp", "-a", str(data), str(copied)], check=True)
        with start(copied) as others:
            assert others.postgres.sockets != servers.postgres.sockets
            assert ask(others, "SELECT 1") == (1,)
            assert ask(servers, "SELECT 1") == (1,)


def test_what_was_there_keeps_its_permissions(ground):
    home = ground / "home"
    theirs = home / "theirs"
    theirs.mkdir(parents=True)
    theirs.chmod(0o755)
    home.chmod(0o751)
    with start(theirs):
        pass
    assert [stat.S_IMODE(path.stat().st_mode) for path in (home, theirs)] == [0o751, 0o755]


def test_a_folder_where_anyone_may_write_is_refused(ground):
    shared = ground / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(stack.StackError, match="Anyone may write"), start(shared):
        pass
    assert list(shared.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_refused(ground):
    file = ground / "file"
    file.touch()
    with pytest.raises(stack.StackError, match="not a folder"), start(file):
        pass


def test_another_major_version_is_refused_in_words(ground):
    old = ground / "old"
    with start(old) as servers:
        mark = servers.postgres.data / "PG_VERSION"
    mark.write_text("17\n")
    with (
        pytest.raises(stack.StackError, match=r"made by PostgreSQL 17, and this is 18\."),
        start(old),
    ):
        pass


def test_a_temporary_folder_with_too_long_a_name_is_passed_over(data, ground, monkeypatch):
    long = ground / ("x" * 100)
    long.mkdir(mode=0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    (data / "servers" / "main" / "sockets.json").unlink(missing_ok=True)
    with start(data) as servers:
        assert servers.postgres.sockets.parent == Path("/tmp")


@root_only
def test_root_in_a_closed_home_changes_no_permission(ground, monkeypatch):
    """The servers' user may not pass: their state goes elsewhere, and one line says so."""
    monkeypatch.setattr(places, "SYSTEM_HOME", ground / "var lib ccm")
    home = ground / "closed home"
    (home / "checkout").mkdir(parents=True)
    home.chmod(0o700)
    said: list[str] = []
    env = {"CCM_DATA_DIR": str(home / "checkout" / ".data")}
    with stack.running(env, fast=True, say=said.append) as servers:
        assert ask(servers, "SELECT 1") == (1,)
        target = (home / "checkout" / ".data" / "servers").readlink()
    assert target.parent == ground / "var lib ccm"
    assert target.name.startswith("checkout-")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert len(said) == 1
    assert str(target) in said[0]
    with stack.running(env, fast=True, say=said.append) as servers:
        assert servers.place.servers == target
    assert len(said) == 1


@root_only
def test_under_root_the_servers_are_not_root(data):
    with start(data) as servers:
        for server in (servers.postgres, servers.valkey):
            owner = Path(f"/proc/{server.pid()}").stat().st_uid
            assert owner == servers.place.account.uid != 0


@root_only
def test_a_folder_of_someone_else_is_refused(ground):
    theirs = ground / "someone"
    theirs.mkdir()
    os.chown(theirs, 65_533, 65_533)
    with pytest.raises(stack.StackError, match="belongs to user 65533"), start(theirs):
        pass


def test_passwords_are_made_once(data):
    with start(data) as servers:
        first = servers.place.passwords()
    stored = json.loads((data / "servers" / "main" / "passwords.json").read_text())
    with start(data) as servers:
        assert servers.place.passwords() == first == stored
