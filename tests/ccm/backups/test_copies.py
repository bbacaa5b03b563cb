"""`callcenter backup` and `restore`: what is copied comes back, and nothing that is less passes."""

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from psycopg2 import sql

from ccm import backups, database
from ccm.backups import making, manifest, programs, restoring, sums
from ccm.models import Backup, Call
from tests.builders import NINE, a_record, a_site, stored
from tests.cluster import superuser

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "a key of more than twenty signs"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def calls() -> int:
    site = a_site()
    stored(site, *[a_record(NINE, external_id=str(n)) for n in range(40)])
    return 40


@pytest.fixture(autouse=True)
def no_key(settings, tmp_path):
    settings.BACKUP_KEY = ""
    settings.RECORDINGS = str(tmp_path / "recordings")


def make(target: Path, key: str | None = None, recordings: bool = False) -> making.Made:
    return making.make(
        target, key, now=timezone.now(), recordings=recordings, say=lambda _words: None
    )


@pytest.fixture
def other() -> str:
    """The name of a database that is not there, and is not afterwards."""
    name = f"test_restored_{os.getpid()}"
    drop(name)
    yield name
    drop(name)


def drop(name: str) -> None:
    parameters = connection.get_connection_params() | {"dbname": "ccm"}
    other = psycopg2.connect(**parameters)
    other.autocommit = True
    with other.cursor() as cursor:
        words = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        cursor.execute(words)
    other.close()


def restore(path: Path, into: str, key: str | None = None, replace: str | None = None):
    with restoring.into(into, restoring.make_database):
        return restoring.restore(path, key, replace=replace, jobs=2, say=lambda _words: None)


def calls_in(name: str) -> int:
    with restoring.into(name, restoring.make_database):
        return Call.objects.count()


def test_what_is_copied_comes_back_table_by_table(calls, tmp_path, other):
    made = make(tmp_path)
    assert made.path.name.endswith(".zip")
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [made.path.name]  # nothing is left over
    assert sum(t.rows for name, t in made.said.tables.items() if ".ccm_call_" in name) == calls
    done = restore(made.path, other)
    assert (done.said, done.migrated, done.keys) == (made.said, 0, [])
    assert calls_in(other) == calls
    with restoring.into(other, restoring.make_database):
        database.make_ready(ours=False)  # today's tables, nothing unfinished
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(numerator) FROM kpi.offered")
            assert cursor.fetchone()[0] > 0  # the views are there, and read the calls


def test_the_last_copy_is_known_once_it_was_read_back(calls, tmp_path):
    assert backups.last() is None
    make(tmp_path / "one.zip")
    made = make(tmp_path / "two", KEY)
    last = backups.last()
    assert (last.name, last.bytes, last.is_sealed) == ("two", made.bytes, True)
    assert Backup.objects.count() == 2


def test_a_sealed_copy_holds_nothing_in_clear(calls, tmp_path):
    plain = make(tmp_path / "plain.zip").path.read_bytes()
    sealed = make(tmp_path / "sealed", KEY).path.read_bytes()
    assert b"manifest.json" in plain
    assert b"PGDMP" in plain
    assert b"manifest.json" not in sealed
    assert b"PGDMP" not in sealed


def test_no_copy_is_written_over_a_file_and_none_under_a_key_that_is_guessed(calls, tmp_path):
    there = tmp_path / "there.zip"
    there.write_text("mine")
    with pytest.raises(backups.Refused, match="is there already"):
        make(there)
    assert there.read_text() == "mine"
    with pytest.raises(backups.Refused, match="at least 20 signs"):
        make(tmp_path, "short")
    with pytest.raises(backups.Refused, match="There is no folder"):
        make(tmp_path / "none" / "copy.zip")
    assert list(tmp_path.iterdir()) == [there]


def test_a_copy_is_of_one_moment_though_calls_come_in_meanwhile(
    calls, tmp_path, monkeypatch, other
):
    """Calls that are stored after the snapshot are neither in the sums nor in the dump."""
    whole = sums.tables
    site = a_site("York")

    def late(besides):
        parameters = connection.get_connection_params()
        with psycopg2.connect(**parameters) as elsewhere, elsewhere.cursor() as cursor:
            cursor.execute("UPDATE ccm_site SET name = 'Later' WHERE id = %s", [site.pk])
        elsewhere.close()
        return whole(besides)

    monkeypatch.setattr(sums, "tables", late)
    made = make(tmp_path)
    monkeypatch.undo()
    restore(made.path, other)
    with restoring.into(other, restoring.make_database), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM ccm_site WHERE id = %s", [site.pk])
        assert cursor.fetchone() == ("York",)


def test_a_file_that_was_changed_or_cut_is_refused_and_touches_nothing(calls, tmp_path, other):
    good = {key: make(tmp_path / str(key), key).path for key in (None, KEY)}
    for key, path in good.items():
        whole = path.read_bytes()
        for place in (30, len(whole) // 3, len(whole) // 2, len(whole) - 30):
            changed = bytearray(whole)
            changed[place] ^= 0x10
            bad = tmp_path / "bad"
            bad.write_bytes(changed)
            with pytest.raises(backups.Refused):
                restore(bad, other, key)
        for length in (0, 10, len(whole) // 2, len(whole) - 1):
            bad.write_bytes(whole[:length])
            with pytest.raises(backups.Refused):
                restore(bad, other, key)
    with restoring.into(other, restoring.make_database):
        assert connection.introspection.table_names() == []


def test_without_the_key_or_with_another_it_is_said_what_is_wrong(calls, tmp_path, other):
    path = make(tmp_path, KEY).path
    with pytest.raises(backups.Refused, match="is sealed: give its key"):
        restore(path, other)
    with pytest.raises(backups.Refused, match="under another key"):
        restore(path, other, KEY.upper())
    (tmp_path / "letter").write_text("Dear all")
    with pytest.raises(backups.Refused, match="no copy of a record"):
        restore(tmp_path / "letter", other)
    with pytest.raises(backups.Refused, match="cannot be read"):
        restore(tmp_path / "none", other)


def test_only_an_empty_database_takes_a_copy_unless_its_name_is_typed(calls, tmp_path, other):
    path = make(tmp_path).path
    restore(path, other)
    with pytest.raises(backups.Refused, match=f"{other} is not empty"):
        restore(path, other)
    with pytest.raises(backups.Refused, match="nothing was changed"):
        restore(path, other, replace="yes")
    with restoring.into(other, restoring.make_database):
        Backup.objects.create(
            made_at=NINE, name="x", bytes=1, seconds=1, is_sealed=False, version="1"
        )
    restore(path, other, replace=other)
    with restoring.into(other, restoring.make_database):
        assert Backup.objects.count() == 0
        assert Call.objects.count() == calls


def test_what_was_cut_off_as_it_was_emptied_is_not_taken_for_the_record(
    calls, tmp_path, other, monkeypatch
):
    path = make(tmp_path).path
    restore(path, other)
    some = iter([True, True])

    def killed():
        dropped = drop_some()
        if not next(some, False):
            raise KeyboardInterrupt
        return dropped

    drop_some = restoring._drop_some
    monkeypatch.setattr(restoring, "_drop_some", killed)
    with pytest.raises(KeyboardInterrupt):
        restore(path, other, replace=other)
    monkeypatch.undo()
    with (
        restoring.into(other, restoring.make_database),
        pytest.raises(database.NotReady, match="cut off"),
    ):
        database.make_ready(ours=True)
    restore(path, other)
    assert calls_in(other) == calls


def test_emptying_takes_few_locks_at_a_time(calls, tmp_path, other, monkeypatch):
    path, held = make(tmp_path).path, []
    restore(path, other)
    atomic = restoring.transaction.atomic

    @contextlib.contextmanager
    def counted():
        with atomic():
            yield
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()")
                held.append(cursor.fetchone()[0])

    monkeypatch.setattr(restoring.transaction, "atomic", counted)
    with restoring.into(other, restoring.make_database):
        restoring._empty(other)
        assert not restoring._is_full()
    # PostgreSQL has room for 64 times its connections, as it comes 6,400, of all who work there.
    assert len(held) > 5
    assert max(held) < 2000


def test_what_another_role_owns_is_a_reason_to_touch_nothing(calls, tmp_path, other):
    path = make(tmp_path).path
    restore(path, other)
    with superuser(other) as cursor:
        cursor.execute("CREATE VIEW theirs AS SELECT * FROM ccm_site")
    with pytest.raises(backups.Refused, match=r"owns \(public\.theirs of postgres\): use an empty"):
        restore(path, other, replace=other)
    assert calls_in(other) == calls


def test_nothing_is_restored_under_somebody_who_works_there(calls, tmp_path, other):
    path = make(tmp_path).path
    restore(path, other)
    at_work = psycopg2.connect(**connection.get_connection_params() | {"dbname": other})
    try:
        with pytest.raises(backups.Refused, match="1 session is at work"):
            restore(path, other, replace=other)
    finally:
        at_work.close()
    assert calls_in(other) == calls


def rewritten(path: Path, into: Path, **changed) -> Path:
    """The same copy with another manifest."""
    with zipfile.ZipFile(path) as read, zipfile.ZipFile(into, "w") as write:
        for name in read.namelist():
            said = read.read(name)
            if name == manifest.NAME:
                said = json.dumps(json.loads(said) | changed).encode()
            write.writestr(name, said)
    return into


def test_a_copy_of_a_newer_program_or_server_is_refused(calls, tmp_path, other):
    made = make(tmp_path / "good.zip")
    newer = [*made.said.migrations, "ccm.9999_not_yet"]
    for changed, words in [
        ({"migrations": newer}, "newer program .* does not know ccm.9999_not_yet"),
        ({"postgres": 99}, "is of PostgreSQL 99"),
        ({"format": 2}, "newer program"),
        ({"parts": {}}, "does not hold the parts"),
        ({"tables": 7}, "manifest is damaged"),
    ]:
        with pytest.raises(backups.Refused, match=words):
            restore(rewritten(made.path, tmp_path / "changed.zip", **changed), other)
        (tmp_path / "changed.zip").unlink()


def test_what_came_back_is_held_against_what_was_copied(calls, tmp_path, other):
    made = make(tmp_path / "good.zip")
    tables = json.loads(made.said.text())["tables"]
    tables["public.ccm_site"]["sum"] = "1"
    tables["public.ccm_team"]["rows"] += 1
    with pytest.raises(backups.Refused, match="ccm_site: 1 rows, of which some are others") as told:
        restore(rewritten(made.path, tmp_path / "changed.zip", tables=tables), other)
    assert "public.ccm_team: 0 rows, and there were 1" in str(told.value)
    with (
        restoring.into(other, restoring.make_database),
        pytest.raises(database.NotReady, match="cut off"),
    ):
        database.make_ready(ours=True)
    restore(made.path, other)  # it may be begun again without more words
    assert calls_in(other) == calls


def test_recordings_go_along_those_that_are_there_stay_and_another_key_is_named(
    calls, tmp_path, settings, other
):
    folder = Path(settings.RECORDINGS)
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "one.wav").write_bytes(b"RIFF one")
    (folder / "two.wav").write_bytes(b"RIFF two")
    (folder / "out.wav").symlink_to("/etc/passwd")
    made = make(tmp_path / "copy.zip", recordings=True)
    assert sorted(made.said.parts) == [
        "database.dump", "recordings/2026/one.wav", "recordings/two.wav",
    ]  # fmt: skip
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "two.wav").write_bytes(b"another")
    settings.CALLER_KEY = "another"
    done = restore(made.path, other)
    assert (folder / "2026" / "one.wav").read_bytes() == b"RIFF one"
    assert (folder / "two.wav").read_bytes() == b"another"
    assert done.others == [str(folder / "two.wav")]
    assert done.keys == ["CCM_CALLER_KEY"]
    assert all(settings.SECRET_KEY not in mark for mark in made.said.keys.values())


def test_a_part_whose_name_leads_elsewhere_is_refused(calls, tmp_path, other, settings):
    made = make(tmp_path / "good.zip")
    evil = tmp_path / "evil.zip"
    outside = tmp_path / "outside"
    outside.mkdir()
    Path(settings.RECORDINGS).mkdir()
    (Path(settings.RECORDINGS) / "link").symlink_to(outside)
    part = {
        "bytes": 1,
        "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
    }
    for name, words in (
        ("recordings/../../x", "leads elsewhere"), (f"recordings/{outside}/x", "leads elsewhere"),
        ("recordings/a//x", "leads elsewhere"), ("recordings/./x", "leads elsewhere"),
        ("recordings/", "leads elsewhere"), ("other/x", "leads elsewhere"),
        ("recordings/link/x", "written outside of"),
    ):  # fmt: skip
        said = json.loads(made.said.text())
        said["parts"][name] = part  # the sum is of "x"
        with zipfile.ZipFile(made.path) as read, zipfile.ZipFile(evil, "w") as write:
            write.writestr("database.dump", read.read("database.dump"))
            write.writestr(name, "x")
            write.writestr("manifest.json", json.dumps(said))
        with pytest.raises(backups.Refused, match=words):
            restore(evil, other)
    assert list(outside.iterdir()) == []


def test_whoever_comes_while_the_copy_is_read_is_seen_before_anything_goes(
    calls, tmp_path, other, monkeypatch
):
    path = make(tmp_path).path
    restore(path, other)
    came = []
    check = restoring._check_and_take_out

    def slowly(*said):
        check(*said)
        parameters = connection.get_connection_params() | {"dbname": other}
        came.append(psycopg2.connect(**parameters))

    monkeypatch.setattr(restoring, "_check_and_take_out", slowly)
    try:
        with pytest.raises(backups.Refused, match="1 session is at work"):
            restore(path, other, replace=other)
    finally:
        came[0].close()
    assert calls_in(other) == calls


def test_nobody_else_may_call_functions_of_the_owners_right_after_a_restore(calls, tmp_path, other):
    restore(make(tmp_path).path, other)
    with restoring.into(other, restoring.make_database), connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, has_function_privilege('public', oid, 'EXECUTE') FROM pg_proc"
            " WHERE prosecdef AND pronamespace IN ('public'::regnamespace, 'kpi'::regnamespace)"
            " ORDER BY proname"
        )
        assert cursor.fetchall() == [
            ("ccm_audit_waits", False), ("ccm_drop_month", False), ("ccm_let_go_of_audit", False),
            ("ccm_make_month", False),
            ("of", False),
        ]  # fmt: skip


def test_a_disk_that_is_full_leaves_nothing_and_is_said(calls, tmp_path, monkeypatch):
    def full(_read, _into):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(making, "_copied", full)
    with pytest.raises(backups.Refused, match="No copy was made: No space left on device"):
        make(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert backups.last() is None


def test_what_would_grow_when_it_is_read_is_no_copy(calls, tmp_path, other):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as write:
        write.writestr("manifest.json", " " * 10_000_000)
    with pytest.raises(backups.Refused, match="no copy of a record"):
        restore(bomb, other)


def a_program(folder: Path, version: str) -> None:
    path = folder / "pg_dump"
    path.write_text(f'#!/bin/sh\necho "pg_dump (PostgreSQL) {version}"\n')
    path.chmod(0o755)


def test_programs_that_are_older_than_the_server_are_told_so(calls, tmp_path, monkeypatch):
    a_program(tmp_path, "16.4")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(backups.Refused, match="pg_dump is of PostgreSQL 16, and the server is 18"):
        programs.find("pg_dump", 18)
    (tmp_path / "pg_dump").unlink()
    with pytest.raises(backups.Refused, match="There is no pg_dump"):
        programs.find("pg_dump", 18)


def test_no_password_is_on_a_command_line():
    password = connection.get_connection_params()["password"]
    assert password
    assert password not in programs.address()
    assert programs.environment()["PGPASSWORD"] == password
    assert not any(name.startswith("CCM_") for name in programs.environment())


def command(*words: str, **more: str) -> subprocess.Popen:
    address = urlsplit(os.environ["DATABASE_URL"])
    here = address._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return subprocess.Popen(
        [sys.executable, "-m", "ccm.cli", *words],
        env=os.environ | {"DATABASE_URL": here, **more},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_copy_that_is_killed_leaves_nothing_that_passes_for_one(calls, tmp_path):
    for seconds in (0, 0.05, 0.15):
        killed = command("backup", str(tmp_path))
        until = time.monotonic() + 60
        while not list(tmp_path.glob(".*.callcenter-unfinished")) and killed.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(seconds)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.communicate()
    whole = [path for path in tmp_path.iterdir() if not path.name.endswith("unfinished")]
    for path in whole:  # it may have been quicker than the kill: then it is whole
        with backups.archive.opened(path, None) as (copy, said):
            backups.archive.check(copy, said)
    make(tmp_path / "next.zip")
    assert list(tmp_path.glob(".*.callcenter-unfinished")) == []


def test_a_restore_that_is_killed_is_not_taken_for_the_record(calls, tmp_path, other, monkeypatch):
    path = make(tmp_path).path

    def killed(_program, _dump, _jobs):
        raise KeyboardInterrupt

    monkeypatch.setattr(restoring, "_load", killed)
    with pytest.raises(KeyboardInterrupt):
        restore(path, other)
    monkeypatch.undo()
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{other}").geturl()
    for words in (["migrate"], ["report"]):
        refused = command(*words, DATABASE_URL=address)
        _out, said = refused.communicate(timeout=60)
        assert (refused.returncode, said) == (
            2,
            "A copy is being restored into this database, or that was cut off: run"
            " `callcenter restore` again.\n",
        )
    restore(path, other)
    assert calls_in(other) == calls


def test_with_sealed_no_copy_is_made_without_a_key(tmp_path):
    with pytest.raises(CommandError, match="There is no key") as refused:
        call_command("backup", str(tmp_path / "copies"), "--sealed")
    assert refused.value.returncode == 2
    assert not (tmp_path / "copies").exists()


def test_the_commands_say_what_they_did_and_a_sealed_copy_comes_back(calls, tmp_path, other):
    key = tmp_path / "key"
    key.write_text(KEY + "\n")
    out = StringIO()
    target = str(tmp_path / "copy")
    call_command("backup", target, "--key-file", str(key), stdout=out, stderr=StringIO())
    assert out.getvalue().startswith(f"{target}: ")
    assert ", sealed, " in out.getvalue()
    out = StringIO()
    words = [target, "--key-file", str(key), "--into", other, "--jobs", "1"]
    call_command("restore", *words, stdout=out, stderr=StringIO())
    assert "each table equal to the copy" in out.getvalue()
    assert "`callcenter verify`" in out.getvalue()
    assert calls_in(other) == calls
    with pytest.raises(CommandError, match="is sealed") as refused:
        call_command("restore", target, "--into", other, stderr=StringIO())
    assert refused.value.returncode == 2
