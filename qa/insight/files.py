"""The tables of insight as files: (header, lines) of each, by what it is of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from qa.insight import words
from qa.insight.relating import Relation
from qa.insight.told import Insight, Line

Table = tuple[Sequence[str], Iterator[Sequence[object]]]

_SCORES = (
    "by", "id", "name", "reviews", "agents", "score", "score low", "score high", "why not",
    "failed", "failing", "failing low", "failing high",
)  # fmt: skip


def scores(made: Insight) -> Table:
    kinds = (
        ("all", [made.whole]), ("team", made.teams), ("queue", made.queues), ("tenure", made.tenure)
    )  # fmt: skip
    return _SCORES, ((by, *_line(one)) for by, lines in kinds for one in lines)


def months(made: Insight) -> Table:
    return ("month", *_SCORES), (
        (month, "team", *_line(line)) for team in made.trend for month, line in team.months.items()
    )


def criteria(made: Insight) -> Table:
    """With what is lost on criteria that are asked no more and what bonuses give back, so that what
    is lost adds up to what scores lack."""
    header = (
        "id", "key", "name", "section", "scorecard", "answers", "lost points on", "share of points",
        "share low", "share high", "lost of a score", "share of all lost", "together",
        "one of the few",
        "double-scored calls", "alpha", "ac", "percent agreement", "rewrite", "nobody fails it",
        "csat met", "csat missed", "csat difference", "csat low", "csat high", "csat p",
        "csat more than chance", "fcr met", "fcr missed", "fcr difference", "fcr low", "fcr high",
        "fcr p", "fcr more than chance",
    )  # fmt: skip
    rows = (
        (
            one.id, one.key, one.name, one.section, one.card_name, one.scored, one.lost,
            one.share.value, *(one.share.interval or (None, None)), one.loss.lost, one.loss.share,
            one.loss.together, one.loss.is_vital, one.doubled, one.agreement.alpha.value,
            one.agreement.ac.value, one.agreement.percent.value, str(one.verdict.rewrite),
            one.verdict.nobody_fails, *_relation(one.csat), *_relation(one.fcr),
        )
        for one in made.criteria
    )  # fmt: skip
    lacking = made.lacking
    others = {
        _("criteria that are asked no more"): lacking.elsewhere,
        _("given back by bonuses"): -lacking.gave_back,
    }
    added = (_of_none(name, lost, header) for name, lost in others.items() if round(lost, 6))
    return header, chain(rows, added)


def reviewers(made: Insight) -> Table:
    header = (
        "id", "name", "reviews", "double-scored calls", "harder by points", "low", "high",
        "a month harder by points", "month low", "month high", "p", "drifts",
    )  # fmt: skip
    people = made.judged.people if made.judged else ()
    return header, (
        (
            one.id, made.people.get(one.id, ""), one.reviews, one.trend.calls, one.severity.value,
            one.severity.low, one.severity.high, one.trend.value, one.trend.low, one.trend.high,
            one.trend.p, one.trend.drifts,
        )
        for one in people
    )  # fmt: skip


OF: Mapping[str, Callable[[Insight], Table]] = {
    "scores": scores,
    "months": months,
    "criteria": criteria,
    "reviewers": reviewers,
}


def _line(one: Line) -> Sequence[object]:
    name = words.TENURE.get(str(one.id), one.name) if isinstance(one.id, str) else one.name
    return (
        one.id, str(name), one.reviews, one.score.agents, one.score.value,
        *(one.score.interval or (None, None)), words.why(one.score), one.failing.having,
        one.failing.value, *(one.failing.interval or (None, None)),
    )  # fmt: skip


def _of_none(name: str, lost: float, header: Sequence[str]) -> Sequence[object]:
    """A line that is of no criterion."""
    told: dict[str, object] = {"name": name, "lost of a score": lost}
    return [told.get(column) for column in header]


def _relation(one: Relation[Any] | None) -> Sequence[object]:
    if one is None:
        return (None,) * 7
    told = one.difference
    return (
        told.with_it, told.without, told.value, told.low, told.high, told.p,
        None if told.p is None else one.is_told,
    )  # fmt: skip
