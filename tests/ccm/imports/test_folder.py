"""A watched folder: complete files are imported and put away, whatever is killed when."""

import contextlib
import errno
import os
import random
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from ccm.api.calls import Read, chunk_of, identity_zone, read
from ccm.imports import folder, undo
from ccm.imports.cells import times
from ccm.imports.files.dialect import Dialect
from ccm.imports.folder import Watcher, held
from ccm.imports.mapping.profile import ALL, Column, Profile
from ccm.imports.mapping.targets import Rows
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Target
from ccm.models import Call, ImportBatch, ImportProfile, Job, Site, WatchedFolder
from tests.builders import a_site
from tests.program import Command, wait_for_quiet

pytestmark = pytest.mark.django_db


def a_log(call: str, begin: int = 1_772_442_000) -> str:
    """Three lines of one answered call."""
    return (
        f"{begin}|{call}|Sales|NONE|ENTERQUEUE||5550123|1\n"
        f"{begin + 12}|{call}|Sales|Ann|CONNECT|12|{call}.1|3\n"
        f"{begin + 102}|{call}|Sales|Ann|COMPLETECALLER|12|90|1\n"
    )


def watching(place: Path, site: Site, **more: str) -> Watcher:
    """A watcher that takes every file at the second look."""
    told = {"name": str(place), "folder": str(place), "site": site, "format": "asterisk_queue_log"}
    return Watcher(WatchedFolder.objects.create(**told | more), settle_seconds=1e-6)


def looked(watcher: Watcher) -> list[tuple[str, str]]:
    """What two looks put away, and where."""
    list(watcher.look())
    return [(ended.name, ended.place) for ended in watcher.look()]


def there(place: Path) -> list[str]:
    return sorted(one.name for one in place.iterdir())


def test_files_are_imported_and_put_away_with_a_note(tmp_path):
    watcher = watching(tmp_path, a_site())
    (tmp_path / "queue_log.1").write_text(a_log("a") + a_log("b", 1_772_443_000))
    (tmp_path / "letter.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nothing of ours")
    assert looked(watcher) == [("letter.doc", "failed"), ("queue_log.1", "done")]
    assert sorted(Call.objects.values_list("external_id", flat=True)) == ["a", "b"]
    assert there(tmp_path) == ["done", "failed"]
    assert there(tmp_path / "done") == ["queue_log.1", "queue_log.1.txt"]
    batch = ImportBatch.objects.get(job__state=Job.State.DONE)
    assert (tmp_path / "done" / "queue_log.1.txt").read_text() == (
        f"Import {batch.pk}. Read 6 = stored 6 + updated 0 + duplicate 0 + rejected 0"
        " + ignored 0.\n"
    )
    refused = ImportBatch.objects.get(job__state=Job.State.FAILED)
    assert refused.job.words in (tmp_path / "failed" / "letter.doc.txt").read_text()


def test_a_file_is_taken_when_it_no_longer_grows(tmp_path):
    watcher = watching(tmp_path, a_site())
    log, text = tmp_path / "queue_log", a_log("a")
    for size in (40, 60, len(text)):
        log.write_text(text[:size])
        assert list(watcher.look()) == []
    assert [one.place for one in watcher.look()] == ["done"]
    assert ImportBatch.objects.get().stored == 3


def test_what_is_hidden_unfinished_or_no_file_stays(tmp_path):
    watcher = watching(tmp_path, a_site())
    for name in (".queue_log", "queue_log.part", "queue_log.TMP", "queue_log~"):
        (tmp_path / name).write_text(a_log("a"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "queue_log").write_text(a_log("a"))
    (tmp_path / "link").symlink_to(tmp_path / "sub" / "queue_log")
    os.mkfifo(tmp_path / "pipe")
    assert looked(watcher) == []
    assert not watcher.waiting
    assert not Call.objects.exists()


def test_the_same_content_again_is_put_away_and_not_imported(tmp_path):
    watcher = watching(tmp_path, a_site())
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_text(a_log("a"))
    assert looked(watcher) == [("a.log", "done"), ("b.log", "done")]
    (tmp_path / "a.log").write_text(a_log("a"))
    assert looked(watcher) == [("a.log", "done")]
    assert ImportBatch.objects.count() == 1
    assert "a (2).log" in there(tmp_path / "done")
    assert "imported before" in (tmp_path / "done" / "b.log.txt").read_text()


def test_the_same_content_under_other_words_is_another_import(tmp_path):
    site = a_site()
    for zone in ("UTC", "Europe/Paris"):
        watcher = watching(tmp_path, site, name=zone, zone=zone)
        (tmp_path / "a.log").write_text(a_log("a"))
        looked(watcher)
    assert ImportBatch.objects.count() == 2


def test_a_failed_file_may_be_tried_again(tmp_path):
    watcher = watching(tmp_path, a_site())
    for _ in range(2):
        (tmp_path / "image").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
        assert looked(watcher) == [("image", "failed")]
    assert there(tmp_path / "failed") == ["image", "image (2)", "image (2).txt", "image.txt"]
    assert ImportBatch.objects.count() == 2


def test_what_was_taken_back_is_imported_again(tmp_path):
    watcher = watching(tmp_path, a_site())
    for _ in range(2):
        (tmp_path / "a.log").write_text(a_log("a"))
        assert looked(watcher) == [("a.log", "done")]
        assert Call.objects.count() == 1
        undo.run(undo.start(ImportBatch.objects.get(undone_at=None)).pk)
        assert not Call.objects.exists()
    assert ImportBatch.objects.count() == 2


def test_an_import_that_was_begun_is_gone_on_with(tmp_path):
    """As after a kill between the keeping of the file and its import."""
    watcher = watching(tmp_path, a_site())
    log = tmp_path / "a.log"
    log.write_text(a_log("a"))
    watcher._start(log, folder._digest(log))
    assert looked(watcher) == [("a.log", "done")]
    assert ImportBatch.objects.get().job.state == Job.State.DONE


def test_a_file_written_to_while_it_is_read_waits(tmp_path):
    watcher = watching(tmp_path, a_site())
    log = tmp_path / "a.log"
    log.write_text(a_log("a"))
    with pytest.raises(folder._Changing):
        watcher._start(log, "the digest of what it was before")
    assert not ImportBatch.objects.exists()


def meanwhile(monkeypatch, what, when=folder._finished):
    """Have something happen to the folder while a file of it is read or imported."""

    def done(given):
        found = when(given)
        monkeypatch.undo()
        what()
        return found

    monkeypatch.setattr(folder, when.__name__, done)


def test_a_file_that_replaces_one_being_imported_is_imported_too(tmp_path, monkeypatch):
    watcher = watching(tmp_path, a_site())
    log = tmp_path / "queue_log"
    log.write_text(a_log("a"))
    newer = tmp_path / "queue_log.part"
    newer.write_text(a_log("b", 1_772_443_000))
    meanwhile(monkeypatch, lambda: newer.rename(log))
    assert looked(watcher) == []
    assert looked(watcher) == [("queue_log", "done")]
    assert sorted(Call.objects.values_list("external_id", flat=True)) == ["a", "b"]


@pytest.mark.parametrize("when", [folder._digest, folder._finished])
def test_a_file_renamed_while_it_is_read_or_imported_is_put_away_as_it_is_called(
    tmp_path, monkeypatch, when
):
    watcher = watching(tmp_path, a_site())
    log = tmp_path / "queue_log"
    log.write_text(a_log("a"))
    meanwhile(monkeypatch, lambda: log.rename(tmp_path / "queue_log.1"), when)
    assert looked(watcher) == []
    assert looked(watcher) == [("queue_log.1", "done")]
    assert there(tmp_path / "done") == ["queue_log.1", "queue_log.1.txt"]
    assert Call.objects.count() == ImportBatch.objects.count() == 1


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/etc/hostname")])
def test_a_file_that_becomes_a_link_or_a_pipe_is_not_read(tmp_path, monkeypatch, make):
    watcher = watching(tmp_path, a_site())
    log = tmp_path / "queue_log"
    log.write_text(a_log("a"))

    def swapped():
        log.unlink()
        make(log)

    meanwhile(monkeypatch, swapped, folder._digest)
    assert looked(watcher) == []
    with pytest.raises(folder._Changing):
        folder._digest(log)
    assert not ImportBatch.objects.exists()


def test_a_folder_that_vanishes_and_comes_back_is_watched_on(tmp_path):
    inbox = tmp_path / "in"
    inbox.mkdir()
    watcher = watching(inbox, a_site())
    (inbox / "a.log").write_text(a_log("a"))
    list(watcher.look())
    inbox.rename(tmp_path / "away")
    with pytest.raises(FileNotFoundError):
        list(watcher.look())
    (tmp_path / "away").rename(inbox)
    assert [ended.place for ended in watcher.look()] == ["done"]


def test_a_folder_that_vanishes_while_a_file_is_imported_loses_nothing(tmp_path, monkeypatch):
    inbox = tmp_path / "in"
    inbox.mkdir()
    watcher = watching(inbox, a_site())
    (inbox / "a.log").write_text(a_log("a"))
    meanwhile(monkeypatch, lambda: inbox.rename(tmp_path / "away"))
    assert looked(watcher) == []
    (tmp_path / "away").rename(inbox)
    assert [ended.place for ended in watcher.look()] == ["done"]
    assert ImportBatch.objects.count() == 1


def test_a_file_that_cannot_be_read_is_put_away(tmp_path, monkeypatch):
    watcher = watching(tmp_path, a_site())
    (tmp_path / "secret").write_text("x")

    def refused(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(folder, "_digest", refused)
    assert looked(watcher) == [("secret", "failed")]
    assert "Permission denied" in (tmp_path / "failed" / "secret.txt").read_text()


def test_a_disk_that_answers_wrongly_is_told_beside_the_file(tmp_path, monkeypatch):
    watcher = watching(tmp_path, a_site())
    (tmp_path / "a.log").write_text(a_log("a"))
    opened = os.open

    def broken(path, flags, *more, **named):
        if str(path).endswith("a.log"):
            raise OSError(errno.EIO, "Input/output error")
        return opened(path, flags, *more, **named)

    monkeypatch.setattr(folder.os, "open", broken)
    assert looked(watcher) == [("a.log", "failed")]
    assert "Input/output error" in (tmp_path / "failed" / "a.log.txt").read_text()


def test_a_file_that_is_taken_away_while_its_folder_is_looked_through_is_not_there(
    tmp_path, monkeypatch
):
    watcher = watching(tmp_path, a_site())
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_text(a_log(name))
    scandir = os.scandir

    def listed(path):
        with scandir(path) as entries:
            found = list(entries)
        (tmp_path / "a.log").unlink(missing_ok=True)
        return contextlib.nullcontext(found)

    monkeypatch.setattr(folder.os, "scandir", listed)
    assert looked(watcher) == [("b.log", "done")]


def test_files_of_a_layout_that_is_no_more_are_put_away_unread(tmp_path):
    watcher = watching(tmp_path, a_site(), format="desk")
    (tmp_path / "a.log").write_text(a_log("a"))
    assert looked(watcher) == [("a.log", "failed")]
    assert "no format named desk" in (tmp_path / "failed" / "a.log.txt").read_text()
    assert not ImportBatch.objects.exists()


def test_an_import_that_breaks_is_put_away_with_why_and_told_in_the_log(
    tmp_path, monkeypatch, caplog
):
    watcher = watching(tmp_path, a_site())
    (tmp_path / "a.log").write_text(a_log("a"))

    def breaks(job_id):
        Job.objects.filter(pk=job_id).update(state=Job.State.FAILED, words="Something broke.")
        raise RuntimeError("what nobody thought of")

    monkeypatch.setattr(folder.run_import, "run", breaks)
    assert looked(watcher) == [("a.log", "failed")]
    assert "Something broke." in (tmp_path / "failed" / "a.log.txt").read_text()
    assert "what nobody thought of" in caplog.text


def test_a_database_that_goes_away_while_a_file_is_imported_leaves_it_where_it_is(
    tmp_path, monkeypatch
):
    watcher = watching(tmp_path, a_site())
    (tmp_path / "a.log").write_text(a_log("a"))

    def away(_job):
        raise OperationalError("server closed the connection")

    list(watcher.look())
    with monkeypatch.context() as patched:
        patched.setattr(folder.run_import, "run", away)
        with pytest.raises(OperationalError):
            list(watcher.look())
    assert there(tmp_path) == ["a.log"]
    assert [(one.name, one.place) for one in watcher.look()] == [("a.log", "done")]


def test_what_another_process_imports_is_waited_for(tmp_path, monkeypatch):
    watcher = watching(tmp_path, a_site())
    (tmp_path / "a.log").write_text(a_log("a"))
    run_it, tries = folder.run_import.run, []
    # At first somebody else has it.
    monkeypatch.setattr(
        folder.run_import, "run", lambda job: tries.append(job) if not tries else run_it(job)
    )
    monkeypatch.setattr(folder.time, "sleep", tries.append)
    assert looked(watcher) == [("a.log", "done")]
    assert tries == [ImportBatch.objects.get().job_id, 1.0]


def test_while_the_database_is_away_it_tries_again_and_says_so_once(tmp_path, monkeypatch):
    watcher_looks = Watcher.look
    troubles = [OperationalError("server closed the connection")] * 2

    def look(self):
        if troubles:
            raise troubles.pop()
        return watcher_looks(self)

    class Over(Exception):
        pass

    def later(_seconds, naps=[0]):  # noqa: B006 it counts
        naps[0] += 1
        if naps[0] == 3:
            raise Over

    let_go: list[str] = []
    monkeypatch.setattr(folder, "close_old_connections", lambda: let_go.append("connections"))
    monkeypatch.setattr(Watcher, "look", look)
    monkeypatch.setattr("ccm.management.commands.watch.time.sleep", later)
    a_site("York")
    told = StringIO()
    with pytest.raises(Over):
        call_command(
            "watch", "--folder", str(tmp_path), "--site", "York", "--tz", "UTC", stderr=told
        )
    assert told.getvalue().count("Trying again: server closed the connection") == 1
    assert let_go == ["connections"] * 2
    troubles.append(OperationalError("away"))
    with pytest.raises(OperationalError):
        watch("--folder", str(tmp_path), "--site", "York", "--tz", "UTC")


def test_a_file_that_cannot_be_moved_is_imported_once_and_left(tmp_path, caplog):
    watcher = watching(tmp_path, a_site())
    (tmp_path / "a.log").write_text(a_log("a"))
    (tmp_path / "done").write_text("a file where a folder should be")
    os.utime(tmp_path / "done", (1, 1))
    watcher._stuck["done"] = watcher._files()["done"]
    for _ in range(3):
        assert looked(watcher) == []
    assert not watcher.waiting
    assert caplog.text.count("a.log cannot be moved") == 1
    assert ImportBatch.objects.count() == 1


def test_names_may_be_long_or_no_text(tmp_path):
    watcher = watching(tmp_path, a_site())
    long, odd = "x" * 255, os.fsdecode(b"caf\xe9.log")
    for n, name in enumerate((long, odd)):
        (tmp_path / name).write_text(a_log(f"c{n}"))
    assert [place for _name, place in looked(watcher)] == ["done", "done"]
    assert {long, odd} <= set(there(tmp_path / "done"))


# The command


def watch(*words: str) -> str:
    out = StringIO()
    call_command("watch", *words, "--once", "--settle", "0.05", "--every", "0.05", stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def alone(nothing_sent):
    """No worker hears of what is done here."""


def test_a_folder_is_known_by_name_the_next_time(tmp_path):
    (tmp_path / "a.log").write_text(a_log("a"))
    words = ["--folder", str(tmp_path), "--site", "York", "--tz", "Europe/London"]
    said = watch("--name", "pbx", "--format", "asterisk_queue_log", *words)
    assert said.startswith("a.log: done: Import ")
    kept = WatchedFolder.objects.get(name="pbx")
    assert (kept.site.name, kept.zone, kept.folder) == ("York", "Europe/London", str(tmp_path))
    assert kept.looked_at is not None
    (tmp_path / "b.log").write_text(a_log("b"))
    assert watch("--name", "pbx").startswith("b.log: done")
    assert Call.objects.count() == 2


def test_a_saved_mapping_is_named_as_a_profile(tmp_path):
    columns = [
        Column("Id", "external_id"),
        Column("When", "moment", times.YMD),
        Column("Wait", "wait", unit=times.SECONDS),
    ]
    mapping = Profile(Dialect(), Rows.CALLS, tuple(columns), queue="Sales", answered_by=ALL)
    saved = ImportProfile.objects.create(name="Desk", slug="desk", mapping=mapping.as_json())
    words = ["--folder", str(tmp_path), "--site", "York", "--tz", "Europe/Paris"]
    for day, told in ((1, "done: Import"), (1, "was imported before"), (2, "done: Import")):
        (tmp_path / "a.csv").write_text("Id,When,Wait\nc1,2026-03-02 10:00:00,12\n")
        if day == 2:  # the same file, now read otherwise
            saved.mapping = mapping.as_json() | {"queue": "Service"}
            saved.save()
        assert told in watch("--profile", "desk", *words)
    assert sorted(Call.objects.values_list("queue__name", "source")) == [
        ("Sales", "desk@york"), ("Service", "desk@york"),
    ]  # fmt: skip
    # The same call posted meets the one that was imported: its times are the site's.
    told = {"external_id": "c1", "queue": "Sales", "outcome": "answered", "wait_seconds": 12,
            "offered_at": "2026-03-02T09:00:00Z"}  # fmt: skip
    site = Site.objects.get(name="York")
    found = read(told, timezone.now(), identity_zone(Target(site, "desk@york")), "")
    assert isinstance(found, Read)
    assert store(chunk_of({0: found}), Target(site, "desk@york")).duplicate == 1


def test_some_that_failed_end_a_single_look_with_three(tmp_path):
    (tmp_path / "a.log").write_text("")
    with pytest.raises(CommandError) as refused:
        watch("--folder", str(tmp_path), "--site", "York", "--tz", "UTC")
    assert refused.value.returncode == 3


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "Say which folder"),
        (["--name", "nobody"], "no watched folder named nobody"),
        (["--folder", "/nowhere/at/all", "--tz", "UTC"], "There is no folder"),
        (["--folder", ".", "--tz", "Mars/Base"], "Mars/Base"),
        (["--folder", "."], "needs its time zone"),
    ],
)
def test_what_is_not_clear_is_asked_for(words, why):
    with pytest.raises(CommandError, match=why) as refused:
        watch(*words)
    assert refused.value.returncode == 2
    assert not WatchedFolder.objects.exists()


def test_two_do_not_watch_one_folder(tmp_path):
    with held(tmp_path) as first, held(tmp_path) as second:
        assert (first, second) == (True, False)
        with pytest.raises(CommandError, match="Another process watches"):
            watch("--folder", str(tmp_path), "--site", "York", "--tz", "UTC")


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_nothing_is_lost_or_doubled(tmp_path):
    inbox, chance = tmp_path / "in", random.Random(7)
    inbox.mkdir()
    for n in range(24):
        (inbox / f"{n}.log").write_text(a_log(f"c{n}", 1_772_442_000 + 600 * n))
    words = ["watch", "--folder", str(inbox), "--site", "York", "--tz", "UTC",
             "--format", "asterisk_queue_log", "--settle", "0.1", "--every", "0.1"]  # fmt: skip
    log, killed = tmp_path / "watch.log", 0
    while killed < 4:
        process = Command(log, *words)
        # Killed at a chosen number of files put away, and a moment later.
        until, goal = time.monotonic() + 60, 6 * killed + 1
        while len(list((inbox / "done").glob("*.log"))) < goal:
            assert process.alive(), process.said()
            assert time.monotonic() < until, process.said()
            time.sleep(0.005)
        time.sleep(chance.random() / 10)
        process.kill()
        killed += 1
    process = Command(log, *words, "--once")
    assert process.process is not None
    assert process.process.wait(60) == 0, process.said()
    wait_for_quiet()
    assert there(inbox) == ["done"]
    assert sorted(n.name for n in (inbox / "done").glob("*.log")) == sorted(
        f"{n}.log" for n in range(24)
    )
    assert Call.objects.count() == 24
    assert not Job.objects.exclude(state=Job.State.DONE).exists()
    books = ImportBatch.objects.values_list("read", "stored")
    assert sorted(books) == [(3, 3)] * 24
