"""Calls that would stand twice: there already, from a file that was read as of another source.

The source of a call is its format, or layout, and its site. A file read again by the same one
changes nothing; read by another, each of its calls would be stored beside itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.formats import FORMATS
from ccm.imports.records import NOTED, Chunk, FileRefused, Issue
from ccm.models import Call, ImportBatch, ImportFile, ImportProfile, Job

RULE = "other_source"
# So many calls are looked for: enough to tell a month exported again from a few equal ids.
MOST_CALLS = 500


class Twice(FileRefused):
    """The very same file was read as of another source, and nobody said to import it again."""


@dataclass(frozen=True, slots=True)
class Before:
    """What is there already: `met` of the calls `looked_at` (by id and moment), of the source
    `form`, from the import numbered `batch` (None: from posts or live events).

    `same_file` says that those came from the very same bytes.
    """

    met: int
    looked_at: int
    form: str
    batch: int | None
    same_file: bool

    @property
    def words(self) -> str:
        by = _by(self.form)
        if self.batch is not None:
            by = _("%(layout)s (import %(number)d)") % {"layout": by, "number": self.batch}
        counted = {"met": self.met, "looked_at": self.looked_at, "by": by}
        if self.same_file and not self.met:
            told = _("The very same file was imported already, as %(by)s.") % counted
        elif self.same_file:
            told = _(
                "The very same file was imported already: %(met)d of %(looked_at)d calls looked at"
                " are there, from %(by)s."
            ) % counted  # fmt: skip
        else:
            told = _(
                "%(met)d of %(looked_at)d calls looked at are there already, from %(by)s."
            ) % counted  # fmt: skip
        return f"{told} {_('Import with that one, or these calls stand twice.')}"


def before(batch: ImportBatch, form: str, calls: pl.DataFrame) -> Before | None:
    """What is there already of the first calls of an import's files, were they read as of `form`.

    Empty `form`: one that is new. None where nothing of them is there.
    """
    if calls.is_empty():
        return None
    looked_at = calls.select("external_id", "offered_at").unique(maintain_order=True)
    looked_at = looked_at.head(MOST_CALLS)
    source, met = _met(batch, form, looked_at)
    same = _same_file(batch, form)
    if same is not None:
        return Before(len(met), looked_at.height, same.format, same.batch_id, True)
    if not met:
        return None
    number = list(met.values())[-1]
    return Before(len(met), looked_at.height, _form(source), number, False)


def look(batch: ImportBatch, form: str, chunk: Chunk) -> None:
    """Note in a file's first chunk of calls what of them is there already.

    Raises Twice where the very same file brought it, unless it is only tried, or somebody said to
    import it again.
    """
    found = before(batch, form, chunk.calls)
    if found is None:
        return
    if found.same_file and not batch.dry_run and not batch.again:
        raise Twice(found.words)
    line = chunk.calls["line"][0]
    chunk.issues.append(Issue(line, "", "", RULE, found.words, NOTED, max(1, found.met)))


def say(batch: ImportBatch, again: bool) -> None:
    """Keep whether somebody said to import a file again that another source has brought."""
    if again != bool(batch.again):
        batch.again = again or None
        batch.save(update_fields=["again"])


def is_asked(batch: ImportBatch) -> bool:
    """Whether an import was refused for what is there already, and may go on where somebody says
    so."""
    return batch.again is False and batch.job.state == Job.State.FAILED


def _met(
    batch: ImportBatch, form: str, looked_at: pl.DataFrame
) -> tuple[str, dict[tuple[str, datetime], int | None]]:
    """The source that has most of these ids and moments at the site, of others than `form`, and
    which it has, each with the import it came by."""
    wanted: set[tuple[str, datetime]] = set(looked_at.iter_rows())
    moments = sorted({moment for _id, moment in wanted})
    there = (
        Call.objects.offered_between(moments[0], moments[-1] + timedelta(seconds=1))
        .filter(
            site=batch.site_id,
            offered_at__in=moments,
            external_id__in={one for one, _moment in wanted},
        )
        .values_list("external_id", "offered_at", "source", "batch")
        .order_by("pk")
    )
    met: dict[str, dict[tuple[str, datetime], int | None]] = {}
    for one, moment, source, batch_id in there:
        if (one, moment) in wanted and _form(source) != form:
            met.setdefault(source, {})[one, moment] = batch_id
    return max(met.items(), key=lambda each: len(each[1]), default=("", {}))


def _same_file(batch: ImportBatch, form: str) -> ImportFile | None:
    """A file with the bytes of one of the batch that brought calls, as of another source."""
    known = (
        ImportFile.objects.filter(
            sha256__in=batch.files.values("sha256"),
            batch__site=batch.site_id,
            batch__dry_run=False,
            batch__undone_at=None,
            batch__first_at__isnull=False,
            batch__stored__gt=0,
        )
        .exclude(batch=batch.pk)
        .exclude(format__in=["", form])
        .select_related("batch")
        .order_by("-pk")
    )
    return next((one for one in known if _may_be_one_sheet(one.batch, batch)), None)


def _may_be_one_sheet(*batches: ImportBatch) -> bool:
    """Whether imports of a workbook do not say that they read different sheets of it."""
    return len({*_sheets(batches)}) < 2


def _sheets(batches: Iterable[ImportBatch]) -> Iterable[str]:
    for one in batches:
        if isinstance(one.mapping, dict) and (sheet := one.mapping.get("dialect", {}).get("sheet")):
            yield sheet


def _form(source: str) -> str:
    return source.rpartition("@")[0]


def _by(form: str) -> str:
    """A source as people call it."""
    if form in FORMATS:
        return FORMATS[form].label
    layout = ImportProfile.every.filter(slug=form).first()
    return _("the layout %(name)s") % {"name": layout.name} if layout else form
