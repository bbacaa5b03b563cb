"""What is compared: agents around one moment, coached at it or not.

The unit is the agent, never the call: calls of one agent are no independent witnesses of what a
talk did. Time is cut into periods of four weeks. Of an agent coached in period P

    earlier   the mean of periods P-4 to P-2
    trigger   period P-1: what the talk was decided on. Chosen for being bad, it comes back by
              itself, so it is never the baseline
    P         left out: part of it lies before the talk
    after     period P+1

Colleagues are compared over the same periods. They are of the same work (the queue that most of
their calls are on) and the same tenure band, and were not coached for this from P-4 to P: who
already was carries an effect along (Goodman-Bacon 2021, "Difference-in-differences with variation
in treatment timing").

Of colleagues whose own talk lies in P+1 the rest of that period is coached time: their `dose`. To
leave them out would choose colleagues by what came after: they were picked for a bad period P, and
those who stay would look better than all are (in simulated centres that go on picking the worst,
-1.1 standard errors). So they stay, and what their talk gave is reckoned out (`effects`).
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

EARLIER = 3
"""Periods before the trigger whose mean is the baseline."""
FEWEST_EARLIER = 2
"""Of them that must be known."""
FEWEST_COLLEAGUES = 2
"""In a cell: a single one would be foretold by itself."""
FEWEST_COACHED = 5
FEWEST_COMPARED = 20


class Talk(NamedTuple):
    """That an agent was coached in a period, of which `rest` (0 to 1) came after the talk."""

    agent: Hashable
    period: int
    rest: float = 1.0
    group: Hashable = None
    """What its effect is told by: its coach, its kind."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An agent in a period: the figure (beyond what the queues of the period's calls explain),
    the work group and tenure band that it is compared within, and the months since hiring."""

    figure: float
    group: Hashable
    months: float


@dataclass(frozen=True, slots=True)
class Course:
    """One agent around one period: `cell` is whom it is compared with."""

    agent: Hashable
    cell: Hashable
    is_coached: bool
    dose: float
    """How much of the period after was coached time: 1 of who is coached; of others 0, or the rest
    of it after a talk of their own."""
    talk: Talk | None
    """The talk that the dose is of."""
    earlier: float
    trigger: float
    after: float
    months: float


Standings = Mapping[Hashable, Mapping[int, Standing]]
"""Agents by period."""


class Why(StrEnum):
    """Why nothing is told of a talk: the first of these that holds."""

    SAME_PERIOD = "same_period"
    """Another of the agent in the same period came first."""
    COACHED_BEFORE = "coached_before"
    NO_AFTER = "no_after"
    NO_TRIGGER = "no_trigger"
    NO_EARLIER = "no_earlier"
    NO_COLLEAGUES = "no_colleagues"


def courses(standings: Standings, talks: Collection[Talk]) -> list[Course]:
    """The courses of all talks, and of who is compared with them.

    `standings` are of agents by period. Left out is who lacks a figure that it takes, and who is
    alone in a cell: a coached agent without two colleagues, colleagues without a coached agent.
    """
    when = _when(talks)
    found: list[Course] = []
    for period in sorted({talk.period for talk in talks}):
        for agent, by_period in standings.items():
            own = when.get(agent, {})
            if _was_coached(own, period):
                continue
            course = _course(agent, by_period, period, own.get(period), own.get(period + 1))
            if course is not None:
                found.append(course)
    return _with_colleagues(found)


def narrowed(found: Sequence[Course], keep: Callable[[Course], bool]) -> list[Course]:
    """Courses without the coached ones that are not to be kept, and without whose colleagues these
    alone were: what is told of some agents, beside everybody's colleagues."""
    return _with_colleagues(one for one in found if not one.is_coached or keep(one))


def how_many(some: Iterable[Course]) -> tuple[int, int]:
    """How many agents were coached, and beside how many others: those with a talk of their own in
    the period after are reckoned with, and are none who were not coached."""
    coached, beside = set(), set()
    for one in some:
        if one.is_coached:
            coached.add(one.agent)
        elif not one.dose:
            beside.add(one.agent)
    return len(coached), len(beside)


def passed_over(
    standings: Standings, talks: Collection[Talk], found: Iterable[Course]
) -> list[tuple[Talk, Why]]:
    """Why nothing is told of the talks that no coached course was `found` of."""
    when = _when(talks)
    told = {(one.agent, one.talk.period) for one in found if one.is_coached and one.talk}
    return [
        (talk, _why(standings.get(talk.agent, {}), talk, when[talk.agent]))
        for talk in talks
        if (talk.agent, talk.period) not in told or when[talk.agent][talk.period] is not talk
    ]


def counted(passed: Iterable[tuple[Talk, Why]]) -> dict[Why, int]:
    """How many are passed over by why, the most frequent first."""
    return dict(Counter(why for _talk, why in passed).most_common())


def _why(by_period: Mapping[int, Standing], talk: Talk, own: Mapping[int, Talk]) -> Why:
    at = talk.period
    if own[at] is not talk:
        return Why.SAME_PERIOD
    if _was_coached(own, at):
        return Why.COACHED_BEFORE
    if at + 1 not in by_period:
        return Why.NO_AFTER
    if at - 1 not in by_period:
        return Why.NO_TRIGGER
    if sum(at - 1 - back in by_period for back in range(1, EARLIER + 1)) < FEWEST_EARLIER:
        return Why.NO_EARLIER
    return Why.NO_COLLEAGUES


def _when(talks: Collection[Talk]) -> dict[Hashable, dict[int, Talk]]:
    """The talk of each agent in each period: of several the first counts, for most of the period
    came after that."""
    when: dict[Hashable, dict[int, Talk]] = {}
    for talk in sorted(talks, key=lambda one: one.rest):
        when.setdefault(talk.agent, {})[talk.period] = talk
    return when


def _was_coached(own: Collection[int], period: int) -> bool:
    return any(period - EARLIER - 1 <= one < period for one in own)


def _course(
    agent: Hashable,
    by_period: Mapping[int, Standing],
    period: int,
    talk: Talk | None,
    later: Talk | None,
) -> Course | None:
    trigger, after = by_period.get(period - 1), by_period.get(period + 1)
    past = (by_period.get(period - 1 - back) for back in range(1, EARLIER + 1))
    earlier = [one.figure for one in past if one is not None]
    if trigger is None or after is None or len(earlier) < FEWEST_EARLIER:
        return None
    return Course(
        agent,
        (period, trigger.group),
        talk is not None,
        1.0 if talk else later.rest if later else 0.0,
        talk or later,
        sum(earlier) / len(earlier),
        trigger.figure,
        after.figure,
        trigger.months,
    )


def _with_colleagues(found: Iterable[Course]) -> list[Course]:
    cells: dict[Hashable, list[Course]] = {}
    for one in found:
        cells.setdefault(one.cell, []).append(one)
    return [one for cell in cells.values() if _is_compared(cell) for one in cell]


def _is_compared(cell: Sequence[Course]) -> bool:
    coached = sum(one.is_coached for one in cell)
    return coached > 0 and len(cell) - coached >= FEWEST_COLLEAGUES
