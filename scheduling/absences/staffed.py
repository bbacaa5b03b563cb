"""What a site has on its days and what its calls ask for, kept to be read: it is reckoned nightly,
and when somebody asks for a day that nobody has reckoned yet."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from ccm.intervals import DAY, day_of
from ccm.models import Agent, Queue, Site
from scheduling.absences import kept, work
from scheduling.models import (
    Forecast,
    ForecastDay,
    LeaveKind,
    LeaveRequest,
    LeaveRules,
    StaffedDay,
)
from scheduling.rosters import demand
from scheduling.terms.works import rules_of

AHEAD_DAYS = 400
_SLOT_MINUTES = 15


def is_needed(site: Site) -> bool:
    """Whether some leave of a site goes by its forecast."""
    by_forecast = rules_of(site).measure == LeaveRules.Measure.FORECAST
    kinds = LeaveKind.objects.offered().filter(site=site, under_allowance=True)
    return by_forecast and kinds.exists()


def renew(site: Site, now: datetime) -> int:
    """Reckon all days to come anew, as far as people ask ahead; returns how many. Safe to do
    twice."""
    if not is_needed(site):
        return 0
    today = day_of(now, site.calendar)
    return _keep(site, today, today + AHEAD_DAYS * DAY, now)


def ensure(site: Site, first: date, last: date, now: datetime) -> None:
    """Have days reckoned that nobody has reckoned yet."""
    if not is_needed(site):
        return
    today = day_of(now, site.calendar)
    first = max(first, today)
    last = min(last, today + AHEAD_DAYS * DAY)
    there = StaffedDay.objects.filter(site=site, day__gte=first, day__lte=last).count()
    if first <= last and there < (last - first).days + 1:
        _keep(site, first, last, now)


@transaction.atomic
def _keep(site: Site, first: date, last: date, now: datetime) -> int:
    rows = reckoned(site, first, last, now)
    StaffedDay.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["site", "day"],
        update_fields=["contracted_minutes", "required_minutes", "reckoned_at"],
    )
    StaffedDay.objects.filter(site=site, day__lt=day_of(now, site.calendar) - 31 * DAY).delete()
    return len(rows)


def reckoned(site: Site, first: date, last: date, now: datetime) -> list[StaffedDay]:
    """Days from `first` to `last` as they are now, not kept."""
    has = contracted(site, first, last)
    needs = required(site, first, last, now)
    return [
        StaffedDay(
            site=site,
            day=day,
            contracted_minutes=has[day],
            required_minutes=needs.get(day),
            reckoned_at=now,
        )
        for day in _days(first, last)
    ]


def contracted(site: Site, first: date, last: date) -> dict[date, int]:
    """What a site's people would work on each day if nobody took leave, in minutes. Names that an
    import met and nobody has confirmed are nobody yet, unless they have a contract."""
    there = Q(left_on=None) | Q(left_on__gt=first)
    hired = Q(hired_on=None) | Q(hired_on__lte=last)
    agents = Agent.objects.filter(there, hired, site=site)
    works = work.of_people(agents, site, rules_of(site))
    people = {pk: one for pk, one in works.items() if one.contracts or not one.agent.is_new}
    given = work.rostered(people, first, last)
    # A roster that was made around somebody's leave gives them the day off: they would work it.
    away: dict[tuple[int, date], int] = {}
    approved = LeaveRequest.objects.approved().within(first, last)
    for row in approved.filter(agent__in=people):
        for off in kept.days_of(row):
            away[row.agent_id, off.day] = off.of_minutes
    found = dict.fromkeys(_days(first, last), 0)
    for pk, one in people.items():
        of_person = given.get(pk, {})
        for day in found:
            found[day] += max(one.would_work(day, of_person), away.get((pk, day), 0))
    return found


def required(site: Site, first: date, last: date, now: datetime) -> Mapping[date, int]:
    """What calls ask for on each day that is forecast, in minutes; a day that is not forecast of
    every queue that has a forecast is not in it."""
    known = _forecast(site, first, last)
    if not known:
        return {}
    begin, count = known[0], (known[-1] - known[0]).days + 1
    asked = demand.of_days(site, begin, count, _SLOT_MINUTES, now).demand
    zone = ZoneInfo(site.zone)
    found = dict.fromkeys(known, 0.0)
    # By the clock's days: one on which clocks are put has 92 or 100 of these slots.
    moment = datetime.combine(begin, time(), zone).astimezone(UTC)
    for needed in asked.required.sum(axis=0):
        day = moment.astimezone(zone).date()
        if day in found:
            found[day] += float(needed) * _SLOT_MINUTES
        moment += timedelta(minutes=_SLOT_MINUTES)
    return {day: round(minutes) for day, minutes in found.items()}


def _forecast(site: Site, first: date, last: date) -> list[date]:
    """The days that are forecast of every queue that has a forecast of any."""
    queues = Queue.objects.filter(site=site).values_list("pk", flat=True)
    standing = [one.pk for one in Forecast.objects.standing(queues)]
    rows = ForecastDay.objects.filter(forecast__in=standing, day__gte=first, day__lte=last)
    of_day: dict[date, int] = defaultdict(int)
    for day in rows.values_list("day", flat=True):
        of_day[day] += 1
    return sorted(day for day, many in of_day.items() if many == len(standing))


def _days(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]
