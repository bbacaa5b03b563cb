"""From an upload's bytes to a file a format can read: UTF-8 lines ended by LF, or an xlsx.

Of a JSON document each record becomes a line (`documents`).

What a file is follows from its first bytes, never from its name. Nothing is unpacked further
than its limits allow, so a bomb costs little: gzip is unpacked in a stream, and the sizes a
workbook's parts declare are read before any part is.
"""

import codecs
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from django.utils.translation import gettext as _

from ccm.imports.files import documents
from ccm.imports.records import FileRefused

BLOCK = 1 << 20
HEAD = 4096
LINE_LIMIT = 1_000_000
PLAIN_LIMIT = 16 << 30
# Call logs pack 5 to 40 times; deflate can do 1,032.
RATIO_LIMIT = 200
RATIO_FROM = 8 << 20

SHEETS_LIMIT = 1 << 30
STRINGS_LIMIT = 64 << 20
WORKBOOK_PARTS = 2_000
DIRECTORY_LIMIT = 1 << 20

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
BOMS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
FOREIGN = {
    b"PK\x05\x06": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"(\xb5/\xfd": "zstd",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"%PDF-": "pdf",
}
# What documents of marks begin with, and no log does: a queue_log's lines, a header, a record.
MARKED = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<"
    rb"(?:\?xml\b|!doctype\b|!--"
    rb"|([a-z][\w:.-]*)(?:\s+[\w:.-]+\s*=|\s*/?>\s*(?:<|\n|\r|$)|>[^<\n]*</\1>))",
    re.I,
)
OLE = b"\xd0\xcf\x11\xe0"


def is_workbook(path: Path) -> bool:
    """Whether a file that `plain_file` let through is a workbook."""
    with path.open("rb") as file:
        return file.read(4) == ZIP


def plain_file(upload: Path, folder: Path, encoding: str = "") -> Path:
    """The upload itself when formats can read it as it is, else a plain copy made in `folder`.

    An `encoding` that a person named is believed; else it is found out:

    gzip is unpacked; UTF-16 with a byte order mark, and lines that are not UTF-8 (read as
    Windows-1252), become UTF-8; CRLF and CR line ends become LF; a JSON document becomes one
    record a line. A workbook stays as it is.

    Raises FileRefused for anything else than text or a workbook, for a line or a record longer
    than a million bytes, and for what unpacks to more than a file of calls ever would.
    """
    with upload.open("rb") as file:
        head = file.read(BLOCK)
    if head.startswith(ZIP):
        _check_workbook(upload)
        return upload
    packed = head.startswith(GZIP)
    blocks = _gunzipped(upload) if packed else _blocks(upload)
    # Text of two bytes a sign without a mark looks like no text at all.
    if packed or not encoding.startswith("utf-16"):
        blocks = _peeked(blocks, packed)
    if head.startswith(BOMS_16):
        encoding = encoding and "utf-16" if encoding.startswith("utf-16") else ""
    blocks = _decoded(blocks, encoding)
    first = _beginning(blocks)
    every = chain([first], blocks)
    if documents.begins_like_one(first):
        lines = documents.record_lines(every, LINE_LIMIT)
    elif not packed and not encoding and _is_plain(upload):
        return upload
    else:
        lines = _normal_lines(every)
    partial = folder / f"{upload.name}.plain.part"
    try:
        with partial.open("wb") as out:
            out.writelines(lines)
        plain = folder / f"{upload.name}.plain"
        os.replace(partial, plain)
    finally:
        partial.unlink(missing_ok=True)
    return plain


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _beginning(blocks: Iterator[bytes]) -> bytes:
    """Enough of the bytes to tell a document by; they are taken from the blocks."""
    head = b""
    while len(head) < HEAD and (block := next(blocks, b"")):
        head += block
    return head


def _peeked(blocks: Iterator[bytes], packed: bool) -> Iterator[bytes]:
    """The same bytes, once their beginning has been found to be text; UTF-16 as UTF-8."""
    head = next(blocks, b"")
    _refuse_foreign(head, packed)
    every = chain([head], blocks)
    return _from_utf16(every) if head.startswith(BOMS_16) else every


def _refuse_foreign(head: bytes, packed: bool = False) -> None:
    """Raise FileRefused where the first bytes are no text; `packed` ones came out of a gzip."""
    if head.startswith((GZIP, ZIP)):
        raise FileRefused(_("It is an archive in an archive. Unpack it and import what it holds."))
    if head.startswith(OLE):
        raise FileRefused(
            _("It is an old (.xls) or a locked workbook. Save it as .xlsx without a password.")
        )
    for magic, name in FOREIGN.items():
        if head.startswith(magic):
            words = (
                _("It is a %(kind)s file, not a call log. Export plain text or xlsx.")
                if name == "pdf"
                else _("It is a %(kind)s file. Unpack it and import what it holds.")
            )
            raise FileRefused(words % {"kind": name})
    text = head[:8192]
    if head.startswith(BOMS_16):
        text = text.replace(b"\0", b"")[len(BOMS_16[0]) :]
    if MARKED.match(text):
        kind = "HTML" if re.search(rb"<html|<!doctype\s+html", text, re.I) else "XML"
        words = _("It is %(kind)s, not a call log. Export plain text (csv), JSON or xlsx.")
        raise FileRefused(words % {"kind": kind})
    if b"\0" in head[:8192] and not head.startswith(BOMS_16):
        raise FileRefused(
            _("It is packed by gzip, but what it holds is no text: it is damaged or no call log.")
            if packed
            else _("It holds bytes that no text has, and is no workbook, nor is it packed by gzip.")
        )


def _is_plain(path: Path) -> bool:
    """Whether text needs no rewriting; raises FileRefused where it is no text at all."""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    first, behind, seen = True, 0, 0
    for block in _blocks(path):
        if first:
            _refuse_foreign(block)
            if block.startswith((codecs.BOM_UTF8, *BOMS_16)):
                return False
            first = False
        if b"\r" in block or b"\0" in block:
            return False
        behind = _refuse_long_line(block, behind, seen)
        seen += block.count(b"\n")
        try:
            utf8.decode(block)
        except UnicodeDecodeError:
            return False
    try:
        utf8.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_long_line(block: bytes, behind: int, lines_before: int) -> int:
    """Raise FileRefused where a line passes the limit; else the bytes after the last line end.

    `behind` counts the bytes of the line that was open when the block began. It hops from one
    line end to the furthest one within the limit, so an ordinary block costs a step or two.
    """
    line_start = -behind
    while len(block) - line_start > LINE_LIMIT:
        end = block.rfind(b"\n", max(0, line_start), line_start + LINE_LIMIT + 1)
        if end < 0:
            line = lines_before + block.count(b"\n", 0, max(0, line_start)) + 1
            raise FileRefused(_("Line %(line)d is longer than a megabyte.") % {"line": line})
        line_start = end + 1
    last = block.rfind(b"\n")
    return len(block) - last - 1 if last >= 0 else behind + len(block)


def _gunzipped(path: Path) -> Iterator[bytes]:
    """A gzip file's bytes, also of several files joined into one (rotated logs often are)."""
    packed = unpacked = 0
    member = zlib.decompressobj(wbits=31)
    fresh = True
    for block in _blocks(path):
        packed += len(block)
        while block:
            if fresh:
                # Tapes and some tools pad with zeros between and after the members.
                block = block.lstrip(b"\0")
                if not block:
                    break
                fresh = False
            try:
                plain = member.decompress(block, BLOCK)
            except zlib.error as damage:
                raise FileRefused(_("Its gzip packing is damaged (%s).") % damage) from damage
            unpacked += len(plain)
            used = packed - len(member.unconsumed_tail)
            if unpacked > PLAIN_LIMIT or unpacked > max(RATIO_FROM, used * RATIO_LIMIT):
                raise FileRefused(
                    _("It unpacks to far more than call logs do (over %d MB): refused as a bomb.")
                    % (unpacked >> 20)
                )
            if plain:
                yield plain
            if member.eof:
                block = member.unused_data
                member, fresh = zlib.decompressobj(wbits=31), True
            else:
                block = member.unconsumed_tail
    if not fresh:
        raise FileRefused(_("Its gzip packing ends early: the file was cut. Send it again whole."))


def _decoded(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Bytes of a named encoding as UTF-8; without a name as they are."""
    if not encoding:
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for block in blocks:
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()


def _from_utf16(blocks: Iterable[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    for block in blocks:
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()


def _normal_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Blocks of whole UTF-8 lines ended by LF."""
    rest, first, seen = b"", True, 0
    for block in chain(blocks, [b""]):
        data = rest + block
        if first:
            data, first = data.removeprefix(codecs.BOM_UTF8), False
        # A CR that ends the block may be half of a CRLF.
        held = b"\r" if block and data.endswith(b"\r") else b""
        data = data[: len(data) - len(held)]
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        _refuse_long_line(data, 0, seen)
        cut = data.rfind(b"\n") + 1 if block else len(data)
        lines, rest = data[:cut], data[cut:] + held
        seen += lines.count(b"\n")
        yield _as_utf8(lines)


def _as_utf8(lines: bytes) -> bytes:
    """Lines as UTF-8 without NUL, which no database text can hold."""
    try:
        lines.decode()
    except UnicodeDecodeError:
        lines = b"\n".join(_line_as_utf8(line) for line in lines.split(b"\n"))
    return lines.replace(b"\0", "\N{REPLACEMENT CHARACTER}".encode())


def _line_as_utf8(line: bytes) -> bytes:
    try:
        line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="backslashreplace").encode()
    return line


def _check_workbook(path: Path) -> None:
    """Raise FileRefused where a zip is no workbook, or one made to exhaust its reader."""
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
                raise FileRefused(
                    _("It is a zip archive, not a workbook. Unpack it and import what it holds.")
                )
            for part in parts:
                packed = max(part.compress_size, 1)
                strings = part.filename.lower().endswith("sharedstrings.xml")
                limit = STRINGS_LIMIT if strings else SHEETS_LIMIT
                too_dense = part.file_size > RATIO_FROM and part.file_size > RATIO_LIMIT * packed
                if part.file_size > limit or too_dense:
                    raise _workbook_bomb(part.file_size)
            whole = sum(part.file_size for part in parts)
            if whole > SHEETS_LIMIT:
                raise _workbook_bomb(whole)
            for part in parts:
                if part.filename.startswith("xl/") and part.filename.endswith(".xml"):
                    _check_part(archive, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as damage:
        raise FileRefused(_("The workbook is damaged (%s).") % damage) from damage


def _check_directory(path: Path) -> None:
    """Refuse a zip whose list of parts alone would fill the memory; read from its last bytes."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        raise FileRefused(_("The workbook is damaged: it ends early. Send it again whole."))
    count = int.from_bytes(tail[end + 10 : end + 12], "little")
    directory = int.from_bytes(tail[end + 12 : end + 16], "little")
    if count > WORKBOOK_PARTS or directory > DIRECTORY_LIMIT:
        raise FileRefused(_("It holds more parts than any workbook has: refused as a bomb."))


def _workbook_bomb(size: int) -> FileRefused:
    return FileRefused(
        _("The workbook unpacks to %d MB, far more than call logs do. Export it as csv.")
        % (size >> 20)
    )


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a text of more than a megabyte in one cell, and XML that defines its own words."""
    behind = 0
    with archive.open(part) as file:
        while block := file.read(BLOCK):
            if b"<!DOCTYPE" in block or b"<!ENTITY" in block:
                raise FileRefused(_("The workbook's XML declares entities, which no export does."))
            if behind + (first if (first := block.find(b"<")) >= 0 else len(block)) > LINE_LIMIT:
                raise FileRefused(_("A cell of the workbook is longer than a megabyte."))
            last = block.rfind(b"<")
            behind = len(block) - last if last >= 0 else behind + len(block)


MARKS = {
    codecs.BOM_UTF8: "UTF-8",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def first_bytes(upload: Path, size: int = 1 << 16) -> bytes:
    """The first bytes of an upload that `plain_file` let through, unpacked, else as they came."""
    with upload.open("rb") as file:
        head = file.read(size)
    if not head.startswith(GZIP):
        return head
    return next(_gunzipped(upload), b"")[:size]
