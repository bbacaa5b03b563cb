"""Lets go of whom to ask about calls that are taken back with their import."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from ccm.models import CallAddress, SurveyInvitation
from coaching.models import AskedCall

State, Why = AskedCall.State, AskedCall.Why
_HELD = "SELECT id FROM ccm_call WHERE id = ANY(%s) FOR KEY SHARE"


def held(calls: Collection[UUID], *, waits: bool) -> set[UUID]:
    """Those of some calls that are there, and that none takes back until the transaction ends;
    whoever changes one is not kept from it. `waits`: for one that is just taken back, else it is
    none."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD if waits else f"{_HELD} SKIP LOCKED", [[*calls]])
        return {row[0] for row in cursor.fetchall()}


def follow(*, calls: Collection[UUID], **_told: Any) -> None:
    taken_back(calls, timezone.now())


def taken_back(calls: Collection[UUID], now: datetime) -> None:
    """Leave the callers of some calls, which the transaction holds and removes: who was drawn or
    left out was not, so that the same calls imported anew are drawn anew, and who rested for them
    did not. Of a link that somebody may have by now it is told that it is over; those that were
    handed on stay, for the rest."""
    rows = AskedCall.objects.filter(call__in=calls, state__in=(State.DRAWN, State.LEFT))
    never, maybe = list[AskedCall](), list[AskedCall]()
    for one in (
        rows.select_related("rule", "invitation").select_for_update(of=("self",)).order_by("pk")
    ):
        # A post whose answer was lost may have arrived; a mail that waits surely did not.
        (maybe if one.tries and not one.rule.by_mail else never).append(one)
    waiting = [one for one in maybe if one.state == State.DRAWN]
    AskedCall.objects.filter(pk__in=[one.pk for one in waiting]).update(
        state=State.LEFT, why=Why.GONE
    )
    links = SurveyInvitation.objects.filter(pk__in=[one.invitation_id for one in waiting])
    links.filter(used_at=None, withdrawn_at=None).update(withdrawn_at=now)
    AskedCall.objects.filter(pk__in=[one.pk for one in never]).delete()
    unused = [one.invitation_id for one in never if one.invitation_id is not None]
    SurveyInvitation.objects.filter(pk__in=unused, used_at=None).delete()
    _rest_no_more([one for one in never if one.state == State.DRAWN])


def _rest_no_more(went: Sequence[AskedCall]) -> None:
    """Let callers be drawn who rested for what went, and for nothing else that they were drawn for;
    of whom a rule of mails has let the address go it says so."""
    hashes = {one.caller_hash for one in went}
    hashes |= {one.invitation.address_hash for one in went if one.invitation is not None}
    hashes.discard("")
    if not hashes:
        return
    kept = CallAddress.objects.filter(hash__in=hashes)
    rows = AskedCall.objects.filter(
        Q(caller_hash__in=hashes) | Q(call__in=kept.values("call")),
        state=State.LEFT, why=Why.RESTING, drawn_at__gte=min(one.drawn_at for one in went),
    )  # fmt: skip
    # Who is just taken back by somebody else goes anyway.
    resting = list(
        rows.select_related("rule").select_for_update(of=("self",), skip_locked=True).order_by("pk")
    )
    if not resting:
        return
    asked = AskedCall.objects.exclude(state=State.LEFT)
    there = dict(kept.values_list("call", "hash"))
    freed, without = list[int](), list[int]()
    for one in resting:
        own = {one.caller_hash, there.get(one.call_id, "")} - {""}
        others = asked.filter(drawn_at__gt=one.drawn_at - timedelta(days=one.rule.rest_days))
        if others.filter(Q(caller_hash__in=own) | Q(invitation__address_hash__in=own)).exists():
            continue
        has_way = not one.rule.by_mail or one.call_id in there
        (freed if has_way else without).append(one.pk)
    AskedCall.objects.filter(pk__in=freed).delete()
    AskedCall.objects.filter(pk__in=without).update(why=Why.EXPIRED)
