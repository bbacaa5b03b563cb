"""Corrected rows come back in any shape, each with the line where it stood and its own text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm.imports.files import returned
from ccm.imports.files.corrections import Rejected, written
from ccm.imports.files.returned import Row, alike, rows
from ccm.imports.records import LINES, RECORDS, Shape

WHY = (("Date",), ("32 May",), ("It is no date.",))
TABLE = Shape("table", "x;y", ";")
FIXED = Shape("lines", "NO  WHO", edges=(1, 5))


def sent_out(path, texts, shape):
    """A file of rejected rows that stood in lines 11, 12 and so on."""
    told = [Rejected(line, text, *WHY) for line, text in enumerate(texts, 11)]
    path.write_text("".join(written(told, shape)), encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize(
    ("shape", "texts", "first_line", "apart"),
    [
        (TABLE, ["1;=2", '"a;b";', "too;many;cells"], 2, 1),
        (RECORDS, ['{"a": 1.50}', "{}", '{"a": ', "7"], 1, 1),
        (LINES, ["1|2|x", "no line"], 2, 2),
        (FIXED, ["1   Ann", "2   Bob"], 3, 2),
    ],
)
def test_each_row_says_where_it_stood(tmp_path, shape, texts, first_line, apart):
    path = sent_out(tmp_path / "rows", texts, shape)
    found = returned.shape_of(path, [shape])
    assert found is not None
    assert found.kind == shape.kind
    assert list(rows(path, found)) == [
        Row(first_line + apart * place, 11 + place, text) for place, text in enumerate(texts)
    ]


@given(
    st.dictionaries(
        st.text(max_size=4),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text('a"_cm{}:, \\é', max_size=9),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.sampled_from(["_ccm", "b"]), inner, max_size=2)
            ),
            max_leaves=5,
        ),
        max_size=3,
    ).filter(lambda record: "_ccm" not in record)
)
def test_any_record_comes_back_as_its_source_wrote_it(tmp_path_factory, record):
    text = json.dumps(record)
    path = sent_out(tmp_path_factory.mktemp("rows") / "rows", [text], RECORDS)
    assert list(rows(path, RECORDS)) == [Row(1, 11, text)]


def test_an_unreadable_record_is_corrected_inside_its_note_or_beside_it(tmp_path):
    path = sent_out(tmp_path / "rows", ['{"a": ', '{"a": '], RECORDS)
    inside, beside = [json.loads(line) for line in path.read_text().splitlines()]
    inside["_ccm"]["record"] = '{"a":\n1}'
    beside["a"] = 2
    path.write_text(f"{json.dumps(inside)}\n{json.dumps(beside)}\n")
    assert list(rows(path, RECORDS)) == [Row(1, 11, '{"a": 1}'), Row(2, 12, '{"a": 2}')]


def test_a_row_without_a_line_of_its_own_says_none(tmp_path):
    path = tmp_path / "rows"
    path.write_text("#ccm line 7, Cut.\n1|2\n3|4\n#ccm written by hand\n5|6\n")
    assert list(rows(path, LINES)) == [Row(2, 7, "1|2"), Row(3, None, "3|4"), Row(5, None, "5|6")]
    assert returned.notes(path, LINES) == [1, 4]
    path.write_text('{"a": 1}\n{"a": 2, "_ccm": {"line": true}}\n{"a": 3, "_ccm": 4}\nno object\n')
    assert [row.origin for row in rows(path, RECORDS)] == [None] * 4
    path.write_text("x;ccm_line\n1;\n2;two\n3;-4\n4;" + "9" * 30 + "\n")
    assert [row.origin for row in rows(path, Shape("table", "x", ";"))] == [None] * 4


def test_blank_lines_between_rows_are_no_rows(tmp_path):
    path = tmp_path / "rows"
    path.write_text("x;ccm_line\n\n1;11\n  \n2;12\n")
    assert [row.origin for row in rows(path, Shape("table", "x", ";"))] == [11, 12]


def test_a_table_that_lost_its_lines_is_of_no_known_shape(tmp_path):
    path = tmp_path / "rows"
    path.write_text("x;y\n1;2\n")
    assert returned.shape_of(path, [TABLE]) is None
    assert returned.shape_of(path, [TABLE, LINES]) == LINES


def test_what_is_read_has_every_row_in_its_line_but_those_left_out(tmp_path):
    path = sent_out(tmp_path / "rows", ['{"a": 1}', '{"a": 2}', '{"a": '], RECORDS)
    returned.write(path, tmp_path / "plain", RECORDS, {1})
    assert (tmp_path / "plain").read_text() == '\n{"a": 2}\n{"a": \n'


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1;09:00:00", "1;9:00:00", True),
        ("007;10", "7;10.0", True),
        ("1;03/04/2025 09:00", "1;2025-04-03 09:00:00", True),
        ("1;2021-01-02", "1;02.01.2021", True),
        ('"1";" a  b"', "1;a b", True),
        ("1;03/04/2025", "1;04/03/2025", False),  # in one way of writing the order tells
        ("1;09:00:01", "1;01:00:09", False),
        ("1;x", "1;y", False),
        ("1;x", "1;x;", False),
        ('1;"x', "1;x", False),
        ("1;", "1;0", False),
        ('"1"2;x', ' "1"2;x ', True),  # no row of cells: alike as the lines they are
        ('"1"2;x', "12;x", False),
    ],
)
def test_a_row_is_as_it_was_however_a_spreadsheet_wrote_it(one, other, same):
    assert alike(one, other, TABLE) is same
    assert alike(other, one, TABLE) is same


def test_records_are_alike_by_what_they_say_and_lines_but_for_the_space_around_them():
    assert alike('{"a": 1, "b": 2}', '{"b":2,"a":1}', RECORDS)
    assert not alike('{"a": 1}', '{"a": 2}', RECORDS)
    assert not alike('{"a": 1}', '{"a": ', RECORDS)
    assert alike("1|2  ", "1|2", LINES)
    assert not alike("1|2", "1| 2", LINES)
