"""The fewest people by playing days: beside formulas, and against one less."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from scheduling.erlang import climbing, required
from scheduling.erlang.patience import erlang_a
from scheduling.erlang.required import Targets
from scheduling.simulation import playing
from scheduling.simulation.centre import Centre, Line, Pool, Times
from scheduling.simulation.required import Aim, by_formula, staffed
from scheduling.simulation.required import required as fewest

DAY = 24  # half hours


def a_line(calls, aht=180.0, **more):
    return Line(calls=np.full(DAY, float(calls)), handle=Times(aht), **more)


def a_pool(*lines, is_open=None):
    there = np.ones(DAY, np.int64) if is_open is None else is_open
    return Pool(people=there, skills=dict.fromkeys(lines, 1))


def lowest(centre, people, aim, line, days, seed, sureness):
    """What the mean service level exceeds so surely: reckoned here once more, by itself."""
    level = playing.played(staffed(centre, people), days, seed).service_level(aim.variant)[:, line]
    margin = stats.t.ppf(sureness, days - 1) * np.std(level, ddof=1) / np.sqrt(days)
    return np.mean(level) - margin


def test_a_formula_tells_where_to_begin():
    # 100 calls of 180 s in half an hour, 80 % in 20 s: 14 positions (docs/metrics.md).
    centre = Centre([a_line(100)], [a_pool(0)], 1800.0)
    assert set(by_formula(centre, {0: Aim(0.8)})[0]) == {14}
    leaves = Centre([a_line(100, patience=Times(90.0))], [a_pool(0)], 1800.0)
    told = required.positions(
        10.0, Targets(0.8, "sl4"), lambda load, there: erlang_a(load, there, 180, 90, 20)
    )
    assert set(by_formula(leaves, {0: Aim(0.8)})[0]) == {int(told)}


def test_two_pools_of_a_queue_share_its_calls_and_who_would_rather_not_has_none():
    lines = [a_line(100)]
    pools = [a_pool(0), a_pool(0), replace(a_pool(0), skills={0: 2})]
    found = by_formula(Centre(lines, pools, 1800.0), {0: Aim(0.8)})
    half = int(climbing.positions(5.0, Targets(0.8), 180.0))
    assert [set(one) for one in found] == [{half}, {half}, {0}]


@pytest.mark.parametrize("patience", [None, 120.0])
def test_where_a_formula_holds_the_fewest_are_its_own_or_one_beside(patience):
    line = a_line(100, patience=Times(patience) if patience else None)
    centre = Centre([line], [a_pool(0)], 1800.0)
    aim = Aim(0.8)
    found = fewest(centre, {0: aim}, days=60, seed=3)
    assert found.is_enough
    assert found.is_fewest
    more = found.people[0] - found.formula[0]
    assert set(more) <= {-1, 0, 1}
    assert found.sure[0] == pytest.approx(lowest(centre, found.people, aim, 0, 60, 3, 0.95))
    assert found.sure[0] >= 0.8
    fewer = (found.people[0] - 1,)
    assert lowest(centre, fewer, aim, 0, 60, 3, 0.95) < 0.8


def test_of_pools_with_shared_queues_one_less_in_any_misses_a_target():
    lines = [a_line(40), a_line(30, aht=240.0, patience=Times(100.0)), a_line(20, slots=3)]
    pools = [a_pool(0), a_pool(0, 1), a_pool(1, 2)]
    centre = Centre(lines, pools, 1800.0)
    aims = {0: Aim(0.8), 1: Aim(0.7, "SL1"), 2: Aim(0.9, "SL3")}
    found = fewest(centre, aims, days=40, seed=2)
    assert found.is_fewest
    for line, aim in aims.items():
        assert lowest(centre, found.people, aim, line, 40, 2, 0.95) >= aim.service_level
    for pool in range(3):
        if not found.people[pool].any():
            continue
        fewer = tuple(
            np.maximum(own - (number == pool), 0) for number, own in enumerate(found.people)
        )
        assert any(
            lowest(centre, fewer, aim, line, 40, 2, 0.95) < aim.service_level
            for line, aim in aims.items()
        )


def test_what_comes_of_them_is_told_by_other_days():
    centre = Centre([a_line(60)], [a_pool(0)], 1800.0)
    found = fewest(centre, {0: Aim(0.8)}, days=30, seed=7)
    tried = playing.played(staffed(centre, found.people), 30, 7)
    assert not (found.outcome.offered == tried.offered).all()
    assert (found.outcome.offered.shape) == (30, 1, DAY)


def test_closed_hours_stay_closed():
    is_open = np.array([0] * 4 + [1] * 20)
    line = replace(a_line(60), calls=np.full(DAY, 60.0) * is_open)
    centre = Centre([line], [a_pool(0, is_open=is_open)], 1800.0)
    found = fewest(centre, {0: Aim(0.8)}, days=20)
    assert not found.people[0][:4].any()
    assert (found.people[0][4:] > 0).all()


def test_when_trials_run_out_it_says_so_and_has_the_best_of_them():
    centre = Centre([a_line(60)], [a_pool(0)], 1800.0)
    found = fewest(centre, {0: Aim(0.8)}, days=20, most_trials=1)
    assert (found.trials, found.is_fewest) == (1, False)
    assert (found.people[0] == found.formula[0]).all()


def test_calls_when_nobody_can_be_there_are_not_enough_and_it_ends():
    centre = Centre([a_line(60)], [a_pool(0, is_open=np.zeros(DAY, np.int64))], 1800.0)
    found = fewest(centre, {0: Aim(0.8)}, days=5)
    assert (found.is_enough, found.is_fewest) == (False, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"aims": {}},
        {"aims": {1: Aim(0.8)}},
        {"aims": {0: Aim(1.0)}},
        {"aims": {0: Aim(0.8, "SL9")}},
        {"days": 1},
        {"sureness": 1.0},
        {"most_trials": 0},
    ],
)
def test_what_cannot_be_asked_is_refused(wrong):
    centre = Centre([a_line(10)], [a_pool(0)], 1800.0)
    with pytest.raises(ValueError, match=r"\w"):
        fewest(centre, **{"aims": {0: Aim(0.8)}, **wrong})
