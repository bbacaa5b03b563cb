"""Sheets that are written by hand are read as openpyxl reads its own."""

from io import BytesIO

from openpyxl import load_workbook

from kpis.reports.files import units_of, workbook


def test_words_are_words_and_numbers_numbers_in_the_format_of_their_column():
    header = ["queue", "service_level (fraction)", "asa (seconds)", "reasons"]
    odd = '  <b> & "it\'s"\nnext line, é 日本 \x00\x0b'
    rows = [
        ["=1+1", 0.1 + 0.2, 12, ""],
        [odd, None, float("inf"), "x" * 40_000],
        [None, 1 / 3, 2.5, None],
    ]
    made = workbook("Report", units_of(header), [header, *rows], [("About", "=2+2")])
    book = load_workbook(BytesIO(made))
    top, *cells = book.worksheets[0].iter_rows()
    assert [cell.value for cell in top] == header
    assert top[0].font.bold
    assert [[cell.value for cell in row] for row in cells] == [
        ["=1+1", 0.3, 12, None],
        [odd.rstrip("\x00\x0b"), None, None, "x" * 32_767],
        [None, 0.3333333333333333, 2.5, None],
    ]
    # None is a formula, which would be of type "f".
    assert cells[0][0].data_type == "s"
    formats = [[cell.number_format for cell in row[1:3]] for row in (cells[0], cells[2])]
    assert formats == [["0.0%", "#,##0.0"]] * 2
    (fact,) = book.worksheets[1].values
    assert fact == ("About", "=2+2")


def test_a_sheet_of_thousands_of_rows_has_each_once_and_in_order():
    rows = [[number, f"row {number}"] for number in range(1, 1_234)]
    book = load_workbook(BytesIO(workbook("", {}, [["n", "name"], *rows], [])), read_only=True)
    _header, *found = book.worksheets[0].values
    assert [list(row) for row in found] == rows
