"""What a trial did: its agents in its days, beside the others of the site, by the estimator that
tells the effect of coaching.

A trial begins on a day, so periods of four weeks are counted back from it: the last before its
start is the trigger, which who takes part was chosen by, and the three before that are the earlier
ones. What comes after are the trial's own days. The month before alone is no baseline: it is the
one that the idea was born of.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ccm.intervals import DAY
from ccm.models import User
from coaching.effect import beyond, measures, periods, reads
from coaching.effect.measures import Measure
from coaching.models import Trial
from coaching.progress import (
    EARLIER,
    Effect,
    Refused,
    Standing,
    Talk,
    Why,
    counted,
    courses,
    effect,
    how_many,
    passed_over,
)
from coaching.trials.reads import told_on, tried_too
from kpis.choices import Choices

_AT = EARLIER + 2
"""The period of what was tried, in which nothing is looked at: 1 to 3 are the earlier ones, 4 the
last before the start, 6 the trial's days."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was told of a trial that is over; `found` None: nothing is, for the record ends with
    `reaches_to`, before `whole_on`, or the KPI is told of no agent. `passed` is how many agents are
    left out by why, `apart` how many colleagues are none, for they tried the same or something
    else."""

    measure: Measure
    found: Effect | Refused | None = None
    reaches_to: date | None = None
    coached: int = 0
    compared: int = 0
    passed: Mapping[Why, int] = field(default_factory=dict)
    apart: int = 0
    whole_on: date | None = None
    """The day up to which it has to hold: the last on which calls come to their figures."""
    mine: Sequence[str] | None = None
    """Who takes part of those whom the reader coaches; None: that was not looked up."""

    @property
    def effect(self) -> Effect | None:
        return self.found if isinstance(self.found, Effect) else None


def of(trial: Trial, agents: Collection[int], user: User, now: datetime) -> Verdict:
    """Of a trial that is over, in which these agents take part. The same queries for any number."""
    site = trial.site
    choices = Choices(trial.ends_on)
    measure = measures.chosen(trial.kpi, site.pk, choices)
    whole_on = told_on(trial, choices) - DAY
    known = reads.counted(site, now)
    if known is None or known.last < whole_on or not measure.is_told:
        reaches_to = None if known is None else known.last
        return Verdict(measure, reaches_to=reaches_to, whole_on=whole_on)
    before = [
        trial.starts_on - timedelta(days=periods.DAYS * back) for back in range(EARLIER + 1, 0, -1)
    ]
    begins = [*before, trial.starts_on]
    people = reads.people(site, user)
    hired = {pk: person.hired_on for pk, person in people.items()}
    cells = reads.cells(site, measure, begins, trial.ends_on, known)
    aside = tried_too(trial) - {*agents}
    standings: dict[Hashable, dict[int, Standing]] = {
        agent: {part if part < _AT else _AT + 1: one for part, one in by_part.items()}
        for agent, by_part in beyond.standings(cells, hired, begins).items()
        if agent not in aside
    }
    talks = [Talk(agent, _AT, 1.0, "trial") for agent in sorted(agents)]
    some = courses(standings, talks)
    coached, compared = how_many(some)
    return Verdict(
        measure,
        effect(some),
        known.last,
        coached=coached,
        compared=compared,
        passed=counted(passed_over(standings, talks, some)),
        apart=len(aside),
        mine=sorted(people[pk].name for pk in agents if pk in people and people[pk].is_mine),
    )


def kept(one: Verdict) -> dict[str, object]:
    """A verdict as it is kept with a decision."""
    said: dict[str, object] = {
        "variant": one.measure.variant.id, "unit": one.measure.variant.unit,
        "coached": one.coached, "compared": one.compared,
    }  # fmt: skip
    if one.effect is None:
        return said | {"refused": "" if one.found is None else str(one.found)}
    found = one.effect.covariances
    low, high = found.interval()
    return said | {"value": found.value, "low": low, "high": high}
