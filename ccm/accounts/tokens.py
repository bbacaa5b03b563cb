"""Keys for machines: made, revoked, and what each may."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import audit
from ccm.models import ApiToken, Site, User

LONGEST = timedelta(days=366)
"""After which a token that is made now ends at the latest."""
UTC = ZoneInfo("UTC")
Words = str | Promise
OF_A_SITE = frozenset({ApiToken.POST_EVENTS, ApiToken.WRITE_RECORD})
"""What is written for a site: the site of a token is looked at there, and nowhere else."""

_scopes: dict[str, Words] = {
    ApiToken.READ: gettext_lazy("read what its user sees"),
    ApiToken.POST_EVENTS: gettext_lazy("post live events"),
    ApiToken.IMPORT: gettext_lazy("send files to import"),
    ApiToken.WRITE_RECORD: gettext_lazy("write records: calls, surveys, states of agents"),
}


class Refused(ValueError):
    """No such token can be; the words say why."""


def register_scope(scope: str, words: Words) -> None:
    """Have tokens be given a scope that an app's doors ask for."""
    _scopes[scope] = words


def scopes() -> list[tuple[str, Words]]:
    """What a token may be given, in words."""
    return [*_scopes.items()]


@transaction.atomic
def make(
    *,
    name: str,
    user: User,
    scopes: Collection[str],
    last_on: date,
    now: datetime,
    site: Site | None = None,
    source: str = "",
    who: User | None = None,
) -> tuple[ApiToken, str]:
    """A token that is good to the end of a day (UTC), and its words, which are told now or never.

    Raises Refused where the day is past or more than `LONGEST` away, its user is inactive, a scope
    is unknown, events are to be posted for no site or no source, or a site is named that would not
    limit what it may.
    """
    ends = datetime.combine(last_on + timedelta(days=1), time(), UTC)
    if not now < ends <= now + LONGEST:
        words = _("It ends today at the earliest and after %(days)d days at the latest.")
        raise Refused(words % {"days": LONGEST.days - 1})
    if not user.is_active:
        raise Refused(_("Nobody acts with an inactive account."))
    if not scopes or not {*scopes} <= {*_scopes}:
        raise Refused(_("Say what it may: %(scopes)s.") % {"scopes": ", ".join(_scopes)})
    if ApiToken.POST_EVENTS in scopes and not (site and source):
        raise Refused(
            _("One that posts events belongs to a site and writes as a source: name both.")
        )
    if site and not {*scopes} <= OF_A_SITE:
        # Somebody would take it for a token that reads at that site alone.
        words = _(
            "A site limits what is written for it: %(scopes)s. For anything else leave it out, and"
            " make a token for an account that reaches that site alone."
        )
        raise Refused(words % {"scopes": ", ".join(sorted(OF_A_SITE))})
    token, words = ApiToken.issue(
        name=name, user=user, site=site, source=source, expires_at=ends,
        scopes=[one for one in _scopes if one in scopes],
    )  # fmt: skip
    audit.record(who, token, before=None, after=values_of(token), now=now)
    return token, words


@transaction.atomic
def revoke(number: int, who: User | None, now: datetime) -> None:
    """End a token with the next request; one that has ended already stays as it is."""
    token = ApiToken.objects.select_for_update().get(pk=number)
    if token.revoked_at is None:
        before = values_of(token)
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        audit.record(who, token, before=before, after=values_of(token), now=now)


def values_of(token: ApiToken) -> dict[str, Any]:
    """What the log keeps of a token; of its words nothing."""
    return audit.values_of(token, unsaid=("id", "hash", "last_used_at", "created_at"))
