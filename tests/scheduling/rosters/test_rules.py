"""Each rule of rosters, with one that just keeps it and one that just does not.

A roster is a line of shapes from the span's first day on, a full stop for a day off:

    E 06:00-14:00   L 14:00-22:00   N 22:00-06:00   P 10:00-14:00   V 05:00-13:00
    D 09:00-17:30 with half an hour's lunch, begun 12:00 to 14:00   K as E, Mondays to Fridays
    S 08:00-12:00 and 16:00-20:00   C on call 18:00-08:00
"""

from dataclasses import fields
from datetime import date

import pytest

from scheduling.rules import Rule, check
from scheduling.shifts import (
    Activity,
    Assignment,
    Kind,
    Limits,
    Pairing,
    Pause,
    Person,
    Problem,
    Roster,
    Shape,
    Weights,
    Worked,
)
from scheduling.shifts.days import days_of

MONDAY, THURSDAY, SUNDAY = date(2025, 3, 3), date(2025, 3, 6), date(2025, 3, 9)
# Clocks of Berlin go forward at 02:00 on Sunday, 30 March, and back at 03:00 on 26 October.
SPRING, AUTUMN = date(2025, 3, 24), date(2025, 10, 20)
H = 60
LUNCH = Pause("lunch", 30, earliest=3 * H, latest=5 * H)
WEEK = tuple(range(7))

SHAPES = (
    Shape("E", 6 * H, ((0, 480),), "early"),
    Shape("L", 14 * H, ((0, 480),), "late"),
    Shape("N", 22 * H, ((0, 480),), "night"),
    Shape("P", 10 * H, ((0, 240),), "part"),
    Shape("V", 5 * H, ((0, 480),), "very early"),
    Shape("D", 9 * H, ((0, 510),), "day", pauses=(LUNCH,)),
    Shape("K", 6 * H, ((0, 480),), "early", weekdays=frozenset(range(5))),
    Shape("S", 8 * H, ((0, 240), (480, 720)), "split"),
    Shape("C", 18 * H, ((0, 840),), "on call", kind=Kind.ON_CALL),
)


def a_problem(*people, days=7, first=MONDAY, zone="UTC", shapes=SHAPES, **said):
    return Problem(days_of(first, days, zone), shapes, people or (Person("ann"),), **said)


def ann(limits=None, **said):
    return Person("ann", limits=Limits(**(limits or {})), **said)


def rostered(**lines):
    """A roster from a line of shapes for each person."""
    return Roster(
        {
            who: {day: Assignment(shape) for day, shape in enumerate(line) if shape != "."}
            for who, line in lines.items()
        }
    )


def before(day, clock=6 * H, is_night=False):
    """Eight hours that began on a day before the span."""
    return Worked(day * 1440 + clock, day * 1440 + clock + 480, 480, is_night, clock)


def facts(problem, **lines):
    found = check(problem, rostered(**lines))
    return [(str(one.rule), one.amount, one.limit, one.days) for one in found]


LIMITS = [
    # Being on call is no worked minute, and held to no length.
    ("fewest_day_minutes", 480, "S.C", "P", 240, (0,)),
    ("most_day_minutes", 240, "P.C", "D", 480, (0,)),
    ("fewest_week_minutes", 2400, "EEEEE..", "EEEE..C", 1920, WEEK),
    ("most_week_minutes", 2400, "EEEEE.C", "EEEEEP.", 2640, (0, 1, 2, 3, 4, 5)),
    ("fewest_period_minutes", 960, "E.....N", "E....P.", 720, WEEK),
    ("most_period_minutes", 960, "E.....N", "E..P..N", 1200, (0, 3, 6)),
    ("fewest_week_days", 3, "E.E.C..", "E.E....", 2, WEEK),
    ("most_week_days", 2, "E.E....", "E.E.C..", 3, (0, 2, 4)),
    # From 22:00 to 09:00, and to 08:00; being on call is no rest before a shift either.
    ("rest_minutes", 660, "LD", "LS", 600, (0, 1)),
    ("rest_minutes", 120, "C.P", "CD", 60, (0, 1)),
    # From Saturday 14:00 to Monday's midnight, and from 22:00.
    ("week_rest_minutes", 34 * H, "EEEEEE.", "LLLLLL.", 26 * H, (0, 1, 2, 3, 4, 5)),
    ("most_days_in_row", 3, "ELN.E", "ELNN", 4, (0, 1, 2, 3)),
    ("fewest_days_in_row", 2, ".EE", ".E", 1, (1,)),
    ("fewest_off_in_row", 2, "E..E", "E.E", 1, (1,)),
    ("start_band_minutes", 180, "E.D.S", "E.D..L", 480, (0, 5)),
    ("most_nights_in_row", 2, "NN.NN", "NNN", 3, (0, 1, 2)),
    # From Tuesday 06:00 to Wednesday 14:00, and to 06:00; from night to night nothing is asked.
    ("rest_after_nights_minutes", 32 * H, "NN..LN", "N.E", 24 * H, (0, 2)),
]


@pytest.mark.parametrize(("rule", "limit", "kept", "broken", "amount", "days"), LIMITS)
def test_a_limit_is_kept_up_to_it_and_broken_beyond(rule, limit, kept, broken, amount, days):
    problem = a_problem(ann({rule: limit}))
    assert facts(problem, ann=kept) == []
    assert facts(problem, ann=broken) == [(rule, amount, limit, days)]


def test_each_field_of_limits_is_a_rule_of_its_name():
    assert {one.name for one in fields(Limits)} <= set(Rule)


@pytest.mark.parametrize(("rule", "amount"), [("most_weekends", 2), ("fewest_weekends_off", 0)])
def test_a_weekend_is_worked_if_a_shift_begins_on_one_of_its_days(rule, amount):
    problem = a_problem(ann({rule: 1}), days=14)
    # A night from Friday to Saturday is none of the weekend.
    assert facts(problem, ann="....NEE....N..") == []
    assert facts(problem, ann=".....E.......E") == [(rule, amount, 1, (5, 13))]


def test_a_span_of_fewer_weekends_than_are_to_be_free_asks_for_those_it_has():
    problem = a_problem(ann({"fewest_weekends_off": 2}))
    assert facts(problem, ann="EEEEE..") == []
    assert facts(problem, ann="......E") == [("fewest_weekends_off", 0, 2, (6,))]


def test_a_weekend_beyond_the_span_is_not_free():
    problem = a_problem(ann({"fewest_weekends_off": 1}), first=date(2025, 3, 8))
    assert facts(problem, ann="..EEE") == []
    assert facts(problem, ann="E") == [("fewest_weekends_off", 0, 1, (0,))]


def test_of_a_template_there_are_so_many_in_the_span():
    problem = a_problem(ann({"most_of_template": {"early": 2, "night": 1}}))
    assert facts(problem, ann="EKLLN") == []
    (found,) = check(problem, rostered(ann="EKE.N"))
    assert (found.rule, found.what, found.amount, found.limit, found.days) == (
        Rule.MOST_OF_TEMPLATE,
        "early",
        3,
        2,
        (0, 1, 2),
    )


# What binds single shifts.


@pytest.mark.parametrize(
    ("said", "kept", "broken", "fact"),
    [
        ({"templates": frozenset({"early", "part"})}, "EP", "EL", ("template", None, None, (1,))),
        ({"days_off": frozenset({1})}, "N.E", "EE", ("day_off", None, None, (1,))),
        ({"earliest_start": 8 * H}, "S", "E", ("earliest_start", 360, 480, (0,))),
        ({"latest_end": 22 * H}, "L", "N", ("latest_end", 30 * H, 22 * H, (0,))),
        ({"latest_end": 30 * H}, "N", "C", ("latest_end", 32 * H, 30 * H, (0,))),
        ({"present": (1, 2)}, ".EE", "EE", ("present", None, None, (0,))),
        ({"present": (1, 2)}, ".N", "...E", ("present", None, None, (3,))),
        (
            {"rotation": {0: frozenset({"early", "late"})}},
            "LN",
            "N",
            ("rotation", None, None, (0,)),
        ),
        ({"rotation": {1: frozenset()}}, "E.E", "EE", ("rotation", None, None, (1,))),
        ({"fixed": {1: "E"}}, "LE", "EL", ("fixed", None, None, (1,))),
        ({"fixed": {1: None}}, "E.E", "EE", ("fixed", None, None, (1,))),
        ({"fixed": {1: "E"}}, "LE", "E", ("fixed", None, None, (1,))),
        # What is fixed outside the span is none of it.
        ({"fixed": {-1: "E", 0: None, 7: "E"}}, ".E", "E", ("fixed", None, None, (0,))),
        # 10:00 to 11:00, and what touches it; 12:00 to 16:00 is between the spells of S.
        ({"closed": ((600, 660),)}, "L", "P", ("closed", 60, 0, (0,))),
        ({"closed": ((840, 900),)}, "E", "L", ("closed", 60, 0, (0,))),
        ({"closed": ((720, 960),)}, "S", "P", ("closed", 120, 0, (0,))),
        # On Tuesday from 00:00 to 07:00: Monday's night goes on to 06:00, being on call to 08:00.
        ({"closed": ((1440, 1860),)}, "L", "N", ("closed", 360, 0, (0,))),
        ({"closed": ((1440, 1860),)}, ".P", "C", ("closed", 420, 0, (0,))),
    ],
)
def test_what_somebody_can_be_given(said, kept, broken, fact):
    problem = a_problem(ann(**said))
    assert facts(problem, ann=kept) == []
    assert facts(problem, ann=broken) == [fact]


def test_a_shape_is_given_on_its_weekdays():
    assert facts(a_problem(), ann="....K") == []
    assert facts(a_problem(), ann=".....K") == [("weekday", None, None, (5,))]


def test_a_template_does_not_follow_another_the_next_day():
    problem = a_problem(follows=frozenset({("late", "early")}))
    assert facts(problem, ann="EL.E") == []
    assert facts(problem, ann=".LE") == [("follows", None, None, (1, 2))]


def test_nobody_is_on_two_shifts_at_once():
    assert facts(a_problem(), ann="NE") == []
    assert facts(a_problem(), ann="NV") == [("overlap", 60, 0, (0, 1))]


@pytest.mark.parametrize(
    ("roster", "rule", "person", "day", "what"),
    [
        (rostered(bob="E"), "unknown_person", "bob", 0, ""),
        (rostered(ann="X"), "unknown_shape", "ann", 0, "X"),
        (rostered(ann=".......E"), "unknown_day", "ann", 7, "E"),
        (Roster({"ann": {-1: Assignment("E")}}), "unknown_day", "ann", -1, "E"),
    ],
)
def test_what_is_not_of_the_problem_is_told_and_counts_nowhere(roster, rule, person, day, what):
    problem = a_problem(ann({"most_period_minutes": 0}))
    (found,) = check(problem, roster)
    assert (found.rule, found.person, found.day, found.what) == (rule, person, day, what)
    assert found.is_hard


# Clocks that are put.


def test_a_rest_is_as_long_as_time_goes_by():
    """From 22:00 on Saturday to 09:00 are eleven hours on the clock: ten in spring. To 08:00 are
    eleven in autumn."""
    eleven = ann({"rest_minutes": 11 * H})
    assert facts(a_problem(eleven, first=SPRING), ann=".....LD") == []
    spring = a_problem(eleven, first=SPRING, zone="Europe/Berlin")
    assert facts(spring, ann=".....LD") == [("rest_minutes", 600, 660, (5, 6))]
    autumn = a_problem(eleven, first=AUTUMN, zone="Europe/Berlin")
    assert facts(autumn, ann=".....LS") == []


def test_a_night_has_seven_hours_in_spring_and_nine_in_autumn():
    eight = ann({"fewest_day_minutes": 480, "most_day_minutes": 480})
    spring = a_problem(eight, first=SPRING, zone="Europe/Berlin")
    assert facts(spring, ann="....NN") == [("fewest_day_minutes", 420, 480, (5,))]
    autumn = a_problem(eight, first=AUTUMN, zone="Europe/Berlin")
    assert facts(autumn, ann="....NN") == [("most_day_minutes", 540, 480, (5,))]


def test_a_week_ends_by_the_clock():
    """From Saturday 14:00 to Monday's midnight: 33 hours in spring, 35 in autumn."""
    for first, hours in ((SPRING, 33), (AUTUMN, 35)):
        kept = ann({"week_rest_minutes": hours * H})
        assert facts(a_problem(kept, first=first, zone="Europe/Berlin"), ann="EEEEEE") == []
        more = ann({"week_rest_minutes": hours * H + 1})
        assert facts(a_problem(more, first=first, zone="Europe/Berlin"), ann="EEEEEE") == [
            ("week_rest_minutes", hours * H, hours * H + 1, (0, 1, 2, 3, 4, 5))
        ]


def test_a_pause_is_within_its_window_as_time_goes_by():
    """A night with a pause after five hours: that is 04:00 where clocks went forward."""
    shapes = (Shape("Z", 22 * H, ((0, 480),), pauses=(Pause("rest", 30, 300, 330),)),)
    problem = a_problem(first=SPRING, zone="Europe/Berlin", shapes=shapes)
    night = problem.days[5].at(22 * H)
    four = problem.days[6].at(4 * H)
    for start, kept in ((four - 1, False), (four, True), (four + 30, True), (four + 31, False)):
        roster = Roster({"ann": {5: Assignment("Z", (Activity("rest", start, start + 30),))}})
        assert (check(problem, roster) == ()) is kept
    assert four - night == 300


# What was before the span, and its edges.


def test_rests_and_runs_go_on_from_before_the_span():
    late = ann({"rest_minutes": 660}, before=(before(-1, 14 * H),))
    assert facts(a_problem(late), ann="D") == []
    assert facts(a_problem(late), ann="S") == [("rest_minutes", 600, 660, (-1, 0))]

    worked = tuple(before(day) for day in (-5, -3, -2, -1))
    in_row = ann({"most_days_in_row": 5}, before=worked)
    assert facts(a_problem(in_row), ann="EE") == []
    assert facts(a_problem(in_row), ann="EEEE") == [
        ("most_days_in_row", 6, 5, (-3, -2, -1, 0, 1, 2)),
        ("most_days_in_row", 7, 5, (-3, -2, -1, 0, 1, 2, 3)),
    ]

    full = ann({"most_days_in_row": 5}, before=tuple(before(day) for day in range(-5, 0)))
    assert facts(a_problem(full), ann=".E") == []
    assert facts(a_problem(full), ann="E") == [("most_days_in_row", 6, 5, (-5, -4, -3, -2, -1, 0))]

    night = before(-1, 22 * H, is_night=True)
    nights = ann({"most_nights_in_row": 2, "rest_after_nights_minutes": 32 * H}, before=(night,))
    assert facts(a_problem(nights), ann="N..E") == []
    assert facts(a_problem(nights), ann="NN") == [("most_nights_in_row", 3, 2, (-1, 0, 1))]
    assert facts(a_problem(nights), ann=".L") == []
    assert facts(a_problem(nights), ann=".P") == [
        ("rest_after_nights_minutes", 28 * H, 32 * H, (-1, 1))
    ]


def test_minutes_of_the_first_week_and_of_the_period_go_on_from_before():
    """From Thursday on: Monday to Wednesday were of this week, Sunday was not."""
    worked = tuple(before(day) for day in (-4, -3, -2, -1))
    week = a_problem(ann({"most_week_minutes": 2400}, before=worked), first=THURSDAY, days=4)
    assert facts(week, ann="E.E") == []
    assert facts(week, ann="E.EP") == [("most_week_minutes", 2640, 2400, (-3, -2, -1, 0, 2, 3))]

    days = a_problem(ann({"most_week_days": 4}, before=worked), first=THURSDAY, days=4)
    assert facts(days, ann="E") == []
    assert facts(days, ann="E..C") == [("most_week_days", 5, 4, (-3, -2, -1, 0, 3))]

    period = a_problem(ann({"most_period_minutes": 2400}, before=worked), first=THURSDAY, days=4)
    assert facts(period, ann="E") == []
    assert facts(period, ann="E..P") == [
        ("most_period_minutes", 2640, 2400, (-4, -3, -2, -1, 0, 3))
    ]
    fewest = ann({"fewest_period_minutes": 2400}, before=worked)
    assert facts(a_problem(fewest, first=THURSDAY, days=4), ann="E") == []
    assert facts(a_problem(fewest, first=THURSDAY, days=4), ann="P") == [
        ("fewest_period_minutes", 2160, 2400, (0, 1, 2, 3))
    ]

    band = a_problem(ann({"start_band_minutes": 240}, before=worked), first=THURSDAY, days=4)
    assert facts(band, ann="P") == []
    assert facts(band, ann="L") == [("start_band_minutes", 480, 240, (-3, 0))]


def test_a_week_without_its_rest_before_the_span_stays_without():
    """A span that is a Sunday, after six lates: 26 hours are left, and with an early on Sunday the
    longest rest is the 16 hours between two lates."""
    worked = tuple(before(day, 14 * H) for day in range(-6, 0))
    sunday = a_problem(ann({"week_rest_minutes": 26 * H}, before=worked), first=SUNDAY, days=1)
    assert facts(sunday) == []
    assert facts(sunday, ann="E") == [
        ("week_rest_minutes", 16 * H, 26 * H, (-6, -5, -4, -3, -2, -1, 0))
    ]


def test_a_weekend_that_began_before_the_span_is_one():
    one = ann({"most_weekends": 0}, before=(before(-1),))
    assert facts(a_problem(one, first=SUNDAY), ann=".E") == []
    assert facts(a_problem(one, first=SUNDAY), ann="E") == [("most_weekends", 1, 0, (-1, 0))]


def test_what_was_before_the_span_breaks_no_rule_alone():
    worked = tuple(before(day, 22 * H, is_night=True) for day in range(-6, 0))
    nothing = dict.fromkeys(
        (
            "most_week_minutes",
            "most_period_minutes",
            "most_week_days",
            "most_days_in_row",
            "most_nights_in_row",
            "most_weekends",
            "start_band_minutes",
        ),
        0,
    )
    more = {"rest_minutes": 48 * H, "week_rest_minutes": 168 * H, "fewest_weekends_off": 1}
    problem = a_problem(ann({**nothing, **more}, before=worked), first=SUNDAY, days=1)
    assert facts(problem) == []


@pytest.mark.parametrize("line", ["E", "......E", "E.....E", "EE..EEE"])
def test_a_run_that_the_spans_edge_cuts_off_may_be_longer_than_it_shows(line):
    assert facts(a_problem(ann({"fewest_days_in_row": 2})), ann=line) == []


@pytest.mark.parametrize("line", [".EEEEE.", "EEEEEE.", ".EEEEEE"])
def test_a_run_of_days_off_at_the_spans_edge_may_be_longer_than_it_shows(line):
    assert facts(a_problem(ann({"fewest_off_in_row": 3})), ann=line) == []


def test_somebody_who_comes_within_the_span_has_no_run_that_their_coming_cuts_off():
    comes = {"present": (2, 5)}
    for line in ("..E....", ".....E."):
        assert facts(a_problem(ann({"fewest_days_in_row": 2}, **comes)), ann=line) == []
    assert facts(a_problem(ann({"fewest_days_in_row": 2}, **comes)), ann="...E...") == [
        ("fewest_days_in_row", 1, 2, (3,))
    ]
    assert facts(a_problem(ann({"fewest_off_in_row": 2}, **comes)), ann="...EEE.") == []


def test_no_fewest_are_asked_of_a_week_that_is_not_all_of_the_span():
    asks = {"fewest_week_minutes": 2400, "fewest_week_days": 5}
    assert facts(a_problem(ann(asks), first=THURSDAY)) == []
    assert facts(a_problem(ann(asks, present=(1, 6)))) == []
    assert [fact[0] for fact in facts(a_problem(ann(asks)))] == [
        "fewest_week_minutes",
        "fewest_week_days",
    ]


def test_the_fewest_of_a_week_are_less_by_what_an_absence_counts_for():
    """Two of five days of eight hours off: 24 of 40 hours are left, and three of five days. The
    week after asks for all of them, and what is left is never below nothing."""
    off = {"credited": {1: 480, 2: 480}, "away": frozenset({1, 2})}
    minutes = a_problem(ann({"fewest_week_minutes": 2400}, **off), days=14)
    assert facts(minutes, ann="E..EE..EEEEE..") == []
    assert facts(minutes, ann="E..E...EEEE.E.") == [("fewest_week_minutes", 960, 1440, WEEK)]
    days = a_problem(ann({"fewest_week_days": 5}, **off), days=14)
    assert facts(days, ann="E..EE..EEEEE..") == []
    assert facts(days, ann="E..EE..EEEE...") == [("fewest_week_days", 4, 5, tuple(range(7, 14)))]

    week = {"credited": dict.fromkeys(range(5), 480), "away": frozenset(range(5))}
    asks = {"fewest_week_minutes": 1800, "fewest_week_days": 4}
    assert facts(a_problem(ann(asks, **week))) == []


def test_an_absence_of_hours_lowers_minutes_and_no_days():
    asks = {"fewest_week_minutes": 2400, "fewest_week_days": 5}
    problem = a_problem(ann(asks, credited={4: 240}))
    assert facts(problem, ann="EEEEP..") == []
    assert facts(problem, ann="EEEE...") == [
        ("fewest_week_minutes", 1920, 2160, WEEK),
        ("fewest_week_days", 4, 5, WEEK),
    ]


def test_an_absence_lowers_the_fewest_of_its_period_before_the_span_too_and_no_most():
    off = {"credited": {-3: 480, 1: 240}, "away": frozenset({-3})}
    asks = {"fewest_period_minutes": 1680, "most_period_minutes": 1920}
    problem = a_problem(ann(asks, **off))
    assert facts(problem, ann="E.E....") == []
    assert facts(problem, ann="E.P....") == [("fewest_period_minutes", 720, 960, WEEK)]
    assert facts(problem, ann="E.EEE..") == []
    assert facts(problem, ann="E.EEEP.") == [("most_period_minutes", 2160, 1920, (0, 2, 3, 4, 5))]


def test_a_rest_lasts_until_the_first_shift_that_is_known_after_the_span():
    """Monday from 06:00: after a late of Sunday eight hours, after an early sixteen."""
    monday = Worked(7 * 1440 + 6 * H, 7 * 1440 + 14 * H, 480, clock=6 * H)
    problem = a_problem(ann({"rest_minutes": 660}, after=monday))
    assert facts(problem, ann="......E") == []
    assert facts(problem, ann="......L") == [("rest_minutes", 480, 660, (6, 7))]
    (found,) = check(problem, rostered(ann="......L"))
    assert found.day == 6
    # Nights of Saturday end on Sunday: 24 hours before.
    nights = a_problem(ann({"rest_after_nights_minutes": 36 * H}, after=monday))
    assert facts(nights, ann=".....N.") == [("rest_after_nights_minutes", 24 * H, 36 * H, (5, 7))]
    assert facts(nights, ann="....N..") == []
    night = Worked(7 * 1440 + 22 * H, 8 * 1440 + 6 * H, 480, True, 22 * H)
    assert facts(a_problem(ann({"rest_after_nights_minutes": 36 * H}, after=night)), ann="N") == []


def test_a_shift_into_the_next_roster_overlaps_with_its_first():
    monday = Worked(7 * 1440 + 5 * H, 7 * 1440 + 13 * H, 480, clock=5 * H)
    problem = a_problem(ann(after=monday))
    assert facts(problem, ann="......N") == [("overlap", 60, 0, (6, 7))]
    assert facts(problem, ann="......L") == []


def test_what_is_after_the_span_breaks_nothing_alone_and_counts_for_nothing():
    monday = Worked(7 * 1440, 7 * 1440 + 480, 480)
    limits = {
        "rest_minutes": 60 * H, "most_week_minutes": 480, "most_period_minutes": 480,
        "most_days_in_row": 1,
    }  # fmt: skip
    late = (before(-1, 14 * H),)
    problem = a_problem(ann(limits, before=late, after=monday), days=1, first=SUNDAY)
    assert facts(problem) == []
    assert facts(a_problem(ann({"most_period_minutes": 480}, after=monday)), ann="..E") == []


def test_a_shift_before_the_span_is_of_the_day_whose_clock_showed_its_start():
    """Sunday, 30 March had 23 hours: 24 hours before Monday's midnight it was 23:00 on Saturday."""
    assert Worked(-1440, -960, 480, True, clock=23 * H).day == -2
    assert Worked(-1380, -900, 480, clock=0).day == -1
    assert Worked(-1440 - 1, -960, 480).day == -2


# Pauses and activities.


def lunch(start=750, minutes=30, name="lunch"):
    return Activity(name, start, start + minutes)


def training(start, end):
    return Activity("training", start, end, is_pause=False)


def day_of(shape, *activities):
    return Roster({"ann": {0: Assignment(shape, activities)}})


@pytest.mark.parametrize(
    ("shape", "activities", "broken"),
    [
        ("D", (), None),  # not placed yet
        ("D", (lunch(720),), None),
        ("D", (lunch(840),), None),
        ("D", (lunch(719),), ("pause_window", 179, 180, "lunch")),
        ("D", (lunch(841),), ("pause_window", 301, 300, "lunch")),
        ("D", (lunch(minutes=25),), ("pause_length", 25, 30, "lunch")),
        ("D", (lunch(minutes=35),), ("pause_length", 35, 30, "lunch")),
        ("D", (training(540, 600),), ("pause_missing", 0, 1, "lunch")),
        ("D", (lunch(720), lunch(780)), ("pause_unknown", 2, 1, "lunch")),
        ("D", (lunch(), lunch(900, 10, "smoke")), ("pause_unknown", 1, 0, "smoke")),
        ("D", (lunch(), training(780, 1050)), None),
        ("D", (training(780, 1050), lunch(751)), ("activity_overlap", 1, 0, "training")),
        ("D", (lunch(), training(1020, 1051)), ("activity_outside", None, None, "training")),
        ("D", (lunch(), training(600, 600)), ("activity_outside", None, None, "training")),
        # Between spells there is no work that could be training.
        ("S", (training(480, 720),), None),
        ("S", (training(719, 721),), ("activity_outside", None, None, "training")),
        ("S", (training(780, 840),), ("activity_outside", None, None, "training")),
    ],
)
def test_pauses_are_all_there_where_they_may_be(shape, activities, broken):
    found = check(a_problem(), day_of(shape, *activities))
    told = [(str(one.rule), one.amount, one.limit, one.what) for one in found]
    assert told == ([broken] if broken else [])


def test_each_activity_that_begins_within_another_is_told():
    morning = (training(540, 700), training(560, 580), training(690, 710), lunch())
    found = check(a_problem(), day_of("D", *morning))
    assert [(one.rule, one.amount) for one in found] == [
        ("activity_overlap", 140),
        ("activity_overlap", 10),
    ]


def test_pauses_of_one_name_are_taken_for_those_that_they_suit():
    """One break at any time of seven hours, another within ten minutes: whichever comes first."""
    breaks = (Pause("break", 15, 0, 420), Pause("break", 15, 100, 110))
    problem = a_problem(shapes=(Shape("B", 0, ((0, 480),), pauses=breaks),))
    for first, second in ((20, 110), (100, 400)):
        roster = day_of("B", lunch(second, 15, "break"), lunch(first, 15, "break"))
        assert check(problem, roster) == ()
    (found,) = check(problem, day_of("B", lunch(99, 15, "break"), lunch(200, 15, "break")))
    assert found.rule is Rule.PAUSE_WINDOW


@pytest.mark.parametrize(
    ("shape", "asked", "has"),
    [
        ("P", (240, 30), None),  # not longer than four hours
        ("P", (239, 30), 0),
        ("D", (479, 30), None),
        ("D", (479, 31), 30),
        ("D", (480, 31), None),  # eight hours of work: lunch is none
        ("S", (360, 240), None),  # four hours between its spells
        ("S", (360, 241), 240),
        ("C", (0, 30), None),
    ],
)
def test_a_long_shift_has_pauses_in_all(shape, asked, has):
    problem = a_problem(ann({"pause_after": (asked,)}))
    expected = [] if has is None else [("pause_after", has, asked[1], (0,))]
    assert facts(problem, ann=shape) == expected


def test_of_two_lengths_of_shifts_the_one_that_asks_for_more_binds():
    german = ann({"pause_after": ((360, 30), (540, 45))})
    shapes = tuple(
        Shape(name, 0, ((0, minutes + 30),), pauses=(LUNCH,))
        for name, minutes in (("X", 540), ("Y", 541))
    )
    assert facts(a_problem(german, shapes=shapes), ann="X") == []
    assert facts(a_problem(german, shapes=shapes), ann="Y") == [("pause_after", 30, 45, (0,))]


def test_nobody_is_on_duty_too_long_without_a_pause():
    """Lunch at 12:30 leaves three and a half hours and four and a half; training is duty."""
    problem = a_problem(ann({"longest_without_pause": 270}))
    assert check(problem, day_of("D", lunch(750), training(600, 660))) == ()
    (found,) = check(problem, day_of("D", lunch(749), training(900, 960)))
    assert (found.rule, found.amount) == (Rule.LONGEST_WITHOUT_PAUSE, 271)
    (found,) = check(problem, day_of("D", lunch(811)))
    assert found.amount == 271


@pytest.mark.parametrize(
    ("shape", "least"),
    [
        ("E", 480),
        ("S", 240),  # the hours between its spells are a pause
        ("D", 240),  # eight hours, lunch in the middle
        ("W", 280),  # lunch after 200 minutes at the latest leaves 280
        ("F", 210),  # the pause is the last half hour
        ("T", 150),  # 120, 150 and 130: the second begins after 290 minutes at the earliest
        ("C", 1),  # nobody on call is on duty
    ],
)
def test_pauses_that_are_not_placed_yet_could_be(shape, least):
    shapes = (
        *SHAPES,
        Shape("W", 0, ((0, 510),), pauses=(Pause("lunch", 30, 180, 200),)),
        Shape("F", 0, ((0, 240),), pauses=(Pause("lunch", 30, 210, 230),)),
        Shape("T", 0, ((0, 440),), pauses=(Pause("b", 20, 290, 400), Pause("a", 20, 60, 120))),
    )
    kept = a_problem(ann({"longest_without_pause": least}), shapes=shapes)
    assert facts(kept, ann=shape) == []
    broken = a_problem(ann({"longest_without_pause": least - 1}), shapes=shapes)
    expected = [] if shape == "C" else [("longest_without_pause", None, least - 1, (0,))]
    assert facts(broken, ann=shape) == expected


# What binds people together.

TRIO = (Person("ann", is_new=True), Person("bob", is_new=True), Person("cat"))


@pytest.mark.parametrize(
    ("mix", "lines", "broken"),
    [
        (0.5, {"ann": "E", "bob": "E", "cat": "E"}, []),
        (0.6, {"ann": "E", "bob": "E", "cat": "E"}, [("mix", 1, 1.2, (0,))]),
        (1.0, {"ann": "E", "bob": ".E", "cat": "EE"}, []),
        (1.0, {"ann": "E", "cat": "L"}, [("mix", 0, 1.0, (0,))]),
        (1.0, {"ann": "P", "cat": "D"}, []),
        (1.0, {"ann": "D", "cat": "P"}, [("mix", 0, 1.0, (0,))]),
        # One alone from nine, two from ten: the day is told once, at its worst.
        (1.0, {"ann": "D", "bob": "P"}, [("mix", 0, 2.0, (0,))]),
        (1.0, {"ann": "C"}, []),  # nobody on call is there
        (1.0, {"ann": "P", "cat": "C"}, [("mix", 0, 1.0, (0,))]),
        # A night is of two days; of the last day's the morning is not of the span.
        (1.0, {"ann": "N"}, [("mix", 0, 1.0, (0,)), ("mix", 0, 1.0, (1,))]),
        (1.0, {"ann": "......N"}, [("mix", 0, 1.0, (6,))]),
    ],
)
def test_where_somebody_new_is_others_are(mix, lines, broken):
    assert facts(a_problem(*TRIO, mix=mix), **lines) == broken


@pytest.mark.parametrize(
    ("together", "bob", "days"),
    [
        (True, "E.L", ()),
        (True, "K.L", (0,)),
        (True, "..L", (0,)),
        (True, "ELL", (1,)),
        (False, "K.E", ()),
        (False, "...", ()),
        (False, "L.L", (2,)),
    ],
)
def test_two_work_the_same_shifts_or_never_the_same(together, bob, days):
    problem = a_problem(*TRIO, pairings=(Pairing("ann", "bob", together),))
    found = check(problem, rostered(ann="E.L", bob=bob))
    assert [(one.rule, one.person, one.what, one.days) for one in found] == [
        ("pairing", "ann", "bob", (day,)) for day in days
    ]


# Hard and soft.


def test_a_rule_with_a_weight_is_soft_and_those_that_none_can_make_so_are_hard():
    weights = Weights({"rest_minutes": 7, "closed": 7, "mix": 0})
    problem = a_problem(
        Person("ann", limits=Limits(rest_minutes=660), closed=((840, 900),), is_new=True),
        weights=weights,
        mix=1.0,
    )
    found = {str(one.rule): (one.is_hard, one.weight) for one in check(problem, rostered(ann="LE"))}
    assert found == {"rest_minutes": (False, 7), "closed": (True, 0), "mix": (False, 0)}
    assert all(one.is_hard for one in check(a_problem(*problem.people), rostered(ann="LE")))


def test_each_person_is_held_to_their_own():
    problem = a_problem(ann({"most_week_days": 1}), Person("bob", limits=Limits(most_week_days=2)))
    (found,) = check(problem, rostered(ann="EE", bob="EE"))
    assert (found.person, found.day) == ("ann", 1)
