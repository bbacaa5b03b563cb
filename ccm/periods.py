"""Stretches of days by name, from the day they are asked on. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ccm.intervals import DAY

CUSTOM = "custom"
PERIODS: Mapping[str, str | Promise] = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "before_7d": _("The 7 days before today"),
    "before_28d": _("The 28 days before today"),
    "7d": _("Last 7 days"),
    "28d": _("Last 28 days"),
    "90d": _("Last 90 days"),
    "week": _("This week"),
    "last_week": _("Last week"),
    "month": _("This month"),
    "last_month": _("Last month"),
    CUSTOM: _("From – to"),
}
DEFAULT = "7d"


def named(period: str, today: date) -> tuple[date, date]:
    """The first and the last day of a period, which begins on Monday where it is a week.

    Raises KeyError for a name that is none.
    """
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    return {
        "today": (today, today),
        "yesterday": (today - DAY, today - DAY),
        "before_7d": (today - 7 * DAY, today - DAY),
        "before_28d": (today - 28 * DAY, today - DAY),
        "7d": (today - 6 * DAY, today),
        "28d": (today - 27 * DAY, today),
        "90d": (today - 89 * DAY, today),
        "week": (monday, today),
        "last_week": (monday - timedelta(weeks=1), monday - DAY),
        "month": (first, today),
        "last_month": ((first - DAY).replace(day=1), first - DAY),
    }[period]
