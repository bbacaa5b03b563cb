"""What a file of rows looks like, told from its bytes alone."""

import time

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports.files import dialect as dialects
from ccm.imports.files import multiline
from ccm.imports.files.dialect import Dialect
from ccm.imports.records import FileRefused
from tests.mapped import plain, sample, seen

ROWS = [
    ["Call Id", "Agent", "Date", "Wait"],
    ["c1", "Ada", "2021-01-14", "5"],
    ["c2", "Ben, jr", "2021-01-14", "1,5"],
    ["c3", "Zoë", "2021-01-15", "7"],
]


def table(delimiter, rows=ROWS):
    def cell(text):
        return f'"{text}"' if delimiter in text else text

    return "\n".join(delimiter.join(map(cell, row)) for row in rows) + "\n"


def cells(folder, data, told=None):
    found = seen(folder, data, told.encoding if told else "")
    frame = sample(plain(folder, data, told.encoding if told else ""), told or found.dialect)
    return [list(row[1:]) for row in frame.rows()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_seen_whatever_ends_the_lines(tmp_path, delimiter, end):
    data = table(delimiter).replace("\n", end)
    found = seen(tmp_path, data)
    assert (found.dialect.kind, found.dialect.delimiter) == ("delimited", delimiter)
    assert found.dialect.header == 1
    assert found.line_ends == {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}[end]
    assert cells(tmp_path, data) == ROWS[1:]


@pytest.mark.parametrize(
    ("encoding", "said", "mark"),
    [
        ("utf-8", "UTF-8", False),
        ("utf-8-sig", "UTF-8", True),
        ("utf-16", "UTF-16", True),
        ("cp1252", "Windows-1252", False),
    ],
)
def test_the_encoding_is_found_out(tmp_path, encoding, said, mark):
    data = table(";").encode(encoding)
    found = seen(tmp_path, data)
    assert (found.encoding, found.bom) == (said, mark)
    assert cells(tmp_path, data) == ROWS[1:]


@pytest.mark.parametrize("encoding", ["shift-jis", "cp1251", "utf-16-le", "utf-16-be", "gb18030"])
def test_an_encoding_that_a_person_names_is_believed(tmp_path, encoding):
    name = {"shift-jis": "山田", "gb18030": "山田"}.get(encoding, "Ада")
    rows = [ROWS[0], ["c1", name, "2021-01-14", "5"]]
    assert (
        cells(tmp_path, table(",", rows).encode(encoding), Dialect(encoding=encoding)) == rows[1:]
    )


def test_plain_ascii_says_so(tmp_path):
    assert seen(tmp_path, "a,b\n1,2\n").encoding == "ASCII"


@pytest.mark.parametrize(
    ("before", "header"),
    [
        ("", 1),
        ("\n\n", 3),
        ("Report of calls\n\n", 3),
        ("Report;;;\nFrom;2021-01-14;;\n;;;\n", 4),
    ],
)
def test_the_header_is_found_below_titles_and_empty_lines(tmp_path, before, header):
    data = before + table(";")
    assert seen(tmp_path, data).dialect.header == header
    assert cells(tmp_path, data) == ROWS[1:]


@pytest.mark.parametrize(
    "names",
    [
        "Date,Offered,Answered,Service Level (20 Seconds)",
        "Date,Offered,Answered,P95",
        "Día,Año,Mes,SL 20",
    ],
)
def test_names_with_numbers_in_them_are_names_still(tmp_path, names):
    assert seen(tmp_path, f"{names}\n2021-01-14,4,3,80%\n").dialect.header == 1


def test_rows_without_a_header_are_all_rows(tmp_path):
    data = table(",", ROWS[1:])
    assert seen(tmp_path, data).dialect.header == 0
    assert cells(tmp_path, data) == ROWS[1:]


def test_a_line_of_types_below_the_names_is_no_row(tmp_path):
    data = table(",", [ROWS[0], ["VARCHAR(50)", "VARCHAR(50)", "DATE", "INTEGER"], *ROWS[1:]])
    assert seen(tmp_path, data).dialect.types
    assert cells(tmp_path, data) == ROWS[1:]


FIXED = """\
CALL   AGENT      DATE       WAIT
c1     Ada        2021-01-14    5
c2     Ben Okri   2021-01-14   15
"""


def test_columns_of_fixed_width_are_seen_by_what_is_blank_in_every_line(tmp_path):
    found = seen(tmp_path, FIXED).dialect
    assert (found.kind, found.edges, found.header) == ("fixed", (1, 8, 19, 30), 1)
    assert cells(tmp_path, FIXED) == [
        ["c1", "Ada", "2021-01-14", "5"],
        ["c2", "Ben Okri", "2021-01-14", "15"],
    ]


LONG = FIXED + "".join(f"c{n}     Cy         2021-01-1{n}  10{n}\n" for n in range(3, 8))


def test_a_cell_too_long_for_its_fixed_column_hides_no_edge(tmp_path):
    """One of eight lines has a name up to the place where the dates begin."""
    assert seen(tmp_path, LONG).dialect.edges == (1, 8, 19, 30)
    glued = LONG.replace("c2     Ben Okri   2021", "c2     BenjaminOkr2021")
    found = seen(tmp_path, glued).dialect
    assert (found.kind, found.edges, found.header) == ("fixed", (1, 8, 19, 30), 1)
    assert cells(tmp_path, glued)[1] == ["c2", "BenjaminOkr", "2021-01-14", "15"]
    # Where two of four lines run over it nobody could tell that it is one.
    assert 19 not in seen(tmp_path, "".join(glued.splitlines(True)[:4])).dialect.edges


def test_a_line_out_of_place_parts_no_date_from_its_time():
    """The sixth line is shifted by two; the others tell where the columns begin."""
    names = ["Ada", "Ben", "Maximiliane", "Cy"] * 3
    lines = ["CALL    AGENT       STARTED             WAIT"] + [
        f"c{n:<6} {name:<11} 2025-04-{n + 1:02} 10:00:00 {n:>4}" for n, name in enumerate(names)
    ]
    assert dialects.fixed_edges(lines) == (1, 9, 21, 41)
    lines[6] = lines[6].replace("Ben        ", "Ben-Oyelowo-X")
    assert dialects.fixed_edges(lines)[:3] == (1, 9, 21)
    assert 32 not in dialects.fixed_edges(lines)


def test_the_thin_end_of_long_texts_is_no_fixed_column():
    said = [
        "NOTE",
        "call back",
        "call",
        "no",
        "wrong number again",
        "yes",
        "called twice now",
        "ok",
    ]
    lines = [f"c{n}  {text}" for n, text in enumerate(said)]
    assert dialects.fixed_edges(lines) == (1, 5)


def test_json_lines_are_columns_of_their_members(tmp_path):
    data = '{"id": "c1", "who": {"name": "Ada"}, "n": 5, "ok": true}\n{"id": "c2", "n": null}\n'
    assert seen(tmp_path, data).dialect.kind == "json"
    assert cells(tmp_path, data) == [
        ["c1", "Ada", "5", "true", None],
        ["c2", None, None, None, None],
    ]


def a_book(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path.read_bytes()


def test_of_a_workbook_the_sheet_with_the_rows_is_chosen_and_its_header_found(tmp_path):
    shifted = [[None, *row] for row in ROWS]
    data = a_book(
        tmp_path / "book", Cover=[["Our calls"]], Data=[["Calls of January"], [], *shifted]
    )
    found = seen(tmp_path, data)
    assert found.sheets == ("Cover", "Data")
    assert (found.dialect.kind, found.dialect.sheet, found.dialect.header) == ("sheet", "Data", 3)
    assert [row[1:] for row in cells(tmp_path, data)] == ROWS[1:]


def test_another_sheet_is_read_where_a_person_says_so_and_a_missing_one_is_not(tmp_path):
    other = [["Name", "Team"], ["Ada", "Blue"]]
    data = a_book(tmp_path / "book", Data=ROWS, People=other)
    assert cells(tmp_path, data, Dialect("sheet", sheet="People")) == other[1:]
    with pytest.raises(FileRefused, match="no sheet named Nobody, but Data, People"):
        cells(tmp_path, data, Dialect("sheet", sheet="Nobody"))


def test_a_workbook_of_empty_sheets_is_refused(tmp_path):
    data = a_book(tmp_path / "book", One=[], Two=[[None, None], ["  "]])
    with pytest.raises(FileRefused, match="nothing in it"):
        seen(tmp_path, data)


@pytest.mark.parametrize("data", ["", "\n\n \n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path, data):
    with pytest.raises(FileRefused, match="nothing in it"):
        seen(tmp_path, data)


def test_a_header_alone_is_a_table_without_rows(tmp_path):
    assert cells(tmp_path, "Call Id,Agent,Date\n") == []


@pytest.mark.parametrize("name", ["c", "c{}"])
def test_sixteen_thousand_columns_are_refused_at_once(tmp_path, name):
    header = ",".join(name.format(place) for place in range(16_000))
    data = header + ("\n" + "1," * 15_999 + "1") * 100
    start = time.monotonic()
    with pytest.raises(FileRefused, match="16000 columns"):
        cells(tmp_path, data)
    assert time.monotonic() - start < 2


def test_a_line_of_a_megabyte_is_looked_at_and_a_longer_one_is_refused(tmp_path):
    assert cells(tmp_path, "Id,Note\nc1," + "x" * 999_000 + "\nc2,y\n")[1] == ["c2", "y"]
    with pytest.raises(FileRefused, match="Line 2 is longer than a megabyte"):
        seen(tmp_path, "Id,Note\nc1," + "x" * 1_000_001 + "\n")


def test_a_cell_of_several_lines_is_one_cell_and_every_line_keeps_its_number(tmp_path):
    data = 'Id,"Answer\nspeed",Note\nc1,5,"first\n\nthird, with ""marks"""\nc2,6,fine\n'
    found = seen(tmp_path, data).dialect
    assert found.header == 1
    frame = sample(plain(tmp_path, data), found)
    assert frame.columns == ["line", "Id", "Answer speed", "Note"]
    assert frame.rows() == [(3, "c1", "5", 'first  third, with "marks"'), (6, "c2", "6", "fine")]


def test_a_mark_that_never_closes_swallows_no_other_row(tmp_path):
    data = 'Id,Agent,Wait,Note\nc1,Ada,5,"oops\nc2,Ben,6,fine\nc3,Cy,7,3" pipe\nc4,Di,8,"ok"\n'
    assert [row[0] for row in cells(tmp_path, data, Dialect())] == ["c2", "c4"]


def test_a_whole_row_between_two_broken_ones_stays_a_row(tmp_path):
    data = 'Id,Agent,Wait,Note\nc1,Ada,"5,x\nc2,Ben,6,fine\nc3,Cy,7",y\n'
    assert [row[0] for row in cells(tmp_path, data, Dialect())] == ["c2"]


def test_labels_are_made_unlike_each_other_and_the_frames_own(tmp_path):
    long = "a" * 130
    data = f"line,Name,name,Name,,{long},{long}b\n1,2,3,4,5,6,7\n"
    frame = sample(plain(tmp_path, data), Dialect())
    assert frame.columns[1:6] == ["line (1)", "Name", "name", "Name (4)", "column 5"]
    assert frame.rows()[0][1:] == ("1", "2", "3", "4", "5", "6", "7")


WRONG = [
    {"kind": "cake"}, {"delimiter": "ab"}, {"delimiter": '"'}, {"delimiter": "é"},
    {"delimiter": ""},
    {"delimiter": None}, {"encoding": "rot13"}, {"header": -1}, {"header": 101}, {"header": "x"},
    {"header": None}, {"edges": ["x"]}, {"edges": [0]}, {"edges": [3, 1]}, {"edges": [2, 2]},
    {"edges": [10**30]}, {"edges": 5}, {"kind": "fixed"},
]  # fmt: skip


@pytest.mark.parametrize("said", WRONG)
def test_what_no_dialect_has_is_refused_in_words(said):
    with pytest.raises(ValueError, match="how a file's rows are read"):
        Dialect.from_json(Dialect().as_json() | said)


def test_a_dialect_comes_back_from_json():
    told = Dialect("fixed", "cp1252", ";", 3, True, "Data", (1, 9))
    assert Dialect.from_json(told.as_json() | {"unknown": 1}) == told


def test_a_mark_of_byte_order_inside_a_file_is_a_sign_like_any_other(tmp_path):
    """Two files joined by hand have one where the second begins, perhaps alone on its line."""
    one_column = "Caller\n\ufeff\nAnn\n\ufeffBob\n".encode()
    found = seen(tmp_path, one_column)
    read = sample(plain(tmp_path, one_column), found.dialect)
    assert read["Caller"].to_list() == ["\ufeff", "Ann", "\ufeffBob"]


def test_a_line_of_nothing_but_the_sign_that_ends_each_is_a_row_without_a_cell(tmp_path):
    found = seen(tmp_path, b"a,b\n;")
    assert sample(plain(tmp_path, b"a,b\n;"), found.dialect).height == 0


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=300), st.sampled_from([b"", b"a,b\n", b'"', b"{", b"a  b\n1  2\n"]))
def test_no_bytes_break_the_look(tmp_path, data, before):
    try:
        found = seen(tmp_path, before + data)
        sample(plain(tmp_path, before + data), found.dialect)
    except FileRefused:
        return
    assert Dialect.from_json(found.dialect.as_json()) == found.dialect


LINES = st.lists(st.sampled_from(["a,b", '"a,b', 'b"', '"a",b', '""', '"', "", 'x"y,z', "1,2"]))


@settings(max_examples=300, deadline=None)
@given(LINES, st.integers(0, 3))
def test_joining_keeps_the_number_of_lines_and_every_line_that_is_whole(texts, header):
    made = list(multiline.joined((text.encode() for text in texts), ",", header))
    assert len(made) == len(texts)
    for before, after in zip(texts, made, strict=True):
        if after and after != before.encode():
            assert before.count('"') % 2 == 1  # only an open line grows
    told = "".join(texts).replace(" ", "")
    assert b"".join(made).replace(b" ", b"").decode() == told


@pytest.mark.parametrize(
    "opens",
    [
        # Nothing closes it for as many lines as a cell may have: each is a row of its own.
        ['"a,b', *["c,d"] * (multiline.MOST_LINES + 5)],
        # What was looked at in vain opens another cell, which is closed further on.
        ['"a,b', 'c,"d', 'e",f', *["g,h"] * 3],
    ],
)
def test_a_mark_that_opens_in_vain_leaves_the_lines_behind_it_to_themselves(opens):
    made = [one.decode() for one in multiline.joined((one.encode() for one in opens), ",", 0)]
    assert len(made) == len(opens)
    assert made[-3:] == opens[-3:]


def test_delimited_is_told_by_most_lines(tmp_path):
    assert dialects.delimited(["a;b", "1,5;2", "1,6;3"]).delimiter == ";"
    assert dialects.delimited(["10:30", "11:30"]).delimiter == ":"
    assert dialects.delimited(["one word", "another"]).kind in ("delimited", "fixed")


def test_the_colons_of_clocks_part_no_cells(tmp_path):
    rows = [f"{name},2025-06-13 10:00:00,Ada,00:00:12,00:01:30" for name in "abc"]
    assert dialects.delimited(rows).delimiter == ","
    assert dialects.delimited([row.replace(",", "  ") for row in rows]).kind == "fixed"
    assert dialects.delimited(["id:name", "1:Ada", "2:Ben"]).delimiter == ":"


WITHIN = """\
Call ID   Start Time           Agent     Wait Time Talk Time
W0        2025-05-13 10:00:00  Ada Long  00:00:12  00:01:30
W1        2025-05-14 10:01:00  Ben Okri  00:00:12  00:01:30
"""


def test_a_blank_within_a_cell_of_fixed_width_parts_nothing(tmp_path):
    assert seen(tmp_path, WITHIN).dialect.edges == (1, 11, 32, 42, 52)
    assert cells(tmp_path, WITHIN)[0] == [
        "W0", "2025-05-13 10:00:00", "Ada Long", "00:00:12", "00:01:30",
    ]  # fmt: skip
    # Without names a day and the clock after it are one; with two names they are two.
    below = WITHIN.split("\n", 1)[1]
    assert dialects.fixed_edges(below.splitlines())[:2] == (1, 11)
    named = WITHIN.replace("Start Time ", "Date       Time").replace("Time          ", "Time     ")
    assert 22 in seen(tmp_path, named).dialect.edges
