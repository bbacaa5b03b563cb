"""Ramp time: when whoever is new works as the tenured of the team do."""

from datetime import date, timedelta

import pytest

from ccm.models import Agent, Queue, TeamMembership
from kpis.formulas.ramp import first_run, middle
from kpis.measures.people import ramp_time
from kpis.models import DayStat
from kpis.parameters import DEFAULTS
from kpis.report import Question, answer
from kpis.sums.counts import Counts
from kpis.sums.staff import Ramp
from tests.builders import a_site, a_team

MONDAY = date(2026, 1, 5)
WEEK = timedelta(weeks=1)


def test_the_middle_of_ten_leaves_out_the_fastest_and_the_slowest_rank():
    """Nearest ranks of 10: the first and the ninth; of 20: the second and the 18th."""
    assert middle([300, 100, 200, 900, 500, 400, 600, 700, 800, 1000]) == (100, 900)
    assert middle(range(1, 21)) == (2, 18)
    assert middle([5, 1, 4, 2, 3]) == (1, 5)
    assert middle([1, 2, 3, 4]) is None


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [
        ("", (0, False)),
        ("++++", (0, True)),
        ("-++++", (1, True)),
        ("+++-++++-", (4, True)),
        ("+++-+++", (4, False)),  # may have begun in the fifth
        ("+++-", (4, False)),  # not before the week to come
    ],
)
def test_the_first_four_weeks_in_a_row(weeks, expected):
    assert first_run([week == "+" for week in weeks]) == expected


def test_of_people_of_whom_none_can_be_told_it_says_why():
    told = ramp_time(Counts(ramp=Ramp(untold=22)), DEFAULTS)
    assert (told.value, told.n) == (None, 0)
    assert told.reason.startswith("all were hired before the record begins")
    assert ramp_time(Counts(ramp=Ramp()), DEFAULTS).reason == ""


@pytest.fixture
def centre(db):
    """Five tenured of a team, whose calls take 100, 110, 120, 130 and 140 s each week; counted up
    to Monday 13 April, so that 14 weeks are whole."""
    site = a_site()
    team = a_team(site)
    for number in range(5):
        old = someone(team, date(2020, 1, 1))
        works(old, [100 + 10 * number] * 15)
    return team


def someone(team, hired, left=None):
    site = team.site
    agent = Agent.objects.create(
        site=site, name=f"{hired} {Agent.objects.count()}", hired_on=hired, left_on=left
    )
    TeamMembership.objects.create(agent=agent, team=team, starts_on=max(hired, date(2020, 1, 1)))
    return agent


def works(agent, seconds, calls=12):
    """Calls on each Monday from 5 January on, of so many seconds of talk; None: no calls."""
    queue, _made = Queue.objects.get_or_create(site=agent.site, name="Sales")
    for number, mean in enumerate(seconds):
        if mean is None:
            continue
        known = {
            "site": agent.site, "channel": "voice", "direction": "inbound",
            "day": MONDAY + number * WEEK, "handle_n": [0, calls, *[0] * 6],
            "handle_ms": [0, calls * mean * 1000, *[0] * 6], "hist_codes": "", "hist_counts": "",
        }  # fmt: skip
        DayStat.objects.bulk_create([DayStat(unit="v", queue=queue, agent=agent, **known)])
        others = [DayStat(unit="v", queue=queue, **known), DayStat(unit="c", **known)]
        DayStat.objects.bulk_create(others, ignore_conflicts=True)  # one a day


def ramp(team, first=MONDAY, last=date(2026, 3, 31), **more):
    (row,) = answer(Question(sites=[team.site], first=first, last=last, kpis=["ramp_time"], **more))
    return row.figures["ramp_time"]


def parts(figure):
    return [part.value for part in figure.made_of]


def test_a_week_outside_begins_the_count_anew(centre):
    """Hired on Wednesday 7 January. The weeks from 12 January on: too slow, two inside, too slow,
    inside for good from 9 February, 33 days after."""
    new = someone(centre, date(2026, 1, 7))
    works(new, [300, 200, 140, 130, 141, *[139] * 10])
    told = ramp(centre)
    assert (told.value, told.n, told.of, told.unit) == (33, 1, "person hired", "days")
    assert parts(told) == [1, 1, 0, 0]


def test_half_of_those_hired_leavers_and_who_does_not_yet(centre):
    """Of five hired on 5 January one is there after 14 days, one after 35. One leaves after 28 and
    never is, one is too slow and has 14 weeks behind. One was inside for the last two of these:
    what is known of that one is 12 weeks. Shares: 1/5 after 14 days; after 28 three are left of
    five; after 35, of those three, 3/5 x 1/3 = 1/5 more: 2/5. No half."""
    works(someone(centre, MONDAY), [200, 200, *[120] * 12])
    works(someone(centre, MONDAY), [200] * 5 + [120] * 9)
    works(someone(centre, MONDAY, MONDAY + 4 * WEEK), [200] * 4)
    works(someone(centre, MONDAY), [200] * 14)
    works(someone(centre, MONDAY), [200] * 12 + [120] * 2)
    told = ramp(centre)
    assert (told.value, parts(told)) == (None, [5, 2, 1, 2])
    assert told.reason == "not yet known: fewer than half of them do so far"
    works(someone(centre, MONDAY), [120] * 14)
    # Three of six: 1/6 at once, 1/3 after 14 days, 1/2 after 35.
    assert (ramp(centre).value, parts(ramp(centre))) == (35, [6, 3, 1, 2])


def test_who_cannot_be_compared_is_left_out_and_counted(centre):
    """Nobody has a band in a team of one; nine calls a week tell nothing."""
    works(someone(centre, MONDAY), [120] * 14, calls=9)
    works(someone(a_team(centre.site), MONDAY), [120] * 14)
    told = ramp(centre)
    assert (told.value, told.n) == (None, 0)
    assert [(str(words), n) for words, n, *_ in told.left_out] == [
        ("hired before the record begins, or of whom no week can be compared", 2)
    ]


def test_of_who_was_hired_before_the_record_begins_it_is_not_told_when_they_came_so_far(centre):
    """The record begins on 5 January: whoever was hired on 29 December was inside from its first
    week on, and may have been before. Hired on Wednesday 31, the first whole week is in it."""
    works(someone(centre, MONDAY - WEEK), [120] * 14)
    works(someone(centre, date(2025, 12, 31)), [120] * 14)
    told = ramp(centre, first=MONDAY - WEEK)
    assert (told.value, parts(told)) == (5, [1, 1, 0, 0])
    assert [n for _words, n, *_ in told.left_out] == [1]


def test_by_the_month_of_hire(centre):
    works(someone(centre, MONDAY), [120] * 14)
    works(someone(centre, date(2026, 2, 2)), [None] * 4 + [200] * 2 + [120] * 8)
    rows = answer(
        Question(
            sites=[centre.site], first=MONDAY, last=date(2026, 3, 31), by="month",
            kpis=["ramp_time"],
        )
    )  # fmt: skip
    told = {row.name: row.figures["ramp_time"].value for row in rows}
    assert told == {"January 2026": 0, "February 2026": 14, "March 2026": None}


def test_nothing_of_a_queue_and_one_query_where_nobody_was_hired(centre, django_assert_num_queries):
    assert ramp(centre, queues=[Queue.objects.get()]).reason == (
        "nobody's time since hire is told by this"
    )
    with django_assert_num_queries(4):  # counts, who was hired, choices, targets
        assert ramp(centre).n == 0
