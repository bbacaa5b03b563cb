"""Who came and went, from raw rows, apart from `kpis`, by the definitions' words.

    turnover(raw, date(2026, 3, 1), date(2026, 5, 31))["T1"] == Exact(40, 220, None)

T1 is "left ÷ mean of those employed on the day before the first and on the last", and "whoever is
gone from a day on has left on that day". "People whose day of hire is not known are in no headcount
and are counted apart."

DOUBT: T3, where somebody left on the very ninetieth day.
"""

from datetime import date, timedelta
from fractions import Fraction

import polars as pl

from tests.oracle.polars_oracle import DOUBT, Exact, Figures, Raw

TURNOVERS = ("T1", "T2", "T3", "T4", "T5")
DAY = timedelta(days=1)
EARLY = timedelta(days=90)
YEAR_DAYS = 365
# A rate of a year is told of so many days at least.
FEWEST_DAYS = 90


def turnover(raw: Raw, first: date, last: date) -> Figures:
    """T1 to T5 of the days `first` to `last`."""
    known = raw.agents.filter(pl.col("hired_on").is_not_null())
    left = known.filter(pl.col("left_on").is_between(first, last))
    opening, closing = employed(known, first - DAY), employed(known, last)
    days = (last - first).days + 1
    stayed = left["left_on"] - left["hired_on"]
    early = int((stayed < EARLY).sum())
    reasons = left["left_reason"].to_list()
    nobody_knows = bool(reasons) and set(reasons) == {""}
    mean = opening + closing
    return {
        "T1": over(2 * left.height, mean),
        "T2": over(left.height, opening),
        "T3": DOUBT if (stayed == EARLY).any() else over(2 * early, mean),
        "T4": over(Fraction(2 * left.height * YEAR_DAYS, days), mean)
        if days >= FEWEST_DAYS
        else None,
        "T5": None if nobody_knows else over(2 * reasons.count("voluntary"), mean),
    }


def employed(people: pl.DataFrame, day: date) -> int:
    return people.filter(
        pl.col("hired_on") <= day, (pl.col("left_on") > day).fill_null(True)
    ).height


def over(top: int | Fraction, bottom: int) -> Exact | None:
    """How many a rate of people counts is not said."""
    return Exact(top, bottom, None) if bottom else None
