"""What whoever calls out for a campaign does: one dial after the other, until the stretch is over.

Each stretch is drawn from a seed of its own. Times are milliseconds since 1970.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from ccm.demo.house import QueueSpec, SiteSpec
from ccm.demo.people import Person
from ccm.demo.rota import CALLS_OUT

# How a dial ends, of a hundred: picked up, busy, a number that is none, and else nobody there.
PICKED_UP, BUSY, NO_NUMBER = 42, 7, 3
# Of those who pick up so many hang up again at once.
NO_THANKS = 0.16
# A call that nobody asked for is shorter than the queue's usual one.
TALK, ACW = 0.62, 0.8
_SPREAD = 0.6
# Before each dial the agent reads whom it is to.
_READS_MS = (60_000, 180_000)
_RINGS_MS = {"answered": (5_000, 22_000), "busy": (2_000, 4_000), "failed": (1_500, 3_000),
             "other": (24_000, 32_000)}  # fmt: skip
# A stream of luck of its own.
_LUCK = 0x6469616C


class Dial(NamedTuple):
    """One call out of an agent (a number in the site's crew) for the agent's queue. `answered`
    and `free` are 0 where nobody picked up; `number` is the called one's under the dial code."""

    agent: int
    queue: str
    number: int
    offered: int
    answered: int
    ended: int
    free: int
    outcome: str


def campaign(
    site: SiteSpec, people: list[Person], seed: int, paused: Iterable[tuple[int, int, int, str]]
) -> Iterator[Dial]:
    """The dials of a site's stretches of calling out, which are among the floor's pauses."""
    queues = {queue.name: queue for queue in site.queues}
    for agent, start, end, reason in paused:
        if reason == CALLS_OUT:
            rng = np.random.default_rng([seed, _LUCK, agent, start // 1000, *site.code.encode()])
            yield from _stretch(site, queues[people[agent].queues[0]], agent, start, end, rng)


def _stretch(
    site: SiteSpec, queue: QueueSpec, agent: int, start: int, end: int, rng: np.random.Generator
) -> Iterator[Dial]:
    at = start
    while True:
        at += int(rng.integers(*_READS_MS))
        outcome = _outcome(int(rng.integers(100)))
        over = at + int(rng.integers(*_RINGS_MS[outcome]))
        number = int(rng.integers(10**site.dial_digits))
        answered = free = 0
        if outcome == "answered":
            answered = over
            talk, acw = np.exp(_SPREAD * rng.normal(size=2) - _SPREAD**2 / 2)
            talk_ms = int(queue.talk_seconds * 1000 * TALK * talk)
            over += int(rng.integers(3_000, 15_000)) if rng.random() < NO_THANKS else talk_ms
            free = over + int(queue.acw_seconds * 1000 * ACW * acw)
        done = free or over
        if done > end:
            return
        yield Dial(agent, queue.name, number, at, answered, over, free, outcome)
        at = done


def _outcome(luck: int) -> str:
    """How a dial ends; `luck` is 0 to 99."""
    if luck < PICKED_UP:
        return "answered"
    if luck < PICKED_UP + BUSY:
        return "busy"
    return "failed" if luck < PICKED_UP + BUSY + NO_NUMBER else "other"
