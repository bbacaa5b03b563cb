"""Rows of the matrix of access of suggestions."""

from django.urls import reverse

from coaching.models import Suggestion
from tests.coaching.suggestions.builders import a_suggestion, published
from tests.reach import ALL_IN, INTAKE, Row, World, to


def _one(world: World) -> str:
    """A suggestion that nobody has answered."""
    one = Suggestion.objects.filter(site=world.site, is_published=False).first()
    return reverse("suggestion", args=[(one or a_suggestion(world.site)).pk])


def _published(world: World) -> str:
    one = Suggestion.objects.filter(site=world.site, is_published=True).first()
    return reverse("suggestion", args=[(one or published(world.site)).pk])


def _list(world: World) -> str:
    _one(world)
    _published(world)
    return reverse("suggestions") + f"?site={world.site.slug}"


ROWS: dict[str, list[Row]] = {
    "suggestions": [
        Row(to("suggestions"), ALL_IN, of_a_site=False),
        Row(_list, ALL_IN),
    ],
    "suggestion_new": [
        Row(to("suggestion_new"), ALL_IN, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("suggestion_new"), ALL_IN, "post", of_a_site=False),
    ],
    "suggestion_kept": [Row(to("suggestion_kept"), ALL_IN, of_a_site=False)],
    "suggestion": [
        Row(_one, INTAKE),
        Row(_published, ALL_IN),
        # Nothing is said in it: the page says so.
        Row(_one, INTAKE, "post"),
        Row(_published, INTAKE, "post"),
    ],
}
PAGES: tuple[str, ...] = ("suggestions", "suggestion_new", "suggestion_kept", "suggestion")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
