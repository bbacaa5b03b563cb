"""CSV files that a spreadsheet opens without doing anything."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ccm import exports


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (0, "0"),
        (-3, "-3"),  # a number stays one
        (1.5, "1.5"),
        (Decimal("-0.25"), "-0.25"),
        (-0.114791, "-0.114791"),
        (True, "True"),
        ("", ""),
        ("Ann", "Ann"),
        ("a=b", "a=b"),
        ("=1+1", "'=1+1"),
        ("+44 20", "'+44 20"),
        ("-3", "'-3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),  # else it would come back as "=1"
        ("'tis", "'tis"),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "2026-03-02T09:00:00+00:00"),
    ],
)
def test_a_cell(value, written):
    _header, line = exports.lines(["x"], [[value, "end"]])
    assert line == f"{written},end\r\n"


def test_commas_quotes_and_line_ends_stay_in_their_cell():
    _header, line = exports.lines(["x"], [['a,"b"\nc', 1]])
    assert line == '"a,""b""\nc",1\r\n'


def test_a_spreadsheet_is_told_that_it_is_utf_8():
    (header,) = exports.lines(["Größe"], [])
    assert header.encode() == b"\xef\xbb\xbf" + "Größe\r\n".encode()


def test_rows_are_sent_while_they_are_made():
    def rows():
        yield [1]
        raise RuntimeError("asked for too early")

    made = exports.lines(["x"], rows())
    assert [next(made), next(made)] == ["\ufeffx\r\n", "1\r\n"]
