"""An agent's own reviews as a file."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from django.utils.translation import gettext_lazy

from qa.after.reads import Own
from qa.cells import CALL, hundredths, when, yes

OWN_HEADER = [
    gettext_lazy("Review"), *CALL, gettext_lazy("Queue"), gettext_lazy("Scorecard"),
    gettext_lazy("Version"), gettext_lazy("Reviewer"), gettext_lazy("Released"),
    gettext_lazy("Read"), gettext_lazy("Score, %"), gettext_lazy("Bonus, %"),
    gettext_lazy("Failed"), gettext_lazy("Counts in the score"), gettext_lazy("Disputes"),
]  # fmt: skip


def own_lines(rows: Iterable[Own], zone: tzinfo) -> Iterator[list[object]]:
    """Released reviews as rows under `OWN_HEADER`, their times by their site's clock."""
    for each in rows:
        one = each.evaluation
        yield [
            one.pk, one.call_id, when(one.called_at, zone), one.queue and one.queue.name,
            one.version.card.name, one.version.number, str(one.reviewer),
            when(one.released_at, zone),
            when(one.acknowledged_at, zone), hundredths(one.share),
            hundredths(each.added), yes(one.is_failed), yes(each.counts),
            "; ".join(words for _level, words in each.tags),
        ]  # fmt: skip
