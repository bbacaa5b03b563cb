"""What becomes of plans when two agents become one."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from coaching.models import Plan


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Plans of an agent are those of the one it becomes; receiver of `names_merged`. Where both
    have a running one of a kind, the other's ends."""
    now: datetime = timezone.now()
    kinds = Plan.objects.running().filter(agent=keeper).values_list("kind", flat=True)
    Plan.objects.running().filter(agent=loser, kind__in=list(kinds)).update(
        state=Plan.State.ENDED, ended_at=now, ended_words=_("Two agents became one.")
    )
    Plan.objects.filter(agent=loser).update(agent=keeper)
