"""A watched folder: files are imported once they are complete, and put away with what became of
them.

Whatever is killed wherever, nothing is lost and nothing doubled. A file lies in the folder until
its import is over, and only then is renamed into `done` or `failed`; a file whose very content an
import with the same words has read, or has begun to read, is not imported anew: that import is
gone on with, or the file just put away.
"""

import contextlib
import errno
import fcntl
import hashlib
import logging
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ccm import work
from ccm.imports import choosing, run
from ccm.imports.records import FileRefused
from ccm.models import ImportBatch, Job, WatchedFolder
from ccm.tasks import run_import

log = logging.getLogger(__name__)

DONE, FAILED = "done", "failed"
# What other programs call a file that they still write.
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".swp", "~")
# The longest name that a file system takes, in bytes.
LONGEST_NAME = 255
_PIECE = 2**20


class Look(NamedTuple):
    """What a file looks like from outside; one that is still written changes it."""

    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def at(cls, about: os.stat_result) -> "Look":
        return cls(about.st_ino, about.st_size, about.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Ended:
    """A file that was put away: where, and why in words."""

    name: str
    place: str
    words: str


class _Changing(Exception):
    """The file was written to, replaced or taken away while it was read."""


@contextlib.contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Whether this process alone watches the folder, while inside. Raises OSError without one."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


class Watcher:
    """Looks at one folder again and again."""

    def __init__(self, watched: WatchedFolder, settle_seconds: float) -> None:
        """A file that has not changed for `settle_seconds` is complete."""
        self.watched, self.settle_seconds = watched, settle_seconds
        self.folder = Path(watched.folder)
        self._seen: dict[str, tuple[Look, float]] = {}
        # Files that could not be put away: left alone until they change.
        self._stuck: dict[str, Look] = {}

    @property
    def waiting(self) -> bool:
        """Whether a file was seen that is not complete, or not put away."""
        return bool(self._seen)

    def look(self) -> Iterator[Ended]:
        """Import what is complete; each file as it is put away.

        Raises OSError when the folder cannot be read, and the database's OperationalError or
        InterfaceError when that is away: then nothing has happened to the file it was at.
        """
        now = time.monotonic()
        there = self._files()
        since = {
            name: before[1] if (before := self._seen.get(name)) and before[0] == look else now
            for name, look in there.items()
        }
        self._seen = {name: (look, since[name]) for name, look in there.items()}
        for name, look in there.items():
            if self._stuck.get(name) == look:
                del self._seen[name]
            elif now - since[name] >= self.settle_seconds:
                with contextlib.suppress(_Changing):
                    ended = self._take(name, look)
                    del self._seen[name]
                    if ended is None:
                        self._stuck[name] = look
                    else:
                        yield ended

    def _files(self) -> dict[str, Look]:
        """The files that may be logs, by name. What lies in folders is not looked at."""
        found = {}
        with os.scandir(self.folder) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                if entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED):
                    continue
                try:
                    about = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # taken away just now
                if stat.S_ISREG(about.st_mode):
                    found[entry.name] = Look.at(about)
        return found

    def _take(self, name: str, look: Look) -> Ended | None:
        """Import a file and put it away; None when it cannot be put away. Raises _Changing."""
        path = self.folder / name
        try:
            digest = _digest(path)
        except OSError as fault:
            words = _("The file cannot be read: %(reason)s.") % {"reason": fault.strerror}
            return self._put_away(path, look, FAILED, words)
        try:
            batch = self._import_of(digest)
            again = batch is not None and batch.job.state == Job.State.DONE
            if batch is None:
                batch = self._start(path, digest)
        except FileRefused as refusal:
            return self._put_away(path, look, FAILED, str(refusal))
        job = _finished(batch.job_id)
        batch.refresh_from_db()
        if job.state != Job.State.DONE:
            words = job.words or _("The import was stopped.")
            return self._put_away(path, look, FAILED, _about(batch) + " " + words)
        words = _about(batch) + " " + _books(batch)
        if again:
            words = _("This very file was imported before.") + " " + words
        return self._put_away(path, look, DONE, words)

    def _import_of(self, digest: str) -> ImportBatch | None:
        """The import, over or under way, that has read this content for this folder's words."""
        watched = self.watched
        profile = choosing.profile_of(watched.format)
        same = {"mapping": profile.mapping} if profile else {}
        known = ImportBatch.objects.filter(
            site=watched.site,
            format=watched.format,
            zone=watched.zone,
            queue_name=watched.queue_name,
            date_order=watched.date_order,
            dry_run=False,
            undone_at=None,
            files__sha256=digest,
            **same,
        ).exclude(Q(job__state__in=[Job.State.FAILED, Job.State.CANCELLED]) | Q(keeps=False))
        return known.select_related("job").order_by("-pk").first()

    def _start(self, path: Path, digest: str) -> ImportBatch:
        watched = self.watched
        with transaction.atomic(), _opened(path) as stream:
            batch = run.start(
                [(path.name, stream)],
                form=watched.format,
                site=watched.site,
                zone=watched.zone,
                queue=watched.queue_name,
                date_order=watched.date_order,
                send=False,
            )
            if batch.files.get().sha256 != digest:
                raise _Changing
        return batch

    def _put_away(self, path: Path, look: Look, place: str, words: str) -> Ended | None:
        """Move a file into a folder beside it, with a note of why; None, and a line in the log,
        when that cannot be done. Raises _Changing where another file has its name by now."""
        try:
            # What came while this one was imported has not been read.
            if Look.at(path.lstat()) != look:
                raise _Changing
            folder = self.folder / place
            folder.mkdir(exist_ok=True)
            name = _free_name(folder, path.name)
            # The note first: a file without one would be a riddle.
            note = folder / _with_suffix(name, ".txt")
            unfinished = note.with_name(_with_suffix(name, ".tmp"))
            unfinished.write_text(words + "\n", encoding="utf-8")
            unfinished.replace(note)
            path.rename(folder / name)
        except FileNotFoundError:
            raise _Changing from None
        except OSError as fault:
            reason = fault.strerror or fault
            log.error("%s cannot be moved to %s: %s", _shown(path.name), place, reason)
            return None
        return Ended(_shown(path.name), place, words)


def _opened(path: Path) -> BinaryIO:
    """A file of the folder itself, to be read. Raises _Changing when it has become something else
    since it was looked at: a link could lead anywhere, and a pipe would never end."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as fault:
        if fault.errno in (errno.ENOENT, errno.ELOOP):
            raise _Changing from None
        raise
    stream = open(handle, "rb")  # noqa: SIM115
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        stream.close()
        raise _Changing
    return stream


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with _opened(path) as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _finished(job_id: int) -> Job:
    """The job, once it is over: done here, or waited for while another process has it."""
    while True:
        try:
            with work.here():
                run_import.run(job_id)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # The job says that it failed; whoever looks after the program finds why in the log.
            log.exception("job %s failed", job_id)
        job = Job.objects.get(pk=job_id)
        if job.finished:
            return job
        time.sleep(1.0)


def _about(batch: ImportBatch) -> str:
    return _("Import %(number)d.") % {"number": batch.pk}


def _books(batch: ImportBatch) -> str:
    words = _(
        "Read %(read)d = stored %(stored)d + updated %(updated)d + duplicate %(duplicate)d"
        " + rejected %(rejected)d + ignored %(ignored)d."
    )
    names = ("read", "stored", "updated", "duplicate", "rejected", "ignored")
    return words % {name: getattr(batch, name) for name in names}


def _shown(name: str) -> str:
    """A name on disk, which may hold bytes that are no text, as text."""
    return os.fsencode(name).decode(errors="replace")


def _with_suffix(name: str, suffix: str) -> str:
    """A name with something after it, cut where a file system would refuse its length."""
    room = LONGEST_NAME - len(suffix.encode())
    return os.fsdecode(os.fsencode(name)[:room]) + suffix


def _free_name(folder: Path, name: str) -> str:
    """The name, or one like it that no file of the folder has."""
    free, number = name, 1
    while (folder / free).exists():
        number += 1
        stem, dot, ending = name.rpartition(".")
        free = (
            _with_suffix(stem, f" ({number}).{ending}")
            if dot and stem and len(ending) < 20
            else _with_suffix(name, f" ({number})")
        )
    return free


def forget_connections() -> None:
    """Let go of connections that a server has closed, before the next look."""
    close_old_connections()
