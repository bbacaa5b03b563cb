"""The choices of the mapping page by subject: each once, what is usual first."""

import pytest

from ccm.imports.mapping import subjects
from ccm.imports.mapping.targets import TARGETS, Rows


@pytest.mark.parametrize("rows", Rows)
def test_every_meaning_of_a_row_stands_under_one_subject(rows):
    groups = subjects.of_targets(rows, TARGETS[rows])
    listed = [name for _words, choices in groups for name, _label in choices]
    assert sorted(listed) == sorted(TARGETS[rows])
    assert all(choices for _words, choices in groups)


def test_every_kind_of_row_stands_under_one_subject():
    listed = [kind for _words, kinds in subjects.of_kinds() for kind, _label in kinds]
    assert sorted(listed) == sorted(Rows)
    assert listed[0] == "calls"


def test_the_meanings_of_a_call_begin_with_when_and_who():
    groups = subjects.of_targets(Rows.CALLS, TARGETS[Rows.CALLS])
    assert [str(words) for words, _choices in groups] == [
        "When", "Who and where", "What became of it", "Waits and talk", "Ids", "Survey", "Money",
        "Recording",
    ]  # fmt: skip
    assert [name for name, _label in groups[3][1]][:3] == ["wait", "talk", "duration"]
