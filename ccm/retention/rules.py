"""Which rule of retention holds where and when; setting one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from ccm import audit
from ccm.audit import Names, Told
from ccm.intervals import day_of
from ccm.models import AuditEntry, RetentionKind, RetentionRule, Site, User
from ccm.retention.closed import MARGIN
from ccm.sealed import letting_go

# Counts of days are closed MARGIN after their calls go, and a month of them should be open.
FEWEST = {
    RetentionKind.CALLS: MARGIN.days + 30,
    RetentionKind.STATES: MARGIN.days + 30,
    RetentionKind.RECORDINGS: 1,
    RetentionKind.TRANSCRIPTS: 1,
    RetentionKind.COMMENTS: 1,
    RetentionKind.AUDIT: letting_go.LEAST_DAYS,
}
MOST = 36_525


ONE_LOG = _lazy("There is one audit log, of all sites.")


class RuleRefused(ValueError):
    """It cannot be so; the words say why."""


def in_force(
    rules: Iterable[RetentionRule], kind: str, site: int | None, day: date
) -> RetentionRule | None:
    """The rule that holds on a day; None: there is none, all is kept."""
    begun = [one for one in rules if one.kind == kind and one.starts_on <= day]
    own = [one for one in begun if one.site_id == site]
    found = own or [one for one in begun if one.site_id is None]
    return max(found, key=lambda one: one.starts_on, default=None)


def cut(days: int, site: Site, now: datetime) -> date:
    """The first day that is kept, where so many days are."""
    return day_of(now, site.calendar) - timedelta(days=days)


def fault(kind: str, days: int | None) -> str:
    """Why a class cannot be kept for so many days, in words; empty: it can."""
    fewest = FEWEST[RetentionKind(kind)]
    if days is not None and not fewest <= days <= MOST:
        return _("From %(fewest)d to %(most)d days.") % {"fewest": fewest, "most": MOST}
    return ""


@transaction.atomic
def keep(
    kind: str, site: Site | None, days: int | None, starts_on: date, user: User, now: datetime
) -> RetentionRule:
    """Have a class kept for so many days from a day on, in place of what was said of that day.

    Raises RuleRefused for days that cannot be, for a day that is over, and for a site's own audit
    log.
    """
    if kind == RetentionKind.AUDIT and site is not None:
        raise RuleRefused(str(ONE_LOG))
    if words := fault(kind, days):
        raise RuleRefused(words)
    if starts_on < now.date() - timedelta(days=1):
        raise RuleRefused(_("A rule begins today or later."))
    there = RetentionRule.objects.select_for_update(of=("self",)).filter(
        kind=kind, site=site, starts_on=starts_on
    )
    row = there.first()
    before = None if row is None else _told(row)
    row = row or RetentionRule(kind=kind, site=site, starts_on=starts_on)
    row.days, row.made_by, row.made_at = days, user, now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise RuleRefused(_("Somebody else has just said this: look again.")) from None
    audit.record(user, row, before=before, after=_told(row), now=now)
    return row


def tell_anchors(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """That entries of the audit log went, with the page of the rules. No query."""
    words, url = _("%(entries)s entries of this log, up to seal %(place)s"), reverse("retention")
    return {
        one.pk: Told(words % {name: one.after[name] for name in ("entries", "place")}, url)
        for one in entries
        if one.after and one.after.keys() >= {"entries", "place"}
    }


def _told(row: RetentionRule) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "site": row.site_id,
        "days": row.days,
        "starts_on": row.starts_on.isoformat(),
    }
