"""How far reviewers agree on each criterion of a scorecard, and what that says of the criterion.

Pooled over sessions and over drawn calls that several people reviewed blind (`ratings`), by
`qa.agreement`. Versions of a form may ask a criterion with other answers: those are not put
together, and what was given by older answers is left out and counted.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.querysets import Viewer
from ccm.templatetags import figures
from qa import cards
from qa.agreement import (
    FEWEST_DOUBLED,
    Agreement,
    Estimate,
    Metric,
    Rating,
    Ratings,
    Rewrite,
    Scale,
    Thresholds,
    Verdict,
    Why,
    agreement,
    verdict,
)
from qa.calibration import ratings
from qa.calibration.ratings import Blind
from qa.models import Answer, CardCriterion, Scorecard
from qa.scoring import NOT_APPLICABLE, Criterion, Kind, Value

_METRICS = {
    Kind.YES_NO: Metric.NOMINAL,
    Kind.CHOICE: Metric.NOMINAL,
    Kind.SCALE: Metric.ORDINAL,
    Kind.NUMBER: Metric.INTERVAL,
}
_NOT_APPLICABLE = "n/a"


@dataclass(frozen=True, slots=True)
class Rated:
    """What ratings of a criterion say: how far they agree, by which metric, and how many by older
    answers were left out. `newest` is the criterion as it was last rated; None: it never was."""

    found: Agreement
    metric: Metric
    left_out: int
    newest: Criterion | None


@dataclass(frozen=True, slots=True)
class Agreed:
    """Of one criterion: how far raters agree, the verdict, of how many `scored` calls how many
    `failed` it, and how many ratings by older answers were left out."""

    criterion: CardCriterion
    metric: Metric
    found: Agreement
    verdict: Verdict
    scored: int
    failed: int
    left_out: int
    words: str

    @property
    def tags(self) -> list[tuple[str, str]]:
        return tags(self.verdict, self.failed)


def by_criterion(
    card: Scorecard,
    first: datetime,
    until: datetime,
    user: Viewer,
) -> list[Agreed]:
    """Each criterion of a scorecard that is not a text, in its order, by ratings of calls of which
    the first was given in [first, until) at sites whose reviews the user sees."""
    reviews = ratings.seen(user).filter(version__card=card)
    blind = ratings.blind(reviews, first, until).get(card.pk, Blind())
    published = card.versions.published().order_by("-number").first()
    form = None if published is None else cards.read(published.form)
    counts = _counts(reviews, first, until)
    found = []
    for row in card.criteria.exclude(kind=Kind.TEXT).order_by("pk"):
        made = rated(blind, row.pk, row.key, Kind(row.kind))
        scored, failed = counts.get(row.pk, (0, 0))
        asked = (None if form is None else form.find(row.key)) or made.newest
        told = judged(made.found, asked, failed, scored)
        found.append(
            Agreed(
                row, made.metric, made.found, told, scored, failed, made.left_out,
                _words(made.found, told, failed),
            )
        )  # fmt: skip
    return found


def rated(blind: Blind, pk: int, key: str, kind: Kind) -> Rated:
    """How far raters agree on a criterion, by the newest version that was rated; `kind` is what it
    is where none was. Intervals are drawn by the criterion's id."""
    given, metric, left_out, newest = _ratings(blind, key, kind)
    return Rated(agreement(given, seed=pk), metric, left_out, newest)


def judged(found: Agreement, asked: Criterion | None, failed: int, scored: int) -> Verdict:
    """The verdict on a criterion as it is asked: wherever one is told, it is this one."""
    return verdict(
        found,
        failed,
        scored,
        is_critical=asked is not None and bool(asked.fails),
        is_bonus=asked is not None and asked.is_bonus,
    )


def _ratings(blind: Blind, key: str, kind: Kind) -> tuple[Ratings, Metric, int, Criterion | None]:
    """The ratings of a criterion on the scale of the newest version that was rated by."""
    asked = {
        version: criterion
        for version, card in blind.cards.items()
        if (criterion := card.find(key)) is not None
    }
    newest = next(iter(asked.values()), None)
    metric = _METRICS.get(kind if newest is None else newest.kind, Metric.NOMINAL)
    if newest is None:
        return Ratings.of([], Scale(metric)), metric, 0, None
    shapes = {version: _shape(criterion) for version, criterion in asked.items()}
    shape = _shape(newest)
    given = [one for one in blind.given if key in one.said]
    rows = [
        Rating(one.unit, one.reviewer, value)
        for one in given
        if shapes[one.version] == shape and (value := _category(one.said[key], metric)) is not None
    ]
    left_out = sum(shapes[one.version] != shape for one in given)
    skips = any(one.value == _NOT_APPLICABLE for one in rows)
    return Ratings.of(rows, _scale(newest, metric, skips=skips)), metric, left_out, newest


def _shape(criterion: Criterion) -> Hashable:
    """What makes answers of two versions the same: how it is answered, and by what."""
    return (criterion.kind, tuple(one.id for one in criterion.options))


def _scale(criterion: Criterion, metric: Metric, *, skips: bool) -> Scale:
    """All values there are, in the order of their points where they have one. Of numbers those that
    were given. `skips`: an older version had "not applicable", and somebody said so."""
    if metric is Metric.INTERVAL:
        return Scale(metric)
    options = criterion.options
    if metric is Metric.ORDINAL:
        options = tuple(sorted(options, key=lambda one: one.points))
    names: tuple[Hashable, ...] = tuple(("is", one.id) for one in options)
    if metric is Metric.NOMINAL and (criterion.may_skip or criterion.is_bonus or skips):
        names = (*names, _NOT_APPLICABLE)
    return Scale(metric, names)


def _category(value: Value, metric: Metric) -> Hashable | None:
    """A rating's value; None: it is missing, as "not applicable" is where values have an order."""
    if value is NOT_APPLICABLE:
        return _NOT_APPLICABLE if metric is Metric.NOMINAL else None
    return float(str(value)) if metric is Metric.INTERVAL else ("is", str(value))


def _counts(reviews: QuerySet[Any], first: datetime, until: datetime) -> dict[int, tuple[int, int]]:
    """By criterion, of how many calls it was answered, and on how many it lost points: of first
    reviews of drawn and of targeted calls, each call once."""
    counted = reviews.filter(finished_at__gte=first, finished_at__lt=until, rank=0).exclude(
        kind="calibration"
    )
    rows = (
        Answer.objects.filter(evaluation__in=counted, skipped=False)
        .exclude(value="")
        .order_by()
        .values("criterion")
        .annotate(
            scored=Count("evaluation__call", distinct=True),
            failed=Count("evaluation__call", distinct=True, filter=Q(lost__gt=0) | Q(share__lt=1)),
        )
    )
    return {one["criterion"]: (one["scored"], one["failed"]) for one in rows}


# In words.


def tags(verdict: Verdict, failed: int) -> list[tuple[str, str]]:
    """A verdict as levels with their words; `failed`: on how many calls points were lost."""
    found = []
    if verdict.rewrite in _REWRITE:
        level, word = _REWRITE[verdict.rewrite]
        found.append((level, str(word)))
    if verdict.nobody_fails:
        found.append(("warn", _("hardly anybody fails it") if failed else _("nobody fails it")))
    if found:
        return found
    return [("ok", _("holds")) if verdict.rewrite is Rewrite.NO else ("none", _("not known"))]


_REWRITE = {
    Rewrite.SURELY: ("bad", gettext_lazy("rewrite me")),
    Rewrite.SEEMS: ("warn", gettext_lazy("perhaps rewrite me")),
    Rewrite.UNSURE: ("none", gettext_lazy("unsure")),
}
_WHY = {
    Why.TOO_FEW: gettext_lazy("too few"),
    Why.NO_VARIATION: gettext_lazy("none: all said the same"),
    Why.LITTLE_VARIATION: gettext_lazy("hardly anybody said anything else"),
    Why.ALIKE: gettext_lazy("all calls tell the same"),
}
METRIC_WORDS = {
    Metric.NOMINAL: gettext_lazy("alike or not"),
    Metric.ORDINAL: gettext_lazy("ranks"),
    Metric.INTERVAL: gettext_lazy("numbers"),
    Metric.RATIO: gettext_lazy("proportions"),
}


def estimate_words(one: Estimate, *, is_share: bool = False) -> tuple[str, str]:
    """A coefficient, and its interval or why it has none."""
    why = "" if one.why is None else str(_WHY[one.why])
    if one.value is None:
        return figures.DASH, why
    if one.low is None or one.high is None:
        return _figure(one.value, is_share=is_share), why
    ends = (_figure(end, is_share=is_share) for end in (one.low, one.high))
    return _figure(one.value, is_share=is_share), _("%s to %s") % tuple(ends)


def _figure(value: float, *, is_share: bool) -> str:
    return figures.percent(value, 0) if is_share else figures.grouped(value, 2)


def _words(found: Agreement, verdict: Verdict, failed: int) -> str:
    """What follows of it, in a sentence."""
    if verdict.rewrite is Rewrite.SURELY:
        said = _(
            "Reviewers do not mean the same: both coefficients are low, and surely so. Write it "
            "anew, or describe its answers."
        )
    elif verdict.rewrite is Rewrite.SEEMS:
        said = _(
            "Reviewers seem not to mean the same: both coefficients are low, though with so few "
            "calls they may be higher."
        )
    elif verdict.rewrite is Rewrite.UNSURE:
        said = _unsure(found)
    elif verdict.rewrite is Rewrite.NO:
        said = _("Reviewers mean the same beyond chance.")
    elif found.doubled < FEWEST_DOUBLED:
        said = ngettext(
            "%(n)s call was scored by several people; from %(of)s on it can be told.",
            "%(n)s calls were scored by several people; from %(of)s on it can be told.",
            found.doubled,
        ) % {"n": found.doubled, "of": FEWEST_DOUBLED}
    else:
        said = _("All gave the same, so nobody was seen to tell anything apart.")
    if verdict.nobody_fails:
        seldom = (
            _("Hardly anybody fails it: it tells hardly any agent from another.")
            if failed
            else _("Nobody fails it: it tells no agent from another.")
        )
        said = f"{said} {seldom}"
    return said


def sentences(found: Sequence[Agreed]) -> list[str]:
    """What asks for something, over all criteria: for a headline."""
    told = (
        (Rewrite.SURELY, _("To be written anew: %(names)s")),
        (Rewrite.SEEMS, _("Perhaps to be written anew: %(names)s")),
    )
    said = []
    for rewrite, words in told:
        names = [one.criterion.name for one in found if one.verdict.rewrite is rewrite]
        if names:
            said.append(words % {"names": ", ".join(names)})
    return said


def _unsure(found: Agreement) -> str:
    limits = Thresholds()
    if (found.alpha.value or 0) < limits.alpha:
        return _(
            "Alpha is low and AC is not: reviewers mostly come near each other, but such "
            "answers would often be near by chance. Look at the calls on which they differ."
        )
    if (found.ac.value or 0) < limits.ac:
        return _(
            "AC is low and alpha is not: reviewers tell calls apart alike, but often by "
            "other answers. Look at the calls on which they differ."
        )
    return _("Neither coefficient is low, but with so few calls both may be.")
