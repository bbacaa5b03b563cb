"""Recognition as a file, for who manages a site."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from coaching.models import Kudos
from qa.cells import when

HEADER = (
    gettext_lazy("Recognition"), gettext_lazy("Site"), gettext_lazy("Given"),
    gettext_lazy("Agent"), gettext_lazy("From"), gettext_lazy("What for"),
    gettext_lazy("Criterion"), gettext_lazy("Scorecard"), gettext_lazy("Call"),
)  # fmt: skip


def lines(rows: QuerySet[Kudos]) -> Iterator[Sequence[object]]:
    for one in rows.iterator(chunk_size=500):
        yield (
            one.pk, one.site.name, when(one.given_at, one.site.tz), one.agent.name,
            None if one.giver is None else str(one.giver), one.words,
            one.criterion and one.criterion.name, one.criterion and one.criterion.card.name,
            one.call_id,
        )  # fmt: skip
