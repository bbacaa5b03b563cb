"""Who was asked lately: callers rest, whoever asked them, and however.

By a rule's draw the rule's own days of rest hold. Of a link by hand nobody says how long: there it
is the longest rest of the rules that are switched on at the call's site, and where there are none
nobody rests.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest

from ccm import database
from ccm.models import CallAddress, SurveyInvitation, SurveyResponse
from ccm.surveys import Rest
from coaching.models import AskedCall, AskingRule

LONGEST = timedelta(days=365)
State = AskedCall.State


def hold() -> None:
    """Have one ask callers at a time, until the transaction ends."""
    database.hold("coaching.asking")


def _told(since: datetime, site: Any) -> Iterator[tuple[QuerySet[Any], str, str]]:
    """All that tells that a caller was asked after a moment, with where it tells who, by the hash
    of their number or their mail address, and when: drawn by any rule, sent a link by hand, or told
    by a source of the site to have answered."""
    lately = AskedCall.objects.filter(drawn_at__gt=since).exclude(state=State.LEFT)
    yield lately, "caller_hash", "drawn_at"
    yield lately, "invitation__address_hash", "drawn_at"
    links = SurveyInvitation.objects.filter(created_at__gt=since)
    yield links, "call__caller_hash", "created_at"
    answers = SurveyResponse.objects.filter(site=site, answered_at__gt=since)
    yield answers, "call__caller_hash", "answered_at"


def asked(site: int, hashes: Collection[str], since: datetime) -> set[str]:
    """Those of some callers, by the hashes of their numbers and mail addresses, who were asked
    after a moment."""
    found: set[str] = set()
    for rows, who, _at in _told(since, site):
        found |= set(rows.filter(**{f"{who}__in": hashes}).values_list(who, flat=True))
    return found


def _asked_at(now: datetime) -> Combinable:
    """When the caller of a call was asked last. Its own links by hand that nobody answered do not
    tell: the next one takes their place."""
    address = CallAddress.objects.filter(call=OuterRef(OuterRef("pk"))).values("hash")
    drawn = AskedCall.objects.filter(invitation=OuterRef("pk"))
    last = []
    for rows, who, at in _told(now - LONGEST, OuterRef("site")):
        if rows.model is SurveyInvitation:
            own = Q(call=OuterRef("pk"), used_at=None)
            rows = rows.exclude(own & ~Exists(drawn))
        # No number's hash is that of an address.
        is_number = who.endswith("caller_hash")
        mine = {who: OuterRef("caller_hash")} if is_number else {f"{who}__in": address}
        rows = rows.filter(**mine).exclude(**{who: ""}).order_by(f"-{at}")
        last.append(Subquery(rows.values(at)[:1]))
    # The latest of those that are known.
    return Greatest(*last)


def _days() -> Combinable:
    rules = AskingRule.objects.filter(site=OuterRef("site"), is_on=True).order_by()
    return Subquery(rules.values("site").annotate(longest=Max("rest_days")).values("longest"))


BY_HAND = Rest(_asked_at, _days, hold)
