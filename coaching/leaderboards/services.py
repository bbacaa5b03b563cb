"""Writes leaderboards and what people want of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Agent, Team, User
from coaching.models import Leaderboard, LeaderboardChoice

SAID = ("kpi", "weeks", "fewest")


@transaction.atomic
def keep(team: Team, said: Mapping[str, Any], revision: int, who: User, now: datetime) -> None:
    """Have a team have a leaderboard by these. Said twice it is changed once. Raises
    ValidationError where somebody changed it meanwhile."""
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    there: Leaderboard | None = Leaderboard.objects.filter(team=team).first()
    row = there or Leaderboard(team=team)
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
    """Have a team have none. Removed twice, it is gone once."""
    there: Leaderboard | None = Leaderboard.objects.select_for_update().filter(team=team).first()
    if there is None:
        return
    audit.record(who, there, before=values(there), after=None, now=now)
    there.delete()


@transaction.atomic
def choose(agent: Agent, *, is_off: bool, shows_name: bool) -> LeaderboardChoice:
    """Have somebody's own wish hold. It is in no log: it is theirs. Who is off stands nowhere by
    name."""
    row: LeaderboardChoice
    row, _made = LeaderboardChoice.objects.update_or_create(
        agent=agent, defaults={"is_off": is_off, "shows_name": shows_name and not is_off}
    )
    return row


def values(row: Leaderboard) -> dict[str, Any]:
    return audit.values_of(row, ("id", "revision"))
