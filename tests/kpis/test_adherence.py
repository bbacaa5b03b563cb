"""A schedule held against what was worked, with the vectors of the published definitions."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.formulas.adherence import (
    Kept,
    Spell,
    adherence_ad1,
    adherence_ad2,
    conformance,
    excepted,
    kept,
)

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def spell(start, end, activity="on_queue"):
    return Spell(NINE + start * MINUTE, NINE + end * MINUTE, activity)


def percents(one):
    return tuple(
        round(100 * ratio(one).value, 1) for ratio in (adherence_ad1, adherence_ad2, conformance)
    )


@pytest.mark.parametrize(
    ("worked", "expected"),
    [
        ([spell(15, 75)], (75.0, 60.0, 100.0)),
        ([spell(10, 70)], (83.3, 71.4, 100.0)),
        ([spell(0, 60)], (100.0, 100.0, 100.0)),
        ([spell(0, 90)], (100.0, 66.7, 150.0)),
        ([spell(60, 120)], (0.0, 0.0, 100.0)),
        ([], (0.0, 0.0, 0.0)),
    ],
)
def test_nine_to_ten_was_scheduled(worked, expected):
    assert percents(kept([spell(0, 60)], worked)) == expected


def test_another_activity_than_the_scheduled_is_none_of_it():
    """On queue to 9:30, then training to 10:00; on the queue all the time."""
    one = kept([spell(0, 30), spell(30, 60, "training")], [spell(0, 60)])
    assert percents(one) == (50.0, 50.0, 200.0)
    assert one.outside == timedelta(0)


def test_exceptions_shorter_than_the_threshold_are_forgiven_one_by_one():
    """Two of four minutes and one of five, and three minutes too long: of five minutes' forgiveness
    the five alone are left, 55 of 60 minutes."""
    worked = [spell(4, 20), spell(24, 40), spell(45, 63)]
    assert percents(kept([spell(0, 60)], worked)) == (78.3, 74.6, 83.3)
    assert percents(kept([spell(0, 60)], worked, 5 * MINUTE)) == (91.7, 91.7, 83.3)


def test_time_outside_the_schedule_counts_from_the_threshold_on():
    worked = [spell(0, 65)]
    assert kept([spell(0, 60)], worked, 5 * MINUTE).outside == 5 * MINUTE
    assert kept([spell(0, 60)], worked, 6 * MINUTE).outside == timedelta(0)


def test_an_approved_exception_changes_the_schedule_that_is_compared_with():
    """A dentist from 9:15 to 9:30: before exceptions 45 of 60 minutes, after them all 60."""
    plan, worked = [spell(0, 60)], [spell(0, 15), spell(15, 30, "dentist"), spell(30, 60)]
    after = excepted(plan, [spell(15, 30, "dentist")])
    assert [one.activity for one in after] == ["on_queue", "dentist", "on_queue"]
    assert percents(kept(plan, worked))[0] == 75.0
    assert percents(kept(after, worked)) == (100.0, 100.0, 100.0)


def test_sums_of_agents_come_before_their_ratio():
    """An hour kept whole and ten minutes not kept at all: 60 of 70."""
    both = kept([spell(0, 60)], [spell(0, 60)]) + kept([spell(0, 10)], [])
    assert percents(both)[0] == 85.7


def test_nothing_scheduled_has_no_adherence():
    assert adherence_ad1(Kept()).value is None
    assert adherence_ad2(Kept()).value is None
    assert conformance(Kept()).value is None


def test_two_spells_at_once_are_refused():
    with pytest.raises(ValueError, match="two spells at once"):
        kept([spell(0, 60), spell(30, 90)], [])
    with pytest.raises(ValueError, match="ends"):
        spell(60, 0)


@st.composite
def days(draw):
    """Spells that do not overlap."""
    edges = sorted(draw(st.lists(st.integers(0, 600), max_size=12, unique=True)))
    return [
        spell(start, end, draw(st.sampled_from(("on_queue", "training"))))
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    ]


@given(days(), days(), st.integers(0, 30))
def test_scheduled_time_is_kept_or_missed_and_forgiveness_never_lowers_adherence(
    scheduled, worked, minutes
):
    strict = kept(scheduled, worked)
    mild = kept(scheduled, worked, minutes * MINUTE)
    for one in (strict, mild):
        assert one.adherent + one.missed == one.scheduled
    assert mild.adherent >= strict.adherent
    if scheduled:
        assert adherence_ad2(strict).value <= adherence_ad1(strict).value
        assert adherence_ad2(mild).value >= adherence_ad2(strict).value
