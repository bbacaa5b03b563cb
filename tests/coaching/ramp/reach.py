"""Rows of the matrix of access of the ramp curve."""

from django.urls import reverse

from tests.reach import Row, World, to


def _site(name: str):
    def path(world: World) -> str:
        return reverse(name) + f"?site={world.site.slug}"

    return path


#        nobody adm man pla sup qa  tra age
COACHES = (302, 200, 200, 404, 200, 404, 200, 404)

ROWS: dict[str, list[Row]] = {
    "ramp": [Row(to("ramp"), COACHES, of_a_site=False), Row(_site("ramp"), COACHES)],
    "ramp_csv": [Row(_site("ramp_csv"), COACHES)],
}
PAGES: tuple[str, ...] = ("ramp",)
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
