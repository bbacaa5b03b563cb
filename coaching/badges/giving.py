"""Gives badges to whoever has reached them: once, and never taken back."""

import logging
from collections import defaultdict
from datetime import date, datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Q

from ccm.intervals import day_of
from ccm.models import Agent, Site
from coaching.badges.rules import Month, has_months, has_years
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
    """The same of one site. Seven queries at most, however many people it has."""
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
        Badge(rule=rule, agent=agent, given_on=today)
        for rule in rules
        for agent in agents
        if (rule.pk, agent.pk) not in there
        and (
            (rule.kind == Kind.YEARS and has_years(agent.hired_on, rule.number, today))
            or (rule.kind == Kind.CALLS and calls.get(agent.pk, 0) >= rule.number)
            or (rule.kind == Kind.REVIEWS and _is_good(rule, reviews.get(agent.pk, {}), last))
        )
    ]
    Badge.objects.bulk_create(due, ignore_conflicts=True)
    return len(due)


def _is_good(rule: BadgeRule, shares: dict[Month, list[float]], last: Month) -> bool:
    least, fewest = (rule.percent or 0) / 100, rule.fewest or 1
    return has_months(shares, least, fewest, rule.number, last)


def _calls(site: Site, until: date) -> dict[int, int]:
    """How many calls each agent has answered, as far as they are on record."""
    record = reading.records([site.pk]).get(site.pk)
    if record is None or record.first > until:
        return {}
    selection = Selection(
        sites=[site.pk], first=record.first, last=until, calendars={site.calendar: [site.pk]}
    )
    found = reading.cells(selection, ("agent",), only=("answered",))
    return {agent: counts.answered for (agent,), counts in found.items() if agent}


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
