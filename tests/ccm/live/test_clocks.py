"""What delays tell of a clock, worked by hand: the delay is how late it came and how far behind
the clock is, together."""

from datetime import UTC, datetime, timedelta

import pytest

from ccm.live import clocks

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def seconds(n):
    return timedelta(seconds=n)


def known(*came, before=None):
    """What is known of a clock after posts, each (second it came, how old its newest event was)."""
    readings, behind = [], before
    for second, delay in came:
        received = NINE + seconds(second)
        readings = clocks.latest(readings, [(received - seconds(delay), received)])
        behind = clocks.behind(readings, behind)
    return behind


def test_of_a_clock_that_is_right_the_smallest_delay_is_known():
    assert known((0, 0.4), (1, 0.2), (2, 1.1), (3, 0.3)) == seconds(0.2)
    assert not clocks.is_wrong(seconds(0.2))


def test_a_clock_ahead_is_known_after_four_seconds_in_which_something_came():
    came = [(n, -3599.7) for n in range(4)]
    assert known(*came[:3]) is None
    assert known(*came) == -seconds(3599.7)


def test_a_clock_an_hour_behind_is_known_as_soon():
    assert known(*[(n, 3600.2) for n in range(4)]) == seconds(3600.2)


@pytest.mark.parametrize("steps", [(0.2, 3600.2), (0.2, -3599.8), (-3599.8, 0.2), (3600.2, 0.2)])
def test_a_clock_that_is_put_right_or_wrong_is_known_within_ten_seconds(steps):
    first, then = steps
    before = [(n, first) for n in range(60)]
    after = [(60 + n, then) for n in range(10)]
    assert known(*before) == seconds(first)
    assert known(*before, *after) == seconds(then)


def test_one_event_from_the_future_moves_no_clock():
    came = [(n, 0.3) for n in range(6)]
    assert known(*came, (6, -5000), (7, 0.3), (8, 0.3)) == seconds(0.3)


def test_a_batch_that_is_posted_late_is_no_clock():
    """After half an hour without a network all is posted in twelve seconds: its times run faster
    than ours. Then it goes on as before."""
    came = [(n, 0.3) for n in range(6)]
    late = [(1800 + n, 1800 - 150 * n) for n in range(12)]
    assert known(*came, *late) == seconds(0.3)
    assert known(*late) is None
    assert known(*late, *[(1812 + n, 0.2) for n in range(6)]) == seconds(0.2)


def test_late_events_among_fresh_ones_are_no_clock():
    came = [(n, delay) for n in range(12) for delay in (0.3, 900 - 10 * n, 1700)]
    assert known(*came) == seconds(0.3)


def test_who_posts_every_quarter_hour_what_came_up_meanwhile_has_no_clock_to_speak_of():
    assert known((0, 30), (900, 410), (1800, 12), (2700, 777), (3600, 55), (4500, 300)) is None


def test_an_old_log_told_again_is_no_clock():
    assert known(*[(n, 40 * 86_400) for n in range(6)]) is None


def test_only_the_latest_seconds_are_kept_each_with_its_smallest_delay():
    told = [(NINE - seconds(d), NINE + seconds(n / 10)) for n in range(200) for d in (0, 5)]
    readings = clocks.latest([], told)
    start = int(NINE.timestamp())
    assert [one.second for one in readings] == [start + n for n in range(14, 20)]
    assert readings[-1].delay_ms == 19_000  # of 9:00:00, which came at 9:00:19.0


def test_a_source_is_silent_after_three_of_its_usual_pauses_and_not_before_five_minutes():
    usual, now = None, NINE
    for _ in range(1000):
        usual = clocks.usual_pause(usual, now, now + seconds(60))
        now += seconds(60)
    assert usual == seconds(60)
    assert clocks.silence(usual) == seconds(300)
    usual, now = None, NINE
    for _ in range(1000):
        usual = clocks.usual_pause(usual, now, now + HOUR)
        now += HOUR
    assert HOUR * 0.9 < usual <= HOUR * 1.5
    assert clocks.silence(None) == seconds(900)


def test_one_long_pause_makes_the_usual_one_half_as_long_again():
    assert clocks.usual_pause(seconds(600), NINE, NINE + 30 * HOUR) == seconds(900)
    assert clocks.usual_pause(seconds(600), NINE, NINE + seconds(60)) == seconds(594)


def test_what_comes_within_one_minute_is_no_pause():
    assert clocks.usual_pause(seconds(600), NINE, NINE + seconds(59)) == seconds(600)


def test_of_an_hour_that_a_clock_told_twice_it_counts_when_it_was_told_of():
    """Set back at nine, it wrote 8:50 at 8:50 and at 9:50."""
    ten_to = NINE - seconds(600)
    changes = [(0, 0), (int(NINE.timestamp()), 3_600_000)]
    assert clocks.right(changes, ten_to, ten_to) == ten_to
    assert clocks.right(changes, ten_to, ten_to + HOUR) == ten_to + HOUR
