"""What is to be decided: few, what presses most first."""

from hypothesis import given
from hypothesis import strategies as st

from coaching.months.deciding import FEWEST, MOST, Matter, chosen


def matter(level, said="x"):
    return Matter(level, "word", said, "#", "There")


def test_what_presses_most_is_first_and_what_went_well_only_fills_up():
    bad, warn, ok = matter("bad"), matter("warn"), matter("ok")
    assert chosen([ok, warn, bad]) == [bad, warn, ok]
    assert chosen([ok, ok, warn, ok]) == [warn, ok, ok]
    assert chosen([warn, warn, bad, warn, ok]) == [bad, warn, warn, warn]
    assert chosen([warn] * 8) == [warn] * 5
    assert chosen([]) == []


@given(st.lists(st.builds(matter, st.sampled_from(("bad", "warn", "ok")), st.text()), max_size=12))
def test_never_more_than_five_and_nothing_that_presses_gives_way_to_what_went_well(matters):
    made = chosen(matters)
    pressing = [one for one in matters if one.level != "ok"]
    shown = [one for one in made if one.level != "ok"]
    assert len(made) <= MOST
    assert len(shown) == min(len(pressing), MOST)
    assert len(made) >= min(len(matters), FEWEST)
    assert len(made) <= max(len(pressing), FEWEST)
