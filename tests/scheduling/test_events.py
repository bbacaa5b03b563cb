"""Outliers, events and queues without a past: worked examples."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from numpy.random import default_rng

from scheduling.forecast import ahead, borrowed, choosing, events, outliers, overrides
from scheduling.forecast.bands import LEVELS
from scheduling.forecast.days import known
from scheduling.forecast.events import Event
from scheduling.forecast.history import from_counts
from scheduling.forecast.methods import NAIVE
from scheduling.forecast.overrides import Word
from tests.scheduling.test_ahead import COURSE, MONDAY, WEEK, a_history, days, expected

DAY = timedelta(days=1)


def with_day(history, number, times):
    calls = history.calls.copy()
    calls[number] *= times
    return replace(history, calls=calls)


@pytest.mark.parametrize("times", [0.0, 0.3, 3.0])
def test_a_day_that_was_far_from_what_it_should_have_been_is_found(times):
    history = with_day(a_history(140, level=20), 100, times)
    [one] = outliers.found(history)
    assert one.date == MONDAY + 100 * DAY
    assert (one.deviations > 0) == (times > 1)


def test_chance_alone_makes_few_outliers():
    found = [len(outliers.found(a_history(140, seed, level=5))) for seed in range(40)]
    assert sum(found) <= 40 * 140 * 0.002


def test_a_new_level_is_no_row_of_outliers():
    low, high = a_history(70, level=20), a_history(70, seed=2, level=40)
    history = from_counts(days(140), np.vstack([low.calls, high.calls]))
    assert len(outliers.found(history)) <= 2


def test_where_most_of_a_weekday_is_far_it_is_no_row_of_outliers():
    """Every other Monday is a day of bills: that is what Mondays are, and none is kept out."""
    history = a_history(140, level=20)
    calls = history.calls.copy()
    calls[::14] *= 3
    assert outliers.found(replace(history, calls=calls)) == ()
    calls[14:-14:14] = history.calls[14:-14:14]
    found = outliers.found(replace(history, calls=calls))
    assert [one.date for one in found] == [MONDAY, MONDAY + 126 * DAY]


def test_a_day_is_kept_out_unless_the_planner_keeps_it():
    history = with_day(a_history(140, level=20), 100, 3.0)
    day, other = MONDAY + 100 * DAY, MONDAY + 50 * DAY
    assert not outliers.without(history, {}).open[100].any()
    assert outliers.without(history, {day: True}).open[100].all()
    mine = outliers.without(history, {day: True, other: False})
    assert (mine.open[100].all(), mine.open[50].any()) == (True, False)
    assert len(mine) == len(history)


def test_of_a_day_that_is_kept_out_the_week_before_is_the_naive_forecast():
    history = with_day(a_history(140, level=20), 133, 0.0)  # the last Monday
    clean = outliers.without(history, {})
    told = NAIVE.forecast(clean, days(1, MONDAY + 140 * DAY))
    assert told[0].tolist() == history.calls[126].tolist()


def test_calls_of_an_event_fade_from_day_to_day():
    mailing = Event(kind="mailing", first=MONDAY, last=MONDAY, calls=100.0, keeps=0.5)
    added = [mailing.added(MONDAY + number * DAY) for number in (-1, 0, 1, 2, 6, 7)]
    assert added == [0, 100, 50, 25, 1.5625, 0]


def test_an_event_of_several_days_fades_after_its_last():
    launch = Event(kind="launch", first=MONDAY, last=MONDAY + DAY, calls=80.0, keeps=0.25)
    assert [launch.added(MONDAY + number * DAY) for number in range(4)] == [80, 80, 20, 5]


def test_added_calls_lie_in_the_day_as_its_own_do():
    told = events.applied(
        expected(2),
        np.ones((2, 4)),
        days(2),
        [Event(kind="x", first=MONDAY, last=MONDAY, calls=50.0)],
    )
    assert told[0] == pytest.approx(expected(1)[0] + 50 * COURSE / COURSE.sum())
    assert told[1] == pytest.approx(expected(2)[1])


def test_events_together_multiply_and_add():
    both = [
        Event(kind="outage", first=MONDAY, last=MONDAY, factor=0.5),
        Event(kind="mailing", first=MONDAY, last=MONDAY, calls=10.0),
    ]
    assert events.applied(expected(1), np.ones((1, 4)), days(1), both).sum() == pytest.approx(
        0.5 * WEEK[0] * COURSE.sum() + 10
    )


def test_calls_of_an_event_lie_where_it_is_open():
    mailing = Event(kind="mailing", first=MONDAY, last=MONDAY, calls=100.0, keeps=0.5)
    is_open = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    told = events.applied(np.zeros((2, 4)), is_open, days(2), [mailing])
    assert told.tolist() == [[50, 0, 50, 0], [0, 0, 0, 0]]


def test_what_events_of_a_kind_did_is_believed_as_far_as_it_was_seen():
    """Ten days of 200 where 100 were expected: (2000 + 200) / (1000 + 200)."""
    assert events.learned_factor(np.full(10, 200.0), np.full(10, 100.0)) == pytest.approx(
        2200 / 1200
    )
    assert events.learned_factor(np.full(1, 200.0), np.full(1, 100.0)) == pytest.approx(400 / 300)
    assert events.learned_factor(np.zeros(0), np.zeros(0)) == 1.0


def test_the_days_of_events_are_those_they_change():
    mailing = Event(kind="mailing", first=MONDAY, last=MONDAY, calls=100.0, keeps=0.1)
    assert events.days_of([mailing], MONDAY + 30 * DAY) == {MONDAY + n * DAY for n in range(3)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"calls": None, "factor": None},
        {"calls": 1.0, "factor": 1.0},
        {"calls": 1.0, "keeps": 1.0},
        {"factor": -0.1},
        {"factor": 1.0, "last": MONDAY - DAY},
    ],
)
def test_an_event_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        Event(**{"kind": "x", "first": MONDAY, "last": MONDAY, **wrong})


def test_a_queue_of_few_days_has_its_own_level_and_the_others_week_and_course():
    similar = [a_history(182, seed, level=level) for seed, level in ((1, 20), (2, 60))]
    own = from_counts(days(5), default_rng(9).poisson(expected(5, 4)).astype(float))
    told = borrowed.pooled(similar).forecast(own, days(9, MONDAY + 5 * DAY))
    coming = 4 * WEEK[np.arange(5, 14) % 7][:, None] * COURSE
    assert told.sum(axis=1) == pytest.approx(coming.sum(axis=1), rel=0.2)
    assert told[2] / told[2].sum() == pytest.approx(COURSE / COURSE.sum(), abs=0.03)


def test_a_queue_of_few_days_may_be_called_when_similar_ones_are_not():
    """The other has no calls on Sundays and holidays; this one had some on its Sunday."""
    other = known([MONDAY + number * DAY for number in range(84)], {MONDAY + 35 * DAY: "Off"})
    calls = np.full((84, 4), 20.0)
    calls[6::7] = calls[35] = 0
    similar = from_counts(other, calls)
    own = from_counts(days(10), np.full((10, 4), 5.0))
    holiday = known([MONDAY + number * DAY for number in range(10, 14)], {MONDAY + 11 * DAY: "Off"})
    told = borrowed.pooled([similar]).forecast(own, holiday).sum(axis=1)
    # Thursday and Saturday as ever, a holiday as rarely as the others; of Sundays one was seen.
    assert told[[0, 2]] == pytest.approx([20, 20], rel=0.15)
    assert told[1] < 2
    assert 5 < told[3] < 20
    # Of none it is not known that nobody calls.
    young = from_counts(days(5), np.full((5, 4), 5.0))
    [sunday] = borrowed.pooled([similar]).forecast(young, days(7)[6:]).sum(axis=1)
    assert 0.5 < sunday < 5


def test_bands_of_a_new_queue_hold_as_often_as_they_say():
    """Simulated: weeks are up or down by a fifth as a whole, which five days do not tell. The
    errors of others that were long known would say too little."""
    chance = default_rng(12)

    def a_moving_history():
        level = np.repeat(np.exp(0.2 * chance.standard_normal(26)), 7)[:, None]
        return from_counts(days(182), chance.poisson(expected(182, 10) * level).astype(float))

    similar = [a_moving_history() for _one in range(3)]
    asked = borrowed.asked_as_new(similar, 5)
    assert [len(one.origins) for one in asked] == [13, 13, 13]
    held = dict.fromkeys(LEVELS, 0)
    method = borrowed.pooled(similar)
    for _trial in range(60):
        whole = a_moving_history()
        own = from_counts(days(5), whole.calls[:5])
        made = choosing.given(own, method)
        coming, there = days(7, MONDAY + 5 * DAY), np.ones((7, 4))
        totals = ahead.forecast(own, coming, there, made, asked).totals
        came = whole.calls[5:12].sum(axis=1)
        for level in LEVELS:
            held[level] += int(((came >= totals.low[level]) & (came <= totals.high[level])).sum())
    assert 0.70 < held[0.80] / (60 * 7) < 0.92
    assert held[0.95] / (60 * 7) > 0.88


def test_a_new_queue_is_a_share_of_another():
    analogue = a_history(182, level=20)
    nothing = from_counts((), np.zeros((0, 4)))
    coming = days(7, MONDAY + 182 * DAY)
    closed = np.ones((7, 4))
    closed[6] = closed[0, 3] = 0  # the other is closed on Sunday, and in Monday's last hours
    told = borrowed.of_analogue(analogue, 0.25, lambda _days: closed).forecast(nothing, coming)
    assert told[1:6].sum(axis=1) == pytest.approx(expected(6, 5)[1:].sum(axis=1), rel=0.1)
    assert told[0, :3].sum() == pytest.approx(expected(1, 5)[0, :3].sum(), rel=0.1)
    assert (told[0, 3], told[6].sum()) == (0, 0)


def test_a_curve_that_somebody_typed_is_told_as_typed():
    typed = borrowed.Typed(WEEK * 10, COURSE)
    told = typed.method.forecast(from_counts((), np.zeros((0, 4))), days(8))
    assert told.sum(axis=1).tolist() == pytest.approx([*WEEK * 10, WEEK[0] * 10])
    assert told[0].tolist() == pytest.approx([10.0, 30.0, 20.0, 40.0])


def test_the_eve_of_an_event_is_untouched():
    launch = Event(kind="launch", first=date(2025, 1, 8), last=date(2025, 1, 9), factor=2.0)
    told = events.applied(expected(5), np.ones((5, 4)), days(5), [launch])
    assert told.sum(axis=1) / expected(5).sum(axis=1) == pytest.approx([1, 1, 2, 2, 1])


def word(**more):
    return Word(**{"first": MONDAY, "last": MONDAY + DAY, "start": 0, "end": 4, **more})


def test_a_planners_word_lies_over_a_forecast_on_its_days_and_intervals():
    told = overrides.laid(expected(3), np.ones((3, 4)), days(3), [word(factor=2.0, start=1, end=3)])
    assert (told[:2] / expected(2)).tolist() == pytest.approx(
        np.array([[1, 2, 2, 1], [1, 2, 2, 1]])
    )
    assert told[2].tolist() == expected(3)[2].tolist()


def test_calls_that_are_said_lie_as_what_is_expected_does():
    told = overrides.laid(expected(1), np.ones((1, 4)), days(1), [word(calls=50.0)])
    assert told[0] == pytest.approx(50 * COURSE / COURSE.sum())


def test_where_nothing_is_expected_they_lie_evenly_where_it_is_open():
    is_open = np.array([[1.0, 0.0, 1.0, 0.0]])
    told = overrides.laid(np.zeros((1, 4)), is_open, days(1), [word(calls=50.0)])
    assert told.tolist() == [[25, 0, 25, 0]]
    closed = overrides.laid(np.zeros((1, 4)), np.zeros((1, 4)), days(1), [word(calls=50.0)])
    assert not closed.any()


def test_where_words_are_of_the_same_intervals_the_last_stands_alone():
    twice = [word(factor=1.2), word(factor=1.2, start=1, end=3)]
    told = overrides.laid(expected(1), np.ones((1, 4)), days(1), twice)
    assert (told / expected(1))[0].tolist() == pytest.approx([1.2, 1.2, 1.2, 1.2])
    said = [word(calls=10.0), word(factor=2.0, start=0, end=2)]
    told = overrides.laid(expected(1), np.ones((1, 4)), days(1), said)
    # The first two intervals are twice what is expected; the others as of ten calls in all.
    shares = COURSE / COURSE.sum()
    assert told[0, :2].tolist() == pytest.approx((2 * expected(1)[0, :2]).tolist())
    assert told[0, 2:].tolist() == pytest.approx((10 * shares[2:]).tolist())


def test_the_later_word_is_over_the_earlier():
    told = overrides.laid(
        expected(1), np.ones((1, 4)), days(1), [word(factor=3.0), word(calls=10.0)]
    )
    assert told.sum() == pytest.approx(10)
    assert overrides.touched(MONDAY + DAY, [word(factor=1.0)])
    assert not overrides.touched(MONDAY - DAY, [word(factor=1.0)])
