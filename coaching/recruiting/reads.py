"""Reads what a recruiter has to know of a site."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from ccm.intervals import DAY, day_of
from ccm.models import Agent, Site, User
from coaching.models import Participant
from coaching.recruiting.starters import Profile, Starter, profile
from kpis import report
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.figures import Figure, figure
from kpis.reads import reading
from kpis.reads.reading import Selection
from kpis.report import Question
from kpis.sums.counts import Counts
from scheduling.models import Scenario
from scheduling.scenarios import shown
from scheduling.scenarios.shown import Column, Recruiting

FIGURES: Mapping[str, Promise] = {
    "turnover:T1": gettext_lazy("left"),
    "turnover:T3": gettext_lazy("left within 90 days of being hired"),
    "turnover:T5": gettext_lazy("left of their own will"),
    "ramp_time": gettext_lazy("until new people work as the others do"),
}
"""What is told, in short; the passport of each says how it is made."""
YEAR = timedelta(days=365)
BEGINNING = timedelta(days=90)
"""So long people begin; who was hired less long ago is not looked at yet."""
HIRED_WITHIN = timedelta(days=365)
FEWEST_ANSWERS = 20
"""Of whom fewer callers told how satisfied they were, nobody knows how they began."""
SOON = timedelta(days=30)
FULL_TIME = 30
TOGETHER = 3
TRAITS: Mapping[str, Promise] = {
    "full_time": gettext_lazy("work 30 hours a week or more"),
    "together": gettext_lazy("began on one day with two others or more"),
    "coached": gettext_lazy("were coached within their first 30 days"),
}


@dataclass(frozen=True, slots=True)
class Need:
    """The base scenario of a site and whom to hire by it; None: it cannot be told."""

    column: Column | None
    told: Recruiting | None


def need(user: User, site: Site, today: date) -> Need:
    """Whom to hire when, as the plan of the site as it is has it. Six queries at most."""
    rows = Scenario.objects.visible_to(user).filter(site=site, is_base=True)
    base = [*rows.prefetch_related("queues")]
    column = next(iter(shown.columns(site, base, today)), None)
    return Need(column, None if column is None else column.recruiting(sure=False))


def figures(site: Site, today: date, choices: Choices) -> list[Figure]:
    """Who left, and how long people were new, of the last 365 whole days."""
    question = Question([site], today - YEAR, today - DAY, kpis=[*FIGURES])
    (row,) = report.answer(question, choices)
    return [row.figures[asked] for asked in FIGURES]


def began(site: Site, today: date, choices: Choices) -> Profile:
    """What those hired in the year before the last 90 days who began well have in common: those of
    whom at least `FEWEST_ANSWERS` callers told within their first 90 days how satisfied they were,
    by that. Three queries at most."""
    since, until = today - BEGINNING - HIRED_WITHIN, today - BEGINNING
    hired = [*Agent.objects.filter(site=site, hired_on__gte=since, hired_on__lt=until)]
    hired_on = {one.pk: one.hired_on for one in hired if one.hired_on is not None}
    if not hired_on:
        return profile(())
    kept = Selection(
        sites=[site.pk], first=since, last=today, agents=list(hired_on),
        calendars={site.calendar: [site.pk]},
    )  # fmt: skip
    first: dict[int, list[Counts]] = {}
    for (agent, day), counts in reading.cells(kept, ("agent", "day"), only=("surveys",)).items():
        if agent in hired_on and hired_on[agent] <= day < hired_on[agent] + BEGINNING:
            first.setdefault(agent, []).append(counts)
    traits = _traits(site, hired, hired_on)
    unknown = {
        one.pk: frozenset({"full_time"} if one.contract_hours is None else ()) for one in hired
    }
    starters = []
    for agent, many in first.items():
        one = figure(
            Counts.sum(many), KPIS["csat"], None, choices, site.pk, None, agent, of_agents=True
        )
        if one.value is not None and one.n >= FEWEST_ANSWERS:
            starters.append(Starter(one.value, traits[agent], unknown[agent]))
    return profile(starters)


def _traits(
    site: Site, hired: list[Agent], hired_on: Mapping[int, date]
) -> dict[int, frozenset[str]]:
    days = Counter(hired_on.values())
    held = Participant.objects.filter(agent__in=list(hired_on), session__state="held")
    coached = set()
    for agent, at in held.values_list("agent", "session__starts_at"):
        day = day_of(at, site.calendar)
        if hired_on[agent] <= day < hired_on[agent] + SOON:
            coached.add(agent)
    found = {}
    for one in hired:
        has = {
            "full_time": one.contract_hours is not None and one.contract_hours >= FULL_TIME,
            "together": one.pk in hired_on and days[hired_on[one.pk]] >= TOGETHER,
            "coached": one.pk in coached,
        }
        found[one.pk] = frozenset(name for name, does in has.items() if does)
    return found
