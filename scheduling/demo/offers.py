"""Overtime and voluntary time off that a demo offers for the next hours, where they have a gap."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
from django.core.exceptions import ValidationError
from django.utils import timezone

from ccm.access import PLANNER
from ccm.demo.house import SITES
from ccm.demo.load import loaded_demo
from ccm.models import Queue, Site, User
from scheduling.gaps import reads
from scheduling.gaps.reads import Running
from scheduling.intraday import reads as of_calls
from scheduling.models import ShiftOffer
from scheduling.offers import able, services
from scheduling.offers.able import Proposed

_AHEAD = timedelta(hours=4)


def publish() -> int:
    """Offer one of each kind in the first queue of a demo that has a gap for it, once its day is
    forecast; how many. Safe to run twice."""
    if loaded_demo() is None or ShiftOffer.objects.exists():
        return 0
    now = timezone.now()
    made: set[str] = set()
    for running, planner in _days(now):
        for one in _proposed(running, now):
            if one.kind not in made and _is_made(running, one, planner, now):
                made.add(one.kind)
        if len(made) == len(ShiftOffer.Kind):
            break
    return len(made)


def _days(now: datetime) -> Iterator[tuple[Running, User]]:
    """Today of each queue with who plans it, one after the other."""
    for spec in SITES:
        site = Site.objects.filter(slug=spec.slug).first()
        planner = User.objects.filter(groups__name=PLANNER, sites=site).order_by("pk").first()
        if site is None or planner is None:
            continue
        queues = list(Queue.objects.filter(site=site).select_related("site").order_by("pk"))
        known = of_calls.reach(site, now)
        for queue in queues:
            running = reads.running(queue, queues, known)
            if running is not None:
                yield running, planner


def _proposed(running: Running, now: datetime) -> Iterator[Proposed]:
    """What could be offered for the gaps of the next hours."""
    outlook = running.outlook
    is_open = np.flatnonzero(outlook.open > 0)
    if not len(is_open) or not running.pool.people:
        return
    first = max(outlook.known, int(is_open[0]))
    last = min(running.place(now + _AHEAD), int(is_open[-1]))
    for gap in outlook.gaps(first, last):
        found = able.proposed(running, gap, now)
        if found is not None:
            yield found


def _is_made(running: Running, one: Proposed, planner: User, now: datetime) -> bool:
    """Whether it is offered now; not where there is nobody whom the rules let."""
    try:
        services.make(
            running, one.kind, one.start, one.end, one.wanted, services.MOST_MINUTES, planner, now
        )
    except ValidationError:
        return False
    return True
