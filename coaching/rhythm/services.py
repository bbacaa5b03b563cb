"""Writes how often a team is coached. Each change is in the audit log."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import DAY, day_of
from ccm.models import Team, User
from coaching.models import Cadence

UNSAID = ("id", "made_by", "made_at")
BACK = 366 * DAY
"""So far back the first rhythm of a team may begin, so that how it was is told from the start."""


@transaction.atomic
def begin(team: Team, starts_on: date, days: int | None, who: User, now: datetime) -> Cadence:
    """Have the agents of a team coached every so many `days` from a day on, whatever was said of
    later days before; None: as often as one likes. Said twice it is said once.

    Raises ValidationError for a day that is over where there is a rhythm already: how the team kept
    to it stays as it was.
    """
    there: Team = Team.objects.select_for_update(no_key=True, of=("self",)).get(pk=team.pk)
    today = day_of(now, team.site.calendar)
    rows = Cadence.objects.filter(team=there)
    same = rows.filter(starts_on=starts_on).first()
    if same is not None and same.days == days and not rows.filter(starts_on__gt=starts_on).exists():
        kept: Cadence = same
        return kept
    if starts_on < today - BACK:
        raise ValidationError({"starts_on": _("That is more than a year ago.")})
    if starts_on < today and rows.exclude(starts_on__gte=today).exists():
        words = _("That day is over: what the team kept to then stays. Choose today or later.")
        raise ValidationError({"starts_on": words})
    for one in rows.filter(starts_on__gte=starts_on):
        audit.record(who, one, before=values(one), after=None, now=now)
        one.delete()
    made: Cadence = Cadence.objects.create(
        team=there, starts_on=starts_on, days=days, made_by=who, made_at=now
    )
    audit.record(who, made, before=None, after=values(made), now=now)
    return made


def values(cadence: Cadence) -> dict[str, Any]:
    return audit.values_of(cadence, UNSAID)
