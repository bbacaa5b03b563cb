"""The layout of a board: read from whatever was kept, kept as little as says it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.walls.kinds import KINDS
from kpis.walls.layout import (
    HIGHEST,
    MOST_ROWS,
    MOST_TILES,
    WIDEST,
    WINDOWS,
    Layout,
    Tile,
    can_be_shown,
    read,
)
from kpis.walls.levels import is_crossed, is_up, level
from kpis.walls.starts import STARTS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda deeper: st.lists(deeper, max_size=4) | st.dictionaries(st.text(max_size=8), deeper),
    max_leaves=20,
)
MEMBERS = st.dictionaries(
    st.sampled_from(
        ["id", "kind", "kpi", "title", "width", "height", "queue", "window", "caution", "level"]
    ),
    JSON | st.sampled_from(["figure", "clock", "waiting", "service_level", "today", "15", 1, 2]),
)


@given(JSON | st.lists(MEMBERS, max_size=30))
def test_whatever_was_kept_is_read_and_what_is_read_can_be_drawn(kept):
    found = read(kept).tiles
    assert len(found) <= MOST_TILES
    assert len({one.id for one in found}) == len(found)
    for one in found:
        assert one.kind in KINDS
        assert 1 <= one.width <= WIDEST
        assert 1 <= one.height <= HIGHEST
        assert one.window in WINDOWS
        assert one.caution is None or math.isfinite(one.caution)


def test_a_tile_is_kept_by_what_differs_and_read_as_it_was():
    tile = Tile("t1", "figure", kpi="service_level:SL2", width=2, caution=0.8, back=0.02)
    kept = {"id": "t1", "kind": "figure", "kpi": "service_level:SL2", "width": 2, "caution": 0.8,
            "back": 0.02}  # fmt: skip
    assert tile.kept() == kept
    assert read([kept]).tiles == [tile]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "no such kind"},
        {"kpi": "no_such_kpi"},
        {"kpi": "revenue"},
        {"width": 9},
        {"width": True},
        {"caution": math.nan},
        {"caution": math.inf},
        {"window": "yesterday"},
        {"title": "x" * 61},
        {"id": ""},
    ],
)
def test_a_tile_that_makes_no_sense_is_passed_over_and_the_others_stay(wrong):
    good = {"id": "a", "kind": "figure", "kpi": "waiting"}
    found = read([good, {"id": "b", "kind": "figure", "kpi": "answered"} | wrong])
    assert [one.id for one in found.tiles] == ["a"]


def test_what_something_costs_or_sold_is_on_no_wall():
    assert can_be_shown("service_level")
    assert can_be_shown("longest_waiting")
    for private in ("cost_per_call", "conversion", "revenue", "pipeline"):
        assert not can_be_shown(private), private


def test_tiles_are_moved_added_replaced_and_taken_away():
    first, second, third = (Tile(name, "clock") for name in "abc")
    there = Layout([first, second, third])
    assert [one.id for one in there.in_order(["c", "a"]).tiles] == ["c", "a", "b"]
    assert [one.id for one in there.in_order(["nobody", "c"]).tiles] == ["c", "a", "b"]
    assert [one.id for one in there.without("b").tiles] == ["a", "c"]
    wide = Tile("b", "clock", width=2)
    assert there.with_tile(wide).tiles == [first, wide, third]
    assert [one.id for one in there.with_tile(Tile(there.new_id(), "text")).tiles][-1] == "t1"


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS.keys())
def test_each_start_has_tiles_that_can_all_be_read(start):
    there = start.layout()
    assert len(read(there.kept()).tiles) == len(start.tiles)
    assert sum(one.width * one.height for one in there.tiles) % start.columns == 0, "no gap"


@pytest.mark.parametrize(
    ("sizes", "columns", "rows"),
    [
        ([], 4, 0),
        ([(1, 1)] * 4, 4, 1),
        ([(1, 1)] * 5, 4, 2),
        ([(2, 1), (3, 1), (2, 1)], 4, 2),  # the third fits beside the first
        ([(3, 1), (1, 3), (3, 1)], 4, 3),
        ([(4, 2)], 2, 2),  # no wider than the board
    ],
)
def test_tiles_take_as_many_rows_as_a_wall_sets_them_in(sizes, columns, rows):
    there = [
        Tile(f"t{number}", "clock", width=width, height=height)
        for number, (width, height) in enumerate(sizes)
    ]
    assert Layout(there).rows(columns) == rows


def test_each_start_fits_the_size_that_a_new_board_has():
    assert all(one.layout().rows(one.columns) <= MOST_ROWS["m"] for one in STARTS.values())


def test_a_bound_is_reached_by_a_figure_that_is_at_it():
    at = {"caution": 13.0, "critical": 15.0, "up": False}
    assert [level(value, **at) for value in (12, 13, 14, 15, 16)] == [
        "ok", "warn", "warn", "bad", "bad",
    ]  # fmt: skip
    share = {"caution": 0.8, "critical": 0.7, "up": True}
    assert [level(value, **share) for value in (0.81, 0.8, 0.71, 0.7, 0.69)] == [
        "ok", "warn", "warn", "bad", "bad",
    ]  # fmt: skip


def test_a_figure_that_stays_at_its_bound_stays_reached():
    assert level(13, 13, 15, up=False, before="warn") == "warn"
    assert level(12, 13, 15, up=False, before="warn") == "ok"
    assert level(0.8, 0.8, 0.7, up=True, before="warn") == "warn"


def test_a_figure_that_wavers_about_a_bound_does_not_blink():
    """Caution at 5, calm again at 3: 5 raises it, 4 keeps it, 3 ends it, 4 does not raise."""
    stood, seen = "", []
    for waiting in (4, 5, 4, 6, 4, 3, 4, 5):
        stood = level(waiting, 5, 10, up=False, back=2, before=stood)
        seen.append(stood)
    assert seen == ["ok", "warn", "warn", "warn", "warn", "ok", "ok", "warn"]


def test_a_critical_figure_comes_back_by_way_of_caution():
    stood, seen = "", []
    for waiting in (12, 9, 8, 4, 3):
        stood = level(waiting, 5, 10, up=False, back=2, before=stood)
        seen.append(stood)
    assert seen == ["bad", "bad", "warn", "warn", "ok"]


def test_the_kpi_says_which_way_is_worse_and_two_bounds_do_where_it_does_not():
    assert is_up("none", 0.8, 0.7)
    assert not is_up("none", 5, 10)
    assert not is_up("none", 5, None)
    assert is_up("up", None, 10)
    assert is_up("up", 0.8, 0.9), "84.2 % would else be worse than 80 %"
    assert not is_up("down", 15, 13)
    assert is_crossed("up", 0.8, 0.9)
    assert is_crossed("down", 15, 13)
    assert not is_crossed("up", 0.8, 0.8)
    assert not is_crossed("none", 5, 10)
    assert not is_crossed("none", 10, 5)
