"""Boards made, changed and removed by people, and kept true where what they show is renamed."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from ccm import audit
from ccm.audit import Values
from ccm.live import bus
from ccm.masking import masked
from ccm.models import Queue, Site, User
from ccm.names import unlike, visible
from kpis.kiosks import links
from kpis.kiosks import told as screens
from kpis.models import Board, BoardTurn
from kpis.walls import layout, told
from kpis.walls.layout import MOST_TILES, Layout
from kpis.walls.starts import STANDARD, STARTS


def first_board(instance: Site, created: bool, **_more: object) -> None:
    """A new site has a wall of all its queues at once; receiver of the site's `post_save`."""
    if created:
        Board.objects.get_or_create(
            slug=instance.slug,
            defaults={
                "title": _title(instance.name),
                "site": instance,
                "tiles": STANDARD,
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
    for board in Board.objects.filter(tiles__contains=[{"queue": loser}]):
        tiles = layout.read(board.tiles).tiles
        moved = [replace(one, queue=keeper) if one.queue == loser else one for one in tiles]
        board.tiles = Layout(moved).kept()
        board.save(update_fields=["tiles"])


@transaction.atomic
def make(
    title: str,
    site: Site,
    queues: Sequence[Queue] = (),
    start: str = "standard",
    *,
    who: User,
    now: datetime,
) -> Board:
    """A new board as one of `starts.STARTS`; the audit log has it. Raises ValidationError for a
    title that is empty."""
    chosen = STARTS[start]
    made = Board(
        title=_titled(title), site=site, tiles=chosen.layout().kept(), columns=chosen.columns
    )
    taken = set(Board.objects.values_list("slug", flat=True))
    made.slug = unlike(made.title, taken, 50, "board")
    made.save()
    made.queues.set(queues)
    audit.record(who, made, before=None, after=told.values(made), now=now)
    transaction.on_commit(bus.figures_changed)
    return made


@transaction.atomic
def change(
    board: Board,
    *,
    who: User,
    now: datetime,
    queues: Iterable[Queue],
    turns: Iterable[tuple[Board, int]],
) -> None:
    """Keep how a whole board is, which its tiles are not part of; the audit log has it, and its
    screens show it within a second. Raises ValidationError."""
    there = Board.objects.select_for_update().get(pk=board.pk)
    before = told.values(there)
    board.title, board.tiles = _titled(board.title), there.tiles
    board.full_clean()
    board.save()
    board.queues.set(queues)
    board.turns.all().delete()
    BoardTurn.objects.bulk_create(
        BoardTurn(board=board, shown=shown, seconds=seconds, place=place)
        for place, (shown, seconds) in enumerate(turns)
    )
    _record(board, before, who, now)


@transaction.atomic
def lay_out(board: Board, how: Callable[[Layout], Layout], *, who: User, now: datetime) -> None:
    """Change the tiles of a board, as they are now, whoever else changes some; the audit log has
    it. Raises ValidationError where it would have more than `layout.MOST_TILES`."""
    there = Board.objects.select_for_update().get(pk=board.pk)
    before = told.values(there)
    tiles = how(layout.read(there.tiles))
    if len(tiles.tiles) > MOST_TILES:
        words = _("A board has at most %(most)d tiles.")
        raise ValidationError(words % {"most": MOST_TILES})
    there.tiles = tiles.kept()
    there.save(update_fields=["tiles"])
    _record(there, before, who, now)


def _record(board: Board, before: Values, who: User, now: datetime) -> None:
    after = told.values(board)
    if after != before:
        audit.record(who, board, before=before, after=after, now=now)
        transaction.on_commit(bus.figures_changed)


@transaction.atomic
def remove(board: Board, *, who: User, now: datetime) -> None:
    """Remove a board with its links, whose screens go dark; the audit log has it."""
    audit.record(who, board, before=told.values(board), after=None, now=now)
    there = list(board.kiosk_links.all())
    for link in there:
        if link.revoked_at is None:
            audit.record(who, link, before=screens.values(link), after=None, now=now)
    holders = [links.holder(one) for one in there]
    board.delete()
    transaction.on_commit(lambda: _shut(holders))


def _shut(holders: Iterable[str]) -> None:
    """Shut the streams of links that are gone. Without Redis they end by themselves: no frame comes
    any more."""
    with suppress(RedisError):
        for holder in holders:
            bus.revoke(holder)


def _titled(title: str) -> str:
    # The address of a board is made of it, before its column hides anything.
    found = masked(visible(title.replace("\0", "")).strip()[:120], cards_only=True)
    if not found:
        raise ValidationError(_("Give the board a title."))
    return found
