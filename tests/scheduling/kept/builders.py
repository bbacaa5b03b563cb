"""Rosters that tests begin with, and what is forecast of their queues."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from ccm.models import Agent, Job, Queue, Site, User
from scheduling.models import Forecast, ForecastDay, KeptRoster, KeptShift, RosterRun

MONDAY = date(2026, 3, 16)
NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)
DAY = timedelta(days=1)
HALVES = 48


def a_forecast(
    queue: Queue,
    calls: dict[int, float],
    first: date = MONDAY,
    days: int = 7,
    aht: float | None = 180.0,
    minutes: int = 30,
) -> Forecast:
    """Each of some days has calls in these intervals, by their places, and is closed else."""
    made = Forecast.objects.create(
        queue=queue, made_at=NOW, known_until=NOW.date(), interval_minutes=minutes,
        method="even", by_trial=False, has_own_tails=False, history_days=70,
    )  # fmt: skip
    many = 24 * 60 // minutes
    row = [calls.get(place, 0.0) for place in range(many)]
    none = [None] * many
    for number in range(days):
        ForecastDay.objects.create(
            forecast=made, day=first + number * DAY, calls=row, naive=row, total=sum(row),
            open=[float(place in calls) for place in range(many)],
            low80=none, high80=none, low95=none, high95=none,
            aht_seconds=[aht if place in calls else None for place in range(many)],
        )  # fmt: skip
    return made


def a_roster(site: Site, **more: Any) -> KeptRoster:
    """A draft of a week."""
    said = {"first_day": MONDAY, "days": 7, "made_at": NOW}
    return KeptRoster.objects.create(site=site, **said | more)


def published(roster: KeptRoster) -> KeptRoster:
    roster.state, roster.published_at = KeptRoster.State.PUBLISHED, NOW
    roster.save()
    return roster


def a_shift(roster: KeptRoster, agent: Agent, day: date = MONDAY, **more: Any) -> KeptShift:
    """From nine to five, UTC, of no template, in one spell."""
    begins = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=9)
    said = {
        "shape": "0-540-480", "begins_at": begins, "ends_at": begins + timedelta(hours=8),
        "worked_minutes": 480,
    } | more  # fmt: skip
    spell = [said["begins_at"].isoformat(), said["ends_at"].isoformat()]
    return KeptShift.objects.create(
        roster=roster, agent=agent, day=day, **{"spells": [spell]} | said
    )


def a_run(roster: KeptRoster, who: User | None = None, **more: Any) -> RosterRun:
    """One that waits to be done, of five seconds."""
    job = Job.objects.create(kind="roster", created_by=who, total=5)
    return RosterRun.objects.create(roster=roster, job=job, **{"seconds": 5} | more)
