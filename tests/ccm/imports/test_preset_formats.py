"""Formats declared as mappings: what each makes of its look-alike, and of the real sample."""

import contextlib
import csv
import io
import json
import random
from datetime import UTC, date, datetime, timedelta

import openpyxl
import polars as pl
import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports import formats
from ccm.imports.files.dialect import SHEET, Dialect
from ccm.imports.formats import FORMATS
from ccm.imports.mapping.mapped import Mapped
from ccm.imports.mapping.profile import ALL, Column, Profile
from ccm.imports.mapping.targets import Rows
from ccm.imports.records import FileRefused, Reading
from ccm.models import AgentState, Call, ImportBatch, IntervalCount, SurveyResponse
from kpis import rollups
from tests.examples import examples
from tests.logs import DATA, NOW, assert_holds, chunk_of, chunk_of_text, chunks_of, told

LATER = datetime(2026, 12, 1, tzinfo=UTC)
PRESETS = {
    "five9_call_log": {"zone": "UTC"},
    "dialpad_stats": {},
    "elastix_report": {"zone": "UTC", "queue": "Help"},
    "interval_counts": {"zone": "UTC"},
    "survey_answers": {"zone": "UTC"},
    "agent_states": {"zone": "UTC"},
}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def seconds(chunk, column):
    return [None if one is None else one / 1000 for one in chunk.calls[column]]


def words_of(issues):
    return [(one.line, one.column, one.value, one.rule, one.fate) for one in issues]


def truths_of(sample_data, folder, name):
    return json.loads((sample_data / f"calllogs/{folder}/truths.json").read_text())[name]


# What all of them share


@pytest.mark.parametrize("name", PRESETS)
def test_a_file_is_of_one_format_whatever_it_is_called(name):
    assert formats.recognise(DATA / f"{name}.csv", "x.bin").name == name
    head = (DATA / f"{name}.csv").read_bytes()
    assert [one.name for one in FORMATS.values() if one.recognises(head, "x")] == [name]


def as_text(rows, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("name", PRESETS)
def test_neither_the_order_of_columns_nor_case_nor_delimiter_matters(name, tmp_path):
    with (DATA / f"{name}.csv").open() as file:
        rows = list(csv.reader(file))
    order = random.Random(3).sample(range(len(rows[0])), len(rows[0]))
    moved = [[row[place] for place in order] for row in rows]
    moved[0] = [label.lower().replace("_", " ") for label in moved[0]]
    straight = chunk_of(DATA / f"{name}.csv", name, **PRESETS[name])
    other = chunk_of_text(tmp_path, name, as_text(moved, ";"), **PRESETS[name])

    def facts(chunk):
        """All but the ids of rows without one, which are made of their text, and what is kept."""
        hidden = {"external_id", "linked_id", "extra"} if name == "elastix_report" else {"extra"}
        return [
            chunk.calls.drop(hidden).rows(),
            chunk.counts.drop("extra").rows(),
            chunk.states.rows(),
            chunk.surveys.drop("external_id").rows(),
            chunk.rejected,
        ]

    assert facts(straight) == facts(other)


@pytest.mark.parametrize("name", PRESETS)
def test_a_workbook_is_read_like_a_csv(name, tmp_path):
    with (DATA / f"{name}.csv").open() as file:
        rows = list(csv.reader(file))
    book = openpyxl.Workbook()
    book.active.append(["a sheet of notes"])
    book.create_sheet("Empty").append([None, None])
    sheet = book.create_sheet("Export")
    for row in rows:
        sheet.append(row)
    book.save(tmp_path / "book")
    assert formats.recognise(tmp_path / "book", "book").name == name
    chunk = chunk_of(tmp_path / "book", name, **PRESETS[name])
    straight = chunk_of(DATA / f"{name}.csv", name, **PRESETS[name])
    assert (chunk.read, chunk.rejected) == (straight.read, straight.rejected)
    assert chunk.calls["offered_at"].to_list() == straight.calls["offered_at"].to_list()


@pytest.mark.parametrize("name", PRESETS)
def test_a_reading_that_goes_on_from_the_middle_tells_the_same(name):
    pieces = chunks_of(DATA / f"{name}.csv", name, chunk_lines=3, **PRESETS[name])
    assert len(pieces) > 1 or name == "interval_counts"
    later = chunks_of(
        DATA / f"{name}.csv", name, chunk_lines=3, start=pieces[0].position, **PRESETS[name]
    )
    assert [told(one) for one in pieces[1:]] == [told(one) for one in later]


@pytest.mark.parametrize("name", PRESETS)
def test_a_file_without_the_header_is_refused_naming_it(name, tmp_path):
    with pytest.raises(FileRefused, match="no header with the columns"):
        chunk_of_text(tmp_path, name, "a,b\n1,2\n", **PRESETS[name])
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.save(tmp_path / "book")
    with pytest.raises(FileRefused, match="no header with the columns"):
        chunk_of(tmp_path / "book", name, **PRESETS[name])


@pytest.mark.parametrize("name", [one for one, said in PRESETS.items() if "zone" in said])
def test_naive_times_without_a_zone_are_refused(name):
    with pytest.raises(FileRefused, match="zone"):
        chunk_of(DATA / f"{name}.csv", name, **(PRESETS[name] | {"zone": ""}))


@pytest.mark.parametrize("name", PRESETS)
@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_shuffled_doubled_cut_and_foreign_lines_balance(name, data, tmp_path):
    header, *lines = (DATA / f"{name}.csv").read_text().splitlines()
    picked = data.draw(st.lists(st.sampled_from(lines), max_size=12))
    cut = [line[: data.draw(st.integers(0, len(line)))] for line in picked[:3]]
    foreign = data.draw(st.lists(st.text(max_size=40), max_size=3))
    text = "\n".join([header, *picked, *cut, *foreign])
    log = tmp_path / "log"
    log.write_text(text, encoding="utf-8", errors="replace")
    with contextlib.suppress(FileRefused):
        chunks_of(log, name, **PRESETS[name])  # checks the books


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["03/11/2025", "13/11/2025"], date(2025, 11, 3)),
        (["11/03/2025", "11/13/2025"], date(2025, 11, 3)),
        (["2025-11-03", "2025-11-13"], date(2025, 11, 3)),
    ],
)
def test_the_order_of_dates_is_told_by_all_of_them(dates, expected, tmp_path):
    text = "End Date,Phone,Status\n" + "".join(f"{one},1,Success\n" for one in dates)
    chunk = chunk_of_text(tmp_path, "elastix_report", text, "UTC", queue="Help")
    assert chunk.calls["offered_at"][0].date() == expected


def test_dates_that_no_cell_tells_are_asked_for(tmp_path):
    text = "End Date,Phone,Status\n03/11/2025,1,Success\n"
    with pytest.raises(FileRefused, match=r"03/11/2025 .*End Date.* dmy or mdy"):
        chunk_of_text(tmp_path, "elastix_report", text, "UTC", queue="Help")
    said = chunk_of_text(tmp_path, "elastix_report", text, "UTC", queue="Help", date_order="mdy")
    assert said.calls["offered_at"][0].date() == date(2025, 3, 11)


def test_dates_of_both_orders_are_refused(tmp_path):
    text = "End Date,Phone,Status\n13/11/2025,1,Success\n11/13/2025,1,Success\n"
    with pytest.raises(FileRefused, match=r"13/11/2025, 11/13/2025"):
        chunk_of_text(tmp_path, "elastix_report", text, "UTC", queue="Help")


# Five9


def test_five9_tells_queue_direction_durations_and_the_visits_of_a_session():
    chunk = chunk_of(DATA / "five9_call_log.csv", "five9_call_log", "America/New_York")
    calls = chunk.calls
    assert calls["offered_at"][0] == at("2025-12-03 14:00:00")
    assert calls["queue"].to_list() == ["Billing", "Billing", None, "Support"]
    assert calls["direction"].to_list() == ["inbound", "inbound", "outbound", "inbound"]
    assert calls["outcome"].to_list() == ["answered", "abandoned", "answered", "answered"]
    assert calls["linked_id"].to_list() == ["s1", "s2", "s3", "s1"]
    assert seconds(chunk, "ivr_ms") == [10, 10, 0, 0]
    assert seconds(chunk, "wait_ms") == [20, 40, 0, 5]
    assert seconds(chunk, "talk_ms") == [180, None, 60, 120]
    assert seconds(chunk, "acw_ms") == [30, None, 0, 15]
    assert calls["disposition"].to_list() == ["Paid", "Abandon", "Sold", "Solved"]
    assert json.loads(calls["extra"][0])["CAMPAIGN"] == "Main"


def test_a_five9_report_without_skills_is_on_its_campaign(tmp_path):
    text = (
        "CALL ID,TIMESTAMP,CAMPAIGN,CALL TYPE,AGENT,DISPOSITION,ANI,DNIS\n"
        "1,2025-12-03 10:00,Main,Inbound,ann@example.test,Paid,2025550101,2025550199\n"
    )
    chunk = chunk_of_text(tmp_path, "five9_call_log", text, "UTC")
    call = chunk.calls.row(0, named=True)
    assert (call["queue"], call["time_precision"], call["wait_ms"]) == ("Main", "minute", None)


def test_the_real_five9_sample(sample_data):
    truths = truths_of(sample_data, "five9_call_log", "call_log_sample.csv")
    log = sample_data / "calllogs/five9_call_log/call_log_sample.csv"
    assert formats.recognise(log, "x").name == "five9_call_log"
    chunk = chunk_of(log, "five9_call_log", "UTC", now=LATER)
    assert (chunk.read, chunk.calls.height) == (truths["rows"], truths["rows"])
    assert len(log.read_text().splitlines()[0].split(",")) == truths["columns"]
    call = chunk.calls.row(0, named=True)
    durations = ("ivr_ms", "wait_ms", "ring_ms", "talk_ms", "hold_ms", "acw_ms")
    assert {call[one] for one in durations} == {None}
    assert (call["disposition"], call["agent"]) == ("Consult Set", "agent1@example.test")


# Dialpad


def test_dialpad_rows_have_a_zone_each_and_stamps_become_durations():
    chunk = chunk_of(DATA / "dialpad_stats.csv", "dialpad_stats")
    calls = chunk.calls
    # Queued at 09:00:10 in Berlin and at 09:01:05 in Kolkata.
    assert calls["offered_at"].to_list() == [at("2025-12-03 08:00:10"), at("2025-12-03 03:31:05")]
    assert seconds(chunk, "wait_ms") == [14, 30]
    assert seconds(chunk, "ring_ms") == [4, 25]
    assert seconds(chunk, "talk_ms") == [180, None]
    assert calls["outcome"].to_list() == ["answered", "abandoned"]
    assert calls["disposition"].to_list() == ["Billing / Refund", None]
    assert calls["caller"].to_list() == ["2025550101", None]
    assert json.loads(calls["extra"][0])["note"] == "called before"


def test_a_dialpad_row_without_an_id_or_with_a_strange_zone_says_so():
    chunk = chunk_of(DATA / "dialpad_stats.csv", "dialpad_stats")
    assert chunk.rejected == 2
    assert words_of(chunk.issues) == [
        (4, "call_id", "", "missing", "rejected"),
        (5, "timezone", "Mars/Olympus", "zone", "rejected"),
    ]


def test_the_real_dialpad_sample(sample_data):
    name = "dispositions_2026-07-15.csv"
    truths = truths_of(sample_data, "dialpad_stats_export", name)
    log = sample_data / "calllogs/dialpad_stats_export" / name
    assert formats.recognise(log, "x").name == "dialpad_stats"
    chunk = chunk_of(log, "dialpad_stats", now=LATER)
    assert (chunk.read, chunk.calls.height) == (truths["rows"], truths["accepted"])
    assert chunk.rejected == truths["rejected"]
    [issue] = chunk.issues
    assert truths["reject_reason"] == f"no {issue.column}"
    assert set(seconds(chunk, "ring_ms")) == {truths["ring_seconds"]}
    assert set(seconds(chunk, "talk_ms")) == {truths["talk_seconds"]}
    connected = datetime.fromisoformat(truths["connected_at_utc"])
    assert set(chunk.calls["answered_at"]) == {connected}
    found = chunk.calls["disposition"].fill_null("(none)").value_counts()
    assert dict(found.iter_rows()) == truths["dispositions"]


# Elastix


def test_elastix_rows_alike_are_calls_of_their_own_known_to_the_day():
    chunk = chunk_of(DATA / "elastix_report.csv", "elastix_report", "UTC", queue="Help")
    calls = chunk.calls
    assert calls.height == 6
    assert calls["external_id"].n_unique() == 6
    assert set(calls["time_precision"]) == {"day"}
    assert calls["outcome"].value_counts().sort("outcome").rows() == [
        ("abandoned", 2), ("answered", 4),
    ]  # fmt: skip
    assert set(calls["queue"]) == {"Help"}
    assert words_of(chunk.issues) == [(8, "Status", "Perhaps", "choice", "rejected")]


def test_elastix_calls_without_a_queue_are_asked_for_one():
    with pytest.raises(FileRefused, match="name no queue"):
        chunk_of(DATA / "elastix_report.csv", "elastix_report", "UTC")


def test_a_list_with_more_columns_is_not_taken_for_elastix_unasked(tmp_path):
    text = "End Date,Phone,Status,Wait\n2025-11-03,1,Success,5\n"
    assert not FORMATS["elastix_report"].recognises(text.encode(), "x")
    asked = chunk_of_text(tmp_path, "elastix_report", text, "UTC", queue="Help")
    assert json.loads(asked.calls["extra"][0]) == {"Wait": "5"}


def test_the_real_elastix_report(sample_data):
    name = "call_center_2014-01-01_to_20.csv"
    truths = truths_of(sample_data, "elastix_report", name)
    log = sample_data / "calllogs/elastix_report" / name
    assert formats.recognise(log, "x").name == "elastix_report"
    chunk = chunk_of(log, "elastix_report", "Asia/Jerusalem", queue="Help")
    calls = chunk.calls
    assert (chunk.read, calls.height) == (truths["rows"], truths["rows"])
    assert calls["external_id"].n_unique() == truths["rows"]
    # A row told again carries the number of its turn behind its name.
    assert calls["external_id"].str.contains("-").sum() == truths["duplicate_rows"]
    lost = calls.filter(pl.col("outcome") == "abandoned").height
    assert lost == truths["status"]["Abandoned"]
    assert calls.height - lost == truths["status"]["Success"]
    assert lost / calls.height == pytest.approx(truths["abandon_rate"], abs=5e-6)
    local = calls["offered_at"].dt.convert_time_zone("Asia/Jerusalem")
    assert local.dt.date().n_unique() == truths["days"]
    assert (local.dt.hour() == 0).all()
    earlier = (local.dt.date().diff() < timedelta(0)).sum()
    assert earlier == truths["order_violations"]


# Totals of days


def test_means_become_sums_weighted_by_the_answered():
    chunk = chunk_of(DATA / "interval_counts.csv", "interval_counts", "Europe/Berlin")
    counts = chunk.counts
    assert chunk.calls.is_empty()
    assert counts["offered"].to_list() == [10, 4]
    assert counts["answered"].to_list() == [8, 2]
    assert counts["abandoned"].to_list() == [2, 2]
    assert counts["wait_ms"].to_list() == [80_000, 80_000]
    assert counts["talk_ms"].to_list() == [960_000, 120_000]
    # 70 % of 10; 0.9 % of 4 is no call at all.
    assert counts["answered_within"].to_list() == [7, 0]
    assert set(counts["threshold_seconds"]) == {20}
    assert counts["agent"].to_list() == ["Ann", "Ben"]
    assert counts["starts_at"][0] == at("2025-11-30 23:00:00")
    assert counts["ends_at"][0] == at("2025-12-01 23:00:00")
    assert json.loads(counts["extra"][0])["Waiting Time (AVG)"] == "0:00:40"


def test_totals_without_a_date_are_refused_in_words(tmp_path):
    lines = (DATA / "interval_counts.csv").read_text().splitlines()
    text = "\n".join(line.partition(",")[2] for line in lines)
    assert FORMATS["interval_counts"].recognises(text.encode(), "x")
    with pytest.raises(FileRefused, match="need a date"):
        chunk_of_text(tmp_path, "interval_counts", text, "UTC")


def test_totals_of_a_time_of_day_are_not_taken_for_days(tmp_path):
    text = "fecha,llamadas,tmo\n2025-12-01 09:30,10,5.06\n"
    with pytest.raises(FileRefused, match="how long"):
        chunk_of_text(tmp_path, "interval_counts", text, "UTC")


@pytest.mark.parametrize("name", ["call_center_data_index.csv", "call_center_data_sales_rep.csv"])
def test_the_real_totals_without_dates(sample_data, tmp_path, name):
    """Refused as they are; with dates put beside them every total holds."""
    truths = truths_of(sample_data, "interval_aggregates", name)
    log = sample_data / "calllogs/interval_aggregates" / name
    assert formats.recognise(log, "x").name == "interval_counts"
    with pytest.raises(FileRefused, match="need a date"):
        chunk_of(log, "interval_counts", "UTC")
    header, *lines = log.read_text().splitlines()
    days = (date(2020, 1, 1) + timedelta(days=number) for number in range(len(lines)))
    dated = [f"Date,{header}", *(f"{day},{line}" for day, line in zip(days, lines, strict=True))]
    counts = chunk_of_text(tmp_path, "interval_counts", "\n".join(dated), "UTC").counts
    offered, answered = counts["offered"].sum(), counts["answered"].sum()
    assert (counts.height, offered, answered) == (
        truths["rows"], truths["offered"], truths["answered"],
    )  # fmt: skip
    assert counts["abandoned"].sum() == truths["abandoned"]
    wrong = counts.filter(pl.col("offered") != pl.col("answered") + pl.col("abandoned"))
    assert wrong.height == truths["rows_where_offered_ne_answered_plus_abandoned"]
    assert counts["abandoned"].sum() / offered == pytest.approx(truths["abandon_rate"], abs=5e-7)
    asa = counts["wait_ms"].sum() / answered / 1000
    assert asa == pytest.approx(truths["asa_seconds_weighted_by_answered"], abs=5e-5)
    talk = counts["talk_ms"].sum() / answered / 1000
    assert talk == pytest.approx(truths["talk_seconds_weighted_by_answered"], abs=5e-5)
    within = counts["answered_within"].sum() / offered
    # A row's level becomes a whole number of its calls, so it may be half a call off.
    assert within == pytest.approx(truths["service_level_weighted_by_offered"], abs=5e-4)
    if by_rep := truths.get("offered_by_rep"):
        found = counts.group_by("agent").agg(pl.col("offered").sum())
        assert dict(found.iter_rows()) == by_rep


def test_the_real_totals_in_spanish(sample_data):
    name = "prediccion_llamadas_es.csv"
    truths = truths_of(sample_data, "interval_aggregates", name)
    log = sample_data / "calllogs/interval_aggregates" / name
    assert formats.recognise(log, "x").name == "interval_counts"
    counts = chunk_of(log, "interval_counts", "Europe/Madrid").counts
    assert (counts.height, counts["offered"].sum()) == (truths["rows"], truths["calls"])
    aht = counts["handle_ms"].sum() / counts["offered"].sum() / 1000
    assert aht == pytest.approx(truths["aht_seconds_weighted"], abs=5e-4)
    days = counts["starts_at"].dt.convert_time_zone("Europe/Madrid").dt.date()
    assert (str(days.min()), str(days.max())) == (truths["first"], truths["last"])
    # Within how many seconds the service level was meant the file does not say.
    assert counts["answered_within"].null_count() == counts.height
    assert json.loads(counts["extra"][0])["nivel_servicio"] == "84.89"


# Surveys


def test_answers_of_every_kind_and_scale_stand_a_row_each():
    chunk = chunk_of(DATA / "survey_answers.csv", "survey_answers", "UTC")
    answers = chunk.surveys.select("kind", "score", "scale_min", "scale_max", "call_ref").rows()
    assert answers == [
        ("csat", 4.0, 1, 5, "c1"),
        ("nps", 9.0, 0, 10, "c1"),
        ("fcr", 1.0, 0, 1, "c1"),
        ("ces", 6.0, 1, 7, "c2"),
        ("csat", 80.0, 0, 100, "c2"),
    ]
    assert chunk.surveys["answered_at"][0] == at("2025-12-03 10:00:00")
    assert chunk.surveys["comment"].to_list() == ["kind and quick", *[None] * 4]
    assert (chunk.read, chunk.ignored, chunk.rejected) == (10, 1, 4)
    rejected = [one[:4] for one in words_of(chunk.issues) if one[4] == "rejected"]
    assert rejected == [
        (8, "score", "6", "range"),
        (9, "score", "4", "scale"),
        (10, "kind", "mood", "choice"),
        (11, "score", "yes", "number"),
    ]


def test_an_answer_of_a_date_alone_is_of_that_day(tmp_path):
    text = "date,kind,score,scale\n2025-12-03,nps,10,\n2025-12-03T10:30:00Z,nps,0,0-10\n"
    chunk = chunk_of_text(tmp_path, "survey_answers", text, "Europe/Berlin")
    assert chunk.surveys["answered_at"].to_list() == [
        at("2025-12-02 23:00:00"), at("2025-12-03 10:30:00"),
    ]  # fmt: skip


def test_equal_answers_without_an_id_are_so_many_answers(tmp_path):
    text = "date,kind,score,scale\n" + "2025-12-03,csat,5,1-5\n" * 3
    assert chunk_of_text(tmp_path, "survey_answers", text, "UTC").surveys.height == 3


def test_the_real_call_log_with_answers(sample_data):
    name = "call_logs_fcr_csat.csv"
    truths = truths_of(sample_data, "survey_csat", name)
    mapping = Profile(
        Dialect(),
        Rows.CALLS,
        (
            Column("CallID", "external_id"),
            Column("Date", "moment", spelling="ymd"),
            Column("Agent", "agent"),
            Column("CallType", "topic"),
            Column("Duration", "duration", unit="s"),
            Column("FCR", "fcr"),
            Column("CSAT", "csat", scale=(1, 5)),
        ),
        queue="Help",
        answered_by=ALL,
    )
    calls, answers = _mapped(mapping, sample_data / "calllogs/survey_csat" / name)
    assert (calls.height, calls["external_id"].n_unique()) == (truths["rows"], truths["rows"])
    csat = answers.filter(pl.col("kind") == "csat")
    assert csat["score"].mean() == pytest.approx(truths["csat_mean"], abs=5e-5)
    good = (csat["score"] >= 4).mean()
    assert good == pytest.approx(truths["csat_4_5_share"], abs=5e-7)
    fcr = answers.filter(pl.col("kind") == "fcr")["score"].mean()
    assert fcr == pytest.approx(truths["fcr_rate"], abs=5e-7)
    lasted = (calls["ended_at"] - calls["offered_at"]).dt.total_milliseconds().mean() / 1000
    assert lasted == pytest.approx(truths["avg_duration"], abs=5e-5)
    by_agent = csat.with_columns(who=calls["agent"].gather(csat["call"]))
    means = dict(by_agent.group_by("who").agg(pl.col("score").mean()).iter_rows())
    assert means == pytest.approx(truths["csat_by_agent"], abs=5e-5)


def test_the_real_workbook_of_ratings(sample_data):
    name = "call_report_ratings.xlsx"
    truths = truths_of(sample_data, "survey_csat", name)
    mapping = Profile(
        Dialect(SHEET, sheet=truths["sheet"], header=truths["header_row"]),
        Rows.CALLS,
        (
            Column("Call number", "external_id"),
            Column("Duration", "duration", unit="s"),
            Column("Representative", "agent"),
            Column("Date of Call", "moment", spelling="ymd"),
            Column("Purchase Amount", "sale_value"),
            Column("Satisfaction Rating", "csat", scale=(0, 5)),
        ),
        queue="Help",
        answered_by=ALL,
    )
    calls, answers = _mapped(mapping, sample_data / "calllogs/survey_csat" / name)
    assert calls.height == truths["rows"]
    assert answers["score"].mean() == pytest.approx(truths["rating_mean"], abs=5e-5)
    assert answers.filter(pl.col("score") % 1 != 0).height == truths["fractional_ratings"]
    lasted = (calls["ended_at"] - calls["offered_at"]).dt.total_seconds().sum()
    assert lasted == truths["total_duration"]
    assert dict(calls["agent"].value_counts().iter_rows()) == truths["by_rep"]
    first, last = calls["offered_at"].min(), calls["offered_at"].max()
    assert (f"{first:%F %T}", f"{last:%F %T}") == (truths["first"], truths["last"])


def _mapped(mapping, path):
    reading = Reading(zone=UTC, now=NOW)
    chunks = list(Mapped(mapping, "surveys").read(path, reading))
    for chunk in chunks:
        assert_holds(chunk)
    [chunk] = chunks
    return chunk.calls, chunk.surveys


# Agents' states


def test_spells_are_read_with_their_ends_or_open():
    chunk = chunk_of(DATA / "agent_states.csv", "agent_states", "Europe/Berlin")
    spells = chunk.states.select("agent", "state", "reason", "starts_at", "ends_at").rows()
    assert spells == [
        ("Ann", "logged_in", None, at("2025-12-03 07:00:00"), at("2025-12-03 15:00:00")),
        ("Ann", "paused", "Lunch", at("2025-12-03 11:00:00"), at("2025-12-03 11:30:00")),
        ("Ben", "available", None, at("2025-12-03 07:05:00"), None),
    ]
    assert (chunk.ignored, chunk.rejected) == (1, 2)


@pytest.mark.parametrize(
    ("label", "cell"), [("duration", "0:30:00"), ("Duration (seconds)", "1800")]
)
def test_a_spell_may_say_how_long_it_was(label, cell, tmp_path):
    text = f"start,agent,state,{label}\n2025-12-03 12:00:00,Ann,paused,{cell}\n"
    chunk = chunk_of_text(tmp_path, "agent_states", text, "UTC")
    assert chunk.states["ends_at"].to_list() == [at("2025-12-03 12:30:00")]


# In the record


def imported(path, *words):
    out = io.StringIO()
    call_command("import_log", str(path), "--json", *words, stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


@pytest.mark.django_db
@pytest.mark.usefixtures("no_worker")
def test_the_real_elastix_report_twice_is_its_calls_once(sample_data):
    name = "call_center_2014-01-01_to_20.csv"
    truths = truths_of(sample_data, "elastix_report", name)
    log = sample_data / "calllogs/elastix_report" / name
    words = ("--site", "Holon", "--tz", "Asia/Jerusalem", "--queue", "Help")
    assert imported(log, *words)["stored"] == truths["rows"]
    again = imported(log, *words)
    assert (again["stored"], again["updated"], again["duplicate"]) == (0, 0, truths["rows"])
    assert Call.objects.count() == truths["rows"]
    rollups.rebuild()
    days = ("--from", "2014-01-01", "--to", "2014-01-20")
    out = io.StringIO()
    call_command("report", *days, "--by", "interval", "--kpi", "offered", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["rows"], told["day_only"]) == ([], truths["rows"])
    out = io.StringIO()
    asked = ("--kpi", "offered", "--kpi", "answered", "--kpi", "abandon_rate:A2")
    call_command("report", *days, *asked, "--json", stdout=out)
    [row] = json.loads(out.getvalue())["rows"]
    found = {name: one["value"] for name, one in row["kpis"].items()}
    assert found["offered"] == truths["rows"]
    assert found["answered"] == truths["status"]["Success"]
    assert found["abandon_rate:A2"] == pytest.approx(truths["abandon_rate"], abs=5e-6)


@pytest.mark.django_db
@pytest.mark.usefixtures("no_worker")
@pytest.mark.parametrize("name", PRESETS)
def test_what_a_format_tells_is_stored_once_and_its_books_balance(name):
    words = ("--site", "Here", "--tz", "Europe/Berlin", "--queue", "Help")
    with contextlib.suppress(CommandError):  # some rows are rejected
        imported(DATA / f"{name}.csv", *words)
    with contextlib.suppress(CommandError):
        imported(DATA / f"{name}.csv", *words)
    first, again = ImportBatch.objects.order_by("pk")
    assert first.stored > 0
    assert (again.stored, again.updated, again.duplicate) == (0, 0, first.stored)


@pytest.mark.django_db
@pytest.mark.usefixtures("no_worker")
def test_totals_are_kept_apart_from_calls():
    imported(DATA / "interval_counts.csv", "--site", "Here", "--tz", "Europe/Berlin")
    totals = IntervalCount.objects.order_by("starts_at")
    assert [(one.offered, one.answered, one.wait_ms) for one in totals] == [
        (10, 8, 80_000), (4, 2, 80_000),
    ]  # fmt: skip
    assert not Call.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("no_worker")
def test_columns_that_no_format_knows_are_kept_beside_answers_and_spells(tmp_path):
    with contextlib.suppress(CommandError):
        imported(DATA / "survey_answers.csv", "--site", "Here", "--tz", "UTC")
    assert {str(one.extra) for one in SurveyResponse.objects.all()} == {"{'channel': 'sms'}"}
    header, spell = "agent,state,start,end", "Ann,paused,2025-12-03 12:00:00"
    for number, (more, end, place) in enumerate(
        [("", "", ""), ("", ",2025-12-03 12:30:00", ""), (",room", ",2025-12-03 12:30:00", ",2")]
    ):
        log = tmp_path / f"{number}.csv"
        log.write_text(f"{header}{more}\n{spell}{end or ','}{place}\n")
        imported(log, "--site", "Here")
        kept = AgentState.objects.get()
        if number < 2:
            assert AgentState.objects.filter(extra__isnull=True).exists()
    assert (f"{kept.ends_at:%H:%M}", kept.extra) == ("12:30", {"room": "2"})
