"""The days within a period on which what it shows began to be made otherwise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from ccm.models import Queue
from kpis.choices import Change, Choices
from kpis.choosing import words
from kpis.definitions import KPIS
from kpis.parameters import said
from kpis.report import Question


@dataclass(frozen=True, slots=True)
class Mark:
    """From `day` on a KPI shown is made otherwise; `words` say how, and of which queues where it
    is not all that is shown."""

    day: date
    kpi: str
    words: str

    def __str__(self) -> str:
        return self.words


def of(
    choices: Choices,
    asked: Iterable[str],
    first: date,
    site: int | None,
    queue: int | None = None,
    rows: Sequence[Queue] = (),
) -> list[Mark]:
    """The changes after `first`, up to the day of `choices`, of what a page shows: of one scope,
    and with it of queues (`rows`), each where it is made otherwise by itself."""
    found: list[Mark] = []
    for kpi_id in dict.fromkeys(one.partition(":")[0] for one in asked):
        kpi = KPIS[kpi_id]
        here = choices.changes(kpi, first, site, queue)
        found += [Mark(one.day, kpi.id, words.of_change(one)) for one in here]
        by_words: dict[tuple[date, str], list[str]] = {}
        for row in rows:
            for one in choices.changes(kpi, first, row.site_id, row.pk):
                if not any(_alike(one, other) for other in here):
                    by_words.setdefault((one.day, words.of_change(one)), []).append(row.name)
        for (day, told), names in by_words.items():
            where = _("%(change)s (%(queues)s)") % {"change": told, "queues": ", ".join(names)}
            found.append(Mark(day, kpi.id, where))
    return sorted(found, key=lambda mark: (mark.day, mark.words))


def _alike(one: Change, other: Change) -> bool:
    return one.day == other.day and words.of_change(one) == words.of_change(other)


def places(marks: Iterable[Mark], kpi: str, days: Sequence[date]) -> list[int]:
    """Where in a line of days a KPI begins to be made otherwise."""
    changed = [mark.day for mark in marks if mark.kpi == kpi]
    found = (next((at for at, day in enumerate(days) if day >= one), None) for one in changed)
    return sorted({at for at in found if at})


def by_day(marks: Iterable[Mark]) -> dict[date, str]:
    """The words of each day that has any."""
    found: dict[date, list[str]] = {}
    for mark in marks:
        found.setdefault(mark.day, []).append(mark.words)
    return {day: "; ".join(told) for day, told in found.items()}


def as_json(question: Question, choices: Choices) -> list[dict[str, Any]]:
    """The changes within a question, of the site or queue that it is of, for machines."""
    site = question.sites[0].pk if len(question.sites) == 1 else None
    queue = question.queues[0].pk if question.queues and len(question.queues) == 1 else None
    names = dict.fromkeys(one.partition(":")[0] for one in question.kpis or KPIS)
    found = [
        {
            "day": change.day.isoformat(),
            "kpi": name,
            "variant": change.variant.id,
            "parameters": said(change.parameters, change.variant.uses),
        }
        for name in names
        for change in choices.changes(KPIS[name], question.first, site, queue)
    ]
    return sorted(found, key=lambda one: (one["day"], one["kpi"]))
