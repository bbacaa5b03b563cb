"""Keeps what was said of the rests of days, and holds it against what came."""

from datetime import datetime, timedelta

from ccm.intervals import day_of
from ccm.models import Queue, Site
from scheduling.intraday import reads
from scheduling.intraday.day import Face
from scheduling.intraday.reads import Today
from scheduling.known import past
from scheduling.models import Reforecast

KEPT = timedelta(days=90)


def keep_site(site: Site, now: datetime) -> int:
    """Keep what is said now of the rest of each queue's day, where another interval is over; how
    many days there are of which something is said. What was said first stays."""
    queues = Queue.objects.filter(site=site).select_related("site")
    found = reads.todays(site, queues, reads.reach(site, now))
    rows = [_said(one, now) for one in found.values() if one.begun.face == Face.RUNNING]
    Reforecast.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _said(today: Today, now: datetime) -> Reforecast:
    begun = today.begun
    return Reforecast(
        queue=today.queue,
        day=today.day,
        interval_minutes=today.minutes,
        known=begun.known,
        minutes_open=today.minutes_open,
        at=today.at,
        made_at=now,
        way="unmoved" if today.learned is None else today.learned.way,
        came=begun.came_so_far,
        expected=round(begun.expected_so_far, 3),
        morning=round(float(begun.morning().sum()), 3),
        updated=round(float(begun.updated().sum()), 3),
        trade=round(float(begun.trade().sum()), 3),
    )


def hold_site(site: Site, now: datetime) -> int:
    """Hold what was said of days that are over against what came; how many sayings. Those of the
    last two weeks are held again each time; the old are dropped."""
    today = day_of(now, site.calendar)
    Reforecast.objects.filter(queue__site=site, day__lt=today - KEPT).delete()
    rows = Reforecast.objects.filter(queue__site=site, day__lt=today, day__gte=today - past.SETTLES)
    by_grid: dict[int, list[Reforecast]] = {}
    for row in rows.select_related("queue__site"):
        by_grid.setdefault(row.interval_minutes, []).append(row)
    held = []
    for minutes, every in by_grid.items():
        queues = {row.queue_id: row.queue for row in every}
        # As many days back as the record may lag behind today, and these.
        known = past.of_queues(
            queues.values(), dict.fromkeys(queues, minutes), now, past.SETTLES.days + 1
        )
        for row in every:
            if (was := known.get(row.queue_id)) is None:
                continue
            place = (row.day - was.history.days[0].date).days
            if 0 <= place < len(was.history):
                row.rest = float(was.history.calls[place, row.known :].sum())
                held.append(row)
    Reforecast.objects.bulk_update(held, ["rest"], batch_size=1000)
    return len(held)
