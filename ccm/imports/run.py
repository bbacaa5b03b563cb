"""An import from start to end: its files kept, its job queued, done, gone on with, cleared up.

The page, the API and `callcenter import` all come here.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import BinaryIO

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import jobs, partitions, work
from ccm.imports import choosing, noted, reading, rejected, undo
from ccm.imports.choosing import AUTO, MAPPED
from ccm.imports.kept import keep
from ccm.imports.records import FileRefused, Unknown
from ccm.imports.twice import Twice
from ccm.models import (
    ImportBatch,
    ImportDay,
    ImportFile,
    ImportIssue,
    ImportPiece,
    Job,
    ListTold,
    RejectedRow,
    Site,
    User,
)

KIND = "import"
_OVER = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)


@transaction.atomic
def start(
    files: Iterable[tuple[str, BinaryIO]],
    *,
    form: str,
    site: Site,
    zone: str = "",
    queue: str = "",
    date_order: str = "",
    dry_run: bool = False,
    all_or_nothing: bool = False,
    again: bool = False,
    corrects: ImportBatch | None = None,
    user: User | None = None,
    send: bool = True,
) -> ImportBatch:
    """Keep the files and queue their import, or, without `send`, leave the job to the caller.

    `form` is a format's name, a saved mapping's, or "auto", which each file then answers for
    itself. With `MAPPED` nothing is queued: somebody is to say first what the columns mean
    (`drafts`). Raises FileRefused when there is no file, or no such format. `date_order` ("dmy",
    "mdy") settles dates that a file leaves open. `all_or_nothing` keeps no row where any is
    rejected. `again` stores its calls though the very same file brought them as of another source
    (`twice`). `corrects` is the import whose rejected rows these are.
    """
    profile = choosing.profile_of(form, deleted=corrects is not None)
    mapping = profile.mapping if profile else None
    if corrects is not None:
        if corrects.mapping is not None:
            form, profile, mapping = corrects.format, corrects.profile, corrects.mapping
        mapping = rejected.mapping_of_rows(mapping) if mapping else None
    elif queue and profile:
        choosing.check_queue(profile)
    is_draft = form == MAPPED and mapping is None
    state = Job.State.DRAFT if is_draft else Job.State.QUEUED
    job = Job.objects.create(kind=KIND, state=state, created_by=user)
    batch = ImportBatch.objects.create(
        job=job,
        site=site,
        format=form,
        profile=profile,
        mapping=mapping,
        zone=zone,
        queue_name=queue,
        date_order=date_order,
        dry_run=dry_run,
        all_or_nothing=all_or_nothing,
        again=again or None,
        corrects=corrects,
    )
    for name, stream in files:
        keep(batch, name, stream)
    job.total = sum(batch.files.values_list("size", flat=True))
    if not batch.files.exists():
        raise FileRefused(_("No file was given."))
    job.save(update_fields=["total"])
    if send and not is_draft:
        transaction.on_commit(lambda: _queue(job.pk))
    return batch


def corrected(
    batch: ImportBatch, files: Iterable[tuple[str, BinaryIO]], user: User | None = None
) -> ImportBatch:
    """Import the rejected rows of an import, corrected, as that import was told to read them.

    Raises FileRefused where the good rows beside them were not kept, or were taken back: alone they
    would be a part.
    """
    if batch.dry_run or batch.keeps is False or batch.undone_at is not None:
        raise FileRefused(
            _("Nothing of this import was kept: correct the log itself and import the whole of it.")
        )
    of_rows = set(
        batch.files.filter(rejected_rows__isnull=False).values_list("format", flat=True).distinct()
    )
    return start(
        files,
        form=of_rows.pop() if len(of_rows) == 1 else batch.format,
        site=batch.site,
        zone=batch.zone,
        queue=batch.queue_name,
        date_order=batch.date_order,
        all_or_nothing=batch.all_or_nothing,
        corrects=batch,
        user=user,
    )


@transaction.atomic
def begin(batch: ImportBatch, *, dry_run: bool) -> None:
    """Queue an import that was only prepared, or tried, so far."""
    for account in (ImportIssue, RejectedRow, ImportDay):
        account.objects.filter(batch=batch).delete()
    ImportFile.objects.filter(batch=batch).update(position=0, checked=0, finished=False)
    fresh = dict.fromkeys(("read", "stored", "updated", "duplicate", "rejected", "ignored"), 0)
    ImportBatch.objects.filter(pk=batch.pk).update(
        dry_run=dry_run, keeps=None, first_at=None, last_at=None, **fresh
    )
    Job.objects.filter(pk=batch.job_id).update(
        state=Job.State.QUEUED, done=0, words="", attempts=0, cancel_requested=False,
        started_at=None, heartbeat_at=timezone.now(), finished_at=None,
    )  # fmt: skip
    job_id = batch.job_id
    transaction.on_commit(lambda: _queue(job_id))


@transaction.atomic
def go_on(batch: ImportBatch) -> None:
    """Go on with an import that was refused for what another source has brought."""
    ImportBatch.objects.filter(pk=batch.pk).update(again=True)
    Job.objects.filter(pk=batch.job_id).update(
        state=Job.State.QUEUED, words="", attempts=0, cancel_requested=False,
        heartbeat_at=timezone.now(), finished_at=None,
    )  # fmt: skip
    job_id = batch.job_id
    transaction.on_commit(lambda: _queue(job_id))


def _queue(job_id: int) -> None:
    from ccm.tasks import run_import

    work.send(run_import, job_id)


def run(job_id: int, seconds: float | None = None) -> bool:
    """Do a queued import, or go on with one that was cut off. Safe to run twice at once.

    Past `seconds` it stops after a chunk; whether there is more to do, in another turn. A dry
    run has one turn, for what it reads is taken back.
    """
    until = None if seconds is None else time.monotonic() + seconds
    try:
        with jobs.running(job_id) as job:
            if job is None:
                return False
            batch = ImportBatch.objects.select_related("site", "job").get(job=job)
            try:
                if batch.all_or_nothing and batch.keeps is None:
                    batch.keeps = reading.all_good(batch, job, None if batch.dry_run else until)
                    batch.save(update_fields=["keeps"])
                if batch.dry_run:
                    reading.try_out(batch, job)
                else:
                    reading.read_files(batch, job, until)
                    noted.imported(batch)
                    # Pages that list its calls are planned by what is known of its site.
                    partitions.analyze_grown(least=1000, share=0.01)
            except Unknown as refusal:
                # Where nothing of it is read its columns may be explained: then its files are kept.
                if batch.format == AUTO and not batch.files.exclude(position=0).exists():
                    batch.format = MAPPED
                    batch.save(update_fields=["format"])
                raise jobs.Refused(str(refusal)) from refusal
            except FileRefused as refusal:
                if isinstance(refusal, Twice):
                    batch.again = False
                    batch.save(update_fields=["again"])
                raise jobs.Refused(str(refusal)) from refusal
            job.done = job.total
    finally:
        _clear_up(job_id)
    return not job.finished


def _clear_up(job_id: int) -> None:
    """Let go of the files of an import that is over, however it ended, and of parts of it."""
    # Nobody will ask for the bytes again. Those of a dry run, of columns to be explained, or of
    # calls that are there already, are kept for the import itself, and swept with old drafts
    # (`drafts.sweep`).
    over = ImportBatch.objects.filter(job=job_id, job__state__in=_OVER, dry_run=False)
    read = over.exclude(format=MAPPED).exclude(again=False)
    ImportPiece.objects.filter(file__batch__in=read).delete()
    ListTold.objects.filter(batch__in=over).delete()
    take_back_parts()


def take_back_parts() -> None:
    """Queue the taking back of what is stored of imports of all or nothing that have stopped.

    Where something is in the way it is tried again, by whoever looks for jobs that nobody does,
    until another import of the site has ended: that one may have met these rows and counted them
    as known, so a person is to decide, on the page.
    """
    parts = ImportBatch.objects.filter(
        all_or_nothing=True, keeps=True, read__gt=0, dry_run=False, undo=None,
        job__state__in=(Job.State.FAILED, Job.State.CANCELLED),
    )  # fmt: skip
    since = ImportBatch.objects.filter(
        site=OuterRef("site"), dry_run=False, job__finished_at__gt=OuterRef("job__finished_at")
    )
    for batch in parts.exclude(Exists(since)).select_related("job"):
        if not undo.possible(batch):
            continue
        with suppress(undo.Blocked):
            undo.start(batch)
            words = _("What was stored of it is taken back: it was to be all or nothing.")
            batch.job.words = f"{batch.job.words} {words}".strip()[:300]
            batch.job.save(update_fields=["words"])
