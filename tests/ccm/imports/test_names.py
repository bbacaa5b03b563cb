"""Whose a log's name is, by the moment: in a column and alone."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm.imports.storing.names import Agents, extension

NAMES = st.sampled_from(["Agent/7", "Agent/8", "Ann"])
MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2026, 3, 9)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(
    turns=st.dictionaries(NAMES, st.lists(st.tuples(MOMENTS, st.integers(10, 99)), max_size=3)),
    rows=st.lists(st.tuples(st.none() | NAMES, MOMENTS), max_size=20),
)
def test_a_column_of_names_and_one_name_agree(turns, rows):
    later = {name: sorted(held) for name, held in turns.items()}
    agents = Agents({"Agent/7": 1, "Agent/8": 2, "Ann": 3}, later)
    schema = {"name": pl.String, "at": pl.Datetime("us", "UTC")}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    found = frame.select(agents.ids("name", "at").alias("agent"))["agent"].to_list()
    assert found == [None if name is None else agents.at(name, at) for name, at in rows]


def test_a_name_changes_hands_at_the_very_moment():
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    agents = Agents({"x": 1}, {"x": [(noon, 2), (noon + timedelta(days=1), 1)]})
    moments = (noon - timedelta(microseconds=1), noon, noon + timedelta(days=1))
    assert [agents.at("x", moment) for moment in moments] == [1, 2, 1]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Agent/1127", "1127"),
        ("Local/1127@callback", "1127"),
        ("PJSIP/1127-0000a1b2", "1127"),
        ("Ann Smith", None),
        ("Agent/Ann Smith", None),
    ],
)
def test_an_extension_is_told_by_a_channels_name_alone(raw, expected):
    assert extension(raw) == expected
