"""Rows of the matrix of access of recruiting."""

from django.urls import reverse

from tests.reach import PLANNERS, Row, to

ROWS: dict[str, list[Row]] = {
    "recruiting": [
        Row(to("recruiting"), PLANNERS, of_a_site=False),
        Row(lambda world: f"{reverse('recruiting')}?site={world.site.slug}", PLANNERS),
    ],
    "recruiting_began": [
        Row(lambda world: f"{reverse('recruiting_began')}?site={world.site.slug}", PLANNERS),
    ],
}
PAGES: tuple[str, ...] = ("recruiting", "recruiting_began")
OTHERS: frozenset[str] = frozenset()
