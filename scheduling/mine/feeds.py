"""The secret address of somebody's calendar: made, shown once, revoked."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ccm import audit
from ccm.models import Agent, User, token_hash
from scheduling.mine.reads import today_of
from scheduling.models import CalendarFeed

# Of a key that was cut on its way there is no need to ask the database.
_BYTES, LONGEST = 32, 64
# "Last fetched" need not be finer.
FETCHED_EVERY = timedelta(minutes=1)


@transaction.atomic
def make(agent: Agent, who: User, now: datetime) -> str:
    """A new address in place of the one there was, which then is none any more; its key, which is
    kept nowhere. The audit log has it."""
    _end(agent, who, now)
    key = new_key()
    feed = CalendarFeed.objects.create(agent=agent, hash=token_hash(key), made_at=now)
    audit.record(who, feed, before=None, after=_values(feed), now=now)
    return key


def new_key() -> str:
    """What an address is known by: nobody guesses it."""
    return secrets.token_urlsafe(_BYTES)


@transaction.atomic
def revoke(agent: Agent, who: User, now: datetime) -> bool:
    """End somebody's address; False where there is none."""
    return _end(agent, who, now)


def standing(agent: Agent) -> CalendarFeed | None:
    found: CalendarFeed | None = CalendarFeed.objects.filter(agent=agent, revoked_at=None).first()
    return found


def fetched(key: str, now: datetime) -> Agent | None:
    """Whose calendar a key opens; None: nobody's, or of somebody who is not there any more. Notes
    that it was fetched."""
    if not key or len(key) > LONGEST:
        return None
    feeds = CalendarFeed.objects.select_related("agent__site", "agent__user")
    feed = feeds.filter(hash=token_hash(key), revoked_at=None).first()
    if feed is None or not _is_there(feed.agent, now):
        return None
    if feed.fetched_at is None or now - feed.fetched_at > FETCHED_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(fetched_at=now)
    agent: Agent = feed.agent
    return agent


def _is_there(agent: Agent, now: datetime) -> bool:
    """Whether they may sign in, and have not left."""
    if agent.user is None or not agent.user.is_active:
        return False
    return agent.left_on is None or today_of(agent, now) < agent.left_on


def _end(agent: Agent, who: User, now: datetime) -> bool:
    # Two who make one at a time take turns.
    Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
    feed = standing(agent)
    if feed is None:
        return False
    before = _values(feed)
    feed.revoked_at = now
    feed.save(update_fields=["revoked_at"])
    audit.record(who, feed, before=before, after=None, now=now)
    return True


def _values(feed: CalendarFeed) -> dict[str, Any]:
    return audit.values_of(feed, ("id", "hash", "fetched_at"))
