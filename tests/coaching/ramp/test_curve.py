"""The ramp curve, by numbers reckoned by hand."""

from hypothesis import given
from hypothesis import strategies as st

from coaching.ramp.curve import Point, Week, curve, open_to

WEEKS = st.lists(
    st.one_of(st.none(), st.builds(Week, st.floats(1, 10_000))), max_size=60
)  # fmt: skip


def weeks(*seconds, band=(100, 140)):
    return [None if one is None else Week(one, band) for one in seconds]


def test_what_would_tell_of_a_few_whom_one_does_not_know_is_not_told():
    """Six in the first week and five in the second, of whom two are known."""
    six = [[Week(10.0), Week(20.0)]] * 5 + [[Week(40.0), None]]
    told = open_to(curve(six), curve(six[:2]))
    assert [(one.n, one.middle, one.is_hidden) for one in told] == [
        (6, None, True), (5, None, True),
    ]  # fmt: skip
    # Five or nobody of others: all of it is told.
    for known in (six[:1], six, [*six[:5], [Week(40.0)]]):
        first, *_later = open_to(curve(six), curve(known))
        assert (first.middle, first.is_hidden) == (10.0, False)
    assert [one.is_hidden for one in open_to(curve(six), [])] == [False, False]


def test_each_week_is_the_median_of_those_who_have_a_figure_in_it():
    """Week 1: 300, 200 and 260, their middle 260. Week 2: 200 and 150, their mean 175, and one took
    no calls. Week 3: only one has come so far."""
    told = curve([weeks(300, 200, 130), weeks(200, 150), weeks(260, None)])
    assert told == [
        Point(1, 3, 3, 260, 100, 140),
        Point(2, 3, 2, 175, 100, 140),
        Point(3, 1, 1, 130, 100, 140),
    ]
    assert [one.is_inside for one in told] == [False, False, True]


def test_a_week_without_any_figure_says_so():
    (first, second) = curve([weeks(None, 200), weeks(None)])
    assert (first.reached, first.n, first.middle, first.is_inside) == (2, 0, None, None)
    assert (second.reached, second.n, second.middle) == (1, 1, 200)
    assert curve([]) == []
    assert curve([[]]) == []


def test_the_band_is_the_median_of_those_that_they_were_held_against():
    """Low ends 90, 100 and 120; high ones 150, 140 and 160. One has a figure and no band."""
    people = [weeks(1, band=(90, 150)), weeks(2, band=(100, 140)), weeks(3, band=(120, 160))]
    (told,) = curve([*people, weeks(4, band=None)])
    assert (told.low, told.high, told.n, told.middle) == (100, 150, 4, 2.5)
    (bare,) = curve([weeks(4, band=None)])
    assert (bare.low, bare.high, bare.is_inside) == (None, None, None)


def test_the_middle_of_few_is_marked():
    assert [curve([weeks(1)] * n)[0].is_of_few for n in (1, 4, 5)] == [True, True, False]


@given(st.lists(WEEKS, max_size=8))
def test_points_are_whole_and_nobody_is_counted_twice(people):
    told = curve(people)
    assert [one.number for one in told] == list(range(1, len(told) + 1))
    assert len(told) == min(52, max((len(one) for one in people), default=0))
    for one in told:
        assert 0 <= one.n <= one.reached <= len(people)
        known = [each[one.number - 1] for each in people if len(each) >= one.number]
        figures = [each.figure for each in known if each is not None]
        assert (one.middle is None) == (not figures)
        if figures:
            assert min(figures) <= one.middle <= max(figures)


@given(st.lists(WEEKS, max_size=6))
def test_it_does_not_hang_on_who_is_told_first(people):
    assert curve(people) == curve(people[::-1])
