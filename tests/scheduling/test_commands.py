"""The commands over files: what they print, and how they refuse, naming the file."""

import csv
import io
import json
from datetime import date, timedelta
from time import perf_counter

import pytest
from django.core.management import CommandError, call_command

from scheduling.erlang.cases import COLUMNS

MONDAY = date(2026, 1, 5)


def a_series(folder, days=35, calls=10):
    """A row at nine on each workday."""
    every = [MONDAY + timedelta(days=number) for number in range(days)]
    rows = [f"{day}T09:00,{calls}" for day in every if day.weekday() < 5]
    path = folder / "calls.csv"
    path.write_text("\n".join(["interval_start,calls", *rows]) + "\n")
    return path


def evaluated(path, *more):
    printed = io.StringIO()
    call_command(
        "forecast", "evaluate", str(path), "--origins-from", "2026-02-02", *more, stdout=printed
    )
    return printed.getvalue()


def test_a_horizon_without_an_origin_is_null_and_the_others_are_as_they_are(tmp_path):
    """Of five weeks of workdays the last is forecast: five dates."""
    path = a_series(tmp_path)
    found = json.loads(evaluated(path, "--horizons", "1,5,20", "--json"))["horizons"]
    assert [found[one]["origins"] for one in ("1", "5", "20")] == [5, 1, 0]
    assert found["1"]["naive_wape"] == 0
    names = ("wape", "naive_wape", "ratio", "bias", "coverage80", "coverage95")
    assert [found["20"][one] for one in names] == [None] * 6
    last = evaluated(path, "--horizons", "1,5,20").splitlines()
    assert last[1].endswith("of 1 origin")
    assert last[2].startswith("next 20: wape –, naive_wape –,")
    assert last[2].endswith("of 0 origins")


def test_it_says_how_long_a_refit_takes_of_whichever_country_in_either_case(tmp_path):
    """Five refits, which take some time and not as much as all of them here."""
    path = a_series(tmp_path)
    began = perf_counter()
    told = json.loads(evaluated(path, "--horizons", "1", "--country", "us", "--json"))
    assert 0 < told["seconds_per_refit"] < perf_counter() - began
    assert [*told] == ["horizons", "seconds_per_refit"]
    # Of a country of which nothing is known it refuses, and names it.
    with pytest.raises(CommandError, match="'XX'"):
        evaluated(path, "--horizons", "1", "--country", "xx", "--json")


@pytest.mark.parametrize("part", ["evaluate", "rest"])
def test_of_a_file_of_few_dates_nothing_is_told_or_it_is_said(tmp_path, part):
    """A week is the least that the default method tells of."""
    path = a_series(tmp_path, days=7)
    said = ["forecast", part, str(path), "--origins-from", "2026-01-08", "--json"]
    printed = io.StringIO()
    if part == "rest":
        with pytest.raises(CommandError, match="fewer than 8 dates"):
            call_command(*said, stdout=printed)
        return
    call_command(*said, "--horizons", "1", stdout=printed)
    found = json.loads(printed.getvalue())["horizons"]["1"]
    assert (found["origins"], found["wape"]) == (0, None)


def test_of_a_file_without_a_call_no_rest_is_told(tmp_path):
    with pytest.raises(CommandError, match="No date of the file has a call"):
        call_command(
            "forecast", "rest", str(a_series(tmp_path, calls=0)), "--origins-from", "2026-02-02"
        )


def a_case(folder, **fields):
    row = {"case_id": "A", "model": "erlang_c", "interval_s": 1800, "target_s": 20} | fields
    path = folder / "cases.csv"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerow(row)
    return path


def solved(path):
    printed = io.StringIO()
    call_command("staffing", "solve", str(path), stdout=printed)
    return next(csv.DictReader(io.StringIO(printed.getvalue())))


@pytest.mark.parametrize("model", ["erlang_c", "erlang_a"])
@pytest.mark.parametrize("aht", [180, 0, ""])
@pytest.mark.parametrize("given", [0, 3, ""])
def test_zero_calls_are_an_answer_nobody_waits_and_nobody_is_busy(tmp_path, model, aht, given):
    asked = {"target_sl": 0.8, "shrinkage": 0.3} if given == "" else {}
    row = a_case(
        tmp_path, model=model, calls=0, aht_s=aht, patience_s=120, agents_given=given, **asked
    )
    found = solved(row)
    names = ("p_wait", "service_level", "asa_s", "occupancy")
    assert [float(found[name]) for name in names] == [0, 1, 0, 0]
    assert found["p_abandon"] == ("0.0" if model == "erlang_a" else "")
    people = (found["required_agents"], found["scheduled_agents"])
    assert people == (("0", "0") if given == "" else ("", ""))


def test_understaffed_is_an_answer(tmp_path):
    found = solved(a_case(tmp_path, calls=100, aht_s=180, agents_given=10))
    # Ten erlangs at ten positions.
    names = ("p_wait", "service_level", "asa_s", "occupancy")
    assert [found[name] for name in names] == ["1.0", "0.0", "inf", "1.0"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"calls": "x", "aht_s": 180}, "Line 2: calls is 'x'"),
        ({"calls": -1, "aht_s": 180}, "Line 2: calls is '-1'"),
        ({"calls": 100, "aht_s": 0}, "Line 2: aht_s is 0, and must be more."),
        ({"calls": 100, "aht_s": 180, "interval_s": 0}, "Line 2: interval_s is 0, and must be"),
        ({"calls": 1e9, "aht_s": 1e6}, "erlangs are more than 1000000"),
        ({"calls": 100, "aht_s": 180, "model": "erlang_a", "patience_s": 1e300}, "patience_s is"),
        ({"calls": 100, "aht_s": 180, "target_sl": 0.8, "shrinkage": 1}, "shrinkage is a share"),
        ({"calls": 100, "aht_s": 180, "target_sl": 2}, "no number of positions meets"),
    ],
)
def test_a_case_that_is_none_is_refused_by_its_line(tmp_path, fields, said):
    path = a_case(tmp_path, **fields)
    with pytest.raises(CommandError) as refusal:
        solved(path)
    assert str(refusal.value).startswith(f"{path}: ")
    assert said in str(refusal.value)
    assert refusal.value.returncode == 2


def test_a_shrinkage_of_millions_of_places_is_one_of_none(tmp_path):
    fields = {"calls": 100, "aht_s": 180, "target_sl": 0.8}
    found = solved(a_case(tmp_path, **fields, shrinkage="1e-999999999"))
    assert (found["required_agents"], found["scheduled_agents"]) == ("14", "14")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The first line does not name case_id"),
        (b"\xff\xfe", "this is no text in UTF-8."),
        (b"\0\0", "The first line does not name case_id"),
        (b"a,a\n1,2\n", "The first line names a twice."),
        (",".join(COLUMNS).encode() + b"\nA,erlang_c,5\n", "Line 2: it has not as many values"),
        (b"a" * 200_000, "Line 1 is too long"),
    ],
)
def test_a_file_that_is_no_table_of_cases_is_refused(tmp_path, content, said):
    path = tmp_path / "cases.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError) as refusal:
        solved(path)
    assert said in str(refusal.value)
    assert str(refusal.value).startswith(f"{path}: ")
    assert refusal.value.returncode == 2


COMMANDS = [
    ("forecast", "evaluate", "--origins-from", "2026-02-02"),
    ("staffing", "solve"),
    ("staffing", "simulate"),
]


def refused(words, path):
    command, part, *more = words
    with pytest.raises(CommandError) as refusal:
        call_command(command, part, str(path), *more)
    assert refusal.value.returncode == 2
    return str(refusal.value)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[1])
def test_a_file_that_cannot_be_read_is_named_in_one_sentence(tmp_path, words, monkeypatch):
    gone = tmp_path / "none.csv"
    assert refused(words, gone) == f"There is no file {gone}."
    assert refused(words, tmp_path) == f"{tmp_path} is a folder, not a file."
    kept = tmp_path / "kept.csv"
    kept.write_text("x")

    def denied(*args, **kwargs):
        raise PermissionError(13, "Permission denied", str(kept))

    monkeypatch.setattr("pathlib.Path.open", denied)
    monkeypatch.setattr("builtins.open", denied)
    assert refused(words, kept) == f"{kept} may not be read by who runs this."


def test_a_file_that_is_gzipped_by_its_name_alone_is_named(tmp_path):
    path = tmp_path / "calls.csv.gz"
    path.write_text("interval_start,calls\n")
    said = f"{path} is not gzipped, though its name says so, or it is damaged."
    assert refused(COMMANDS[0], path) == said


def a_series_of_hours(folder):
    """Forty days of three hours from nine on; every other day has twice the calls of the others."""
    path = folder / "hours.csv"
    rows = [
        f"{MONDAY + timedelta(days=day)}T{hour:02}:00,{100 * (1 + day % 2)}"
        for day in range(40)
        for hour in (9, 10, 11)
    ]
    path.write_text("\n".join(["interval_start,calls", *rows]) + "\n")
    return path


def the_rest(path, *more):
    printed = io.StringIO()
    call_command(
        "forecast", "rest", str(path), "--interval", "60", "--origins-from", "2026-02-02", *more,
        stdout=printed,
    )  # fmt: skip
    return printed.getvalue()


def test_the_rest_of_a_files_days_is_told_from_when_they_open(tmp_path):
    """What came by ten says all of the day: the trade's ratio is right."""
    path = a_series_of_hours(tmp_path)
    for opens in ((), ("--opens", "09:00")):
        found = json.loads(the_rest(path, "--after", "1,2", *opens, "--json"))["after"]
        assert [found[one]["days"] for one in ("1", "2")] == [12, 12]
        assert found["1"]["together"]["trade_ratio"] < 0.1
    assert the_rest(path, "--after", "1").startswith("after 1 h: by interval ")


@pytest.mark.parametrize(
    ("more", "words"),
    [(["--after", "15"], "Nothing is left of a day 15 hours after it began."),
     (["--origins-from", "2027-01-01"], "The file has no date before and from 2027-01-01 on.")],
)  # fmt: skip
def test_of_days_of_which_nothing_is_left_it_is_said(tmp_path, more, words):
    with pytest.raises(CommandError, match=words):
        the_rest(a_series_of_hours(tmp_path), *more)


def test_all_cases_of_the_real_file_are_solved_as_their_sources_say(sample_data):
    """Counts exactly, metrics within the tolerance of their row; empty is what it does not tell."""
    path = sample_data / "wfm" / "erlang_cases.csv"
    printed = io.StringIO()
    call_command("staffing", "solve", str(path), stdout=printed)
    ours = list(csv.DictReader(io.StringIO(printed.getvalue())))
    with path.open(newline="") as stream:
        theirs = list(csv.DictReader(stream))
    assert len(ours) == len(theirs) == 30
    for our, their in zip(ours, theirs, strict=True):
        for name in ("required_agents", "scheduled_agents"):
            if their[name]:
                assert our[name] == their[name], (their["case_id"], name)
        rel = float(their["tolerance"].split()[0])
        for name in ("p_wait", "service_level", "asa_s", "occupancy", "p_abandon", "p_block"):
            if their[name]:
                want = pytest.approx(float(their[name]), rel=rel, abs=1e-12)
                assert float(our[name]) == want, (their["case_id"], name)
