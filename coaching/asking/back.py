"""Lets go of whom to ask about calls that are taken back with their import."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from ccm.models import SurveyInvitation
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
    left out was not, so that the same calls imported anew are drawn anew. Of a link that somebody
    may have by now it is told that it is over; those that were handed on stay, for the rest."""
    rows = AskedCall.objects.filter(call__in=calls, state__in=(State.DRAWN, State.LEFT))
    never, maybe = list[AskedCall](), list[AskedCall]()
    for one in rows.select_for_update(of=("self",)).order_by("pk"):
        (maybe if one.tries else never).append(one)
    waiting = [one for one in maybe if one.state == State.DRAWN]
    AskedCall.objects.filter(pk__in=[one.pk for one in waiting]).update(
        state=State.LEFT, why=Why.GONE
    )
    links = SurveyInvitation.objects.filter(pk__in=[one.invitation_id for one in waiting])
    links.filter(used_at=None, withdrawn_at=None).update(withdrawn_at=now)
    AskedCall.objects.filter(pk__in=[one.pk for one in never]).delete()
    unused = [one.invitation_id for one in never if one.invitation_id is not None]
    SurveyInvitation.objects.filter(pk__in=unused, used_at=None).delete()
