"""Imports being prepared: files whose columns a person explains before they are read.

A draft is an import like any other, with its files kept and its job not queued yet. Tried and
not yet done it stays one, so that a mapping can be mended until nothing is rejected.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.imports import run, twice, zones
from ccm.imports.choosing import MAPPED
from ccm.imports.files import dialect as dialects
from ccm.imports.files import opening, rows, scratch, tables
from ccm.imports.files.dialect import Dialect, Seen
from ccm.imports.mapping import saved
from ccm.imports.mapping.mapped import Mapped
from ccm.imports.mapping.profile import ALL, BY, NO_QUEUE, Column, Profile
from ccm.imports.mapping.targets import KEEP, Cell, Rows
from ccm.imports.records import Chunk, FileRefused, Issue, Reading
from ccm.models import ImportBatch, ImportFile, ImportPiece, ImportProfile, Job, User

# A file larger than this is looked at by its beginning only.
SAMPLE_BYTES = 16 << 20
SAMPLE_ROWS = 2_000
KEPT_FOR = timedelta(days=7)
FINISHED = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)
# Where a draft's mapping holds the name it is to be saved under, and the name that may be
# replaced.
NAME, REPLACES = "name", "replaces"


@dataclass(frozen=True, slots=True)
class Look:
    """A draft's file as it lies there: what it was found to be, and its first rows as text.

    `read` counts them with those that are none, `whole` says that these are all of them. `heads`
    is what formats are recognised by.
    """

    seen: Seen
    dialect: Dialect
    frame: pl.DataFrame
    read: int
    whole: bool
    issues: list[Issue]
    heads: list[bytes]

    @property
    def labels(self) -> list[str]:
        return [name for name in self.frame.columns if name not in (rows.LINE, rows.REST)]

    @property
    def misfit(self) -> Issue | None:
        """A row unlike the header in the number of cells, where most rows are."""
        misfits = [one for one in self.issues if one.rule == tables.WIDTH]
        return misfits[0] if len(misfits) * 2 > self.read else None


def look(batch: ImportBatch, dialect: Dialect | None = None) -> Look:
    """Look at a draft's first file, as it was found or as a dialect says.

    Raises FileRefused where it is nothing that rows could be read from.
    """
    with _sample(batch) as (upload, plain, cut):
        found = dialects.seen(upload, plain)
        told = dialect or found.dialect
        with rows.opened(plain, told, twins=True, most=SAMPLE_ROWS + 200) as table:
            stretch = next(table.stretches(0, SAMPLE_ROWS), None)
            if stretch is None:
                raise FileRefused(_("There is nothing in it."))
            whole = not cut and next(table.stretches(stretch.position, 1), None) is None
            heads = tables.heads(plain)
            return Look(found, told, stretch.frame, stretch.read, whole, stretch.issues, heads)


@contextmanager
def _sample(batch: ImportBatch) -> Iterator[tuple[Path, Path, bool]]:
    """A draft's first file, the plain form of it, and whether it was cut."""
    kept = batch.files.first()
    mapping = mapping_of(batch)
    encoding = mapping.dialect.encoding if mapping else ""
    with scratch.folder() as folder:
        upload = folder / "upload"
        cut = _write_sample(kept, upload)
        yield upload, opening.plain_file(upload, folder, encoding), cut


def _write_sample(kept: ImportFile | None, upload: Path) -> bool:
    """Write a file's beginning (all of a workbook, which has no beginning); whether it was cut.

    Raises FileRefused where nothing of it is kept.
    """
    pieces = kept.pieces.values_list("data", flat=True).iterator(chunk_size=1) if kept else iter(())
    piece = next(pieces, None)
    if kept is None or piece is None:
        raise FileRefused(_("Its files are kept no longer: upload them again."))
    first = bytes(piece)
    if kept.size <= SAMPLE_BYTES or first.startswith(opening.ZIP):
        with upload.open("wb") as out:
            out.write(first)
            out.writelines(pieces)
        return False
    if first.startswith(opening.GZIP):
        try:
            first = zlib.decompressobj(wbits=31).decompress(first, SAMPLE_BYTES)
        except zlib.error as damage:
            raise FileRefused(_("Its gzip packing is damaged (%s).") % damage) from damage
    upload.write_bytes(first[: first.rfind(b"\n") + 1] or first)
    return True


def mapping_of(batch: ImportBatch) -> Profile | None:
    """What was said of a draft so far; None where nothing was, or nothing that still means
    something."""
    try:
        return Profile.from_json(batch.mapping) if batch.mapping else None
    except ValueError:
        return None


def is_open(batch: ImportBatch) -> bool:
    """Whether its columns may still be said anew: it is prepared, was only tried, or was of no
    format that is known."""
    state = batch.job.state
    tried = batch.dry_run and state in FINISHED
    return state == Job.State.DRAFT or is_unexplained(batch) or tried


def is_unexplained(batch: ImportBatch) -> bool:
    """Whether it was refused only because its file is of no format that is known: it waits for
    somebody to say what its columns mean."""
    unknown = batch.format == MAPPED and batch.profile_id is None
    return unknown and batch.job.state == Job.State.FAILED


def _held(batch: ImportBatch) -> ImportBatch:
    """The batch as it is, which nobody else begins or explains until the transaction ends."""
    Job.objects.select_for_update().get(pk=batch.job_id)
    batch.refresh_from_db()
    return batch


@transaction.atomic
def keep(batch: ImportBatch, profile: Profile, name: str, replaces: str = "") -> bool:
    """Keep what was said so far, the name to be saved under too; False where it is begun already.
    A draft that was tried is a draft again.

    `replaces` is the name of a layout that a person said is to become this one.
    """
    if not is_open(_held(batch)):
        return False
    batch.mapping = profile.as_json() | {NAME: name, REPLACES: replaces}
    # What was said with the upload would stand before the mapping, and this is the later word.
    batch.queue_name, batch.zone = "", "" if profile.zone else batch.zone
    batch.save(update_fields=["mapping", "queue_name", "zone"])
    Job.objects.filter(pk=batch.job_id).update(state=Job.State.DRAFT)
    return True


def named(batch: ImportBatch) -> str:
    """The name that a draft's mapping is to be saved under; empty while nobody gave one."""
    return str(batch.mapping.get(NAME, "")) if isinstance(batch.mapping, dict) else ""


def replaces(batch: ImportBatch) -> bool:
    """Whether a person said that the layout of a draft's name is to become this one."""
    said = batch.mapping if isinstance(batch.mapping, dict) else {}
    return bool(said.get(NAME)) and said.get(REPLACES) == said.get(NAME)


def taken_by(batch: ImportBatch, profile: Profile) -> ImportProfile | None:
    """The layout that has the name of this one and says something else."""
    name = named(batch)
    return saved.other_of(name, profile) if name and batch.profile is None else None


@transaction.atomic
def begin(batch: ImportBatch, user: User | None, *, dry_run: bool = False) -> bool:
    """Try or import what was prepared; False where that is under way already.

    An import saves its mapping under its name. Raises saved.NameTaken where another layout has
    that name and nobody said to replace it, and twice.Twice where another one has brought the calls
    of the very same file, unless somebody said to import it again.
    """
    if not is_open(_held(batch)):
        return False
    if not dry_run and batch.mapping and batch.profile is None:
        profile = Profile.from_json(batch.mapping)
        there = before(batch, named(batch), tried(batch, profile, timezone.now()).chunk)
        if there is not None and there.same_file and not batch.again:
            raise twice.Twice(there.words)
        one = saved.save(named(batch), profile, user, replace=replaces(batch))
        batch.profile, batch.format, batch.mapping = one, one.slug, one.mapping
        batch.save(update_fields=["profile", "format", "mapping"])
    run.begin(batch, dry_run=dry_run)
    return True


@dataclass(frozen=True, slots=True)
class Tried:
    """What a mapping makes of the sample: its chunk, or why it cannot be read at all.

    `without` are the columns that are left out of this look because it is not said how to read
    them.
    """

    chunk: Chunk | None
    problem: str = ""
    without: tuple[str, ...] = ()


def tried(batch: ImportBatch, profile: Profile, now: datetime) -> Tried:
    """Read the sample as a mapping says. What is still open is taken for this look only."""
    if (not profile.rows.is_list and not profile.has("moment", "date")) or (
        profile.rows == Rows.STATES and not profile.has("agent", "state")
    ):
        return Tried(None, _("Say which column holds the date, and the rows show here."))
    open_ones = tuple(one for one in profile.columns if _is_open(profile, one))
    stand_in = replace(
        profile,
        columns=tuple(
            replace(one, target=KEEP) if one in open_ones else one for one in profile.columns
        ),
        queue=profile.queue or NO_QUEUE,
        answered_by=profile.answered_by or (ALL if profile.rows == Rows.CALLS else ""),
        minutes=profile.minutes or 1440,
        threshold_seconds=profile.threshold_seconds or 20,
    )
    known_by = BY.get(stand_in.answered_by, ())
    if known_by and not stand_in.has(*known_by):
        stand_in = replace(stand_in, answered_by=ALL)
    if problems := stand_in.problems():
        return Tried(None, " ".join(problems))
    without = tuple(one.label for one in open_ones)
    try:
        with _sample(batch) as (_upload, plain, _cut):
            reading = Reading(
                zones.zone_for(Mapped(stand_in, "tried"), batch.site, batch.zone),
                now,
                chunk_lines=SAMPLE_ROWS,
                most_rows=SAMPLE_ROWS,
            )
            return Tried(next(Mapped(stand_in, "tried").read(plain, reading)), without=without)
    except FileRefused as refusal:
        return Tried(None, str(refusal))


def _is_open(profile: Profile, column: Column) -> bool:
    """Whether it is not said yet how a column is to be read that a look can do without."""
    target = profile.targets.get(column.target)
    if target is None or column.target in ("moment", "date") or profile.rows.is_list:
        return False
    match target.cell:
        case Cell.MOMENT | Cell.DATE:
            return not column.spelling
        case Cell.DURATION:
            return not column.unit
        case Cell.SCORE:
            return not column.scale and not (column.target == "score" and profile.has("scale"))
    return False


def before(batch: ImportBatch, name: str, chunk: Chunk | None) -> twice.Before | None:
    """What another source has brought already of a look's calls, were they read as the layout of
    this name."""
    if chunk is None:
        return None
    layout = saved.of_name(name, deleted=True) if name else None
    return twice.before(batch, layout.slug if layout else "", chunk.calls)


def sweep(now: datetime | None = None) -> int:
    """Let go of the files of drafts and tries that nobody has come back to; how many batches."""
    before = (now or timezone.now()) - KEPT_FOR
    old = ImportBatch.objects.filter(created_at__lt=before, files__pieces__isnull=False).filter(
        job__state__in=(Job.State.DRAFT, *FINISHED)
    )
    ids = list(old.distinct().values_list("pk", flat=True))
    ImportPiece.objects.filter(file__batch__in=ids).delete()
    return len(ids)
