"""What the record knows of a site's people: how many there are, what hours they have, who left."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ccm.models import Agent, Headcount, Site
from kpis.formulas.people import LEAST_DAYS
from kpis.reads import ledger

_YEAR, _DAY = timedelta(days=365), timedelta(days=1)
_WEEKS_A_MONTH = Decimal(365) / 7 / 12
# Of fewer people it is not told how many leave.
_FEWEST = 10
MOST_ATTRITION = 0.5
"""Where as many leave in a month, or more, it is no steady rate: it is not told."""


@dataclass(frozen=True, slots=True)
class Record:
    """None is unknown."""

    fte: float | None = None
    fte_on: date | None = None
    """The day, or the first of the month, of that headcount; of teams that of the newest."""
    counted: tuple[tuple[date, float], ...] = ()
    """What it is made of, each by its own day."""
    paid_hours: float | None = None
    """Of a month, by the hours that most contracts say of a week."""
    attrition: float | None = None
    """The share that left in a month, of the last twelve as far as it is known who left, of 90 days
    at least; less than `MOST_ATTRITION`."""


def of(site: Site, today: date) -> Record:
    """Of a site on a day. Three queries."""
    counted = _headcount(site, today)
    fte = sum(people for _on, people in counted) if counted else None
    on = max((one for one, _people in counted), default=None)
    agents = list(
        Agent.objects.filter(site=site).values_list("hired_on", "left_on", "contract_hours")
    )
    since = ledger.people_known_since(site.pk)
    return Record(fte, on, counted, _paid_hours(agents, today), _attrition(agents, today, since))


def _headcount(site: Site, today: date) -> tuple[tuple[date, float], ...]:
    """The newest that was counted, of the site, else of each of its teams."""
    rows = (
        Headcount.objects.filter(site=site, starts_on__lte=today, starts_on__gt=today - _YEAR)
        .exclude(actual_fte=None, actual_heads=None)
        # Of a month and its first day the month.
        .order_by("-starts_on", "-period")
    )
    newest: dict[int | None, Headcount] = {}
    for one in rows:
        newest.setdefault(one.team_id, one)
    some = [newest[None]] if None in newest else newest.values()
    return tuple((one.starts_on, _people(one)) for one in some)


def _people(one: Headcount) -> float:
    return float(one.actual_heads or 0 if one.actual_fte is None else one.actual_fte)


Agents = list[tuple[date | None, date | None, Decimal | None]]


def _paid_hours(agents: Agents, today: date) -> float | None:
    hours = Counter(
        of_week for _hired, left, of_week in agents if of_week and (left is None or left > today)
    )
    if not hours:
        return None
    # Of hours that as many have, the longer.
    usual = max(hours, key=lambda one: (hours[one], one))
    return float(round(usual * _WEEKS_A_MONTH, 1))


def _attrition(agents: Agents, today: date, since: date | None = None) -> float | None:
    """Who left in the last twelve months, of the days from `since` on, by how many were there on
    the mean of these days."""
    if not any(left for _hired, left, _hours in agents):
        return None
    begin = today - _YEAR if since is None else max(today - _YEAR, since - _DAY)
    known = (today - begin).days
    if known < LEAST_DAYS:
        return None
    first, after = begin + _DAY, today + _DAY
    left = sum(1 for _hired, gone, _hours in agents if gone and begin < gone <= today)
    days = sum(
        max((min(gone or after, after) - max(hired or first, first)).days, 0)
        for hired, gone, _hours in agents
    )
    there = days / known
    if there < _FEWEST:
        return None
    rate = left / there / 12 * _YEAR.days / known
    return rate if rate < MOST_ATTRITION else None
