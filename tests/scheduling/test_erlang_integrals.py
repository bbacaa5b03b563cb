"""Erlang's formulas between whole positions, by the integrals that they are there; and at 20,000
erlangs, by the states of the queue in fifty digits."""

from decimal import Decimal, localcontext
from math import exp, inf, log1p

import numpy as np
import pytest
from scipy.integrate import quad

from scheduling.erlang import erlang_a, erlang_b, erlang_c, erlang_x
from scheduling.erlang.retrials import load_with_retrials

BETWEEN = [(0.4, 0.5), (2.3, 2.5), (5.0, 6.75), (7.9, 3.2), (40.0, 44.4), (180.0, 190.01)]


def integral(function, *, by):
    """From 0 without an end, of what fades over `by` or so; stretch by stretch."""
    edges = [0.0, *(by * np.array([0.25, 1, 3, 10, 30, 100]))]
    parts = [quad(function, a, b, epsabs=0, epsrel=1e-12, limit=400)[0]
             for a, b in zip(edges, [*edges[1:], inf], strict=True)]  # fmt: skip
    return sum(parts)


def fortet(load, positions):
    """1 / B = load x the integral of exp(-load t) (1 + t)^positions (Fortet; Jagerman 1974)."""
    width = 1 / max(load - positions, load**0.5, 1e-9)
    return 1 / (
        load * integral(lambda t: exp(positions * log1p(t) - load * t), by=max(width, 1 / load))
    )


@pytest.mark.parametrize(("load", "positions"), BETWEEN)
def test_between_whole_positions_erlang_b_is_fortets_integral(load, positions):
    assert erlang_b(load, positions) == pytest.approx(fortet(load, positions), rel=1e-10)


@pytest.mark.parametrize(("load", "positions"), [one for one in BETWEEN if one[0] < one[1]])
def test_between_whole_positions_erlang_c_follows_from_it(load, positions):
    """C = B / (1 - busy (1 - B)); who waits does so for an exponential time of aht / spare."""
    aht, target = 200.0, 25.0
    blocked, spare = fortet(load, positions), positions - load
    waits = blocked / (1 - load / positions * (1 - blocked))
    told = erlang_c(load, positions, aht, target)
    assert told.p_wait == pytest.approx(waits, rel=1e-9)
    assert told.sl3 == pytest.approx(1 - waits * exp(-spare * target / aht), rel=1e-9)
    assert told.w2 == pytest.approx(waits * aht / spare, rel=1e-9)
    # Little's law.
    assert told.queue_length == pytest.approx(load / aht * told.w2, rel=1e-9)
    assert told.occupancy == pytest.approx(load / positions)


@pytest.mark.parametrize(("load", "positions"), BETWEEN)
@pytest.mark.parametrize("patience", [40.0, 600.0])
def test_between_whole_positions_erlang_a_is_the_integrals_of_mandelbaum_and_zeltyn(
    load, positions, patience
):
    """M/M/n+G of their "Call centers with impatient customers" (2005), patience exponential: the
    offered wait v has the density of exp(rate H(v) - n v / aht), H the integral of who stays,
    beside epsilon, the integral of e^-t (1 + t / load)^(n - 1)."""
    aht, target = 200.0, 25.0
    rate = load / aht

    def stays(v):  # H, seconds
        return -patience * np.expm1(-v / patience)

    def weight(v):
        return exp(rate * stays(v) - positions * v / aht)

    width = min(aht / positions * max(positions**0.5, 1.0), patience)
    epsilon = integral(
        lambda t: exp((positions - 1) * log1p(t / load) - t), by=max(load**0.5, positions, 1.0)
    )
    late = integral(lambda v: weight(target + v), by=width)
    every = integral(weight, by=width)
    whole = epsilon + rate * every
    told = erlang_a(load, positions, aht, patience, target)
    assert told.p_wait == pytest.approx(rate * every / whole, rel=1e-8)
    assert told.p_virtual == pytest.approx(1 - rate * late / whole, rel=1e-8)
    assert told.sl1 == pytest.approx(1 - rate * exp(-target / patience) * late / whole, rel=1e-8)
    left = (1 + (rate - positions / aht) * every) / whole
    assert told.p_abandon == pytest.approx(left, rel=1e-7, abs=1e-12)
    waits = rate * integral(lambda v: stays(v) * weight(v), by=width) / whole
    assert told.w2 == pytest.approx(waits, rel=1e-8)
    assert told.occupancy == pytest.approx(load * (1 - left) / positions, rel=1e-8)
    # Who is answered in time found somebody free, or was patient for all of a wait that was short.
    in_time = rate * quad(
        lambda v: exp(-v / patience) * weight(v), 0, target, epsabs=0, epsrel=1e-12
    )[0]  # fmt: skip
    assert told.sl3 == pytest.approx(1 - told.p_wait + in_time / whole, rel=1e-8)


LARGE = 20_000


def turned_away(load, positions):
    """Erlang B by the rule by which it grows, from no position on."""
    blocked = Decimal(1)
    for there in range(1, positions + 1):
        blocked = load * blocked / (there + load * blocked)
    return blocked


@pytest.mark.parametrize("positions", [15_000, 19_900, 20_000, 20_100, 21_500])
def test_erlang_b_of_20_000_erlangs_is_told_to_the_last_digits(positions):
    with localcontext(prec=50):
        exact = turned_away(Decimal(LARGE), positions)
    # At 21,500 one call in 10^25 is turned away.
    assert erlang_b(LARGE, positions) == pytest.approx(float(exact), rel=1e-10)


def states(load, positions, aht, patience):
    """Of Erlang A, by how many are there, out from where all positions are just taken: the share
    that waits, leaves, and is busy, and how many wait."""
    ends = Decimal(aht) / Decimal(patience)
    least = Decimal(10) ** -45
    idle = taken = busy = waiting = Decimal(0)
    weight, there = Decimal(1), positions
    while there > 0 and weight > least:
        weight = weight * there / load
        there -= 1
        idle += weight
        busy += weight * there
    weight, ahead = Decimal(1), 0
    while weight > least:
        taken += weight
        waiting += weight * ahead
        ahead += 1
        weight = weight * load / (positions + ahead * ends)
    whole = idle + taken
    return {
        "p_wait": taken / whole,
        "p_abandon": waiting / whole * ends / load,
        "occupancy": (busy + taken * positions) / whole / positions,
        "queue_length": waiting / whole,
    }


@pytest.mark.parametrize("positions", [19_000, 20_000, 20_200])
@pytest.mark.parametrize("again", [0.0, 0.5, 0.9])
def test_erlang_x_of_20_000_erlangs_is_what_its_states_come_to(positions, again):
    """All calls are those that are new and those of who left and calls again; that many told, they
    are Erlang A."""
    aht, patience = 240, 90
    whole = load_with_retrials(LARGE, positions, aht, patience, again)
    told = erlang_x(LARGE, positions, aht, patience, again)
    with localcontext(prec=50):
        exact = states(Decimal(whole), positions, aht, patience)
        new = Decimal(whole) * (1 - Decimal(again) * exact["p_abandon"])
    assert float(new) == pytest.approx(LARGE, rel=1e-12)
    for name, value in exact.items():
        assert getattr(told, name) == pytest.approx(float(value), rel=1e-8), name
    # Little's law, of 20,000 erlangs by 240 s of new calls a second.
    assert told.w2 == pytest.approx(float(exact["queue_length"]) * aht / whole, rel=1e-8)
