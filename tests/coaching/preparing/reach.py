"""Who reaches what fills an agenda."""

from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone

from coaching.holding import services
from tests.coaching.holding.reach import COACHED, COACHED_POST, a_session
from tests.reach import NOT_THEIRS, ONLY_ADMIN_POST, OWN, Row, World


def _of(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[a_session(world).pk])


def _item(name: str) -> Callable[[World], str]:
    """A point of a session's coach."""

    def path(world: World) -> str:
        session = a_session(world)
        item = services.add(session, "Holds", "", session.coach, timezone.now())
        return reverse(name, args=[session.pk, item.pk])

    return path


def _own_call(world: World) -> str:
    return reverse("self_review", args=[world.call.pk])


ROWS: dict[str, list[Row]] = {
    "session_prepare": [
        Row(_of("session_prepare"), COACHED_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "session_item": [Row(_item("session_item"), COACHED)],
    # It has no call: it says so.
    "session_played": [
        Row(_item("session_played"), COACHED_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "self_review": [Row(_own_call, OWN, elsewhere=NOT_THEIRS)],
}
PAGES: tuple[str, ...] = ("session_item", "self_review")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
