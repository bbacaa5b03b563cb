"""Scores by which reviewers are compared: what they gave the same calls, blind (`ratings`).

They are without automatic fails: one reviewer who fails a call outright where another does not
makes a difference beside which a drift is lost.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache

from qa.agreement import Score
from qa.calibration.ratings import Blind, Given
from qa.scoring import Fails, Form, score
from qa.scoring.answers import fails


def scores(blind: Iterable[Blind], begins: date) -> Iterator[tuple[Given, Score]]:
    """What was given, with its score in points of 100; months are numbered from that of `begins`.
    What has no score but for a fail is left out."""
    for of_card in blind:
        for one in of_card.given:
            share = lenient(one, of_card.cards[one.version].form)
            if share is None:
                continue
            period = (one.month.year - begins.year) * 12 + one.month.month - begins.month
            yield one, Score(one.unit, one.reviewer, 100 * share, period)


def lenient(one: Given, form: Form) -> float | None:
    """The share of a score in which a critical answer takes its own points alone. Only of what
    failed something is that another one than was given."""
    critical = (each for each in form.criteria() if each.id in one.said)
    if not any(fails(each, one.said[each.id]) for each in critical):
        return one.share
    share = score(without_fails(form), one.said).share
    return None if share is None else float(share)


@cache
def without_fails(form: Form) -> Form:
    """The same form with nothing critical: what an answer takes is its own points alone."""
    return Form(
        tuple(
            replace(
                section,
                criteria=tuple(replace(one, fails=Fails.NOTHING) for one in section.criteria),
            )
            for section in form.sections
        )
    )
