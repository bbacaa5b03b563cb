"""Rejected rows go out in the shape of their source and come back exactly as they were."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm.exports import FORMULA
from ccm.imports.files import corrections, members
from ccm.imports.files.corrections import Rejected, written
from ccm.imports.records import LINES, RECORDS, Reading, Shape
from tests.logs import NOW

WHY = (("Date",), ("32 May",), ("It is no date.",))


def there_and_back(folder, rows, shape):
    """The rows after they were written and read again; their header is the first."""
    noted, plain = folder / "noted", folder / "plain"
    told = [Rejected(number, text, *WHY) for number, text in enumerate(rows, 1)]
    noted.write_text("".join(written(told, shape)).removeprefix("\ufeff"), newline="")
    assert corrections.is_noted(noted)
    corrections.restore(noted, plain)
    return plain.read_text().split("\n")[:-1]


@pytest.mark.parametrize(
    "row",
    [
        "a,b,c",
        "-5,+44,@x",
        "'-5,''=a,'",
        '"a,b",,',
        '"a ""b""",c,',
        "a,b",  # too few cells
        "a,b,c,d",
        'a,"b,c',
        ",,",
        "=cmd|' /C calc'!A0,x,y",
    ],
)
def test_a_row_comes_back_with_the_cells_it_had(tmp_path, row):
    header, back = there_and_back(tmp_path, [row], Shape("table", "x,y,z", ","))
    assert header == "x,y,z"
    if row.count('"') % 2 == 0:
        assert list(csv.reader([back])) == list(csv.reader([row]))
    else:
        assert back == row


@given(st.lists(st.text("ab'=-+@\t;,\" é＝", max_size=6), min_size=2, max_size=5))
def test_any_cells_come_back_and_none_goes_out_as_a_formula(tmp_path_factory, cells):
    folder = tmp_path_factory.mktemp("rows")
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="").writerow(cells)
    shape = Shape("table", ";".join("abcde"[: len(cells)]), ";")
    [text] = list(written([Rejected(1, line.getvalue(), *WHY)], shape))[1:]
    assert not any(cell.startswith(FORMULA) for cell in next(csv.reader([text], delimiter=";")))
    _header, back = there_and_back(folder, [line.getvalue()], shape)
    assert next(csv.reader([back], delimiter=";"), [""]) == cells


def test_columns_that_a_person_moved_or_took_out_do_not_matter(tmp_path):
    noted, plain = tmp_path / "noted", tmp_path / "plain"
    noted.write_text("ccm_reason,x,CCM_LINE,y\nbecause,1,12,'=2\n\nno,3,4\n")
    corrections.restore(noted, plain)
    # A row of another width is left for its reader to refuse, in the line where it stands.
    assert plain.read_text() == "x,y\n1,=2\n\nno,3,4\n"


def test_a_table_without_such_columns_is_not_taken_for_one(tmp_path):
    file = tmp_path / "calls"
    for text in ("x,y\nccm_line,2\n", "", "\n\n", 'ccm_line,"x\n'):
        file.write_text(text)
        assert not corrections.is_noted(file)


def test_lines_of_a_log_have_the_reason_in_the_line_before_them():
    row = Rejected(12, "1|2|x", ("", "queue"), ("", "x"), ("Cut.", "Too\nlong."))
    assert list(written([row], LINES)) == ["#ccm line 12, Cut.; column queue: Too long.\n1|2|x\n"]
    assert corrections.is_note("#ccm line 12, x")
    assert not corrections.is_note("#1|2")


@pytest.mark.parametrize("record", ['{"a": 1}', "{}", '{"a": {"b": [1.50]}}  '])
def test_a_json_record_has_the_reason_as_a_member_and_else_its_own_text(record):
    [text] = written([Rejected(3, record, *WHY)], RECORDS)
    read = json.loads(text)
    assert read["_ccm"] == {
        "line": 3, "column": "Date", "value": "32 May", "reason": "It is no date.",
    }  # fmt: skip
    assert corrections.without_member(read) == json.loads(record)
    assert text.startswith(record.strip()[:-1])


@pytest.mark.parametrize("record", ['{"a": ', "[1, 2]", "7"])
def test_what_is_no_json_object_goes_out_inside_of_its_note(record):
    [text] = written([Rejected(3, record, *WHY)], RECORDS)
    assert json.loads(text) == {
        "_ccm": {
            "line": 3, "column": "Date", "value": "32 May", "reason": "It is no date.",
            "record": record,
        }
    }  # fmt: skip


def test_json_records_come_back_without_what_was_added(tmp_path):
    (tmp_path / "calls").write_text('{"sid": 7}\n{"sid": 8, "_ccm": {"line": 1}}\nno object\n')
    reading = Reading(zone=None, now=NOW)
    [(made, records)] = members.stretches(tmp_path / "calls", reading)
    assert [record.said for record in records] == [{"sid": 7}, {"sid": 8}]
    assert made.shape == RECORDS
    assert [(row.line, row.text) for row in made.rejected_rows] == [(3, "no object")]
