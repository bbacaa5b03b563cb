"""A site's own calendar, as planners keep it: what is said of a day, and what it comes to."""

from datetime import date, datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit, special_days
from ccm.intervals import days
from ccm.models import Site, User
from ccm.special_days import SpecialDay
from kpis import usual
from scheduling.known import runs


class Coming(NamedTuple):
    """A special day ahead."""

    day: date
    name: str
    own: SpecialDay | None
    """What the site says of it; None: it is its country's alone."""
    national: str
    """What its country calls it, where the site says otherwise."""


def coming(site: Site, first: date, last: date) -> list[Coming]:
    """The special days of a stretch, those among them that the site takes for ordinary ones."""
    found = []
    for day in days(first, last):
        own, national = special_days.on(site.special_days, day), usual.national(site, day)
        if own is not None or national:
            name = national if own is None else own.name
            found.append(Coming(day, name, own, national if own is not None else ""))
    return found


def said(site: Site) -> list[SpecialDay]:
    """All that the site says, the newest first."""
    return special_days.read(site.special_days)[::-1]


@transaction.atomic
def say(site: Site, special: SpecialDay, who: User, now: datetime) -> None:
    """Say what a day is; what was said of it before goes. Raises ValidationError where the calendar
    is full."""
    kept = {one.day: one for one in _locked(site)}
    if special.day not in kept and len(kept) >= special_days.MOST:
        words = _("A calendar holds %(most)s days: remove some that are long over.")
        raise ValidationError(words % {"most": special_days.MOST})
    _write(site, kept.get(special.day), special, who, now)


@transaction.atomic
def forget(site: Site, day: date, who: User, now: datetime) -> bool:
    """Say nothing of a day any more; False where nothing was said of it."""
    before = next((one for one in _locked(site) if one.day == day), None)
    if before is not None:
        _write(site, before, None, who, now)
    return before is not None


def _locked(site: Site) -> list[SpecialDay]:
    """What is said by now; whoever else says something waits."""
    there = Site.objects.select_for_update().get(pk=site.pk)
    site.special_days = there.special_days
    return special_days.read(there.special_days)


def _write(
    site: Site, before: SpecialDay | None, after: SpecialDay | None, who: User, now: datetime
) -> None:
    if before == after:
        return
    kept = [one for one in special_days.read(site.special_days) if one != before]
    site.special_days = [one.row for one in sorted([*kept, *([after] if after else [])])]
    site.save(update_fields=["special_days"])
    told = ({"special day": None if one is None else _told(one)} for one in (before, after))
    audit.record(who, site, before=next(told), after=next(told), now=now)
    runs.anew(site.pk, now)


def _told(one: SpecialDay) -> str:
    yearly = _("each year from %(day)s") % {"day": one.day} if one.yearly else str(one.day)
    return f"{yearly} {one.name}: {one.words}"
