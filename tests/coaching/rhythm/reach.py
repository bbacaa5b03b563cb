"""Who reaches the rhythm of coaching."""

from django.urls import reverse

from tests.coaching.holding.reach import COACHED
from tests.reach import Row, World, to


def _team(world: World) -> str:
    return reverse("rhythm_team", args=[world.team.pk])


def _of_team(name: str):
    def path(world: World) -> str:
        return f"{reverse(name)}?team={world.team.pk}"

    return path


ROWS: dict[str, list[Row]] = {
    "rhythm": [Row(to("rhythm"), COACHED, of_a_site=False), Row(_of_team("rhythm"), COACHED)],
    "rhythm_csv": [
        Row(to("rhythm_csv"), COACHED, of_a_site=False),
        Row(_of_team("rhythm_csv"), COACHED),
    ],
    "rhythm_team": [Row(_team, COACHED), Row(_team, COACHED, "post")],
}
PAGES: tuple[str, ...] = ("rhythm", "rhythm_team")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
