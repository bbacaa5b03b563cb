"""Live events and lines that were set aside because no rule knows them: for how long they are kept.

Those of an import are part of its books and stay with it.
"""

from datetime import datetime, timedelta

from ccm.models import RawEvent

# As long as an import's rejected rows: time to see them and to write a rule, and no longer, for
# they may hold callers' numbers.
KEPT = timedelta(days=30)
PRUNED_AT_ONCE = 500


def prune(now: datetime) -> int:
    """Drop up to PRUNED_AT_ONCE of those that were kept for long enough, the oldest first; how
    many."""
    old = RawEvent.objects.filter(batch=None, received_at__lt=now - KEPT).order_by("received_at")
    dropped, _by_model = RawEvent.objects.filter(
        pk__in=list(old.values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    ).delete()
    return dropped
