"""What becomes of proposals when two agents become one."""

from typing import Any

from django.db import transaction

from coaching.models import Proposal


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Proposals of an agent are those of the one it becomes; receiver of `names_merged`. Where both
    have one for the same cause that nobody decided, the other's lapses."""
    theirs = Proposal.objects.filter(agent=loser)
    own = Proposal.objects.standing().filter(agent=keeper).values("cause")
    doubled = theirs.standing().filter(cause__in=list(own.values_list("cause", flat=True)))
    doubled.update(state=Proposal.State.LAPSED, until=None)
    theirs.update(agent=keeper)
