"""Reviews that count, as rows, and the samples of agents that are made of them.

Whoever tells a score reads these rows and makes its samples here: so there is one figure of a
period, wherever it stands.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet

from qa.models import Evaluation
from qa.sampling import Drawn, Reviewed

# Layers of one draw are fewer: those of several are told apart by adding it up.
_LAYERS = 100_000


class Row(NamedTuple):
    """A first review of a call that stands, with a score: `draw` is what was drawn of its agent,
    and `n` of `of` calls of the layer how likely this one was."""

    card: int
    card_name: str
    agent: int
    draw: int
    call: Any
    layer: int
    n: int
    of: int
    share: Decimal | float
    is_failed: bool


FIELDS = (
    "version__card", "version__card__name", "drawn__drawn__agent", "drawn__drawn", "call_id",
    "drawn__layer", "drawn__n", "drawn__of", "share", "is_failed",
)  # fmt: skip
"""Where a row's values stand, in their order."""
ORDER = ("drawn__drawn", "drawn")
"""Of a call that was drawn twice the first counts."""


def counting(draws: Any, *, released: bool = False) -> QuerySet[Evaluation]:
    """The reviews of some draws (rows of them, or their ids) that count: those that are done, or
    `released` alone, as their agent reads of them."""
    found: QuerySet[Evaluation] = Evaluation.objects.scored().told_of(released=released)
    return found.filter(drawn__drawn__draw__in=draws)


def samples(rows: Iterable[Row]) -> dict[tuple[int, int], tuple[Reviewed, ...]]:
    """The reviews of each scorecard and agent, each with its chance. Layers of several draws stand
    beside each other. Two plans of one card may have drawn the same call: it is one review of it
    that counts, the first here."""
    found: dict[tuple[int, int], list[Reviewed]] = defaultdict(list)
    seen: set[tuple[int, int, str]] = set()
    places: dict[int, int] = {}
    for one in rows:
        call = str(one.call)
        if (one.card, one.agent, call) in seen:
            continue
        seen.add((one.card, one.agent, call))
        place = places.setdefault(one.draw, len(places) * _LAYERS)
        drawn = Drawn(call, place + one.layer, one.n, one.of)
        found[one.card, one.agent].append(Reviewed(drawn, float(one.share), one.is_failed))
    return {key: tuple(reviews) for key, reviews in found.items()}
