"""Which site days are to be counted again: whoever changes what they are made of marks them."""

from collections.abc import Iterable
from datetime import date, timedelta

from ccm.intervals import DAY, day_of, days
from ccm.models import Agent, Leave, Site
from scheduling.models import (
    AdherenceDay,
    AdherenceException,
    AdherenceFill,
    AdherenceMark,
    KeptShift,
)

# So far back days are counted again once a day, for what nobody marked: absences that a list
# brought, and agents who became somebody else.
AFRESH = timedelta(days=35)


def mark(site: int, wanted: Iterable[date], *, is_routine: bool = False) -> None:
    AdherenceMark.objects.bulk_create(
        AdherenceMark(site_id=site, day=day, is_routine=is_routine) for day in sorted(set(wanted))
    )


def counted(site: Site, first: date, last: date) -> None:
    """Agents' time was counted on these days. Only days with shifts are marked."""
    mark(site.pk, _with_shifts(site.pk, first - DAY, last), is_routine=True)


def shifts_changed(site: int, wanted: Iterable[date], **_more: object) -> None:
    """Published shifts of these days changed: each may reach over the site day before and after.
    Receiver of `shifts_changed`."""
    mark(site, {day + n * DAY for day in wanted for n in (-1, 0, 1)})


def exception_changed(row: AdherenceException) -> None:
    calendar = row.agent.site.calendar
    first, last = day_of(row.starts_at, calendar), day_of(row.ends_at, calendar)
    mark(row.agent.site_id, days(first - DAY, last))


def all_of(site: int) -> None:
    """Every day that was counted, as another reading of them takes."""
    mark(site, AdherenceFill.objects.filter(site=site).values_list("day", flat=True))


def leave_changed(instance: Leave, **_more: object) -> None:
    """Receiver of what is saved and deleted."""
    there = AdherenceFill.objects.filter(
        site=instance.agent.site_id, day__gte=instance.first_on - DAY
    )
    if instance.last_on is not None:
        there = there.filter(day__lte=instance.last_on + DAY)
    mark(instance.agent.site_id, there.values_list("day", flat=True))


def follow_merged(sender: type, loser: int, keeper: int, **_more: object) -> None:
    """What somebody asked for is the one's whom they become, and their days are counted again.
    Receiver of `names_merged`."""
    if sender is not Agent:
        return
    both = (loser, keeper)
    touched = AdherenceDay.objects.filter(agent__in=both).values_list("site_id", "day")
    wanted: dict[int, set[date]] = {}
    for site, day in touched:
        wanted.setdefault(site, set()).add(day)
    for site, its in wanted.items():
        mark(site, its)
    AdherenceDay.objects.filter(agent=loser).delete()
    kept = list(
        AdherenceException.objects.filter(
            agent=keeper, state__in=("asked", "approved")
        ).values_list("starts_at", "ends_at")
    )
    for row in AdherenceException.objects.filter(agent=loser):
        # Of two at one time the keeper's stands.
        if row.state in ("asked", "approved") and any(
            start < row.ends_at and end > row.starts_at for start, end in kept
        ):
            row.delete()
        else:
            row.agent_id = keeper
            row.save(update_fields=["agent"])


def afresh(today: date, site: int) -> None:
    """Have what was counted of the last weeks counted again."""
    there = AdherenceFill.objects.filter(site=site, day__gte=today - AFRESH)
    mark(site, there.values_list("day", flat=True), is_routine=True)


def _with_shifts(site: int, first: date, last: date) -> set[date]:
    """Site days from `first` to `last` that published shifts may lie on."""
    begun = KeptShift.objects.published().filter(
        roster__site=site, day__gte=first - DAY, day__lte=last + DAY
    )
    found = {*begun.order_by().values_list("day", flat=True).distinct()}
    near = {day + n * DAY for day in found for n in (-1, 0, 1)}
    return {day for day in near if first <= day <= last}
