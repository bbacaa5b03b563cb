"""Rows of the matrix of access of points: as leaderboards have them."""

from tests.coaching.leaderboards.reach import LEADS, LEADS_POST, SEES, _of
from tests.reach import ONLY_ADMIN_POST, Row, to

ROWS: dict[str, list[Row]] = {
    "points": [Row(to("points"), SEES, of_a_site=False), Row(_of("points"), SEES)],
    "points_change": [
        Row(_of("points_change"), LEADS),
        # An empty form: its errors, on the page.
        Row(_of("points_change"), LEADS, "post"),
    ],
    "points_remove": [Row(_of("points_remove"), LEADS_POST, "post", elsewhere=ONLY_ADMIN_POST)],
}
PAGES: tuple[str, ...] = ("points", "points_change")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
