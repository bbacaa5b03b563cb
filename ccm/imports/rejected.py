"""Rejected rows: given out to be corrected, and which of those that come back are tried."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.imports.files import corrections, opening
from ccm.imports.files.corrections import KEPT, Rejected
from ccm.imports.files.dialect import DELIMITED, SHEET
from ccm.imports.mapping.profile import Profile
from ccm.imports.records import REJECTED, Chunk, Issue, RawLine
from ccm.models import ImportBatch, ImportFile, ImportIssue, RejectedRow

# Rows that are not tried, by their lines: why, and what they say.
Refused = dict[int, tuple[Issue, str]]


def rows_of(kept: ImportFile) -> Iterator[Rejected]:
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


def forget() -> int:
    """Drop rejected rows that nobody corrected for long; how many."""
    old = RejectedRow.objects.filter(batch__created_at__lt=timezone.now() - KEPT)
    return old.delete()[0]


def mapping_of_rows(mapping: dict[str, Any]) -> dict[str, Any]:
    """A mapping as it reads the rejected rows of its file: text, with the header on top."""
    profile = Profile.from_json(mapping)
    said = profile.dialect
    told = replace(said, encoding="", header=min(1, said.header), types=False)
    if said.kind == SHEET:
        told = replace(told, kind=DELIMITED, delimiter="\t", sheet="")
    return replace(profile, dialect=told).as_json()


def refused(batch: ImportBatch, plain: Path) -> Refused:
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
    refused: Refused = {}
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


def with_refused(chunks: Iterable[Chunk], plain: Path, refused: Refused) -> Iterator[Chunk]:
    """What is read of a file, with the rows that are not tried accounted for."""
    for chunk in chunks:
        _refuse(chunk, refused)
        yield chunk
    if refused:
        rest = Chunk(position=max(refused), read=0, shape=corrections.shape_of(plain))
        _refuse(rest, refused)
        yield rest


def _refuse(chunk: Chunk, refused: Refused) -> None:
    """Account for those refused rows that lie before the chunk's end."""
    for line in [line for line in refused if line <= chunk.position]:
        issue, text = refused.pop(line)
        chunk.issues.append(issue)
        chunk.rejected_rows.append(RawLine(line, text, issue.message))
        chunk.read += 1
        chunk.rejected += 1
