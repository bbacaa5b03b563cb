"""Gives badges to whoever has reached them: once, and never taken back."""

import logging
from collections import defaultdict
from datetime import date, datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Q

from ccm.intervals import day_of
from ccm.models import Agent, Site
from coaching.badges.rules import (
    Month,
    anniversary,
    end_of,
    has_years,
    months_reached,
    reached_at,
)
from coaching.models import Badge, BadgeRule
from kpis.reads import reading
from kpis.reads.reading import Selection
from qa.models import Evaluation

Kind = BadgeRule.Kind
log = logging.getLogger(__name__)


def give_due(now: datetime) -> int:
    """Give all that was reached by the end of yesterday, site by site; how many badges those are.
    Safe to run twice, and on several machines at once. A site that fails holds up no other."""
    sites = Site.objects.filter(pk__in=BadgeRule.objects.filter(ended_at=None).values("site"))
    many = 0
    for site in sites.order_by("pk"):
        try:
            many += give(site, now)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("badges of %s failed", site.slug)
    return many


@transaction.atomic
def give(site: Site, now: datetime) -> int:
    """The same of one site. Nine queries at most, however many people it has."""
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    today = day_of(now, site.calendar)
    rules = list(BadgeRule.objects.filter(site=site, ended_at=None))
    kinds = {rule.kind for rule in rules}
    there_still = Q(left_on=None) | Q(left_on__gt=today)
    agents = list(Agent.objects.filter(there_still, site=site).order_by("pk"))
    calls = _calls(site, today - timedelta(days=1)) if Kind.CALLS in kinds else {}
    reviews = _reviews(site, today) if Kind.REVIEWS in kinds else {}
    there = set(Badge.objects.filter(rule__in=rules).values_list("rule", "agent"))
    last = _month_before(today)
    due = [
        (rule, agent)
        for rule in rules
        for agent in agents
        if (rule.pk, agent.pk) not in there
        and (
            (rule.kind == Kind.YEARS and has_years(agent.hired_on, rule.number, today))
            or (rule.kind == Kind.CALLS and calls.get(agent.pk, 0) >= rule.number)
            or (rule.kind == Kind.REVIEWS and _good_until(rule, reviews.get(agent.pk, {}), last))
        )
    ]
    many = [agent.pk for rule, agent in due if rule.kind == Kind.CALLS]
    by_day = _calls_by_day(site, today - timedelta(days=1), many) if many else {}

    def reached(rule: BadgeRule, agent: Agent) -> date | None:
        if rule.kind == Kind.YEARS:
            return agent.hired_on and anniversary(agent.hired_on, rule.number)
        if rule.kind == Kind.CALLS:
            return reached_at(by_day.get(agent.pk, {}), rule.number)
        month = _good_until(rule, reviews.get(agent.pk, {}), last)
        return None if month is None else end_of(month)

    Badge.objects.bulk_create(
        [
            Badge(rule=rule, agent=agent, given_on=today, reached_on=reached(rule, agent))
            for rule, agent in due
        ],
        ignore_conflicts=True,
    )
    return len(due)


def _good_until(rule: BadgeRule, shares: dict[Month, list[float]], last: Month) -> Month | None:
    least, fewest = (rule.percent or 0) / 100, rule.fewest or 1
    return months_reached(shares, least, fewest, rule.number, last)


def _calls(site: Site, until: date) -> dict[int, int]:
    """How many calls each agent has answered, as far as they are on record."""
    selection = _until(site, until)
    found = reading.cells(selection, ("agent",), only=("answered",)) if selection else {}
    return {agent: counts.answered for (agent,), counts in found.items() if agent}


def _calls_by_day(site: Site, until: date, agents: list[int]) -> dict[int, dict[date, int]]:
    """The same of some agents, day by day."""
    selection = _until(site, until, agents)
    found: dict[int, dict[date, int]] = defaultdict(dict)
    if selection is not None:
        cells = reading.cells(selection, ("agent", "day"), only=("answered",))
        for (agent, day), counts in cells.items():
            found[agent][day] = counts.answered
    return found


def _until(site: Site, until: date, agents: list[int] | None = None) -> Selection | None:
    """All that is on record of a site; None: nothing is yet. One query."""
    record = reading.records([site.pk]).get(site.pk)
    if record is None or record.first > until:
        return None
    return Selection(
        sites=[site.pk], first=record.first, last=until, agents=agents,
        calendars={site.calendar: [site.pk]},
    )  # fmt: skip


def _reviews(site: Site, today: date) -> dict[int, dict[Month, list[float]]]:
    """Shares of the released reviews that count in scores, by agent and month of their calls."""
    rows = Evaluation.objects.scored().filter(
        site=site, state=Evaluation.State.RELEASED, share__isnull=False
    )
    found: dict[int, dict[Month, list[float]]] = defaultdict(lambda: defaultdict(list))
    for agent, at, share in rows.values_list("agent", "called_at", "share"):
        day = day_of(at, site.calendar)
        found[agent][day.year, day.month].append(float(share or 0))
    return found


def _month_before(today: date) -> Month:
    """The last month that is over."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.year, last.month
