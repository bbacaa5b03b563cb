"""Files made to exhaust their reader are refused in words, within 2 s and 64 MB."""

import io
import time
import tracemalloc
import zipfile

import openpyxl
import pytest

from ccm.imports import formats
from ccm.imports.files import opening
from ccm.imports.records import FileRefused
from tests.logs import chunk_of, chunks_of

MB = 1 << 20
HEADER = [
    "Call Id", "Agent", "Date", "Time", "Topic", "Answered (Y/N)", "Resolved",
    "Speed of answer in seconds", "AvgTalkDuration", "Satisfaction rating",
]  # fmt: skip
ROW = ["ID1", "Ann", "2021-01-01", "09:00:00", "Billing", "Y", "Y", "10", "0:01:00", "5"]


def read(tmp_path, form, name):
    """Read tmp_path/upload on the way that an import takes."""
    plain = opening.plain_file(tmp_path / "upload", tmp_path)
    chunks_of(plain, form or formats.recognise(plain, name).name, "UTC")


def refusal(tmp_path, form="", name="log"):
    """The words of refusing tmp_path/upload: once timed, once with its memory traced."""
    began = time.process_time()
    with pytest.raises(FileRefused) as refused:
        read(tmp_path, form, name)
    assert time.process_time() - began < 2
    tracemalloc.start()
    try:
        with pytest.raises(FileRefused):
            read(tmp_path, form, name)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * MB
    return str(refused.value)


@pytest.mark.parametrize("form", ["", "phonenow", "asterisk_queue_log"])
@pytest.mark.parametrize("head", [b"", b"a|b\n", b"x" * 9000])
def test_a_sparse_gigabyte_is_refused(tmp_path, head, form):
    with (tmp_path / "upload").open("wb") as file:
        file.write(head)
        file.truncate(1 << 30)
    words = refusal(tmp_path, form)
    assert "no text has" in words or "longer than a megabyte" in words


@pytest.mark.parametrize("form", ["", "phonenow"])
def test_a_table_of_sixteen_thousand_columns_is_refused(tmp_path, form):
    many = [f"c{number}" for number in range(16_000)]
    text = ",".join([*HEADER, *many]) + "\n" + ",".join([*ROW, *many]) + "\n"
    (tmp_path / "upload").write_text(text)
    words = refusal(tmp_path, form)
    assert "more than 256 columns" in words if form else "none of the formats" in words


def test_a_sheet_of_sixteen_thousand_columns_is_refused(tmp_path):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    many = [f"c{number}" for number in range(16_000)]
    sheet.append([*HEADER, *many])
    sheet.append([*ROW, *many])
    book.save(tmp_path / "upload")
    assert "more than 256 columns" in refusal(tmp_path)


def test_a_sheet_with_one_cell_at_the_far_end_of_a_row_is_refused(tmp_path):
    book = openpyxl.Workbook()
    for column, label in enumerate(HEADER, 1):
        book.active.cell(1, column, label)
    book.active.cell(2, 16_384, "x")
    book.save(tmp_path / "upload")
    assert "more than 256 columns" in refusal(tmp_path)


def workbook(**parts):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for name, data in parts.items():
            archive.writestr(f"xl/{name}.xml", data)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        # What it says it is in its name is not asked.
        ("calls.xlsx", b"these are words, no workbook\n"),
        ("calls.csv", workbook(sheet="<a/>")),
        ("calls.csv", b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>\n'),
        ("calls.csv.gz", b"\x1f\x8b not packed at all"),
        ("calls.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(99)),
        ("calls.csv", workbook(a="<x/>", b=workbook(c="<x/>"))),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(tmp_path, name, data):
    (tmp_path / "upload").write_bytes(data)
    assert refusal(tmp_path, name=name)


def test_formulas_are_words_in_a_table_and_nothing_in_a_sheet(tmp_path):
    cell = "=cmd|' /C calc'!A0"
    row = [*ROW[:4], cell, *ROW[5:]]
    (tmp_path / "calls.csv").write_text(",".join(HEADER) + "\n" + ",".join(row) + "\n")
    assert chunk_of(tmp_path / "calls.csv", "phonenow", "UTC").calls["topic"].to_list() == [cell]
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append([*ROW[:4], "=1+1", *ROW[5:]])
    book.save(tmp_path / "calls.xlsx")
    # Its value was never reckoned, and nobody reckons it here.
    calls = chunk_of(tmp_path / "calls.xlsx", "phonenow", "UTC").calls
    assert calls["topic"].to_list() == [None]
