"""Who was asked lately: callers rest, whoever asked them, and however.

By a rule's draw the rule's own days of rest hold. Of a link by hand nobody says how long: there it
is the longest rest of the rules that are switched on at the call's site; where none is, of those
that are off, for who was asked rests though nobody is drawn any more. Without a rule nobody rests.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest

from ccm import database
from ccm.models import Call, CallAddress, SurveyInvitation, SurveyResponse
from ccm.surveys import Rest
from coaching.models import AskedCall, AskingRule

LONGEST = timedelta(days=365)
State = AskedCall.State
_DRAWN = Exists(AskedCall.objects.filter(invitation=OuterRef("pk")))


def hold() -> None:
    """Have one ask callers at a time, until the transaction ends."""
    database.hold("coaching.asking")


def asked(
    site: int, hashes: Collection[str], since: datetime, *, anew: Call | None = None
) -> dict[str, datetime]:
    """Those of some callers, by the hashes of their numbers and mail addresses, who were asked
    after a moment, and when last: drawn by any rule, sent a link by hand, or told by a source of
    the site to have answered.

    Links by hand of a call that is asked about `anew` and that nobody answered do not tell: the
    next one takes their place.
    """
    lately = AskedCall.objects.filter(drawn_at__gt=since).exclude(state=State.LEFT)
    links = SurveyInvitation.objects.filter(created_at__gt=since)
    if anew is not None:
        links = links.exclude(Q(call=anew, used_at=None) & ~_DRAWN)
    answers = SurveyResponse.objects.filter(site=site, answered_at__gt=since)
    told: tuple[tuple[QuerySet[Any], str, str], ...] = (
        (lately, "caller_hash", "drawn_at"),
        (lately, "invitation__address_hash", "drawn_at"),
        (links, "call__caller_hash", "created_at"),
        (answers, "call__caller_hash", "answered_at"),
    )
    found: dict[str, datetime] = {}
    for rows, who, at in told:
        counted = rows.filter(**{f"{who}__in": hashes}).order_by().values_list(who)
        for caller, last in counted.annotate(last=Max(at)):
            found[caller] = max(last, found.get(caller, last))
    return found


def _asked_at(call: Call, since: datetime) -> datetime | None:
    kept = CallAddress.objects.filter(call=call).values_list("hash", flat=True)
    who = {call.caller_hash, *kept} - {""}
    return max(asked(call.site_id, who, since, anew=call).values(), default=None) if who else None


def _seen_at(now: datetime) -> Combinable:
    """When the caller of a call was drawn last, by any call, or answered about this one: an index
    finds these. Links by hand of other calls, and answers about them, it does not."""
    address = CallAddress.objects.filter(call=OuterRef(OuterRef("pk"))).values("hash")
    lately = AskedCall.objects.filter(drawn_at__gt=now - LONGEST).exclude(state=State.LEFT)
    drawn = lately.exclude(caller_hash="").filter(caller_hash=OuterRef("caller_hash"))
    # Whose number is withheld was mailed to an address that is kept no more.
    own = lately.filter(call=OuterRef("pk"))
    mailed = lately.filter(invitation__address_hash__in=address)
    answers = SurveyResponse.objects.filter(call=OuterRef("pk"))
    # The latest of those that are known.
    return Greatest(
        Subquery(drawn.order_by("-drawn_at").values("drawn_at")[:1]),
        Subquery(own.values("drawn_at")[:1]),
        Subquery(mailed.order_by("-drawn_at").values("drawn_at")[:1]),
        Subquery(answers.order_by("-answered_at").values("answered_at")[:1]),
    )


def _days() -> Combinable:
    rules = AskingRule.objects.filter(site=OuterRef("site")).order_by()
    longest = Coalesce(Max("rest_days", filter=Q(is_on=True)), Max("rest_days"))
    return Subquery(rules.values("site").annotate(longest=longest).values("longest"))


BY_HAND = Rest(days=_days, seen_at=_seen_at, asked_at=_asked_at, hold=hold)
