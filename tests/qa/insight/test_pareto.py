"""The few criteria that most is lost on."""

import pytest

from qa.insight.pareto import pareto


def test_the_few_reach_four_fifths_of_what_is_lost():
    found = pareto({"tone": 1.0, "cause": 5.0, "greeting": 0.0, "summary": 3.0, "close": 1.0})
    assert [one.of for one in found] == ["cause", "summary", "tone", "close", "greeting"]
    assert [one.share for one in found] == pytest.approx([0.5, 0.3, 0.1, 0.1, 0])
    assert [one.together for one in found] == pytest.approx([0.5, 0.8, 0.9, 1, 1])
    assert [one.is_vital for one in found] == [True, True, False, False, False]


def test_where_nothing_is_lost_there_are_no_few():
    assert [(one.share, one.is_vital) for one in pareto({"a": 0.0, "b": 0.0})] == [(0, False)] * 2
    assert pareto({}) == []


def test_what_cannot_be_lost_is_refused():
    with pytest.raises(ValueError, match="less than nothing"):
        pareto({"a": -0.1})
    with pytest.raises(ValueError, match="no share"):
        pareto({"a": 1.0}, most=0)
