"""An upload becomes a plain file, or is refused early and cheaply."""

import bz2
import gzip
import io
import random
import time
import tracemalloc
import zipfile

import openpyxl
import pytest

from ccm.imports.files import opening
from ccm.imports.records import FileRefused
from tests.logs import opened

LINES = "1609492000|a|sales|Ada König|CONNECT\n1609492001|b|sales|Béla|CONNECT\n"
MB = 1 << 20


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (gzip.compress(b"\0\1\2" * 99, mtime=0), "It is packed by gzip, but what it holds is no"),
        (b"\0\1\2" * 99, "It holds bytes that no text has, and is no workbook, nor is it packed"),
        (b"%PDF-1.7\n", "It is a pdf file, not a call log. Export plain text or xlsx."),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>\nNo,When\n', "It is XML, not a call log. Export plain"),
        (b"\xef\xbb\xbf\n <?xml version='1.0'?><a/>\n", "It is XML, not a call log"),
        ("\ufeff<calls>\n".encode("utf-16-le"), "It is XML, not a call log"),
        (gzip.compress(b"<root>\n", mtime=0), "It is XML, not a call log"),
        (b"<call>3</call>\n", "It is XML, not a call log"),
        (b"<!doctype HTML>\n<title>Log in</title>\n", "It is HTML, not a call log"),
        (b"<table><tr><td>No</td></tr></table>\n<html>", "It is HTML, not a call log"),
        (b"7z\xbc\xaf\x27\x1c", "It is a 7z file. Unpack it and import what it holds."),
    ],
)
def test_what_is_no_text_is_called_what_it_is(tmp_path, data, words):
    (tmp_path / "upload").write_bytes(data)
    with pytest.raises(FileRefused, match=words):
        opening.plain_file(tmp_path / "upload", tmp_path)


@pytest.mark.parametrize("data", [b"<Ann>,10\n", b"<1>|a|b\n", b"< 3 s,1\n", b"a<b>\n"])
def test_an_angle_bracket_alone_makes_no_document(tmp_path, data):
    (tmp_path / "upload").write_bytes(data)
    assert opening.plain_file(tmp_path / "upload", tmp_path).read_bytes() == data


def gzipped(plain: bytes) -> bytes:
    """gzip without its clock, so that two runs name the same tests."""
    return gzip.compress(plain, mtime=0)


def refusal(tmp_path, data):
    """The words of a refusal that took under 2 s of work and 64 MB, and left nothing behind."""
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(FileRefused) as refused:
            opened(tmp_path, data)
        spent = time.process_time() - began
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert spent < 2
    assert peak < 64 * MB
    assert [file.name for file in tmp_path.iterdir()] == ["upload"]
    return str(refused.value)


def a_zip(**parts):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return packed.getvalue()


def a_workbook_with(sheet):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return packed.getvalue()


def test_plain_utf8_lines_are_read_where_they_are(tmp_path):
    assert opened(tmp_path, LINES.encode()) == tmp_path / "upload"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + LINES.encode(),
        LINES.encode("utf-16"),
        b"\xfe\xff" + LINES.encode("utf-16-be"),
        LINES.encode("cp1252"),
        LINES.replace("\n", "\r\n").encode(),
        LINES.replace("\n", "\r").encode(),
        gzipped(LINES.encode()),
        gzipped(LINES.encode("utf-16")),
        # Two rotated logs joined, and padded as tapes do.
        gzipped(LINES[:20].encode()) + gzipped(LINES[20:].encode()) + b"\0" * 512,
    ],
)
def test_other_encodings_line_ends_and_gzip_become_plain_utf8_lines(tmp_path, data):
    plain = opened(tmp_path, data)
    assert plain != tmp_path / "upload"
    assert plain.read_bytes() == LINES.encode()
    assert (tmp_path / "upload").read_bytes() == data


def test_a_line_that_is_not_utf8_does_not_spoil_its_neighbours(tmp_path):
    data = "König\n".encode() + "Béla\n".encode("cp1252") + b"\x81\n"
    assert opened(tmp_path, data).read_text() == "König\nBéla\n\\x81\n"


def test_ends_split_between_blocks_are_one_end(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "BLOCK", 7)
    text = "abcdef\r\nKönig\r\n\r\nxy\r\n"
    assert opened(tmp_path, text.encode()).read_bytes() == text.replace("\r\n", "\n").encode()


def test_a_nul_after_the_beginning_is_made_visible(tmp_path):
    data = b"a" * 9000 + b"\n" + b"\0\0b\n"
    assert opened(tmp_path, data).read_text() == "a" * 9000 + "\n\ufffd\ufffdb\n"


def test_a_missing_last_line_end_stays_missing(tmp_path):
    assert opened(tmp_path, b"a\r\nb").read_bytes() == b"a\nb"


def test_an_empty_file_is_plain(tmp_path):
    assert opened(tmp_path, b"").read_bytes() == b""


def test_a_workbook_stays_as_it_is(tmp_path):
    packed = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["a", 1])
    book.save(packed)
    plain = opened(tmp_path, packed.getvalue())
    assert plain == tmp_path / "upload"
    assert opening.is_workbook(plain)


@pytest.mark.parametrize("before", [b"", b"a|b\n", b"a|b\r\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_line_of_more_than_a_megabyte_is_refused(tmp_path, before, packed):
    data = before + b"x" * 1_000_001 + b"\n"
    words = refusal(tmp_path, gzipped(data) if packed else data)
    assert f"Line {1 + len(before.splitlines())}" in words


def test_a_line_of_a_megabyte_is_not(tmp_path):
    data = b"x" * 1_000_000 + b"\n" + b"y" * 999_999 + b"\n"
    assert opened(tmp_path, data) == tmp_path / "upload"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("start", [b'{"', b'[{"a": "', b'{"calls": [{"a": 1}, {"', b'{"a": [{'])
def test_a_json_document_that_is_one_endless_text_is_refused(tmp_path, start, packed):
    noise = random.Random(1).randbytes(8 * MB).hex().encode()
    data = start + noise
    assert "megabyte" in refusal(tmp_path, gzipped(data) if packed else data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x7fELF\0\0\0" + bytes(range(256)) * 9, "no text"),
        (gzipped(b"\x7fELF\0\0\0" + bytes(range(256)) * 9), "no text"),
        (bz2.compress(LINES.encode()), "bzip2"),
        (b"%PDF-1.7\n...", "pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".xls"),
        (gzipped(gzipped(LINES.encode())), "archive in an archive"),
        (gzipped(a_zip(log=LINES)), "archive in an archive"),
        (a_zip(log=LINES), "zip archive"),
        (a_zip(log=LINES)[:-30], "damaged"),
        (gzipped(LINES.encode() * 99)[:-9], "ends early"),
        (gzipped(LINES.encode())[:-4] + b"\1\2\3\4", "damaged"),
        (gzipped(LINES.encode()) + b"rubbish", "damaged"),
    ],
)
def test_what_is_no_log_is_refused_with_the_reason(tmp_path, data, words):
    assert words in refusal(tmp_path, data)


@pytest.mark.parametrize("line", [b"\n", b"1609492000|a|q|NONE|ENTERQUEUE||1|1\n"])
def test_a_gzip_bomb_is_refused_before_it_unpacks(tmp_path, line):
    assert "bomb" in refusal(tmp_path, gzipped(line * (64 * MB // len(line))))


def test_even_well_packed_text_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "PLAIN_LIMIT", MB)
    lines = random.Random(1).randbytes(MB).hex("\n").encode()
    assert "bomb" in refusal(tmp_path, gzipped(lines))


def test_a_workbook_bomb_is_refused_by_its_declared_sizes(tmp_path):
    assert "far more" in refusal(tmp_path, a_workbook_with(b"<row/>" * (4 * MB)))


def test_a_workbook_whose_parts_are_too_much_together_is_refused(tmp_path, monkeypatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for number in range(3):
            noise = random.Random(number).randbytes(600)
            archive.writestr(f"xl/worksheets/sheet{number}.xml", noise)
    monkeypatch.setattr(opening, "SHEETS_LIMIT", 1_500)
    assert "far more" in refusal(tmp_path, packed.getvalue())


def test_a_workbook_that_was_damaged_on_its_way_is_refused_in_words(tmp_path):
    noise = random.Random(1).randbytes(20_000).hex().encode()
    data = bytearray(a_workbook_with(b"<c>" + noise[:20_000] + b"</c>"))
    middle = len(data) // 2
    data[middle : middle + 200] = bytes(200)
    assert "damaged" in refusal(tmp_path, bytes(data))


def test_gzip_that_comes_in_the_smallest_pieces_is_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "BLOCK", 4)  # its header alone is of ten bytes
    assert opened(tmp_path, gzipped(LINES.encode())).read_bytes() == LINES.encode()


def test_a_workbook_with_a_huge_cell_is_refused(tmp_path):
    noise = random.Random(1).randbytes(2 * MB).hex().encode()
    assert "cell" in refusal(tmp_path, a_workbook_with(b"<c>" + noise + b"</c>"))


def test_a_workbook_with_entities_is_refused(tmp_path):
    sheet = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'
    assert "entities" in refusal(tmp_path, a_workbook_with(sheet))


def test_a_zip_of_very_many_parts_is_refused_by_its_last_bytes(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3000):
            archive.writestr(f"{number}", b"")
    assert "more parts" in refusal(tmp_path, packed.getvalue())
