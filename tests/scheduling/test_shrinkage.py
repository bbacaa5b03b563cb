"""Kinds of shrinkage, as people write them, and what they come to together."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.staffing.shrinkage import Kind, Shrinkage, checked, read, together, written


def test_kinds_of_shrinkage_of_the_same_time_and_of_what_is_left():
    kinds = [Decimal("0.1"), Decimal("0.2"), Decimal("0.05")]
    assert together(kinds) == Decimal("0.35")
    assert together(kinds, of_the_rest=True) == Decimal("0.316")
    assert together([]) == 0


@pytest.mark.parametrize("broken", ["-0.1", "1", "1.5"])
def test_no_kind_of_shrinkage_is_below_nothing_or_all_that_there_is(broken):
    with pytest.raises(ValueError, match="shrinkage is a share"):
        together([Decimal(broken)])
    with pytest.raises(ValueError, match="no time"):
        together([Decimal("0.6"), Decimal("0.5")])


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", []),
        ("  \n", []),
        ("30", [("", "0.3")]),
        ("32.5 %", [("", "0.325")]),
        ("12 + 8", [("", "0.12"), ("", "0.08")]),
        ("leave 12, sickness 5,5", [("leave", "0.12"), ("sickness", "0.055")]),
        ("sick leave: 4%\nTeam2 5", [("sick leave", "0.04"), ("Team2", "0.05")]),
    ],
)
def test_kinds_are_read_as_people_write_them(text, kinds):
    assert read(text) == tuple(Kind(name, Decimal(share)) for name, share in kinds)


@pytest.mark.parametrize(
    "text",
    [
        "leave",
        "leave12",
        "-5",
        "1000",
        "a 1000",
        "12.345",
        "a,b 3",
        "12 5",
        "leave 12 sickness 5.5",
        "leave 12 and sickness 5",
        "leave 12% sickness 5",
    ],
)
def test_what_is_no_kind_is_refused_by_name(text):
    with pytest.raises(ValueError, match="is no kind"):
        read(text)


def test_kinds_that_leave_hardly_any_time_are_refused():
    half = Kind("", Decimal("0.5"))
    with pytest.raises(ValueError, match="hardly any time"):
        checked(Shrinkage((half, half)))
    assert checked(Shrinkage((half, half), of_the_rest=True)).share == Decimal("0.75")


def test_what_several_kinds_come_to_is_told_as_it_is_reckoned():
    kinds = (Kind("leave", Decimal("0.12")), Kind("", Decimal("0.055")))
    assert Shrinkage(kinds).made_of == "leave 12 % + 5.5 %"
    assert Shrinkage(kinds, of_the_rest=True).made_of == "1 − (1 − leave 12 %) × (1 − 5.5 %)"
    assert Shrinkage(kinds[:1]).made_of == ""


_NAMES = st.text("abc éd", max_size=12).map(lambda text: " ".join(text.split()))
_KINDS = st.builds(Kind, _NAMES, st.integers(0, 9_999).map(lambda whole: Decimal(whole) / 10_000))


@given(st.lists(_KINDS, max_size=12))
def test_kinds_that_are_written_are_read_as_they_were(kinds):
    assert read(written(kinds)) == tuple(kinds)
