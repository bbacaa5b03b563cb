"""Days of ten zones about both changes of their clocks in 2026: no quarter hour lost or doubled.
Nights that belong to the day of their evening."""

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO, StringIO

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from ccm.access import MANAGER, SUPERVISOR
from ccm.intervals import LATEST_BEGIN, QUARTER, Calendar, day_of
from ccm.intervals import days as every_day
from ccm.structure import services
from kpis import report, rollups
from kpis.reads import reading
from kpis.report import Question
from kpis.reports import charts
from kpis.rollups import recount_dirty
from tests.builders import a_call, a_queue, a_record, a_site, a_team, a_user, an_agent, stored
from tests.kpis.test_presence import a_spell
from tests.kpis.test_verify_paths import differing

pytestmark = pytest.mark.django_db

# When the clock changes, and how many quarter hours that day has.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29), 92),
    ("Europe/Berlin", date(2026, 10, 25), 100),
    ("America/New_York", date(2026, 3, 8), 92),
    ("America/New_York", date(2026, 11, 1), 100),
    ("America/St_Johns", date(2026, 3, 8), 92),  # half an hour off UTC's hours
    ("America/St_Johns", date(2026, 11, 1), 100),
    ("America/Havana", date(2026, 3, 8), 92),  # midnight itself is skipped
    ("America/Havana", date(2026, 11, 1), 100),  # and comes twice
    ("America/Santiago", date(2026, 4, 4), 100),  # midnight comes twice, before its day begins
    ("America/Santiago", date(2026, 9, 6), 92),
    ("Africa/Cairo", date(2026, 4, 24), 92),
    ("Africa/Cairo", date(2026, 10, 29), 100),
    ("Africa/Casablanca", date(2026, 2, 15), 100),  # winter time for the month of Ramadan
    ("Africa/Casablanca", date(2026, 3, 22), 92),
    ("Australia/Adelaide", date(2026, 4, 5), 100),
    ("Australia/Adelaide", date(2026, 10, 4), 92),
    ("Australia/Lord_Howe", date(2026, 4, 5), 98),  # half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4), 94),
    ("Pacific/Chatham", date(2026, 4, 5), 100),  # three quarters off UTC's hours
    ("Pacific/Chatham", date(2026, 9, 27), 92),
]
BESIDE = timedelta(days=2)


@pytest.mark.parametrize(("zone", "day", "quarters"), CHANGES)
def test_a_call_a_quarter_hour_is_as_many_as_the_day_has_of_them(zone, day, quarters):
    site = a_site(zone=zone)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    # From one to five days' worth on each side, whatever the zone.
    moments = [noon + number * QUARTER for number in range(-4 * 96, 4 * 96)]
    stored(site, *(a_record(at, external_id=f"{at:%d%H%M}") for at in moments))
    recount_dirty()
    asked = Question(
        sites=[site],
        first=day - timedelta(days=5),
        last=day + timedelta(days=5),
        kpis=["offered", "service_level"],
    )

    def offered(by, **more):
        rows = report.answer(replace(asked, by=by, **more))
        return {row.id: row.figures["offered"].value for row in rows}

    days = offered("day")
    assert days[day] == quarters
    near = (day - BESIDE, day - timedelta(days=1), day + timedelta(days=1), day + BESIDE)
    assert [days[one] for one in near] == [96, 96, 96, 96]
    assert sum(days.values()) == offered("total")[None] == len(moments)
    assert offered("interval") == dict.fromkeys(moments, 1)
    # The hour that comes twice is told apart by its offset.
    keys = [row.key["start"] for row in report.answer(replace(asked, by="interval"))]
    assert len(set(keys)) == len(moments)
    # And the day's own quarter hours are its own, to the first and the last.
    alone = offered("interval", first=day, last=day)
    assert (len(alone), max(alone) - min(alone)) == (quarters, (quarters - 1) * QUARTER)


@pytest.mark.parametrize(("zone", "day", "quarters"), CHANGES)
def test_the_files_of_the_day_say_the_zone_and_have_each_of_its_quarter_hours(
    client, zone, day, quarters
):
    site = a_site(zone=zone)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    moments = [noon + number * QUARTER for number in range(-2 * 96, 2 * 96)]
    stored(site, *(a_record(at, external_id=f"{at:%d%H%M}") for at in moments))
    recount_dirty()
    client.force_login(a_user(MANAGER, site))
    asked = {"by": "interval", "kpi": "offered", "period": "custom", "from": day, "to": day}
    with time_machine.travel(noon + BESIDE, tick=False):
        file = client.get(reverse("report"), asked | {"export": "csv"}).getvalue().decode()
        book = client.get(reverse("report"), asked | {"export": "xlsx"}).getvalue()
    rows = [*csv.DictReader(StringIO(file.removeprefix("\ufeff")))]
    assert len(rows) == len({row["start"] for row in rows}) == quarters
    assert {(row["zone"], row["from"], row["to"]) for row in rows} == {
        (zone, day.isoformat(), day.isoformat())
    }
    assert {row["offered (count)"] for row in rows} == {"1"}
    starts = [datetime.fromisoformat(row["start"]) for row in rows]
    assert starts[-1] - starts[0] == (quarters - 1) * QUARTER
    sheet = openpyxl.load_workbook(BytesIO(book)).worksheets[0]
    header, *lines = sheet.iter_rows(values_only=True)
    told = [dict(zip(header, line, strict=True)) for line in lines]
    assert [(line["start"], line["zone"]) for line in told] == [
        (row["start"], zone) for row in rows
    ]


def test_whoever_reads_from_elsewhere_reads_the_days_of_each_site(client):
    """On 5 June at Leeds (an hour ahead of UTC) and in Kolkata (five and a half): of a call each
    hour of UTC from the 4th to the 6th 24 each, from 23:00 and from 18:30 of the day before. The
    browser of the supervisor is in Sydney, and speaks German."""
    sites = [a_site(zone=zone) for zone in ("Europe/London", "Asia/Kolkata")]
    lead, teams = a_user(SUPERVISOR, *sites), []
    begin, day = datetime(2026, 6, 4, tzinfo=UTC), date(2026, 6, 5)
    for site in sites:
        queue, ann = a_queue(site), an_agent(site)
        teams.append(a_team(site, lead, ann))
        for hour in range(72):
            a_call(queue, begin + timedelta(hours=hour), agent=ann)
    rollups.rebuild()
    client.force_login(lead)
    asked = {"first": day, "last": day, "kpi": "answered", "by": "interval"}
    elsewhere = {"Accept-Language": "de-AU", "Date": "Sat, 06 Jun 2026 09:00:00 +1000"}
    with time_machine.travel(begin + timedelta(days=9), tick=False):
        firsts = ("2026-06-04T23:00", "2026-06-04T19:00")
        for site, team, first in zip(sites, teams, firsts, strict=True):
            of = asked | {"site": site.slug, "team": team.pk}
            rows = client.get(reverse("api_kpis"), of, headers=elsewhere).json()["rows"]
            there = [row for row in rows if row["kpis"]["answered"]["value"]]
            assert len(there) == 24
            begins = datetime.fromisoformat(there[0]["key"]["start"]).astimezone(UTC)
            assert begins.strftime("%Y-%m-%dT%H:%M") == first


@pytest.mark.parametrize(("zone", "day", "quarters"), CHANGES)
def test_a_day_has_a_row_a_quarter_hour_though_nobody_called_and_each_its_own_name(
    zone, day, quarters
):
    site = a_site(zone=zone)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    beside = (noon - BESIDE, noon + BESIDE)
    stored(site, *(a_record(at, external_id=f"{at:%d%H%M}") for at in beside))
    recount_dirty()
    asked = Question(
        sites=[site],
        first=day,
        last=day,
        by="interval",
        kpis=["offered", "asa"],
        records=reading.records([site.pk]),
    )
    for by in ("interval", "half_hour", "hour"):
        rows = report.answer(replace(asked, by=by))
        assert [row.figures["offered"].value for row in rows] == [0] * len(rows)
        assert {row.figures["asa"].value for row in rows} == {None}
        names = [row.name for row in rows]
        assert len(set(names)) == len(names)
        assert [row.id for row in rows] == sorted(row.id for row in rows)
        # The line has a place for each, in the order of true time.
        drawn = json.loads(charts.line(replace(asked, by=by), rows, {}, {})["json"])
        assert drawn["data"][0]["x"] == names
        if quarters > 96:
            # Where the clock is put back stands what it shows then.
            (note,) = drawn["layout"]["annotations"]
            assert note["x"] == drawn["layout"]["shapes"][0]["x0"]
            assert note["x"].endswith(note["text"])
        if by == "interval":
            assert len(rows) == quarters
            # A name tells its offset where the clock shows its time twice, and there alone.
            twice = 2 * max(0, quarters - 96)
            assert sum(not name.endswith(f"{row.id.astimezone(site.tz):%H:%M}")
                       for name, row in zip(names, rows, strict=True)) == twice  # fmt: skip
    # Nothing is said of days that the record does not reach.
    wide = replace(asked, by="day", first=day - 9 * BESIDE, last=day + 9 * BESIDE)
    days = [row.id for row in report.answer(wide)]
    near = (day_of(one, site.calendar) for one in beside)
    assert days == list(every_day(*near))


def test_a_year_ends_at_the_midnight_of_the_site():
    site = a_site(zone="Asia/Kathmandu")
    eve = datetime(2025, 12, 31, 18, 14, 59, 999000, tzinfo=UTC)  # 23:59:59.999 there
    stored(
        site,
        a_record(eve, external_id="old"),
        a_record(eve + timedelta(milliseconds=1), external_id="new"),
    )
    recount_dirty()
    rows = report.answer(
        Question(
            sites=[site],
            first=date(2025, 12, 31),
            last=date(2026, 1, 1),
            by="day",
            kpis=["offered"],
        )
    )
    assert [(row.id.isoformat(), row.figures["offered"].value) for row in rows] == [
        ("2025-12-31", 1),
        ("2026-01-01", 1),
    ]


def a_night(site, evening):
    """Ann's shift from 22:00 to 6:00 by the clock of the site, a call at each quarter hour of it;
    in it the clock may change. How many calls that are."""
    begin, end = (
        datetime.combine(day, clock, site.tz).astimezone(UTC)
        for day, clock in ((evening, time(22)), (evening + timedelta(days=1), time(6)))
    )
    a_spell(an_agent(site), "available", begin, end)
    moments = [begin + number * QUARTER for number in range((end - begin) // QUARTER)]
    stored(site, *(a_record(at, external_id=f"{at:%m%d%H%M}") for at in moments))
    return len(moments)


@pytest.mark.parametrize(
    ("evening", "quarters"),
    [
        (date(2026, 3, 2), 32),
        (date(2026, 3, 28), 28),  # the night that lacks an hour
        (date(2026, 10, 24), 36),  # and the one that has it twice
    ],
)
def test_a_night_shift_is_one_day_where_days_begin_at_six_and_two_where_at_midnight(
    evening, quarters
):
    """Of the shift two hours lie before midnight; the eight of it are the agent's ready time."""
    morning = evening + timedelta(days=1)
    expected = {6: {evening: quarters}, 0: {evening: 8, morning: quarters - 8}}
    spans = {}
    for begins, of_days in expected.items():
        site = a_site(zone="Europe/Berlin", day_begins=begins)
        assert a_night(site, evening) == quarters
        recount_dirty()
        asked = Question(
            sites=[site],
            first=evening - BESIDE,
            last=morning + BESIDE,
            by="day",
            kpis=["offered", "occupancy"],
        )
        rows = {row.id: row.figures for row in report.answer(asked)}
        assert {day: one["offered"].value for day, one in rows.items()} == of_days
        ready = {day: one["occupancy"].n for day, one in rows.items()}
        assert ready == {day: count * 900 for day, count in of_days.items()}
        by_weekday = report.answer(replace(asked, by="weekday", kpis=["offered"]))
        assert {row.id: row.figures["offered"].value for row in by_weekday} == {
            day.isoweekday(): count for day, count in of_days.items()
        }
        by_clock = report.answer(replace(asked, by="clock", kpis=["offered"]))
        spans[begins] = [(row.id, row.figures["offered"].value) for row in by_clock]
        assert differing(site, asked.first, asked.last) == []
    # The hours of the clock are the same, and so is the sum of a span that holds the night whole.
    assert spans[6] == spans[0]
    assert sum(count for _hour, count in spans[0]) == quarters


def test_weeks_of_nights_sum_to_the_same_wherever_days_begin_and_however_often_that_changes():
    """Five nights about the change of the clock: 32, 32, 36 quarter hours and so on."""
    site = a_site(zone="Europe/Berlin")
    whole = sum(a_night(site, date(2026, 10, 22) + timedelta(days=one)) for one in range(5))
    asked = Question(
        sites=[site],
        first=date(2026, 10, 20),
        last=date(2026, 10, 29),
        by="day",
        kpis=["offered", "service_level", "occupancy"],
    )
    totals = []
    for begins in (0, 6, 2, 12, 0):
        site.day_begins = begins
        services.save_site(site, datetime(2026, 11, 1, tzinfo=UTC))
        while recount_dirty():
            pass
        rows = report.answer(asked)
        assert sum(row.figures["offered"].value for row in rows) == whole == 5 * 32 + 4
        totals.append([str(row.figures) for row in report.answer(replace(asked, by="total"))])
        told = [str(row) for row in rows]
        rollups.rebuild([site])
        assert [str(row) for row in report.answer(asked)] == told
    assert totals == [totals[0]] * 5


@pytest.mark.parametrize("begins", range(LATEST_BEGIN + 1))
def test_sql_of_the_second_path_takes_the_same_moments_for_the_same_days(begins):
    asked = []
    for zone, day, _quarters in CHANGES:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        asked += [(zone, noon + number * QUARTER) for number in range(-160, 160)]
    zones, moments = zip(*asked, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT zone, at, kpi.day_of(at, zone, %s) FROM unnest(%s, %s) AS u(zone, at)",
            [begins, list(zones), list(moments)],
        )
        for zone, at, day in cursor.fetchall():
            assert day == day_of(at, Calendar.of(zone, begins)), (zone, at)
