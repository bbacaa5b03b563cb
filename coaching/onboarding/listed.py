"""Who is where in onboarding, as a file."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coaching.onboarding.reads import Line
from qa.cells import when

HEADER = (
    gettext_lazy("Who"), gettext_lazy("Site"), gettext_lazy("Path"), gettext_lazy("First day"),
    gettext_lazy("State"), gettext_lazy("Stages signed off"), gettext_lazy("Of how many"),
    gettext_lazy("Next stage"), gettext_lazy("Nothing signed off since"),
    gettext_lazy("Live calls"), gettext_lazy("Mentor"), gettext_lazy("Ended"),
)  # fmt: skip


def gate_words(line: Line) -> str:
    """Whether they may take live calls."""
    words = {"none": _("not part of the path"), "open": _("may begin"), "shut": _("not yet")}
    return words[line.way.gate]


def lines(rows: Sequence[Line]) -> Iterator[Sequence[object]]:
    for one in rows:
        newcomer = one.newcomer
        yield (
            newcomer.agent.name, newcomer.path.site.name, newcomer.path.name, newcomer.starts_on,
            newcomer.get_state_display(), one.way.signed, one.way.many,
            None if one.next is None else one.next.title, one.since, gate_words(one),
            None if newcomer.mentor is None else newcomer.mentor.name,
            when(newcomer.ended_at, newcomer.path.site.tz),
        )  # fmt: skip
