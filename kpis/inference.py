"""How sure a report's figures are, and which have changed from another span to it.

Reads what each site day, or each agent, brings to the figures that `kpis.report` answers with;
`kpis.noise` judges. A closed span's own figure is exact: intervals are for comparison and trend.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kpis import report
from kpis.choices import Choices
from kpis.declaration import Need
from kpis.figures import Figure
from kpis.measures import Value
from kpis.noise import FEWEST_DAYS, Change, Interval, Method, Part, change, interval
from kpis.reads import reading
from kpis.reads.reading import By, Selection
from kpis.report import Question
from kpis.report.cells import READERS
from kpis.sums.counts import Counts

_ROWS: tuple[By, ...] = ("total", "site", "queue", "agent")
_OF_ANSWERS: tuple[Method, ...] = ("wilson", "adjusted_wald")
# Denominators of time are told in whole seconds.
_SAME = 1e-3


def intervals(
    question: Question, choices: Choices | None = None
) -> dict[Any, dict[str, Interval | None]]:
    """The interval of each figure of each row, by the method of its KPI; None: it has none.

    Rows are the total, sites, queues or agents. Raises as `report.answer`, and ValueError for
    other rows.
    """
    return {
        row: {words: one.interval for words, one in figures.items()}
        for row, figures in _drawn(question, choices or Choices(question.last)).items()
    }


def compare(
    question: Question, first: date, last: date, choices: Choices | None = None
) -> dict[Any, dict[str, Change]]:
    """Each figure of each row of the question against the same of the days from `first` to `last`.

    Both spans are judged by the definitions of the question's last day. A row that only one span
    has is there, with no change to tell. Rows and errors as `intervals`.
    """
    choices = choices or Choices(question.last)
    now = _drawn(question, choices)
    before = _drawn(replace(question, first=first, last=last), choices)
    words = {one for figures in (*now.values(), *before.values()) for one in figures}
    nothing = dict.fromkeys(words, Drawn())
    return {
        row: {
            one: changed(now.get(row, nothing)[one], before.get(row, nothing)[one])
            for one in now.get(row, before.get(row, nothing))
        }
        for row in {**now, **before}
    }


@dataclass(frozen=True, slots=True)
class Told:
    """The interval of a figure; None: it has none, and of what could have one `why` says why."""

    interval: Interval | None = None
    why: str = ""


def of_figure(one: Figure, question: Question, whole: Counts) -> Told:
    """The interval of a figure that was answered already, of the total of a question; `whole` is
    what it was made of. Asks nothing where it can have none."""
    selection, variant = question.selection, one.variant
    span = (question.last - question.first).days + 1
    days: Mapping[tuple[Any, ...], Counts] = {}
    agents: Mapping[tuple[Any, ...], Counts] = {}
    if one.value is None or variant.interval == "none":
        return Told()
    if variant.interval == "cluster_ratio":
        if span < FEWEST_DAYS:
            return Told(None, _("these are fewer than %(least)d days") % {"least": FEWEST_DAYS})
        days = _of_days(selection, "total", variant.reads(one.parameters), variant.of_waits)
    else:
        agents = reading.cells(selection, ("agent",), waits=variant.of_waits)
    of = drawn(one, [*days.values()], [*agents.values()], whole)
    found = of.interval
    return Told(found, "" if found else _why_none(variant.interval, of))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure and what it was drawn from; no method where that does not make the figure up."""

    value: float | None = None
    method: Method = "none"
    parts: Sequence[Part] = ()
    single: Part | None = None

    @property
    def interval(self) -> Interval | None:
        """Its interval, by the method of its KPI; None: it has none."""
        return interval(self.method, self.parts, self.single, self.ceiling)

    @property
    def ceiling(self) -> float:
        """1 for a share of a whole, which no part of it passes."""
        return 1.0 if all(part.numerator <= part.denominator for part in self.parts) else math.inf


def _why_none(method: Method, of: Drawn) -> str:
    """Why a figure that was drawn from something has no interval."""
    if of.method == "none":
        if method == "cluster_ratio":
            return _("the figures of its days do not add up to it")
        return _("the answers of its agents do not add up to it")
    known = sum(part.denominator > 0 for part in of.parts)
    if method == "cluster_ratio" and known < FEWEST_DAYS:
        words = _("on fewer than %(least)d of these days is there anything to count")
        return words % {"least": FEWEST_DAYS}
    if method == "cluster_ratio":
        return _("all these days are alike")
    return _("nobody answered")


def changed(now: Drawn, before: Drawn) -> Change:
    """A figure's change, from another span to it."""
    if now.method == before.method != "none":
        found = change(
            now.method,
            now.parts,
            before.parts,
            single_now=now.single,
            single_before=before.single,
        )
        return replace(found, now=now.value, before=before.value)
    return Change(now.value, before.value)


def _drawn(question: Question, choices: Choices) -> dict[Any, dict[str, Drawn]]:
    if question.by not in _ROWS:
        raise ValueError(f"rows by {question.by} are not compared")
    rows = report.answer(question, choices)
    figures = [one for row in rows for one in row.figures.values()]
    methods = {one.variant.interval for one in figures}
    selection = question.selection
    of_waits = any(one.variant.of_waits for one in figures)
    days: Mapping[Any, Sequence[Counts]] = {}
    agents: Mapping[Any, Sequence[Counts]] = {}
    if "cluster_ratio" in methods:
        needs = {need for one in figures for need in one.variant.reads(one.parameters)}
        days = _by_row(question.by, _of_days(selection, question.by, needs, of_waits))
    if methods & {*_OF_ANSWERS}:
        agents = of_agents(question, of_waits)
    return {
        row.id: {
            words: drawn(one, days.get(row.id, ()), agents.get(row.id, ()), row.counts)
            for words, one in row.figures.items()
        }
        for row in rows
    }


def is_of_agents(one: Figure, by: By) -> bool:
    """Whether the interval of a figure of such a row is told by what each agent brings to it."""
    return one.variant.interval in _OF_ANSWERS and by in _ROWS


def of_agents(question: Question, waits: bool = False) -> dict[Any, list[Counts]]:
    """What each agent brings to the figures of each row. One query."""
    found = reading.cells(question.selection, _keys(question.by, "agent"), waits=waits)
    return _by_row(question.by, found)


def _keys(by: By, part: By) -> tuple[By, ...]:
    """What tells a row, then what tells its parts."""
    return (part,) if by == "total" else (by,) if by == part else (by, part)


def _of_days(
    selection: Selection, by: By, needs: Iterable[Need], waits: bool
) -> dict[tuple[Any, ...], Counts]:
    found = reading.cells(selection, _keys(by, "day"), waits=waits)
    if by == "total":
        # Of other rows nobody reads it day by day: their figures that need it have no interval.
        for need in needs:
            for day, read in (READERS[need](selection, ("day",)) or {}).items():
                found[day] = replace(found.get(day, Counts()), **{need: read})
    return found


def _by_row(by: By, found: Mapping[tuple[Any, ...], Counts]) -> dict[Any, list[Counts]]:
    rows: dict[Any, list[Counts]] = {}
    for key, counts in found.items():
        rows.setdefault(None if by == "total" else key[0], []).append(counts)
    return rows


def drawn(one: Figure, days: Sequence[Counts], agents: Sequence[Counts], whole: Counts) -> Drawn:
    """What a figure was drawn from, of the counts of its site days and of its agents."""
    method = one.variant.interval

    def measured(counts: Counts) -> Value:
        return one.again(counts)

    if one.value is None or method == "none":
        return Drawn(one.value)
    if method == "cluster_ratio":
        parts = _parts(map(measured, days))
        under = sum(part.denominator for part in parts)
        # Days whose sources measure other parts of handling do not make up the whole's figure.
        if not under or not math.isclose(
            sum(part.numerator for part in parts) / under, one.value, rel_tol=_SAME, abs_tol=1e-9
        ):
            return Drawn(one.value)
        return Drawn(one.value, method, parts)
    parts = _parts(map(measured, agents))
    (all_of_it,) = _parts([measured(whole)])
    rest = _less(all_of_it, parts)
    if min(rest.denominator, rest.numerator + rest.bad, rest.bad) < -_SAME:
        # A contact of several visits may bring fewer answers than its agents do.
        return Drawn(one.value)
    return Drawn(one.value, method, parts, rest)


def _parts(values: Iterable[Value]) -> list[Part]:
    """What each brings. Where nobody is known to have been asked there is no rate, and n all the
    same: the whole's rate is of these too."""
    return [Part((one.value or 0) * one.n, one.n, one.bad) for one in values if one.n]


def _less(whole: Part, parts: Sequence[Part]) -> Part:
    """What is left of the whole: answers that name no agent."""
    return Part(*(all_ - sum(some) for all_, *some in zip(whole, *parts, strict=True)))
