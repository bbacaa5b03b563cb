"""Who is due for a session, as a file."""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext_lazy

from coaching.rhythm.reads import Line
from coaching.rhythm.words import standing
from qa.cells import when, yes

HEADER = (
    gettext_lazy("Agent"), gettext_lazy("Team"), gettext_lazy("Site"), gettext_lazy("Standing"),
    gettext_lazy("Last session"), gettext_lazy("Due by"), gettext_lazy("Days late"),
    gettext_lazy("Next session"), gettext_lazy("Late, was it held?"),
    gettext_lazy("Due moved by days of absence"), gettext_lazy("Absent on the next"),
)  # fmt: skip


def lines(found: Iterable[Line]) -> Iterator[Sequence[object]]:
    for one in found:
        yield (
            one.agent.name, one.team.name, one.team.site.name, standing(one)[1], one.last, one.due,
            one.late_days, one.planned and when(one.planned, one.team.site.tz),
            one.unsaid and when(one.unsaid.at, one.team.site.tz),
            one.moved, yes(one.is_away_then if one.planned else None),
        )  # fmt: skip
