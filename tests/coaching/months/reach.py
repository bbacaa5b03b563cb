"""Who reaches a team's month: who evaluates it."""

from django.urls import reverse

from tests.coaching.holding.reach import COACHED
from tests.reach import Row, to

ROWS: dict[str, list[Row]] = {
    "team_month": [
        Row(to("team_month"), COACHED, of_a_site=False),
        Row(lambda world: f"{reverse('team_month')}?team={world.team.pk}", COACHED),
    ],
}
PAGES: tuple[str, ...] = ("team_month",)
OTHERS: frozenset[str] = frozenset()
