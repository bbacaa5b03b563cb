"""How far reviewers agree on each criterion of a scorecard, and what that says of the criterion.

Pooled over sessions and over drawn calls that several people reviewed blind (`ratings`), by
`qa.agreement`. Versions of a form may ask a criterion with other answers: those are not put
together, and what was given by older answers is left out and counted.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.querysets import Viewer
from ccm.templatetags import figures
from qa.agreement import (
    FEWEST_DOUBLED,
    Agreement,
    Estimate,
    Metric,
    Rating,
    Ratings,
    Rewrite,
    Scale,
    Verdict,
    Why,
    agreement,
    verdict,
)
from qa.calibration import ratings
from qa.calibration.ratings import Blind
from qa.models import Answer, CardCriterion, Scorecard
from qa.scoring import NOT_APPLICABLE, Criterion, Kind, Value

# Of a dozen criteria with 300 double-scored calls that takes a second or two.
RESAMPLES = 1000
_REMEMBERED = 512
_METRICS = {
    Kind.YES_NO: Metric.NOMINAL,
    Kind.CHOICE: Metric.NOMINAL,
    Kind.SCALE: Metric.ORDINAL,
    Kind.NUMBER: Metric.INTERVAL,
}
_NOT_APPLICABLE = "n/a"


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
    def level(self) -> str:
        if self.verdict.rewrite in (Rewrite.SURELY, Rewrite.SEEMS):
            return "bad" if self.verdict.rewrite is Rewrite.SURELY else "warn"
        if self.verdict.rewrite is Rewrite.NO and not self.verdict.nobody_fails:
            return "ok"
        return "none"

    @property
    def tag(self) -> str:
        if self.verdict.rewrite is Rewrite.SURELY:
            return _("Rewrite me")
        if self.verdict.rewrite is Rewrite.SEEMS:
            return _("Rewrite me, it seems")
        if self.verdict.nobody_fails:
            return _("Nobody fails it")
        return _("Holds") if self.verdict.rewrite is Rewrite.NO else _("Unknown")


def by_criterion(
    card: Scorecard,
    first: datetime,
    until: datetime,
    user: Viewer,
    *,
    resamples: int = RESAMPLES,
) -> list[Agreed]:
    """Each criterion of a scorecard that is not a text, in its order, by ratings given in
    [first, until) at sites whose reviews the user sees."""
    blind = ratings.blind(card, first, until, user)
    rows = [one for one in card.criteria.order_by("pk") if one.kind != Kind.TEXT]
    counts = _counts(card, first, until, user)
    found = []
    for row in rows:
        rated, metric, left_out = _ratings(blind, row)
        made = _agreement(
            rated.metric, rated.categories, rated.counts.tobytes(), len(rated.counts),
            rated.raters, row.pk, resamples,
        )  # fmt: skip
        scored, failed = counts.get(row.pk, (0, 0))
        newest = next((one for card in blind.cards.values() if (one := card.find(row.key))), None)
        is_critical = newest is not None and bool(newest.fails)
        judged = verdict(made, failed, scored, is_critical=is_critical)
        said = _words(made, judged)
        found.append(Agreed(row, metric, made, judged, scored, failed, left_out, said))
    return found


@lru_cache(maxsize=_REMEMBERED)
def _agreement(
    metric: Metric,
    categories: tuple[Hashable, ...],
    counts: bytes,
    calls: int,
    raters: int,
    seed: int,
    resamples: int,
) -> Agreement:
    """The agreement of such ratings. It is made of them and of nothing else, so that what is
    remembered is what would be reckoned again."""
    table = np.frombuffer(counts, np.float64).reshape(calls, len(categories))
    ratings = Ratings(metric, categories, table, raters)
    return agreement(ratings, seed=seed, resamples=resamples)


def _ratings(blind: Blind, row: CardCriterion) -> tuple[Ratings, Metric, int]:
    """The ratings of a criterion on the scale of the newest version that was rated by."""
    shapes = {
        version: _shape(criterion)
        for version, card in blind.cards.items()
        if (criterion := card.find(row.key)) is not None
    }
    newest = next(
        (card.find(row.key) for version, card in blind.cards.items() if version in shapes), None
    )
    kind = Kind(row.kind) if newest is None else newest.kind
    metric = _METRICS.get(kind, Metric.NOMINAL)
    if newest is None:
        return Ratings.of([], Scale(metric)), metric, 0
    shape = _shape(newest)
    given = [one for one in blind.given if row.key in one.said]
    rows = [
        Rating(one.unit, one.reviewer, value)
        for one in given
        if shapes[one.version] == shape
        and (value := _category(one.said[row.key], metric)) is not None
    ]
    left_out = sum(shapes[one.version] != shape for one in given)
    skips = any(one.value == _NOT_APPLICABLE for one in rows)
    return Ratings.of(rows, _scale(newest, metric, skips=skips)), metric, left_out


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


def _counts(
    card: Scorecard, first: datetime, until: datetime, user: Viewer
) -> dict[int, tuple[int, int]]:
    """By criterion, of how many calls it was answered, and on how many it lost points: of first
    reviews of drawn and of targeted calls, each call once."""
    reviews = (
        ratings.seen(card, user)
        .filter(finished_at__gte=first, finished_at__lt=until, rank=0)
        .exclude(kind="calibration")
    )
    rows = (
        Answer.objects.filter(evaluation__in=reviews, skipped=False)
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


def _words(found: Agreement, judged: Verdict) -> str:
    """What follows of it, in a sentence."""
    if judged.rewrite is Rewrite.SURELY:
        said = _(
            "Reviewers do not mean the same: both coefficients are low, and surely so. Write it "
            "anew, or describe its answers."
        )
    elif judged.rewrite is Rewrite.SEEMS:
        said = _(
            "Reviewers seem not to mean the same: both coefficients are low, though with so few "
            "calls they may be higher."
        )
    elif judged.rewrite is Rewrite.NO:
        said = _("Reviewers mean the same beyond chance.")
    elif found.doubled < FEWEST_DOUBLED:
        said = ngettext(
            "%(n)s call was scored by several people; from %(of)s on it can be told.",
            "%(n)s calls were scored by several people; from %(of)s on it can be told.",
            found.doubled,
        ) % {"n": found.doubled, "of": FEWEST_DOUBLED}
    else:
        said = _("All gave the same, so nobody was seen to tell anything apart.")
    if judged.nobody_fails:
        said = f"{said} {_('Nobody fails it: it tells no agent from another.')}"
    return said


def sentences(found: Sequence[Agreed]) -> list[str]:
    """What asks for something, over all criteria: for a headline."""
    names = [one.criterion.name for one in found if one.level in ("bad", "warn")]
    return [_("To be written anew: %(names)s") % {"names": ", ".join(names)}] if names else []
