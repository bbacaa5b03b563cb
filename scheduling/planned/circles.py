"""Queues that are forecast as shares of others: none may come to be a share of itself."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ccm.models import Queue
from scheduling.models import ForecastPlan


def chain(queue: Queue, analogue: Queue) -> list[Queue]:
    """The queues, each a share of the next, by which a queue that becomes a share of another would
    be one of itself, from it to it; empty: it would not. Two queries at most."""
    plans = ForecastPlan.objects.filter(queue__site=queue.site_id, analogue__isnull=False)
    share_of = dict(plans.values_list("queue", "analogue"))
    found: list[int] = [queue.pk]
    at: int | None = analogue.pk
    while at is not None and at not in found:
        found.append(at)
        at = share_of.get(at)
    if at != queue.pk:
        return []
    named = Queue.objects.in_bulk(found)
    return [named[pk] for pk in (*found, queue.pk)]


def refuse(queue: Queue, analogue: Queue) -> None:
    """Raises ValidationError with the chain where a queue would be a share of itself."""
    if found := chain(queue, analogue):
        words = _("It would be a share of itself: %(chain)s.")
        raise ValidationError(words % {"chain": " → ".join(str(one) for one in found)})
