"""The ledger of a site over its rolling period, and the next roster's prices by it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Q

from ccm.intervals import DAY, day_of
from ccm.models import Agent, Site
from scheduling.burdens import borne, members
from scheduling.fairness import Given, Ledger, ledger, prices
from scheduling.models import SiteRules
from scheduling.shifts import Problem
from scheduling.terms import read

# One more costs nobody more than so many times the unit, however much they bore.
MOST_TIMES = 10


@dataclass(frozen=True, slots=True)
class Book:
    """A site's ledger with its people, in the order of their names, and the shifts that it counts:
    those that are some burden."""

    site: Site
    rules: SiteRules
    ledger: Ledger
    agents: Sequence[Agent]
    given: Sequence[Given]

    def given_to(self, agent: int) -> list[Given]:
        """Somebody's shifts that count, the newest first."""
        mine = [one for one in self.given if one.person == read.person_id(agent)]
        return sorted(mine, key=lambda one: one.start, reverse=True)


def of_site(site: Site, now: datetime, rules: SiteRules | None = None) -> Book:
    """The ledger of those who are at a site on its day of `now`, over the weeks that end on it. In
    as many queries for one as for a thousand. `rules` are the site's, where they are read
    already."""
    today: date = day_of(now, site.calendar)
    rules = read.rules(site) if rules is None else rules
    there = Q(left_on=None) | Q(left_on__gt=today)
    hired = Q(hired_on=None) | Q(hired_on__lte=today)
    agents = list(Agent.objects.filter(there, hired, site=site).order_by("name", "pk"))
    found, given = _ledger(site, rules, agents, today)
    known = found.refusals
    there_too = [one for one in agents if read.person_id(one.pk) in known]
    return Book(site, rules, found, there_too, given)


def priced(problem: Problem, site: Site, first_day: date) -> Problem:
    """A roster that is asked for, of which one more burden costs everybody in proportion to what
    they bore of what they could have, over the weeks before its first day."""
    rules = read.rules(site)
    if not rules.fairness_price or not problem.people:
        return problem
    agents = list(Agent.objects.filter(pk__in=[int(one.id) for one in problem.people]))
    book, _given = _ledger(site, rules, agents, first_day - DAY)
    cost = prices(book, rules.fairness_price, MOST_TIMES * rules.fairness_price)
    people = tuple(replace(one, burdens=cost.get(one.id, {})) for one in problem.people)
    return replace(problem, people=people)


def _ledger(
    site: Site, rules: SiteRules, agents: Sequence[Agent], last: date
) -> tuple[Ledger, list[Given]]:
    first = last - timedelta(weeks=rules.fairness_weeks) + DAY
    asked, wished = borne.wishes(site, first, last)
    takes = members.skills_of(site, agents, last)
    given = list(borne.given(site, first, last, rules, wished, takes))
    group = members.members(site, agents, first, last, takes)
    return ledger(group, given, asked, first=first, last=last), given
