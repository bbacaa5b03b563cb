import math

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from kpis.rollups import sums
from kpis.sums.histogram import (
    ALL_OUTCOMES,
    LAST_BIN,
    Entry,
    Histogram,
    WaitOutcome,
)
from tests.kpis.visits import a_code

ANSWERED, ABANDONED = WaitOutcome.ANSWERED, WaitOutcome.ABANDONED
WAITS_MS = st.lists(st.integers(0, 100_000), max_size=40)


def a_histogram(waits_ms, outcome=ANSWERED, entry=Entry.DIRECT):
    codes = [a_code(outcome, entry, wait_ms) for wait_ms in waits_ms]
    return Histogram.from_pairs(codes, [1] * len(codes))


@pytest.mark.parametrize(
    ("wait_ms", "expected"),
    [
        (0, 0),
        (1, 1),
        (999, 1),
        (1000, 2),
        (20_000, 40),
        (20_001, 41),
        (524_287_000, 1_048_574),
        (900_000_000, LAST_BIN),  # ten days share the last bin with six
    ],
)
@pytest.mark.django_db
def test_a_whole_second_has_a_bin_of_its_own(wait_ms, expected):
    assert counted_as(WaitOutcome.ANSWERED, False, wait_ms) == expected
    assert a_code(WaitOutcome.ANSWERED, Entry.DIRECT, wait_ms) == expected


@pytest.mark.django_db
def test_the_code_is_the_class_above_twenty_bits_of_bin():
    # Written out: outcome 2, entry 1 -> class 5; 20.5 s -> bin 41.
    assert counted_as(WaitOutcome.LOST, True, 20_500) == 5 * 1_048_576 + 41
    assert a_code(WaitOutcome.LOST, Entry.TRANSFERRED_IN, 20_500) == 5 * 1_048_576 + 41


def counted_as(outcome, transferred_in, wait_ms):
    """The code by which a recount keeps a wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {sums._code(outcome, 'ms')} FROM (SELECT %s AS ms, %s AS transferred_in) AS v",
            [wait_ms, transferred_in],
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [("<=", 3), ("<", 2)],
)
def test_a_wait_of_exactly_the_threshold_is_within_it_only_under_at_most(boundary, expected):
    waits = a_histogram([0, 19_999, 20_000, 20_001])
    assert waits.within(20, boundary, ANSWERED) == expected


def test_a_shifted_clock_moves_the_threshold():
    waits = a_histogram([29_999, 30_000, 30_001])
    assert waits.within(20, "<=", ANSWERED, shift_seconds=10) == 2


def test_within_is_exact_at_every_length():
    waits = a_histogram([86_400_000, 86_400_001])
    assert waits.within(86_400, "<=", ANSWERED) == 1
    assert waits.within(86_401, "<", ANSWERED) == 2


def test_outcomes_and_entries_are_counted_apart():
    waits = Histogram.sum(
        [
            a_histogram([1000]),
            a_histogram([2000, 3000], entry=Entry.TRANSFERRED_IN),
            a_histogram([4000], outcome=ABANDONED),
        ]
    )
    assert waits.count(ANSWERED) == 3
    assert waits.count(ANSWERED, (Entry.DIRECT,)) == 1
    assert waits.within(2, "<=", ANSWERED, entries=(Entry.TRANSFERRED_IN,)) == 1
    assert waits.count(ABANDONED) == 1
    assert waits.count(WaitOutcome.LOST) == 0


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(50, 3.0), (90, 5.0), (20, 1.0), (21, 2.0), (100, 5.0)],
)
def test_a_percentile_is_the_nearest_rank(percent, expected):
    waits = a_histogram([5000, 1000, 3000, 2000, 4000])
    assert waits.percentile(percent) == (expected, False)


def test_a_percentile_between_two_seconds_says_that_it_is_approximate():
    assert a_histogram([7300]).percentile(50) == (7.5, True)


def test_a_percentile_of_no_wait_is_nothing():
    assert Histogram().percentile(50) is None
    assert a_histogram([1000]).percentile(50, (ABANDONED,)) is None


@pytest.mark.parametrize("percent", [0, -1, 100.5])
def test_a_percentile_out_of_range_is_refused(percent):
    with pytest.raises(ValueError, match="percentile"):
        a_histogram([1000]).percentile(percent)


def test_a_rank_is_not_pushed_up_by_float_noise():
    # 7 % of 100 is rank 7; in floats 0.07 * 100 is a little more than 7.
    assert a_histogram([1000 * second for second in range(1, 101)]).percentile(7) == (7.0, False)


def test_pairs_in_any_order_are_summed():
    waits = Histogram.from_pairs([4, 2, 4, 9], [1, 5, 2, 0])
    same = Histogram.from_pairs([2, 4], [5, 3])
    assert same == waits
    assert hash(same) == hash(waits)
    # Of a wait of 1 s and of 2 s as many as were given.
    assert [waits.within(second, "<=", ANSWERED) for second in (0, 1, 2, 5)] == [0, 5, 8, 8]


def test_texts_of_several_rows_are_one_histogram():
    assert Histogram.from_texts("2,4,4,1048576", "5,1,2,3") == Histogram.from_pairs(
        [2, 4, 1048576], [5, 3, 3]
    )
    assert Histogram.from_texts("", "") == Histogram()


@pytest.mark.parametrize("text", ["1,x", "x", "1;2", "1,2,3"])
def test_texts_that_are_no_numbers_or_not_as_many_are_refused(text):
    with pytest.raises(ValueError, match=r"read to its end|3 codes but 2 counts"):
        Histogram.from_texts(text, "1,1")


@pytest.mark.parametrize(
    ("codes", "counts", "words"),
    [
        ([1], [1, 2], "1 codes but 2 counts"),
        ([-1], [1], "outside"),
        ([24 << 20], [1], "outside"),
        ([1], [-1], "negative"),
    ],
)
def test_arrays_that_cannot_be_waits_are_refused(codes, counts, words):
    with pytest.raises(ValueError, match=words):
        Histogram.from_pairs(codes, counts)


def test_a_histogram_differs_from_another_with_other_waits():
    assert a_histogram([1000]) != a_histogram([2000])
    assert a_histogram([1000]) != "a histogram"


@given(WAITS_MS, st.integers(0, 100), st.sampled_from(("<=", "<")))
def test_within_counts_what_a_loop_counts(waits_ms, seconds, boundary):
    by_hand = sum(
        wait_ms <= seconds * 1000 if boundary == "<=" else wait_ms < seconds * 1000
        for wait_ms in waits_ms
    )
    assert a_histogram(waits_ms).within(seconds, boundary, ANSWERED) == by_hand


@given(WAITS_MS)
def test_within_never_falls_as_the_threshold_rises(waits_ms):
    waits = a_histogram(waits_ms)
    steps = [
        waits.within(second, boundary, ANSWERED)
        for second in range(102)
        for boundary in ("<", "<=")
    ]
    assert steps == sorted(steps)
    assert steps[-1] == len(waits_ms)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=60), st.integers(1, 100))
def test_a_percentile_of_whole_seconds_is_the_sorted_nearest_rank(seconds, percent):
    codes = [
        a_code(outcome, Entry.DIRECT, 1000 * one)
        for one, outcome in zip(seconds, ALL_OUTCOMES * 15, strict=False)
    ]
    waits = Histogram.from_pairs(codes, [1] * len(codes))
    nearest = sorted(seconds)[math.ceil(percent * len(seconds) / 100) - 1]
    assert waits.percentile(percent) == (nearest, False)


@given(WAITS_MS, WAITS_MS)
def test_the_sum_holds_the_waits_of_both(one, other):
    assert a_histogram(one) + a_histogram(other) == a_histogram(one + other)
