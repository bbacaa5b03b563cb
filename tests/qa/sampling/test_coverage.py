from datetime import date

import pytest

from qa.sampling import Coverage, Due, coverage, together

TODAY = date(2026, 11, 29)


def day(number):
    return date(2026, 11, number)


def test_shares_of_a_plan():
    """10 wanted of an agent with 8 calls: 8 of 10 drawn. 4 reviewed, of which one after its day; of
    the other 4 two were due before today, one is due today and one later."""
    done = [Due(day(20), day(done)) for done in (18, 19, 20, 21)]
    left = [Due(day(due)) for due in (20, 28, 29, 30)]
    found = coverage(10, [*done, *left], TODAY, ["no recording", "no consent", "no recording"])
    assert (found.drawn_share, found.reviewed_share, found.overdue_share) == (0.8, 0.5, 0.25)
    assert (found.reviewed, found.late, found.overdue) == (4, 1, 2)
    assert found.swaps == {"no recording": 2, "no consent": 1}


def test_of_nothing_there_is_no_share():
    found = coverage(0, [], TODAY)
    assert (found.drawn_share, found.reviewed_share, found.overdue_share) == (None, None, None)


def test_more_than_was_wanted_is_refused():
    with pytest.raises(ValueError, match="wanted"):
        coverage(0, [Due(TODAY)], TODAY)


def test_several_draws_are_added_up():
    first = Coverage(10, 8, 6, 1, 2, {"no talk": 1})
    second = Coverage(4, 4, 4, 0, 0, {"no talk": 2, "other": 1})
    assert together([first, second]) == Coverage(14, 12, 10, 1, 2, {"no talk": 3, "other": 1})
    assert together([]) == Coverage(0, 0, 0, 0, 0, {})
