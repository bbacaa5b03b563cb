"""Who reaches the effect of coaching."""

from collections.abc import Callable

from django.urls import reverse

from tests.reach import Row, World, to


def _site(name: str) -> Callable[[World], str]:
    return lambda world: f"{reverse(name)}?site={world.site.slug}"


#           nobody adm man pla sup qa  tra age
COACHED = (302, 200, 200, 404, 200, 404, 200, 404)

ROWS: dict[str, list[Row]] = {
    name: [Row(to(name), COACHED, of_a_site=False), Row(_site(name), COACHED)]
    for name in ("coaching_effect", "coaching_effect_csv")
}
PAGES: tuple[str, ...] = ("coaching_effect",)
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
