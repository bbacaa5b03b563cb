"""Tables as CSV files: streamed, and harmless in a spreadsheet."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from numbers import Number

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from ccm import database

MOST_ROWS = 100_000
LINES_SENT_AT_ONCE = 500
# What makes a spreadsheet read a cell as a formula, in ASCII and in the wide forms it accepts too.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MADE_HARMLESS = rf"'*[{re.escape(''.join(FORMULA))}]"
# The apostrophe of a cell that was made harmless, for `re` and for polars alike.
GUARD = rf"^'({_MADE_HARMLESS})"
_is_formula = re.compile(_MADE_HARMLESS).match
# Spreadsheets take a file for UTF-8 only when it begins so.
_BOM = "\ufeff"


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def cell(value: object) -> object:
    """A value as a CSV cell: unknown is empty, numbers stay numbers, times are ISO 8601.

    Text that a spreadsheet would take for a formula gets an apostrophe in front, and so does what
    looks as if it had got one: taken off again (`GUARD`), it is what it was.
    """
    if value is None:
        return ""
    if isinstance(value, Number) and not isinstance(value, bool):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if _is_formula(text) else text


def lines(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a CSV file; after `MOST_ROWS` of them a last line says that it was cut."""
    writer = csv.writer(_Echo())
    yield _BOM + str(writer.writerow([cell(str(word)) for word in header]))
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            words = _("Cut after %(count)s rows. Choose a shorter period for the rest.")
            yield str(writer.writerow([words % {"count": f"{MOST_ROWS:,}"}]))
            return
        yield str(writer.writerow([cell(value) for value in row]))


def _packed(made: Iterator[str]) -> Iterator[str]:
    """The lines in pieces of many: each piece sent costs as much as a hundred lines."""
    while piece := "".join(islice(made, LINES_SENT_AT_ONCE)):
        yield piece


def _unhurried(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces of a file that is read while it is sent, for which a page's seconds are few."""
    with database.allowed(settings.FILE_SECONDS):
        yield from pieces


def download(
    filename: str, header: Sequence[object], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """The rows as a CSV file to keep, sent while they are read, at most `MOST_ROWS` of them."""
    return kept(filename, "text/csv", lines(header, rows))


def kept(filename: str, kind: str, made: Iterator[str]) -> StreamingHttpResponse:
    """Lines as a file to keep, sent while they are made."""
    return StreamingHttpResponse(
        _unhurried(_packed(made)),
        content_type=f"{kind}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Cache-Control": "no-store",
        },
    )
