"""Moves of a day that tests begin with."""

from datetime import timedelta

from django.utils import timezone

from ccm.models import Agent, Queue
from scheduling.models import IntradayAction, KeptRoster, RosterEdit
from tests.scheduling.kept.builders import a_roster, published

HOUR = timedelta(hours=1)


def a_move(queue: Queue, agent: Agent) -> IntradayAction:
    """A lunch of somebody's today, an hour later than it was to be, by the clock of the test."""
    there = IntradayAction.objects.filter(queues=[queue.pk]).first()
    if there is not None:
        return there
    now = timezone.now()
    roster = KeptRoster.objects.filter(site=queue.site, note="moved").first()
    roster = roster or published(a_roster(queue.site, first_day=now.date(), note="moved"))
    edit = RosterEdit.objects.create(
        roster=roster, number=roster.revision + 1, why=RosterEdit.Why.INTRADAY, made_at=now
    )
    edit.changes.create(agent=agent, day=now.date(), is_published=True)
    return IntradayAction.objects.create(
        edit=edit, day=now.date(), queues=[queue.pk], kind="pause", name="Lunch",
        was_at=now + 2 * HOUR, now_at=now + 3 * HOUR, minutes=30, calls=1.0,
        relieves_from=now + 2 * HOUR, relieves_to=now + 3 * HOUR, taken_at=now,
    )  # fmt: skip
