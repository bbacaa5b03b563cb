"""Whose time an agent's time was, days played through, what calls tell: by hand and by chance."""

import numpy as np
import pytest

from scheduling.erlang import erlang_a
from scheduling.proving import fits, fitted, replay
from scheduling.proving.reckoning import FEWEST_DAYS, Said, Was, proofs
from scheduling.proving.replay import Callers, played
from scheduling.proving.sharing import OTHER, QUARTER_MS, Presence, Shares, Worked, groups

ANNA, BEN, CARL, DORA = 1, 2, 3, 4


def test_an_agent_is_a_queues_by_the_time_its_calls_took():
    shares = Shares([Worked(ANNA, 0, 0, 300, 2), Worked(ANNA, 0, 1, 100, 5)])
    assert shares.of(ANNA, 0) == ((0, 0.75), (1, 0.25))


def test_calls_out_take_of_an_agents_time_too():
    shares = Shares([Worked(ANNA, 0, 0, 100, 0), Worked(ANNA, 0, OTHER, 300, 0)])
    assert dict(shares.of(ANNA, 0)) == {0: 0.25, OTHER: 0.75}


def test_who_handled_nothing_is_told_by_rings_and_else_by_other_days():
    shares = Shares(
        [
            Worked(BEN, 0, 0, 0, 1),
            Worked(BEN, 0, 1, 0, 3),
            Worked(BEN, 1, 0, 500, 1),
            Worked(BEN, 2, 1, 500, 1),
        ]
    )
    assert shares.of(BEN, 0) == ((1, 0.75), (0, 0.25))
    # On day 7 nothing at all: half and half, as on all days together.
    assert shares.of(BEN, 7) == ((0, 0.5), (1, 0.5))
    assert shares.of(CARL, 0) == ()


def test_people_are_there_by_quarter_hours_and_the_shared_are_told():
    # Two days of two quarter hours.
    there = Presence(2, np.array([0, 0, 1, 1]))
    there.add(0, QUARTER_MS, ((0, 1.0),))
    there.add(0, QUARTER_MS // 2, ((0, 0.75), (1, 0.25)))
    there.add(3, QUARTER_MS, ((1, 0.5), (OTHER, 0.5)))
    there.add(3, QUARTER_MS, ())
    assert there.people.tolist() == [[1.375, 0, 0, 0], [0.125, 0, 0, 0.5]]
    assert there.shared.tolist() == [[0.375, 0, 0, 0], [0.125, 0, 0, 0.5]]
    first, second = there.together[0], there.together[1]
    assert {skills: people.tolist() for skills, people in first.items()} == {
        (0,): [1.0, 0.0],
        (0, 1): [0.5, 0.0],
    }
    # Half of the time is for other work.
    assert {skills: people.tolist() for skills, people in second.items()} == {(1,): [0.0, 0.5]}


def test_queues_with_people_in_common_are_one_group():
    there = Presence(5, np.array([0, 1]))
    for quarter, share in ((0, ((0, 0.5), (3, 0.5))), (1, ((3, 0.9), (4, 0.1))), (1, ((2, 1.0),))):
        there.add(quarter, QUARTER_MS, share)
    assert groups(there) == [[0, 3, 4], [1], [2]]


def callers(target=20.0, mean=180.0, patience=90.0, seed=5):
    rng = np.random.default_rng(seed)
    stays = None
    if patience is not None:
        stays = fits.patience(rng.exponential(patience, 5000), np.ones(5000, bool))
    return Callers(rng.exponential(mean, 5000), stays, target)


def test_days_played_are_as_erlang_a_says_where_it_holds():
    rng = np.random.default_rng(11)
    quarters, calls_each = 64, 50
    calls = rng.poisson(calls_each, (40, quarters))
    sums = dict.fromkeys(("offered", "answered_within", "abandoned"), 0.0)
    for day, mine in enumerate(calls):
        told = played(mine[None], [callers()], {(0,): np.full(quarters, 9.0)}, (1, day), times=1)
        # The first two hours are for the queue to become what it will be.
        for name in sums:
            sums[name] += told[name][0, 8:].sum()
    said = erlang_a(calls_each * 180 / 900, 9, 180, 90, 20)
    assert sums["answered_within"] / sums["offered"] == pytest.approx(said.sl3, abs=0.02)
    assert sums["abandoned"] / sums["offered"] == pytest.approx(said.p_abandon, abs=0.02)


def test_where_nobody_is_there_everybody_leaves_and_with_many_everybody_is_answered():
    calls = np.array([[20, 20]])
    told = played(calls, [callers()], {(0,): np.array([500.0, 500.0])}, (1,))
    assert told["answered_within"].tolist() == [[20, 20]]
    told = played(calls, [callers()], {(0,): np.array([0.0, 0.0])}, (1,))
    assert told["abandoned"].tolist() == [[20, 20]]


def test_who_serves_two_queues_helps_where_help_is_needed():
    calls = np.array([[60] * 8, [5] * 8])
    lines = [callers(), callers(seed=6)]
    apart = played(calls, lines, {(0,): np.full(8, 8.0), (1,): np.full(8, 8.0)}, (3,))
    helped = played(calls, lines, {(0,): np.full(8, 8.0), (1, 0): np.full(8, 8.0)}, (3,))
    assert helped["answered_within"][0].sum() > 1.3 * apart["answered_within"][0].sum()
    assert helped["answered_within"][1].sum() > 0.8 * apart["answered_within"][1].sum()


def test_a_part_of_a_person_is_there_for_a_part_of_the_quarter_hour():
    staff = replay._staff([np.array([1.25, 0.25, 0.0]), np.array([2.0, 2.0, 1.0])])
    changes = list(zip(staff.at.tolist(), staff.pool.tolist(), staff.people.tolist(), strict=True))
    assert sorted(changes, key=lambda one: (one[1], one[0])) == [
        (0.0, 0, 2),
        (225.0, 0, 1),
        # One is there for the first 225 s of the next quarter hour: nothing changes before.
        (1125.0, 0, 0),
        (0.0, 1, 2),
        (1800.0, 1, 1),
    ]


@pytest.mark.parametrize(("lines", "pools"), [([callers()], {}), (None, {(0,): np.ones(1)})])
def test_of_what_nothing_is_known_nothing_is_played(lines, pools):
    lines = lines or [Callers(np.zeros(0), None, 20)]
    with pytest.raises(ValueError, match=r"nobody is there|how long"):
        played(np.array([[1]]), lines, pools, (1,))


def test_a_simulation_is_held_on_its_days_and_left_out_where_it_tells_of_too_few():
    shape = (10, 4)
    calls = np.full(shape, 40.0)
    was = Was(
        calls=calls,
        aht_seconds=np.full(shape, 180.0),
        positions=np.full(shape, 6.0),
        answered=calls * 0.9,
        answered_within=calls * 0.8,
        abandoned=calls * 0.1,
        abandoned_within=calls * 0.05,
        waited_seconds=calls * 9,
        waited=calls * 0.9,
    )
    right = [was.answered, was.answered_within, was.abandoned, was.abandoned_within]
    said = Said.of_counts("SL1", *(one.copy() for one in (*right, was.waited_seconds)))
    for part in (said.above, said.below, said.served):
        part[:2] = np.nan
    best, *others = proofs(was, 1800, 20, "SL1", 90, said)
    assert (best.model, best.level.error, best.missed_by, best.days) == ("Simulation", 0, 0, 8)
    # (0.8 + 0.05) / 1, of SL1.
    assert best.level.actual == pytest.approx(0.85)
    assert best.was_by_day[5] == pytest.approx(0.85)
    assert np.isnan(best.was_by_day[0])
    assert [one.days for one in others] == [8, 8]
    for part in (said.above, said.below, said.served):
        part[: 10 - FEWEST_DAYS + 1] = np.nan
    found = proofs(was, 1800, 20, "SL1", 90, said)
    assert {one.model for one in found} == {"Erlang A", "Erlang C"}
    assert {one.days for one in found} == {10}


def test_half_of_all_callers_wait_for_the_median():
    # Kaplan and Meier by hand: 10 s: 3/4 stay; 20 s is an answer; 30 s: half of these.
    told = fits.patience(np.array([10.0, 20, 30, 40]), np.array([True, False, True, False]))
    assert fitted.median(told) == 30
    kept = fitted.patience(told, told.mean_seconds)
    assert kept["seconds"] == [0, 10, 30]
    assert kept["staying"] == [1, 0.75, 0.375]
    assert (kept["left"], kept["waited"], kept["mean"]) == (2, 4, 50)
    assert (
        fitted.median(fits.patience(np.array([5.0, 9, 9]), np.array([True, False, False]))) is None
    )


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    told = fits.patience(np.arange(1.0, 1001), np.ones(1000, bool))
    kept = fitted.patience(told, told.mean_seconds)
    assert len(kept["seconds"]) <= fitted.MOST_POINTS + 1
    assert (kept["seconds"][1], kept["seconds"][-1]) == (1, 1000)
    assert kept["staying"][-1] == 0


def test_lognormal_lengths_are_near_a_lognormal_and_even_ones_are_not():
    rng = np.random.default_rng(4)
    kept = fitted.handling(rng.lognormal(5, 0.5, 20_000))
    assert kept["apart"] < 0.015
    assert sum(one["share"] for one in kept["bins"]) == pytest.approx(1, abs=1e-3)
    assert sum(one["lognormal"] for one in kept["bins"]) == pytest.approx(1, abs=1e-3)
    assert kept["bins"][-1]["to"] is None
    for one in kept["bins"]:
        assert one["share"] == pytest.approx(one["lognormal"], abs=0.02)
    even = fitted.handling(np.repeat([50.0, 400.0], 500))
    assert even["apart"] > 0.2
    assert fitted.handling(np.full(180, 100.0))["bins"] == []
    assert fitted.handling(np.array([30.0]))["bins"] == []
    assert fitted.handling(np.zeros(0)) == {
        "n": 0, "mean": None, "deviation": None, "variation": None, "bins": [], "apart": None,
    }  # fmt: skip


def test_days_that_move_are_told_by_hand():
    # Of each of five weekdays 80 and 120: 2 x 20^2 less 100 of chance, by 100^2, is 0.07.
    totals = np.array([80.0, 120] * 5)
    weekdays = np.repeat(np.arange(5), 2)
    share, days = fitted.day_to_day(totals, weekdays)
    assert (share, days) == (pytest.approx(0.07**0.5), 10)
    # A holiday is no day.
    totals[0] = np.nan
    assert fitted.day_to_day(totals, weekdays) == (None, 8)


def test_days_of_chance_do_not_move_and_days_of_luck_do():
    rng = np.random.default_rng(8)
    weekdays = np.tile(np.arange(7), 50)
    even = rng.poisson(1000, 350).astype(float)
    moved = rng.poisson(1000 * rng.gamma(100, 0.01, 350)).astype(float)  # a tenth, up or down
    assert fitted.day_to_day(even, weekdays)[0] < 0.02
    assert fitted.day_to_day(moved, weekdays)[0] == pytest.approx(0.1, abs=0.01)
