"""What callers answered, by queue, agent or topic: the figures that every other page has of them,
with their intervals and how many of the callers told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.filters import Filters
from ccm.models import Agent, Topic, User
from ccm.names import in_order
from coaching.voice import reads
from kpis import inference, report
from kpis.choices import Choices
from kpis.definitions import parse
from kpis.dimensions import By
from kpis.figures import Figure
from kpis.noise import Interval
from kpis.report import Question, Row, Unanswerable
from kpis.rollups.afresh import MOST_DAYS

KPIS: tuple[str, ...] = ("csat", "nps", "ces:E2", "fcr:F4")
"""Satisfaction and recommendation as they are chosen; of effort and of what was solved at the first
contact the shares of answers, for they have intervals."""
HEADS: Mapping[str, Promise] = {
    "ces:E2": gettext_lazy("Customer effort: found it easy"),
    "fcr:F4": gettext_lazy("First contact resolution: by callers' answers"),
}
"""Of those that need not be as they are chosen, what they are."""
RESPONSES: Mapping[str, str] = {
    "csat": "csat_response",
    "nps": "nps_response",
    "ces:E2": "ces_response",
}
BY: Mapping[By, Promise] = {
    "queue": gettext_lazy("Queue"),
    "agent": gettext_lazy("Agent"),
    "topic": gettext_lazy("Topic"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of what callers said with its interval (None: it has none), and the share of callers
    who told it (None: of this kind it is not known)."""

    figure: Figure
    interval: Interval | None
    response: Figure | None

    @property
    def is_told(self) -> bool:
        return self.figure.value is not None


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of a queue, agent or topic; `id` None: of none, or of all."""

    id: Any
    name: str
    cells: Sequence[Cell]

    @property
    def answers(self) -> int:
        return max((cell.figure.n for cell in self.cells), default=0)


@dataclass(frozen=True, slots=True)
class Results:
    """`why` says why there are no lines, where the question cannot be answered; `is_apart`: the
    whole counts each contact once, the lines each of its visits."""

    by: By
    whole: Line
    lines: Sequence[Line]
    why: str = ""
    is_apart: bool = False


def head(asked: str) -> Promise | str:
    """What one of KPIS is called here."""
    return HEADS.get(asked) or parse(asked)[0].name


def of(user: User, filters: Filters, by: By, choices: Choices) -> Results:
    """The results of a site's days by one of BY, those with answers, the most first; agents are
    those on whom the user reads what callers said. Six queries at most, beside the choices'."""
    question = _question(user, filters, by)
    over_all = report.over_all(_question(user, filters, "total"))
    whole = _lines(over_all, choices)[0]
    days = (filters.last - filters.first).days + 1
    if by == "topic" and days > MOST_DAYS:
        words = _("By topic the calls themselves are read: choose at most %(n)s days.")
        return Results(by, whole, [], words % {"n": MOST_DAYS})
    try:
        lines = _lines(question, choices)
    except Unanswerable as why:
        return Results(by, whole, [], str(why))
    said = [one for one in lines if one.answers]
    said.sort(key=lambda one: (-one.answers, in_order(one.name)))
    is_apart = over_all.counts_contacts and not question.counts_contacts
    return Results(by, whole, said, is_apart=is_apart)


def _question(user: User, filters: Filters, by: By) -> Question:
    names: dict[By, Mapping[int, str]] = {}
    agents: list[Agent] | None = None
    if by == "queue":
        names["queue"] = {one.pk: one.name for one in filters.all_queues}
    elif by == "agent":
        agents = [*reads.agents(user, filters.site)]
        names["agent"] = {one.pk: one.name for one in agents}
    elif by == "topic":
        names["topic"] = dict(Topic.objects.values_list("pk", "name"))
    return Question(
        sites=[filters.site],
        first=filters.first,
        last=filters.last,
        by=by,
        queues=filters.queues,
        agents=agents,
        kpis=(*KPIS, *RESPONSES.values()),
        names=names,
    )


def _lines(question: Question, choices: Choices) -> list[Line]:
    rows = report.answer(question, choices)
    parts = inference.of_agents(question) if rows else {}
    return [Line(row.id, row.name, _cells(row, parts)) for row in rows]


def _cells(row: Row, parts: Mapping[Any, Sequence[Any]]) -> list[Cell]:
    made = []
    for asked in KPIS:
        one = row.figures[asked]
        drawn = inference.drawn(one, (), parts.get(row.id, ()), row.counts)
        response = row.figures[RESPONSES[asked]] if asked in RESPONSES else None
        made.append(Cell(one, drawn.interval, response))
    return made
