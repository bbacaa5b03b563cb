"""What becomes of trials when two agents become one."""

from typing import Any

from coaching.models import TrialAgent
from coaching.trials import locks


def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Who takes part is the one they become, once; receiver of `names_merged`."""
    theirs = TrialAgent.objects.filter(agent=loser)
    if not theirs.exists():
        return
    with locks.unlocked():
        there = TrialAgent.objects.filter(agent=keeper)
        theirs.filter(trial__in=[*there.values_list("trial", flat=True)]).delete()
        theirs.update(agent=keeper)
