"""What becomes of somebody's wish when two agents become one."""

from typing import Any

from django.db import transaction

from coaching.models import LeaderboardChoice


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Who wanted to be in no leaderboard under either name is in none; receiver of
    `names_merged`."""
    own = LeaderboardChoice.objects.select_for_update().filter(agent=keeper).first()
    other = LeaderboardChoice.objects.select_for_update().filter(agent=loser).first()
    if other is None:
        return
    if own is None:
        other.agent_id = keeper
        other.save(update_fields=["agent"])
        return
    if other.is_off:
        own.is_off, own.shows_name = True, False
        own.save(update_fields=["is_off", "shows_name"])
    other.delete()
