"""Who reaches the calendar of sessions."""

from tests.coaching.holding.reach import COACHED, COACHED_POST
from tests.reach import Row, to

ROWS: dict[str, list[Row]] = {
    "sessions_calendar": [Row(to("sessions_calendar"), COACHED, of_a_site=False)],
    **{
        name: [Row(to(name), COACHED_POST, "post", of_a_site=False)]
        for name in ("sessions_calendar_make", "sessions_calendar_revoke")
    },
    # Nobody without a key.
    "sessions_feed": [Row(to("sessions_feed"), (404,) * 8, of_a_site=False)],
}
PAGES: tuple[str, ...] = ("sessions_calendar",)
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
