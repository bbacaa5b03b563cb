"""The history of a review: it is only ever added to."""

from datetime import datetime

from ccm.models import User
from qa.models import Dispute, Evaluation, ReviewEvent


def note(
    evaluation: Evaluation,
    what: str,
    who: User | None,
    now: datetime,
    words: str = "",
    dispute: Dispute | None = None,
) -> ReviewEvent:
    """Add what happened, with the score as it is after it."""
    made: ReviewEvent = ReviewEvent.objects.create(
        evaluation=evaluation,
        dispute=dispute,
        what=what,
        at=now,
        who=who,
        words=words,
        share=evaluation.share,
        is_failed=evaluation.is_failed,
    )
    return made
