"""Centres whose truth is known: an Erlang A queue (Poisson calls, exponential talk and patience),
many days side by side, and agents who answer more or less well on queues of unlike difficulty."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from kpis.noise import (
    Kind,
    Part,
    Rank,
    Work,
    change,
    cluster_ratio,
    discoveries,
    interval,
    judge,
    rank_ranges,
    wilson,
)

Counted = npt.NDArray[np.int64]
Summed = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Days:
    """Of each day: calls answered within the threshold, offered, answered and abandoned, and what
    the answered waited and talked, in seconds."""

    within: Counted
    offered: Counted
    answered: Counted
    waited: Summed
    talked: Summed

    @property
    def abandoned(self) -> Counted:
        return self.offered - self.answered

    def figures(self) -> dict[str, tuple[npt.NDArray, npt.NDArray]]:
        """Numerator and denominator of each KPI, day by day."""
        return {
            "service_level": (self.within, self.offered),
            "abandon_rate": (self.abandoned, self.offered),
            "asa": (self.waited, self.answered),
            "aht": (self.talked, self.answered),
        }

    def __getitem__(self, which: slice) -> "Days":
        return Days(**{one.name: getattr(self, one.name)[which] for one in fields(self)})


def erlang_a_days(
    days: int,
    *,
    seed: int,
    calls_per_day: float = 300,
    open_seconds: float = 6 * 3600,
    agents: int = 5,
    talk_seconds: float = 300,
    patience_seconds: float = 240,
    threshold_seconds: float = 20,
    day_variation: float = 0.08,
) -> Days:
    """Days that begin empty, each with a call rate of its own around the mean.

    Every call meets the agent who is free first: if the wait for that agent passes the
    caller's patience, the caller leaves and takes up nobody's time.
    """
    random = np.random.default_rng(seed)
    rate = calls_per_day * (1 + day_variation * random.standard_normal(days)) / open_seconds
    most = int(calls_per_day * 1.8)
    arrivals = np.cumsum(random.exponential(1, (days, most)) / rate[:, None], axis=1)
    assert (arrivals[:, -1] > open_seconds).all()
    talk = random.exponential(talk_seconds, (days, most))
    patience = random.exponential(patience_seconds, (days, most))
    free_at = np.zeros((days, agents))
    within, offered, answered = (np.zeros(days, np.int64) for _ in range(3))
    waited, talked = np.zeros(days), np.zeros(days)
    every = np.arange(days)
    for call in range(most):
        came = arrivals[:, call]
        is_open = came < open_seconds
        first = free_at.argmin(axis=1)
        wait = np.maximum(0, free_at[every, first] - came)
        served = is_open & (wait <= patience[:, call])
        free_at[every[served], first[served]] = (came + wait + talk[:, call])[served]
        offered += is_open
        answered += served
        within += served & (wait <= threshold_seconds)
        waited += np.where(served, wait, 0)
        talked += np.where(served, talk[:, call], 0)
    return Days(within, offered, answered, waited, talked)


@dataclass(frozen=True)
class Coverage:
    """The share of months whose interval holds the true service level."""

    by_days: float
    by_calls: float


def coverage(months: int, seed: int, days_a_month: int = 20) -> Coverage:
    """How often a month's service level is within its interval: the day as cluster, and Wilson's
    as if calls were independent. The truth is that of 20,000 days."""
    days = erlang_a_days(days_a_month * months, seed=seed)
    long_run = erlang_a_days(20_000, seed=seed + 1)
    truth = long_run.within.sum() / long_run.offered.sum()
    by_days = by_calls = 0
    for month in range(months):
        part = days[days_a_month * month : days_a_month * (month + 1)]
        within, offered = part.within.tolist(), part.offered.tolist()
        clustered = cluster_ratio(within, offered, ceiling=1)
        by_days += clustered.low <= truth <= clustered.high
        plain = wilson(sum(within), sum(offered))
        by_calls += plain.low <= truth <= plain.high
    return Coverage(by_days / months, by_calls / months)


def marked_tiles(tiles: int, seed: int) -> dict[str, float]:
    """The share of a steady centre's tiles that are marked, by KPI: today against 8 past weeks of
    one queue, as Home judges them, and the offered of one quarter hour against its neighbours."""
    days = erlang_a_days(9 * tiles, seed=seed)
    marked = {}
    for name, (over, under) in days.figures().items():
        kind = Kind.TIME if name in ("asa", "aht") else Kind.RATE
        weeks = (over / under).reshape(tiles, 9).tolist()
        sizes = under.reshape(tiles, 9)[:, 8].tolist()
        verdicts = [
            judge(row[8], row[:8], kind, n=n if kind is Kind.RATE else None)
            for row, n in zip(weeks, sizes, strict=True)
        ]
        marked[name] = sum(one.unusual for one in verdicts) / tiles
    random = np.random.default_rng(seed)
    rates = 12.5 * (1 + 0.08 * random.standard_normal((tiles, 9)))
    quarters = random.poisson(rates[..., None], (tiles, 9, 3))
    verdicts = [
        judge(
            row[8][1],
            [week[1] for week in row[:8]],
            Kind.COUNT,
            neighbours=[[week[beside] for week in row[:8]] for beside in (0, 2)],
        )
        for row in quarters.tolist()
    ]
    marked["offered"] = sum(one.unusual for one in verdicts) / tiles
    return marked


@dataclass(frozen=True)
class Lists:
    """Of lists of changes: the mean share of what they told that was chance, and the share of the
    true changes that they told."""

    false: float
    found: float


def lists_of_changes(
    lists: int, seed: int, *, queues: int = 10, changed: int = 3, days: int = 20
) -> Lists:
    """Lists of a month's changes from the month before, of four KPIs of each queue. The first
    `changed` queues truly lose one of six agents, whose callers talk as long as before."""
    false, found = 0.0, 0
    spans: dict[tuple[int, int], Days] = {}
    for at in range(queues):
        for month in (0, 1):
            agents = 5 if month and at < changed else 6
            spans[at, month] = erlang_a_days(
                lists * days, seed=seed + 2 * at + month, agents=agents
            )
    for number in range(lists):
        which = slice(number * days, (number + 1) * days)
        p_values = {}
        for at in range(queues):
            before, now = (spans[at, month][which].figures() for month in (0, 1))
            for name in now:
                p_values[at, name] = change(
                    "cluster_ratio", _parts(*now[name]), _parts(*before[name])
                ).p
        told = discoveries(p_values)
        chance = [(at, name) for at, name in told if at >= changed or name == "aht"]
        false += len(chance) / max(1, len(told))
        found += len(told) - len(chance)
    return Lists(false / lists, found / max(1, lists * changed * 3))


def _parts(over: npt.NDArray, under: npt.NDArray) -> list[Part]:
    return [Part(*one) for one in zip(over.tolist(), under.tolist(), strict=True)]


@dataclass(frozen=True)
class Ranges:
    """Of teams: the share in which every range holds the agent's true rank, the share of agents
    whose range does, and how wide a range is, as a share of the team."""

    teams: float
    agents: float
    width: float
    shown: float
    """The share of agents with a range of at most half the team."""


def a_team(
    random: np.random.Generator, people: int, days: int, *, answers: bool, apart: float
) -> tuple[Work, npt.NDArray[np.float64]]:
    """A team's work on three queues and how good each truly is.

    Everybody serves the queues in a mix of their own; the better ones serve the hard queue, which
    their plain figures would be blamed for. What a day is like is the same for all who work it.
    `answers`: one in seven calls is rated, and answers of a day are independent.
    """
    skill = apart * random.standard_normal(people)
    hard = np.array([0.0, -0.5, -1.0])
    order = skill.argsort().argsort() / (people - 1)
    mix = np.stack([1.2 - order, np.full(people, 0.5), 0.2 + order], axis=1)
    mix = mix * random.uniform(0.3, 1.7, mix.shape)
    mix /= mix.sum(axis=1, keepdims=True)
    # Some do not serve the easy or the hard queue; some are not there every day.
    mix[random.random(mix.shape) < [0.15, 0, 0.15]] = 0
    there = random.random((people, 1, days)) < 0.85
    calls = random.poisson(40 * mix[..., None], (people, 3, days)) * there
    moods = 0 if answers else 0.3 * random.standard_normal((1, 3, days))
    chance = 1 / (1 + np.exp(-(1.2 + skill[:, None, None] + hard[None, :, None] + moods)))
    if answers:
        calls = random.binomial(calls, 1 / 7)
    good = random.binomial(calls, chance)
    work = Work(good.astype(float), calls.astype(float), np.zeros(calls.shape))
    return work, skill


def rank_coverage(
    teams: int, seed: int, *, people: int = 16, days: int = 20, answers: bool = False,
    apart: float = 0.5,
) -> Ranges:  # fmt: skip
    """How often ranges of simulated teams hold the true ranks. `apart` 0: all are alike, and every
    rank is true of everybody, so that a certain difference is a wrong one."""
    random = np.random.default_rng(seed)
    whole, own, width, shown = 0, 0, 0.0, 0
    for _ in range(teams):
        work, skill = a_team(random, people, days, answers=answers, apart=apart)
        method = "wilson" if answers else "cluster_ratio"
        found = rank_ranges(work, method, more_is_better=True)
        ranks = (-skill).argsort().argsort() + 1
        ranges = [one or Rank(1, people, people) for one in found]
        if apart:
            held = [
                one.best <= rank <= one.worst
                for one, rank in zip(ranges, ranks.tolist(), strict=True)
            ]
        else:
            held = [(one.best, one.worst) == (1, people) for one in ranges]
        whole += all(held)
        own += sum(held)
        width += sum(one.worst - one.best + 1 for one in ranges) / people**2
        shown += sum(not one.is_wide for one in ranges)
    return Ranges(whole / teams, own / (teams * people), width / teams, shown / (teams * people))


def answer_coverage(surveys: int, seed: int, agents: int, *, spread: float = 0.8) -> float:
    """How often the interval of a pooled share of satisfied answers holds the share that agents in
    general get, with agents who differ (`spread` on the logit scale) as what was drawn."""
    random = np.random.default_rng(seed)
    long_run = 1 / (1 + np.exp(-(1.2 + spread * random.standard_normal(1_000_000))))
    truth = long_run.mean()
    held = 0
    for _ in range(surveys):
        sizes = random.poisson(25, agents)
        chance = 1 / (1 + np.exp(-(1.2 + spread * random.standard_normal(agents))))
        one = interval("wilson", _parts(random.binomial(sizes, chance), sizes))
        held += one.low <= truth <= one.high
    return held / surveys
