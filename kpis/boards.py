"""Boards of new sites, and of queues that were merged."""

from django.utils.translation import gettext as _

from ccm.models import Site
from kpis.models import Board
from kpis.wallboard import STANDARD


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
