"""Rows of the matrix of access of insight."""

from django.urls import reverse
from django.utils import timezone

from qa.models import CardCriterion
from tests.qa.insight.invented import invented
from tests.reach import Row, World


def _lost(world: World) -> str:
    answered = CardCriterion.objects.filter(answers__evaluation__kind="drawn")
    criterion = answered.filter(card__site=world.site, key="cause").first()
    if criterion is None:
        criterion = invented(timezone.now().date(), site=world.site, months=1)["cause"]
    return reverse("quality_insight_lost", args=[criterion.pk]) + f"?site={world.site.slug}"


def _insight(name: str):
    def path(world: World) -> str:
        return reverse(name) + f"?site={world.site.slug}"

    return path


#           nobody adm man pla sup qa  tra age
SEEN = (302, 200, 200, 404, 200, 200, 404, 404)
# Of agents of no team led.
SEEN_OF_ALL = (302, 200, 200, 404, 404, 200, 404, 404)
SEEN_API = (401, 200, 200, 404, 200, 200, 404, 404)
FAR_API = (401, 200, *(404,) * 6)

ROWS: dict[str, list[Row]] = {
    "quality_insight": [Row(_insight("quality_insight"), SEEN)],
    "quality_insight_csv": [Row(_insight("quality_insight_csv"), SEEN)],
    "quality_insight_lost": [Row(_lost, SEEN_OF_ALL)],
    "api_quality_insight": [Row(_insight("api_quality_insight"), SEEN_API, elsewhere=FAR_API)],
}
PAGES: tuple[str, ...] = ("quality_insight", "quality_insight_lost")
OTHERS: frozenset[str] = frozenset({"quality_insight_csv", "api_quality_insight"})
