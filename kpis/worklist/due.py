"""How many call backs are due, and how late. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.templatetags.figures import count, hours_minutes


@dataclass(frozen=True, slots=True)
class Due:
    """Call backs that nobody made yet and that are due within the hour or overdue: how many, how
    many of them are overdue, and the moment that the first was due at."""

    calls: int = 0
    overdue: int = 0
    since: datetime | None = None


def together(several: Iterable[Due]) -> Due:
    """Those of several queues as one."""
    every = list(several)
    return Due(
        sum(one.calls for one in every),
        sum(one.overdue for one in every),
        min((one.since for one in every if one.since is not None), default=None),
    )


def late_words(late: timedelta) -> str:
    """How late, no finer than it matters: "12 min", "5:58 h", "6 days"; cut, not rounded."""
    minutes = late // timedelta(minutes=1)
    if late.days:
        return ngettext("%(n)s day", "%(n)s days", late.days) % {"n": count(late.days)}
    if minutes < 60:
        return _("%(n)s min") % {"n": count(minutes)}
    return _("%(time)s h") % {"time": hours_minutes(minutes)}
