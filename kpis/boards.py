"""Kiosk links: a wall for whoever holds the link, until it ends."""

import secrets
from datetime import datetime, timedelta

from django.utils import timezone

from ccm.live import bus, tokens
from ccm.models import User, token_hash
from kpis.models import Board, KioskLink

LIFE = timedelta(days=90)
# A wall asks for a token every ten minutes; "last seen" need not be finer.
SEEN_EVERY = timedelta(minutes=1)


def make_link(board: Board, name: str, user: User) -> tuple[KioskLink, str]:
    """A new link and its words, which are shown once and kept nowhere."""
    words = secrets.token_urlsafe(24)
    link = KioskLink.objects.create(
        board=board,
        name=name,
        hash=token_hash(words),
        created_by=user,
        expires_at=timezone.now() + LIFE,
    )
    return link, words


def link_of(words: str, now: datetime) -> KioskLink | None:
    """The link these words open, if it is still good; notes that its wall was seen."""
    link = (
        KioskLink.objects.select_related("board__site")
        .filter(hash=token_hash(words), revoked_at=None, expires_at__gt=now)
        .first()
    )
    if link is not None and (link.last_seen_at is None or now - link.last_seen_at > SEEN_EVERY):
        KioskLink.objects.filter(pk=link.pk).update(last_seen_at=now)
    return link


def revoke(link: KioskLink) -> None:
    """End a link: no token is given to it again, and its open streams are shut."""
    KioskLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())
    bus.revoke(tokens.kiosk(link.pk))
