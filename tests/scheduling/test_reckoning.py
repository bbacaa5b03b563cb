"""Formulas held against weeks that were: against days that were played by their own rules."""

from dataclasses import replace

import numpy as np
import pytest

from scheduling.erlang import erlang_a
from scheduling.proving.reckoning import FEWEST_DAYS, Was, proofs
from scheduling.simulation import playing
from scheduling.simulation.centre import Centre, Line, Pool, Times

INTERVAL, AHT, PATIENCE, TARGET = 1800.0, 180.0, 90.0, 20.0
CALLS = np.repeat([60.0, 100.0, 140.0, 100.0], 4)
PEOPLE = np.repeat([6, 9, 12, 9], 4)


def played(seed, patience=PATIENCE, days=40):
    line = Line(
        calls=CALLS,
        handle=Times(AHT),
        patience=None if patience is None else Times(patience),
        target_seconds=TARGET,
    )
    pool = Pool(people=PEOPLE, skills={0: 1})
    found = playing.played(Centre([line], [pool], INTERVAL), days, seed)
    of = {
        name: getattr(found, name)[:, 0]
        for name in ("answered", "answered_within", "abandoned", "abandoned_within")
    }
    shape = of["answered"].shape
    return Was(
        calls=np.broadcast_to(CALLS, shape),
        aht_seconds=np.full(shape, AHT),
        positions=np.broadcast_to(PEOPLE.astype(float), shape),
        waited_seconds=found.answered_wait_seconds[:, 0],
        waited=of["answered"],
        **of,
    )


@pytest.mark.parametrize("variant", ["SL1", "SL2", "SL3", "SL4"])
def test_the_formula_by_whose_rules_a_centre_works_is_the_nearest(variant):
    best, other = proofs(played(1), INTERVAL, TARGET, variant, PATIENCE)
    assert (best.model, other.model) == ("Erlang A", "Erlang C")
    assert abs(best.level.error) < 0.03
    assert abs(other.level.error) > 0.1
    assert other.level.is_off
    assert abs(best.abandonment.error) < 0.02
    assert abs(best.asa.error) < 4


def test_where_nobody_leaves_erlang_c_alone_is_asked():
    [only] = proofs(played(2, patience=None), INTERVAL, TARGET, "SL3", None)
    assert only.model == "Erlang C"


def test_how_sure_an_error_is_holds_as_often_as_it_says():
    """Of 40 times ten days, each an interval of the steady state: the formula's own answer."""
    shape = (10, 16)
    load = 100 * AHT / INTERVAL
    told = erlang_a(load, 9, AHT, PATIENCE, TARGET)
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        # Each day has a luck of its own, which all its intervals share.
        luck = 1 + 0.1 * rng.standard_normal((10, 1))
        within = np.clip(told.sl3 * luck, 0, 1)
        calls = np.full(shape, 100.0)
        was = Was(
            calls=calls,
            aht_seconds=np.full(shape, AHT),
            positions=np.full(shape, 9.0),
            answered=calls * (1 - told.p_abandon),
            answered_within=calls * within,
            abandoned=calls * told.p_abandon,
            abandoned_within=np.zeros(shape),
            waited_seconds=calls * 10,
            waited=calls * (1 - told.p_abandon),
        )
        best = next(
            one for one in proofs(was, INTERVAL, TARGET, "SL3", PATIENCE) if one.model == "Erlang A"
        )
        held.append(best.level.low <= 0 <= best.level.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.04)


def test_intervals_of_which_too_little_is_known_are_left_out():
    was = played(3)
    unknown = was.positions.copy()
    unknown[:, 0] = np.nan
    partly = replace(was, positions=unknown)
    [best, _other] = proofs(partly, INTERVAL, TARGET, "SL3", PATIENCE)
    assert best.intervals == 40 * 15


def test_of_few_days_nothing_is_said():
    assert proofs(played(4, days=FEWEST_DAYS - 1), INTERVAL, TARGET, "SL3", PATIENCE) == []
