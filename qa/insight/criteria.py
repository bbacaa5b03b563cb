"""What each criterion does: where points are lost, whether it tells anything apart, whether
reviewers mean the same by it, and what goes with it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

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
    ac,
    agreement,
    alpha,
    percent_agreement,
    verdict,
    weights_of,
)
from qa.insight.pareto import Loss, pareto
from qa.insight.reads import Double, Form, Given, Review, Said
from qa.insight.relating import Relation, Told, relations
from qa.insight.weighted import Mean, mean
from qa.scoring import Criterion, Kind

SEED = 20260101
"""Of the resamples behind agreement's intervals: the same for everybody who asks."""
NOT_APPLICABLE = "n/a"


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion. `share` is how much of its points calls have; of the `scored`, `lost` lost some.
    `alpha`, `ac` and `percent` are of the `doubled` calls that several scored blind. `csat` and
    `fcr` say what goes with meeting it; None: nothing was answered of either kind."""

    id: int
    key: str
    name: str
    section: str
    card: int
    card_name: str
    share: Mean
    scored: int
    lost: int
    loss: Loss[int]
    doubled: int
    agreement: Agreement
    verdict: Verdict
    csat: Relation[tuple[int, str]] | None
    fcr: Relation[tuple[int, str]] | None


@dataclass(frozen=True, slots=True)
class Answered:
    """Answers of one criterion that count, as arrays in the same order."""

    shares: Sequence[float]
    weights: Sequence[float]
    agents: Sequence[int]
    calls: Sequence[Any]


def judge(
    forms: Mapping[int, Form],
    reviews: Sequence[Review],
    answers: Iterable[Said],
    found: Sequence[Double],
    given: Iterable[Given],
    outcomes: Mapping[str, Mapping[Any, float]],
) -> list[Judged]:
    """All criteria that count in a score or fail one, those on which most is lost first.

    `outcomes` are by kind ("csat", "fcr") and call, from 0 to 1.
    """
    scored = {
        criterion: (card, one)
        for card, form in forms.items()
        for criterion, one in _scored(form).items()
    }
    by_review = {one.pk: one for one in reviews}
    marks: dict[int, list[tuple[float, Review]]] = defaultdict(list)
    lost: dict[int, float] = dict.fromkeys(scored, 0.0)
    for said in answers:
        if said.criterion not in scored:
            continue
        review = by_review[said.review]
        share = said.share
        if share is None:
            if not said.is_told or scored[said.criterion][1].weight:
                continue
            # One that weighs nothing and fails a score has no share where it did not.
            share = 1.0
        marks[said.criterion].append((share, review))
        lost[said.criterion] += review.weight * said.lost
    calls = sum(one.weight for one in reviews) or 1.0
    losses = pareto({one: each / calls for one, each in lost.items()})
    ratings = _ratings(forms, found, given)
    related = relations(_asked(marks, outcomes))
    goes_with = {one.of: one for one in related}
    told = []
    for loss in losses:
        card, criterion = scored[loss.of]
        key, name, section, _kind = forms[card].criteria[loss.of]
        some = marks[loss.of]
        missed = sum(share < 1 for share, _review in some)
        agreed = _agreement(ratings.get(loss.of) or Ratings.of([], _scale(criterion)))
        if not some and not agreed.doubled:
            continue
        told.append(
            Judged(
                id=loss.of,
                key=key,
                name=name,
                section=section,
                card=card,
                card_name=forms[card].name,
                share=mean(
                    [share for share, _review in some],
                    [review.weight for _share, review in some],
                    [review.agent for _share, review in some],
                ),
                scored=len(some),
                lost=missed,
                loss=loss,
                doubled=agreed.doubled,
                agreement=agreed,
                verdict=verdict(agreed, missed, len(some), is_critical=bool(criterion.fails)),
                csat=goes_with.get((loss.of, "csat")),
                fcr=goes_with.get((loss.of, "fcr")),
            )
        )
    return told


def _scored(form: Form) -> dict[int, Criterion]:
    """Criteria of the form as it is now that count in a score or fail one, by their ids."""
    card = cards.read(form.document)
    ids = {key: pk for pk, (key, *_words) in form.criteria.items()}
    return {
        ids[one.id]: one
        for one in card.form.criteria()
        if one.id in ids and not one.is_bonus and (one.is_scored or one.fails)
    }


def _asked(
    marks: Mapping[int, Sequence[tuple[float, Review]]],
    outcomes: Mapping[str, Mapping[Any, float]],
) -> dict[tuple[int, str], Told]:
    asked = {}
    for criterion, some in marks.items():
        for kind, by_call in outcomes.items():
            known = [(share, review) for share, review in some if review.call in by_call]
            if known:
                asked[criterion, kind] = Told(
                    np.array([share >= 1 for share, _review in known], np.bool_),
                    np.array([by_call[review.call] for _share, review in known], np.float64),
                    np.array([review.weight for _share, review in known], np.float64),
                    np.array([review.agent for _share, review in known], np.int64),
                )
    return asked


def _ratings(
    forms: Mapping[int, Form], found: Sequence[Double], given: Iterable[Given]
) -> dict[int, Ratings]:
    """Ratings of each criterion that is scored now, of values that it has now."""
    scored = {pk: one for form in forms.values() for pk, one in _scored(form).items()}
    scales = {pk: _scale(one) for pk, one in scored.items()}
    by_review = {one.pk: one for one in found}
    told: dict[int, list[Rating]] = defaultdict(list)
    for one in given:
        if one.criterion not in scored:
            continue
        value = _value(scored[one.criterion], one)
        scale = scales[one.criterion]
        if value is None or (scale.categories and value not in scale.categories):
            continue
        double = by_review[one.review]
        told[one.criterion].append(Rating(double.unit, double.reviewer, value))
    return {pk: Ratings.of(some, scales[pk]) for pk, some in told.items()}


def _scale(one: Criterion) -> Scale:
    if one.kind == Kind.NUMBER:
        return Scale(Metric.INTERVAL)
    if one.kind == Kind.SCALE:
        ordered = sorted(one.options, key=lambda option: option.points)
        return Scale(Metric.ORDINAL, tuple(option.id for option in ordered))
    skipped = (NOT_APPLICABLE,) if one.may_skip else ()
    return Scale(Metric.NOMINAL, (*(option.id for option in one.options), *skipped))


def _value(one: Criterion, said: Given) -> str | float | None:
    """What was answered as a rating; None: none."""
    if said.skipped:
        return NOT_APPLICABLE if _scale(one).metric is Metric.NOMINAL else None
    if not said.value:
        return None
    if one.kind != Kind.NUMBER:
        return said.value
    try:
        number = Decimal(said.value.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return float(number) if number.is_finite() else None


def _agreement(ratings: Ratings) -> Agreement:
    """Agreement, with intervals only where both coefficients are low: they decide there alone
    whether a criterion is surely to be written anew."""
    limits = Thresholds()
    weights = weights_of(ratings.metric)
    doubled = int(ratings.doubled.sum())
    if doubled < FEWEST_DOUBLED:
        return agreement(ratings, seed=SEED)
    alphas, acs = alpha(ratings), ac(ratings, weights)
    if alphas is not None and acs is not None and alphas < limits.alpha and acs < limits.ac:
        return agreement(ratings, seed=SEED)

    def plain(value: float | None) -> Estimate:
        return Estimate(value, why=Why.NO_VARIATION if value is None else None)

    return Agreement(
        len(ratings.counts), doubled, ratings.raters, weights, plain(alphas), plain(acs),
        plain(percent_agreement(ratings)), plain(percent_agreement(ratings, weights)),
    )  # fmt: skip


def needs_words(one: Judged) -> bool:
    """Whether something is to be done about a criterion."""
    return one.verdict.rewrite in (Rewrite.SEEMS, Rewrite.SURELY) or bool(one.verdict.nobody_fails)
