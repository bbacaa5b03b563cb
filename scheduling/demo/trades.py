"""Shifts that the people of a demo trade: one offered to who signs in as an agent, one that its
giver would swap, and an open one."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from ccm.models import Agent, Site, User
from scheduling.models import KeptRoster, KeptShift, Trade
from scheduling.rosters import given
from scheduling.trades import services

_AHEAD = timedelta(days=3)


def write(site: Site, planner: User, now: datetime) -> None:
    """Have them offered, of shifts of the next rosters that whom they are for has none beside."""
    reader = Agent.objects.filter(site=site).exclude(user=None).order_by("pk").first()
    shifts = KeptShift.objects.published().filter(
        roster__site=site, begins_at__gt=now + _AHEAD, is_night=False
    )
    shifts = shifts.select_related("roster__site", "agent").order_by("begins_at", "pk")
    if reader is not None:
        busy = KeptShift.objects.published().filter(agent=reader).values("day")
        shifts = shifts.exclude(agent=reader).exclude(day__in=busy)
    # Training or a meeting in a shift stays with whom it is of.
    plain = [one for one in shifts if all(each["is_pause"] for each in one.activities)]
    by_day: dict[object, KeptShift] = {}
    for one in plain:
        by_day.setdefault(one.day, one)
    chosen = list(by_day.values())[:3]
    if len(chosen) < 3:
        return
    first, second, third = chosen
    services.offer(
        first, Trade.Kind.COVER, first.agent.user or planner, now, to=reader,
        note=_("The school has a feast that day"),
    )  # fmt: skip
    services.offer(second, Trade.Kind.SWAP, second.agent.user or planner, now)
    _open(third, planner, now)


def _open(like: KeptShift, planner: User, now: datetime) -> None:
    """An open shift like one that somebody has."""
    roster: KeptRoster = like.roster
    services.post(
        roster, like.day, given.of_row(like), 1, planner, now, note=_("Renewals are due this week")
    )
