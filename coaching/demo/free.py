"""When a talk of a demo is: as near to the time that is wished for as its people are free, as the
form that plans one has it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from django.db.models import Q

from ccm.intervals import DAY
from ccm.models import Agent, Site, User
from coaching.agreed import roster
from coaching.agreed.events import LONGEST, ends_at
from coaching.models import Session

_STEP = timedelta(minutes=30)
_OPENS, _CLOSES = time(9), time(17, 30)
_DAYS = 3
"""So many days are looked at of a talk to come."""

Span = tuple[datetime, datetime]


def near(
    then: datetime, site: Site, agents: Sequence[Agent], lead: User, minutes: int, now: datetime
) -> datetime:
    """A time near `then` at which nobody in it is in another session; of one to come nothing of the
    roster speaks against it, either. Where there is none at all it is `then`, and where the roster
    has none, the first without another session."""
    days = _DAYS if then > now else 1
    taken = _taken(then - DAY, then + 3 * days * DAY, agents, lead)
    lasts = timedelta(minutes=minutes)
    found = [
        at
        for at in _times(then, lasts, site, days)
        if not any(begin < at + lasts and at < end for begin, end in taken)
    ]
    if then > now:
        for at in found:
            if at > now and not roster.against(site, agents, lead, at, minutes):
                return at
    return found[0] if found else then


def _times(then: datetime, lasts: timedelta, site: Site, days: int) -> Iterator[datetime]:
    """Times of the day of `then` and of working days after it, the nearest of a day first."""
    wished = then.astimezone(site.tz)
    day, left = wished.date(), days
    while left:
        if day == wished.date() or day.weekday() < 5:
            left -= 1
            at = datetime.combine(day, wished.time(), site.tz)
            opens, closes = (datetime.combine(day, one, site.tz) for one in (_OPENS, _CLOSES))
            steps = [at + n * _STEP for n in range(-20, 21)]
            fit = [one for one in steps if one == at or (opens <= one and one + lasts <= closes)]
            yield from sorted(fit, key=lambda one: abs(one - at))
        day += DAY


def _taken(first: datetime, last: datetime, agents: Sequence[Agent], lead: User) -> list[Span]:
    """When any of them is in a session that was not called off. One query."""
    users = {lead.pk} | {one.user_id for one in agents if one.user_id is not None}
    within = Q(participants__agent__in=agents) | Q(participants__agent__user=lead)
    rows = Session.objects.exclude(state=Session.State.CANCELLED)
    rows = rows.filter(starts_at__gt=first - LONGEST, starts_at__lt=last)
    rows = rows.filter(Q(coach__in=users) | within).distinct()
    return [(one.starts_at, ends_at(one)) for one in rows]
