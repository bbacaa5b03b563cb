"""Trials of a demo: one that is over, told as it is and decided by that, and one under way."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from ccm.intervals import DAY, day_of
from ccm.models import Agent
from coaching.demo.people import Led, People, at, words
from coaching.models import Trial
from coaching.trials import locks, services, verdicts
from coaching.trials.services import Plan

_OVER, _RUNNING = (26, 21), (9, 28)
"""How many days ago each began, and for how many days it goes on."""


def write(people: People, now: datetime) -> None:
    """Safe to run twice. A team of fewer than five tries nothing."""
    said, teams = words("trials"), people.of_site()
    _trial(teams[0], said["over"], *_OVER, people, now)
    if len(teams) > 2:
        _trial(teams[2], said["running"], *_RUNNING, people, now)


@transaction.atomic
def _trial(
    led: Led, said: dict[str, str], ago: int, days: int, people: People, now: datetime
) -> None:
    site = led.team.site
    if Trial.objects.filter(site=site, title=said["title"]).exists():
        return
    today = day_of(now, site.calendar)
    first = today - ago * DAY
    registered = at(site, now, ago + 6, 14)
    agents = _members(led, day_of(registered, site.calendar))
    plan = Plan(
        said["title"], said["words"], said["kpi"], said["hoped"], None, first,
        first + (days - 1) * DAY, agents,
    )  # fmt: skip
    with locks.unlocked():
        try:
            trial = services.register(site, plan, people.manager, registered)
        except ValidationError:
            return  # a team too small for a trial
        if ago > days:
            _decide(trial, agents, people, now)


def _members(led: Led, day: object) -> list[Agent]:
    """Who was in the team on a day and still is."""
    return [
        one
        for one in led.agents
        if one.memberships.filter(team=led.team, starts_on__lte=day).exists()
    ]


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
    when = at(trial.site, now, 1, 16)
    services.decide(trial, decision, text, verdicts.kept(told), people.manager, when)
