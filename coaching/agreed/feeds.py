"""The secret address of a coach's calendar: made, shown once, revoked. As that of somebody's shifts
(`scheduling.mine.feeds`), of which an agent's own sessions are a part."""

from datetime import datetime
from typing import Any

from django.db import transaction

from ccm import audit
from ccm.models import User, token_hash
from coaching.models import SessionFeed
from scheduling.mine.feeds import FETCHED_EVERY, LONGEST, new_key


@transaction.atomic
def make(who: User, now: datetime) -> str:
    """A new address in place of the one there was; its key, which is kept nowhere."""
    _end(who, now)
    key = new_key()
    feed = SessionFeed.objects.create(user=who, hash=token_hash(key), made_at=now)
    audit.record(who, feed, before=None, after=_values(feed), now=now)
    return key


@transaction.atomic
def revoke(who: User, now: datetime) -> bool:
    """End somebody's address; False where there is none."""
    return _end(who, now)


def standing(who: User) -> SessionFeed | None:
    found: SessionFeed | None = SessionFeed.objects.filter(user=who, revoked_at=None).first()
    return found


def fetched(key: str, now: datetime) -> User | None:
    """Whose calendar a key opens; None: nobody's, or of somebody who may sign in no more. Notes
    that it was fetched."""
    if not key or len(key) > LONGEST:
        return None
    feeds = SessionFeed.objects.select_related("user")
    feed = feeds.filter(hash=token_hash(key), revoked_at=None, user__is_active=True).first()
    if feed is None:
        return None
    if feed.fetched_at is None or now - feed.fetched_at > FETCHED_EVERY:
        SessionFeed.objects.filter(pk=feed.pk).update(fetched_at=now)
    user: User = feed.user
    return user


def _end(who: User, now: datetime) -> bool:
    # Two that are made at a time take turns.
    User.objects.select_for_update(no_key=True).get(pk=who.pk)
    feed = standing(who)
    if feed is None:
        return False
    before = _values(feed)
    feed.revoked_at = now
    feed.save(update_fields=["revoked_at"])
    audit.record(who, feed, before=before, after=None, now=now)
    return True


def _values(feed: SessionFeed) -> dict[str, Any]:
    return audit.values_of(feed, ("id", "hash", "fetched_at"))
