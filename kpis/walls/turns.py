"""Boards that a screen shows in turn after its own: for whoever may see the first."""

from urllib.parse import urlencode

from kpis.models import Board


def pages(board: Board, page: str) -> list[tuple[str, int]]:
    """Where each of them is, under the `page` of a screen, and for how many seconds."""
    shown = board.turns.select_related("shown")
    return [(f"{page}?{urlencode({'board': one.shown.slug})}", one.seconds) for one in shown]


def shown_by(board: Board, wanted: str) -> Board | None:
    """The board that a screen of `board` asks for: its own, or one in turn; None: neither."""
    if wanted in ("", board.slug):
        return board
    turn = board.turns.select_related("shown__site").filter(shown__slug=wanted).first()
    return None if turn is None else turn.shown
