"""Rows of the matrix of access of asking callers."""

from collections.abc import Callable

from django.urls import reverse

from coaching.models import AskingRule
from tests.coaching.asking.builders import a_rule
from tests.reach import INTAKE, INTAKE_POST, NOT_THEIRS, ONLY_ADMIN_POST, Row, World, to


def _site(name: str) -> Callable[[World], str]:
    return lambda world: f"{reverse(name)}?site={world.site.slug}"


def _rule(name: str) -> Callable[[World], str]:
    def path(world: World) -> str:
        one = AskingRule.objects.filter(site=world.site).first() or a_rule(world.site)
        return reverse(name, args=[one.pk])

    return path


ROWS: dict[str, list[Row]] = {
    "asking": [Row(to("asking"), INTAKE, of_a_site=False), Row(_site("asking"), INTAKE)],
    "asking_new": [
        Row(_site("asking_new"), INTAKE),
        # An empty form: its errors, on the page.
        Row(_site("asking_new"), INTAKE, "post"),
    ],
    "asking_rule": [
        Row(_rule("asking_rule"), INTAKE),
        Row(_rule("asking_rule"), INTAKE, "post"),
    ],
    "asking_hand": [Row(_rule("asking_hand"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)],
    # No list was taken at no moment.
    "asking_list": [Row(_rule("asking_list"), NOT_THEIRS, elsewhere=NOT_THEIRS)],
}
PAGES: tuple[str, ...] = ("asking", "asking_new", "asking_rule")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
