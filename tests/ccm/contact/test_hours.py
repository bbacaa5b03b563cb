"""When a site may call: by its clock, its week, its country's holidays and its own calendar."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ccm.contact.hours import Calling

PARIS = ZoneInfo("Europe/Paris")
# As France has it for calls that sell: weekdays 10 to 13 and 14 to 20, no weekend, no holiday
# (decree 2022-1313).
FRANCE = Calling(
    PARIS,
    {str(day): [["10:00", "13:00"], ["14:00", "20:00"]] for day in range(5)},
    country="FR",
)


def at(text, zone=PARIS):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ("2026-06-02 09:59", False),
        ("2026-06-02 10:00", True),
        ("2026-06-02 12:59:59", True),
        ("2026-06-02 13:00", False),
        ("2026-06-02 14:00", True),
        ("2026-06-02 20:00", False),
        ("2026-06-06 11:00", False),  # a Saturday
        ("2026-07-14 11:00", False),  # Bastille Day, a Tuesday
        ("2026-05-01 11:00", False),  # a Friday
    ],
)
def test_a_site_may_call_within_its_hours(moment, allowed):
    assert FRANCE.allows(at(moment)) is allowed


@pytest.mark.parametrize(
    ("moment", "later"),
    [
        ("2026-06-02 11:00", "2026-06-02 11:00"),
        ("2026-06-02 13:30", "2026-06-02 14:00"),
        ("2026-06-02 20:00", "2026-06-03 10:00"),
        ("2026-06-05 20:30", "2026-06-08 10:00"),  # over a weekend
        ("2026-07-13 21:00", "2026-07-15 10:00"),  # over a holiday
    ],
)
def test_it_says_when_it_may_next(moment, later):
    assert FRANCE.next(at(moment)) == at(later)


def test_an_hour_that_the_clock_skips_is_in_nobodys_hours():
    # On 29 March 2026 Paris goes from 2:00 to 3:00.
    night = Calling(PARIS, {"6": [["02:00", "04:00"]]})
    assert not night.allows(datetime(2026, 3, 29, 0, 59, tzinfo=UTC))
    assert night.allows(datetime(2026, 3, 29, 1, 0, tzinfo=UTC))  # 3:00 on the clock
    assert not night.allows(datetime(2026, 3, 29, 2, 0, tzinfo=UTC))


def test_holidays_may_be_said_to_be_days_like_others_and_own_days_stand_before_them():
    hours = FRANCE.hours
    always = Calling(PARIS, hours, on_holidays=True, country="FR")
    assert always.allows(at("2026-07-14 11:00"))
    works = [{"day": "2026-07-14", "name": "Works", "kind": "plain", "yearly": False}]
    assert Calling(PARIS, hours, country="FR", special=works).allows(at("2026-07-14 11:00"))
    shut = [{"day": "2026-06-02", "name": "Fair", "kind": "closed", "yearly": False}]
    assert not Calling(PARIS, hours, country="FR", special=shut).allows(at("2026-06-02 11:00"))


def test_of_a_part_that_is_not_known_the_countrys_holidays_hold():
    odd = Calling(PARIS, FRANCE.hours, country="FR", region="ZZZ")
    assert not odd.allows(at("2026-07-14 11:00"))


def test_without_any_hours_there_is_no_next():
    assert Calling(PARIS, {}).next(at("2026-06-02 11:00")) is None
