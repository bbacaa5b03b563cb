"""An import whose worker is killed at a chosen chunk, and done by the next worker."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from django.conf import settings
from django.db import connection

from ccm.imports import run, undo
from ccm.imports.storing.target import source_name
from ccm.models import DirtyDay, ImportBatch, Job, Site
from kpis.rollups import repeats
from tests.program import Command, wait_for_quiet

PATIENCE_SECONDS = 60


def imported_by_the_worker_after(
    files: Sequence[Path],
    site: Site,
    form: str,
    *,
    killed_after: int,
    folder: Path,
    zone: str = "",
) -> ImportBatch:
    """Import the files with a worker that is killed when `killed_after` chunks are written, in
    the middle of the next, and then with a new one, which counts the calls too."""
    with patch.object(run, "_queue"):  # other workers of this run hear nothing of it
        opened = [(file.name, file.open("rb")) for file in files]
        batch = run.start(opened, form=form, site=site, zone=zone)
    first = _worker(folder / "first.log")
    with _held_back(source_name(form, site)) as chunks:
        for _ in range(killed_after):
            next(chunks)
        first.kill()
    wait_for_quiet()
    batch.refresh_from_db()
    assert batch.job.state == Job.State.RUNNING, first.said()
    assert sum(kept.position > 0 for kept in batch.files.all()) == killed_after
    second = _worker(folder / "second.log")
    try:
        _wait(lambda: Job.objects.get(pk=batch.job_id).finished, second)
        _wait(lambda: not DirtyDay.objects.exists(), second)
    finally:
        second.stop()
    for site in Site.objects.all():
        repeats.recount(site)  # what the worker has not come to
    batch.refresh_from_db()
    assert (batch.job.state, batch.job.attempts) == (Job.State.DONE, 2), second.said()
    return batch


def taken_back_by_the_worker_after(batch: ImportBatch, *, killed_after: int, folder: Path) -> None:
    """Take an import back with a worker that is killed when `killed_after` of its transactions
    are done, in the middle of the next, and then with a new one, which counts the calls too."""
    with patch.object(undo, "_queue"):
        job = undo.start(batch)
    first = _worker(folder / "first.log")
    with _held_back(batch.source) as steps:
        for _ in range(killed_after):
            next(steps)
        first.kill()
    wait_for_quiet()
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING, first.said()
    second = _worker(folder / "second.log")
    try:
        _wait(lambda: Job.objects.get(pk=job.pk).finished, second)
        _wait(lambda: not DirtyDay.objects.exists(), second)
    finally:
        second.stop()
    for site in Site.objects.all():
        repeats.recount(site)  # what the worker has not come to
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 2), second.said()


def _worker(log: Path) -> Command:
    """A worker that hears of its work from the database alone: its queue is this test's own,
    and no folder is named alike in two processes of the run."""
    prefix = f"{settings.REDIS_PREFIX}{log.parent.name}:"
    return Command(log, "worker", "--concurrency", "1", CCM_REDIS_PREFIX=prefix)


@contextmanager
def _held_back(source: str) -> Iterator[Iterator[None]]:
    """While the block lasts, a chunk of the source is written whenever the yielded iterator is
    asked, and the next one stands at the lock that it must have."""
    key = [f"source:{source}"]

    def chunks() -> Iterator[None]:
        with connection.cursor() as cursor:
            while True:
                _wait_for_the_lock_to_be_wanted()
                yield
                # Let the chunk in, and stand behind it in line.
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)
                cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", key)

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", key)
        made = chunks()
        next(made)
        try:
            yield made
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)


def _wait_for_the_lock_to_be_wanted() -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database d ON d.oid = database"
                " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database())"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("no worker began to write")


def _wait(what: Callable[[], bool], worker: Command) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert worker.alive(), worker.said()
        assert time.monotonic() < until, worker.said()
        time.sleep(0.05)
