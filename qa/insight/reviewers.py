"""Who reviews harder or milder than the others, and who drifts: from blind double scores alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qa.agreement import Score, Severity, Trend, Unknown, drift, severities
from qa.insight.reads import Double


@dataclass(frozen=True, slots=True)
class Reviewer:
    """`reviews` are those that count in scores of the period, which tell what calls they got and
    nothing of how they judge. `severity` is of double scores of the period, `trend` of all months:
    both in points of 100."""

    id: int
    reviews: int
    severity: Severity
    trend: Trend


@dataclass(frozen=True, slots=True)
class Judged:
    """Reviewers, those who drift first. `calls` were scored by several blind over all months, from
    `first` on."""

    people: Sequence[Reviewer]
    calls: int
    first: date

    @property
    def drifting(self) -> list[Reviewer]:
        return [one for one in self.people if one.trend.drifts]

    @property
    def is_told(self) -> bool:
        """Whether there is anybody of whom it is known whether they drift."""
        return any(one.trend.p is not None for one in self.people)


def judge(
    found: Sequence[Double], counts: Mapping[int, int], first: date, last: date, begun: date
) -> Judged:
    """Of double scores of the months from `begun` on. `counts` are reviews of the period, by who
    did them; severities are of [first, last].

    Scores are without automatic fails; all scores of a call are of the month in which the first of
    them was done.
    """
    scores = [
        (
            one,
            Score(
                one.unit,
                one.reviewer,
                100 * one.share,
                (one.day.year - begun.year) * 12 + one.day.month - begun.month,
            ),
        )
        for one in found
        if one.share is not None and not one.is_failed
    ]
    drifted = drift([score for _one, score in scores])
    within = severities([score for one, score in scores if first <= one.day <= last])
    everybody = {one.reviewer for one in found} | {*counts}
    people = [
        Reviewer(
            pk,
            counts.get(pk, 0),
            within.severities.get(pk) or Severity(0, why=Unknown.TOO_FEW),
            drifted.trends.get(pk) or Trend(0, why=Unknown.TOO_FEW),
        )
        for pk in sorted(everybody)
    ]
    people.sort(key=lambda one: (not one.trend.drifts, -abs(one.severity.value or 0)))
    many = Counter(score.call for _one, score in scores)
    return Judged(people, sum(each > 1 for each in many.values()), begun)
