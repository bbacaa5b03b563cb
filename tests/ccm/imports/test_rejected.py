"""Of corrected rows those alone are tried that were rejected, whatever shape they come back in."""

import io
import json
from datetime import UTC, date, datetime, time

import openpyxl
import pytest

from ccm.imports import rejected, run, undo
from ccm.imports.files import corrections
from ccm.imports.records import FileRefused, Shape
from ccm.models import Call, ImportProfile, Job
from tests.builders import a_site
from tests.logs import DATA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]

COLUMNS = [
    {"label": "No", "target": "external_id"},
    {"label": "When", "target": "moment", "spelling": "ymd"},
    {"label": "Who", "target": "agent"},
    {"label": "Wait", "target": "wait", "unit": "s"},
]
GOOD = ["1", "2025-04-03 09:00", "Ann", "10"]
OTHER = ["1", "2025-04-03 09:00", "Bob", "10"]  # contradicts GOOD
BAD = ["2", "2025-04-33 09:10", "Cy", "20"]
MENDED = ["2", "2025-04-13 09:10", "Cy", "20"]
NEW = ["9", "2025-04-03 09:30", "Di", "30"]
WIDTHS = (4, 18, 6, 4)


def layout(**dialect):
    mapping = {"dialect": dialect, "rows": "calls", "columns": COLUMNS}
    mapping |= {"queue": "Hotline", "answered_by": "all"}
    return ImportProfile.objects.create(name="Ours", slug="ours", mapping=mapping)


def imported(data, form="ours", **said):
    batch = run.start([("calls", io.BytesIO(data))], form=form, site=a_site(), **said)
    return done(batch)


def done(batch):
    run.run(batch.job_id)
    batch.refresh_from_db()
    return batch


def downloaded(batch):
    kept = batch.files.get()
    shape = Shape(kept.shape, kept.header, kept.delimiter)
    return "".join(corrections.written(rejected.rows_of(kept), shape)).removeprefix("\ufeff")


def corrected(batch, data):
    data = data if isinstance(data, bytes) else data.encode()
    made = done(run.corrected(batch, [("rows", io.BytesIO(data))]))
    assert made.job.state == Job.State.DONE, made.job.words
    return made


def books(batch):
    names = ("read", "stored", "updated", "duplicate", "rejected", "ignored")
    return {name: getattr(batch, name) for name in names if getattr(batch, name)}


def rules(batch):
    return sorted(batch.issues.filter(fate="rejected").values_list("rule", flat=True))


def one_is_kept_and_the_others_are_told(made):
    """Of a mended row, a conflict that is as it was and a new row, the mended one is stored."""
    assert (made.stored, made.updated, made.rejected) == (1, 0, 2)
    assert rules(made) == ["conflict", "not_rejected"]
    assert dict(Call.objects.values_list("external_id", "agent__name")) == {"1": "Ann", "2": "Cy"}


def as_record(row):
    return dict(zip(("No", "When", "Who", "Wait"), row, strict=True))


def test_records_that_were_not_rejected_or_are_as_they_were_are_not_tried():
    layout(kind="json", header=0)
    batch = imported("\n".join(json.dumps(as_record(row)) for row in (GOOD, OTHER, BAD)).encode())
    assert books(batch) == {"read": 3, "stored": 1, "rejected": 2}
    other, mended = map(json.loads, downloaded(batch).splitlines())
    assert (other["_ccm"]["line"], mended["_ccm"]["line"]) == (2, 3)
    mended |= as_record(MENDED)
    # Drawn anew by an editor, its members in another order.
    text = json.dumps([dict(sorted(other.items())), mended, as_record(NEW)], indent=2)
    made = corrected(batch, text)
    assert books(made) == {"read": 3, "stored": 1, "rejected": 2}
    one_is_kept_and_the_others_are_told(made)


def test_rows_of_fixed_width_that_were_not_rejected_or_are_as_they_were_are_not_tried():
    layout(kind="fixed", header=1, edges=[1, 5, 23, 29])

    def line(row):
        return "".join(cell.ljust(width) for cell, width in zip(row, WIDTHS, strict=True))

    head = line(["No", "When", "Who", "Wait"])
    batch = imported("\n".join([head, *map(line, (GOOD, OTHER, BAD))]).encode())
    assert books(batch) == {"read": 3, "stored": 1, "rejected": 2}
    text = downloaded(batch).replace(line(BAD), line(MENDED)) + line(NEW) + "\n"
    made = corrected(batch, text)
    assert books(made) == {"read": 5, "stored": 1, "rejected": 2, "ignored": 2}
    one_is_kept_and_the_others_are_told(made)


def a_workbook(rows):
    book = openpyxl.Workbook()
    book.active.append(["What was wrong"])
    sheet = book.create_sheet("Rows")
    for row in rows:
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_table_corrected_in_a_workbook_is_looked_at_as_one_of_text(delimiter):
    """The spreadsheet took a number and a date with its clock for what they are."""
    layout(kind="delimited", delimiter=delimiter, header=1)
    head = ["No", "When", "Who", "Wait"]
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in (head, GOOD, OTHER, BAD)]
    batch = imported("\n".join(lines).encode())
    assert books(batch) == {"read": 3, "stored": 1, "rejected": 2}
    header, other, mended = (line.split(delimiter) for line in downloaded(batch).splitlines())
    other[0], other[1], other[3] = (
        1,
        openpyxl.utils.datetime.from_ISO8601("2025-04-03T09:00:00"),
        10,
    )
    mended[:4] = MENDED
    mended[4] = int(mended[4])
    made = corrected(batch, a_workbook([header, other, mended, NEW]))
    assert books(made) == {"read": 3, "stored": 1, "rejected": 2}
    one_is_kept_and_the_others_are_told(made)


DAYS_FIRST = [one | ({"spelling": "dmy"} if one["target"] == "moment" else {}) for one in COLUMNS]


def test_a_true_date_cell_of_a_workbook_needs_no_order_of_dates():
    """The layout says day-month-year, and the spreadsheet made a true date of each cell."""
    saved = layout(kind="delimited", delimiter=";", header=1)
    saved.mapping["columns"] = DAYS_FIRST
    saved.save()
    lines = ["No;When;Who;Wait", "1;03.04.2025 09:00;Ann;ten", "2;04.04.2025;Bob;ten"]
    batch = imported("\n".join(lines).encode(), zone="UTC")
    assert books(batch) == {"read": 2, "rejected": 2}
    header, one, two = (line.split(";") for line in downloaded(batch).splitlines())
    one[1], one[3] = datetime(2025, 4, 3, 9), 10
    two[1], two[3] = datetime(2025, 4, 4), 20
    made = corrected(batch, a_workbook([header, one, two]))
    assert books(made) == {"read": 2, "stored": 2}
    moments = dict(Call.objects.values_list("external_id", "offered_at"))
    assert moments["1"] == datetime(2025, 4, 3, 9, tzinfo=UTC)
    assert moments["2"] == datetime(2025, 4, 4, tzinfo=UTC)


def test_a_workbook_is_corrected_as_text_or_as_a_workbook():
    layout(kind="sheet", header=1, sheet="Calls")
    book = openpyxl.Workbook()
    book.active.title = "Calls"
    for row in (["No", "When", "Who", "Wait"], GOOD, OTHER, BAD):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    batch = imported(data.getvalue())
    assert books(batch) == {"read": 3, "stored": 1, "rejected": 2}
    text = downloaded(batch)
    rows = [line.split("\t") for line in text.splitlines()]
    rows[2][:4] = MENDED
    one_is_kept_and_the_others_are_told(corrected(batch, a_workbook([*rows, NEW])))
    lines = "".join("\t".join(row) + "\n" for row in [*rows, NEW])
    again = corrected(batch, lines)
    assert (again.stored, again.duplicate) == (0, 0)
    assert rules(again) == ["conflict", "corrected_before", "not_rejected"]


def test_a_format_with_cells_of_days_and_clocks_comes_back_in_a_workbook():
    head = "Call Id;Agent;Date;Time;Topic;Answered (Y/N);Resolved;Speed of answer in seconds;"
    head += "AvgTalkDuration;Satisfaction rating"
    good = "ID1;Ann;2021-01-01;09:00:00;Billing;Y;Y;10;0:01:00;5"
    data = "\n".join([head, good, good.replace("Billing", "Sales")]).encode()
    batch = imported(data, form="phonenow", zone="UTC")
    assert books(batch) == {"read": 2, "stored": 1, "rejected": 1}
    header, other = (line.split(";") for line in downloaded(batch).splitlines())
    other[2:4] = [date(2021, 1, 1), time(9)]
    made = corrected(batch, a_workbook([header, other]))
    assert books(made) == {"read": 1, "rejected": 1}
    assert rules(made) == ["conflict"]
    assert Call.objects.get().topic.name == "Billing"


LOG = """\
1543480170|NONE|NONE|NONE|QUEUESTART|
1543480200|c1|sales|NONE|ENTERQUEUE||5550001|1
1543480260|c1|sales|NONE|ABANDON|1|1|60
1543480300|c9||NONE|ENTERQUEUE||5|1
"""


def test_lines_of_a_log_that_were_not_rejected_are_not_tried():
    batch = imported(LOG.encode(), form="asterisk_queue_log")
    assert (batch.stored, batch.rejected) == (2, 1)
    text = downloaded(batch).replace("|c9||", "|c9|sales|")
    assert text.startswith("#ccm line 4, ")
    added = "1543480400|c7|sales|NONE|ENTERQUEUE||5550007|1\n"
    made = corrected(batch, text + added)
    assert books(made) == {"read": 3, "stored": 1, "rejected": 1, "ignored": 1}
    assert rules(made) == ["not_rejected"]
    assert set(Call.objects.values_list("external_id", flat=True)) == {"c1", "c9"}
    # None of them is a rejected row, and of the same row told twice one is.
    assert books(corrected(batch, LOG)) == {"read": 4, "rejected": 4}
    undo.run(undo.start(made).pk)
    twice = corrected(batch, text + text)
    assert books(twice) == {"read": 4, "stored": 1, "rejected": 1, "ignored": 2}


def test_a_table_without_its_column_of_lines_is_refused():
    layout(kind="delimited", delimiter=";", header=1)
    batch = imported("\n".join(map(";".join, (["No", "When", "Who", "Wait"], BAD))).encode())
    for data in (b"No;When;Who;Wait\n" + ";".join(MENDED).encode(), a_workbook([["No"], ["2"]])):
        made = done(run.corrected(batch, [("rows", io.BytesIO(data))]))
        assert made.job.state == Job.State.FAILED
        assert "its column ccm_line is missing" in made.job.words
    assert not Call.objects.exists()


def test_a_record_that_was_cut_is_corrected_and_tried():
    layout(kind="json", header=0)
    cut = json.dumps(as_record(NEW))[:-3]
    batch = imported(
        "\n".join([*(json.dumps(as_record(row)) for row in (GOOD, BAD)), cut]).encode()
    )
    assert books(batch) == {"read": 3, "stored": 1, "rejected": 2}
    wrong, record = map(json.loads, downloaded(batch).splitlines())
    assert record["_ccm"]["record"] == cut
    assert books(corrected(batch, downloaded(batch))) == {"read": 2, "rejected": 2}
    # Alone it is no file of records at all, and yet one rejected row of them.
    alone = corrected(batch, json.dumps(record))
    assert (books(alone), alone.issues.get().origin) == ({"read": 1, "rejected": 1}, 3)
    record["_ccm"]["record"] += '0"}'
    made = corrected(batch, f"{json.dumps(wrong)}\n{json.dumps(record)}")
    assert books(made) == {"read": 2, "stored": 1, "rejected": 1}
    assert set(Call.objects.values_list("external_id", flat=True)) == {"1", "9"}


def noted(batch):
    return list(batch.issues.filter(fate="noted").values_list("rule", "line"))


@pytest.mark.parametrize(
    ("changes", "told", "agent", "wait_ms"),
    [
        # It still contradicts the record, by intent: a person wrote it.
        ({3: "15"}, {"read": 1, "updated": 1}, "Bob", 15_000),
        # It says now what the record says.
        ({2: "Ann"}, {"read": 1, "duplicate": 1}, "Ann", 10_000),
        # What is emptied is not known, which takes nothing from the record.
        ({2: "", 3: "15"}, {"read": 1, "updated": 1}, "Ann", 15_000),
        # It is another call.
        ({0: "3"}, {"read": 1, "stored": 1}, "Ann", 10_000),
        # It was no correction: nothing is taken at its word.
        ({1: "2025-04-33 09:00"}, {"read": 1, "rejected": 1}, "Ann", 10_000),
    ],
)
def test_a_contradiction_that_was_changed_is_taken_at_its_word_and_the_statement_says_so(
    changes, told, agent, wait_ms
):
    layout(kind="delimited", delimiter=";", header=1)
    lines = ["No;When;Who;Wait", *map(";".join, (GOOD, OTHER))]
    batch = imported("\n".join(lines).encode())
    assert rules(batch) == ["conflict"]
    header, row = (line.split(";") for line in downloaded(batch).splitlines())
    for place, cell in changes.items():
        row[place] = cell
    made = corrected(batch, f"{';'.join(header)}\n{';'.join(row)}\n")
    assert books(made) == told
    assert noted(made) == ([] if made.rejected else [("was_conflict", 2)])
    call = Call.objects.get(external_id="1")
    assert (call.agent.name, call.wait_ms) == (agent, wait_ms)


def test_a_record_that_contradicted_one_as_new_is_taken_at_its_word_when_changed():
    one = json.loads((DATA / "zendesk_talk_calls.json").read_text())["calls"][0]
    other = one | {"hold_time": one["hold_time"] + 1}
    batch = imported(json.dumps([one, other]).encode(), form="zendesk_talk_calls")
    assert books(batch) == {"read": 2, "stored": 1, "rejected": 1}
    [record] = map(json.loads, downloaded(batch).splitlines())
    assert books(corrected(batch, json.dumps(record))) == {"read": 1, "rejected": 1}
    record["hold_time"] = 7
    made = corrected(batch, json.dumps(record))
    assert (books(made), noted(made)) == ({"read": 1, "updated": 1}, [("was_conflict", 1)])
    assert Call.objects.get().hold_ms == 7_000


def test_a_contradiction_is_one_in_every_round_of_correction():
    layout(kind="delimited", delimiter=";", header=1)
    batch = imported("\n".join(["No;When;Who;Wait", *map(";".join, (GOOD, OTHER))]).encode())
    text = downloaded(batch)
    spoilt = corrected(batch, text.replace("1;2025-04-03", "1;2025-04-33"))
    assert rules(spoilt) != ["conflict"]
    # Mended to what it was at first it is the contradiction again, and another word is a word.
    as_first = corrected(spoilt, downloaded(spoilt).replace("2025-04-33", "2025-04-03", 1))
    assert (books(as_first), rules(as_first)) == ({"read": 1, "rejected": 1}, ["conflict"])
    other = downloaded(spoilt).replace("2025-04-33", "2025-04-03", 1).replace("Bob", "Bo")
    made = corrected(spoilt, other)
    assert (books(made), noted(made)) == ({"read": 1, "updated": 1}, [("was_conflict", 2)])


def two_rejected():
    layout(kind="delimited", delimiter=";", header=1)
    rows = (GOOD, BAD, ["3", *BAD[1:]])
    return imported("\n".join(["No;When;Who;Wait", *map(";".join, rows)]).encode())


def mended(batch, *names):
    """The rejected rows as they go out, with the day of some calls mended."""
    header, *rows = downloaded(batch).splitlines(keepends=True)
    rows = [row.replace("-33 ", "-13 ", 1) if row.startswith(names) else row for row in rows]
    return "".join([header, *rows])


def open_files(batch):
    return rejected.open_files(batch, rejected.corrected_since(batch))


def test_a_line_is_tried_until_it_is_corrected_once():
    batch = two_rejected()
    one = corrected(batch, mended(batch, "2;"))
    assert books(one) == {"read": 2, "stored": 1, "rejected": 1}
    # With other words it would be a second call.
    again = corrected(batch, mended(batch, "2;", "3;").replace("2;2025", "4;2025"))
    assert books(again) == {"read": 2, "stored": 1, "rejected": 1}
    [issue] = again.issues.filter(fate="rejected")
    assert (issue.line, issue.origin) == (2, 3)
    assert issue.message == f"Line 3 was corrected by import #{one.pk}: it is not tried again."
    assert set(Call.objects.values_list("external_id", flat=True)) == {"1", "2", "3"}
    assert rejected.corrected_since(batch) == rejected.Since(2, [one.pk, again.pk])
    assert open_files(batch) == open_files(again) == set()
    # In the round that began with the first correction the second row is corrected, too.
    assert rejected.corrected_since(one) == rejected.Since(1, [again.pk])
    assert rules(corrected(one, mended(one, "3;"))) == ["corrected_before"]


def test_what_is_still_to_be_corrected_goes_out_alone():
    batch = two_rejected()
    corrected(batch, mended(batch, "2;"))
    assert rejected.closed_lines(batch) == {3}
    kept = batch.files.get()
    assert [row.line for row in rejected.rows_of(kept, corrected=False)] == [4]
    assert [row.line for row in rejected.rows_of(kept)] == [3, 4]


def test_a_row_whose_correction_is_taken_back_can_be_corrected_again():
    batch = two_rejected()
    one = corrected(batch, mended(batch, "2;"))
    undo.run(undo.start(one).pk)
    assert rejected.corrected_since(batch) == rejected.Since(0, [])
    assert books(corrected(batch, mended(batch, "2;"))) == {"read": 2, "stored": 1, "rejected": 1}


def test_lines_of_one_number_in_two_files_are_corrected_once_each():
    layout(kind="delimited", delimiter=";", header=1)
    files = ["\n".join(["No;When;Who;Wait", f"{name};2025-04-33 09:10;Cy;20"]) for name in "23"]
    streams = [(name, io.BytesIO(data.encode())) for name, data in zip("ab", files, strict=True)]
    batch = done(run.start(streams, form="ours", site=a_site()))
    assert books(batch) == {"read": 2, "rejected": 2}
    texts = []
    for kept in batch.files.all():
        shape = Shape(kept.shape, kept.header, kept.delimiter)
        texts.append("".join(corrections.written(rejected.rows_of(kept), shape)))
    for text in texts:
        assert books(corrected(batch, text.replace("-33 ", "-13 ", 1))) == {"read": 1, "stored": 1}
    assert rejected.closed_lines(batch) == {2}
    assert books(corrected(batch, texts[0].replace("-33 ", "-13 ", 1))) == {
        "read": 1,
        "rejected": 1,
    }


def test_rows_of_an_import_that_was_taken_back_are_not_tried_alone():
    batch = two_rejected()
    undo.run(undo.start(batch).pk)
    batch.refresh_from_db()
    with pytest.raises(FileRefused, match="Nothing of this import was kept"):
        corrected(batch, mended(batch, "2;"))
    assert not Call.objects.exists()
