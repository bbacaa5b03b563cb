"""Rows of a workbook's sheet, written as a workbook keeps them.

openpyxl makes an object and an element of each cell: of a report of 50,000 figures with all that
stands beside them that takes five times as long as the rest of the file.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

_END = b"</sheetData>"
# More characters no cell holds.
_LONGEST = 32_767
# So many rows are packed at once, and so many words are kept as they are written.
_AT_ONCE, _MOST_KEPT = 500, 20_000


def clean(words: str) -> str:
    """Words as a cell can hold them: without what no XML may have, and not too long."""
    return ILLEGAL_CHARACTERS_RE.sub("", words)[:_LONGEST]


def with_rows(
    book: bytes, path: str, first: int, rows: Iterable[Sequence[Any]], styles: Mapping[int, int]
) -> bytes:
    """A workbook with `rows` below all others of the sheet at `path`, numbered from `first` on.

    Numbers are numbers, in the style of their column by its place; of None, no
    words and what is no finite number there is no cell.
    Anything else is words, whatever they begin with.
    """
    kept = BytesIO()
    with ZipFile(BytesIO(book)) as before, ZipFile(kept, "w", ZIP_DEFLATED) as after:
        for item in before.infolist():
            text = before.read(item)
            if item.filename != path:
                after.writestr(item, text)
                continue
            above, end, below = text.partition(_END)
            with after.open(item.filename, "w") as sheet:
                sheet.write(above)
                for some in _packed(rows, first, styles):
                    sheet.write(some.encode())
                sheet.write(end + below)
    return kept.getvalue()


def _packed(rows: Iterable[Sequence[Any]], first: int, styles: Mapping[int, int]) -> Iterator[str]:
    """The XML of rows, many at a time."""
    letters: list[str] = []
    styled: list[str] = []
    # Most words stand in many rows: zones, definitions, how a figure is made.
    told: dict[str, str] = {}
    made: list[str] = []
    for number, row in enumerate(rows, start=first):
        for place in range(len(letters), len(row)):
            letters.append(get_column_letter(place + 1))
            styled.append(f' s="{styles[place]}"' if place in styles else "")
        made.append(f'<row r="{number}">')
        for value, letter, style in zip(row, letters, styled, strict=False):
            if value is None or value == "":
                continue
            if isinstance(value, int | float):
                if math.isfinite(value):
                    made.append(f'<c r="{letter}{number}"{style}><v>{value:.16g}</v></c>')
                continue
            words = str(value)
            if words not in told:
                if len(told) > _MOST_KEPT:
                    told.clear()
                told[words] = _inline(words)
            made.append(f'<c r="{letter}{number}"{told[words]}')
        made.append("</row>")
        if number % _AT_ONCE == 0:
            yield "".join(made)
            made.clear()
    yield "".join(made)


def _inline(words: str) -> str:
    """Words in a cell, after its place."""
    return f' t="inlineStr"><is><t xml:space="preserve">{escape(clean(words))}</t></is></c>'
