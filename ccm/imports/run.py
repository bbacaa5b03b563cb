"""An import from start to end: files kept in the record, read in chunks, written, accounted for.

The page and `callcenter import` both come here. The files lie in the database until they are
read, because web and worker may be different machines.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Greatest, Least
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import database, jobs, partitions, work
from ccm.imports import formats, undo
from ccm.imports.files import corrections, dialect, opening, rows, scratch
from ccm.imports.files.corrections import KEPT, Rejected
from ccm.imports.files.dialect import DELIMITED, SHEET
from ccm.imports.mapping.mapped import Mapped
from ccm.imports.mapping.profile import Profile
from ccm.imports.records import (
    IGNORED,
    REJECTED,
    Chunk,
    FileRefused,
    Format,
    Issue,
    RawLine,
    Reading,
    Shape,
    Unknown,
)
from ccm.imports.storing import trial
from ccm.imports.storing.load import months, store
from ccm.imports.storing.target import Fates, Target, source_name
from ccm.masking import masked
from ccm.models import (
    ImportBatch,
    ImportDay,
    ImportFile,
    ImportIssue,
    ImportPiece,
    ImportProfile,
    Job,
    ListTold,
    RawEvent,
    RejectedRow,
    Site,
    User,
)
from ccm.names import unlike
from ccm.signals import record_changed

AUTO = "auto"
# The format of files whose columns somebody is yet to explain.
MAPPED = "mapped"
KIND = "import"
PIECE = 4 * 2**20
_OVER = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)


@transaction.atomic
def site_for(name: str, zone: str, implied: str | None) -> Site:
    """The site of this name, made in `zone` when there is none.

    Without a name: the only site there is, or a first one named "Main". Raises FileRefused
    when it cannot be told which site, or in which zone a new one lies.
    """
    # Of two that would make it at once the second finds it made.
    database.hold("sites")
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
    return Site.objects.create(name=name, zone=where, slug=free_slug(name))


def free_slug(name: str) -> str:
    """A slug for a new site, unlike those there are."""
    taken = set(Site.objects.values_list("slug", flat=True))
    return unlike(name, taken, 50, "site")


def recognised(path: Path) -> str:
    """The name of the format a local file is of. Raises FileRefused when that is unclear."""
    with scratch.folder() as folder:
        plain = opening.plain_file(path, folder)
        with _mappable(path, plain):
            return formats.recognise(plain, path.name, saved_mappings()).name


@contextmanager
def _mappable(upload: Path, plain: Path) -> Iterator[None]:
    """Refuse a file of no known format for what it is, where no mapping could take it either."""
    try:
        yield
    except Unknown:
        with rows.opened(plain, dialect.seen(upload, plain).dialect, twins=True, most=1):
            raise


def implied_zone(form: str) -> str | None:
    """The zone that a format, or a saved mapping, says its times are in."""
    if form in formats.FORMATS:
        return formats.FORMATS[form].zone
    profile = ImportProfile.objects.get(slug=form)
    return Profile.from_json(profile.mapping).zone or None


def zone_for(form: Format, site: Site, said: str) -> ZoneInfo:
    """The zone of the log's times: implied by the format, said, or the site's."""
    if form.zone and not said:
        return ZoneInfo(form.zone)
    return ZoneInfo(said or site.zone)


def zone_words(batch: ImportBatch) -> str:
    """The zone in which an import's times are read, and who says so."""
    if batch.zone:
        return batch.zone
    if batch.mapping is not None:
        of_mapping = _zone_of(batch.mapping)
        zones = {_("%(zone)s (the mapping's)") % {"zone": of_mapping} if of_mapping else ""}
    else:
        names = {file.format for file in batch.files.all() if file.format} or {batch.format}
        zones = {_of_format(name) for name in names}
    of_site = _("%(zone)s (the site's)") % {"zone": batch.site.zone}
    return ", ".join(sorted(zone or of_site for zone in zones))


def _of_format(name: str) -> str:
    """The zone that a format says, as `zone_words` has it; empty where it says none."""
    if name in formats.FORMATS:
        zone = formats.FORMATS[name].zone
        return _("%(zone)s (the format's)") % {"zone": zone} if zone else ""
    saved = ImportProfile.every.filter(slug=name).first()
    zone = _zone_of(saved.mapping) if saved else ""
    return _("%(zone)s (the mapping's)") % {"zone": zone} if zone else ""


def _zone_of(mapping: dict[str, Any]) -> str:
    try:
        return Profile.from_json(mapping).zone
    except ValueError:
        return ""  # no longer read, so nothing is read by it


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
    corrects: ImportBatch | None = None,
    user: User | None = None,
    send: bool = True,
) -> ImportBatch:
    """Keep the files and queue their import, or, without `send`, leave the job to the caller.

    `form` is a format's name, a saved mapping's, or "auto", which each file then answers for
    itself. With `MAPPED` nothing is queued: somebody is to say first what the columns mean
    (`drafts`). Raises FileRefused when there is no file, or no such format. `date_order` ("dmy",
    "mdy") settles dates that a file leaves open. `all_or_nothing` keeps no row where any is
    rejected. `corrects` is the import whose rejected rows these are.
    """
    profile = profile_of(form, deleted=corrects is not None)
    mapping = profile.mapping if profile else None
    if corrects is not None:
        if corrects.mapping is not None:
            form, profile, mapping = corrects.format, corrects.profile, corrects.mapping
        mapping = _of_rows(mapping) if mapping else None
    elif queue and profile:
        _check_queue(profile)
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
        corrects=corrects,
    )
    for name, stream in files:
        _keep(batch, name, stream)
    job.total = sum(batch.files.values_list("size", flat=True))
    if not batch.files.exists():
        raise FileRefused(_("No file was given."))
    job.save(update_fields=["total"])
    if send and not is_draft:
        transaction.on_commit(lambda: _queue(job.pk))
    return batch


def _check_queue(profile: ImportProfile) -> None:
    """Raise FileRefused where a queue was said of rows that cannot take it."""
    said = _profile_of(profile.mapping)
    if said.takes_queue:
        return
    if column := said.column("queue"):
        words = _("The mapping %(name)s reads the queue from %(column)s: name none beside it.")
        raise FileRefused(words % {"name": profile.name, "column": column.label})
    raise FileRefused(_("What the mapping %s reads is of no queue: name none.") % profile.name)


def _of_rows(mapping: dict[str, Any]) -> dict[str, Any]:
    """A mapping as it reads the rejected rows of its file: text, with the header on top."""
    profile = Profile.from_json(mapping)
    said = profile.dialect
    told = replace(said, encoding="", header=min(1, said.header), types=False)
    if said.kind == SHEET:
        told = replace(told, kind=DELIMITED, delimiter="\t", sheet="")
    return replace(profile, dialect=told).as_json()


def profile_of(form: str, *, deleted: bool = False) -> ImportProfile | None:
    """The saved mapping of this name; None for a format. Raises FileRefused for no such name.

    With `deleted` one that reads no new files is found too.
    """
    if form in (AUTO, MAPPED, *formats.FORMATS):
        return None
    known = ImportProfile.every if deleted else ImportProfile.objects
    profile = known.filter(slug=form).first()
    if profile is None:
        raise FileRefused(_("There is no format named %(name)s.") % {"name": form})
    return profile


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


def corrected(
    batch: ImportBatch, files: Iterable[tuple[str, BinaryIO]], user: User | None = None
) -> ImportBatch:
    """Import the rejected rows of an import, corrected, as that import was told to read them.

    Raises FileRefused where the good rows beside them were not kept: alone they would be a part.
    """
    if batch.dry_run or batch.keeps is False:
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
                    batch.keeps = _all_good(batch, job, None if batch.dry_run else until)
                    batch.save(update_fields=["keeps"])
                if batch.dry_run:
                    _try(batch, job)
                else:
                    _read_files(batch, job, until)
            except Unknown as refusal:
                # Where nothing of it is read its columns may be explained: then its files are kept.
                if batch.format == AUTO and not batch.files.exclude(position=0).exists():
                    batch.format = MAPPED
                    batch.save(update_fields=["format"])
                raise jobs.Refused(str(refusal)) from refusal
            except FileRefused as refusal:
                raise jobs.Refused(str(refusal)) from refusal
            job.done = job.total
    finally:
        _clear_up(job_id)
    return not job.finished


def _clear_up(job_id: int) -> None:
    """Let go of the files of an import that is over, however it ended, and of parts of it."""
    # Nobody will ask for the bytes again. Those of a dry run, or of columns to be explained, are
    # kept for the import itself, and swept with old drafts (`drafts.sweep`).
    over = ImportBatch.objects.filter(job=job_id, job__state__in=_OVER, dry_run=False)
    ImportPiece.objects.filter(file__batch__in=over.exclude(format=MAPPED)).delete()
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


class _MonthMissing(Exception):
    """There are calls of a month that has no place in the record yet."""


def _try(batch: ImportBatch, job: Job) -> None:
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
    found: set[date] = set()
    for kept in batch.files.all():
        with _opened(batch, kept, 0) as (opened, _done):
            for chunk in opened.form.read(opened.plain, opened.reading):
                found.update(months(chunk.calls))
                _tell_looking(job, chunk, kept)
    return found


def _tell_looking(job: Job, chunk: Chunk, kept: ImportFile, until: float | None = None) -> None:
    lines = {"count": f"{chunk.position:,}", "name": kept.name}
    jobs.beat(job, 0, _("Looking through %(count)s lines of %(name)s") % lines, until)


def _tried(batch: ImportBatch, job: Job) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            trial.own_names(cursor)
        _read_files(batch, job)
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


@dataclass(frozen=True, slots=True)
class _Opened:
    """A kept file as its format can read it."""

    plain: Path
    form: Format
    reading: Reading
    # Rows that are not tried, by their lines: why, and what they say.
    refused: dict[int, tuple[Issue, str]]


def _read_files(batch: ImportBatch, job: Job, until: float | None = None) -> None:
    before = 0
    for kept in batch.files.all():
        if not kept.finished:
            _read_file(batch, job, kept, before, until)
        before += kept.size


def _all_good(batch: ImportBatch, job: Job, until: float | None) -> bool:
    """Whether no row of any file would be rejected. Writes nothing but how far it looked."""
    for kept in batch.files.all():
        with _opened(batch, kept, kept.checked) as (found, _done):
            if found.refused:
                return False
            for chunk in found.form.read(found.plain, found.reading):
                if chunk.rejected:
                    return False
                ImportFile.objects.filter(pk=kept.pk).update(checked=chunk.position)
                _tell_looking(job, chunk, kept, until)
    return True


@contextmanager
def _opened(
    batch: ImportBatch, kept: ImportFile, start: int
) -> Iterator[tuple[_Opened, Callable[[], int]]]:
    """A kept file to read from line `start` on, and how many bytes of it, as sent, are read."""
    with scratch.folder() as folder:
        upload = folder / "upload"
        with upload.open("wb") as out:
            for data in kept.pieces.values_list("data", flat=True).iterator(chunk_size=1):
                out.write(data)
        plain = opening.plain_file(upload, folder, _encoding_of(batch))
        refused = _refused(batch, plain)
        if refused:
            corrections.without_rows(plain, folder / "tried", refused)
            plain = folder / "tried"
        with _mappable(upload, plain):
            form = _format_of(batch, plain, kept.name)
        size = max(1, plain.stat().st_size)
        done = 0

        def progress(bytes_read: int) -> None:
            nonlocal done
            done = int(kept.size * min(1.0, bytes_read / size))

        reading = Reading(
            zone=zone_for(form, batch.site, batch.zone),
            queue=batch.queue_name,
            date_order=batch.date_order,
            start=start,
            now=timezone.now(),
            progress=progress,
        )
        yield _Opened(plain, form, reading, refused), lambda: done


def _refused(batch: ImportBatch, plain: Path) -> dict[int, tuple[Issue, str]]:
    """The rows of a table of corrected rows that are none, by their lines.

    One that says no line of a rejected row is new: it belongs in a log. One that contradicted an
    earlier row and comes back as it was still does: alone it would seem good, and win.
    """
    if batch.corrects_id is None or opening.is_workbook(plain) or not corrections.is_noted(plain):
        return {}
    before = RejectedRow.objects.filter(batch=batch.corrects_id)
    rejected = set(before.values_list("line", flat=True))
    of_conflict = ImportIssue.objects.filter(
        batch=batch.corrects_id, rule="conflict", file=OuterRef("file"), line=OuterRef("line")
    )
    same = set(before.filter(Exists(of_conflict)).values_list("line", "text"))
    refused: dict[int, tuple[Issue, str]] = {}
    for line, origin, text in corrections.noted_rows(plain):
        if origin not in rejected:
            words = _("It is no rejected row of the import: only those are tried.")
            told = Issue(line, "ccm_line", str(origin or ""), "not_rejected", words)
            refused[line] = told, text
        elif (origin, text) in same:
            words = _("An earlier row tells of the same call, with other words.")
            words += " " + _("It was line %d, and is as it was.") % origin
            refused[line] = Issue(line, "", "", "conflict", words), text
    return refused


def _with_refused(found: _Opened, refused: dict[int, tuple[Issue, str]]) -> Iterator[Chunk]:
    """What is read of a file, with the rows that are not tried accounted for."""
    for chunk in found.form.read(found.plain, found.reading):
        _refuse(chunk, refused)
        yield chunk
    if refused:
        rest = Chunk(position=max(refused), read=0, shape=corrections.shape_of(found.plain))
        _refuse(rest, refused)
        yield rest


def _refuse(chunk: Chunk, refused: dict[int, tuple[Issue, str]]) -> None:
    """Account for those refused rows that lie before the chunk's end."""
    for line in [line for line in refused if line <= chunk.position]:
        issue, text = refused.pop(line)
        chunk.issues.append(issue)
        chunk.rejected_rows.append(RawLine(line, text, issue.message))
        chunk.read += 1
        chunk.rejected += 1


def _read_file(
    batch: ImportBatch, job: Job, kept: ImportFile, before: int, until: float | None
) -> None:
    with _opened(batch, kept, kept.position) as (found, done):
        ImportFile.objects.filter(pk=kept.pk).update(format=found.form.name)
        source = source_name(found.form.name, batch.site)
        target = Target(batch.site, source, batch.pk, tried=batch.dry_run)
        if not batch.dry_run:
            jobs.beat(job, before, _("Reading %(name)s") % {"name": kept.name})
        # What lies before the start is in the books.
        refused = {line: why for line, why in found.refused.items() if line > kept.position}
        for chunk in _with_refused(found, refused):
            if batch.keeps is False:
                _leave_out(chunk)
            if batch.dry_run:
                if not partitions.existing_months().issuperset(months(chunk.calls)):
                    raise _MonthMissing
                _write(batch, kept, chunk, target)
                jobs.stop_if_asked(job)
                continue
            partitions.ensure_months(months(chunk.calls))
            database.retried(_write, batch, kept, chunk, target)
            partitions.analyze_grown()
            line = {"line": f"{chunk.position:,}", "name": kept.name}
            words = _("Read %(name)s up to line %(line)s") % line
            jobs.beat(job, before + done(), words, until)
        ImportFile.objects.filter(pk=kept.pk).update(finished=True)


def _format_of(batch: ImportBatch, plain: Path, filename: str) -> Format:
    """What a file of the batch is read as. Raises FileRefused where that is unclear."""
    if batch.mapping is not None:
        label = batch.profile.name if batch.profile else batch.format
        return Mapped(_profile_of(batch.mapping), batch.format, label)
    if batch.format == AUTO:
        return formats.recognise(plain, filename, saved_mappings())
    return formats.FORMATS[batch.format]


def _encoding_of(batch: ImportBatch) -> str:
    """The encoding that the mapping names, if any."""
    return _profile_of(batch.mapping).dialect.encoding if batch.mapping else ""


def _profile_of(mapping: dict[str, Any]) -> Profile:
    try:
        return Profile.from_json(mapping)
    except ValueError as wrong:
        raise FileRefused(_("Its mapping can no longer be read: %s") % wrong) from wrong


def saved_mappings() -> list[Format]:
    """The formats that people have described; one whose mapping no longer reads is none."""
    known: list[Format] = []
    for one in ImportProfile.objects.all():
        with suppress(ValueError):
            known.append(Mapped(Profile.from_json(one.mapping), one.slug, one.name))
    return known


def _leave_out(chunk: Chunk) -> None:
    """Take the good rows out of a chunk: others of the import are rejected, and it is all or
    nothing."""
    if helped := chunk.helped():
        facts = [chunk.facts.frame] if chunk.facts is not None else []
        lines = [
            int(line)
            for frame in (chunk.calls, chunk.states, chunk.surveys, chunk.counts, *facts)
            for line in [frame["line"].min()]
            if isinstance(line, int)
        ]
        message = _("Good, and not kept: other rows are rejected, and it was to be all or nothing.")
        chunk.issues.append(Issue(min(lines), "", "", "all_or_nothing", message, IGNORED, helped))
        chunk.ignored += helped
    for name in ("calls", "offers", "states", "surveys", "counts", "cutoffs"):
        setattr(chunk, name, getattr(chunk, name).clear())
    chunk.facts = None
    chunk.raw = []


@transaction.atomic
def _write(batch: ImportBatch, kept: ImportFile, chunk: Chunk, target: Target) -> None:
    """One chunk, its issues and its place in the books, all or nothing."""
    fates: Fates = store(chunk, target)
    if fates.rejected and batch.all_or_nothing and not batch.dry_run:
        wrong = next(one for one in fates.issues if one.fate == REJECTED)
        raise FileRefused(
            _("Line %(line)d: %(words)s It was to be all or nothing.")
            % {"line": wrong.line, "words": wrong.message}
        )
    if not batch.dry_run and (other := undo.going_on(batch.site_id)) is not None:
        raise FileRefused(
            _("Import %(other)d of this site is being taken back: import again when it is.")
            % {"other": other.pk}
        )
    ImportIssue.objects.bulk_create(
        [
            ImportIssue(
                batch=batch,
                file=kept,
                line=one.line,
                column=one.column[:120],
                value=masked(one.value, cards_only=True)[:300],
                rule=one.rule,
                message=one.message[:500],
                fate=one.fate,
                count=one.count,
            )
            for one in (*chunk.issues, *fates.issues)
        ],
        batch_size=5000,
    )
    RawEvent.objects.bulk_create(
        [
            RawEvent(
                source=target.source,
                batch=batch,
                line=one.line,
                text=masked(one.text, cards_only=True),
                reason=one.reason,
            )
            for one in chunk.raw
        ],
        batch_size=5000,
    )
    shape: dict[str, str] = {}
    rejected_rows = [*chunk.rejected_rows, *fates.rejected_rows]
    if rejected_rows:
        RejectedRow.objects.bulk_create(
            [
                RejectedRow(
                    batch=batch,
                    file=kept,
                    line=one.line,
                    text=_hidden(one.text, chunk.shape),
                )
                for one in rejected_rows
            ],
            batch_size=5000,
        )
        told = chunk.shape
        shape = {"shape": told.kind, "header": told.header, "delimiter": told.delimiter}
    ImportBatch.objects.filter(pk=batch.pk).update(
        source=target.source,
        read=F("read") + chunk.read,
        stored=F("stored") + fates.stored,
        updated=F("updated") + fates.updated,
        duplicate=F("duplicate") + fates.duplicate + chunk.duplicate,
        rejected=F("rejected") + chunk.rejected + fates.rejected,
        ignored=F("ignored") + chunk.ignored,
        # Both pass over null.
        first_at=Least("first_at", chunk.calls["offered_at"].min()),
        last_at=Greatest("last_at", chunk.calls["offered_at"].max()),
    )
    ImportFile.objects.filter(pk=kept.pk).update(position=chunk.position, **shape)
    if not batch.dry_run:
        transaction.on_commit(lambda: record_changed.send(sender=None))


def _hidden(text: str, shape: Shape) -> str:
    """A row without card numbers and codes; of fixed columns each stays where it is."""
    if shape.edges:
        ends = [*(edge - 1 for edge in shape.edges[1:]), len(text)]
        cells = [text[edge - 1 : end] for edge, end in zip(shape.edges, ends, strict=True)]
        kept = (masked(cell, cards_only=True).ljust(len(cell)) for cell in cells)
        text = text[: shape.edges[0] - 1] + "".join(kept)
    return masked(text, cards_only=True)


def rejected_rows(kept: ImportFile) -> Iterator[Rejected]:
    """A file's rejected rows in the order of its lines, each with all that was wrong with it."""
    issues = kept.issues.filter(fate=REJECTED).order_by("line", "pk")
    told = issues.values_list("line", "column", "value", "message").iterator(chunk_size=2000)
    wrong = groupby(told, key=lambda issue: issue[0])
    line, why = next(wrong, (None, iter(())))
    rows = kept.rejected_rows.order_by("line").values_list("line", "text")
    for number, text in rows.iterator(chunk_size=2000):
        while line is not None and line < number:
            line, why = next(wrong, (None, iter(())))
        of_row = list(why) if line == number else []
        _lines, columns, values, reasons = zip(*of_row, strict=True) if of_row else [()] * 4
        yield Rejected(number, text, columns, values, reasons)


def forget_rejected_rows() -> int:
    """Drop rejected rows that nobody corrected for long; how many."""
    old = RejectedRow.objects.filter(batch__created_at__lt=timezone.now() - KEPT)
    return old.delete()[0]
