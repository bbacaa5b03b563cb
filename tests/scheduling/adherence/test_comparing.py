"""A day's plan held against what was done, by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from kpis.formulas.adherence import Spell
from scheduling.adherence import comparing

MINUTES = timedelta(minutes=1)
NINE = datetime(2026, 3, 16, 9, tzinfo=UTC)


def spell(since, to, activity="on_queue"):
    return Spell(NINE + since * MINUTES, NINE + to * MINUTES, activity)


def minutes(length):
    return length / MINUTES


def test_a_paid_pause_is_kept_in_the_pause_and_an_unpaid_one_is_no_time_at_all():
    """9:00-10:00 on the queue, a paid pause until 10:15; then an unpaid one in which somebody
    pauses, which is neither scheduled nor outside."""
    scheduled = [spell(0, 60), spell(60, 75, "pause")]
    done = [spell(0, 60), spell(60, 75, "pause"), spell(75, 105, "pause")]
    kept = comparing.held(scheduled, done)
    assert (minutes(kept.scheduled), minutes(kept.adherent), minutes(kept.outside)) == (75, 75, 0)


def test_a_pause_in_time_for_calls_is_missed_and_not_outside():
    kept = comparing.held([spell(0, 60)], [spell(0, 40), spell(40, 60, "pause")])
    assert (minutes(kept.missed), minutes(kept.outside)) == (20, 0)


def test_work_in_an_unpaid_pause_is_outside():
    kept = comparing.held([spell(0, 60), spell(90, 120)], [spell(0, 120)])
    assert (minutes(kept.missed), minutes(kept.outside)) == (0, 30)


def test_excused_time_leaves_the_schedule_and_another_kind_stands_in_it():
    excused = comparing.with_exceptions([spell(0, 60)], [spell(20, 30, "excused")])
    assert excused == [spell(0, 20), spell(30, 60)]
    training = comparing.with_exceptions([spell(0, 60)], [spell(20, 30, "training")])
    assert training == [spell(0, 20), spell(20, 30, "training"), spell(30, 60)]


def test_somebody_comes_late_and_leaves_early_by_more_than_is_allowed():
    shift, end = [spell(0, 480)], NINE + timedelta(hours=8)
    told = comparing.attended(shift, [spell(10, 475)], end, 5 * MINUTES)
    assert (minutes(told.late), minutes(told.early), told.is_absent) == (10, 0, False)
    told = comparing.attended(shift, [spell(5, 470)], end, 5 * MINUTES)
    assert (minutes(told.late), minutes(told.early)) == (0, 10)


def test_whoever_has_not_come_is_late_until_the_shift_is_over_and_absent_then():
    shift, done = [spell(0, 480)], [spell(-60, -30)]
    told = comparing.attended(shift, done, NINE + 479 * MINUTES, 5 * MINUTES)
    assert (told.is_absent, minutes(told.late)) == (False, 479)
    assert comparing.attended(shift, done, NINE + 5 * MINUTES, 5 * MINUTES) is None
    assert comparing.attended(shift, done, NINE - 5 * MINUTES) is None
    told = comparing.attended(shift, done, NINE + 480 * MINUTES)
    assert (told.is_absent, told.late, told.early) == (True, timedelta(0), timedelta(0))


def test_who_has_not_gone_yet_does_not_leave_early():
    told = comparing.attended([spell(0, 480)], [spell(0, 100)], NINE + 100 * MINUTES)
    assert told.early == timedelta(0)


def test_a_shift_that_is_excused_as_a_whole_has_nothing_to_come_to():
    assert comparing.attended([], [spell(0, 10)], NINE + 480 * MINUTES) is None


def test_what_scheduled_time_went_to():
    went = comparing.within([spell(0, 60)], [], [spell(-30, 20), spell(20, 30, "pause")])
    assert {name: minutes(length) for name, length in went.items()} == {"on_queue": 20, "pause": 10}


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        # As planned: a break of 15, lunch from 180 to 210.
        ([(0, 60), (60, 75, "pause"), (75, 180), (180, 210, "pause"), (210, 480)],
         {"on_queue": 435, "pause": 15}),
        # Lunch 20 minutes later: as much of each.
        ([(0, 60), (60, 75, "pause"), (75, 200), (200, 230, "pause"), (230, 480)],
         {"on_queue": 435, "pause": 15}),
        # Gone for lunch without a state, in time and late: the pauses are the break's.
        ([(0, 60), (60, 75, "pause"), (75, 180), (210, 480)], {"on_queue": 435, "pause": 15}),
        # No lunch at all: work in it stands for the break.
        ([(0, 60), (60, 75, "pause"), (75, 480)], {"on_queue": 450}),
        # Trained in the time of lunch, which was then taken at 300.
        ([(0, 180), (180, 210, "training"), (210, 300), (300, 330, "pause"), (330, 480)],
         {"on_queue": 420, "training": 30}),
    ],
)  # fmt: skip
def test_a_lunch_that_was_not_taken_when_it_was_planned_is_no_longer_pause(done, expected):
    """Eight hours of which lunch, half an hour from 180 on, is unpaid: 450 minutes are paid."""
    went = comparing.within(
        [spell(0, 180), spell(210, 480)], [spell(180, 210, "pause")], [spell(*one) for one in done]
    )
    assert {name: minutes(length) for name, length in went.items()} == expected
