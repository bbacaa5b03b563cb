"""Rows of the matrix of access of wellbeing."""

from collections.abc import Callable

from django.urls import reverse

from tests.reach import INTAKE, OWN, Row, World, to


def _site(name: str) -> Callable[[World], str]:
    return lambda world: f"{reverse(name)}?site={world.site.slug}"


#           nobody adm man pla sup qa  tra age
TEAMS = (302, 200, 200, 404, 200, 404, 404, 404)
# Of one person: who leads them, and nobody else.
LEADS_THEM = (302, 404, 404, 404, 200, 404, 404, 404)

ROWS: dict[str, list[Row]] = {
    "wellbeing": [Row(to("wellbeing"), TEAMS, of_a_site=False), Row(_site("wellbeing"), TEAMS)],
    "wellbeing_person": [
        Row(to("wellbeing_person", "agent.pk"), LEADS_THEM, elsewhere=(302, *(404,) * 7))
    ],
    "my_wellbeing": [Row(to("my_wellbeing"), OWN, of_a_site=False)],
    "wellbeing_limits": [
        Row(_site("wellbeing_limits"), INTAKE),
        # Without the revision that it was drawn with: the page says so.
        Row(_site("wellbeing_limits"), INTAKE, "post"),
    ],
}
PAGES: tuple[str, ...] = ("wellbeing", "wellbeing_person", "my_wellbeing", "wellbeing_limits")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
