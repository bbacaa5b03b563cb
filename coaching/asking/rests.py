"""Who was asked lately: callers rest, whoever asked them, and however.

By a rule's draw the rule's own days of rest hold. Of a link by hand nobody says how long: there it
is the longest rest of the rules that are switched on at the call's site, and where there are none
nobody rests.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery

from ccm import database
from ccm.models import Call, SurveyInvitation, SurveyResponse
from ccm.surveys import Rest
from coaching.models import AskedCall, AskingRule

State = AskedCall.State


def hold() -> None:
    """Have one ask callers at a time, until the transaction ends."""
    database.hold("coaching.asking")


def asked(
    site: int, hashes: Collection[str], since: datetime, *, besides: Call | None = None
) -> dict[str, datetime]:
    """Those of some callers, by the hashes of their numbers and mail addresses, who were asked
    after a moment, and when last: drawn by any rule, sent a link by hand, or told by a source of
    the site to have answered. One query.

    `besides` leaves out the links by hand of a call that nobody answered: the next one takes their
    place.
    """
    lately = AskedCall.objects.filter(drawn_at__gt=since).exclude(state=State.LEFT)
    links = SurveyInvitation.objects.filter(created_at__gt=since, call__caller_hash__in=hashes)
    if besides is not None:
        drawn = AskedCall.objects.filter(invitation=OuterRef("pk")).values("pk")
        links = links.annotate(drawn=Subquery(drawn)).exclude(
            Q(call=besides, used_at=None, drawn=None)
        )
    answers = SurveyResponse.objects.filter(
        site=site, answered_at__gt=since, call__caller_hash__in=hashes
    )
    told: list[tuple[QuerySet[Any], str, str]] = [
        (lately.filter(caller_hash__in=hashes), "caller_hash", "drawn_at"),
        (
            lately.filter(invitation__address_hash__in=hashes),
            "invitation__address_hash",
            "drawn_at",
        ),
        (links, "call__caller_hash", "created_at"),
        (answers, "call__caller_hash", "answered_at"),
    ]
    one, *others = (
        rows.order_by()
        .annotate(who=F(who))
        .values("who")
        .annotate(last=Max(at))
        .values_list("who", "last")
        for rows, who, at in told
    )
    found: dict[str, datetime] = {}
    for who, last in one.union(*others, all=True):
        found[who] = max(last, found.get(who, last))
    return found


def of_call(call: Call, who: Collection[str], now: datetime, asks: bool) -> Rest | None:
    """As `ccm.surveys.Resting`; two queries."""
    if asks:
        hold()
    days = AskingRule.objects.filter(site=call.site_id, is_on=True).aggregate(
        longest=Max("rest_days")
    )["longest"]
    if days is None:
        return None
    lately = asked(call.site_id, who, now - timedelta(days=days), besides=call)
    return Rest(max(lately.values()), days) if lately else None
