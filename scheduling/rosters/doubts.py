"""What who begins a roster should know before it is made: that its days are past, that nothing is
forecast of them, or that they have a roster already."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.intervals import day_of
from scheduling.models import KeptRoster
from scheduling.rosters import words
from scheduling.rosters.demand import SOME_DAYS, Asked

_MOST_NAMED = 3


def of_new(roster: KeptRoster, said: Asked, now: datetime) -> list[str]:
    """What is odd of a roster that is not kept yet, of which this is asked."""
    return [*_past(roster, now), *_forecast(said), *_twice(roster)]


def _past(roster: KeptRoster, now: datetime) -> Iterator[str]:
    over = (day_of(now, roster.site.calendar) - roster.first_day).days
    if over >= roster.days:
        yield _("All of its days are past.")
    elif over > 0:
        told = ngettext("%(n)s of its days is past.", "%(n)s of its days are past.", over)
        yield told % {"n": over}


def _forecast(said: Asked) -> Iterator[str]:
    if not said.demand.required.any():
        yield _("Nothing is forecast on these days: nobody would be asked for.")
        return
    for one in said.left_out:
        if one.why == SOME_DAYS:
            yield words.left_out(one)


def _twice(roster: KeptRoster) -> Iterator[str]:
    """Other rosters of some of its days and of the same people: of a group only who serves it is of
    its rosters."""
    rows = KeptRoster.objects.within(roster.first_day, roster.last_day).filter(site=roster.site_id)
    if roster.group_id is not None:
        rows = rows.filter(Q(group=None) | Q(group=roster.group_id))
    for one in rows.select_related("group").order_by("first_day", "pk")[:_MOST_NAMED]:
        told = {
            "day": date_format(one.first_day, "D j M Y"),
            "length": words.weeks(one.days),
            "queues": one.group.name if one.group else _("all queues"),
        }
        if one.is_draft:
            yield _("There is a draft of these days: from %(day)s, %(length)s, %(queues)s.") % told
        else:
            told_so = _(
                "A roster of these days is published: from %(day)s, %(length)s, %(queues)s."
            )
            yield told_so % told
