"""An import's files read chunk by chunk: for good, looked through before, or only tried."""

from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ccm import database, jobs, partitions
from ccm.imports import twice
from ccm.imports.kept import opened
from ccm.imports.records import Chunk
from ccm.imports.storing import trial
from ccm.imports.storing.load import months
from ccm.imports.storing.target import Target, source_name
from ccm.imports.writing import leave_out, write
from ccm.models import ImportBatch, ImportDay, ImportFile, ImportIssue, Job, RejectedRow


def read_files(batch: ImportBatch, job: Job, until: float | None = None) -> None:
    """Read what is not read yet of an import's files and write it, or, of a dry run, try to."""
    before = 0
    for kept in batch.files.all():
        if not kept.finished:
            _read_file(batch, job, kept, before, until)
        before += kept.size


def _read_file(
    batch: ImportBatch, job: Job, kept: ImportFile, before: int, until: float | None
) -> None:
    with opened(batch, kept, kept.position) as (found, done):
        ImportFile.objects.filter(pk=kept.pk).update(format=found.form.name)
        source = source_name(found.form.name, batch.site)
        target = Target(batch.site, source, batch.pk, tried=batch.dry_run)
        if not batch.dry_run:
            jobs.beat(job, before, _("Reading %(name)s") % {"name": kept.name})
        origins = found.came.origins
        looked = kept.position > 0
        for chunk in found.chunks():
            if not looked and not chunk.calls.is_empty():
                twice.look(batch, found.form.name, chunk)
                looked = True
            if batch.keeps is False:
                leave_out(chunk)
            if batch.dry_run:
                if not partitions.existing_months().issuperset(months(chunk.calls)):
                    raise _MonthMissing
                write(batch, kept, chunk, target, origins)
                jobs.stop_if_asked(job)
                continue
            partitions.ensure_months(months(chunk.calls))
            database.retried(write, batch, kept, chunk, target, origins)
            partitions.analyze_grown()
            line = {"line": f"{chunk.position:,}", "name": kept.name}
            words = _("Read %(name)s up to line %(line)s") % line
            jobs.beat(job, before + done(), words, until)
        ImportFile.objects.filter(pk=kept.pk).update(finished=True)


def all_good(batch: ImportBatch, job: Job, until: float | None) -> bool:
    """Whether no row of any file would be rejected. Writes nothing but how far it looked."""
    for kept in batch.files.all():
        with opened(batch, kept, kept.checked) as (found, _done):
            for chunk in found.chunks():
                if chunk.rejected:
                    return False
                ImportFile.objects.filter(pk=kept.pk).update(checked=chunk.position)
                _tell_looking(job, chunk, kept, until)
    return True


def _tell_looking(job: Job, chunk: Chunk, kept: ImportFile, until: float | None = None) -> None:
    lines = {"count": f"{chunk.position:,}", "name": kept.name}
    jobs.beat(job, 0, _("Looking through %(count)s lines of %(name)s") % lines, until)


class _MonthMissing(Exception):
    """There are calls of a month that has no place in the record yet."""


def try_out(batch: ImportBatch, job: Job) -> None:
    """Import and take it back, but for the account of it.

    A new month locks the tables that calls name, so months are made before. They stay, empty.
    """
    try:
        _tried(batch, job)
    except _MonthMissing:
        batch.refresh_from_db()
        partitions.ensure_months(_months_of(batch, job))
        _tried(batch, job)


def _months_of(batch: ImportBatch, job: Job) -> set[date]:
    """The months of a batch's calls. Writes nothing but how far it looked."""
    met: set[date] = set()
    for kept in batch.files.all():
        with opened(batch, kept, 0) as (found, _done):
            for chunk in found.chunks():
                met.update(months(chunk.calls))
                _tell_looking(job, chunk, kept)
    return met


def _tried(batch: ImportBatch, job: Job) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            trial.own_names(cursor)
        read_files(batch, job)
        counted = _counts(batch)
        accounts: list[tuple[Any, list[Any]]] = [
            (model, list(model.objects.filter(batch=batch)))
            for model in (ImportIssue, RejectedRow, ImportDay)
        ]
        files = list(batch.files.all())
        transaction.set_rollback(True)
    ImportBatch.objects.filter(pk=batch.pk).update(**counted)
    for model, kept in accounts:
        model.objects.bulk_create(kept, batch_size=5000)
    ImportFile.objects.bulk_update(files, ["format", "shape", "header", "delimiter"])


def _counts(batch: ImportBatch) -> dict[str, Any]:
    batch.refresh_from_db()
    names = (
        "read", "stored", "updated", "duplicate", "rejected", "ignored", "first_at", "last_at",
        "keeps",
    )  # fmt: skip
    return {name: getattr(batch, name) for name in names}
