"""What each criterion does: where points are lost, whether it tells anything apart, whether
reviewers mean the same by it, and what goes with it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qa import cards
from qa.agreement import Agreement, Verdict
from qa.calibration import agreeing
from qa.calibration.ratings import Blind
from qa.insight.pareto import Loss, pareto
from qa.insight.reads import Form, Review, Said
from qa.insight.relating import Relation, Told, relations
from qa.insight.weighted import Mean, mean
from qa.scoring import Criterion, Kind


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
class Lacking:
    """What scores lack of all calls, failed ones too, in parts of a score from 0 to 1: what is lost
    on the criteria `listed`, and `elsewhere` (on what scorecards ask no more), less what bonuses
    `gave_back`."""

    listed: float
    elsewhere: float
    gave_back: float

    @property
    def lack(self) -> float:
        return self.listed + self.elsewhere - self.gave_back


def judge(
    forms: Mapping[int, Form],
    reviews: Sequence[Review],
    answers: Iterable[Said],
    blind: Mapping[int, Blind],
    outcomes: Mapping[str, Mapping[Any, float]],
) -> list[Judged]:
    """All criteria that count in a score or fail one, those on which most is lost first.

    `blind` are ratings by scorecard, `outcomes` are by kind ("csat", "fcr") and call, from 0 to 1.
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
    related = relations(_asked(marks, outcomes))
    goes_with = {one.of: one for one in related}
    told = []
    for loss in losses:
        card, criterion = scored[loss.of]
        key, name, section, kind = forms[card].criteria[loss.of]
        some = marks[loss.of]
        missed = sum(share < 1 for share, _review in some)
        agreed = agreeing.rated(blind.get(card, Blind()), loss.of, key, Kind(kind)).found
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
                verdict=agreeing.judged(agreed, criterion, missed, len(some)),
                csat=goes_with.get((loss.of, "csat")),
                fcr=goes_with.get((loss.of, "fcr")),
            )
        )
    return told


def lacking(reviews: Sequence[Review], answers: Iterable[Said], told: Sequence[Judged]) -> Lacking:
    """What scores lack, so that what is told of criteria and of scores fits together."""
    listed = {one.id for one in told}
    lost: dict[int, float] = defaultdict(float)
    unlisted: dict[int, float] = defaultdict(float)
    for said in answers:
        lost[said.review] += said.lost
        if said.criterion not in listed:
            unlisted[said.review] += said.lost
    calls = sum(one.weight for one in reviews) or 1.0
    above = {one.pk: one.share + lost[one.pk] - 1 for one in reviews}
    return Lacking(
        sum(one.loss.lost for one in told),
        sum(one.weight * (unlisted[one.pk] + max(0.0, -above[one.pk])) for one in reviews) / calls,
        sum(one.weight * max(0.0, above[one.pk]) for one in reviews) / calls,
    )


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
