"""Where somebody is signed in, and ending it there.

A session is there as long as its row is (`BrowserSession`), also one that opens walls alone. What
allauth keeps beside it, an address and the name of a browser, may be lost before.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery

from ccm import audit
from ccm.entry.rights import mark
from ccm.models import BrowserSession, Site, User

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A session as its owner sees it: `mark` is what its page calls it by, which opens nothing.
    `ip` and `user_agent` are "" where they are not known any more."""

    mark: str
    ip: str
    user_agent: str
    began_at: datetime
    seen_at: datetime


def of(user: User, now: datetime) -> list[Place]:
    """The sessions of a user that have not ended, the newest first. One query."""
    beside = UserSession.objects.filter(session_key=OuterRef("session_key"))
    found = BrowserSession.objects.filter(user=user, expire_date__gt=now).annotate(
        ip=Subquery(beside.values("ip")), user_agent=Subquery(beside.values("user_agent"))
    )
    values = found.order_by("-began_at", "pk").values_list(
        "pk", "ip", "user_agent", "began_at", "seen_at"
    )
    return [
        Place(mark(key), ip or "", agent or "", began, seen)
        for key, ip, agent, began, seen in values[:SHOWN]
    ]


def zone_of(user: User) -> str:
    """In which zone a user's own times are told: that of their sites, where they have one; else
    UTC. One query."""
    zones = Site.objects.visible_to(user).order_by("zone").values_list("zone", flat=True)
    found = list(zones.distinct()[:2])
    return found[0] if len(found) == 1 else "UTC"


def key_of(user: User, wanted: str) -> str | None:
    """The key of the session of a user that goes by this mark; None: there is none."""
    keys = BrowserSession.objects.filter(user=user).values_list("pk", flat=True)
    return next((key for key in keys if mark(key) == wanted), None)


@transaction.atomic
def end(user: User, keys: Collection[str], now: datetime, who: User | None) -> None:
    """End sessions of a user, at once; each is in the log, as the act of `who`. Safe to run
    twice."""
    found = BrowserSession.objects.select_for_update().filter(user=user, pk__in=keys)
    for one in found.order_by("pk"):
        before = {"user": user.pk, "began_at": one.began_at.isoformat()}
        # By its mark: whoever reads the log is not to have the key.
        audit.record(who, BrowserSession(pk=mark(one.pk)), before=before, after=None, now=now)
        UserSession.objects.filter(session_key=one.pk).delete()
        one.delete()


def end_all(user: User, now: datetime, who: User | None) -> int:
    """End all sessions of somebody, as another's act; how many there were."""
    keys = list(BrowserSession.objects.filter(user=user).values_list("pk", flat=True))
    end(user, keys, now, who)
    return len(keys)


def end_others(user: User, kept: str | None, now: datetime) -> None:
    """End all sessions of a user but the one of this key."""
    found = BrowserSession.objects.filter(user=user)
    end(user, list(found.exclude(pk=kept or "").values_list("pk", flat=True)), now, user)


def forget() -> int:
    """Drop what is kept beside sessions that are no more; how many. Safe to run twice."""
    there = BrowserSession.objects.filter(session_key=OuterRef("session_key"))
    gone = UserSession.objects.filter(~Exists(there))
    return gone._raw_delete(gone.db)
