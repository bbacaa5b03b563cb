"""Formats declared, not programmed: the header a system's export comes with, and its mapping.

A `Shape` is a mapping whose columns have the labels that the system writes. The file may have them
in any order and any case, beside others, which are kept; how the file is cut into cells, and what
the mapping leaves open of its dates, is seen from the file itself. A format is a few shapes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.cells import times
from ccm.imports.files import lines, rows, tables
from ccm.imports.files.dialect import SHEET, Dialect, split
from ccm.imports.files.opening import is_workbook
from ccm.imports.files.rows import SaidTable
from ccm.imports.files.tables import BLANK_WITHIN, plain_name
from ccm.imports.mapping.mapped import Mapped
from ccm.imports.mapping.profile import Column, Profile
from ccm.imports.mapping.targets import Cell, Rows
from ccm.imports.records import Chunk, FileRefused, Reading

DELIMITERS = (",", ";", "\t", "|")
# The ways to write a date that a column may have where its declaration names none.
OPEN = (times.YMD, times.DMY, times.MDY)
AT_ONCE = 200_000
DAY_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class Shape:
    """One header of a format, as a mapping.

    Of the mapping's columns those named in `optional` may be missing. `spellings` are other
    labels that a column may have. With `alone` a file with further columns is not taken for this
    one: for headers of so few and common words that they may be anybody's.
    """

    profile: Profile
    optional: frozenset[str] = frozenset()
    spellings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alone: bool = False

    def places(self, labels: list[str]) -> dict[str, str] | None:
        """The file's label of each column of the mapping; None where a needed one is missing."""
        there: dict[str, str] = {}
        for label in labels:
            there.setdefault(plain_name(label), label)
        found: dict[str, str] = {}
        for column in self.profile.columns:
            names = map(plain_name, (column.label, *self.spellings.get(column.label, ())))
            if told := next((there[name] for name in names if name in there), None):
                found[column.label] = told
            elif column.label not in self.optional:
                return None
        return found

    def means(self, labels: list[str]) -> bool:
        """Whether a file with these labels is surely of this shape."""
        found = self.places(labels)
        return found is not None and not (self.alone and len(labels) > len(found))

    def mapping(self, labels: list[str], dialect: Dialect) -> Profile:
        """The mapping of a file with these labels."""
        found = self.places(labels) or {}
        said = tuple(
            replace(one, label=found[one.label])
            for one in self.profile.columns
            if one.label in found
        )
        return replace(self.profile, dialect=dialect, columns=said)


class Preset:
    """A format made of shapes, the first that fits; see `records.Format`."""

    zone: str | None = None

    def __init__(self, name: str, label: str, *shapes: Shape) -> None:
        self.name, self.label, self.shapes = name, label, shapes
        self.needs_zone = not all(one.profile.has("zone") for one in shapes)
        self.has_queue = all(one.profile.has("queue") for one in shapes)

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the first line that is not blank is a header of one of the shapes."""
        text = _first_line(head.decode(errors="replace").split("\n"))[1]
        return any(shape.means(_labels(text, sign)) for sign in DELIMITERS for shape in self.shapes)

    def read(self, path: Path, reading: Reading) -> Iterator[Chunk]:
        """Chunks of rows. Raises FileRefused for a strange header, and where zone, queue, date or
        the order of dates is not told by the file and was not said."""
        shape, dialect, labels = self._found(path)
        profile = shape.mapping(labels, dialect).on_queue(reading.queue)
        if profile.rows == Rows.CALLS and not profile.queue and not profile.has("queue"):
            raise FileRefused(_("Its calls name no queue: say which one they are of."))
        most = tables.SHEET_ROWS if reading.most_rows is None else reading.most_rows + BLANK_WITHIN
        with rows.opened(path, dialect, twins=profile.nameless, most=most) as table:
            profile = _with_spelling(profile, table, reading.date_order)
            if problems := profile.problems():
                raise FileRefused(" ".join(problems))
            yield from Mapped(profile, self.name, self.label).chunks(table, reading)

    def _found(self, path: Path) -> tuple[Shape, Dialect, list[str]]:
        """The shape of a file, how it is cut into cells, and its labels."""
        for dialect, labels in _headers(path):
            for shape in self.shapes:
                if shape.places(labels) is not None:
                    return shape, dialect, labels
        needed = "; ".join(
            ", ".join(one.label for one in shape.profile.columns if one.label not in shape.optional)
            for shape in self.shapes
        )
        raise FileRefused(_("It has no header with the columns %s.") % needed)


def _headers(path: Path) -> Iterator[tuple[Dialect, list[str]]]:
    """What a file's header could be: how it would be cut, and the labels that come out."""
    if is_workbook(path):
        for sheet, top in tables.first_rows(path, BLANK_WITHIN):
            for number, cells in enumerate(top, 1):
                if any(cells):
                    yield Dialect(SHEET, sheet=sheet, header=number), rows.unlike(cells)
                    break
        return
    stretch = next(lines.stretches(path, 0, BLANK_WITHIN), None)
    number, text = _first_line(stretch.text().split("\n") if stretch else [])
    for sign in DELIMITERS:
        yield Dialect(delimiter=sign, header=number), _labels(text, sign)


def _first_line(texts: list[str]) -> tuple[int, str]:
    """The first line that is not blank, and its number."""
    found = ((number, text) for number, text in enumerate(texts, 1) if text.strip())
    return next(found, (1, ""))


def _labels(text: str, delimiter: str) -> list[str]:
    return rows.unlike(split([text.strip("\r\n")], delimiter)[0])


def _with_spelling(profile: Profile, table: SaidTable, said: str) -> Profile:
    """The mapping with its dates' spelling, where it leaves it open, told by all their cells.

    Raises FileRefused where they tell none, or two, and where a row of a day's totals is of a
    time of that day.
    """
    open_ones = [one for one in profile.columns if _is_date(profile, one) and not one.spelling]
    if not open_ones:
        return profile
    words = pl.concat(
        [
            stretch.frame[one.label].drop_nulls().unique()
            for one in open_ones
            for stretch in table.stretches(0, AT_ONCE, one.label)
        ]
        or [pl.Series(dtype=pl.String)]
    ).unique(maintain_order=True)
    spelling = _spelling(words, ", ".join(one.label for one in open_ones), said)
    if profile.rows == Rows.TOTALS and profile.minutes == DAY_MINUTES:
        timed = words.filter(times.moments(words, spelling)["has_clock"].fill_null(False))
        if len(timed):
            raise FileRefused(
                _(
                    "Its totals are of times of the day, such as %s, and it does not say how long "
                    "they are: map its columns, and say so."
                )
                % timed[0]
            )
    for one in open_ones:
        profile = profile.with_column(replace(one, spelling=spelling))
    return profile


def _is_date(profile: Profile, column: Column) -> bool:
    target = profile.targets.get(column.target)
    return target is not None and target.cell in (Cell.DATE, Cell.MOMENT)


def _spelling(words: pl.Series, label: str, said: str) -> str:
    """How dates are written: the one spelling that reads all of them that any reads."""
    read = pl.DataFrame({one: times.moments(words, one)["wall"] for one in OPEN})
    dates = read.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    read, words = read.filter(dates), words.filter(dates)
    fitting = [one for one in OPEN if not read[one].null_count()]
    if not fitting:
        day_first, month_first = (
            words.filter(read[one].is_not_null() & read[other].is_null())
            for one, other in ((times.DMY, times.MDY), (times.MDY, times.DMY))
        )
        examples = [*day_first[:1], *month_first[:1]]
        raise FileRefused(
            _("The dates in %(column)s are written in several ways: %(examples)s. Make them one.")
            % {"column": label, "examples": ", ".join(examples or words[:2])}
        )
    first, *others = fitting
    differing = [one for one in others if read[one].ne_missing(read[first]).any()]
    if not differing:
        return first
    if said in fitting:
        return said
    example = words.filter(read[differing[0]].ne_missing(read[first]))[0]
    raise FileRefused(
        _(
            "The order of the dates is ambiguous: in %(value)s (column %(column)s) day and month "
            "could change places, and no date of the file tells. Say which it is, dmy or mdy."
        )
        % {"value": example, "column": label}
    )
