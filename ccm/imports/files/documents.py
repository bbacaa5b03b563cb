"""JSON documents cut into records of one line each.

Exports come as one object or array, on one long line or drawn over many; as one object a line;
as objects one after the other; or wrapped, with the records in an array beside facts about the
page of results ({"calls": [...], "next_page": null}). `record_lines` makes lines of any of them,
in a stream: a record may be a megabyte long, a document any size.

What comes before a damaged place is kept. The damaged piece becomes one line that nobody can
read. The next record begins on the next line that begins as the damaged one did, or, where records
share a line, with the member that the damaged one begins with.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from ccm.imports.records import FileRefused

DEEPEST = 200
# What an array of records is called in the object that wraps it.
WRAPPERS = frozenset(
    ["calls", "conversations", "contacttracerecords", "records", "results", "data", "rows"]
)
# So much of a damaged piece is kept, to be shown.
PIECE_KEPT = 4_000
# What is read is let go of in pieces of about this many characters.
SPENT = 1 << 20
# No word or escape of JSON is longer: what fails so near the end of a block may go on after it.
LONGEST_WORD = 12
# An object too long for a record may begin with so much about the page before its records.
ABOUT_LIMIT = 1 << 16

_BEGINS = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[{\]])')
_GAP = re.compile(r"[\s\ufeff]*")
_BREAK = re.compile(r"\s*\n\s*")
_OPENING = re.compile(r'\{\s*"[^"\\]{1,100}"')


def begins_like_one(head: bytes) -> bool:
    """Whether a file that begins so is a JSON document of objects."""
    return _BEGINS.match(head) is not None


def record_lines(blocks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The records of a document, each on a line of its own, as UTF-8.

    `blocks` are the document's bytes; a record that is no UTF-8 is read as Windows-1252.

    Raises FileRefused for a record longer than `limit` bytes, or nested too deep.
    """
    document = _Document(blocks, limit)
    try:
        for record in document.records():
            line = record.encode(errors="surrogateescape")
            try:
                line.decode()
            except UnicodeDecodeError:
                line = line.decode("cp1252", errors="replace").encode()
            if len(line) > limit:
                raise _longer_than_a_megabyte(document.told)
            yield line.replace(b"\0", "\N{REPLACEMENT CHARACTER}".encode()) + b"\n"
    except _TooLong:
        raise _longer_than_a_megabyte(document.told + 1) from None


def _longer_than_a_megabyte(record: int) -> FileRefused:
    return FileRefused(_("Record %(record)d is longer than a megabyte.") % {"record": record})


class _Damaged(Exception):
    """The document is cut or broken here."""


class _TooLong(Exception):
    """A value goes on for longer than the limit."""


class _Document:
    """The text of a document as far as it is needed, and where in it the reader stands.

    What lies before `begin` is told. Positions stay what they are but in `_let_go`.
    """

    def __init__(self, blocks: Iterable[bytes], limit: int) -> None:
        self.blocks = iter(blocks)
        self.limit = limit
        self.text = ""
        self.begin = self.at = self.told = 0
        self.ended = self.cut = False
        self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        # Numbers are only passed over; one of a million digits would take long to work out.
        self.scan = json.JSONDecoder(strict=False, parse_int=str, parse_float=str).raw_decode

    def records(self) -> Iterator[str]:
        """Each record, and each damaged piece, on one line."""
        while self._next():
            if not self._took(","):
                yield from self._or_piece(self._array() if self._next() == "[" else self._value())

    def _or_piece(self, found: Iterator[str]) -> Iterator[str]:
        """What is found from here on; where that is damaged, the rest up to the next record."""
        line_start = self.text.rfind("\n", 0, self.at) + 1
        before = self.text[line_start : self.at]
        self.begin = self.at
        self._let_go()
        try:
            yield from found
        except _Damaged:
            # Inside a piece that reached the end everything around it ends too.
            if not self.cut:
                yield self._piece(before)

    def _piece(self, before: str) -> str:
        """The damaged text up to the next record, or to the end.

        `before` stands before it on its line. Raises _TooLong where no record follows soon.
        """
        mark = f"\n{before}{{"
        if before.strip():
            opening = _OPENING.match(self.text, self.begin)
            mark = opening[0] if opening else "\n{"
        # The damaged record begins with the mark itself.
        place = self.begin + self.text.startswith("{", self.begin)
        while (end := self.text.find(mark, place)) < 0:
            if len(self.text) - self.begin > self.limit:
                raise _TooLong
            place = max(place, len(self.text) - len(mark))
            if not self._fill():
                end, self.cut = len(self.text), True
                break
        kept = self.text[self.begin : min(end, self.begin + PIECE_KEPT)]
        self.begin = self.at = end
        self.told += 1
        # A document cut between two records left nothing behind but what it had opened.
        return _BREAK.sub(" ", kept).strip() or "{"

    def _array(self, wrapped: bool = False) -> Iterator[str]:
        """The records in an array."""
        self._take("[")
        while not self._took("]"):
            if not self._next():
                raise _Damaged
            if not self._took(","):
                yield from self._or_piece(self._value(wrapped))

    def _value(self, wrapped: bool = False) -> Iterator[str]:
        """One record; or those that an object wraps, unless one wraps this one already."""
        start, problem = self.at, None
        try:
            found = self._whole()
        except (_Damaged, _TooLong) as why:
            found, problem = None, why
        if problem is None and (wrapped or not _wraps(found)):
            record = self.text[start : self.at]
            self.begin = self.at
            self.told += 1
            yield _BREAK.sub(" ", record)
        elif problem is not None and (wrapped or self.text[start : start + 1] != "{"):
            raise problem
        else:
            # A wrapper may be of any length, and whole up to where it is damaged.
            self.at = start
            yield from self._members(problem)

    def _members(self, problem: _Damaged | _TooLong | None) -> Iterator[str]:
        """The records an object wraps. Raises `problem` where it turns out to wrap none."""
        start, any_records = self.at, False
        self._take("{")
        try:
            while not self._took("}"):
                key = self._whole()
                self._take(":")
                if _names_records(key) and self._opens_records():
                    any_records = True
                    yield from self._array(wrapped=True)
                else:
                    self._whole()
                if any_records:
                    self.begin = self.at
                    self._let_go()
                elif problem is not None and self.at - start > ABOUT_LIMIT:
                    raise problem
                if not self._took(",") and self._next() != "}":
                    raise _Damaged
        except (_Damaged, _TooLong):
            if any_records or problem is None:
                raise
            raise problem from None
        if problem is not None and not any_records:
            raise problem

    def _opens_records(self) -> bool:
        """Whether what begins here is an array of objects, or an empty one."""
        start = self.at
        opens = self._took("[") and self._next() in ("{", "]")
        self.at = start
        return opens

    def _whole(self) -> Any:
        """The value that begins here, passed over. Raises _Damaged or _TooLong, and stays."""
        if not self._next():
            raise _Damaged
        while True:
            found, end = None, -1
            try:
                found, end = self.scan(self.text, self.at)
                more = end == len(self.text)
            except json.JSONDecodeError as error:
                near_the_end = error.pos > len(self.text) - LONGEST_WORD
                more = near_the_end or error.msg.startswith("Unterminated string")
            except RecursionError:
                raise self._too_deep() from None
            if not more or (end < 0 and self.ended):
                break
            if len(self.text) - self.at > self.limit + LONGEST_WORD:
                raise _TooLong
            if not self._fill() and end >= 0:
                break
        if end < 0:
            raise _Damaged
        if end - self.at > self.limit:
            raise _TooLong
        brackets = self.text.count("{", self.at, end) + self.text.count("[", self.at, end)
        if brackets > DEEPEST and _is_deeper(found, DEEPEST):
            raise self._too_deep()
        self.at = end
        return found

    def _too_deep(self) -> FileRefused:
        return FileRefused(
            _("Record %(record)d is nested more than %(most)d levels deep.")
            % {"record": self.told + 1, "most": DEEPEST}
        )

    def _next(self) -> str:
        """The next letter that is no gap, without taking it; "" at the end."""
        while True:
            gap = _GAP.match(self.text, self.at)
            assert gap is not None
            self.at = gap.end()
            if self.at < len(self.text):
                return self.text[self.at]
            if len(self.text) - self.begin > 2 * self.limit + SPENT:
                raise _TooLong
            if not self._fill():
                return ""

    def _took(self, letter: str) -> bool:
        """Pass over a letter, if it is the next one."""
        if self._next() != letter:
            return False
        self.at += 1
        return True

    def _take(self, letter: str) -> None:
        if not self._took(letter):
            raise _Damaged

    def _fill(self) -> bool:
        """Read on; whether there was anything."""
        if self.ended:
            return False
        block = next(self.blocks, None)
        self.ended = block is None
        more = self.decoder.decode(block or b"", final=self.ended)
        self.text += more.replace("\r", "\n")
        return not self.ended or bool(more)

    def _let_go(self) -> None:
        """Forget what is told, once it is much."""
        if self.begin > SPENT:
            self.text = self.text[self.begin :]
            self.at -= self.begin
            self.begin = 0


def _names_records(key: Any) -> bool:
    return isinstance(key, str) and key.lower() in WRAPPERS


def _wraps(found: Any) -> bool:
    """Whether a value is an object with records in an array."""
    return isinstance(found, dict) and any(
        _names_records(key)
        and isinstance(value, list)
        and (not value or isinstance(value[0], dict))
        for key, value in found.items()
    )


def _is_deeper(found: Any, most: int) -> bool:
    """Whether arrays and objects stand in one another more than `most` levels deep."""
    level = [found]
    for _step in range(most):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return any(isinstance(one, dict | list) for one in level)
