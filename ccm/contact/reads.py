"""What holds of contacting a caller: at a site, of a number, in a region."""

from collections.abc import Collection
from datetime import date, datetime, timedelta, timezone
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now, TruncDate
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.contact.hours import Calling
from ccm.models import Call, ContactHours, DoNotCall, RecordingRegion, Site

# Where a day ends last (UTC-12).
_LAST = timezone(-timedelta(hours=12))


def calling(site: Site) -> Calling | None:
    """The hours in which a site may call; None: at any time. One query, unless the site was read
    with its `contact_hours`."""
    kept: ContactHours | None = getattr(site, "contact_hours", None)
    if kept is None:
        return None
    return Calling(
        site.tz, kept.hours, kept.on_holidays, site.country, site.region, site.special_days
    )


def is_over(last_on: date, now: datetime) -> bool:
    """Whether an entry's last day is over, wherever one is: an entry holds for sites of all zones,
    so it holds until the last of them is through with the day."""
    return last_on < now.astimezone(_LAST).date()


def holds(now: datetime) -> Q:
    """The entries of the list that hold at a moment (those that are not `is_over`)."""
    return Q(last_on=None) | Q(last_on__gte=now.astimezone(_LAST).date())


def is_listed(now: datetime, caller: str = "caller_hash") -> Exists:
    """Whether the caller of a row, by that field of it, is not to be called; no query of its
    own."""
    return Exists(
        DoNotCall.objects.filter(holds(now), caller_hash=OuterRef(caller)).exclude(caller_hash="")
    )


def is_listed_of(call: str) -> Exists:
    """The same of the call that a row names by that field, by the database's clock: said where a
    row is updated, which joins nothing."""
    today = TruncDate(Now(), tzinfo=_LAST)
    its = DoNotCall.objects.filter(
        Q(last_on=None) | Q(last_on__gte=today), caller_hash=OuterRef("caller_hash")
    ).exclude(caller_hash="")
    return Exists(Call.objects.filter(Exists(its), pk=OuterRef(call)))


def listed(hashes: Collection[str], now: datetime) -> QuerySet[Any, tuple[str]]:
    """The hashes of those callers among some who are not to be called."""
    found = DoNotCall.objects.filter(holds(now), caller_hash__in=[one for one in hashes if one])
    return found.values_list("caller_hash")


def is_shut(site: Site, moment: datetime) -> bool:
    """Whether a site may not call at a moment."""
    own = calling(site)
    return own is not None and not own.allows(moment)


def why_not_at(site: Site, moment: datetime) -> str:
    """Why a site may not call at a moment, in words, with when it may; empty: it may."""
    own = calling(site)
    if own is None or own.allows(moment):
        return ""
    later = own.next(moment)
    if later is None:
        return _("%(site)s calls at no time of the coming weeks.") % {"site": site}
    when = date_format(later.astimezone(site.tz), "j M H:i")
    return _("Outside of the hours in which %(site)s may call: the next begin %(when)s.") % {
        "site": site,
        "when": when,
    }


def why_not_promised(call: Call, moment: datetime, now: datetime) -> str:
    """Why a call's caller is not to be promised a call back at a moment, in words; empty: they may
    be. Two queries at most."""
    if listed([call.caller_hash], now).exists():
        return _("This caller stands on the do-not-call list.")
    return why_not_at(call.site, moment)


def must_agree(country: str = "country", region: str = "region") -> Coalesce:
    """Whether callers of a site, by those fields of it, must have agreed to be recorded; no query
    of its own. The rule of its part of the country stands before that of the whole."""
    rules = RecordingRegion.objects.filter(
        Q(region=OuterRef(region)) | Q(region=""), country=OuterRef(country)
    )
    nearest = rules.order_by("-region").values("must_agree")[:1]
    return Coalesce(Subquery(nearest), False)
