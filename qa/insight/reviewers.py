"""Who reviews harder or milder than the others, and who drifts: from blind double scores alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qa import cards
from qa.agreement import Score, Severity, Trend, Unknown, drift, severities
from qa.calibration.drifting import without_fails
from qa.insight.reads import Double, Form, Given
from qa.reviews.answers import as_value
from qa.scoring import Value, score, shown
from qa.scoring.answers import fails


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
    def is_apart(self) -> bool:
        low, high = self.severity.low, self.severity.high
        return low is not None and high is not None and not low <= 0 <= high


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
    def apart(self) -> list[Reviewer]:
        """Those who are harder or milder than the others on the same calls, and surely so."""
        return [one for one in self.people if one.is_apart]

    @property
    def is_told(self) -> bool:
        """Whether there is anybody of whom it is known whether they drift."""
        return any(one.trend.p is not None for one in self.people)


def judge(
    found: Sequence[Double], counts: Mapping[int, int], first: date, last: date, begun: date
) -> Judged:
    """Of double scores of the months from `begun` on. `counts` are reviews of the period, by who
    did them; severities are of [first, last].

    Scores are without automatic fails (`lenient`); all scores of a call are of one month.
    """
    scores = [
        (
            one,
            Score(
                one.unit,
                one.reviewer,
                100 * one.share,
                (one.month.year - begun.year) * 12 + one.month.month - begun.month,
            ),
        )
        for one in found
        if one.share is not None
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
    since = min((one.day for one in found), default=begun)
    return Judged(people, sum(each > 1 for each in many.values()), since)


def lenient(
    found: Sequence[Double], forms: Mapping[int, Form], given: Sequence[Given]
) -> list[Double]:
    """The same with scores in which a critical answer takes its own points alone, as
    `qa.calibration.drifting` reckons them. Only of what failed something is that another score."""
    said: dict[int, list[Given]] = defaultdict(list)
    for answer in given:
        said[answer.review].append(answer)
    versions: dict[int, cards.Card] = {}
    told = []
    for one in found:
        form = forms[one.card]
        if one.version not in versions:
            versions[one.version] = cards.read(form.versions[one.version])
        card = versions[one.version].form
        by_key = {each.id: each for each in card.criteria()}
        critical = {key for key, each in by_key.items() if each.fails}
        values: dict[str, Value] = {}
        for each in said[one.pk] if critical else ():
            key, _name, _section, _kind = form.criteria[each.criterion]
            if key in by_key:
                value = as_value(by_key[key].kind, each.value, skipped=each.skipped)
                if value is not None:
                    values[key] = value
        if any(key in values and fails(by_key[key], values[key]) for key in critical):
            asked = {each.id for each in shown(card, values)}
            kept = {key: value for key, value in values.items() if key in asked}
            share = score(without_fails(card), kept).share
            one = one._replace(share=None if share is None else float(share), is_failed=False)
        told.append(one)
    return told
