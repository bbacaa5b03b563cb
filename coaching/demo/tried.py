"""Trials of a demo: one that is over, told as it is and decided by that, and one under way."""

from collections import defaultdict
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from ccm.intervals import DAY, day_of
from ccm.models import Agent
from coaching.demo.people import People, at, words
from coaching.effect.beyond import tenure
from coaching.models import Trial
from coaching.trials import locks, services, verdicts
from coaching.trials.services import Plan

_ONE_IN = 4
OVER, RUNNING = (25, 14), (9, 28)
"""How many days ago each began, and for how many days it goes on: no day is of both, and the first
is told, callers of its last day having had their days to come again, before the last weekend."""
DECIDED = 1
"""So many days ago the first was decided on, or on the Friday before."""


def write(people: People, now: datetime) -> None:
    """Safe to run twice."""
    said = words("trials")
    _trial(1, said["over"], *OVER, people, now)
    _trial(0, said["running"], *RUNNING, people, now)


@transaction.atomic
def _trial(
    which: int, said: dict[str, str], ago: int, days: int, people: People, now: datetime
) -> None:
    site = people.site
    if Trial.objects.filter(site=site, title=said["title"]).exists():
        return
    today = day_of(now, site.calendar)
    first = today - ago * DAY
    registered = at(site, now, ago + 6, 14)
    agents = _some(which, people, first)
    plan = Plan(
        said["title"], said["words"], said["kpi"], said["hoped"], None, first,
        first + (days - 1) * DAY, agents,
    )  # fmt: skip
    with locks.unlocked():
        try:
            trial = services.register(site, plan, people.manager, registered)
        except ValidationError:
            return  # a site too small for a trial
        if ago > days:
            _decide(trial, agents, people, now)


def _some(which: int, people: People, day: date) -> list[Agent]:
    """One in four of those of the site who have the same queue and are there for about as long, of
    groups in which enough others are left to compare them with."""
    alike: dict[tuple[str, int], list[Agent]] = defaultdict(list)
    for led in people.of_site():
        for agent in led.agents:
            band, _months = tenure(agent.hired_on, day)
            alike[agent.skills[0], band].append(agent)
    return [one for some in alike.values() if len(some) >= _ONE_IN for one in some[which::_ONE_IN]]


def _decide(trial: Trial, agents: list[Agent], people: People, now: datetime) -> None:
    """What becomes of it follows from what is told of it."""
    said = words("trials")
    told = verdicts.of(trial, {one.pk for one in agents}, people.manager, now)
    decision, text = Trial.Decision.CHANGE, said["untold"]
    if told.effect is not None:
        low, high = told.effect.covariances.interval()
        up = said["over"]["hoped"] == Trial.Hoped.MORE
        decision, text = Trial.Decision.DROP, said["drop"]
        if (low > 0) if up else (high < 0):
            decision, text = Trial.Decision.KEEP, said["keep"]
        elif (high < 0) if up else (low > 0):
            text = said["worse"]
    when = at(trial.site, now, DECIDED, 16)
    services.decide(trial, decision, text, verdicts.kept(told), people.manager, when)
