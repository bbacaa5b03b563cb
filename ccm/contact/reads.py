"""What holds of contacting a caller: at a site, of a number, in a region."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.contact.hours import Calling
from ccm.models import Call, ContactHours, DoNotCall, RecordingRegion, Site


def calling(site: Site) -> Calling | None:
    """The hours in which a site may call; None: at any time. One query, unless the site was read
    with its `contact_hours`."""
    kept: ContactHours | None = getattr(site, "contact_hours", None)
    if kept is None:
        return None
    return Calling(
        site.tz, kept.hours, kept.on_holidays, site.country, site.region, site.special_days
    )


def holds(today: date) -> Q:
    """The entries of the list that hold on a day."""
    return Q(last_on=None) | Q(last_on__gte=today)


def is_listed(today: date, caller: str = "caller_hash") -> Exists:
    """Whether the caller of a row, by that field of it, is not to be called; no query of its
    own."""
    return Exists(
        DoNotCall.objects.filter(holds(today), caller_hash=OuterRef(caller)).exclude(caller_hash="")
    )


def listed(hashes: Collection[str], today: date) -> QuerySet[Any, tuple[str]]:
    """The hashes of those callers among some who are not to be called."""
    found = DoNotCall.objects.filter(holds(today), caller_hash__in=[one for one in hashes if one])
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
    if listed([call.caller_hash], now.date()).exists():
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
