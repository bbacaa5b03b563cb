"""Positions of a year of half hours at once, beside a package that loops; a simulated week; a
refit; and a night of forecasts, without a database (`benchmarks.night` has one).

    python -m benchmarks.staffing [--only erlang simulator refit forecasts]

`pip install pyworkforce==0.5.1` first: it is no part of the project.
"""

import argparse
import time
from collections.abc import Callable
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import TypeVar

import numpy as np

from scheduling.erlang import climbing
from scheduling.erlang.required import Targets
from scheduling.forecast import ahead, choosing
from scheduling.forecast.days import Day, known
from scheduling.forecast.history import History, from_counts
from scheduling.forecast.methods import USUAL
from scheduling.simulation import playing
from scheduling.simulation.centre import Centre, Line, Pool, Times

T = TypeVar("T")
ROUNDS = 3
YEAR = 17_520  # half hours
MANY = 760  # days of a queue's past
LEVEL, TARGET, AHT, INTERVAL, SHRINKAGE = 0.8, 20.0, 240.0, 1800.0, 0.3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    kinds: dict[str, Callable[[], None]] = {
        "erlang": erlang, "simulator": simulator, "refit": refit, "forecasts": forecasts,
    }  # fmt: skip
    parser.add_argument("--only", nargs="*", choices=kinds, default=[*kinds])
    for kind in parser.parse_args().only:
        kinds[kind]()


def erlang() -> None:
    """The fewest positions of each half hour of a year."""
    # No two alike, as a forecast's are.
    calls = np.random.default_rng(1).gamma(2.0, 30.0, YEAR)
    load = calls * AHT / INTERVAL

    def ours() -> np.ndarray:
        return climbing.positions(load, Targets(LEVEL), AHT, TARGET)

    mine, found = _timed(ours)
    print(f"{YEAR:,} intervals: {mine * 1000:.1f} ms")
    try:
        name = f"pyworkforce {version('pyworkforce')}"
    except PackageNotFoundError:
        print("pyworkforce is not installed: nothing to compare with")
        return
    from pyworkforce.queuing import ErlangC

    def theirs() -> list[int]:
        return [
            ErlangC(
                transactions=float(one), asa=TARGET / 60, aht=AHT / 60, interval=INTERVAL / 60,
                shrinkage=0.0,
            ).required_positions(service_level=LEVEL)["raw_positions"]
            for one in calls
        ]  # fmt: skip

    other, told = _timed(theirs)
    same = float(np.mean(np.array(told) == found))
    print(f"  {name}: {other:.2f} s, {other / mine:.0f} times as long  (bar 20, stretch 100)")
    print(f"  the same number of positions in {same:.2%} of them")


def simulator() -> None:
    """100 times a week of 8 queues with 50,000 calls in all."""
    hours = np.concatenate([np.zeros(16), np.hanning(22)[1:-1] + 0.3, np.zeros(12)])
    week = np.concatenate([hours * share for share in (1.3, 1.1, 1.0, 1.0, 1.1, 0.4, 0.3)])
    calls = week / week.sum() * 50_000 / 8
    lines = [
        Line(calls=calls, handle=Times(200.0 + 20 * one), patience=Times(180.0), again=0.2)
        for one in range(8)
    ]
    people = np.ceil(calls * 8 * 270 / 1800 / 4 * 1.1).astype(np.int64)
    pools = [
        Pool(people=people, skills={one: 1, (one + 1) % 8: 2, (one + 4) % 8: 1})
        for one in range(0, 8, 2)
    ]
    centre = Centre(lines, pools, 1800.0)
    began = time.perf_counter()
    playing.played(centre, 1, 0)
    print(
        f"simulator: first day played, compiled or read from where it is kept: "
        f"{time.perf_counter() - began:.1f} s"
    )
    taken, found = _timed(lambda: playing.played(centre, 100, 1))
    offered = float(found.offered.sum())
    print(f"  100 weeks of 8 queues, {offered:,.0f} calls: {taken:.1f} s  (bar 60 s)")
    print(f"  {offered / taken:,.0f} calls a second")


def refit() -> None:
    """The default method learned of a queue's whole past, and asked for the next 28 days."""
    history, coming = _queue(1), _days(MANY, 28)
    taken, _found = _timed(lambda: USUAL.forecast(history, coming))
    print(f"refit: {MANY} days, and 28 ahead: {taken * 1000:.0f} ms  (bar 200 ms, stretch 20 ms)")


def forecasts() -> None:
    """A night: methods tried on 13 weekly origins and 91 days forecast, for some of 200 queues."""
    coming = _days(MANY, 91)
    taken = []
    for seed in range(ROUNDS):
        history = _queue(seed)
        began = time.perf_counter()
        ahead.forecast(history, coming, np.ones((91, 48)), choosing.chosen(history))
        taken.append(time.perf_counter() - began)
    each = median(taken)
    print(f"forecasts: a queue of {MANY} days: {each:.2f} s")
    print(f"  200 queues on two processors: {each * 100:.0f} s  (bar 600 s, stretch 120 s)")


def _queue(seed: int) -> History:
    """A queue of half hours that is open from eight to six."""
    course = np.concatenate([np.zeros(16), np.hanning(22)[1:-1], np.zeros(12)])
    levels = np.array([1.3, 1.1, 1.0, 1.0, 1.1, 0.4, 0.3])[np.arange(MANY) % 7]
    calls = np.random.default_rng(seed).poisson(levels[:, None] * course * 20).astype(float)
    return from_counts(_days(0, MANY), calls)


def _days(first: int, many: int) -> tuple[Day, ...]:
    return known([date(2024, 1, 1) + timedelta(days=first + one) for one in range(many)], {})


def _timed(what: Callable[[], T]) -> tuple[float, T]:
    """The median of some rounds, and what came of the last."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = what()
        taken.append(time.perf_counter() - began)
    return median(taken), found


if __name__ == "__main__":
    main()
