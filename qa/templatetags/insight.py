"""What templates of insight ask."""

from collections.abc import Sequence
from datetime import date

from django import template

from qa.insight.told import Line, Month

register = template.Library()


@register.filter
def by_month(team: Month, months: Sequence[date]) -> list[Line | None]:
    """A team's line of each month; None: nothing was reviewed."""
    return [team.months.get(month) for month in months]
