"""Who reviews harder or milder than the others, and who drifts: from blind double scores alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ccm.intervals import Calendar, Span, day_of
from qa.agreement import Severity, Trend, Unknown, drift, severities
from qa.calibration import drifting
from qa.calibration.ratings import Blind


@dataclass(frozen=True, slots=True)
class Reviewer:
    """`reviews` are those that count in scores of the period, which tell what calls they got and
    nothing of how they judge. `severity` is of double scores of the period, `trend` of all months:
    both in points of 100."""

    id: int
    reviews: int
    severity: Severity
    trend: Trend

    @property
    def may_drift(self) -> bool:
        """By itself, and not once all reviewers are looked at."""
        return self.trend.leans and not self.trend.drifts


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
    def maybe_drifting(self) -> list[Reviewer]:
        return [one for one in self.people if one.may_drift]

    @property
    def apart(self) -> list[Reviewer]:
        """Those who are harder or milder than the others on the same calls, and surely so."""
        return [one for one in self.people if one.severity.leans]

    @property
    def is_told(self) -> bool:
        """Whether there is anybody of whom it is known whether they drift."""
        return any(one.trend.p is not None for one in self.people)


def judge(
    blind: Iterable[Blind], counts: Mapping[int, int], within: Span, begun: date, calendar: Calendar
) -> Judged:
    """Of ratings of the months from `begun` on. `counts` are reviews of the period, by who did
    them; severities are of calls of which the first was scored `within` its days."""
    found = [*blind]
    scores = [*drifting.scores(found, begun)]
    drifted = drift([score for _one, score in scores])
    severe = severities([score for one, score in scores if one.first_at in within])
    given = [one for of_card in found for one in of_card.given]
    people = [
        Reviewer(
            pk,
            counts.get(pk, 0),
            severe.severities.get(pk) or Severity(0, why=Unknown.TOO_FEW),
            drifted.trends.get(pk) or Trend(0, why=Unknown.TOO_FEW),
        )
        for pk in sorted({one.reviewer for one in given} | {*counts})
    ]
    people.sort(
        key=lambda one: (not one.trend.drifts, not one.may_drift, -abs(one.severity.value or 0))
    )
    many = Counter(score.call for _one, score in scores)
    since = min((day_of(one.first_at, calendar) for one in given), default=begun)
    return Judged(people, sum(each > 1 for each in many.values()), since)
