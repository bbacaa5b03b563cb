"""Criteria and reviewers whose truth is known, and how often what is told of them holds it."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from qa.agreement import (
    Metric,
    Ratings,
    Score,
    Weights,
    ac,
    agreement,
    alpha,
    drift,
    percent_agreement,
    weights_of,
)
from qa.agreement.alpha import alphas
from qa.agreement.gwet import acs

FIGURES = ("alpha", "ac", "percent")
_WHOLE = 200_000


@dataclass(frozen=True, slots=True)
class Kind:
    """A criterion: yes/no, of which `share` pass and one rater errs on `error` of the calls (on
    some more often than on others), a ranked scale of five, or numbers from 0 to 20, both with so
    much `error`."""

    name: str
    metric: Metric
    error: float
    share: float = 0.5


KINDS = (
    Kind("yes/no, half pass", Metric.NOMINAL, 0.12),
    Kind("yes/no, 85 % pass", Metric.NOMINAL, 0.08, 0.85),
    Kind("yes/no, 95 % pass", Metric.NOMINAL, 0.03, 0.95),
    Kind("scale of five, clear", Metric.ORDINAL, 0.6),
    Kind("scale of five, vague", Metric.ORDINAL, 1.5),
    Kind("numbers 0 to 20", Metric.INTERVAL, 0.07),
)


def rated(kind: Kind, calls: int, random: np.random.Generator) -> Ratings:
    """Calls with two or three ratings each."""
    raters = random.integers(2, 4, calls)
    if kind.metric is Metric.NOMINAL:
        passes = random.random(calls) < kind.share
        often = kind.error * np.exp(random.normal(0, 0.5, calls))
        given = (passes[:, None] ^ (random.random((calls, 3)) < often[:, None])).astype(int)
        values = 2
    elif kind.metric is Metric.ORDINAL:
        seen = random.normal(0, 1, calls)[:, None] + random.normal(0, kind.error, (calls, 3))
        given, values = np.digitize(seen, [-1.8, -1.0, -0.2, 0.8]), 5
    else:
        seen = random.beta(8, 2, calls)[:, None] + random.normal(0, kind.error, (calls, 3))
        given, values = np.clip(np.rint(20 * seen), 0, 20).astype(int), 21
    counts = np.zeros((calls, values))
    for rater in range(3):
        rows = np.flatnonzero(rater < raters)
        counts[rows, given[rows, rater]] += 1
    return Ratings(kind.metric, tuple(range(values)), counts, 3)


@dataclass(frozen=True, slots=True)
class Covered:
    """Of samples whose figure has an interval: how many hold the truth, and how wide they are on
    average. `told` is how many of all have one."""

    truth: float
    holds: float
    width: float
    told: float


def agreement_coverage(
    kind: Kind, calls: int, samples: int, seed: int, resamples: int = 1000
) -> dict[str, Covered]:
    """Of each figure; the truth is that of 200,000 such calls."""
    random = np.random.default_rng(seed)
    everything = rated(kind, _WHOLE, random)
    weights = weights_of(kind.metric)
    truths = {
        "alpha": alpha(everything),
        "ac": ac(everything, weights),
        "percent": percent_agreement(everything, Weights.IDENTITY),
    }
    holds, told, width = Counter(), Counter(), Counter()
    for sample in range(samples):
        found = agreement(rated(kind, calls, random), seed=sample, resamples=resamples)
        for name in FIGURES:
            one = getattr(found, name)
            if one.low is not None:
                told[name] += 1
                holds[name] += one.low <= truths[name] <= one.high
                width[name] += one.high - one.low
    return {
        name: Covered(
            truths[name],
            holds[name] / max(told[name], 1),
            width[name] / max(told[name], 1),
            told[name] / samples,
        )
        for name in FIGURES
    }


def percentile_coverage(kind: Kind, calls: int, samples: int, seed: int) -> dict[str, float]:
    """How often the plain percentile intervals, which were passed over, hold the truth."""
    random = np.random.default_rng(seed)
    everything = rated(kind, _WHOLE, random)
    weights = weights_of(kind.metric)
    truths = {"alpha": alpha(everything), "ac": ac(everything, weights)}
    holds, told = Counter(), Counter()
    for _ in range(samples):
        ratings = rated(kind, calls, random)
        times = random.multinomial(calls, [1 / calls] * calls, 1000).astype(float)
        for name, drawn in (
            ("alpha", alphas(ratings, times)),
            ("ac", acs(ratings, times, weights)),
        ):
            if np.isnan(drawn).mean() <= 0.01 and np.ptp(drawn[~np.isnan(drawn)]) > 0:
                low, high = np.nanquantile(drawn, [0.025, 0.975])
                told[name] += 1
                holds[name] += bool(low <= truths[name] <= high)
    return {name: holds[name] / max(told[name], 1) for name in truths}


@dataclass(frozen=True, slots=True)
class Team:
    """Reviewers, and the calls that two (or three) of them score blind each month.

    `hardness` are points less that each gives, the first reviewer's grows by `drift` a month.
    Calls are 80 points on average, skewed; those that the first reviewer scores are 8 points
    better. Scores err by 6 points, on some calls by far more than on others, and the second
    reviewer's half as much again. The share `fails` of all scores is 0: a reviewer fails the call
    outright. `careless`: in the last month all score four calls more, and the last reviewer gives
    each of them 100. On the share `same` of the calls all give what the first who scores it does,
    as on a card of a few yes/no answers.
    """

    hardness: tuple[float, ...] = (3, -2, 0, 5, -4)
    calls: int = 20
    months: int = 6
    drift: float = 0.0
    fails: float = 0.0
    three: bool = False
    careless: bool = False
    same: float = 0.0

    @property
    def counting(self) -> float:
        """The share of scores that tell how hard their reviewer is."""
        return (1 - self.fails) * (1 - self.same)


EASIER = 8.0


def scored(team: Team, random: np.random.Generator) -> list[Score]:
    people = len(team.hardness)
    found = []
    for number in range(team.months * team.calls):
        month = number // team.calls
        several = int(random.integers(2, 4)) if team.three else 2
        who = random.choice(people, several, replace=False)
        worth = 100 * random.beta(8, 2) + EASIER * (0 in who)
        spread = 6 * np.exp(random.normal(0, 0.5))
        for person in who.tolist():
            hard = team.hardness[person] + team.drift * month * (person == 0)
            error = random.normal(0, spread) * (1.5 if person == 1 else 1)
            is_failed = random.random() < team.fails
            value = 0.0 if is_failed else float(worth - hard + error)
            found.append(Score(number, person, value, month))
        if team.same and random.random() < team.same:
            alike = found[-several].value
            found[-several:] = [replace(one, value=alike) for one in found[-several:]]
    return found + (_a_session(team, random) if team.careless else [])


def _a_session(team: Team, random: np.random.Generator) -> list[Score]:
    found, last = [], len(team.hardness) - 1
    for number in range(4):
        worth, spread = 100 * random.beta(8, 2), 6 * np.exp(random.normal(0, 0.5))
        for person, hard in enumerate(team.hardness):
            value = worth - hard + random.normal(0, spread)
            given = 100.0 if person == last else float(value)
            found.append(Score(("session", number), person, given, team.months - 1))
    return found


@dataclass(frozen=True, slots=True)
class Watched:
    """Over many teams: how often a month's severity and a slope hold the truth, how wide the
    former are and how many of all are told; how often the first reviewer is said to drift, and how
    often anybody else."""

    severities: float
    width: float
    told: float
    slopes: float
    first_drifts: float
    another_drifts: float


def watched(team: Team, teams: int, seed: int) -> Watched:
    """The truth of severities and slopes is known of steady teams; of others they are not counted.

    Who fails calls outright leaves the mean of the others' hardness in what is left of the scores.
    """
    random = np.random.default_rng(seed)
    held = told = every = slopes = moved = first = another = 0
    width = 0.0
    for _ in range(teams):
        found = drift(scored(team, random))
        first += found.trends[0].drifts if 0 in found.trends else 0
        another += any(one.drifts for person, one in found.trends.items() if person != 0)
        if team.drift:
            continue
        for one in found.trends.values():
            if one.low is not None:
                moved += 1
                slopes += one.low <= 0 <= one.high
        for month in found.periods.values():
            for person, one in month.severities.items():
                every += 1
                others = month.reference - {person}
                if one.low is None:
                    continue
                told += 1
                beside = sum(team.hardness[other] for other in others) / len(others)
                truth = team.counting * (team.hardness[person] - beside)
                held += one.low <= truth <= one.high
                width += one.high - one.low
    return Watched(
        held / max(told, 1),
        width / max(told, 1),
        told / max(every, 1),
        slopes / max(moved, 1),
        first / teams,
        another / teams,
    )
