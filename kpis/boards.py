"""Boards of new sites, and kiosk links: a wall for whoever holds the link, until it ends."""

import secrets
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.live import bus, tokens
from ccm.models import Site, User, token_hash
from kpis.models import Board, KioskLink
from kpis.wallboard import STANDARD

LIFE = timedelta(days=90)
# A wall asks for a token every ten minutes; "last seen" need not be finer.
SEEN_EVERY = timedelta(minutes=1)


def first_board(instance: Site, created: bool, **_more: object) -> None:
    """A new site has a wall of all its queues at once; receiver of the site's `post_save`."""
    if created:
        Board.objects.get_or_create(
            slug=instance.slug,
            defaults={
                "title": _title(instance.name),
                "site": instance,
                "cells": STANDARD,
            },
        )


def _title(site: str) -> str:
    """The title of a site's wall; of a name too long for it, the beginning."""
    words = _("%(site)s · All queues")
    longest = Board._meta.get_field("title").max_length or 0
    room = longest - len(words % {"site": ""})
    return words % {"site": site if len(site) <= room else f"{site[: room - 1]}…"}


def follow_queue(loser: int, keeper: int, **_more: object) -> None:
    """A board that showed a queue shows the one it was merged into; receiver of `names_merged`."""
    for board in Board.objects.filter(queues=loser):
        board.queues.add(keeper)
        board.queues.remove(loser)


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
