"""How many sessions of a coach are late, found with the reader."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateTimeField, OuterRef, QuerySet
from django.utils import timezone

from ccm.kept import Late
from ccm.models import User
from coaching.models import Session


def facts() -> dict[str, Any]:
    """Sessions that the user leads, whose time is over and of which nobody says that they were
    held, to find with them."""
    now = Late(timezone.now, DateTimeField())
    return {"sessions_late": ArraySubquery(_late(OuterRef("pk"), now).values("pk"))}


def count(user: User) -> int:
    """How many those are; no query where `facts` came with the user."""
    known: list[int] | None = getattr(user, "sessions_late", None)
    return _late(user.pk, timezone.now()).count() if known is None else len(known)


def _late(user: Any, now: datetime | Late) -> QuerySet[Session]:
    rows: QuerySet[Session] = Session.objects.overdue(now).filter(coach=user)
    return rows.order_by("pk")
