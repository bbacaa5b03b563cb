"""Where somebody is signed in, and ending it there."""

from collections.abc import Sequence
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Model, OuterRef
from django.utils.module_loading import import_string

from ccm import audit
from ccm.models import User

SHOWN = 50


def of(user: User, now: datetime) -> list[UserSession]:
    """The sessions of a user that have not ended, the newest first. One query."""
    kept: type[Model] = import_string(f"{settings.SESSION_ENGINE}.SessionStore").get_model_class()
    there = kept._default_manager.filter(session_key=OuterRef("session_key"), expire_date__gt=now)
    found = UserSession.objects.filter(Exists(there), user=user)
    return list(found.order_by("-created_at", "-pk")[:SHOWN])


@transaction.atomic
def end(user: User, sessions: Sequence[UserSession], now: datetime) -> None:
    """End sessions of a user, at once; each is in the log. Safe to run twice."""
    held = UserSession.objects.select_for_update().filter(
        user=user, pk__in=[one.pk for one in sessions]
    )
    for one in held:
        before = {"user": user.pk, "created_at": one.created_at.isoformat()}
        audit.record(user, one, before=before, after=None, now=now)
        one.end()
