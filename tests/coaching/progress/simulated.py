"""Centres whose coaching has a known effect: who is coached, what comes of it, what is measured.

An agent's figure in a period of four weeks is skill, what was learned since hiring, a mood that
drifts (AR(1)), the level of the queues that the calls came from, the effect of talks so far, and
the luck of the calls. Talks go on in each period, to agents at random or to those whose last
period was worst.
"""

import math
from dataclasses import dataclass

import numpy as np

from coaching.progress.courses import Standing, Talk

BANDS = (3, 6, 12, 24)


@dataclass(frozen=True)
class World:
    """Standard deviations in points of the figure; lengths in periods."""

    agents: int = 120
    periods: int = 8
    per_period: float = 0.08
    is_triggered: bool = False
    effects: tuple[float, ...] = (0.0,)
    """Of each coach; who is coached goes to one at random."""
    uneven: float = 0.0
    """The standard deviation between agents of what a talk does."""
    skill: float = 4.0
    mood: float = 2.0
    kept: float = 0.5
    luck: float = 3.0
    learns: float = 8.0
    new_share: float = 0.25
    queues: int = 2
    queue_apart: float = 6.0


@dataclass(frozen=True)
class Centre:
    standings: dict
    talks: list
    """Each of its coach's group."""
    raw: np.ndarray


def simulated(world: World, seed: int) -> Centre:
    rng = np.random.default_rng(seed)
    n, periods = world.agents, world.periods
    skill = rng.normal(0, world.skill, n)
    is_new = rng.random(n) < world.new_share
    hired = np.where(is_new, rng.uniform(0.5, 8, n), rng.uniform(8, 60, n))
    levels = world.queue_apart * np.linspace(-0.5, 0.5, world.queues)
    main = rng.integers(world.queues, size=n)
    share = rng.uniform(0.6, 0.95, n)
    mood = rng.normal(0, world.mood, n)
    raw = np.zeros((n, periods))
    figure = np.zeros((n, periods))
    gained = np.zeros(n)
    free = np.zeros(n, int)
    talks = []
    standings = {agent: {} for agent in range(n)}
    for period in range(periods):
        months = hired + period * 28 / 30.4
        if period >= 4:
            picked = _picked(world, rng, raw[:, period - 1], period >= free)
            for agent in picked:
                coach = int(rng.integers(len(world.effects)))
                talks.append(Talk(int(agent), period, group=coach))
                gained[agent] += world.effects[coach] + rng.normal(0, world.uneven)
                free[agent] = period + 6
        kept = math.sqrt(1 - world.kept**2)
        mood = world.kept * mood + rng.normal(0, world.mood * kept, n)
        share = np.clip(share + rng.normal(0, 0.05, n), 0.55, 1)
        other = (1 - share) * (levels.sum() - levels[main]) / max(world.queues - 1, 1)
        mix = share * levels[main] + other
        learned = -world.learns * np.exp(-months / 3)
        own = skill + mood + learned + gained + rng.normal(0, world.luck, n)
        raw[:, period] = own + mix
        figure[:, period] = own
        for agent in range(n):
            band = sum(months[agent] >= edge for edge in BANDS)
            standings[agent][period] = Standing(
                float(own[agent]), (int(main[agent]), band), float(months[agent])
            )
    return Centre(standings, talks, raw)


def _picked(world, rng, last, is_free):
    candidates = np.flatnonzero(is_free)
    count = min(round(world.per_period * world.agents), len(candidates))
    if world.is_triggered:
        return candidates[np.argsort(last[candidates])[:count]]
    return rng.choice(candidates, count, replace=False)
