"""Whether a queue that is forecast by something else has calls enough of its own by now."""

from datetime import date

from django.db.models import Min

from ccm.intervals import day_of
from ccm.models import Direction, Queue
from kpis.models import IntervalStat, Unit
from scheduling.forecast.methods import USUAL
from scheduling.models import Forecast


def enough_since(queue: Queue) -> date | None:
    """The day of its first call, where what is known reaches three weeks from it; else None. Two
    queries."""
    newest = Forecast.objects.newest().filter(queue=queue).first()
    if newest is None:
        return None
    rows = IntervalStat.objects.filter(
        site=queue.site_id, queue=queue, unit=Unit.VISIT, direction=Direction.INBOUND, offered__gt=0
    )
    begun = rows.aggregate(first=Min("start"))["first"]
    if begun is None:
        return None
    first = day_of(begun, queue.site.calendar)
    return first if (newest.known_until - first).days + 1 >= USUAL.least_days else None
