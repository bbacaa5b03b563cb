"""An import from start to end: files kept in the record, read in chunks, written, accounted for.

The page and `callcenter import` both come here. The files lie in the database until they are
read, because web and worker may be different machines.
"""

import hashlib
import time
from collections.abc import Iterable
from itertools import chain, count
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from ccm import database, jobs, partitions, work
from ccm.imports import formats, opening, scratch
from ccm.imports.load import months, store
from ccm.imports.mapped import Mapped
from ccm.imports.profile import Profile
from ccm.imports.records import Chunk, FileRefused, Format, Reading
from ccm.imports.target import Fates, Target
from ccm.models import (
    ImportBatch,
    ImportFile,
    ImportIssue,
    ImportPiece,
    ImportProfile,
    Job,
    RawEvent,
    Site,
    User,
)
from ccm.signals import record_changed

AUTO = "auto"
# The format of files whose columns somebody is yet to explain.
MAPPED = "mapped"
KIND = "import"
PIECE = 4 * 2**20


def site_for(name: str, zone: str, implied: str | None) -> Site:
    """The site of this name, made in `zone` when there is none.

    Without a name: the only site there is, or a first one named "Main". Raises FileRefused
    when it cannot be told which site, or in which zone a new one lies.
    """
    known = Site.objects.filter(name=name) if name else Site.objects.all()[:2]
    found = list(known)
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise FileRefused(_("There are several sites: say which one the log belongs to."))
    where = zone or implied
    if where is None:
        raise FileRefused(
            _("A new site needs its time zone: say which, for instance Europe/London.")
        )
    name = name or "Main"
    return Site.objects.create(name=name, zone=where, slug=_free_slug(name))


def _free_slug(name: str) -> str:
    """A slug for a new site, unlike those there are."""
    plain = slugify(name)[:50].strip("-") or "site"
    taken = set(Site.objects.filter(slug__startswith=plain).values_list("slug", flat=True))
    numbered = (f"{plain}-{number}" for number in count(2))
    return next(slug for slug in chain([plain], numbered) if slug not in taken)


def recognised(path: Path) -> str:
    """The name of the format a local file is of. Raises FileRefused when that is unclear."""
    with scratch.folder() as folder:
        plain = opening.plain_file(path, folder)
        return formats.recognise(plain, path.name, saved_mappings()).name


def zone_for(form: Format, site: Site, said: str) -> ZoneInfo:
    """The zone of the log's times: implied by the format, said, or the site's."""
    if form.zone and not said:
        return ZoneInfo(form.zone)
    return ZoneInfo(said or site.zone)


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
    user: User | None = None,
) -> ImportBatch:
    """Keep the files and queue their import.

    `form` is a format's name, a saved mapping's, or "auto", which each file then answers for
    itself. With `MAPPED` nothing is queued: somebody is to say first what the columns mean
    (`drafts`). Raises FileRefused when there is no file, or no such format. `date_order` ("dmy",
    "mdy") settles dates that a file leaves open.
    """
    profile = None
    if form not in (AUTO, MAPPED, *formats.FORMATS):
        profile = ImportProfile.objects.filter(slug=form).first()
        if profile is None:
            raise FileRefused(_("There is no format named %(name)s.") % {"name": form})
    state = Job.State.DRAFT if form == MAPPED else Job.State.QUEUED
    job = Job.objects.create(kind=KIND, state=state, created_by=user)
    batch = ImportBatch.objects.create(
        job=job,
        site=site,
        format=form,
        profile=profile,
        mapping=profile.mapping if profile else None,
        zone=zone,
        queue_name=queue,
        date_order=date_order,
        dry_run=dry_run,
    )
    for name, stream in files:
        _keep(batch, name, stream)
    job.total = sum(batch.files.values_list("size", flat=True))
    if not batch.files.exists():
        raise FileRefused(_("No file was given."))
    job.save(update_fields=["total"])
    if form != MAPPED:
        transaction.on_commit(lambda: _queue(job.pk))
    return batch


@transaction.atomic
def begin(batch: ImportBatch, *, dry_run: bool) -> None:
    """Queue an import that was only prepared, or tried, so far."""
    ImportIssue.objects.filter(batch=batch).delete()
    ImportFile.objects.filter(batch=batch).update(position=0, finished=False)
    fresh = dict.fromkeys(("read", "stored", "updated", "duplicate", "rejected", "ignored"), 0)
    ImportBatch.objects.filter(pk=batch.pk).update(
        dry_run=dry_run, first_at=None, last_at=None, **fresh
    )
    Job.objects.filter(pk=batch.job_id).update(
        state=Job.State.QUEUED, done=0, words="", attempts=0, cancel_requested=False,
        started_at=None, heartbeat_at=timezone.now(), finished_at=None,
    )  # fmt: skip
    job_id = batch.job_id
    transaction.on_commit(lambda: _queue(job_id))


def _queue(job_id: int) -> None:
    from ccm.tasks import run_import

    work.send(run_import, job_id)


def _keep(batch: ImportBatch, name: str, stream: BinaryIO) -> None:
    digest, size = hashlib.sha256(), 0
    # A name on disk may hold bytes that are no text.
    plain = Path(name).name.encode(errors="replace").decode().replace("\0", "?")[:255]
    kept = ImportFile.objects.create(batch=batch, name=plain, size=0, sha256="")
    for number, data in enumerate(iter(lambda: stream.read(PIECE), b"")):
        ImportPiece.objects.create(file=kept, number=number, data=data)
        digest.update(data)
        size += len(data)
    kept.size, kept.sha256 = size, digest.hexdigest()
    kept.save(update_fields=["size", "sha256"])


def run(job_id: int, seconds: float | None = None) -> bool:
    """Do a queued import, or go on with one that was cut off. Safe to run twice at once.

    Past `seconds` it stops after a chunk; whether there is more to do, in another turn. A dry
    run has one turn, for what it reads is taken back.
    """
    until = None if seconds is None else time.monotonic() + seconds
    with jobs.running(job_id) as job:
        if job is None:
            return False
        batch = ImportBatch.objects.select_related("site", "job").get(job=job)
        try:
            if batch.dry_run:
                with transaction.atomic():
                    _read_files(batch, job)
                    counted = _counts(batch)
                    issues = list(batch.issues.all())
                    files = list(batch.files.all())
                    transaction.set_rollback(True)
                ImportBatch.objects.filter(pk=batch.pk).update(**counted)
                ImportIssue.objects.bulk_create(issues)
                ImportFile.objects.bulk_update(files, ["format"])
            else:
                _read_files(batch, job, until)
        except FileRefused as refusal:
            raise jobs.Refused(str(refusal)) from refusal
        job.done = job.total
    # Read, refused or cancelled: nobody will ask for the bytes again.
    # A dry run's are kept for the import itself, and swept with old drafts (`drafts.sweep`).
    if job.finished and not batch.dry_run:
        ImportPiece.objects.filter(file__batch=batch).delete()
    return not job.finished


def _counts(batch: ImportBatch) -> dict[str, Any]:
    batch.refresh_from_db()
    names = (
        "read", "stored", "updated", "duplicate", "rejected", "ignored", "first_at", "last_at"
    )  # fmt: skip
    return {name: getattr(batch, name) for name in names}


def _read_files(batch: ImportBatch, job: Job, until: float | None = None) -> None:
    before = 0
    for kept in batch.files.all():
        if not kept.finished:
            _read_file(batch, job, kept, before, until)
        before += kept.size


def _read_file(
    batch: ImportBatch, job: Job, kept: ImportFile, before: int, until: float | None
) -> None:
    with scratch.folder() as folder:
        upload = folder / "upload"
        with upload.open("wb") as out:
            for data in kept.pieces.values_list("data", flat=True).iterator(chunk_size=1):
                out.write(data)
        plain = opening.plain_file(upload, folder, _encoding_of(batch))
        form = _format_of(batch, plain, kept.name)
        ImportFile.objects.filter(pk=kept.pk).update(format=form.name)
        target = Target(batch.site, source_name(form, batch.site), batch.pk)
        size = max(1, plain.stat().st_size)
        done = before

        def progress(bytes_read: int) -> None:
            nonlocal done
            done = before + int(kept.size * min(1.0, bytes_read / size))

        reading = Reading(
            zone=zone_for(form, batch.site, batch.zone),
            queue=batch.queue_name,
            date_order=batch.date_order,
            start=kept.position,
            now=timezone.now(),
            progress=progress,
        )
        jobs.beat(job, done, _("Reading %(name)s") % {"name": kept.name})
        for chunk in form.read(plain, reading):
            if batch.dry_run:
                _write(batch, kept, chunk, target)
            else:
                partitions.ensure_months(months(chunk.calls))
                database.retried(_write, batch, kept, chunk, target)
                partitions.analyze_grown()
            lines = {"count": f"{chunk.position:,}", "name": kept.name}
            jobs.beat(job, done, _("%(count)s lines of %(name)s") % lines, until)
        ImportFile.objects.filter(pk=kept.pk).update(finished=True)


def _format_of(batch: ImportBatch, plain: Path, filename: str) -> Format:
    """What a file of the batch is read as. Raises FileRefused where that is unclear."""
    if batch.mapping is not None:
        label = batch.profile.name if batch.profile else batch.format
        return Mapped(Profile.from_json(batch.mapping), batch.format, label)
    if batch.format == AUTO:
        return formats.recognise(plain, filename, saved_mappings())
    return formats.FORMATS[batch.format]


def _encoding_of(batch: ImportBatch) -> str:
    """The encoding that the mapping names, if any."""
    return Profile.from_json(batch.mapping).dialect.encoding if batch.mapping else ""


def saved_mappings() -> list[Format]:
    """The formats that people have described."""
    return [
        Mapped(Profile.from_json(one.mapping), one.slug, one.name)
        for one in ImportProfile.objects.all()
    ]


def source_name(form: Format, site: Site) -> str:
    """What calls of this format at this site are filed under, whichever file shows them."""
    return f"{form.name}@{site.slug}"[:80]


@transaction.atomic
def _write(batch: ImportBatch, kept: ImportFile, chunk: Chunk, target: Target) -> None:
    """One chunk, its issues and its place in the books, all or nothing."""
    fates: Fates = store(chunk, target)
    ImportIssue.objects.bulk_create(
        [
            ImportIssue(
                batch=batch,
                file=kept,
                line=one.line,
                column=one.column[:120],
                value=one.value[:300],
                rule=one.rule,
                message=one.message[:500],
                fate=one.fate,
                count=one.count,
            )
            for one in chunk.issues
        ],
        batch_size=5000,
    )
    RawEvent.objects.bulk_create(
        [
            RawEvent(
                source=target.source, batch=batch, line=one.line, text=one.text, reason=one.reason
            )
            for one in chunk.raw
        ],
        batch_size=5000,
    )
    ImportBatch.objects.filter(pk=batch.pk).update(
        source=target.source,
        read=F("read") + chunk.read,
        stored=F("stored") + fates.stored,
        updated=F("updated") + fates.updated,
        duplicate=F("duplicate") + fates.duplicate + chunk.duplicate,
        rejected=F("rejected") + chunk.rejected,
        ignored=F("ignored") + chunk.ignored,
        # Both pass over null.
        first_at=Least("first_at", chunk.calls["offered_at"].min()),
        last_at=Greatest("last_at", chunk.calls["offered_at"].max()),
    )
    ImportFile.objects.filter(pk=kept.pk).update(position=chunk.position)
    if not batch.dry_run:
        transaction.on_commit(lambda: record_changed.send(sender=None))
