"""Rows of the matrix of access of badges."""

from django.urls import reverse
from django.utils import timezone

from coaching.models import Badge, BadgeRule
from tests.reach import INTAKE, INTAKE_POST, NOT_THEIRS, ONLY_ADMIN_POST, Row, World, to


def a_rule(world: World) -> BadgeRule:
    there = BadgeRule.objects.filter(site=world.site).first()
    return there or BadgeRule.objects.create(
        site=world.site, name="One year", kind="years", number=1, made_at=timezone.now()
    )


def _end(world: World) -> str:
    return reverse("badge_end", args=[a_rule(world).pk])


def _show(world: World) -> str:
    """A badge of the world's agent."""
    made, _made = Badge.objects.get_or_create(
        rule=a_rule(world), agent=world.agent, defaults={"given_on": timezone.now().date()}
    )
    return reverse("badge_show", args=[made.pk])


def _new(world: World) -> str:
    return f"{reverse('badge_new')}?site={world.site.slug}"


#           nobody adm man pla sup qa  tra age
SEES = (302, 200, 200, 404, 200, 404, 404, 200)
THEIRS = (302, *(404,) * 6, 302)

ROWS: dict[str, list[Row]] = {
    "badges": [Row(to("badges"), SEES, of_a_site=False)],
    "badge_new": [
        Row(_new, INTAKE),
        # An empty form: its errors, on the page.
        Row(_new, INTAKE, "post"),
    ],
    "badge_end": [Row(_end, INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)],
    "badge_show": [Row(_show, THEIRS, "post", elsewhere=NOT_THEIRS)],
}
PAGES: tuple[str, ...] = ("badges", "badge_new")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
