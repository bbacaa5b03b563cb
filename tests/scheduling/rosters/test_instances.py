"""Public instances are read as their authors tell them: small ones of our own, in their words."""

import json

import pytest

from benchmarks import rosters
from scheduling import rules
from scheduling.roster.solve import solve
from scheduling.rules.costs import cost
from scheduling.shifts import Assignment, Roster

SMALL = """# a comment
SECTION_HORIZON
7

SECTION_SHIFTS
# ShiftID, Length in mins, Shifts which cannot follow
E,480,
L,480,E

SECTION_STAFF
# ID, MaxShifts, MaxTotalMinutes, MinTotalMinutes, MaxConsec, MinConsec, MinConsecOff, MaxWeekends
A,E=7|L=7,2400,1920,5,2,2,0
B,E=7|L=0,1440,960,3,1,1,1

SECTION_DAYS_OFF
A,0

SECTION_SHIFT_ON_REQUESTS
A,1,L,3

SECTION_SHIFT_OFF_REQUESTS
B,2,E,4

SECTION_COVER
# Day, ShiftID, Requirement, Weight for under, Weight for over
1,E,1,100,1
1,L,1,100,1
2,E,1,100,1
6,E,1,100,1
"""


def worked(**days):
    """{person: letters of a week, a dash for a day off}."""
    return Roster(
        {
            name: {day: Assignment(shift) for day, shift in enumerate(week) if shift != "-"}
            for name, week in days.items()
        }
    )


@pytest.fixture
def small(tmp_path):
    file = tmp_path / "Instance0.txt"
    file.write_text(SMALL, encoding="utf-8")
    return rosters.read(file)


@pytest.mark.parametrize(
    ("a", "b", "total", "broken"),
    [
        # All that is asked for: A late on Tuesday as wished; B early on Tuesday, Wednesday against
        # their wish (4), and Sunday.
        ("-LLLL--", "-EE---E", 4, []),
        # A early on Tuesday: the late shift is missing (100), early is one too many (1), and the
        # wish (3) and B's (4) are refused.
        ("-EEEE--", "-EE---E", 100 + 1 + 3 + 4 + 1, []),
        # On Sunday A works a weekend, and early after late.
        ("-LL--LE", "-EE----", 4, ["follows", "most_weekends"]),
        # On Monday, a day off; three days of 480 are fewer than the least.
        ("LLL----", "-EE---E", 4, ["day_off", "fewest_period_minutes"]),
    ],
)
def test_an_instance_costs_what_its_authors_count(small, a, b, total, broken):
    roster = worked(A=a, B=b)
    assert sorted({str(one.rule) for one in rules.check(small, roster)}) == broken
    assert cost(small, roster).total == total


def test_the_best_is_found_and_written(small):
    solved = solve(small, 20)
    assert (solved.cost, solved.is_proven) == (4, True)
    assert not rules.check(small, solved.roster)
    lines = list(rosters.lines(small, solved.roster))
    assert [line.split(",")[0] for line in lines] == ["A", "B"]
    assert lines[1] == "B,-,E,E,-,-,-,E"


def test_a_week_told_in_json_is_slots_shapes_and_bands(tmp_path):
    """Two days of four slots of half an hour from seven; full shifts have three slots, of which the
    second is lunch, and starts lie within two slots of an anchor."""
    told = {
        "slot_minutes": 30, "first_slot": "07:00", "days": 2,
        "required": [[1, 0, 1, 0], [0, 1, 0, 1]],
        "shift_rules": {
            "full": {"length_slots": 3, "lunch_after_slots": [1, 1], "lunch_slots": 1},
            "part": {"length_slots": 1, "start_every_slots": 2},
        },
        "agents": [
            {"id": "A", "contract": "full", "days_off": [], "earliest_slot": 0},
            {"id": "B", "contract": "part", "days_off": [1], "earliest_slot": 1},
        ],
    }  # fmt: skip
    file = tmp_path / "week.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    week = rosters.read(file)
    assert [one.start for one in week.shapes] == [420, 450, 420, 480]
    assert [one.limits.start_band_minutes for one in week.people] == [120, 120]
    solved = solve(week, 1)
    # A from seven on the first day and from half past on the second covers all; B has to come on
    # the first day, too, from eight, when nobody is asked for beside A: one too many.
    assert solved.cost == 1
    assert not rules.check(week, solved.roster)
    lines = list(rosters.lines(week, solved.roster))
    assert lines == ["A,0,07:00,07:30", "A,1,07:30,08:00", "B,0,08:00,-"]
