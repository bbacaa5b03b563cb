"""What changes with somebody's rights: streams that are open end with their sessions.

That pages open nothing any more needs nobody to be told: a session is bound to the password, roles
and sites that it was opened with (`User.get_session_auth_hash`). A stream asks no database, and so
is told by Redis.
"""

import hashlib
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models.signals import m2m_changed, post_save, pre_save
from django.utils import timezone
from redis.exceptions import RedisError

from ccm.live import bus, tokens
from ccm.models import BrowserSession, User

_FIELDS = ("password", "is_active", "is_superuser")


def mark(session_key: str | None) -> str:
    """What a session is called by; it tells nobody the key."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()[:24]


def holder(user_id: int, session_key: str | None) -> str:
    """Whoever looks at walls by a session."""
    return f"{tokens.person(user_id)}.{mark(session_key)}"


def end_streams(users: Collection[int]) -> None:
    """End the open streams of these people, once what was changed is so: those of sessions that are
    there now. A session that goes on under a new key, as after a new password of one's own, has
    none open yet. While Redis is away streams show nothing; afterwards they live for ten minutes at
    most."""
    if users:
        found = _holders(users)
        transaction.on_commit(lambda: _revoke(found))


def _holders(users: Collection[int]) -> list[str]:
    there = BrowserSession.objects.filter(user__in=users, expire_date__gt=timezone.now())
    return [holder(user, key) for user, key in there.values_list("user", "session_key")]


def _revoke(holders: Iterable[str]) -> None:
    with suppress(RedisError, OSError):
        for one in holders:
            bus.revoke(one)


def session_gone(instance: BrowserSession, **_: Any) -> None:
    """A session was ended: by whose it is, or from another browser of theirs."""
    if instance.user_id is not None:
        gone = holder(instance.user_id, instance.session_key)
        transaction.on_commit(lambda: _revoke([gone]))


def _related(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **_: Any
) -> None:
    """Roles or sites were given or taken."""
    if action not in ("post_add", "post_remove", "pre_clear"):
        return
    if not reverse:
        end_streams([instance.pk])
    elif pk_set is not None:
        end_streams(pk_set)
    else:
        people = instance.user_set if isinstance(instance, Group) else instance.users
        end_streams(list(people.values_list("pk", flat=True)))


def _before(instance: User, update_fields: Collection[str] | None = None, **_: Any) -> None:
    instance._rights_changed = instance._was_shut = False  # type: ignore[attr-defined]
    named = _FIELDS if update_fields is None else set(update_fields) & set(_FIELDS)
    if instance.pk is None or instance._state.adding or not named:
        return
    was = User.objects.filter(pk=instance.pk).values_list(*_FIELDS).first()
    now = tuple(getattr(instance, name) for name in _FIELDS)
    instance._rights_changed = was is not None and was != now  # type: ignore[attr-defined]
    had_been_active = was is not None and was[_FIELDS.index("is_active")]
    instance._was_shut = had_been_active and not instance.is_active  # type: ignore[attr-defined]


def _after(instance: User, **_: Any) -> None:
    if getattr(instance, "_rights_changed", False):
        end_streams([instance.pk])
    if getattr(instance, "_was_shut", False):
        # Else they would open again with the account.
        BrowserSession.objects.filter(user=instance).delete()


def connect() -> None:
    """Hear of changes of people's rights."""
    for related in (User.groups.through, User.sites.through):
        uid = f"ccm.entry.rights.{related.__name__}"
        m2m_changed.connect(_related, sender=related, dispatch_uid=uid)
    pre_save.connect(_before, sender=User, dispatch_uid="ccm.entry.rights.before")
    post_save.connect(_after, sender=User, dispatch_uid="ccm.entry.rights.after")
