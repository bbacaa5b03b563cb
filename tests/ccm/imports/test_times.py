"""Dates, clocks and durations as systems spell them, and what their columns leave open."""

from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm.imports.cells import times
from tests.examples import examples


def column(*cells):
    return pl.Series(cells, dtype=pl.String)


def read(cell, spelling):
    return times.moments(column(cell), spelling).row(0, named=True)


@pytest.mark.parametrize(
    ("cell", "spelling", "wall"),
    [
        ("2021-01-14", "ymd", datetime(2021, 1, 14)),
        ("2021/1/14 9:05", "ymd", datetime(2021, 1, 14, 9, 5)),
        ("2021.01.14 09:05:06", "ymd", datetime(2021, 1, 14, 9, 5, 6)),
        ("2021-01-14T09:05:06.25", "ymd", datetime(2021, 1, 14, 9, 5, 6, 250_000)),
        ("14/01/2021", "dmy", datetime(2021, 1, 14)),
        ("14.1.2021, 9:05 Uhr", "dmy", datetime(2021, 1, 14, 9, 5)),
        ("14-01-2021 - 09:05", "dmy", datetime(2021, 1, 14, 9, 5)),
        ("1/14/2021 9:05:06 PM", "mdy", datetime(2021, 1, 14, 21, 5, 6)),
        ("1/14/2021, 12:05 am", "mdy", datetime(2021, 1, 14, 0, 5)),
        # Browsers put a narrow no-break space before AM.
        ("1/14/2021, 12:05:00\u202fPM", "mdy", datetime(2021, 1, 14, 12, 5)),
        ("14/01/2021 9:05 a. m.", "dmy", datetime(2021, 1, 14, 9, 5)),
        ("14 janvier 2021 à 9h05", "dmy", None),
        ("14 janvier 2021 9h05", "dmy", datetime(2021, 1, 14, 9, 5)),
        ("3 août 2021", "dmy", datetime(2021, 8, 3)),
        ("3. März 2021", "dmy", datetime(2021, 3, 3)),
        ("14 de enero de 2021", "dmy", datetime(2021, 1, 14)),
        ("14 dicembre 2021", "dmy", datetime(2021, 12, 14)),
        ("14-mrt-2021", "dmy", datetime(2021, 3, 14)),
        ("14 fevereiro 2021", "dmy", datetime(2021, 2, 14)),
        ("Thu, 14 Jan 2021 09:05:06 +0000", "dmy", datetime(2021, 1, 14, 9, 5, 6)),
        ("Jan 14, 2021 9:05 pm", "mdy", datetime(2021, 1, 14, 21, 5)),
        # A month's name is never a day, whatever order was said.
        ("Jan 3, 2021", "dmy", datetime(2021, 1, 3)),
        ("3 Jan 2021", "mdy", datetime(2021, 1, 3)),
        ("14/01/21", "dmy2", datetime(2021, 1, 14)),
        ("1/14/21 9:05 PM", "mdy2", datetime(2021, 1, 14, 21, 5)),
        ("21-01-14", "ymd2", datetime(2021, 1, 14)),
        ("20210114", "compact", datetime(2021, 1, 14)),
        ("20210114090506", "compact", datetime(2021, 1, 14, 9, 5, 6)),
        ("20210114T090506Z", "compact", datetime(2021, 1, 14, 9, 5, 6)),
        ("990201", "yymmdd19", datetime(1999, 2, 1)),
        ("210201", "yymmdd20", datetime(2021, 2, 1)),
        # 14 January 2021, 9:05:06: 18,641 days after 1970 and 44,210 after a spreadsheet's zero.
        ("1610615106", "epoch", datetime(2021, 1, 14, 9, 5, 6)),
        ("1610615106.5", "epoch", datetime(2021, 1, 14, 9, 5, 6, 500_000)),
        ("1610615106123", "epoch_ms", datetime(2021, 1, 14, 9, 5, 6, 123_000)),
        ("44210", "serial", datetime(2021, 1, 14)),
        ("44210.5", "serial", datetime(2021, 1, 14, 12)),
        ("44210,25", "serial", datetime(2021, 1, 14, 6)),
        # What is none.
        ("2021-02-29", "ymd", None),
        ("31/04/2021", "dmy", None),
        ("13/13/2021", "dmy", None),
        ("2021-01-14 24:00", "ymd", None),
        ("2021-01-14 9:60", "ymd", None),
        ("2021-01-14 13:05 pm", "ymd", None),
        ("2021-01-14 9", "ymd", None),  # nine o'clock, or the 9th of something?
        ("14/01/21", "dmy", None),
        ("99", "epoch", None),
        ("yesterday", "dmy", None),
        ("٢٠٢١-٠١-١٤", "ymd", None),
        ("2021-01-14 10:00:00.٣", "ymd", None),
    ],
)  # fmt: skip
def test_a_date_is_read_as_its_spelling_says(cell, spelling, wall):
    assert read(cell, spelling)["wall"] == wall


@pytest.mark.parametrize(
    ("cell", "hours"),
    [
        ("2021-01-14T09:00:00Z", 0),
        ("2021-01-14 09:00:00 UTC", 0),
        ("2021-01-14T09:00:00+01:00", 1),
        ("2021-01-14T09:00:00-0530", -5.5),
        ("2021-01-14 09:00:00 -03", -3),
        ("2021-01-14 09:00:00 GMT+02:00", 2),
        ("2021-01-14 09:00:00", None),
    ],
)
def test_a_cell_says_itself_how_far_it_is_ahead_of_utc(cell, hours):
    told = read(cell, "ymd")
    assert told["wall"] == datetime(2021, 1, 14, 9)
    assert told["offset_s"] == (None if hours is None else hours * 3600)


def test_an_offset_that_no_clock_has_is_no_date():
    assert read("2021-01-14T09:00:00+99:00", "ymd")["wall"] is None


def test_epochs_are_of_utc_and_a_spreadsheets_days_are_not():
    assert read("1610615106", "epoch")["offset_s"] == 0
    assert read("44210.5", "serial")["offset_s"] is None


@pytest.mark.parametrize(
    ("cells", "fitting"),
    [
        (["13/01/2021", "02/03/2021"], ("dmy",)),
        (["01/13/2021", "02/03/2021"], ("mdy",)),
        (["02/03/2021", "04/03/2021"], ("dmy", "mdy")),
        # Read alike either way, which tells nothing of tomorrow's file.
        (["01/01/2021", "02/02/2021"], ("dmy", "mdy")),
        (["1 Jan 2021", "2 Feb 2021"], ("dmy",)),
        (["Mon 01/01/2024"], ("dmy", "mdy")),
        (["2021-03-02"], ("ymd",)),
        (["1610615106", "1610615107"], ("epoch",)),
        (["1610615106123"], ("epoch_ms",)),
        (["20210114"], ("compact",)),
        (["44210", "44211.5"], ("serial",)),
        (["990201", "990228"], ("yymmdd19", "yymmdd20")),
        (["13/01/21", "02/03/21"], ("dmy2", "ymd2")),
        (["sales", "support"], ()),
        ([], ()),
    ],
)
def test_the_whole_column_tells_its_spelling_or_leaves_it_open(cells, fitting):
    assert times.spelling_of(column(*cells)).fitting == fitting


def test_of_an_open_column_a_cell_that_reads_two_ways_is_shown():
    assert times.spelling_of(column("01/01/2021", "03/04/2021")).example == "03/04/2021"


def test_an_odd_wrong_cell_hides_no_spelling_but_many_do():
    days = [f"2021-01-{day:02}" for day in range(1, 29)]
    assert times.spelling_of(column(*days, "soon")).fitting == ("ymd",)
    assert times.spelling_of(column("2021-01-01", "soon")).fitting == ()
    assert times.spelling_of(column("2021-01-01", "soon")).example == "soon"


def test_true_date_cells_of_a_workbook_tell_nothing_of_how_the_texts_beside_them_are_written():
    typed = ["2025-04-03 00:00:00", "2025-04-04"]
    for texts, fitting in (
        (["13.04.2025", "14.04.2025"], ("dmy",)),
        (["03/04/2025"], ("dmy", "mdy")),
    ):
        assert times.spelling_of(pl.Series([*typed, *texts])).fitting == fitting
    read = times.said_moments(pl.Series([*typed, "2025-4-5", "05.06.2025"]), "dmy")["wall"]
    assert [one and f"{one:%Y-%m-%d}" for one in read] == [
        "2025-04-03", "2025-04-04", None, "2025-06-05",
    ]  # fmt: skip


def test_two_orders_in_one_column_are_never_settled_silently():
    cells = [f"{day:02}/01/2021" for day in range(1, 20)] + ["01/19/2021"]
    # One American cell among nineteen European ones: it is the odd one, and will be rejected.
    assert times.spelling_of(column(*cells)).fitting == ("dmy",)
    assert read("01/19/2021", "dmy")["wall"] is None


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("14:05", 50_700), ("14:05:06", 50_706), ("2:05 pm", 50_700), ("2:05:06PM", 50_706),
        ("12:00 AM", 0), ("12:30 a.m.", 1_800), ("12:30 p. m.", 45_000), ("14h05", 50_700),
        ("14h05m06s", 50_706), ("14.05 Uhr", 50_700), ("9:12:58\u202fAM", 33_178), ("3 pm", 54_000),
        ("0:00:00", 0), ("23:59:59", 86_399),
        ("24:00", None), ("23:59:60", None), ("24:00:00", None), ("9", None), ("0:30 pm", None),
        ("9:60", None), ("noon", None),
        ("٩:١٢", None), ("", None),
    ],
)  # fmt: skip
def test_a_clock_is_seconds_after_midnight(cell, seconds):
    assert times.clock_seconds(column(cell))[0] == seconds


@pytest.mark.parametrize(
    ("cell", "unit", "ms"),
    [
        ("109", "s", 109_000), ("109.5", "s", 109_500), ("1500", "ms", 1_500),
        ("2.5", "min", 150_000),
        ("0.5", "h", 1_800_000), ("0.25", "days", 21_600_000),
        ("2:23", "mm:ss", 143_000), ("90:00", "mm:ss", 5_400_000), ("1:02:23", "mm:ss", 3_743_000),
        ("0:02:23", "h:mm:ss", 143_000), ("2:23", "h:mm:ss", 8_580_000),
        ("26:00:00", "h:mm:ss", 93_600_000),
        ("0:00:01.5", "h:mm:ss", 1_500), ("0:00:01,250", "h:mm:ss", 1_250),
        ("-0:00:05", "h:mm:ss", -5_000),
        ("0 days 00:02:23", "h:mm:ss", 143_000), ("1 day, 0:00:01", "h:mm:ss", 86_401_000),
        ("2m 23s", "h:mm:ss", 143_000), ("1h 2m 3s", "h:mm:ss", 3_723_000),
        ("45 sec", "h:mm:ss", 45_000),
        ("3 min", "h:mm:ss", 180_000), ("PT2M23S", "h:mm:ss", 143_000),
        ("P1DT1.5S", "h:mm:ss", 86_401_500),
        ("-5", "s", -5_000), ("\N{MINUS SIGN}5", "s", -5_000), ("1,234", "s", 1_234_000),
        ("soon", "s", None), ("1:99", "mm:ss", None), ("", "s", None), ("h", "h:mm:ss", None),
        ("9" * 30, "s", None), ("9" * 400, "s", None), ("9" * 30 + "h", "h:mm:ss", None),
        ("٣", "s", None), ("1 2", "s", None), ("1e5", "s", None), ("nan", "s", None),
    ],
)  # fmt: skip
def test_a_duration_is_milliseconds_of_its_unit(cell, unit, ms):
    assert times.duration_ms(cell, unit) == ms


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [
        ("1234.5", ".", 1234.5), ("1,234.5", ".", 1234.5), ("1 234.5", ".", 1234.5),
        ("1'234.5", ".", 1234.5), ("1234,5", ",", 1234.5), ("1.234,5", ",", 1234.5),
        ("1.234.567", ",", 1_234_567), ("1\u202f234,5", ",", 1234.5), ("12,50 €", ",", 12.5),
        ("EUR 12,50", ",", 12.5), ("$1,234", ".", 1234), ("-$5", ".", -5), ("76.28%", ".", 76.28),
        ("84,5 %", ",", 84.5), (".5", ".", 0.5), ("+3", ".", 3), ("5.", ".", 5),
        # Neither thousands nor a number.
        ("0,125", ".", None), ("1,23", ".", None), ("12 34", ".", None), ("1EUR2", ".", None),
        ("5%5", ".", None), ("--1", ".", None), (".", ".", None), ("-", ".", None),
    ],
)  # fmt: skip
def test_a_number_has_its_decimal_sign_and_groups_of_three(cell, decimal, value):
    assert times.number(cell, decimal) == value


@pytest.mark.parametrize(
    ("cells", "units"),
    [
        (["0:02:23", "0:00:37"], ("h:mm:ss",)),
        (["2:23", "10:37"], ("mm:ss", "h:mm:ss")),  # minutes or hours?
        (["2:23", "45:37"], ("mm:ss",)),
        (["12", "90"], ("s", "ms", "min")),
        (["5.06", "4.15"], ("s", "min", "h")),
        (["0.0016", "0.25"], ("days", "min", "h")),
        (["2m 3s", "45s"], ("h:mm:ss",)),
        (["soon", "later"], ()),
        ([], ()),
    ],
)
def test_the_cells_tell_what_a_duration_can_be_measured_in(cells, units):
    assert times.units_of(column(*cells)) == units


SIGNS = st.sampled_from("0123456789٣:/-.,+ apmhsTZé\u202f")


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.one_of(st.text(max_size=20), st.text(SIGNS, max_size=26)), max_size=6))
def test_no_text_breaks_a_reader(cells):
    texts = column(*cells)
    assert times.clock_seconds(texts).len() == len(cells)
    for spelling in times.DATES:
        assert times.moments(texts, spelling).height == len(cells)
    times.spelling_of(texts)
    for unit in times.UNITS:
        for cell in cells:
            ms = times.duration_ms(cell, unit)
            assert ms is None or abs(ms) <= 2**53
    times.units_of(texts)


@settings(max_examples=60, deadline=None)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)))
def test_every_moment_comes_back_from_every_spelling_that_can_say_it(moment):
    moment = moment.replace(microsecond=0)
    clock = f"{moment:%H:%M:%S}"
    spelled = {
        "ymd": f"{moment:%Y-%m-%d} {clock}",
        "dmy": f"{moment:%d/%m/%Y} {clock}",
        "mdy": f"{moment:%m/%d/%Y} {moment:%I:%M:%S %p}",
        "compact": f"{moment:%Y%m%d%H%M%S}",
        "epoch": str((moment - datetime(1970, 1, 1)) // timedelta(seconds=1)),
        "epoch_ms": str((moment - datetime(1970, 1, 1)) // timedelta(milliseconds=1)),
    }
    assert {one: read(cell, one)["wall"] for one, cell in spelled.items()} == dict.fromkeys(
        spelled, moment
    )
