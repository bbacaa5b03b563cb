"""A mapping as data: what it asks before anything is read, and what it refuses to be."""

import json

import pytest

from ccm.imports.files.dialect import Dialect
from ccm.imports.mapping.profile import Column, Profile
from ccm.imports.mapping.targets import TARGETS, Rows
from tests.mapped import a_profile

DAY = Column("Date", "date", spelling="ymd")
CALLS = a_profile(Rows.CALLS, [Column("Id", "external_id"), DAY], queue="Sales", answered_by="all")


def test_a_whole_mapping_leaves_nothing_open_and_comes_back_from_json():
    columns = [
        Column("Id", "external_id", nulls=("-",)),
        DAY,
        Column("Zeit", "time"),
        Column("Wait", "wait", unit="ms", decimal=","),
        Column("How", "outcome", meanings={"hang": "abandoned"}),
        Column("CSAT", "csat", scale=(1, 10)),
    ]
    profile = a_profile(
        Rows.CALLS, columns, Dialect("fixed", "cp1252", header=2, edges=(1, 8)), queue="-",
        answered_by="column", zone="Europe/Paris", minutes=15, threshold_seconds=20,
        no_wait_left_menu=True,
    )  # fmt: skip
    assert profile.problems() == []
    assert Profile.from_json(json.loads(json.dumps(profile.as_json()))) == profile


@pytest.mark.parametrize(
    ("kind", "columns", "said", "asked"),
    [
        (Rows.CALLS, [Column("Id", "external_id")], {}, "need a date"),
        (Rows.CALLS, [Column("At", "time")], {}, "need a date"),
        (Rows.CALLS, [Column("Date", "date")], {}, "how are its dates written"),
        (Rows.CALLS, [Column("When", "moment", spelling="clock")], {}, "is no date"),
        (Rows.CALLS, [DAY, Column("When", "moment", spelling="ymd")], {}, "one column, or in two"),
        (Rows.CALLS, [Column("W", "moment", spelling="ymd"), Column("T", "time")], {},
            "date of its times"),
        (Rows.CALLS, [DAY], {"queue": ""}, "Which queue"),
        (Rows.CALLS, [DAY], {"answered_by": ""}, "How is it known"),
        (Rows.CALLS, [DAY], {"answered_by": "talk"}, "column that is not there: Talk"),
        (Rows.CALLS, [DAY, Column("Wait", "wait")], {}, "measured in"),
        (Rows.CALLS, [DAY, Column("Score", "csat")], {}, "its scale"),
        (Rows.CALLS, [DAY, Column("A", "agent"), Column("B", "agent")], {}, "A and B cannot both"),
        (Rows.CALLS, [DAY, Column("N", "offered")], {}, "no such meaning"),
        (Rows.CALLS, [DAY, Column("O", "outcome", meanings={"x": "eaten"})], {},
            "nothing means “eaten”"),
        (Rows.CALLS, [DAY], {"zone": "Middle/Earth"}, "Middle/Earth is no time zone"),
        (Rows.CALLS, [DAY], {"zone": "../../etc/passwd"}, "is no time zone"),
        (Rows.ANSWERS, [DAY], {}, "holds the answer"),
        (Rows.STATES, [DAY, Column("A", "agent")], {}, "State"),
        (Rows.STATES, [DAY, Column("S", "state")], {}, "Agent"),
        (Rows.TOTALS, [DAY], {"minutes": 15}, "holds a count"),
        (Rows.TOTALS, [DAY, Column("N", "offered")], {}, "How long is the span"),
        (Rows.TOTALS, [DAY, Column("N", "offered"), Column("SL", "service_level")], {"minutes": 15},
         "within how many seconds"),
        (Rows.TOTALS, [DAY, Column("N", "abandoned_count"), Column("T", "talk_mean", unit="s")],
         {"minutes": 15}, "weighed only by a count"),
        (Rows.ANSWERS, [DAY, Column("N", "nps", scale=(0, 10)), Column("S", "score", scale=(1, 5))],
         {}, "Choose one way"),
        (Rows.PEOPLE, [Column("Skills", "skills")], {}, "Which column is this"),
        (Rows.COSTS, [Column("Kind", "kind"), Column("Sum", "amount"), Column("M", "month"),
                      Column("From", "first", spelling="ymd")], {}, "A month, or days?"),
    ],
)  # fmt: skip
def test_what_is_missing_is_asked_for_never_assumed(kind, columns, said, asked):
    told = {"queue": "Sales", "answered_by": "all"} if kind == Rows.CALLS else {}
    problems = a_profile(kind, columns, **(told | said)).problems()
    assert any(asked in one for one in problems), problems


def test_several_columns_may_be_one_id():
    parts = [Column("Line", "external_id"), Column("Number", "external_id")]
    assert a_profile(
        Rows.CALLS, [DAY, *parts], queue="-", answered_by="all"
    ).problems() == []  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"dialect": None}, {"dialect": {"kind": "cake"}}, {"rows": "cakes"}, {"columns": None},
        {"columns": [None]}, {"columns": [{}]},
        {"columns": [{"label": "A", "spelling": "klingon"}]},
        {"columns": [{"label": "A", "unit": "parsec"}]},
        {"columns": [{"label": "A", "scale": [5, 1]}]},
        {"columns": [{"label": "A", "scale": [1]}]}, {"columns": [{"label": "A", "scale": "ab"}]},
        {"columns": [{"label": "A", "meanings": ["x"]}]}, {"columns": [{"label": "A", "nulls": 5}]},
        {"minutes": "many"}, {"minutes": [1]},
    ],
)  # fmt: skip
def test_what_is_no_mapping_is_refused(change):
    with pytest.raises(ValueError, match="It is no mapping"):
        Profile.from_json(CALLS.as_json() | change)


@pytest.mark.parametrize("said", [None, [], "x", {}, 5])
def test_what_is_not_even_an_object_is_refused(said):
    with pytest.raises(ValueError, match="It is no mapping"):
        Profile.from_json(said)


def test_every_choice_has_words():
    for targets in TARGETS.values():
        for one in targets.values():
            assert str(one.label)
            assert all(str(words) for words in (one.choices or {}).values())
