"""How many sessions wait for an agent's signature, found with the reader."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet

from ccm.models import User
from coaching.models import Participant, Session


def facts() -> dict[str, Any]:
    """The own parts in sessions that were held and that the user has not signed, to find with
    them."""
    return {"sessions_to_sign": ArraySubquery(_unsigned(OuterRef("pk")).values("pk"))}


def count(user: User) -> int:
    """How many those are; no query where `facts` came with the user."""
    known: list[int] | None = getattr(user, "sessions_to_sign", None)
    return _unsigned(user.pk).count() if known is None else len(known)


def _unsigned(user: Any) -> QuerySet[Participant]:
    rows: QuerySet[Participant] = Participant.objects.filter(
        Exists(Session.objects.to_sign().filter(pk=OuterRef("session"))),
        agent__user=user,
        signed_at=None,
    )
    return rows.order_by("pk")
