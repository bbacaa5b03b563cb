from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.sums.counts import Counts
from kpis.sums.staff import Answering
from kpis.sums.surveys import (
    EDGES,
    KINDS,
    AskedSums,
    ScaleSums,
    asked_of,
    scale_key,
    scales_of,
)
from tests.kpis.visits import VISITS, counts_of, histogram_of, some


def test_counts_add_field_by_field():
    morning = Counts(
        offered=3,
        answered=2,
        abandoned=1,
        answered_wait_ms=30_000,
        answered_wait_n=2,
        max_wait_ms=25_000,
        wait_hist=histogram_of(some("answered", 2, 15)),
        handle_n=(0, 0, 0, 0, 0, 2, 0, 0),
        handle_ms=(0, 0, 0, 0, 0, 400_000, 0, 0),
        surveys={"csat 1-5": ScaleSums(1, 5, 1, 0)},
        answering=Answering(2, 3),
    )
    evening = Counts(
        offered=1,
        answered=1,
        answered_wait_ms=5_000,
        answered_wait_n=1,
        max_wait_ms=None,
        max_answered_wait_ms=5_000,
        wait_hist=histogram_of(some("answered", 1, 5)),
        handle_n=(0, 1, 0, 0, 0, 0, 0, 0),
        handle_ms=(0, 60_000, 0, 0, 0, 0, 0, 0),
        surveys={"csat 1-5": ScaleSums(2, 3, 0, 2), "nps 0-10": ScaleSums(1, 7, 0, 0)},
        answering=Answering(1, 1),
    )
    assert morning + evening == Counts(
        offered=4,
        answered=3,
        abandoned=1,
        answered_wait_ms=35_000,
        answered_wait_n=3,
        max_wait_ms=25_000,
        max_answered_wait_ms=5_000,
        wait_hist=histogram_of(some("answered", 2, 15) + some("answered", 1, 5)),
        handle_n=(0, 1, 0, 0, 0, 2, 0, 0),
        handle_ms=(0, 60_000, 0, 0, 0, 400_000, 0, 0),
        surveys={"csat 1-5": ScaleSums(3, 8, 1, 2), "nps 0-10": ScaleSums(1, 7, 0, 0)},
        answering=None,  # the same agent may work both: only a reader can tell
    )


def test_every_count_is_added():
    """A field added later and forgotten in the sum fails here."""
    plain = [item.name for item in fields(Counts) if item.type in (int, "int")]
    ones = Counts(**dict.fromkeys(plain, 1))
    total = ones + ones
    assert {name: getattr(total, name) for name in plain} == dict.fromkeys(plain, 2)


def test_the_sum_of_nothing_is_nothing():
    assert Counts.sum([]) == Counts()


def test_books_balance_when_every_offered_visit_has_an_ending():
    counts = Counts(
        offered=7,
        answered=1,
        abandoned=1,
        timed_out=1,
        key_exit=1,
        callback_requested=1,
        other=1,
        in_progress=1,
    )
    assert counts.books_balance
    assert (counts.ended, counts.lost) == (6, 3)
    assert not replace(counts, offered=8).books_balance


def test_the_refused_are_not_in_the_books():
    assert Counts(refused=3, busy=2, left_ivr=1).books_balance


@given(VISITS, VISITS)
def test_counts_of_the_union_are_the_sum_of_the_counts(one, other):
    assert counts_of(one) + counts_of(other) == counts_of(one + other)


@given(VISITS)
def test_books_balance_whatever_the_visits(visits):
    assert counts_of(visits).books_balance


@pytest.mark.parametrize(
    ("kind", "minimum", "maximum", "top", "bottom"),
    [
        ("csat", 1, 5, {4, 5}, {1, 2}),
        ("csat", 1, 7, {6, 7}, {1, 2}),
        ("csat", 1, 10, {8, 9, 10}, {1, 2, 3}),
        ("csat", 0, 10, {8, 9, 10}, {0, 1, 2}),
        ("nps", 0, 10, {9, 10}, {0, 1, 2, 3, 4, 5, 6}),
        ("ces", 1, 7, {5, 6, 7}, {1, 2, 3}),
        ("ces", 1, 5, {4, 5}, {1, 2}),
        ("fcr", 0, 1, {1}, {0}),
    ],
)
def test_good_and_bad_are_the_scores_that_each_kind_calls_so(kind, minimum, maximum, top, bottom):
    good, bad = EDGES[kind]
    for score in range(minimum, maximum + 1):
        share = (score - minimum) / (maximum - minimum)
        assert (share >= good, share <= bad) == (score in top, score in bottom), score


def test_a_scale_is_named_by_its_kind_and_its_ends():
    assert scale_key("csat", 1, 5) == "csat 1-5"
    assert scale_key("nps", 0.0, 10.0) == "nps 0-10"


SCALE = st.tuples(
    st.sampled_from(range(len(KINDS))), st.integers(-5, 1), st.integers(2, 10),
    st.integers(1, 9), st.integers(0, 90), st.integers(0, 9), st.integers(0, 9),
)  # fmt: skip
ROWS = st.lists(st.lists(SCALE, max_size=3), max_size=4)


@given(st.lists(ROWS, max_size=4))
def test_the_texts_of_rows_joined_are_what_the_rows_say_together(
    texts: list[list[list[tuple[int, ...]]]],
) -> None:
    joined = [
        ";".join(",".join(map(str, scale)) for row in rows for scale in row) for rows in texts
    ]
    said: list[dict[str, list[int]]] = []
    for rows in texts:
        said.append({})
        for kind, low, high, *sums in (scale for row in rows for scale in row):
            before = said[-1].get(f"{KINDS[kind]} {low}-{high}", [0] * 4)
            said[-1][f"{KINDS[kind]} {low}-{high}"] = [
                one + more for one, more in zip(before, sums, strict=True)
            ]
    assert scales_of(joined) == [
        {scale: ScaleSums(*sums) for scale, sums in one.items()} for one in said
    ]


def test_who_was_asked_adds_up_by_kind() -> None:
    assert asked_of(["0,1,2,1;2,0,1,0;0,1,1,1", ""]) == [
        {"csat": AskedSums(2, 3, 2), "ces": AskedSums(0, 1, 0)},
        {},
    ]
