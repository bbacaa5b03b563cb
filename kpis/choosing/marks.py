"""The days within a period on which what it shows began to be made otherwise."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from ccm.models import Queue
from kpis.choices import Change, Choices
from kpis.choosing import words
from kpis.definitions import KPIS
from kpis.dimensions import MOMENTS
from kpis.parameters import said
from kpis.report import Question, Row


@dataclass(frozen=True, slots=True)
class Mark:
    """From `day` on a KPI shown is made otherwise; `words` say how, and of which queues where it
    is not all that is shown."""

    day: date
    kpi: str
    words: str

    def __str__(self) -> str:
        return self.words


class Shown(NamedTuple):
    """A row or a column that has a scope of its own: a site, or, where `pk` is known, a queue."""

    site_id: int | None
    pk: int | None
    name: str


def of(
    choices: Choices,
    asked: Iterable[str],
    first: date,
    site: int | None,
    queue: int | None = None,
    rows: Sequence[Queue | Shown] = (),
) -> list[Mark]:
    """The changes after `first`, up to the day of `choices`, of what a page shows: of one scope,
    and with it of queues or sites (`rows`), each where it is made otherwise by itself."""
    found: list[Mark] = []
    by_words: dict[tuple[date, str, str], list[str]] = {}
    for change, row in _changes(choices, asked, first, (site, queue), rows):
        told = words.of_change(change)
        if row is None:
            found.append(Mark(change.day, change.kpi.id, told))
        else:
            by_words.setdefault((change.day, change.kpi.id, told), []).append(row.name)
    for (day, kpi, told), names in by_words.items():
        where = _("%(change)s (%(queues)s)") % {"change": told, "queues": ", ".join(names)}
        found.append(Mark(day, kpi, where))
    return sorted(found, key=lambda mark: (mark.day, mark.words))


def _changes(
    choices: Choices,
    asked: Iterable[str],
    first: date,
    scope: tuple[int | None, int | None],
    rows: Sequence[Queue | Shown] = (),
) -> Iterator[tuple[Change, Queue | Shown | None]]:
    """The changes of a scope, of None; and those of rows that are not the scope's, with the row."""
    for kpi_id in dict.fromkeys(one.partition(":")[0] for one in asked):
        kpi = KPIS[kpi_id]
        here = choices.changes(kpi, first, *scope)
        yield from ((one, None) for one in here)
        for row in rows:
            for one in choices.changes(kpi, first, row.site_id, row.pk):
                if not any(_alike(one, other) for other in here):
                    yield one, row


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


def of_question(question: Question, rows: Sequence[Row], choices: Choices) -> list[Mark]:
    """The changes within a question: of what it is of, and of its queues or sites, where these
    are its rows or columns."""
    scope, shown = _scopes(question, rows)
    return of(choices, question.kpis or KPIS, question.first, *scope, shown)


def of_several_days(question: Question) -> str:
    """What is to be known of rows that a change may lie within; "": none is of several days."""
    if {question.by, question.across} & {"day", *MOMENTS} or question.first == question.last:
        return ""
    return _("A figure of several days is as a whole by what holds on the last of them.")


def as_json(question: Question, rows: Sequence[Row], choices: Choices) -> list[dict[str, Any]]:
    """The same for machines: `key` is that of the rows whose change it is, empty where it is of
    all."""
    scope, shown = _scopes(question, rows)
    by = "queue" if "queue" in (question.by, question.across) else "site"
    found = [
        {
            "day": change.day.isoformat(),
            "kpi": change.kpi.id,
            "variant": change.variant.id,
            "parameters": said(change.parameters, change.variant.uses),
            "definition": words.short(change.kpi, change.variant, change.parameters),
            "key": {} if row is None else {by: row.name},
        }
        for change, row in _changes(choices, question.kpis or KPIS, question.first, scope, shown)
    ]
    return sorted(found, key=lambda one: (one["day"], one["kpi"], *one["key"].values()))


def in_short(question: Question, rows: Sequence[Row], choices: Choices) -> dict[date, str]:
    """The days within a question on which its first KPI began to be made otherwise, with how: as
    `SL3, 30 s`, and of which queues or sites where it is not of all. One asked for by its variant
    stays as it is."""
    if ":" in question.kpis[0]:
        return {}
    scope, shown = _scopes(question, rows)
    found: dict[date, list[str]] = {}
    for change, row in _changes(choices, question.kpis[:1], question.first, scope, shown):
        told = words.short(change.kpi, change.variant, change.parameters)
        found.setdefault(change.day, []).append(told if row is None else f"{told} ({row.name})")
    return {day: "; ".join(dict.fromkeys(told)) for day, told in found.items()}


def of_rows(question: Question, rows: Sequence[Row], choices: Choices) -> list[list[str]]:
    """The changes of what each row is made by, on its own days, in words."""
    queue = _scopes(question, rows)[0][1]
    of_scope: dict[tuple[int | None, int | None], list[Change]] = {}
    found = []
    for row in rows:
        sides = {question.by: row.id, question.across: row.column_id}
        scope = (row.site, sides.get("queue", queue))
        if scope not in of_scope:
            asked = question.kpis or KPIS
            made = _changes(choices, asked, question.first, scope)
            of_scope[scope] = sorted((one for one, _row in made), key=lambda one: one.day)
        first, last = question.days_of(row)
        found.append([words.of_change(one) for one in of_scope[scope] if first <= one.day <= last])
    return found


def _scopes(
    question: Question, rows: Sequence[Row]
) -> tuple[tuple[int | None, int | None], list[Shown]]:
    """What the whole of a question is of, as site and queue; and the queues, or else the sites,
    that its rows or columns are."""
    queues = question.queues or ()
    queue = queues[0].pk if len(queues) == 1 else None
    sites = {row.site for row in rows} or {site.pk for site in question.sites}
    site = sites.pop() if len(sites) == 1 else None
    told = {
        key: Shown(row.site, key, name)
        for row in rows
        for by, key, name in (
            (question.by, row.id, row.name),
            (question.across, row.column_id, row.column),
        )
        if by == "queue" and key is not None
    }
    if not told and site is None:
        shown = [Shown(one.pk, None, one.name) for one in question.sites if one.pk in sites]
        return (None, queue), shown
    return (site, queue), list(told.values())
