"""An import with every check on, beside plain COPY of the same rows into the same tables."""

import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from django.db import connection, transaction

from benchmarks import rows
from ccm.imports import kept, run
from ccm.models import ImportBatch, Job, Site

TABLES = ("ccm_call", "ccm_surveyresponse")


def compare(count: int, rounds: int) -> None:
    """Prints the seconds of a fresh import, of the same file again, of going on with it when its
    last chunk was written, and of COPY, interleaved."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "calls.csv"
        rows.write_log(log, count)
        fresh, again, resumed, copies = [], [], [], []
        for number in range(rounds):
            rows.empty()
            site = Site.objects.create(name="Bench", slug="bench", zone="UTC")
            fresh.append(_timed(lambda site=site: _import(log, site)))
            again.append(_timed(lambda site=site: _import(log, site)))
            resumed.append(_timed_resume(log))
            copies.append(_copy_again())
            print(
                f"  round {number + 1}: import {fresh[-1]:.1f} s, again {again[-1]:.1f} s,"
                f" resumed {resumed[-1]:.1f} s, COPY {copies[-1]:.1f} s",
                flush=True,
            )
        batch = ImportBatch.objects.order_by("pk").first()
        assert batch is not None and batch.stored == count, "the import lost rows"
        print(f"import of {count:,} rows: {median(fresh):.1f} s, plain COPY {median(copies):.1f} s")
        print(f"  COPY / import        {median(copies) / median(fresh):.2f}  (bar 0.5)")
        print(f"  COPY / import again  {median(copies) / median(again):.2f}  (bar 0.9)")
        print(f"  COPY / resumed       {median(copies) / median(resumed):.2f}  (bar 8)")


def remember(count: int) -> None:
    """Prints the most memory that a process of its own took for an import."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "calls.csv"
        # In a process of its own: the rows of a large log fill more memory than its import.
        writer = get_context("spawn").Process(target=rows.write_log, args=(log, count))
        writer.start()
        writer.join()
        rows.empty()
        before = _peak()
        seconds = _timed(lambda: _import(log, Site.objects.create(name="Bench", zone="UTC")))
        batch = ImportBatch.objects.get()
        assert batch.stored == count, "the import lost rows"
        print(f"import of {count:,} rows: {seconds:.0f} s, at most {_peak():.0f} MB of memory")
        print(f"  of these {before:.0f} MB before it began")


def _peak() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _import(log: Path, site: Site) -> None:
    """As the worker does it, without the recount that follows."""
    with log.open("rb") as stream:
        batch = run.start([(log.name, stream)], form="phonenow", site=site, zone="UTC")
    run.run(batch.job_id)


def _timed_resume(log: Path) -> float:
    """Seconds of an import that was killed when all was written but its end not noted."""
    batch = ImportBatch.objects.order_by("pk").first()
    assert batch is not None
    done = batch.files.get()
    with log.open("rb") as stream:
        kept.keep(batch, log.name, stream)
    batch.files.exclude(pk=done.pk).update(position=done.position)
    Job.objects.filter(pk=batch.job_id).update(state=Job.State.RUNNING, finished_at=None)
    return _timed(lambda: run.run(batch.job_id))


def _copy_again() -> float:
    """Seconds to COPY the imported rows out of files just written, into the emptied tables."""
    with connection.cursor() as cursor, ExitStack() as opened:
        texts = {one: opened.enter_context(tempfile.TemporaryFile("w+")) for one in TABLES}
        for table in TABLES:
            cursor.copy_expert(f"COPY (SELECT * FROM {table}) TO STDOUT", texts[table])
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}")
        began = time.perf_counter()
        with transaction.atomic():
            for table in TABLES:
                texts[table].seek(0)
                cursor.copy_expert(f"COPY {table} FROM STDIN", texts[table])
        return time.perf_counter() - began
