"""Rows of delimited text that go on over several lines, as comments in quotation marks do.

Each becomes one line, followed by as many empty lines as it lost, so that every line of a file
keeps its number. A mark that was only forgotten joins nothing: its line stays as it is, to be
rejected alone.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from ccm.imports.files import lines

# A cell goes on for no more lines than this.
MOST_LINES = 200
# In a table so wide a line of a comment does not happen to have the cells of a whole row.
WIDE = 4


def on_one_line(path: Path, delimiter: str, header: int, folder: Path) -> Path:
    """The file itself, or, where rows go on over lines, a copy in `folder` in which none does.

    `header` is the line of the column names, which may go on as well; 0 where there is none.
    """
    if not _any_open(path):
        return path
    copy = folder / "rows"
    with path.open("rb") as file, copy.open("wb") as out:
        plain = (line.rstrip(b"\n") for line in file)
        out.writelines(line + b"\n" for line in joined(plain, delimiter, max(1, header)))
    return copy


def _any_open(path: Path) -> bool:
    """Whether any line leaves a quotation mark open."""
    for stretch in lines.stretches(path, 0, 100_000):
        if b'"' in stretch.data and any(_opens(line) for line in stretch.data.split(b"\n")):
            return True
    return False


def _opens(line: bytes) -> bool:
    return line.count(b'"') % 2 == 1


def joined(texts: Iterable[bytes], delimiter: str, header: int = 0) -> Iterator[bytes]:
    """Lines, of which those that a quotation mark holds together are one, and then empty ones.

    Once line `header` has told how wide a row is, no row of that width is taken for a part of
    another.
    """
    row = _Row(delimiter)
    width, passed = 0, 0
    source = iter(texts)
    ahead: deque[bytes] = deque()
    while True:
        first = ahead.popleft() if ahead else next(source, None)
        if first is None:
            return
        parts = [first]
        if _opens(first):
            for line in _following(source, ahead):
                parts.append(line)
                if _opens(line):
                    break
        whole = b" ".join(part.strip() for part in parts) if len(parts) > 1 else first
        if len(parts) > 1 and not row.is_one(whole, parts, width):
            parts, whole = [first], first
        for _part in parts[1:]:
            ahead.popleft()
        yield whole
        yield from [b""] * (len(parts) - 1)
        passed += len(parts)
        if header and not width and passed >= header:
            width = row.width(whole)


def _following(source: Iterator[bytes], ahead: deque[bytes]) -> Iterator[bytes]:
    """The lines behind one that opens; each stays to be looked at again. None was looked at before:
    that ends with the first that opens, and those before it are done by then."""
    for line in islice(source, MOST_LINES):
        ahead.append(line)
        yield line


class _Row:
    """What a row of delimited text looks like."""

    def __init__(self, delimiter: str) -> None:
        sign = re.escape(delimiter)
        cell = rf'(?:"(?:[^"]|"")*"|[^"{sign}]*)'
        self.shape = re.compile(f"{cell}(?:{sign}{cell})*".encode())
        self.quoted = re.compile(rb'"(?:[^"]|"")*"')
        self.delimiter = delimiter.encode()

    def width(self, text: bytes) -> int:
        return self.quoted.sub(b"", text).count(self.delimiter) + 1

    def is_one(self, whole: bytes, parts: list[bytes], width: int) -> bool:
        """Whether the parts, joined, are a row, and none of them could be one by itself."""
        if not self.shape.fullmatch(whole):
            return False
        return width < WIDE or not any(
            self.width(part) == width and self.shape.fullmatch(part) for part in parts[1:-1]
        )
