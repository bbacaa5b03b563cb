"""Whether the effect of coaching tells the demo's three teachers as they are: `python -m
tests.heavy.coached`.

Plays the demo's first site for two years (`ccm.demo.lessons`), counts its calls by agent, queue and
four weeks without the database, and has `coaching.progress` tell each teacher: what they truly
changed has to lie within the interval, and no rank may be wrong.
"""

import argparse
import time
from datetime import date, timedelta

import polars as pl

from ccm.demo.centre import play
from ccm.demo.lessons import SITE, TEACHERS, Lesson, lessons, taught
from ccm.demo.people import hire
from coaching.effect import beyond, periods
from coaching.effect.beyond import Cell
from coaching.progress import Effect, Talk, courses, effect, group_ranks, pooled, singles

TODAY = date(2026, 11, 30)


def cells_of(calls: pl.DataFrame, zone: str, first: int) -> dict[tuple[str, str, int], Cell]:
    """What each agent did on each queue in each part, from 1 on."""
    day = pl.col("offered_at").dt.convert_time_zone(zone).dt.date()
    ordinal = (day - pl.date(1, 1, 1)).dt.total_days()
    seconds = sum(pl.col(name).fill_null(0) for name in ("talk_ms", "hold_ms", "acw_ms")) / 1000
    counted = (
        calls.filter(pl.col("outcome") == "answered")
        .with_columns(part=(ordinal // periods.DAYS) - first + 1, seconds=seconds)
        .group_by("agent", "queue", "part")
        .agg(pl.col("seconds").sum(), pl.len(), pl.col("talk_ms").mean() / 1000)
    )
    return {
        (agent, queue, part): Cell(total, many, many)
        for agent, queue, part, total, many, _talk in counted.iter_rows()
    }


def told(seed: int, days: int, agents: int) -> bool:
    """Print what is told of each teacher beside the truth; whether it agrees with it."""
    began = time.monotonic()
    first_day = TODAY - timedelta(days=days - 1)
    crew = hire(seed, agents, first_day)
    given = lessons(crew, seed, first_day, days)
    calls = play(SITE, taught(crew, given), seed, first_day, TODAY - timedelta(days=1)).calls
    first = periods.number_of(first_day) + 1
    last = periods.last_over(TODAY - timedelta(days=1))
    begins = [periods.first_day(one) for one in range(first, last + 1)]
    cells = {
        key: cell
        for key, cell in cells_of(calls, SITE.zone, first).items()
        if 1 <= key[2] <= len(begins)
    }
    hired = {one.alias: one.hired_on for one in crew.of(SITE.name)}
    standings = {
        agent: {first + part - 1: one for part, one in by_part.items()}
        for agent, by_part in beyond.standings(cells, hired, begins).items()
    }
    talks = [
        Talk(
            one.alias, periods.number_of(one.day), periods.rest(one.day), one.teacher.username
        )
        for one in given
    ]  # fmt: skip
    some = courses(standings, talks)
    found = effect(some)
    took = time.monotonic() - began
    print(f"seed {seed}, {len(calls):,} calls, {took:.0f} s: {len(given)} lessons")
    if not isinstance(found, Effect):
        print(f"  cannot be told: {found}")
        return True
    value = found.covariances.value
    print(f"  all: {value:+.1f} s, {found.covariances.interval()}, {found.coached} coached")
    each = singles(some, value)
    ranks = group_ranks(each, value, more_is_better=False)
    agrees = True
    truths = {one.username: _truth(one.talk, given, calls) for one in TEACHERS}
    order = sorted(truths, key=truths.__getitem__)
    for name, estimate in pooled(each, value).items():
        if estimate is None:
            print(f"  {name}: too few")
            continue
        low, high = estimate.interval()
        truth, rank = truths[name], ranks[name]
        place = order.index(name) + 1
        agrees &= low <= truth <= high
        agrees &= rank is None or rank.best <= place <= rank.worst
        print(f"  {name}: truly {truth:+.1f} s, told {estimate.value:+.1f} "
              f"({low:+.1f} to {high:+.1f}), rank {rank}")  # fmt: skip
    return agrees


def _truth(factor: float, given: list[Lesson], calls: pl.DataFrame) -> float:
    """By how many seconds a factor changes a mean call of those who were taught."""
    names = sorted({one.alias for one in given})
    served = calls.filter((pl.col("outcome") == "answered") & pl.col("agent").is_in(names))
    mean = served["talk_ms"].mean()
    assert isinstance(mean, float)
    return (factor - 1) * mean / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--agents", type=int, default=120)
    options = parser.parse_args()
    right = [told(seed, options.days, options.agents) for seed in range(1, options.seeds + 1)]
    assert all(right), right


if __name__ == "__main__":
    main()
