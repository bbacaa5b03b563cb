"""Kiosk links: a wall for whoever holds the link, from where it may be held, until it ends."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ccm import audit
from ccm.live import bus, tokens
from ccm.models import User, token_hash
from kpis.kiosks import networks, refusals, told
from kpis.kiosks.refusals import Refusal
from kpis.models import Board, KioskLink

LIFE = timedelta(days=90)
# Nobody remembers a screen for longer; a link can be prolonged.
LONGEST = timedelta(days=365)
# A wall asks for a token every ten minutes; "last seen" need not be finer.
SEEN_EVERY = timedelta(minutes=1)


def new_words() -> str:
    """Words of a link that nobody guesses."""
    return secrets.token_urlsafe(24)


@transaction.atomic
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
    some already. Without `until` it is good for `LIFE`. The audit log has it."""
    words, now = words or new_words(), timezone.now()
    link = KioskLink.objects.create(
        board=board,
        name=name,
        hash=token_hash(words),
        created_by=user,
        expires_at=until or now + LIFE,
        networks=list(allowed),
    )
    audit.record(user, link, before=None, after=told.values(link), now=now)
    return link, words


def link_of(words: str, now: datetime, address: str) -> KioskLink | None:
    """The link these words open at an address, if it is still good; notes that its wall was seen
    there."""
    link = _by(words)
    if link is None or refusals.of(link, now, address):
        return None
    seen_at = networks.masked(address)
    is_news = link.last_seen_at is None or now - link.last_seen_at > SEEN_EVERY
    if is_news or link.last_seen_address != seen_at:
        KioskLink.objects.filter(pk=link.pk).update(last_seen_at=now, last_seen_address=seen_at)
    return link


def refusal(words: str, now: datetime, address: str) -> Refusal | None:
    """Why these words open nothing at an address; None: they do."""
    return refusals.of(_by(words), now, address)


def _by(words: str) -> KioskLink | None:
    known = KioskLink.objects.select_related("board__site")
    return known.filter(hash=token_hash(words)).first()


def change(
    link: KioskLink,
    name: str,
    until: datetime,
    allowed: Sequence[str],
    *,
    who: User,
    now: datetime,
) -> None:
    """Give a link other terms; the audit log has it. Open screens ask anew under these at once, and
    go dark where they are no longer meant.

    Raises RedisError when Redis is away: open screens then ask within ten minutes.
    """
    with transaction.atomic():
        there = _held(link)
        looked, before = holder(there), told.values(there)
        there.name, there.expires_at, there.networks = name, until, list(allowed)
        there.terms += 1
        there.save(update_fields=["name", "expires_at", "networks", "terms"])
        if before != (after := told.values(there)):
            audit.record(who, there, before=before, after=after, now=now)
    bus.revoke(looked)


def revoke(link: KioskLink, *, who: User, now: datetime) -> None:
    """End a link; the audit log has it. No token is given to it again, and its open streams are
    shut.

    Raises RedisError when Redis is away: the link has ended, its streams have not.
    """
    with transaction.atomic():
        there = _held(link)
        if there.revoked_at is None:
            there.revoked_at = now
            there.save(update_fields=["revoked_at"])
            audit.record(who, there, before=told.values(there), after=None, now=now)
    bus.revoke(holder(there))


def _held(link: KioskLink) -> KioskLink:
    """A link as it is now, which nobody else changes meanwhile."""
    known = KioskLink.objects.select_for_update(of=("self",)).select_related("board__site")
    return known.get(pk=link.pk)


def holder(link: KioskLink) -> str:
    """Whoever looks by the link, under its terms of now."""
    return tokens.kiosk(link.pk, link.terms)
