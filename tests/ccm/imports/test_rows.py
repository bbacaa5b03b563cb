"""Rows of a table that somebody described: each line's cells, and the lines that are none."""

import json
import warnings
import zipfile
from datetime import datetime, timedelta
from datetime import time as clock

import openpyxl
import pytest

from ccm.imports.files import rows, tables
from ccm.imports.files.dialect import Dialect
from ccm.imports.records import FileRefused
from tests.mapped import plain

DELIMITED = Dialect()


def read(folder, data, told=DELIMITED, *, most=100, **said):
    with rows.opened(plain(folder, data), told, **said) as table:
        return list(table.stretches(0, most))


def test_ragged_and_broken_rows_are_rejected_with_their_line_and_the_others_kept(tmp_path):
    data = 'Id,Note\nc1,x\nc2\nc3,x,y\nc4,"x\nc5,ok\n\n  \n'
    [stretch] = read(tmp_path, data)
    assert [(one.line, one.rule) for one in stretch.issues] == [
        (5, "quotes"), (3, "columns"), (4, "columns"),
    ]  # fmt: skip
    assert stretch.frame.rows() == [(2, "c1", "x"), (6, "c5", "ok")]
    assert (stretch.read, stretch.rejected) == (5, 3)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|", ":", "~"])
def test_a_delimiter_inside_quotation_marks_parts_nothing(tmp_path, sign):
    data = f'Id{sign}Note\n"c1"{sign}"a{sign}b ""c"""\nc2{sign}d\n'
    [stretch] = read(tmp_path, data, Dialect(delimiter=sign))
    assert stretch.frame.rows() == [(2, "c1", f'a{sign}b "c"'.strip()), (3, "c2", "d")]


def test_a_header_told_again_is_left_out_also_where_names_were_made_unlike(tmp_path):
    data = "Id,Name,Name,\nc1,a,b,c\nId,Name,Name,\nc2,a,b,c\n,,,\n"
    [stretch] = read(tmp_path, data, twins=True)
    assert [row[1] for row in stretch.frame.rows()] == ["c1", "c2"]
    assert [(one.line, one.rule, one.fate) for one in stretch.issues] == [
        (3, "header", "ignored"),
        (5, "empty_row", "ignored"),
    ]


def test_equal_rows_are_one_told_twice_unless_they_are_twins(tmp_path):
    data = "Id,Note\nc1,x\nc1,x\n"
    assert read(tmp_path, data)[0].duplicate == 1
    assert read(tmp_path, data, twins=True)[0].frame.height == 2


def test_spaces_beside_a_cell_are_no_part_of_it_and_an_empty_cell_is_null(tmp_path):
    [stretch] = read(tmp_path, 'Id|Note\n c1 |" x "\n c2 | \n', Dialect(delimiter="|"))
    assert [row[1:] for row in stretch.frame.rows()] == [("c1", "x"), ("c2", None)]


def test_stretches_of_any_size_are_the_same_rows(tmp_path):
    data = "Id,Note\n" + "".join(f'c{n},"x\ny"\n' for n in range(20))
    whole = [row for stretch in read(tmp_path, data) for row in stretch.frame.rows()]
    assert len(whole) == 20
    for size in (1, 3, 7):
        parts = read(tmp_path, data, most=size)
        assert [row for stretch in parts for row in stretch.frame.rows()] == whole


def test_fixed_columns_are_cut_where_they_begin(tmp_path):
    told = Dialect("fixed", header=1, edges=(1, 4, 9))
    data = "id name text\nc1 Zoë  ok\nc2\nc3 Benedict\n"
    [stretch] = read(tmp_path, data, told)
    assert stretch.frame.columns == ["line", "id", "name", "text"]
    assert stretch.frame.rows() == [
        (2, "c1", "Zoë", "ok"), (3, "c2", None, None), (4, "c3", "Bened", "ict"),
    ]  # fmt: skip


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_empty_cells_behind_the_last_of_the_header_are_no_cells(tmp_path, sign):
    data = 'Id,Note\nc1,x,\nc2,,,\nc3,"y,y",""\nc4,z,, \nc5,q,1\n'.replace(",", sign)
    [stretch] = read(tmp_path, data, Dialect(delimiter=sign))
    assert stretch.frame.rows() == [
        (2, "c1", "x"), (3, "c2", None), (4, "c3", f"y{sign}y"), (5, "c4", "z"),
    ]  # fmt: skip
    assert [(one.line, one.rule) for one in stretch.issues] == [(6, "columns")]
    assert stretch.issues[0].message == "It has 3 cells, the header 2."


def test_a_last_column_without_a_name_or_in_no_row_is_an_empty_one(tmp_path):
    unnamed = 'Id,Name,Note,\nc1,a,x\nc2,b,"y,z"\nc3,c,z,w\nc4,d\n'
    [stretch] = read(tmp_path, unnamed)
    assert [row[1:] for row in stretch.frame.rows()] == [
        ("c1", "a", "x", None), ("c2", "b", "y,z", None), ("c3", "c", "z", "w"),
    ]  # fmt: skip
    assert [one.line for one in stretch.issues] == [5]
    [stretch] = read(tmp_path, "Id,Name,Note\nc1,a\nc2,b\n")
    assert stretch.frame.rows() == [(2, "c1", "a", None), (3, "c2", "b", None)]
    # Where some row has it, a row without it was cut.
    [stretch] = read(tmp_path, "Id,Name,Note\nc1,a\nc2,b,x\n")
    assert [one.line for one in stretch.issues] == [2]


JSON = Dialect("json", header=0)


def test_what_is_no_object_is_rejected_alone(tmp_path):
    data = '{"id": 1}\n[1]\n"x"\n{"id": 2}\n'
    [stretch] = read(tmp_path, data, JSON)
    assert [one.line for one in stretch.issues] == [2, 3]
    assert {one.rule for one in stretch.issues} == {"json"}
    assert [row[:2] for row in stretch.frame.rows()] == [(1, "1"), (4, "2")]


def test_signs_that_no_database_holds_are_replaced(tmp_path):
    data = '{"id": "a\\u0000b", "k\\u0000": ["\\ud800"], "half": "\\ud83d"}\n'
    [stretch] = read(tmp_path, data, JSON)
    assert stretch.frame.drop(rows.REST).rows() == [(1, "a\ufffdb", '["?"]', "?")]


def test_members_are_found_whatever_their_names_became(tmp_path):
    data = json.dumps({"line": "a", "two  words": "b", "x" * 130: "c"}) + "\n"
    [stretch] = read(tmp_path, data, JSON)
    assert stretch.frame.rows()[0][1:4] == ("a", "b", "c")


def test_of_objects_some_columns_are_read_alone(tmp_path):
    with rows.opened(plain(tmp_path, '{"id": 1, "a": 2, "b": 3}\n'), JSON) as table:
        [stretch] = table.stretches(0, 10, "b", "id")
    assert stretch.frame.columns == ["line", "id", "b"]
    assert stretch.frame.rows() == [(1, "1", "3")]


def test_members_that_only_later_lines_have_are_not_lost(tmp_path):
    data = '{"id": 1}\n' * 300 + '{"id": 2, "new": {"x": 5}, "none": null}\n'
    stretch = read(tmp_path, data, JSON, most=1_000, twins=True)[0]
    assert stretch.frame[rows.REST].drop_nulls().to_list() == ['{"new.x": "5"}']


def test_a_workbook_with_slicers_is_read_without_a_word_on_the_console(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Id", "Agent"], ["1", "Ada"]):
        book.active.append(row)
    book.save(tmp_path / "plain.xlsx")
    slicers = b'<extLst><ext uri="{A8765BA9-456A-4DAB-B4F3-ACF838C121DE}"/></extLst></worksheet>'
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as before,
        zipfile.ZipFile(tmp_path / "calls.xlsx", "w") as after,
    ):
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(b"</worksheet>", slicers))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with rows.opened(tmp_path / "calls.xlsx", Dialect(kind="sheet", sheet="Sheet")) as table:
            assert next(table.stretches(0, 10)).frame["Agent"].to_list() == ["Ada"]
    assert said == []


def test_a_workbook_is_not_read_as_text_nor_text_as_a_workbook(tmp_path):
    with pytest.raises(FileRefused, match="It is no workbook"):
        read(tmp_path, "a,b\n1,2\n", Dialect("sheet", sheet="Data"))


def test_a_header_line_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="nothing in it"):
        read(tmp_path, "a,b\n", Dialect(header=9))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), ("  two  words ", "two words"), (True, "Y"), (3.0, "3"), (3.25, "3.25"),
        # A workbook keeps a length of 27 hours as its second day's third hour.
        (datetime(1900, 1, 1, 3), "27:00:00"), (timedelta(hours=27), "27:00:00"),
        (datetime(2025, 3, 4), "2025-03-04"), (datetime(2025, 3, 4, 9, 30), "2025-03-04 09:30:00"),
        (clock(9, 30, 5), "9:30:05"),
    ],
)  # fmt: skip
def test_a_cell_of_a_workbook_has_the_text_that_it_would_have_in_a_table(value, text):
    assert tables._cell_text(value) == text


def test_a_sheet_that_claims_more_rows_than_there_can_be_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "SHEET_ROWS", 2)
    book = openpyxl.Workbook()
    for row in (["Call Id", "Date"], ["a", "2021-01-14"], ["b", "2021-01-14"]):
        book.active.append(row)
    book.save(tmp_path / "book")
    with pytest.raises(FileRefused, match="more rows"):
        read(tmp_path, (tmp_path / "book").read_bytes(), Dialect("sheet", sheet="Sheet"))
