"""Agents' time, counted from calls and states laid over each other."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm.access import MANAGER
from ccm.intervals import day_of, floor
from ccm.models import AgentState, Call, Offer
from kpis import rollups
from kpis.models import AgentTimeStat, SiteTimeStat
from kpis.reads import timesheet
from kpis.report import Question, answer
from tests.builders import (
    NINE,
    a_call,
    a_queue,
    a_record,
    a_site,
    a_team,
    a_user,
    an_agent,
    stored,
)
from tests.examples import examples

pytestmark = pytest.mark.django_db

DAY = NINE.date()
MINUTE = timedelta(minutes=1)
MS = 60_000


def a_spell(agent, state, starts, ends=None, reason=""):
    return AgentState.objects.create(
        agent=agent, source="test", agent_name=agent.name, state=state, reason=reason,
        starts_at=starts, ends_at=ends,
    )  # fmt: skip


def a_ring(call, agent, starts, seconds, outcome="no_answer"):
    return Offer.objects.create(
        id=f"00000000-0000-7000-8000-{Offer.objects.count():012}", call=call, agent=agent,
        agent_name=agent.name, starts_at=starts, ring_ms=seconds * 1000, outcome=outcome,
    )  # fmt: skip


def minutes(row):
    """The parts of a row of time in minutes."""
    names = ("handling", "ringing", "paused", "other", "ready", "untold")
    return tuple(getattr(row, f"{name}_ms") / MS for name in names)


def at(minute):
    return NINE + minute * MINUTE


def test_a_morning_is_laid_into_parts_that_do_not_overlap():
    """Logged in 9:00 to 11:00. A phone rings 9:09 to 9:10, is taken and talked on to 9:20, with two
    minutes of wrap-up; a second contact 9:15 to 9:25 overlaps it. Lunch 10:00 to 10:30, but a call
    of 9:58 is talked on to 10:04. So: handling 9:10 to 9:25 and 9:58 to 10:04, 21 minutes; paused
    26; ringing 1; the other 72 ready."""
    queue = a_queue()
    ann = an_agent(queue.site, "Ann")
    a_spell(ann, "logged_in", at(0), at(120))
    a_spell(ann, "paused", at(60), at(90), "Lunch")
    first = a_call(queue, at(9), wait=60, talk=600, acw_ms=2 * MS, agent=ann)
    a_ring(first, ann, at(9), 60, "answered")
    a_call(queue, at(15), wait=0, talk=600, agent=ann)
    a_call(queue, at(58), wait=0, talk=360, agent=ann)
    rollups.rebuild()
    row = AgentTimeStat.objects.get()
    assert minutes(row) == (21, 1, 26, 0, 72, 0)
    assert row.paused == {"Lunch": 26 * MS}
    quarters = {row.start: minutes(row) for row in SiteTimeStat.objects.all()}
    assert quarters[at(0)] == (5, 1, 0, 0, 9, 0)
    assert quarters[at(60)] == (4, 0, 11, 0, 0, 0)
    assert len(quarters) == 8


def test_where_states_tell_who_is_available_the_rest_of_a_session_is_not_taken_for_it():
    ann = an_agent(a_site(), "Ann")
    a_spell(ann, "logged_in", at(0), at(60))
    a_spell(ann, "available", at(10), at(30))
    a_spell(ann, "acw", at(30), at(33))
    rollups.rebuild()
    assert minutes(AgentTimeStat.objects.get()) == (3, 0, 0, 37, 20, 0)


def test_calls_of_an_agent_whom_no_state_tells_of_are_untold():
    queue = a_queue()
    a_call(queue, at(0), wait=0, talk=600, agent=an_agent(queue.site, "Ann"))
    rollups.rebuild()
    assert minutes(AgentTimeStat.objects.get()) == (0, 0, 0, 0, 0, 10)


def test_a_session_without_an_end_lasts_to_the_agents_last_sign():
    queue = a_queue()
    ann = an_agent(queue.site, "Ann")
    a_spell(ann, "logged_in", at(0))
    a_call(queue, at(20), wait=0, talk=600, agent=ann)
    a_call(queue, at(0) + timedelta(days=2), wait=0, talk=600, agent=ann)
    rollups.rebuild()
    first, second = AgentTimeStat.objects.order_by("day")
    assert (minutes(first), first.open_spells) == ((10, 0, 0, 0, 20, 0), 1)
    assert minutes(second) == (0, 0, 0, 0, 0, 10)


def test_being_offline_is_no_sign_of_an_agent_and_tells_nothing_of_the_day():
    """Ann's session lasts to the end of her call; of Ben's time nothing is told."""
    queue = a_queue()
    ann, ben = an_agent(queue.site, "Ann"), an_agent(queue.site, "Ben")
    a_spell(ann, "logged_in", at(0))
    for agent in (ann, ben):
        a_call(queue, at(20), wait=0, talk=600, agent=agent)
        a_spell(agent, "offline", at(40), at(60))
    rollups.rebuild()
    first, second = AgentTimeStat.objects.order_by("agent__name")
    assert minutes(first) == (10, 0, 0, 0, 20, 0)
    assert minutes(second) == (0, 0, 0, 0, 0, 10)


def test_the_reason_of_a_pause_is_that_of_the_one_that_began_last():
    """Of an hour's lunch ten minutes were a meeting, and a break came later. Ben's is his own."""
    site = a_site()
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    for agent, first, last, reason in (
        (ann, 0, 60, "Lunch"), (ann, 20, 30, "Meeting"), (ann, 90, 95, "Break"),
        (ben, 20, 22, "Break"),
    ):  # fmt: skip
        a_spell(agent, "paused", at(first), at(last), reason)
    rollups.rebuild()
    paused = {row.agent.name: row.paused for row in AgentTimeStat.objects.all()}
    assert paused == {
        "Ann": {"Lunch": 50 * MS, "Meeting": 10 * MS, "Break": 5 * MS},
        "Ben": {"Break": 2 * MS},
    }


def test_a_state_that_ends_at_midnight_tells_nothing_of_the_next_day():
    queue = a_queue()
    ann = an_agent(queue.site, "Ann")
    a_spell(ann, "available", at(14 * 60), at(15 * 60))
    a_call(queue, at(16 * 60), wait=0, talk=600, agent=ann)
    rollups.rebuild()
    first, second = AgentTimeStat.objects.order_by("day")
    assert (minutes(first), minutes(second)) == ((0, 0, 0, 0, 60, 0), (0, 0, 0, 0, 0, 10))


def test_time_over_midnight_is_cut_at_the_sites_midnight():
    site = a_site(zone="Asia/Kathmandu")  # midnight is 18:15 UTC
    ann = an_agent(site, "Ann")
    a_spell(ann, "logged_in", datetime(2026, 3, 2, 17, 45, tzinfo=UTC), at(0) + timedelta(hours=10))
    rollups.rebuild()
    assert [(row.day.day, minutes(row)[4]) for row in AgentTimeStat.objects.order_by("day")] == [
        (2, 30),
        (3, 45),
    ]


def counted():
    """All that is counted of agents' time, without its keys."""
    fields = ("handling_ms", "ringing_ms", "paused_ms", "other_ms", "ready_ms", "untold_ms")
    by_agent = AgentTimeStat.objects.values_list(
        "agent__name", "day", "paused", "open_spells", *fields
    )
    by_quarter = SiteTimeStat.objects.values_list("start", *fields)
    return sorted(by_agent), sorted(by_quarter)


def test_time_told_in_any_order_ends_in_what_is_counted_of_it_all():
    """A night: in at 22:50, a call over midnight, Lunch and out the next day; the ends come with
    later files, or before their starts."""
    night = datetime(2026, 3, 1, 22, 50, tzinfo=UTC)
    told = [
        {"states": [{"agent": "Ann", "state": "logged_in", "starts_at": night}]},
        {
            "states": [
                {"agent": "Ann", "state": "paused", "reason": "Lunch", "starts_at": night + MINUTE}
            ]
        },
        {
            "states": [
                {"agent": "Ann", "state": "logged_in", "ends_at": night + 300 * MINUTE},
                {"agent": "Ann", "state": "paused", "ends_at": night + 11 * MINUTE},
            ]
        },
    ]
    call = a_record(
        night + 60 * MINUTE,
        external_id="1",
        agent="Ann",
        outcome="answered",
        answered_at=night + 60 * MINUTE,
        ended_at=night + 90 * MINUTE,
        talk_ms=30 * MS,
    )
    after = []
    # A third of all orders: each comes first in two of them.
    for order in list(permutations(range(4)))[::3]:
        with transaction.atomic():
            site = a_site()
            for number in order:
                if number == 3:
                    stored(site, call)
                else:
                    stored(site, **lines(told[number]))
                while rollups.recount_dirty():
                    continue
            after.append(counted())
            if len(after) == 1:
                rollups.rebuild([site])
                assert counted() == after[0]
            transaction.set_rollback(True)
    assert after == after[:1] * 8
    (first, second), _quarters = after[0]
    # 70 minutes up to midnight: 10 of handling, 10 of lunch; 230 after it: 20 of handling.
    assert first[2:5] == ({"Lunch": 10 * MS}, 0, 10 * MS)
    assert (second[4], second[8]) == (20 * MS, 210 * MS)


def test_a_sign_of_the_next_day_read_before_the_start_of_a_session_ends_it():
    site = a_site()
    call = {"external_id": "1", "agent": "Ann", "outcome": "answered", "talk_ms": 30 * MS}
    morning = datetime(2026, 3, 2, 6, tzinfo=UTC)
    stored(site, a_record(morning, answered_at=morning, **call))
    rollups.recount_dirty()
    evening = {"agent": "Ann", "state": "logged_in", "starts_at": morning - 8 * 60 * MINUTE}
    stored(site, **lines({"states": [evening]}))
    rollups.recount_dirty()
    before = counted()
    rollups.rebuild()
    assert counted() == before
    assert [minutes(row) for row in AgentTimeStat.objects.order_by("day")] == [
        (0, 0, 0, 0, 120, 0),
        (30, 0, 0, 0, 360, 0),
    ]


EVENING, MORNING = at(-11 * 60), at(-3 * 60)
BEGUN = {
    "a session": {"states": [{"agent": "Ann", "state": "logged_in", "starts_at": EVENING}]},
    "a call": a_record(
        EVENING, external_id="0", agent="Ann", outcome="answered", answered_at=EVENING
    ),
}
PAUSED = {"agent": "Ann", "state": "paused", "reason": "Lunch", "starts_at": MORNING}
SIGNS = {
    "a call": a_record(
        MORNING, external_id="1", agent="Ann", outcome="answered", answered_at=MORNING,
        talk_ms=30 * MS,
    ),
    "a pause": {"states": [PAUSED | {"ends_at": MORNING + 30 * MINUTE}]},
    "a start": {"states": [PAUSED]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("begun", "sign", "evening", "morning"),
    [
        ("a session", "a call", (0, 0, 0, 0, 120, 0), (30, 0, 0, 0, 360, 0)),
        ("a session", "a pause", (0, 0, 0, 0, 120, 0), (0, 0, 30, 0, 360, 0)),
        ("a session", "a start", (0, 0, 0, 0, 120, 0), (0, 0, 0, 0, 360, 0)),
        ("a call", "a call", (0, 0, 0, 0, 0, 120), (0, 0, 0, 0, 0, 390)),
        ("a call", "a pause", (0, 0, 0, 0, 0, 120), (390, 0, 0, 0, 0, 0)),
        ("a call", "a start", (0, 0, 0, 0, 0, 120), (0, 0, 0, 0, 0, 360)),
    ],
)
@pytest.mark.parametrize("sign_first", [False, True])
def test_a_sign_of_the_next_day_ends_what_had_no_end_the_evening_before_whichever_comes_first(
    begun, sign, evening, morning, sign_first
):
    """Begun at 22:00; of Ann there is no more before 6:00, and after 6:30 nothing."""
    site = a_site()
    for told in sorted((BEGUN[begun], SIGNS[sign]), key=lambda one: one is BEGUN[begun])[
        :: 1 if sign_first else -1
    ]:
        if "states" in told:
            stored(site, **lines(told))
        else:
            stored(site, told)
        while rollups.recount_dirty():
            continue
    assert [minutes(row) for row in AgentTimeStat.objects.order_by("day")] == [evening, morning]


def test_a_session_lasts_a_whole_day_at_most_to_the_midnight_it_shows_its_last_sign_at():
    site, midnight = a_site(), at(15 * 60)
    begun = {"agent": "Ann", "state": "logged_in", "starts_at": midnight - timedelta(days=1)}
    stored(site, **lines({"states": [begun]}))
    rollups.recount_dirty()
    stored(site, **lines({"states": [PAUSED | {"starts_at": midnight}]}))
    rollups.recount_dirty()
    (row,) = AgentTimeStat.objects.all()
    assert (row.day, minutes(row)) == (DAY, (0, 0, 0, 0, 24 * 60, 0))


def test_states_of_calls_and_rings_are_handling_and_ringing_as_calls_themselves_are():
    """A call of 10 minutes, on hold for 2 and wrapped up in 3, as a log of states alone tells it;
    then a phone that rings for 1 during a pause of 5, and 4 of something else."""
    ann = an_agent(a_site(), "Ann")
    a_spell(ann, "on_call", at(0), at(10))
    a_spell(ann, "hold", at(10), at(12))
    a_spell(ann, "acw", at(12), at(15))
    a_spell(ann, "paused", at(20), at(25))
    a_spell(ann, "ringing", at(21), at(22))
    a_spell(ann, "other", at(25), at(29))
    rollups.rebuild()
    assert minutes(AgentTimeStat.objects.get()) == (15, 1, 4, 4, 0, 0)


def test_a_night_recounted_alone_leaves_the_time_of_other_nights_and_sites_as_it_was():
    """Of two sites four nights each, from ten to two."""
    sites = [a_site(), a_site()]
    for site in sites:
        agent = an_agent(site)
        for night in range(4):
            evening = at(13 * 60) + timedelta(days=night)
            a_spell(agent, "available", evening, evening + 240 * MINUTE)
    rollups.rebuild()
    before = counted()
    assert [minutes(row)[4] for row in AgentTimeStat.objects.order_by("agent", "day")] == [
        120, 240, 240, 240, 120
    ] * 2  # fmt: skip
    for day in range(5):
        one = DAY + timedelta(days=day)
        rollups.refresh(rollups.Stretch(sites[0], one, one))
        assert counted() == before


def days_of(site, name):
    """A part of the site's time in minutes, by day of the month."""
    time = AgentTimeStat.objects.filter(site=site)
    return {row.day.day: getattr(row, f"{name}_ms") / MS for row in time.order_by("day")}


@pytest.mark.parametrize(
    ("told", "ring", "third"),
    [
        ({"talk_ms": 11 * MS}, None, 6),
        ({"talk_ms": 5 * MS}, None, 0),
        ({"talk_ms": 4 * MS, "acw_ms": 3 * MS}, None, 2),
        ({"talk_ms": 4 * MS, "hold_ms": 2 * MS}, None, 1),
        # It lasted for longer than its source's clock says, or has no end.
        ({"talk_ms": 6 * MS, "ended_at": at(15 * 60)}, None, 1),
        ({"talk_ms": 7 * MS, "ended_at": None}, None, 2),
        ({"wrapup_ended_at": at(15 * 60 + 7)}, None, 7),
        ({"outcome": "abandoned", "answered_at": None, "agent": None}, 7 * MS, 1),
        ({"outcome": "abandoned", "answered_at": None, "agent": None}, 6 * MS, 0),
    ],
)
def test_a_call_of_the_evening_counts_on_the_next_day_as_far_as_it_or_its_ring_lasts(
    told, ring, third
):
    """Offered at 23:54, when it rings, and answered at 23:55. A short one of the evening
    before was counted; of the next day, and of another site, nothing is told."""
    site, midnight = a_site(), at(15 * 60)
    a_site()
    for number, answered, more in (
        (0, midnight - 2 * MINUTE - timedelta(days=1), {}),
        (1, midnight - 5 * MINUTE, told),
    ):
        known = {"outcome": "answered", "answered_at": answered, "agent": "Ann"}
        ended = answered + timedelta(milliseconds=more.get("talk_ms", MS))
        rings = ring if number else None
        stored(
            site, a_record(
                answered - MINUTE, external_id=str(number),
                **known | {"ended_at": ended} | more,
            ),
            offers=[{
                "call": 0, "agent": "Ann", "outcome": "no_answer", "ring_ms": rings,
                "starts_at": answered - MINUTE, "ended_ms": rings,
            }] if rings else [],
        )  # fmt: skip
        while rollups.recount_dirty():
            continue
    assert days_of(site, "untold").get(3, 0) == third
    rollups.rebuild()
    assert days_of(site, "untold").get(3, 0) == third


def test_the_next_day_loses_what_a_call_that_was_taken_for_longer_had_of_it():
    """Offered at 23:59 and answered two minutes later; a later log knows that the caller gave up.
    Nothing else happened there; the other site has such a call a day later."""
    site, other = a_site(), a_site()
    for one, midnight in ((site, at(15 * 60)), (other, at(39 * 60))):
        talked = {"answered_at": midnight + MINUTE, "talk_ms": 5 * MS, "agent": "Ann"}
        called = a_record(midnight - MINUTE, external_id=one.name, outcome="answered", **talked)
        stored(one, called, source=one.name)
    while rollups.recount_dirty():
        continue
    assert days_of(site, "untold") == {3: 5}
    Call.objects.filter(site=site).update(
        outcome="abandoned", answered_at=None, talk_ms=None, agent=None
    )
    rollups.refresh(rollups.Stretch(site, DAY, DAY))
    assert days_of(site, "untold") == {}
    assert days_of(other, "untold") == {4: 5}


def occupancies(site, **question):
    """Occupancy by key, under both variants, with n in minutes."""
    asked = Question(
        [site], NINE.date(), NINE.date(), kpis=["occupancy:O1", "occupancy:O2"], **question
    )
    return {
        row.name: tuple((one.value, one.n / 60) for one in row.figures.values())
        for row in answer(asked)
    }


def test_occupancy_of_agents_their_queue_and_their_site():
    """Ann is there an hour: 15 minutes of calls on Sales, 15 of lunch, 30 ready. Ben is there two
    hours and talks half of them, on both queues. Cem has calls and no state."""
    site = a_site()
    sales, service = a_queue(site, "Sales"), a_queue(site, "Service")
    ann, ben, cem = (an_agent(site, name) for name in ("Ann", "Ben", "Cem"))
    a_spell(ann, "logged_in", at(0), at(60))
    a_spell(ann, "paused", at(30), at(45))
    a_call(sales, at(0), wait=0, talk=15 * 60, agent=ann)
    a_spell(ben, "logged_in", at(0), at(120))
    a_call(sales, at(0), wait=0, talk=30 * 60, agent=ben)
    a_call(service, at(60), wait=0, talk=30 * 60, agent=ben)
    a_call(sales, at(60), wait=0, talk=30 * 60, agent=cem)
    rollups.rebuild()
    assert occupancies(site, by="agent") == {
        "Ann": ((15 / 45, 45), (15 / 60, 60)),
        "Ben": ((60 / 120, 120), (60 / 120, 120)),
        "Cem": ((None, 0), (None, 0)),
    }
    assert occupancies(site) == {"Total": ((75 / 165, 165), (75 / 180, 180))}
    # Nobody can tell what part of Ben's idle time was for Sales.
    assert occupancies(site, by="queue") == {
        "Sales": ((15 / 45, 45), (15 / 60, 60)),
        "Service": ((None, 0), (None, 0)),
    }
    both = occupancies(site, queues=[sales, service])
    assert both == {"Total": ((75 / 165, 165), (75 / 180, 180))}
    by_quarter = occupancies(site, by="interval")
    assert by_quarter["2 Mar 2026 09:00 UTC"] == ((1, 30), (1, 30))
    assert by_quarter["2 Mar 2026 09:45 UTC"] == ((0, 30), (0, 30))
    assert len(by_quarter) == 8


def test_occupancy_of_agents_and_their_team_by_the_hour():
    """Ann is there from 9 to 11, talks from 9:50 to 10:10 and pauses from 10:30; Ben is there from
    9:30 to 10:30 and waits. Of Cem there is a call and no state."""
    site = a_site()
    sales = a_queue(site, "Sales")
    ann, ben, cem = (an_agent(site, name) for name in ("Ann", "Ben", "Cem"))
    team = a_team(site, None, ann, ben)
    a_spell(ann, "logged_in", at(0), at(120))
    a_spell(ann, "paused", at(90), at(120))
    a_spell(ben, "available", at(30), at(90))
    a_call(sales, at(50), wait=0, talk=20 * 60, agent=ann)
    a_call(sales, at(15), wait=0, talk=5 * 60, agent=cem)
    rollups.rebuild()
    nine, ten = "2 Mar 2026 09:00 UTC", "2 Mar 2026 10:00 UTC"
    assert across(site, "agent", "hour") == {
        ("Ann", nine): (10 / 60, 60), ("Ann", ten): (10 / 30, 30),
        ("Ben", nine): (0, 30), ("Ben", ten): (0, 30),
        ("Cem", nine): (None, 0),
    }  # fmt: skip
    assert across(site, "clock", "team") == {
        ("09:00", team.name): (10 / 90, 90), ("10:00", team.name): (10 / 60, 60),
        ("09:00", "In no team"): (None, 0),
    }  # fmt: skip
    # The quarters of a picked agent's day are the day.
    assert across(site, "interval", agents=[ann]) == {
        (f"2 Mar 2026 {clock} UTC", ""): (share, n)
        for clock, share, n in (
            ("09:00", 0, 15), ("09:15", 0, 15), ("09:30", 0, 15), ("09:45", 10 / 15, 15),
            ("10:00", 10 / 15, 15), ("10:15", 0, 15), ("10:30", None, 0), ("10:45", None, 0),
        )
    }  # fmt: skip
    assert across(site, "day", agents=[ann]) == {("2026-03-02", ""): (20 / 90, 90)}
    # Whose time on a queue it was is told of days alone.
    assert across(site, "hour", "agent", queues=[sales])[nine, "Ann"] == (None, 0)


def across(site, by, columns="total", **more):
    """The share and its minutes, by row and column."""
    asked = Question([site], DAY, DAY, by, columns, kpis=["occupancy"], **more)
    return {
        (row.name, row.column): (row.figures["occupancy"].value, row.figures["occupancy"].n / 60)
        for row in answer(asked)
    }


def lines(chunk):
    return {"states": [{"lines": 1, "line": 1} | one for one in chunk["states"]]}


@st.composite
def _days_work(draw):
    """Spells and calls of one agent around a midnight, in whole minutes after 22:00 UTC."""
    spans = st.tuples(st.integers(0, 240), st.integers(1, 90))
    states = draw(
        st.lists(
            st.tuples(st.sampled_from(["logged_in", "paused", "available", "acw", "other"]), spans),
            max_size=6,
            unique_by=lambda one: (one[0], one[1][0]),
        )
    )
    return states, draw(st.lists(spans, max_size=4)), draw(st.lists(spans, max_size=3))


KINDS = {"acw": "handling", "paused": "paused", "available": "ready", "other": "other"}
ORDER = ("handling", "ringing", "paused", "other", "ready")


def by_minute(calendar, begin, states, calls, rings):
    """The same, a minute at a time: what stands first among all that lies over the minute."""
    said = {}
    over = [(KINDS.get(state), state, a, n) for state, (a, n) in states]
    over += [("handling", "", a, n) for a, n in calls] + [("ringing", "", a, n) for a, n in rings]
    days = {}
    for _kind, state, a, n in over:
        for minute in range(a, a + n):
            day = day_of(begin + minute * MINUTE, calendar)
            stated, ready = days.get(day, (False, False))
            days[day] = (stated or bool(state), ready or state == "available")
    for minute in range(400):
        here = {(kind, state) for kind, state, a, n in over if a <= minute < a + n}
        if not here:
            continue
        moment = begin + minute * MINUTE
        day = day_of(moment, calendar)
        stated, tells_ready = days[day]
        kinds = {kind for kind, _ in here if kind}
        if not kinds:
            kinds = {"other" if tells_ready else "ready"}
        part = next(one for one in ORDER if one in kinds)
        part = part if stated else "untold"
        for key in (day, floor(moment)):
            said.setdefault(key, dict.fromkeys((*ORDER, "untold"), 0))[part] += 1
    return said


@settings(max_examples=examples(10), deadline=None)
@given(_days_work(), st.sampled_from(["UTC", "Asia/Kathmandu", "Australia/Lord_Howe"]))
def test_any_work_is_as_it_is_a_minute_at_a_time(work, zone):
    with transaction.atomic():
        _compare(zone, *work)
        transaction.set_rollback(True)


def _compare(zone, states, calls, rings):
    site = a_site(zone=zone)
    queue = a_queue(site)
    ann = an_agent(site, "Ann")
    begin = datetime(2026, 4, 4, 12, tzinfo=UTC)
    for state, (a, n) in states:
        a_spell(ann, state, begin + a * MINUTE, begin + (a + n) * MINUTE)
    for a, n in calls:
        a_call(queue, begin + a * MINUTE, wait=0, talk=n * 60, agent=ann)
    for a, n in rings:
        a_ring(a_call(queue, begin, outcome="abandoned"), ann, begin + a * MINUTE, n * 60)
    rollups.rebuild([site])
    expected = by_minute(site.calendar, begin, states, calls, rings)
    found = {row.day: minutes(row) for row in AgentTimeStat.objects.filter(site=site)}
    found |= {row.start: minutes(row) for row in SiteTimeStat.objects.filter(site=site)}
    assert found == {key: tuple(parts.values()) for key, parts in expected.items()}
    days = {day: parts for day, parts in expected.items() if not isinstance(day, datetime)}
    # A day read alone is what it is among others.
    for first, last in {(day, day) for day in days} | ({(min(days), max(days))} if days else set()):
        assert _quarters(site, first, last, ann) == {
            (start, ann.pk): tuple(parts.values())
            for start, parts in expected.items()
            if isinstance(start, datetime) and first <= day_of(start, site.calendar) <= last
        }
    assert _occupancies(site, days) == {
        (day.isoformat(), variant): (busy / of, of) if of else (None, 0)
        for day, parts in days.items()
        for busy in [parts["handling"] + parts["ringing"]]
        for variant, of in (
            ("O1", busy + parts["ready"]),
            ("O2", busy + parts["ready"] + parts["paused"] + parts["other"]),
        )
    }


def _quarters(site, first, last, agent):
    """What is read of each agent's quarter hours, in minutes."""
    selection = Question([site], first, last, agents=[agent]).selection
    found = timesheet.cells(selection, ("interval", "agent"))
    return {key: minutes(time) for key, time in found.items()}


def _occupancies(site, days):
    """What a report says of the days, n in minutes."""
    if not days:
        return {}
    question = Question(
        [site], min(days), max(days), by="day", kpis=["occupancy:O1", "occupancy:O2"]
    )
    return {
        (row.name, one.variant.id): (one.value, one.n / 60)
        for row in answer(question)
        for one in row.figures.values()
        if date.fromisoformat(row.name) in days
    }


def test_the_passport_of_occupancy_lists_the_time_it_was_summed_from(client):
    site = a_site()
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    a_spell(ann, "logged_in", at(0), at(60))
    a_spell(ben, "logged_in", at(0), at(120))
    a_spell(ben, "paused", at(30), at(45))
    a_call(a_queue(site), at(0), wait=0, talk=30 * 60, agent=ben)
    rollups.rebuild()
    client.force_login(a_user(MANAGER, site))
    asked = f"?kpi=occupancy&site={site.slug}&from={DAY}&to={DAY}"
    page = client.get(reverse("passport") + asked).content.decode()
    told = [cells_of(row) for row in page.split("<tr>") if "Ben</th>" in row or "Ann</th>" in row]
    # Logged in, handling, ringing, ready, paused, other, without states.
    assert told == [
        ["Ben", "2:00:00", "30:00", "0:00", "1:15:00", "15:00", "0:00", "0:00"],
        ["Ann", "1:00:00", "0:00", "0:00", "1:00:00", "0:00", "0:00", "0:00"],
    ]
    # 30 of 165 minutes, and of 180.
    assert "2.8 h of agents' time" in page.replace("&#x27;", "'")
    assert re.findall(r"<td>(1\d\.\d)", page) == ["18.2", "16.7"]
    # Of one agent by day.
    of_ann = client.get(f"{reverse('passport')}{asked}&agent={ann.pk}")
    assert [row["of"] for row in of_ann.context["passport"]["times"]] == [f"{DAY:%-d %b %Y}"]


def test_the_passport_of_an_agents_hour_lists_its_time_alone(client):
    """From 9 to 11, with 20 minutes of talk from 9:50 on and a pause from 10:30."""
    site = a_site()
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    a_spell(ann, "logged_in", at(0), at(120))
    a_spell(ann, "paused", at(90), at(120))
    a_spell(ben, "available", at(60), at(75))
    a_call(a_queue(site), at(50), wait=0, talk=20 * 60, agent=ann)
    rollups.rebuild()
    client.force_login(a_user(MANAGER, site))
    asked = f"?kpi=occupancy&site={site.slug}&from={DAY}&to={DAY}&only=clock:10"
    for more, expected in (
        (f"&agent={ann.pk}", [["2 Mar 2026", "1:00:00", "10:00", "0:00", "20:00", "30:00"]]),
        ("", [["Ann", "1:00:00", "10:00", "0:00", "20:00", "30:00"],
              ["Ben", "15:00", "0:00", "0:00", "15:00", "0:00"]]),
    ):  # fmt: skip
        page = client.get(reverse("passport") + asked + more).content.decode()
        rows = [cells_of(row)[:6] for row in page.split("<tr>") if 'scope="row"' in row]
        assert [row for row in rows if row[0] in ("Ann", "Ben", "2 Mar 2026")] == expected
        # 10 of 30 minutes, and with Ben of 45.
        assert ("33.3" in page) == bool(more)
        assert ("22.2" in page) == (not more)


def cells_of(row):
    return re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row)
