"""Usual is by the clock on the wall, also on the days that the clock is changed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ccm.models import Call
from kpis import report, rollups, usual
from kpis.choices import Choices
from kpis.noise import Verdict
from kpis.parameters import DEFAULTS
from kpis.reads import reading
from kpis.report import Question
from kpis.reports import comparing
from tests.builders import NINE, a_call, a_queue, a_site

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")


def at_noon(day: date) -> list[datetime]:
    """Twenty calls within a minute of noon."""
    noon = datetime.combine(day, datetime.min.time(), BERLIN).replace(hour=12)
    return [(noon + timedelta(seconds=n)).astimezone(UTC) for n in range(20)]


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 4, 5)])
def test_noon_is_compared_with_noon(day: date) -> None:
    site = a_site(zone="Europe/Berlin")
    queue = a_queue(site)
    for week in range(9):
        for moment in at_noon(day - timedelta(weeks=week)):
            a_call(queue, moment)
    rollups.rebuild()

    band, _curves = usual.offered_day(site, [queue], day)
    shown = {
        start.astimezone(BERLIN).strftime("%H:%M"): value
        for start, value in zip(band.starts, band.usual, strict=True)
        if value
    }
    assert shown == {"12:00": 20}

    half_past = at_noon(day)[0] + timedelta(minutes=30)
    chosen = {"answered": ("count", DEFAULTS)}
    verdict = usual.verdicts(site, None, chosen, half_past, half_past)["answered"]
    assert (verdict.usual, verdict.unusual) == (20, False)
    # Where no call came in since noon nothing later is compared either.
    verdict = usual.verdicts(site, None, chosen, half_past, at_noon(day)[0])["answered"]
    assert verdict.usual is None


def weeks_of(queue, weeks, calls, late):
    """Mondays and Tuesdays at nine, up to those of NINE's week; of each day so many are late."""
    for week in range(weeks):
        for day in (0, 1):
            for number in range(calls):
                at = NINE - timedelta(weeks=week) + timedelta(days=day, minutes=number)
                a_call(queue, at, wait=60 if number < late[week] else 5)


def closed(site, days, queues=None, kpis=("service_level", "answered", "csat")):
    """The verdicts of the whole site, or of some of its queues, for whole days from a Monday on."""
    last = NINE.date() + timedelta(days=days - 1)
    question = Question([site], NINE.date(), last, queues=queues, kpis=kpis)
    found = usual.closed_verdicts(question, report.answer(question))
    return {words: verdict for (_row, words), verdict in found.items()}


def test_a_week_that_is_over_is_compared_with_the_weeks_before() -> None:
    """Ten calls on two days of nine weeks, one late a day; in the last week nine are."""
    queue = a_queue(a_site())
    weeks_of(queue, 9, 10, [9, *[1] * 8])
    rollups.rebuild()
    week = closed(queue.site, 7)
    level = week["service_level"]
    assert (level.usual, level.unusual) == (0.9, True)
    assert level.p < 0.05
    assert (week["answered"].usual, week["answered"].unusual) == (20, False)
    assert week["csat"] == Verdict()
    assert closed(queue.site, 1, [queue])["answered"].usual == 10
    other = a_queue(queue.site)
    assert {*closed(queue.site, 1, [other]).values()} == {Verdict()}


@pytest.mark.parametrize(("weeks", "usual_answered"), [(6, None), (7, 8)])
def test_five_past_weeks_are_silent_and_six_are_not(weeks: int, usual_answered: int | None) -> None:
    queue = a_queue(a_site())
    weeks_of(queue, weeks, 4, [0] * weeks)
    rollups.rebuild()
    assert closed(queue.site, 7)["answered"].usual == usual_answered


def test_a_week_that_is_partly_before_the_record_is_no_part_of_the_past() -> None:
    """Six past weeks, of the first of which the record has no Monday: five are whole."""
    queue = a_queue(a_site())
    weeks_of(queue, 7, 4, [0] * 7)
    Call.objects.filter(offered_at__date=NINE.date() - timedelta(weeks=6)).delete()
    rollups.rebuild()
    last = NINE.date() + timedelta(days=6)
    for records in ({}, reading.records([queue.site.pk])):
        question = Question([queue.site], NINE.date(), last, kpis=["answered"], records=records)
        rows = report.answer(question)
        found = usual.closed_verdicts(question, rows)[None, "answered"]
        now = NINE + timedelta(days=30)
        beside = comparing.compared(question, rows, "usual", "custom", now, Choices(last))
        assert found.usual == beside.get(None, "answered").value == (None if records else 8)


def test_weeks_with_a_holiday_are_no_part_of_the_past() -> None:
    site = a_site()
    # Good Friday was on 3 April, Easter Monday on 6 April 2026.
    week = (date(2026, 5, 18), date(2026, 5, 24))
    assert usual.past_spans(site, *week)[0] == (date(2026, 5, 11), date(2026, 5, 17))
    assert len(usual.past_spans(site, *week)) == 12
    site.country, site.region = "GB", "ENG"
    starts = [start for start, _end in usual.past_spans(site, *week)]
    assert date(2026, 5, 4) not in starts  # the early May bank holiday
    assert {date(2026, 3, 30), date(2026, 4, 6)} & set(starts) == set()
    assert len(starts) == 9
    # Two weeks are compared with two weeks, which do not overlap.
    fortnights = usual.past_spans(a_site(), date(2026, 5, 11), date(2026, 5, 24))
    assert fortnights[:2] == [
        (date(2026, 4, 27), date(2026, 5, 10)),
        (date(2026, 4, 13), date(2026, 4, 26)),
    ]


def test_a_holiday_itself_is_silent() -> None:
    queue = a_queue(a_site())
    weeks_of(queue, 9, 4, [0] * 9)
    rollups.rebuild()
    queue.site.country = "US"
    assert closed(queue.site, 1)["answered"].usual == 4
    # On Casimir Pulaski Day, the first Monday of March, Illinois does not work.
    queue.site.region = "IL"
    assert closed(queue.site, 1)["answered"] == Verdict()


def test_each_row_is_judged_against_its_own_past() -> None:
    site = a_site()
    for calls, last in ((4, 4), (10, 30)):
        weeks_of(a_queue(site, str(calls)), 9, calls, [0] * 9)
        for number in range(calls, last):
            a_call(site.queues.get(name=str(calls)), NINE + timedelta(minutes=number))
    rollups.rebuild()
    question = Question([site], NINE.date(), NINE.date(), by="queue", kpis=["answered"])
    rows = report.answer(question)
    found = usual.closed_verdicts(question, rows)
    told = {row.name: found[row.id, "answered"] for row in rows}
    assert [(told[name].usual, told[name].unusual) for name in ("4", "10")] == [
        (4, False),
        (10, True),
    ]
