"""What becomes of what was done about days when two queues become one. It loads no formulas."""

from typing import Any

from django.db import transaction

from ccm.models import Queue
from scheduling.models import IntradayAction


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """What was done for a queue that is merged was done for the one it becomes; receiver of
    `names_merged`."""
    if sender is not Queue:
        return
    for one in IntradayAction.objects.filter(queues__contains=[loser]):
        one.queues = [*dict.fromkeys(keeper if pk == loser else pk for pk in one.queues)]
        one.save(update_fields=["queues"])
