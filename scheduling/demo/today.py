"""Whom a demo's attendance tells of today: somebody who begins later than their shift was moved to,
and somebody who was given one and is not there."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from ccm.intervals import DAY, day_of
from ccm.models import Agent, Leave, Site, User
from scheduling.models import KeptShift
from scheduling.offers import able
from scheduling.rosters import edits, given
from scheduling.rosters.edits import Wanted

_SOONER = timedelta(minutes=45)
# Since so long at least they are late, or absent.
_BEGUN = timedelta(hours=1)


def write(site: Site, planner: User, now: datetime) -> None:
    """Change two shifts of today, as the planner did yesterday; what has not begun yet tells of
    nobody, and nothing is changed."""
    today = day_of(now, site.calendar)
    rows = KeptShift.objects.published().filter(
        roster__site=site, day=today, begins_at__lte=now - _BEGUN, agent__user=None, is_night=False
    )
    # Those first who are to be there at this moment, of these who began last.
    begun = sorted(
        rows.select_related("roster__site", "agent"),
        key=lambda one: (one.ends_at <= now, -one.begins_at.timestamp(), one.pk),
    )
    for one in begun:
        sooner = able.changed(one, one.begins_at - _SOONER, one.ends_at)
        if sooner is not None:
            minutes = one.worked_minutes + round(_SOONER.total_seconds()) // 60
            _change(one, one.agent_id, replace(sooner, worked_minutes=minutes), planner, now)
            break
    plain = [one for one in begun if all(each["is_pause"] for each in one.activities)]
    free = _free(site, today)
    if free is not None and plain:
        # Absent is who has not come until the end: of a shift that is over, or is soon.
        first = min(plain, key=lambda one: (one.ends_at, one.pk))
        _change(first, free.pk, given.of_row(first), planner, now)


def _change(like: KeptShift, agent: int, said: given.Given, planner: User, now: datetime) -> None:
    """Give somebody a shift on the day of one of its roster, yesterday."""
    edits.apply(
        like.roster, [Wanted(agent, like.day, said)], planner, now - DAY,
        seen=like.roster.revision, note=_("Told by telephone"),
    )  # fmt: skip


def _free(site: Site, today: date) -> Agent | None:
    """Somebody who has no shift today and is not away, nor works on the days beside it if there is
    such a one."""
    shifts = KeptShift.objects.published().filter(agent=OuterRef("pk"))
    beside = Exists(shifts.filter(day__range=(today - DAY, today + DAY)))
    away = Leave.objects.filter(agent__site=site, first_on__lte=today).exclude(last_on__lt=today)
    there = Agent.objects.filter(site=site, is_new=False, left_on=None, user=None)
    there = there.exclude(pk__in=away.values("agent")).exclude(hired_on__gt=today)
    free = there.exclude(Exists(shifts.filter(day=today))).annotate(beside=beside)
    return free.order_by("beside", "pk").first()
