"""Who is harder than the others on the same calls, and who becomes so over the months.

By blind double scores alone (`ratings`). Scores are those without automatic fails: one reviewer who
fails a call outright where another does not makes a difference beside which a drift is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache

from ccm.models import User
from ccm.querysets import Viewer
from qa.agreement import Compared, Drift, Score, drift, severities
from qa.calibration import ratings
from qa.models import Scorecard
from qa.scoring import Fails, Form, score


@dataclass(frozen=True, slots=True)
class Reviewers:
    """Severities over all months, and drift; reviewers by their ids, whose names are in `people`,
    periods by their numbers, whose months are in `months`. `calls` have two scores or more."""

    compared: Compared
    drift: Drift
    people: Mapping[int, User]
    months: Mapping[int, date]
    calls: int


def severity(card: Scorecard, first: datetime, until: datetime, user: Viewer) -> Reviewers:
    """How hard the reviewers of a scorecard are, in points of 100, by scores given blind in
    [first, until) at sites whose reviews the user sees."""
    blind = ratings.blind(card, first, until, user)
    lenient = {version: without_fails(one.form) for version, one in blind.cards.items()}
    begins = min((one.month for one in blind.given), default=None)
    scores = []
    for one in blind.given:
        share = score(lenient[one.version], one.said).share
        if share is None or begins is None:
            continue
        period = (one.month.year - begins.year) * 12 + one.month.month - begins.month
        scores.append(Score(one.unit, one.reviewer, float(share * 100), period))
    people = User.objects.in_bulk({one.reviewer for one in scores})
    counts: dict[object, int] = {}
    for each in scores:
        counts[each.call] = counts.get(each.call, 0) + 1
    months = {
        period: _month(begins, period)
        for period in sorted({each.period for each in scores})
        if begins is not None
    }
    return Reviewers(
        severities(scores), drift(scores), people, months, sum(n > 1 for n in counts.values())
    )


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


def _month(begins: date, period: int) -> date:
    months = begins.year * 12 + begins.month - 1 + period
    return date(months // 12, months % 12 + 1, 1)
