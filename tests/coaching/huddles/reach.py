"""Rows of the matrix of access of huddles."""

from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone

from coaching.models import Huddle
from tests.reach import ONLY_ADMIN_POST, Row, World, to


def a_huddle(world: World) -> Huddle:
    """Today's of the world's team, which nobody has held."""
    made: Huddle
    now = timezone.now()
    made, _made = Huddle.objects.get_or_create(
        team=world.team, day=now.date(), defaults={"made_at": now}
    )
    return made


def _of(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[a_huddle(world).pk])


#           nobody adm man pla sup qa  tra age
SEES = (302, 200, 200, 404, 200, 404, 404, 200)
LEADS = (302, 200, 200, 404, 200, 404, 404, 404)
LEADS_POST = (302, 302, 302, 404, 302, 404, 404, 404)

ROWS: dict[str, list[Row]] = {
    "huddles": [Row(to("huddles"), SEES, of_a_site=False)],
    "huddle_new": [
        Row(to("huddle_new"), LEADS, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("huddle_new"), LEADS, "post", of_a_site=False),
    ],
    "huddle": [Row(_of("huddle"), SEES)],
    **{
        name: [Row(_of(name), LEADS_POST, "post", elsewhere=ONLY_ADMIN_POST)]
        for name in ("huddle_points", "huddle_again")
    },
    # Nothing is said in them: the page says what is missing.
    **{
        name: [Row(_of(name), LEADS, "post")]
        for name in ("huddle_point", "huddle_step", "huddle_hold")
    },
}
PAGES: tuple[str, ...] = ("huddles", "huddle_new", "huddle")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
