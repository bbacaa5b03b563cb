"""What becomes of rules of asking when two queues become one."""

from typing import Any

from coaching.models import AskingRule


def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Rules of the one are of the other; receiver of `names_merged`."""
    for rule in AskingRule.objects.filter(queues=loser):
        rule.queues.add(keeper)
        rule.queues.remove(loser)
