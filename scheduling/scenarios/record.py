"""What the record knows of a site's people: how many there are, what hours they have, who left."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F

from ccm.models import Agent, Headcount, Site

_YEAR = timedelta(days=365)
_WEEKS_A_MONTH = Decimal(365) / 7 / 12
# Of fewer people it is not told how many leave.
_FEWEST = 10


@dataclass(frozen=True, slots=True)
class Record:
    """None is unknown."""

    fte: float | None = None
    fte_on: date | None = None
    """The day, or the first of the month, of that headcount."""
    paid_hours: float | None = None
    """Of a month, by the hours that most contracts say of a week."""
    attrition: float | None = None
    """The share that left in a month, of the last twelve."""


def of(site: Site, today: date) -> Record:
    """Of a site on a day. Two queries."""
    fte, on = _headcount(site, today)
    agents = list(
        Agent.objects.filter(site=site).values_list("hired_on", "left_on", "contract_hours")
    )
    return Record(fte, on, _paid_hours(agents, today), _attrition(agents, today))


def _headcount(site: Site, today: date) -> tuple[float | None, date | None]:
    """The newest that was counted, of the site, else of its teams together."""
    rows = (
        Headcount.objects.filter(site=site, starts_on__lte=today, starts_on__gt=today - _YEAR)
        .exclude(actual_fte=None, actual_heads=None)
        .order_by("-starts_on", F("team").asc(nulls_first=True))
    )
    every = list(rows)
    whole = [one for one in every if one.team_id is None]
    if whole:
        return _people(whole[0]), whole[0].starts_on
    if not every:
        return None, None
    newest = [
        one for one in every if (one.starts_on, one.period) == (every[0].starts_on, every[0].period)
    ]
    return sum(_people(one) for one in newest), every[0].starts_on


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


def _attrition(agents: Agents, today: date) -> float | None:
    """Who left in the last twelve months, by those who were there in the middle of it."""
    if not any(left for _hired, left, _hours in agents):
        return None
    begin, middle = today - _YEAR, today - _YEAR / 2
    left = sum(1 for _hired, gone, _hours in agents if gone and begin < gone <= today)
    there = sum(
        1
        for hired, gone, _hours in agents
        if (hired is None or hired <= middle) and (gone is None or gone > middle)
    )
    return left / there / 12 if there >= _FEWEST else None
