"""Rows of the matrix of access of leaderboards."""

from collections.abc import Callable

from django.urls import reverse

from tests.reach import ONLY_ADMIN_POST, OWN_POST, Row, World, to


def _of(name: str) -> Callable[[World], str]:
    return lambda world: f"{reverse(name)}?team={world.team.pk}"


#           nobody adm man pla sup qa  tra age
SEES = (302, 200, 200, 404, 200, 404, 404, 200)
LEADS = (302, 200, 200, 404, 200, 404, 404, 404)
LEADS_POST = (302, 302, 302, 404, 302, 404, 404, 404)

ROWS: dict[str, list[Row]] = {
    "leaderboard": [
        Row(to("leaderboard"), SEES, of_a_site=False),
        Row(_of("leaderboard"), SEES),
    ],
    "leaderboard_change": [
        Row(_of("leaderboard_change"), LEADS),
        # An empty form: its errors, on the page.
        Row(_of("leaderboard_change"), LEADS, "post"),
    ],
    "leaderboard_remove": [
        Row(_of("leaderboard_remove"), LEADS_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    # One's own wish.
    "leaderboard_choose": [Row(to("leaderboard_choose"), OWN_POST, "post", of_a_site=False)],
}
PAGES: tuple[str, ...] = ("leaderboard", "leaderboard_change")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
