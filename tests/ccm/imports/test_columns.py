"""Single cells, and local time at a clock change."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from ccm.imports.cells.columns import (
    clock_seconds,
    date_of,
    json_member,
    json_object,
    local_to_utc,
    stamps,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0:00:00", 0),
        ("9:12:58", 33_178),
        ("09:12", 33_120),
        ("100:00:01", 360_001),
        ("12:00:00 AM", 0),
        ("12:30 pm", 45_000),
        ("1:02:03 p.m.", 46_923),
        ("13:00 pm", None),
        ("9:60:00", None),
        ("9", None),
        ("-1:00:00", None),
        ("٩:00:00", None),
    ],
)
def test_clocks(text, seconds):
    assert clock_seconds(text) == seconds


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2021-02-03", "", date(2021, 2, 3)),
        ("2021/2/3", "mdy", date(2021, 2, 3)),
        ("2021-02-03 00:00:00", "", date(2021, 2, 3)),
        ("2021-02-03 01:00:00", "", None),
        ("03-02-2021", "dmy", date(2021, 2, 3)),
        ("03-02-2021", "mdy", date(2021, 3, 2)),
        ("03-02-2021", "", None),
        ("13-02-2021", "mdy", None),
        ("3.2.2021", "dmy", date(2021, 2, 3)),
        ("3-Feb-2021", "", date(2021, 2, 3)),
        ("3 February 2021", "", date(2021, 2, 3)),
        ("30-Feb-2021", "", None),
        ("03-02-21", "dmy", None),
        ("٢٠٢١-٠٢-٠٣", "", None),  # digits of another script are not guessed at
        ("", "dmy", None),
    ],
)
def test_dates(text, order, expected):
    assert date_of(text, order) == expected


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2021-02-03 04:05:06", "", datetime(2021, 2, 3, 4, 5, 6)),
        ("2021-02-03T04:05:06.789", "", datetime(2021, 2, 3, 4, 5, 6, 789_000)),
        ("2021-02-03T04:05:06Z", "", None),  # it is not naive
        ("2021/2/3 4:05", "", datetime(2021, 2, 3, 4, 5)),
        ("3/2/2021 04:05:06", "dmy", datetime(2021, 2, 3, 4, 5, 6)),
        ("3/2/2021 04:05:06", "mdy", datetime(2021, 3, 2, 4, 5, 6)),
        ("3/2/2021 04:05:06", "", None),
        ("13/2/2021 04:05:06", "mdy", None),
        ("3/2/21 04:05:06", "dmy", None),  # a year of two digits is not guessed
        ("2021-02-30 04:05:06", "", None),
        ("2021-02-03 24:05:06", "", None),
        ("2021-02-03", "", None),
        ("", "", None),
    ],
)
def test_dates_with_a_time_of_day(text, order, expected):
    # Beside an ordinary one, which is read another way.
    told = stamps(pl.Series([text, "2020-01-01 00:00:00", None]), order)
    assert told.to_list() == [expected, datetime(2020, 1, 1), None]


def test_a_night_the_clocks_go_back():
    # Lord Howe goes back half an hour, from 2:00 (+11) to 1:30 (+10:30), on 4 April 2021.
    wall = pl.Series([datetime(2021, 4, 4, 1, 29), datetime(2021, 4, 4, 1, 45), None,
                      datetime(2021, 4, 4, 2, 0)])  # fmt: skip
    utc, twice = local_to_utc(wall, ZoneInfo("Australia/Lord_Howe"))
    assert utc.to_list() == [
        datetime(2021, 4, 3, 14, 29, tzinfo=UTC),
        datetime(2021, 4, 3, 14, 45, tzinfo=UTC),
        None,
        datetime(2021, 4, 3, 15, 30, tzinfo=UTC),
    ]
    assert twice.to_list() == [False, True, False, False]


def test_local_times_agree_with_zoneinfo_through_a_year():
    zone = ZoneInfo("America/New_York")
    moments = [datetime(2021, month, day, 12, 34) for month in range(1, 13) for day in (1, 15)]
    utc, _twice = local_to_utc(pl.Series(moments), zone)
    assert utc.to_list() == [m.replace(tzinfo=zone).astimezone(UTC) for m in moments]


def test_json_of_known_members_only():
    words = json_member('a "b"', pl.Series(["x", 'say "hi"\\', None, "ü"]))
    numbers = json_member("n", pl.Series([1, None, None, 2]))
    assert json_object([words, numbers], 4).to_list() == [
        '{"a \\"b\\"": "x", "n": 1}',
        '{"a \\"b\\"": "say \\"hi\\"\\\\"}',
        None,
        '{"a \\"b\\"": "ü", "n": 2}',
    ]
    assert json_object([], 2).to_list() == [None, None]
