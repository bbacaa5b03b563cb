"""Writes what a team wants of points."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Team, User
from coaching.models import PointsRule

SAID = ("thanks", "badge", "challenge", "course", "period", "starts_on")


@transaction.atomic
def keep(team: Team, said: Mapping[str, Any], revision: int, who: User, now: datetime) -> None:
    """Have a team have points by these. Said twice it is changed once. Raises ValidationError where
    somebody changed it meanwhile."""
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    there: PointsRule | None = PointsRule.objects.filter(team=team).first()
    row = there or PointsRule(team=team)
    if there is not None and all(getattr(row, name) == said[name] for name in SAID):
        return
    if row.revision != revision:
        raise ValidationError(
            _("Somebody has changed it meanwhile: what it says by now is shown. Look again.")
        )
    before = None if there is None else values(there)
    for name in SAID:
        setattr(row, name, said[name])
    row.revision += 1
    row.save()
    audit.record(who, row, before=before, after=values(row), now=now)


@transaction.atomic
def remove(team: Team, who: User, now: datetime) -> None:
    """Have a team have none. Removed twice, they are gone once."""
    there: PointsRule | None = PointsRule.objects.select_for_update().filter(team=team).first()
    if there is None:
        return
    audit.record(who, there, before=values(there), after=None, now=now)
    there.delete()


def values(row: PointsRule) -> dict[str, Any]:
    return audit.values_of(row, ("id", "revision"))
