"""Rejected rows: given out to be corrected, and which of those that come back are tried."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import addresses
from ccm.imports.files import opening, returned
from ccm.imports.files.corrections import KEPT, Rejected
from ccm.imports.files.dialect import DELIMITED, SHEET
from ccm.imports.files.tables import VALUE_SHOWN, write_noted_sheet
from ccm.imports.mapping.profile import Profile
from ccm.imports.records import (
    IGNORED,
    LINES,
    NOTED,
    REJECTED,
    Chunk,
    FileRefused,
    Issue,
    RawLine,
    Shape,
)
from ccm.models import CorrectedRow, ImportBatch, ImportFile, ImportIssue, RejectedRow


def rows_of(kept: ImportFile, *, corrected: bool = True) -> Iterator[Rejected]:
    """A file's rejected rows in the order of its lines, each with all that was wrong with it.

    Without the `corrected` ones those that are still open.
    """
    closed = set() if corrected else closed_lines(kept.batch)
    issues = kept.issues.filter(fate=REJECTED).order_by("line", "pk")
    told = issues.values_list("line", "column", "value", "message").iterator(chunk_size=2000)
    wrong = groupby(told, key=lambda issue: issue[0])
    line, why = next(wrong, (None, iter(())))
    is_round = kept.batch.corrects_id is not None
    rows = kept.rejected_rows.order_by("line").values_list("line", "origin", "text")
    for number, origin, text in rows.iterator(chunk_size=2000):
        while line is not None and line < number:
            line, why = next(wrong, (None, iter(())))
        stood = origin if is_round else number
        if stood in closed:
            continue
        of_row = list(why) if line == number else []
        _lines, columns, values, reasons = zip(*of_row, strict=True) if of_row else [()] * 4
        yield Rejected(stood, text, columns, values, reasons)


@dataclass(frozen=True, slots=True)
class Since:
    """How many of an import's rejected rows were corrected, and by which imports; and in which
    lines they stood first, a line as often as rows of it were corrected."""

    count: int
    imports: list[int]
    lines: Counter[int] = field(default_factory=Counter, compare=False)


def corrected_since(batch: ImportBatch) -> Since:
    """What became of an import's rejected rows, by the corrections that stand."""
    done = _corrected_of(batch)
    if batch.corrects_id is not None:
        origins = batch.issues.filter(fate=REJECTED, origin__isnull=False).values("origin")
        done = done.filter(line__in=origins)
    told = list(done.values_list("line", "batch"))
    lines = Counter(line for line, _batch in told)
    return Since(len(told), sorted({number for _line, number in told}), lines)


def open_files(batch: ImportBatch, since: Since) -> set[int]:
    """The files of an import that have rejected rows which nobody has corrected yet."""
    closed = _closed(batch, since.lines)
    rows = batch.rejected_rows.exclude(
        **{f"{_stood(batch)}__in": closed, f"{_stood(batch)}__isnull": False}
    )
    return set(rows.order_by().values_list("file", flat=True).distinct())


def closed_lines(batch: ImportBatch) -> set[int]:
    """The lines where rejected rows of an import stood first that are all corrected by now."""
    return _closed(batch, Counter(_corrected_of(batch).values_list("line", flat=True)))


def _closed(batch: ImportBatch, corrected: Counter[int]) -> set[int]:
    if not corrected:
        return set()
    alike = _alike(batch, corrected)
    return {line for line, count in corrected.items() if count >= alike[line]}


def first_of(batch: ImportBatch) -> ImportBatch:
    """The import whose rows these corrections, round after round, go back to."""
    while batch.corrects is not None:
        batch = batch.corrects
    return batch


def _alike(batch: ImportBatch, lines: Iterable[int]) -> Counter[int]:
    """How many rows were rejected first in each of these lines: in several files a number is that
    of several lines, and which of them came back cannot be told."""
    rows = first_of(batch).rejected_rows.filter(line__in=list(lines))
    return Counter(rows.values_list("line", flat=True))


def _corrected_of(batch: ImportBatch) -> QuerySet[CorrectedRow]:
    return CorrectedRow.objects.filter(of=first_of(batch), batch__undone_at=None)


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


@dataclass(slots=True)
class Returned:
    """A file to be read, and, where it holds corrected rows, what is known of them before.

    All by their lines in this file: `origins` are the lines where they stood in the first one,
    `refused` those that are not tried (why, and what they say), `contradicted` those that told of
    a call with other words than an earlier row and were changed, `notes` what is no row. `source`
    is the file with all of them, `plain` what is to be read of it: `tried` rows. Where their file
    has callers' mail addresses (`hides`), what is kept of a row goes without them.
    """

    plain: Path
    source: Path
    shape: Shape = LINES
    origins: dict[int, int] = field(default_factory=dict)
    refused: dict[int, tuple[Issue, str]] = field(default_factory=dict)
    contradicted: set[int] = field(default_factory=set)
    notes: list[int] = field(default_factory=list)
    tried: int = 0
    hides: bool = False

    def kept(self, text: str) -> str:
        return addresses.hidden(text, None) if self.hides else text

    @property
    def is_done(self) -> bool:
        """Whether rows came back, and none that is tried."""
        return bool(self.refused) and not self.tried


def came_back(batch: ImportBatch, plain: Path, folder: Path) -> Returned:
    """A file of the batch; of corrected rows those that are to be tried, written into `folder`.

    A row that says no line of a rejected row is new: it belongs in a log. One that contradicted an
    earlier row and comes back as it was still does: alone it would seem good, and win.

    Raises FileRefused for a table that no longer says where its rows stood.
    """
    if batch.corrects is None:
        return Returned(plain, plain)
    shapes = [
        Shape(one.shape, one.header, one.delimiter)
        for one in batch.corrects.files.exclude(shape="")
    ]
    noted: Path | None = plain
    if opening.is_workbook(plain):
        delimiter = next((one.delimiter for one in shapes if one.kind == "table"), "\t")
        noted = folder / "sheet"
        if not write_noted_sheet(plain, delimiter, noted):
            noted = None
    shape = returned.shape_of(noted, shapes) if noted is not None else None
    if noted is None or shape is None:
        raise FileRefused(
            _("It does not say which rejected rows these are: its column ccm_line is missing.")
        )
    told_columns = (batch.mapping or {}).get("columns", ())
    found = Returned(
        folder / "tried", noted, shape, notes=returned.notes(noted, shape),
        hides=any(one.get("target") == "caller_email" for one in told_columns),
    )  # fmt: skip
    left, conflicts = _rejected_of(batch.corrects)
    # What this import itself has read already is read no more, but accounted for.
    before_it = _corrected_of(batch).exclude(batch=batch).order_by("pk")
    by: dict[int, list[int]] = {}
    for line, other in before_it.values_list("line", "batch"):
        by.setdefault(line, []).append(other)
    alike = _alike(batch, by)
    for row in returned.rows(noted, shape):
        if row.origin is None or not left[row.origin]:
            words = _("It is no rejected row of the import: only those are tried.")
            told = Issue(row.line, "ccm_line", str(row.origin or ""), "not_rejected", words)
            found.refused[row.line] = told, found.kept(row.text)
            continue
        left[row.origin] -= 1
        done = by.get(row.origin, [])
        alike[row.origin] -= 1
        if done and len(done) > alike[row.origin]:
            words = _("Line %(line)d was corrected by import #%(other)d: it is not tried again.")
            told = Issue(
                row.line, "", "", "corrected_before",
                words % {"line": row.origin, "other": done[-1]},
            )  # fmt: skip
            found.origins[row.line] = row.origin
            found.refused[row.line] = told, found.kept(row.text)
            continue
        found.origins[row.line] = row.origin
        before = conflicts.get(row.origin, [])
        if any(returned.alike(row.text, text, shape) for text in before):
            words = _("An earlier row tells of the same call, with other words.")
            words += " " + _("It was line %d, and is as it was.") % row.origin
            told = Issue(row.line, "", "", "conflict", words)
            found.refused[row.line] = told, found.kept(row.text)
            continue
        found.tried += 1
        if before:
            found.contradicted.add(row.line)
    returned.write(noted, found.plain, shape, {*found.refused, *found.notes})
    return found


def _rejected_of(batch: ImportBatch) -> tuple[Counter[int], dict[int, list[str]]]:
    """How many rows of an import were rejected by the line where they stood first; and by it those
    that contradicted an earlier one, in this round of correction or one before."""
    left = Counter(batch.rejected_rows.values_list(_stood(batch), flat=True))
    # Of a row that none of the import was, no line is known.
    del left[None]
    conflicts: dict[int, list[str]] = {}
    of_conflict = ImportIssue.objects.filter(
        rule="conflict", file=OuterRef("file"), line=OuterRef("line")
    )
    before: ImportBatch | None = batch
    while before is not None:
        rows = before.rejected_rows.filter(Exists(of_conflict))
        for stood, text in rows.values_list(_stood(before), "text"):
            conflicts.setdefault(stood, []).append(text)
        before = before.corrects
    return left, conflicts


def _stood(batch: ImportBatch) -> str:
    """The column of an import's rejected rows that tells the line where each stood first."""
    return "origin" if batch.corrects_id else "line"


def accounted(chunks: Iterable[Chunk], came: Returned, start: int) -> Iterator[Chunk]:
    """What is read of a file from line `start` on, with what is known of its rows before told."""
    # What lies before the start is in the books.
    left = replace(
        came,
        refused={line: why for line, why in came.refused.items() if line > start},
        contradicted={line for line in came.contradicted if line > start},
        notes=[line for line in came.notes if line > start],
    )
    shape, begun = came.shape, start > 0
    try:
        for chunk in () if came.is_done else chunks:
            _account(chunk, left)
            shape, begun = chunk.shape, True
            yield chunk
    except FileRefused as refusal:
        # Of a log, or of records, without one good row a format says that it is none of its kind.
        if begun or not came.origins or came.shape.kind == "table":
            raise
        left.contradicted.clear()
        for row in returned.rows(came.source, came.shape):
            text = came.kept(row.text)
            told = Issue(row.line, "", text[:VALUE_SHOWN], "refused", str(refusal))
            left.refused.setdefault(row.line, (told, text))
    if left.refused or left.notes:
        rest = Chunk(position=max([*left.refused, *left.notes]), read=0, shape=shape)
        _account(rest, left)
        yield rest


def _account(chunk: Chunk, left: Returned) -> None:
    """Take out of what is left, and account for, the lines that lie before the chunk's end."""
    wrong = {issue.line for issue in chunk.issues if issue.fate == REJECTED}
    for line in sorted(line for line in left.contradicted if line <= chunk.position):
        left.contradicted.remove(line)
        if line not in wrong:
            words = _("It contradicted an earlier row and was changed: it is taken at its word.")
            chunk.issues.append(Issue(line, "", "", "was_conflict", words, NOTED))
    for line in [line for line in left.refused if line <= chunk.position]:
        issue, text = left.refused.pop(line)
        chunk.issues.append(issue)
        chunk.rejected_rows.append(RawLine(line, text, issue.message))
        chunk.read += 1
        chunk.rejected += 1
    if notes := [line for line in left.notes if line <= chunk.position]:
        left.notes = left.notes[len(notes) :]
        words = _("Says why the row after it was rejected: no row of the source.")
        chunk.issues.append(Issue(notes[0], "", "", "ccm_note", words, IGNORED, len(notes)))
        chunk.read += len(notes)
        chunk.ignored += len(notes)
