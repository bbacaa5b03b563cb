"""Whether a roster keeps the rules, and what it costs: for every roster, made by a search or by
hand. Pure, written from what `scheduling.shifts` says of its words, and sharing no code with
`scheduling.roster`, whose rosters it checks.
"""

from collections.abc import Callable, Iterator

from scheduling.rules import bounds, hours, known, placing, rests, runs, together, weekends
from scheduling.rules.broken import Broken
from scheduling.rules.names import MAY_BE_SOFT, Rule
from scheduling.rules.own import Own, own
from scheduling.shifts import Problem, Roster

__all__ = ["MAY_BE_SOFT", "Broken", "Rule", "check"]

_OF_PERSON: tuple[Callable[[Problem, Own], Iterator[Broken]], ...] = (
    bounds.weekdays,
    bounds.templates,
    bounds.closed,
    bounds.days_off,
    bounds.earliest_start,
    bounds.latest_end,
    bounds.present,
    bounds.rotation,
    bounds.follows,
    bounds.most_of_template,
    hours.day_minutes,
    hours.week_minutes,
    hours.week_days,
    hours.period_minutes,
    hours.start_band,
    rests.overlap,
    rests.rest,
    rests.rest_after_nights,
    rests.week_rest,
    runs.most_days,
    runs.most_nights,
    runs.fewest_days,
    runs.fewest_off,
    weekends.weekends,
    placing.outside,
    placing.overlapping,
    placing.pauses,
    placing.pause_after,
    placing.longest_without_pause,
)


def check(problem: Problem, roster: Roster) -> tuple[Broken, ...]:
    """Every rule that a roster breaks, each as often as it does: person by person in the problem's
    order, then what binds people together."""
    return tuple(_check(problem, roster))


def _check(problem: Problem, roster: Roster) -> Iterator[Broken]:
    yield from known.unknown(problem, roster)
    owns = {person.id: own(problem, person, roster) for person in problem.people}
    for one in owns.values():
        yield from bounds.fixed(problem, one, roster)
        for rule in _OF_PERSON:
            yield from rule(problem, one)
    yield from together.mix(problem, owns)
    yield from together.pairings(problem, owns)
