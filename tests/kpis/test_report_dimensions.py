"""Rows and columns of reports: numbers that a reader can count on the fingers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ccm.intervals import site_days
from ccm.models import (
    Agent,
    AgentState,
    Call,
    Disposition,
    Offer,
    Queue,
    Site,
    TeamMembership,
    Topic,
)
from kpis import dimensions, report, rollups
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.dimensions import cuts
from kpis.reads import reading
from kpis.report import Question, Unanswerable, bounds
from tests.builders import NINE, a_call, a_queue, a_site, a_team, an_agent

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 2)


def told(
    sites: list[Site], first: date, last: date | None = None, kpi: str = "offered", **more: object
) -> dict[object, float | int | None]:
    """One KPI by the name of a row, or of a row and a column."""
    question = Question(sites=sites, first=first, last=last or first, kpis=[kpi], **more)  # type: ignore[arg-type]
    return {
        (row.name, row.column) if question.across != "total" else row.name: row.figures[kpi].value
        for row in report.answer(question)
    }


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.fixture
def leeds() -> Site:
    return a_site("Leeds", "Europe/London")


@pytest.fixture
def sales(leeds: Site) -> Queue:
    return a_queue(leeds, "Sales")


def test_a_quarter_a_half_and_a_whole_hour(leeds: Site, sales: Queue) -> None:
    for minute in (0, 14, 15, 29, 30, 59):
        a_call(sales, NINE + timedelta(minutes=minute))
    a_call(sales, NINE + timedelta(minutes=60))
    rollups.rebuild()
    assert told([leeds], MONDAY, by="interval") == {
        "2 Mar 2026 09:00": 2, "2 Mar 2026 09:15": 2,
        "2 Mar 2026 09:30": 1, "2 Mar 2026 09:45": 1,
        "2 Mar 2026 10:00": 1,
    }  # fmt: skip
    assert told([leeds], MONDAY, by="half_hour") == {
        "2 Mar 2026 09:00": 4, "2 Mar 2026 09:30": 2,
        "2 Mar 2026 10:00": 1,
    }  # fmt: skip
    assert told([leeds], MONDAY, by="hour") == {
        "2 Mar 2026 09:00": 6, "2 Mar 2026 10:00": 1,
    }  # fmt: skip


def test_a_ratio_of_an_hour_is_of_its_sums_and_no_mean_of_quarters(
    leeds: Site, sales: Queue
) -> None:
    a_call(sales, NINE, wait=5)  # the first quarter: 1 of 1
    for wait in (5, 30, 30):
        a_call(sales, NINE + timedelta(minutes=15), wait=wait)  # the second: 1 of 3
    rollups.rebuild()
    assert told([leeds], MONDAY, kpi="service_level", by="hour") == {"2 Mar 2026 09:00": 2 / 4}


def test_hours_by_weekday_are_of_the_sites_clock(leeds: Site, sales: Queue) -> None:
    a_call(sales, at(2026, 3, 28, 9, 30))  # Saturday, GMT: nine
    a_call(sales, at(2026, 3, 29, 9, 30))  # Sunday, the clocks are forward: ten
    a_call(sales, at(2026, 3, 30, 8, 30))  # Monday, nine
    a_call(sales, at(2026, 4, 6, 8, 45))  # the Monday after
    a_call(sales, at(2026, 3, 29, 23, 30))  # Monday there, half past midnight
    rollups.rebuild()
    days = {"first": date(2026, 3, 28), "last": date(2026, 4, 6)}
    assert told([leeds], **days, by="clock", across="weekday") == {
        ("00:00", "Monday"): 1, ("09:00", "Monday"): 2, ("09:00", "Saturday"): 1,
        ("10:00", "Sunday"): 1,
    }  # fmt: skip
    assert told([leeds], **days, by="clock") == {"00:00": 1, "09:00": 3, "10:00": 1}
    assert told([leeds], **days, by="weekday") == {"Monday": 3, "Saturday": 1, "Sunday": 1}


def test_what_tells_only_its_day_is_in_no_hour_and_is_counted(leeds: Site, sales: Queue) -> None:
    a_call(sales, NINE)
    a_call(sales, NINE.replace(hour=0), time_precision="day")
    rollups.rebuild()
    for way in ({"by": "clock"}, {"by": "weekday", "across": "hour"}):
        question = Question([leeds], MONDAY, MONDAY, kpis=["offered"], **way)  # type: ignore[arg-type]
        rows = report.answer(question)
        assert sum(row.counts.offered for row in rows) == 1
        assert report.day_only(question, rows) == 1
    assert told([leeds], MONDAY, by="weekday") == {"Monday": 2}


def test_of_agents_only_what_tells_its_day_alone_is_missing_from_hours(
    leeds: Site, sales: Queue
) -> None:
    """Three gave up, whom no agent has: they are missing from no hour of agents. Of what Ann took
    one tells only its day; of calls out none is counted among those that came in."""
    ann = an_agent(leeds, "Ann")
    a_team(leeds, None, ann)
    for minute in range(3):
        a_call(sales, NINE + timedelta(minutes=minute), outcome="abandoned")
    a_call(sales, NINE, agent=ann)
    a_call(sales, NINE, agent=ann, direction="outbound")
    for missing in (0, 1):
        if missing:
            a_call(sales, NINE.replace(hour=0), agent=ann, time_precision="day")
        rollups.rebuild()
        for by in ("hour", "clock"):
            for across in ("total", "agent", "team", "queue", "direction", "weekday"):
                question = Question([leeds], MONDAY, MONDAY, by, across, kpis=["answered"])  # type: ignore[arg-type]
                rows = report.answer(question)
                assert report.day_only(question, rows) == missing, (by, across)


@pytest.mark.parametrize(
    ("day", "iso", "us", "month"),
    [
        # 2026 begins on a Thursday, so its ISO year has 53 weeks.
        (date(2026, 12, 31), "2026-W53", "2026-12-27", "2026-12"),
        (date(2027, 1, 1), "2026-W53", "2026-12-27", "2027-01"),
        (date(2027, 1, 3), "2026-W53", "2027-01-03", "2027-01"),  # a Sunday
        (date(2027, 1, 4), "2027-W01", "2027-01-03", "2027-01"),
        (date(2025, 12, 29), "2026-W01", "2025-12-28", "2025-12"),
        (date(2021, 1, 3), "2020-W53", "2021-01-03", "2021-01"),
    ],
)
def test_weeks_of_both_kinds_and_months_at_the_turn_of_the_year(
    leeds: Site, day: date, iso: str, us: str, month: str
) -> None:
    words = {
        by: dimensions.word(by, dimensions.of_day(by, day), leeds.tz, {})[0]
        for by in ("week", "us_week", "month")
    }
    assert words == {"week": iso, "us_week": us, "month": month}
    for by in ("week", "us_week", "month"):
        first = dimensions.of_day(by, day)
        assert first <= day <= dimensions.last_day(by, first)


def test_weeks_and_months_sum_their_days(leeds: Site, sales: Queue) -> None:
    for day in (26, 27, 28, 31):
        a_call(sales, at(2026, 12, day, 12))
    for day in (1, 3, 4):
        a_call(sales, at(2027, 1, day, 12))
    rollups.rebuild()
    days = {"first": date(2026, 12, 26), "last": date(2027, 1, 4)}
    assert told([leeds], **days, by="week") == {"2026-W52": 2, "2026-W53": 4, "2027-W01": 1}
    assert told([leeds], **days, by="us_week") == {
        "week of 20 Dec 2026": 1, "week of 27 Dec 2026": 4, "week of 3 Jan 2027": 2
    }  # fmt: skip
    assert told([leeds], **days, by="month") == {"December 2026": 4, "January 2027": 3}
    # By the quarter hour, which knows no day, the same.
    assert told([leeds], **days, by="month", across="clock") == {
        ("December 2026", "12:00"): 4, ("January 2027", "12:00"): 3
    }  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "day", "hours", "halves"),
    [
        ("Europe/London", date(2026, 3, 29), 23, 46),
        ("Europe/London", date(2026, 10, 25), 25, 50),
        ("Asia/Kolkata", date(2026, 3, 2), 24, 48),
        # Half an hour: 2:00 becomes 2:30, so the hour from two is half as long; or becomes 1:30,
        # which is a stretch of its own.
        ("Australia/Lord_Howe", date(2025, 10, 5), 24, 47),
        ("Australia/Lord_Howe", date(2026, 4, 5), 25, 49),
    ],
)
def test_hours_of_a_day_on_which_the_clock_changes(
    zone: str, day: date, hours: int, halves: int
) -> None:
    calendar = a_site(zone=zone).calendar
    assert len(cuts("hour", day, day, calendar).starts) == hours
    assert len(cuts("half_hour", day, day, calendar).starts) == halves
    for by in ("hour", "half_hour", "clock"):
        made = cuts(by, day, day, calendar)  # type: ignore[arg-type]
        assert made.starts[0] == site_days(day, day, calendar).start
        assert list(made.starts) == sorted(set(made.starts))


def test_the_half_hour_of_lord_howe_that_comes_twice_is_two_rows() -> None:
    site = a_site("Lord Howe", "Australia/Lord_Howe")
    queue = a_queue(site)
    a_call(queue, at(2026, 4, 4, 14, 40))  # 1:40 at +11:00
    a_call(queue, at(2026, 4, 4, 15, 10))  # 1:40 again, at +10:30
    rollups.rebuild()
    day = date(2026, 4, 5)
    assert told([site], day, by="hour") == {
        "5 Apr 2026 01:00": 1, "5 Apr 2026 01:30 UTC+10:30": 1,
    }  # fmt: skip
    assert told([site], day, by="clock") == {"01:00": 2}


def test_no_hour_is_lost_or_doubled_over_a_change_of_the_clock(leeds: Site, sales: Queue) -> None:
    span = site_days(date(2026, 10, 25), date(2026, 10, 25), leeds.calendar)
    start = span.start
    while start < span.end:
        a_call(sales, start)
        start += timedelta(minutes=15)
    rollups.rebuild()
    day = date(2026, 10, 25)
    by_clock = told([leeds], day, by="clock")
    assert (sum(by_clock.values()), by_clock["01:00"]) == (100, 8)  # type: ignore[arg-type]
    by_hour = told([leeds], day, by="hour")
    assert (len(by_hour), set(by_hour.values())) == (25, {4})


def test_sites_in_several_zones_count_each_its_own_days_and_hours() -> None:
    leeds, pune = a_site("Leeds", "Europe/London"), a_site("Pune", "Asia/Kolkata")
    here, there = a_queue(leeds, "Sales"), a_queue(pune, "Sales")
    a_call(here, at(2026, 3, 2, 9, 0))
    a_call(there, at(2026, 3, 2, 3, 40))  # 9:10 there
    a_call(there, at(2026, 3, 2, 18, 40))  # 0:10 on Tuesday
    rollups.rebuild()
    both = [leeds, pune]
    assert told(both, MONDAY, by="clock") == {"09:00": 2}
    assert told(both, MONDAY, MONDAY + timedelta(days=1), by="day") == {
        "2026-03-02": 2, "2026-03-03": 1
    }  # fmt: skip
    assert told(both, MONDAY, by="site") == {"Leeds": 1, "Pune": 1}
    # An hour there is none here: they are those of UTC.
    assert told(both, MONDAY, by="hour") == {
        "2 Mar 2026 03:00 UTC": 1, "2 Mar 2026 09:00 UTC": 1
    }  # fmt: skip
    assert told(both, MONDAY, by="half_hour", across="site") == {
        ("2 Mar 2026 03:30 UTC", "Pune"): 1, ("2 Mar 2026 09:00 UTC", "Leeds"): 1
    }  # fmt: skip
    assert told(both, MONDAY, by="queue") == {"Sales (Leeds)": 1, "Sales (Pune)": 1}


def test_channel_and_direction(leeds: Site, sales: Queue) -> None:
    a_call(sales)
    a_call(sales, channel="chat")
    a_call(sales, channel="chat")
    a_call(sales, direction="outbound")
    on_no_queue = [a_call(sales, direction="outbound"), a_call(sales)]  # the latter: never offered
    Call.objects.filter(pk__in=[one.pk for one in on_no_queue]).update(queue=None)
    rollups.rebuild()
    assert told([leeds], MONDAY, by="channel") == {"Chat": 2, "Voice": 1}
    assert told([leeds], MONDAY, kpi="answered", by="direction") == {"Inbound": 3, "Outbound": 2}
    assert told([leeds], MONDAY, kpi="answered", direction="outbound") == {"Total": 2}
    assert told([leeds], MONDAY, by="channel", across="clock", channel="chat") == {
        ("Chat", "09:00"): 2
    }


def test_a_team_is_that_of_the_agent_on_the_day(leeds: Site, sales: Queue) -> None:
    ann, ben = an_agent(leeds, "Ann"), an_agent(leeds, "Ben")
    red, blue = a_team(leeds), a_team(leeds)
    tuesday = MONDAY + timedelta(days=1)
    TeamMembership.objects.create(agent=ann, team=red, starts_on=MONDAY, ends_on=tuesday)
    TeamMembership.objects.create(agent=ann, team=blue, starts_on=tuesday)
    a_call(sales, NINE, agent=ann, talk=60)
    a_call(sales, NINE + timedelta(days=1), agent=ann, talk=30)
    a_call(sales, NINE + timedelta(days=1), agent=ann, talk=90)
    a_call(sales, NINE, agent=ben, talk=10)
    rollups.rebuild()
    both = {"first": MONDAY, "last": tuesday}
    by_team = {red.name: 1, blue.name: 2, "In no team": 1}
    assert told([leeds], **both, kpi="answered", by="team") == by_team
    assert told([leeds], **both, kpi="talk", by="team")[blue.name] == 60
    assert told([leeds], **both, kpi="answered", by="total", only={"team": [blue.pk]}) == {
        "Total": 2
    }
    # By the quarter hour from the calls themselves.
    assert told([leeds], **both, kpi="answered", by="team", across="clock") == {
        (name, "09:00"): n for name, n in by_team.items()
    }


def test_calls_that_nobody_answered_are_of_no_agent_and_of_no_team(
    leeds: Site, sales: Queue
) -> None:
    """Ann answered after 10 and 30 s, somebody gave up after 60; of her calls out one was taken."""
    ann = an_agent(leeds, "Ann")
    team = a_team(leeds, None, ann)
    a_call(sales, wait=10, agent=ann)
    a_call(sales, wait=30, agent=ann)
    a_call(sales, wait=60, outcome="abandoned")
    a_call(sales, agent=ann, direction="outbound")
    a_call(sales, agent=ann, direction="outbound", outcome="other")
    rollups.rebuild()
    of_all = {"offered": 3, "service_level": 1 / 3, "abandon_rate": 1 / 3, "asa:W2": 100 / 3}
    of_answered = {"answered": 2, "service_level:SL2": 1 / 2, "asa": 20}
    of_dials = {"dials": 2, "connect_rate": 1 / 2}
    whole = Question([leeds], MONDAY, MONDAY, kpis=[*of_all, *of_answered, *of_dials])
    (row,) = report.answer(whole)
    assert {name: one.value for name, one in row.figures.items()} == (
        of_all | of_answered | of_dials
    )
    for asked in (
        {"by": "agent"},
        {"by": "team"},
        {"agents": [ann]},
        {"only": {"team": [team.pk]}},
    ):
        (row,) = report.answer(replace(whole, **asked))
        assert {name: one.value for name, one in row.figures.items()} == (
            dict.fromkeys(of_all) | of_answered | of_dials
        ), asked
        why = "it counts calls that nobody answered, and such calls belong to no agent"
        assert row.figures["offered"].reason == why
        assert row.figures["service_level"].reason == f"{why}; told of agents: SL2"
    # A call out is of who called, and in no queue.
    assert told([leeds], MONDAY, kpi="dials", by="agent", direction="outbound") == {"Ann": 2}
    assert told([leeds], MONDAY, by="agent", across="direction") == {
        ("Ann", "Inbound"): None, ("Ann", "Outbound"): None
    }  # fmt: skip
    assert told([leeds], MONDAY, kpi="answered", by="agent", across="direction") == {
        ("Ann", "Inbound"): 2, ("Ann", "Outbound"): 1
    }  # fmt: skip


QUEUE_KPIS = [
    "offered", "abandoned", "timed_out", "key_exit", "callback_requested", "other", "in_progress",
    "left_ivr", "refused", "busy", "missed", "abandon_rate", "abandon_rate:A4", "service_level",
    "service_level:SL2", "asa", "asa:W2", "longest_wait", "wait_p90:answered", "aht:H3",
]  # fmt: skip


def test_calls_out_enter_no_queue_and_have_no_figure_of_one(leeds: Site, sales: Queue) -> None:
    """Of three calls out one was taken, and met as busy or not taken the others; one call in."""
    a_call(sales, talk=60)
    a_call(sales, direction="outbound", talk=90)
    a_call(sales, direction="outbound", outcome="busy")
    a_call(sales, direction="outbound", outcome="other")
    rollups.rebuild()
    told_of_them = {"dials": 3, "connect_rate": 1 / 3, "answered": 1, "talk": 90}
    asked = Question([leeds], MONDAY, MONDAY, kpis=[*QUEUE_KPIS, *told_of_them])
    for way in (
        {"by": "direction"},
        {"direction": "outbound"},
        {"by": "day", "across": "direction"},
    ):
        rows = report.answer(replace(asked, **way))  # type: ignore[arg-type]
        out = rows[-1].figures
        assert {name: out[name].value for name in told_of_them} == told_of_them, way
        assert {name: out[name].value for name in QUEUE_KPIS} == dict.fromkeys(QUEUE_KPIS), way
        why = "it counts what callers met in a queue, and calls out enter none"
        assert {out[name].why_none for name in QUEUE_KPIS} == {why}
    by_day = replace(asked, by="day", direction="outbound")
    total = report.total_of_days(by_day, report.answer(by_day), Choices(MONDAY))
    assert (total["offered"].value, total["answered"].value) == (None, 1)
    inbound, _outbound = report.answer(replace(asked, by="direction"))
    assert (inbound.figures["offered"].value, inbound.figures["abandon_rate"].value) == (1, 0)


def test_topic_and_disposition_are_read_from_the_calls(leeds: Site, sales: Queue) -> None:
    bill, sold = Topic.objects.create(name="Bill"), Disposition.objects.create(name="Sold")
    a_call(sales, wait=5, topic=bill, disposition=sold)
    a_call(sales, wait=30, topic=bill)
    a_call(sales, wait=5, topic=bill, outcome="abandoned")
    a_call(sales, wait=30)
    rollups.rebuild()
    assert told([leeds], MONDAY, by="topic") == {"Bill": 3, "No topic": 1}
    # Answered within 20 s 1 of 2 answered; who left after 5 s left early.
    assert told([leeds], MONDAY, kpi="service_level", by="topic") == {"Bill": 1 / 2, "No topic": 0}
    assert told([leeds], MONDAY, by="disposition", across="topic") == {
        ("Sold", "Bill"): 1, ("No disposition", "Bill"): 2, ("No disposition", "No topic"): 1
    }  # fmt: skip
    assert told([leeds], MONDAY, by="interval", only={"topic": [bill.pk]}) == {
        "2 Mar 2026 09:00": 3
    }


def test_topics_of_several_sites_are_read_from_the_calls_of_each_sites_own_days(
    leeds: Site, sales: Queue
) -> None:
    """Of two sites of one zone and one of another, whose Monday begins and ends 5:30 earlier."""
    york, pune = a_site("York", "Europe/London"), a_site("Pune", "Asia/Kolkata")
    here, there = a_queue(york), a_queue(pune)
    bill = Topic.objects.create(name="Bill")
    a_call(sales, topic=bill)
    a_call(sales)
    a_call(here, topic=bill)
    a_call(here, at(2026, 3, 1, 20), topic=bill)  # Sunday
    a_call(there, at(2026, 3, 1, 20), topic=bill)  # 1:30 on Monday
    a_call(there, at(2026, 3, 2, 20), topic=bill)  # 1:30 on Tuesday
    rollups.rebuild()
    every = [leeds, york, pune]
    assert told(every, MONDAY, by="topic") == {"Bill": 3, "No topic": 1}
    assert told(every, MONDAY, by="topic", across="site") == {
        ("Bill", "Leeds"): 1, ("Bill", "Pune"): 1, ("Bill", "York"): 1, ("No topic", "Leeds"): 1,
    }  # fmt: skip


def test_topics_of_calls_in_and_out_stand_beside_each_other(leeds: Site, sales: Queue) -> None:
    bill = Topic.objects.create(name="Bill")
    a_call(sales, topic=bill, talk=60)
    a_call(sales, topic=bill, talk=30, direction="outbound")
    a_call(sales, talk=20, direction="outbound")
    rollups.rebuild()
    both = told([leeds], MONDAY, kpi="aht", by="topic", across="direction")
    assert both == {
        ("Bill", "Inbound"): 60, ("Bill", "Outbound"): 30, ("No topic", "Outbound"): 20
    }  # fmt: skip


def test_an_agent_by_the_hour_has_own_rings_beside_own_answers(leeds: Site, sales: Queue) -> None:
    ann, ben = an_agent(leeds, "Ann"), an_agent(leeds, "Ben")
    call = a_call(sales, agent=ann)
    rang(call, ben, "no_answer")
    rang(call, ann, "answered")
    rollups.rebuild()
    nine = "2 Mar 2026 09:00"
    assert told([leeds], MONDAY, kpi="answered", by="agent", across="hour") == {
        ("Ann", nine): 1, ("Ben", nine): 0
    }  # fmt: skip
    assert told([leeds], MONDAY, kpi="missed_rate", by="agent", across="hour") == {
        ("Ann", nine): 0, ("Ben", nine): 1
    }  # fmt: skip


def test_calls_per_agent_by_the_hour_are_of_the_agents_of_that_hour(
    leeds: Site, sales: Queue
) -> None:
    """At 9 Ann takes two and Ben one; at 10 Ben takes two; of one at 9 nobody says who took it."""
    ann, ben = an_agent(leeds, "Ann"), an_agent(leeds, "Ben")
    team = a_team(leeds, None, ann, ben)
    for hour, agent in ((0, ann), (0, ann), (0, ben), (0, None), (1, ben), (1, ben)):
        a_call(sales, NINE + timedelta(hours=hour), agent=agent)
    rollups.rebuild()
    of_day = 5 / 2
    assert told([leeds], MONDAY, kpi="calls_per_agent") == {"Total": of_day}
    for more in ({}, {"queues": [sales]}):
        assert told([leeds], MONDAY, kpi="calls_per_agent", by="clock", **more) == {
            "09:00": 3 / 2, "10:00": 2
        }  # fmt: skip
    assert told([leeds], MONDAY, kpi="calls_per_agent", by="clock", across="team") == {
        ("09:00", team.name): 3 / 2, ("10:00", team.name): 2
    }  # fmt: skip
    assert told([leeds], MONDAY, kpi="calls_per_agent", by="agent", across="clock") == {
        ("Ann", "09:00"): 2, ("Ben", "09:00"): 1, ("Ben", "10:00"): 2
    }  # fmt: skip
    assert told([leeds], MONDAY, kpi="calls_per_agent", by="topic") == {"No topic": of_day}
    # Of more days than are read from calls.
    season = Question(
        [leeds], MONDAY, MONDAY + timedelta(days=92), "clock", kpis=["calls_per_agent"]
    )
    why = {row.figures["calls_per_agent"].why_none for row in report.answer(season)}
    assert why == {"by less than a day this is read from the calls themselves: of at most 92 days"}
    # Of one day less.
    days = {"first": MONDAY, "last": MONDAY + timedelta(days=91)}
    assert told([leeds], **days, kpi="calls_per_agent", by="clock") == {"09:00": 3 / 2, "10:00": 2}


def test_where_no_contact_began_an_agent_who_answered_still_makes_a_row(
    leeds: Site, sales: Queue
) -> None:
    """A caller who came at ten to midnight is passed on, and answered again after it."""
    late = NINE + timedelta(hours=14, minutes=50)
    for external_id, later in (("a", 0), ("b", 15)):
        a_call(
            sales, late + timedelta(minutes=later), agent=an_agent(leeds, external_id),
            external_id=external_id, linked_id="one",
        )  # fmt: skip
    rollups.rebuild()
    days = {"first": MONDAY, "last": MONDAY + timedelta(days=1)}
    assert told([leeds], **days, kpi="offered", by="day") == {"2026-03-02": 1}
    assert told([leeds], **days, kpi="calls_per_agent", by="day") == {
        "2026-03-02": 1, "2026-03-03": 1
    }  # fmt: skip
    assert told([leeds], **days, kpi="calls_per_agent", by="interval") == {
        "2 Mar 2026 23:45": 1, "3 Mar 2026 00:00": 1
    }  # fmt: skip


def rang(call: object, agent: Agent, outcome: str) -> None:
    Offer.objects.create(
        id=f"{NINE.timestamp():.0f}{agent.pk:022}"[:32].ljust(32, "0"),
        call=call, agent=agent, starts_at=NINE, ring_ms=1000, outcome=outcome,
    )  # fmt: skip


@pytest.mark.parametrize("by", ["agent", "queue", "day", "channel", "interval", "clock", "weekday"])
def test_what_calls_say_is_what_the_counts_say(leeds: Site, sales: Queue, by: str) -> None:
    """A filter that lets everything through reads the calls: the same sums, the same numbers."""
    ann = an_agent(leeds, "Ann")
    for number in range(12):
        a_call(
            sales, NINE + timedelta(hours=7 * number), wait=number * 3, talk=20 + number,
            agent=ann if number % 3 else None,
            outcome="abandoned" if number % 4 == 3 else "answered",
        )  # fmt: skip
    rollups.rebuild()
    everything = {"only": {"topic": [None]}}
    days = {"first": MONDAY, "last": MONDAY + timedelta(days=6)}
    for kpi in ("offered", "service_level", "asa", "aht", "wait_p90", "longest_wait"):
        kept = told([leeds], **days, kpi=kpi, by=by, queues=[sales])
        assert told([leeds], **days, kpi=kpi, by=by, queues=[sales], **everything) == kept
        assert kept


@pytest.mark.parametrize(
    ("kpi", "looked_up"),
    [
        ("offered", set()),
        ("service_level", set()),
        ("aht", set()),
        ("transfer_rate", set()),
        ("missed_rate", {"ccm_offer"}),
        ("asa:W3", {"ccm_offer"}),
        ("escalation_rate", {"ccm_callnote"}),
        ("csat", {"ccm_surveyinvitation"}),
    ],
)
def test_beside_calls_no_more_is_looked_up_than_is_asked_for(
    leeds: Site, sales: Queue, kpi: str, looked_up: set[str]
) -> None:
    """Of a million calls that is most of the time. The plan of the query tells it."""
    a_call(sales)
    rollups.rebuild()
    with CaptureQueriesContext(connection) as asked:
        told([leeds], MONDAY, kpi=kpi, by="topic")
    (read,) = [one["sql"] for one in asked if "ccm_call" in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {read.partition('; ')[2]}")
        plan = " ".join(line for (line,) in cursor.fetchall())
    beside = ("ccm_offer", "ccm_callnote", "ccm_surveyinvitation")
    assert {table for table in beside if table in plan} == looked_up


def test_time_of_agents_by_week_by_clock_and_where_it_cannot_be_told(
    leeds: Site, sales: Queue
) -> None:
    ann = an_agent(leeds, "Ann")
    a_team(leeds, None, ann)
    a_call(sales, NINE, wait=0, talk=900, agent=ann)
    for start, end in ((NINE, NINE + timedelta(hours=1)),):
        AgentState.objects.create(
            agent=ann, state="available", starts_at=start, ends_at=end, source="test"
        )
    rollups.rebuild()
    # A quarter of the hour with a caller.
    assert told([leeds], MONDAY, kpi="occupancy", by="week") == {"2026-W10": 0.25}
    assert told([leeds], MONDAY, kpi="occupancy", by="clock", across="weekday") == {
        ("09:00", "Monday"): 0.25
    }
    by_team = told([leeds], MONDAY, kpi="occupancy", by="team")
    assert list(by_team.values()) == [0.25]
    (row,) = report.answer(Question([leeds], MONDAY, MONDAY, "channel", kpis=["occupancy"]))
    figure = row.figures["occupancy"]
    assert (figure.value, figure.reason) == (
        None,
        "this is not known by such rows and columns: agents' time is told of no channel, direction,"
        " topic or disposition, and of queues by no time of day",
    )


def test_a_row_of_nothing_stands_where_the_record_reaches_and_none_beyond(
    leeds: Site, sales: Queue
) -> None:
    """The record goes from Monday 9:00 to Thursday 9:02."""
    for day in (0, 3):
        a_call(sales, NINE + timedelta(days=day))
    a_call(a_queue(leeds, "Other"), NINE)
    rollups.rebuild()
    every = {"records": reading.records([leeds.pk])}
    week = {"first": date(2026, 3, 1), "last": date(2026, 3, 7)} | every
    days = {f"2026-03-0{day}": int(day in (2, 5)) for day in (2, 3, 4, 5)}
    assert told([leeds], **week, by="day", queues=[sales]) == days
    # Beside what there is of the other side.
    by_queue = told([leeds], **week, by="queue", across="day")
    assert by_queue["Sales", "2026-03-03"] == by_queue["Other", "2026-03-05"] == 0
    assert len(by_queue) == 8
    # Of the hours of its last day those that had begun.
    thursday = told([leeds], date(2026, 3, 5), by="hour", **every)
    assert (len(thursday), sum(thursday.values())) == (10, 1)  # type: ignore[arg-type]
    assert told([leeds], **week, by="clock") == {"09:00": 3}


def test_a_question_that_is_too_much_is_refused_in_words(leeds: Site) -> None:
    with pytest.raises(Unanswerable, match="at most 92 days"):
        told([leeds], MONDAY, MONDAY + timedelta(days=92), by="topic")
    with pytest.raises(Unanswerable, match="Rows and columns are the same"):
        told([leeds], MONDAY, by="day", across="day")


def test_more_cells_than_can_be_shown_are_refused_before_they_are_read(
    leeds: Site, sales: Queue, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    """Three days have 288 quarter hours: of two queues these are 576 cells."""
    other, _idle = a_queue(leeds, "Other"), a_queue(leeds, "Idle")
    for queue in (sales, other):
        a_call(queue, NINE)
    rollups.rebuild()
    monkeypatch.setattr(bounds, "MOST_CELLS", 576)
    asked = {"first": MONDAY, "last": MONDAY + timedelta(days=2), "by": "interval"}
    assert len(told([leeds], **asked, across="queue")) == 2
    monkeypatch.setattr(bounds, "MOST_CELLS", 575)
    # How many queues there are, and how many of them had any call.
    with django_assert_num_queries(2), pytest.raises(Unanswerable, match="more than 575 cells"):
        told([leeds], **asked, across="queue")
    assert len(told([leeds], **asked, across="queue", queues=[sales])) == 1


def test_more_figures_than_can_be_made_are_refused_before_they_are_read(
    leeds: Site, sales: Queue, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    """Two days have 192 quarter hours: of two queues and with three KPIs these are 1152 figures."""
    other, _idle = a_queue(leeds, "Other"), a_queue(leeds, "Idle")
    for queue in (sales, other):
        a_call(queue, NINE)
    rollups.rebuild()
    days = {"first": MONDAY, "last": MONDAY + timedelta(days=1)}
    asked = Question([leeds], **days, by="interval", across="queue", kpis=["offered", "aht", "asa"])
    monkeypatch.setattr(bounds, "MOST_FIGURES", 1152)
    assert len(report.answer(asked)) == 2
    monkeypatch.setattr(bounds, "MOST_FIGURES", 1151)
    why = "more than 1,151 figures: ask for fewer KPIs"
    # How many queues there are, and how many of them had any call.
    with django_assert_num_queries(2), pytest.raises(Unanswerable, match=why):
        report.answer(asked)
    assert len(report.answer(replace(asked, kpis=["offered", "aht"]))) == 2
    # Nobody waits for what a command makes.
    assert len(report.answer(asked, is_bound=False)) == 2
    with django_assert_num_queries(0), pytest.raises(Unanswerable, match=why):
        report.answer(replace(asked, across="total", kpis=[*KPIS][:7]))


def test_what_few_rows_have_too_many_figures_of_is_refused_once_they_are_read(
    leeds: Site, sales: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_call(sales, NINE)
    a_call(a_queue(leeds, "Other"), NINE)
    rollups.rebuild()
    asked = Question([leeds], MONDAY, MONDAY, by="queue", kpis=["offered", "aht"])
    monkeypatch.setattr(bounds, "MOST_FIGURES", 4)
    assert len(report.answer(asked)) == 2
    monkeypatch.setattr(bounds, "MOST_FIGURES", 3)
    with pytest.raises(Unanswerable, match="more than 3 figures"):
        report.answer(asked)


@pytest.mark.parametrize(
    ("days", "a_day", "others", "kpis"),
    [
        (90, 1, 40, 10),  # each queue by day
        (92, 96, 1, 5),  # a file of quarter hours with the KPIs of a new report
        (366, 24, 1, 5),  # a year by hour
        (366, 1, 1, len(KPIS)),  # a year by day, with all there is
        (31, 1, 1000, 1),  # a month of each of a thousand agents
        (1, 1, 500, len(KPIS)),
    ],
)
def test_what_people_ask_for_is_within_the_bound(
    days: int, a_day: int, others: int, kpis: int
) -> None:
    assert days * a_day * others <= bounds.MOST_CELLS
    assert days * a_day * others * kpis <= bounds.MOST_FIGURES


def test_a_year_of_quarter_hours_with_every_kpi_is_not_begun(
    leeds: Site, sales: Queue, django_assert_num_queries: Any
) -> None:
    days = {"first": MONDAY - timedelta(days=365), "last": MONDAY}
    with django_assert_num_queries(0), pytest.raises(Unanswerable, match="50,000 figures"):
        report.answer(Question([leeds], **days, by="interval"))
