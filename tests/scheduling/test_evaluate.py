"""Forecasts of a file from each day of its past, and files that are none."""

import gzip
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from scheduling.forecast import backtest, evaluate
from scheduling.forecast.evaluate import Score, Unreadable, read
from scheduling.forecast.methods import AUTO, NAIVE

MONDAY = date(2026, 1, 5)


def a_file(folder, rows, name="calls.csv", head="interval_start,calls"):
    path = folder / name
    text = "\n".join([head, *(f"{at},{calls}" for at, calls in rows)]) + "\n"
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


def weeks(count, calls):
    """A row a quarter hour from 8:00 to 9:00 on workdays; `calls` by day and quarter."""
    for number in range(7 * count):
        day = MONDAY + timedelta(days=number)
        if day.weekday() < 5:
            for quarter in range(4):
                at = datetime(day.year, day.month, day.day, 8, 15 * quarter)
                yield at.isoformat(timespec="minutes"), calls(number, quarter)


@pytest.mark.parametrize("name", ["calls.csv", "calls.csv.gz"])
def test_intervals_are_summed_and_what_is_absent_of_a_day_is_zero(tmp_path, name):
    rows = [("2026-01-05T08:00", 3), ("2026-01-05T08:15", 4), ("2026-01-07T08:30", 5)]
    found = read(a_file(tmp_path, rows, name), 30)
    assert found.dates == [date(2026, 1, 5), date(2026, 1, 7)]
    assert found.calls.shape == (2, 48)
    assert (found.calls[0, 16], found.calls[1, 17], found.calls.sum()) == (7, 5, 12)


@pytest.mark.parametrize(
    ("rows", "head", "said"),
    [
        ([("soon", 3)], "interval_start,calls", "Line 2: 'soon' is no time"),
        ([("2026-01-05T08:00", "x")], "interval_start,calls", "Line 2: 'x' is no number"),
        ([("2026-01-05T08:00", -1)], "interval_start,calls", "'-1' is no number"),
        ([("2026-01-05T08:00", "nan")], "interval_start,calls", "'nan' is no number"),
        ([("2026-01-05T08:00", "inf")], "interval_start,calls", "'inf' is no number"),
        ([("2026-01-05T08:00", "1e300")], "interval_start,calls", "'1e300' is no number"),
        (
            [("2026-01-05T08:00", 1), ("0001-01-01", 1)],
            "interval_start,calls",
            "Line 3: the year 1",
        ),
        ([("2026-01-05T08:00", "1" * 100_000)], "interval_start,calls", "Line 2 is too long"),
        ([("2026-01-05T08:00", 1)], "time,calls", "must name the columns"),
        ([], "interval_start,calls", "no rows"),
    ],
)
def test_what_is_no_series_is_refused_in_words(tmp_path, rows, head, said):
    with pytest.raises(Unreadable, match=said):
        read(a_file(tmp_path, rows, head=head), 30)


@pytest.mark.parametrize("interval", [7, 0, -30])
def test_an_interval_that_no_day_divides_into_is_refused(tmp_path, interval):
    with pytest.raises(Unreadable, match=f"{interval} minutes"):
        read(a_file(tmp_path, [("2026-01-05T08:00", 1)]), interval)


def test_a_packed_file_that_is_damaged_is_refused_in_words(tmp_path):
    whole = bytearray(gzip.compress(bytes(range(256)) * 40, mtime=0))
    whole[12:40] = b"\xff" * 28  # no block of it can be read
    (tmp_path / "a.csv.gz").write_bytes(whole)
    with pytest.raises(Unreadable, match="no text, or it ends"):
        read(tmp_path / "a.csv.gz", 30)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_what_is_no_text_or_was_cut_off_is_refused_in_words(tmp_path, name):
    path = tmp_path / name
    whole = gzip.compress(b"interval_start,calls\n" + b"2026-01-05T08:00,1\n" * 99)
    path.write_bytes(whole[:-9] if name.endswith(".gz") else b"interval_start,calls\n\xff\xfe,1\n")
    with pytest.raises(Unreadable, match="no text, or it ends"):
        read(path, 30)


def test_horizons_are_pooled_over_the_dates_of_the_file(tmp_path):
    """10 calls a quarter hour on every workday but 14 on the last: naive, an origin a date."""
    last = 7 * 6 - 3
    series = read(a_file(tmp_path, weeks(6, lambda day, _quarter: 14 if day == last else 10)), 60)
    assert len(series.dates) == 30
    found, seconds = evaluate.evaluate(series, "", MONDAY + timedelta(days=35), 1, [1, 5], NAIVE)
    # Each date of the last week is forecast once; one has four calls more a quarter, 16 in all.
    assert found[1].origins == 5
    assert found[1].wape == pytest.approx(16 / (4 * 40 + 56))
    assert found[1].ratio == pytest.approx(1)
    assert found[1].bias == pytest.approx(-16 / 216)
    # Five dates ahead there are from the first origin alone.
    assert found[5].origins == 1
    assert found[5].wape == pytest.approx(16 / 216)
    assert seconds > 0


def test_every_so_many_dates_is_an_origin(tmp_path):
    series = read(a_file(tmp_path, weeks(8, lambda day, _quarter: 10)), 60)
    found, _seconds = evaluate.evaluate(series, "", MONDAY + timedelta(days=28), 3, [1, 5], NAIVE)
    # 20 dates from there on: origins 0, 3, ... 18; with five dates after it up to 15.
    assert (found[1].origins, found[5].origins) == (7, 6)
    assert found[1].wape == 0


def test_of_a_horizon_that_no_origin_has_nothing_is_told(tmp_path):
    """Five dates are forecast: six ahead there are from none of them."""
    series = read(a_file(tmp_path, weeks(5, lambda day, _quarter: 10)), 60)
    since = MONDAY + timedelta(days=28)
    found, _seconds = evaluate.evaluate(series, "", since, 1, [1, 6], NAIVE)
    assert found[6] == Score(None, None, None, None, None, None, 0)
    alone, _seconds = evaluate.evaluate(series, "", since, 1, [1], NAIVE)
    assert found[1] == alone[1]
    assert found[1].origins == 5
    # However many are asked for, no more are made than there are.
    found, _seconds = evaluate.evaluate(series, "", since, 1, [10**9], NAIVE)
    assert found[10**9].origins == 0


def test_a_series_without_dates_to_forecast_or_to_know_is_refused(tmp_path):
    series = read(a_file(tmp_path, weeks(5, lambda day, _quarter: 10)), 60)
    since = MONDAY + timedelta(days=28)
    with pytest.raises(Unreadable, match="before and from"):
        evaluate.evaluate(series, "", MONDAY, 1, [1], NAIVE)
    with pytest.raises(Unreadable, match="before and from"):
        evaluate.evaluate(series, "", date(2030, 1, 1), 1, [1], NAIVE)
    with pytest.raises(Unreadable, match="'XX'"):
        evaluate.evaluate(series, "XX", since, 1, [1], NAIVE)


def test_what_is_learned_of_weekends_is_of_before_the_first_origin():
    dates = [MONDAY + timedelta(days=number) for number in range(28)]
    totals = np.tile([100.0, 100, 100, 100, 60, 20, 5], 4)
    assert evaluate.resting(dates, totals) == {5, 6}
    assert evaluate.resting(dates[:5], totals[:5]) == {5, 6}  # never there


def test_no_forecast_knows_which_of_its_intervals_will_have_calls():
    """From the fifth week on a quarter that was never used has calls on every other date. What is
    told at an origin after that is the same whatever comes on the dates ahead."""
    every = [MONDAY + timedelta(days=number) for number in range(60)]
    calls = np.zeros((60, 4))
    calls[:, 0] = 20.0
    calls[28::2, 1] = 10.0
    other = calls.copy()
    other[50:, 1] = 10.0 - other[50:, 1]
    told = []
    for some in (calls, other):
        known = evaluate.history(evaluate.Series(every, some), "", 28)
        told.append(backtest.run(AUTO, known, [50], 10).expected[0])
    assert told[0] == pytest.approx(told[1])
    assert (told[0][:, 1] > 0).all()


def test_what_the_country_has_off_is_known_of_its_code_alone():
    """Two years of workdays with 40 calls each and 4 on each day off of the United States. Asked
    of Labor Day, with the day before it known: 4, as on others; without a country, 40 or nearly."""
    off = evaluate.named("US", [date(2023, 1, 2), date(2024, 12, 31)])
    every = [date(2023, 1, 2) + timedelta(days=number) for number in range(730)]
    every = [day for day in every if day.weekday() < 5]
    calls = np.array([[4.0 if day in off else 40.0] for day in every])
    calls = np.hstack([calls / 2, calls / 2])
    labor_day = date(2024, 9, 2)
    first = every.index(labor_day)
    series = evaluate.Series(every[: first + 1], calls[: first + 1])
    missed = {}
    for country in ("US", ""):
        found, _seconds = evaluate.evaluate(series, country, labor_day, 1, [1])
        missed[country] = found[1].wape * 4
    assert missed["US"] < 1
    assert missed[""] > 20
    # Of another country's days off it is a Monday as others, too.
    other, _seconds = evaluate.evaluate(series, "IL", labor_day, 1, [1])
    assert other[1].wape * 4 > 20


# The files of the real centres, where they are at hand.

BARS = [
    (
        "bank_calls_dev.csv.gz", "US", date(2003, 6, 27),
        {1: (0.056, 0.68), 5: (0.058, 0.71), 20: (0.058, 0.71)},
    ),
    (
        "anonymous_bank_1999_dev.csv.gz", "IL", date(1999, 4, 12),
        {1: (0.28, None), 7: (0.275, None), 28: (0.275, None)},
    ),
]  # fmt: skip


@pytest.fixture
def real_calls(sample_data):
    def read_one(name):
        return read(sample_data / "wfm" / name, 30)

    return read_one


def test_real_centres_are_forecast_as_near_as_was_promised(real_calls):
    """Every origin of two banks: errors, errors by those of naive, and bands over both."""
    held = {"coverage80": [], "coverage95": []}
    for name, country, since, bars in BARS:
        found, _seconds = evaluate.evaluate(real_calls(name), country, since, 1, [*bars])
        for horizon, (wape, ratio) in bars.items():
            score = found[horizon]
            assert score.wape <= wape, (name, horizon, score)
            assert ratio is None or score.ratio <= ratio, (name, horizon, score)
            for level, shares in held.items():
                shares.append(getattr(score, level))
    assert 0.75 <= np.mean(held["coverage80"]) <= 0.85
    assert 0.91 <= np.mean(held["coverage95"]) <= 0.98
