"""Results, comments and what returns as files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from ccm.models import Site, SurveyResponse, User
from coaching.models import VoiceTag
from coaching.voice import reads, words
from coaching.voice.changes import Share
from coaching.voice.results import BY, KPIS, Cell, Results
from kpis.definitions import parse
from kpis.noise import Change, Interval
from qa.cells import hundredths, p, when

RESULTS_HEADER = (
    gettext_lazy("Of"), gettext_lazy("Name"), gettext_lazy("Figure"), gettext_lazy("Definition"),
    gettext_lazy("Value"), gettext_lazy("Unit"), gettext_lazy("Low"), gettext_lazy("High"),
    gettext_lazy("Answers"), gettext_lazy("Response %"),
)  # fmt: skip


def result_lines(made: Results) -> Iterator[Sequence[object]]:
    """A line each figure of each row; of all first. Values and ends as figures are kept: shares
    from 0 to 1."""
    for of, line in (("", made.whole), *((str(BY[made.by]), one) for one in made.lines)):
        for asked, cell in zip(KPIS, line.cells, strict=True):
            kpi, _variant = parse(asked)
            yield (of, line.name, str(kpi.name), cell.figure.variant.id, *_cell(cell))


def _cell(cell: Cell) -> Sequence[object]:
    one, response = cell.figure, cell.response
    told = None if response is None else hundredths(response.value)
    return (one.value, one.unit, *_ends(cell.interval), one.n, told)


def _ends(one: Interval | None) -> tuple[object, object]:
    return (None, None) if one is None else (one.low, one.high)


COMMENTS_HEADER = (
    gettext_lazy("Answer"), gettext_lazy("Answered at"), gettext_lazy("Queue"),
    gettext_lazy("Agent"), gettext_lazy("Topic"), gettext_lazy("Question"), gettext_lazy("Score"),
    gettext_lazy("Comment"), gettext_lazy("Tags"), gettext_lazy("Call"),
)  # fmt: skip


def comment_lines(
    rows: QuerySet[SurveyResponse], user: User, site: Site, known: Sequence[VoiceTag]
) -> Iterator[Sequence[object]]:
    named = rows.select_related("queue", "agent").iterator(chunk_size=500)
    while some := [*islice(named, 500)]:
        for line in reads.lines(some, user, known):
            one = line.survey
            topic = None if line.call is None or line.call.topic is None else line.call.topic.name
            yield (
                one.pk, when(one.answered_at, site.tz), one.queue and one.queue.name,
                one.agent and one.agent.name, topic, one.get_kind_display(), words.score(one),
                one.comment, ", ".join(tag.name for tag in line.tags),
                None if line.call is None else line.call.pk,
            )  # fmt: skip


TAGS_HEADER = (
    gettext_lazy("Tag"), gettext_lazy("Found by"), gettext_lazy("Comments"),
    gettext_lazy("Of comments"), gettext_lazy("Share %"), gettext_lazy("Low %"),
    gettext_lazy("High %"), gettext_lazy("Share before %"), gettext_lazy("p of the change"),
)  # fmt: skip


def tag_lines(
    tags: Iterable[VoiceTag], shares: Mapping[int, Share], changes: Mapping[int, Change]
) -> Iterator[Sequence[object]]:
    for tag in tags:
        one, change = shares[tag.pk], changes[tag.pk]
        low: Any = None
        high: Any = None
        if one.interval is not None:
            low, high = hundredths(one.interval.low), hundredths(one.interval.high)
        yield (
            tag.name, tag.words, one.having, one.many, hundredths(one.value), low, high,
            hundredths(change.before), p(change.p),
        )  # fmt: skip
