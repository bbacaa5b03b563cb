"""Which intervals a planner's word is of."""

from datetime import UTC, date, datetime, time

import pytest

from ccm.models import Site
from scheduling.models import Forecast, Override
from scheduling.planned.layer import worded

DAY = date(2026, 3, 16)
AT = datetime(2026, 3, 1, tzinfo=UTC)


def said(starts=None, ends=None, begins=0, minutes=30, **forecast):
    one = Override(first=DAY, last=DAY, starts=starts, ends=ends, factor=2.0, made_at=AT)
    found = worded([one], Forecast(interval_minutes=minutes, **forecast), Site(day_begins=begins))
    return [(word.start, word.end) for word in found]


@pytest.mark.parametrize(
    ("starts", "ends", "intervals"),
    [
        (None, None, (0, 48)),
        (time(9), time(17), (18, 34)),
        (time(9, 10), time(9, 20), (18, 19)),
        (time(0), time(0, 15), (0, 1)),
        (time(8), time(23, 59), (16, 48)),
        (time(22), time(0), (44, 48)),
    ],
)
def test_it_is_of_every_interval_that_lies_in_it_in_part(starts, ends, intervals):
    assert said(starts, ends) == [intervals]


def test_a_day_that_begins_at_six_ends_at_six():
    assert said(time(22), time(2), begins=6) == [(32, 40)]
    assert said(time(6), time(6), begins=6, minutes=60) == [(0, 24)]


def test_a_version_has_kept_what_was_said_before_it():
    before, after = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    assert said(published_at=before) == [(0, 48)]
    assert said(published_at=after) == []
