"""What stands beside a report's figures: the same of other days, or what is usual.

A change is marked where it is more than noise (docs/metrics.md, "Intervals and noise"), and so
that of all that a report marks at most one in ten is chance. Else nothing is said of it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from ccm.intervals import days
from kpis import noise, usual
from kpis.dimensions import IN_TIME, By
from kpis.measures import Value
from kpis.reads import reading
from kpis.report import Figure, Question, Row, Unanswerable
from kpis.sums.counts import Counts

# What is usual is told of stretches so short: eight of them lie within a year.
MOST_DAYS = 28
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Beside:
    """What a figure is compared with, None where nothing is known; and whether the change is more
    than noise. `p` is how often chance does that much; None: not judged."""

    value: float | int | None
    p: float | None = None
    marked: bool = False


Compared = Mapping[tuple[Any, str], Beside]
"""By the key of a row and the words of a KPI."""


def _shift(question: Question, how: str) -> timedelta:
    """How long before its days a question's are compared with: as many just before, or so many
    whole weeks that each is of the same weekday."""
    length = (question.last - question.first).days + 1
    return timedelta(weeks=-(-length // 7)) if how != "previous" else timedelta(days=length)


def compared(question: Question, rows: Sequence[Row], how: str, today: date) -> Compared:
    """The rows of a question, by itself and not across anything, beside other days. One query.

    Raises Unanswerable where there is nothing that they can be compared with, and says why.
    """
    if question.across != "total":
        raise Unanswerable(_("Figures are compared where columns are nothing but the KPIs."))
    if question.by in IN_TIME and question.by != "day":
        raise Unanswerable(
            _("Rows that are stretches of time are compared by day: no other has its like before.")
        )
    if how == "usual":
        found = _usual(question, rows, today)
    else:
        found = _earlier(question, rows, _shift(question, how))
    return _marked(found)


def words(question: Question, how: str, today: date) -> list[str]:
    """What is to be known of a comparison: which days it is with, and of what it says nothing."""
    first, last = question.first, question.last
    if how == "usual":
        if len(question.sites) == 1 and any(
            usual.is_holiday(question.sites[0], day) for day in days(first, last)
        ):
            return [_("There is a holiday among these days: nothing is usual for it.")]
        return []
    shift = _shift(question, how)
    span = {"first": (first - shift).isoformat(), "last": (last - shift).isoformat()}
    said = [_("Before: %(first)s – %(last)s.") % span]
    if last >= today:
        said.append(_("Today is not over, and stands beside a whole day."))
    if question.by == "day" or (last - first).days + 1 < noise.FEWEST_DAYS:
        least = _("Whether a change is more than noise is told of at least %(count)d days.")
        said.append(least % {"count": noise.FEWEST_DAYS})
    return said


def _earlier(question: Question, rows: Sequence[Row], shift: timedelta) -> dict[Any, Beside]:
    """Each row's figures of the same stretch, earlier by `shift`."""
    now, then = _stretches(question, [timedelta(), shift])
    found: dict[Any, Beside] = {}
    for row in rows:
        mine, before = now.get(row.id, []), then.get(row.id, [])
        for words, figure in usual.comparable(row):
            value = _value(figure, Counts.sum(before)) if before else None
            if value is None or value.value is None:
                found[row.id, words] = Beside(None)
                continue
            p = _change_p(figure, mine, before)
            found[row.id, words] = Beside(value.value, p)
    return found


def _usual(question: Question, rows: Sequence[Row], today: date) -> dict[Any, Beside]:
    """Each row's figures beside the median of the last eight such stretches of the same
    weekdays."""
    if (question.last - question.first).days >= MOST_DAYS and question.by != "day":
        words = _("What is usual is told of at most %(count)d days.")
        raise Unanswerable(words % {"count": MOST_DAYS})
    if question.last >= today and question.by != "day":
        raise Unanswerable(_("Today is not over: what is usual for it is known for days that are."))
    if question.by != "day":
        verdicts = usual.closed_verdicts(question, rows)
        return {key: Beside(one.usual, one.p) for key, one in verdicts.items()}
    weeks = [timedelta(weeks=number) for number in range(1, usual.LOOK_BACK + 1)]
    past = _stretches(question, weeks)
    found: dict[Any, Beside] = {}
    for row in rows:
        if row.id >= today:
            continue  # it is not over
        stretches = [Counts.sum(one[row.id]) for one in past if one.get(row.id)][: usual.WEEKS]
        for words, figure in usual.comparable(row):
            verdict = usual.judged(figure, stretches)
            found[row.id, words] = Beside(verdict.usual, verdict.p)
    return found


def _stretches(question: Question, shifts: Iterable[timedelta]) -> list[dict[Any, list[Counts]]]:
    """The counts of each day of the question's stretch shifted back, by row. One query, of all
    days between."""
    shifts = list(shifts)
    first, last = question.first - max(shifts), question.last - min(shifts)
    selection = replace(question.selection, first=first, last=last)
    by: By = question.by
    if by == "day":
        cells = {(key, key): one for (key,), one in reading.cells(selection, ("day",)).items()}
    else:
        cells = reading.cells(selection, (by, "day"))
    skipped = _holidays(question, first, last)
    found = []
    for shift in shifts:
        stretch: dict[Any, list[Counts]] = {}
        for (key, day), counts in cells.items():
            there = day + shift
            if question.first <= there <= question.last and not (shift and day in skipped):
                stretch.setdefault(there if by == "day" else key, []).append(counts)
        found.append(stretch)
    return found


def _holidays(question: Question, first: date, last: date) -> set[date]:
    """Holidays of the one site, where days are compared one with one."""
    if len(question.sites) != 1 or (question.by != "day" and question.first != question.last):
        return set()
    return {day for day in days(first, last) if usual.is_holiday(question.sites[0], day)}


def _value(figure: Figure, counts: Counts) -> Value:
    """The same KPI, variant and parameters of other counts."""
    return figure.variant.measure(counts, figure.parameters)


def _change_p(figure: Figure, now: Sequence[Counts], then: Sequence[Counts]) -> float | None:
    """How likely chance alone makes the change; None where days do not tell how sure it is: of
    counts and money, of answers, which are drawn by agent, and of what is no ratio of sums."""
    if figure.variant.interval != "cluster_ratio":
        return None
    mine, before = (_days_of(figure, many) for many in (now, then))
    return noise.change("cluster_ratio", mine, before).p


def _days_of(figure: Figure, many: Sequence[Counts]) -> list[noise.Part]:
    """What each day brings to a ratio of sums; nothing where that does not make up the whole."""
    values = [_value(figure, counts) for counts in many]
    parts = [noise.Part(one.value * one.n, one.n) for one in values if one.value is not None]
    under = sum(part.denominator for part in parts)
    whole = _value(figure, Counts.sum(many)).value
    if not under or whole is None:
        return []
    ratio = sum(part.numerator for part in parts) / under
    return parts if math.isclose(ratio, whole, rel_tol=_SAME) else []


def _marked(found: Mapping[Any, Beside]) -> Compared:
    """With a mark on the changes that are more than noise, each by itself and all together."""
    judged = [key for key, one in found.items() if one.p is not None]
    listed = noise.benjamini_hochberg([found[key].p or 0.0 for key in judged])
    sure = {
        key
        for key, is_listed in zip(judged, listed, strict=True)
        if is_listed and (found[key].p or 0.0) < 1 - noise.LEVEL
    }
    return {key: replace(one, marked=key in sure) for key, one in found.items()}
