"""One chunk written: its records, its issues and its place in an import's books, all or nothing."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext as _

from ccm.imports import rejected, undo
from ccm.imports.records import IGNORED, REJECTED, Chunk, FileRefused, Issue, Shape
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Fates, Target
from ccm.masking import masked
from ccm.models import (
    CorrectedRow,
    ImportBatch,
    ImportFile,
    ImportIssue,
    RawEvent,
    RejectedRow,
)
from ccm.signals import record_changed


@transaction.atomic
def write(
    batch: ImportBatch,
    kept: ImportFile,
    chunk: Chunk,
    target: Target,
    origins: Mapping[int, int],
) -> None:
    """One chunk, its issues and its place in the books, all or nothing.

    `origins` are the lines where corrected rows stood in the first file, by those they have here.
    """
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
                origin=origins.get(one.line),
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
    if origins and batch.keeps is not False and not batch.dry_run:
        wrong_lines = {one.line for one in (*chunk.issues, *fates.issues) if one.fate == REJECTED}
        _close(batch, kept, {line: origins[line] for line in origins.keys() - wrong_lines}, chunk)
    shape: dict[str, str] = {}
    rejected_rows = [*chunk.rejected_rows, *fates.rejected_rows]
    if rejected_rows:
        RejectedRow.objects.bulk_create(
            [
                RejectedRow(
                    batch=batch,
                    file=kept,
                    line=one.line,
                    origin=origins.get(one.line),
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
        ignored=F("ignored") + chunk.ignored + fates.ignored,
        # Both pass over null.
        first_at=Least("first_at", chunk.calls["offered_at"].min()),
        last_at=Greatest("last_at", chunk.calls["offered_at"].max()),
    )
    ImportFile.objects.filter(pk=kept.pk).update(position=chunk.position, **shape)
    if not batch.dry_run:
        transaction.on_commit(lambda: record_changed.send(sender=None))


def _close(batch: ImportBatch, kept: ImportFile, good: Mapping[int, int], chunk: Chunk) -> None:
    """Note which rejected rows the chunk has corrected: those of its lines that are `good`."""
    start = ImportFile.objects.values_list("position", flat=True).get(pk=kept.pk)
    first = rejected.first_of(batch)
    CorrectedRow.objects.bulk_create(
        [
            CorrectedRow(batch=batch, of=first, line=origin)
            for line, origin in good.items()
            if start < line <= chunk.position
        ],
        batch_size=5000,
    )


def leave_out(chunk: Chunk) -> None:
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


def _hidden(text: str, shape: Shape) -> str:
    """A row without card numbers and codes; of fixed columns each stays where it is."""
    if shape.edges:
        ends = [*(edge - 1 for edge in shape.edges[1:]), len(text)]
        cells = [text[edge - 1 : end] for edge, end in zip(shape.edges, ends, strict=True)]
        kept = (masked(cell, cards_only=True).ljust(len(cell)) for cell in cells)
        text = text[: shape.edges[0] - 1] + "".join(kept)
    return masked(text, cards_only=True)
