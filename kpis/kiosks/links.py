"""Kiosk links: a wall for whoever holds the link, from where it may be held, until it ends."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ccm.live import bus, tokens
from ccm.models import User, token_hash
from kpis.kiosks import networks
from kpis.models import Board, KioskLink

LIFE = timedelta(days=90)
# Nobody remembers a screen for longer; a link can be prolonged.
LONGEST = timedelta(days=365)
# A wall asks for a token every ten minutes; "last seen" need not be finer.
SEEN_EVERY = timedelta(minutes=1)


def new_words() -> str:
    """Words of a link that nobody guesses."""
    return secrets.token_urlsafe(24)


def make_link(
    board: Board,
    name: str,
    user: User,
    *,
    until: datetime | None = None,
    allowed: Sequence[str] = (),
    words: str = "",
) -> tuple[KioskLink, str]:
    """A new link and its words, which are shown once and kept nowhere; `words` of a screen that has
    some already. Without `until` it is good for `LIFE`."""
    words = words or new_words()
    link = KioskLink.objects.create(
        board=board,
        name=name,
        hash=token_hash(words),
        created_by=user,
        expires_at=until or timezone.now() + LIFE,
        networks=list(allowed),
    )
    return link, words


def link_of(words: str, now: datetime, address: str) -> KioskLink | None:
    """The link these words open at an address, if it is still good; notes that its wall was seen
    there."""
    link = (
        KioskLink.objects.select_related("board__site")
        .filter(hash=token_hash(words), revoked_at=None, expires_at__gt=now)
        .first()
    )
    if link is None or not networks.allow(link.networks, address):
        return None
    seen_at = networks.masked(address)
    is_news = link.last_seen_at is None or now - link.last_seen_at > SEEN_EVERY
    if is_news or link.last_seen_address != seen_at:
        KioskLink.objects.filter(pk=link.pk).update(last_seen_at=now, last_seen_address=seen_at)
    return link


def is_known(words: str) -> bool:
    """Whether there is a link of these words, good or not."""
    return KioskLink.objects.filter(hash=token_hash(words)).exists()


def change(link: KioskLink, name: str, until: datetime, allowed: Sequence[str]) -> None:
    """Give a link other terms. Open screens ask anew under these at once, and go dark where they
    are no longer meant.

    Raises RedisError when Redis is away: open screens then ask within ten minutes.
    """
    with transaction.atomic():
        now_there = KioskLink.objects.select_for_update().get(pk=link.pk)
        before = holder(now_there)
        now_there.name, now_there.expires_at, now_there.networks = name, until, list(allowed)
        now_there.terms += 1
        now_there.save(update_fields=["name", "expires_at", "networks", "terms"])
    bus.revoke(before)


def revoke(link: KioskLink) -> None:
    """End a link: no token is given to it again, and its open streams are shut.

    Raises RedisError when Redis is away: the link has ended, its streams have not.
    """
    KioskLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())
    link.refresh_from_db(fields=["terms"])
    bus.revoke(holder(link))


def holder(link: KioskLink) -> str:
    """Whoever looks by the link, under its terms of now."""
    return tokens.kiosk(link.pk, link.terms)
