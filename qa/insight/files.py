"""The tables of insight as files: (header, lines) of each, by what it is of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qa.agreement import Rewrite
from qa.cells import coefficient, hundredths, interval, p, yes
from qa.insight import words
from qa.insight.relating import Relation
from qa.insight.told import Insight, Line

Words = str | Promise
Table = tuple[Sequence[Words], Iterator[Sequence[object]]]

_SCORES: tuple[Words, ...] = (
    _("By"), _("Name"), _("Reviews"), _("Agents"), _("Score, %"), _("Score from, %"),
    _("Score to, %"), _("Why there is no score"), _("Failed"), _("Failing, %"),
    _("Failing from, %"), _("Failing to, %"),
)  # fmt: skip
_CRITERION, _LOST = _("Criterion"), _("Lost of a score, points")
_KINDS: Mapping[str, Words] = {
    "all": _("All"), "team": _("Team"), "queue": _("Queue"), "tenure": _("Employed"),
}  # fmt: skip
REWRITE: Mapping[Rewrite, Words] = {
    Rewrite.NO: _("no"), Rewrite.SEEMS: _("perhaps"), Rewrite.SURELY: _("yes"),
    Rewrite.UNSURE: _("unsure"), Rewrite.UNKNOWN: _("not known"),
}  # fmt: skip
"""Whether a criterion asks to be written anew."""


def scores(made: Insight) -> Table:
    kinds = (
        ("all", [made.whole]), ("team", made.teams), ("queue", made.queues), ("tenure", made.tenure)
    )  # fmt: skip
    return _SCORES, ((_KINDS[by], *_line(one)) for by, lines in kinds for one in lines)


def months(made: Insight) -> Table:
    return (_("Month"), *_SCORES), (
        (month, _KINDS["team"], *_line(line))
        for team in made.trend
        for month, line in team.months.items()
    )


def criteria(made: Insight) -> Table:
    """With what is lost on criteria that are asked no more and what bonuses give back, so that what
    is lost adds up to what scores lack."""
    header: tuple[Words, ...] = (
        _("Criterion id"), _CRITERION, _("Section"), _("Scorecard"), _("Answers"),
        _("Lost points on"), _("Share of points, %"), _("From, %"), _("To, %"),
        _LOST, _("Of all that is lost, %"), _("Together, %"),
        _("One of the few"), _("Calls scored by several"), "alpha", "AC", _("Same answer, %"),
        _("Rewrite me"), _("Nobody fails it"),
        _("CSAT met, %"), _("CSAT missed, %"), _("CSAT difference, %"), _("CSAT from, %"),
        _("CSAT to, %"),
        _("CSAT p"), _("CSAT more than chance"),
        _("FCR met, %"), _("FCR missed, %"), _("FCR difference, %"), _("FCR from, %"),
        _("FCR to, %"),
        _("FCR p"), _("FCR more than chance"),
    )  # fmt: skip
    rows = (
        (
            one.key, one.name, one.section, one.card_name, one.scored, one.lost,
            hundredths(one.share.value), *interval(one.share.interval), hundredths(one.loss.lost),
            hundredths(one.loss.share), hundredths(one.loss.together), yes(one.loss.is_vital),
            one.doubled, coefficient(one.agreement.alpha.value),
            coefficient(one.agreement.ac.value),
            hundredths(one.agreement.percent.value), REWRITE[one.verdict.rewrite],
            yes(one.verdict.nobody_fails), *_relation(one.csat), *_relation(one.fcr),
        )
        for one in made.criteria
    )  # fmt: skip
    lacking = made.lacking
    others = {
        _("criteria that are asked no more"): lacking.elsewhere,
        _("given back by bonuses"): -lacking.gave_back,
    }
    added = (_of_none(str(name), lost, header) for name, lost in others.items() if round(lost, 6))
    return header, chain(rows, added)


def reviewers(made: Insight) -> Table:
    header: tuple[Words, ...] = (
        _("Reviewer"), _("Reviews"), _("Calls scored by several"), _("Harder, points"),
        _("Harder from, points"), _("Harder to, points"), _("Harder a month, points"),
        _("A month from, points"), _("A month to, points"), "p", _("Drifts"),
    )  # fmt: skip
    people = made.judged.people if made.judged else ()
    return header, (
        (
            made.people.get(one.id, ""), one.reviews, one.trend.calls,
            *map(_points, (one.severity.value, one.severity.low, one.severity.high)),
            *map(_points, (one.trend.value, one.trend.low, one.trend.high)),
            p(one.trend.p), yes(one.trend.drifts),
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
        str(name), one.reviews, one.score.agents, hundredths(one.score.value),
        *interval(one.score.interval), words.why(one.score), one.failing.having,
        hundredths(one.failing.value), *interval(one.failing.interval),
    )  # fmt: skip


def _of_none(name: str, lost: float, header: Sequence[Words]) -> Sequence[object]:
    """A line that is of no criterion."""
    told: dict[Words, object] = {_CRITERION: name, _LOST: hundredths(lost)}
    return [told.get(column) for column in header]


def _points(value: float | None) -> object:
    """Points of 100, rounded as shares are."""
    return None if value is None else hundredths(value / 100)


def _relation(one: Relation[Any] | None) -> Sequence[object]:
    if one is None:
        return (None,) * 7
    told = one.difference
    return (
        *map(hundredths, (told.with_it, told.without, told.value, told.low, told.high)), p(told.p),
        None if told.p is None else yes(one.is_told),
    )  # fmt: skip
