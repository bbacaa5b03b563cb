"""What goes with satisfaction."""

import numpy as np

from qa.insight.relating import Told, relations
from qa.insight.weighted import Lack


def told(random, by, n=200):
    met = random.random(n) < 0.7
    outcome = np.clip(random.normal(0.6, 0.15, n) + by * met, 0, 1)
    return Told(met, outcome, random.uniform(1, 5, n), np.arange(n) % 20)


def test_a_planted_relation_is_found_and_chance_is_left_alone():
    random = np.random.default_rng(7)
    asked = {"planted": told(random, 0.2)} | {f"none{n}": told(random, 0.0) for n in range(9)}
    found = {one.of: one for one in relations(asked)}
    assert [name for name, one in found.items() if one.is_told] == ["planted"]
    planted = found["planted"].difference
    assert planted.low < 0.2 < planted.high


def test_of_many_criteria_without_any_relation_few_lists_tell_one():
    # One list in ten at most tells of something, as Benjamini and Hochberg have it.
    random = np.random.default_rng(11)
    lists = [relations({n: told(random, 0.0, 120) for n in range(8)}) for _ in range(150)]
    assert sum(any(one.is_told for one in some) for some in lists) / len(lists) < 0.15


def test_few_are_not_compared_and_do_not_count_among_what_was_looked_at():
    random = np.random.default_rng(1)
    few = told(random, 0.5, 12)
    (one,) = relations({"few": few})
    assert one.difference.lack is Lack.TOO_FEW
    assert not one.is_told
