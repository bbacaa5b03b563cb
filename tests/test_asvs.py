"""The table of the ASVS is whole, and what it names is there."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs" / "asvs.md"
ROW = re.compile(r"^\| (V(\d+)\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.M)
# How many requirements of levels 1 and 2 each chapter of 5.0.0 has.
CHAPTERS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13,
    14: 9, 15: 13, 16: 16, 17: 7,
}  # fmt: skip
LEVEL_1 = 70
MET, NONE, OPEN = "met", "N/A", "open"


def rows():
    return ROW.findall(TABLE.read_text(encoding="utf-8"))


def test_each_requirement_of_levels_1_and_2_has_one_row():
    found = rows()
    assert len({one[0] for one in found}) == len(found) == sum(CHAPTERS.values())
    assert Counter(int(one[1]) for one in found) == CHAPTERS
    assert sum(one[2] == "1" for one in found) == LEVEL_1
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("| V") for line in lines) == len(found)


@pytest.mark.parametrize("row", rows(), ids=lambda one: one[0])
def test_a_row_says_met_by_what_or_why_not(row):
    _name, _chapter, _level, _words, state, where = row
    assert state in (MET, NONE, OPEN)
    files = [one for one in re.findall(r"`([^`\s]+)`", where) if "/" in one]
    assert all((ROOT / one).exists() for one in files), files
    if state == MET:
        named = re.findall(r"`([\w./-]+\.\w+)`", where)
        assert named or where.startswith("Python"), where
    else:
        assert len(where) > len("none"), where


def test_the_counts_are_those_of_the_table():
    counts = Counter(one[4] for one in rows())
    told = re.search(
        r"(\d+) are met, (\d+) do not apply, (\d+) are open", TABLE.read_text(encoding="utf-8")
    )
    assert told
    assert tuple(map(int, told.groups())) == (counts[MET], counts[NONE], counts[OPEN])
