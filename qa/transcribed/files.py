"""Which transcripts there are, as a file."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext_lazy

from qa.cells import CALL, when, yes

HEADER = [
    gettext_lazy("Transcript"), gettext_lazy("Site"), *CALL, gettext_lazy("Queue"),
    gettext_lazy("Agent"), gettext_lazy("Language"), gettext_lazy("Lines"),
    gettext_lazy("All lines have times"), gettext_lazy("Things hidden"), gettext_lazy("Came in"),
    gettext_lazy("Checked"), gettext_lazy("Suggestions"),
]  # fmt: skip


def lines(rows: Iterable[Any]) -> Iterator[list[object]]:
    """Transcripts (`reads.newest`) as rows under `HEADER`, times by their sites' clocks; nothing of
    what was said."""
    for one in rows:
        zone = one.site.tz
        yield [
            one.pk, one.site.name, one.call_id, when(one.called_at, zone),
            one.queue and one.queue.name, one.agent and one.agent.name, one.language,
            one.many_lines, yes(not (one.lacks_starts or one.lacks_ends)),
            sum(one.masked.values()), when(one.made_at, zone),
            when(one.checked_at, zone), one.suggested,
        ]  # fmt: skip
