"""A queue with weeks of calls, counted: a hundred calls on a Monday, none at the weekend."""

from datetime import UTC, datetime, time, timedelta

from ccm.models import Queue, Site
from kpis import rollups
from tests.builders import a_queue, a_site, many_calls, unsaved_call

FIRST = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
BY_WEEKDAY = (40, 30, 25, 25, 30, 0, 0)
OPENS, CLOSES = 9, 17
DAY = timedelta(days=1)


def a_centre(days: int = 70, first: datetime = FIRST) -> tuple[Site, Queue]:
    """A site that is open on weekdays, and its queue with so many days of calls."""
    site = a_site()
    site.opening = {str(day): [["09:00", "17:00"]] for day in range(5)}
    site.save()
    queue = a_queue(site)
    with_calls(queue, first, days)
    return site, queue


def with_calls(queue: Queue, first: datetime, days: int, times: float = 1.0) -> None:
    """Calls of some days more, evenly through their opening hours; counted."""
    made = []
    for number in range(days):
        day = first + number * DAY
        many = round(BY_WEEKDAY[day.weekday()] * times)
        step = timedelta(hours=CLOSES - OPENS) / max(many, 1)
        opens = datetime.combine(day.date(), time(OPENS), UTC)
        made += [
            unsaved_call(queue, opens + place * step, wait=5, talk=100) for place in range(many)
        ]
    many_calls(made)
    rollups.rebuild()
