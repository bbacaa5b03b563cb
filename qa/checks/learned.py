"""Answers learned from one's own reviews: TF-IDF and logistic regression, on this machine alone.

What was said is counted in words and pairs of words (`terms`), weighed by how few of the reviewed
calls have them (Salton & Buckley 1988, "Term-weighting approaches in automatic text retrieval"),
and a logistic regression with a quadratic penalty tells answers from that. Its confidence is made
to say how often it is right by one number, the temperature that its logits are divided by, fitted
on calls that each part of the model had not seen (Guo et al. 2017, "On calibration of modern neural
networks", 4.2; for two answers that is Platt's scaling without its shift).

scikit-learn does the fitting and comes with the extra `learned`; what was learned is plain numbers,
and is used without it.
"""

import math
import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from qa.checks.rules import By
from qa.checks.scorer import Evidence, Scored, evidence
from qa.transcripts import Transcript, words

FEWEST_REVIEWS = 100
FEWEST_OF_EACH = 20
"""Reviews with an answer from which it is learned: four in each part that is held out."""
FOLDS = 5
"""Parts that are held out in turn; an answer that fewer agents have is not learned."""
MOST_TERMS = 5000
_FEWEST_CALLS = 2
# How far it may follow the reviews; the temperature makes up for what it follows too little.
_FREEDOM = 10.0
_VERSION = 1
# The logit of an answer that a part has not seen.
_NEVER = -20.0
_NUMBER = re.compile(r"\d+")

Floats = NDArray[np.float64]


class NotInstalled(RuntimeError):
    """scikit-learn is not there."""


class Review(NamedTuple):
    """What somebody answered to the criterion (an option's id) on a call, whose `agent` is held out
    together: how somebody speaks would tell their answers. None: nobody's."""

    transcript: Transcript
    answer: str
    agent: Hashable = None


class HeldOut(NamedTuple):
    """What a person answered, and what was told of the call by what was learned from other agents'
    calls."""

    answer: str
    told: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Learned:
    """A scorer (`scorer.Scorer`) of one criterion. `terms` hold of each term its weight by rarity,
    then how much it speaks for each of `answers`, whose `intercepts` are what speaks for them
    beforehand. `by`: whose words count."""

    criterion: str
    by: By
    answers: tuple[str, ...]
    intercepts: tuple[float, ...]
    temperature: float
    terms: Mapping[str, tuple[float, ...]]

    def score(self, transcript: Transcript, criterion: str) -> Scored | None:
        """The likeliest answer, with the line that speaks most for it. None for another criterion,
        and where nothing of what was said is known."""
        if criterion != self.criterion:
            return None
        by_line = terms_by_line(transcript, self.by)
        counts = Counter(term for terms in by_line.values() for term in terms if term in self.terms)
        if not counts:
            return None
        values = {term: (1 + math.log(n)) * self.terms[term][0] for term, n in counts.items()}
        length = math.sqrt(sum(value * value for value in values.values()))
        logits = np.array(self.intercepts)
        for term in sorted(values):
            logits = logits + values[term] / length * np.array(self.terms[term][1:])
        chances = _softmax(logits[None] / self.temperature)[0]
        best = int(chances.argmax())
        shares = {term: value / length / counts[term] for term, value in values.items()}
        told = self._evidence(transcript, by_line, shares, best)
        return Scored(self.answers[best], told, float(chances[best]))

    def as_json(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return {
            "version": _VERSION,
            "criterion": self.criterion,
            "by": self.by.value,
            "answers": [*self.answers],
            "intercepts": [*self.intercepts],
            "temperature": self.temperature,
            "terms": {term: [*numbers] for term, numbers in self.terms.items()},
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Learned":
        """The same again. Raises ValueError for what `as_json` did not make."""
        try:
            if kept["version"] != _VERSION:
                raise ValueError(f"version {kept['version']}")
            found = cls(
                str(kept["criterion"]),
                By(kept["by"]),
                tuple(map(str, kept["answers"])),
                tuple(map(float, kept["intercepts"])),
                float(kept["temperature"]),
                {str(term): tuple(map(float, each)) for term, each in kept["terms"].items()},
            )
        except (KeyError, TypeError, AttributeError) as wrong:
            raise ValueError("this is nothing that was learned") from wrong
        many = len(found.answers)
        numbers = [*found.intercepts, *(one for each in found.terms.values() for one in each)]
        if (
            many < 2
            or len(found.intercepts) != many
            or any(len(each) != many + 1 for each in found.terms.values())
            or not all(map(math.isfinite, numbers))
            or not 0 < found.temperature < math.inf
        ):
            raise ValueError("numbers of what was learned do not go together")
        return found

    def _evidence(
        self,
        transcript: Transcript,
        by_line: Mapping[int, Sequence[str]],
        shares: Mapping[str, float],
        answer: int,
    ) -> tuple[Evidence, ...]:
        """The line that speaks most for an answer, beside the mean of the others."""

        def speaks(term: str) -> float:
            weights = self.terms[term][1:]
            others = (sum(weights) - weights[answer]) / (len(weights) - 1)
            return shares[term] * (weights[answer] - others)

        sums = {
            number: sum(speaks(term) for term in terms if term in shares)
            for number, terms in by_line.items()
        }
        line = max(sums, key=lambda number: (sums[number], -number))
        return (evidence(transcript, line),) if sums[line] > 0 else ()


@dataclass(frozen=True, slots=True)
class Trained:
    """What was learned. `held_out` are the reviews it is from, each as told by what was learned
    from the others: what `measuring.measure` takes. Answers in `left_out` were too rare."""

    model: Learned
    held_out: tuple[HeldOut, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TooFew:
    """Why nothing was learned: `reviews` there are of answers that are there often enough, and of
    how many answers. It takes `FEWEST_REVIEWS` of two."""

    reviews: int
    answers: int


def is_there() -> bool:
    """Whether scikit-learn is installed."""
    return find_spec("sklearn") is not None


def train(
    reviews: Sequence[Review], criterion: str, *, seed: int, by: By = By.ANYBODY
) -> Trained | TooFew:
    """What answers to a criterion, by its id, were told by in these reviews.

    Takes `FEWEST_REVIEWS`, with answers that `FEWEST_OF_EACH` of them have, of `FOLDS` agents;
    others are left out, as is a review in which `by` says nothing. The same reviews in any order,
    with the same seed, make the same. Reviews that were made with a suggestion in view teach
    nothing but the suggestion: give blind ones. Raises NotInstalled without scikit-learn.
    """
    given = _sorted(reviews, by)
    often = _often(given)
    left_out = tuple(sorted({answer for answer, _, _ in given} - often))
    kept = [one for one in given if one[0] in often]
    if len(kept) < FEWEST_REVIEWS or len(often) < 2:
        return TooFew(len(kept), len(often))
    if not is_there():
        raise NotInstalled("learning needs scikit-learn: install callcenter[learned]")
    from sklearn.model_selection import StratifiedGroupKFold

    names = tuple(sorted(often))
    truth = np.array([names.index(answer) for answer, _, _ in kept])
    documents = [document for _, document, _ in kept]
    agents = [agent for _, _, agent in kept]
    logits = np.zeros((len(kept), len(names)))
    parts = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for learned_from, told_of in parts.split(documents, truth, agents):
        fit = _Fit([documents[at] for at in learned_from], truth[learned_from], len(names))
        logits[told_of] = fit.logits([documents[at] for at in told_of])
    temperature = _temperature(logits, truth)
    chances = _softmax(logits / temperature)
    held_out = tuple(
        HeldOut(names[true], names[int(row.argmax())], float(row.max()))
        for true, row in zip(truth, chances, strict=True)
    )
    fit = _Fit(documents, truth, len(names))
    model = Learned(criterion, by, names, fit.intercepts(), temperature, fit.terms())
    return Trained(model, held_out, left_out)


Given = list[tuple[str, list[str], int]]


def _sorted(reviews: Sequence[Review], by: By) -> Given:
    """Answers, what was said, and a number of the agent, in an order that is the same however the
    reviews come; those without an agent stand for one each."""
    given = sorted(
        (
            (review.answer, said, review.agent)
            for review in reviews
            if (said := _document(review.transcript, by))
        ),
        key=lambda one: (one[:2], str(one[2])),
    )
    numbers: dict[Hashable, int] = {}
    return [
        (answer, said, numbers.setdefault((at, None) if agent is None else agent, len(numbers)))
        for at, (answer, said, agent) in enumerate(given)
    ]


def _often(given: Given) -> set[str]:
    """Answers that enough reviews have, of enough agents."""
    many = Counter(answer for answer, _, _ in given)
    agents = Counter(answer for answer, _ in {(answer, agent) for answer, _, agent in given})
    return {one for one, n in many.items() if n >= FEWEST_OF_EACH and agents[one] >= FOLDS}


def terms_by_line(transcript: Transcript, by: By) -> dict[int, list[str]]:
    """The words and pairs of words of each line by whoever counts, by its number. Numbers are all
    one: which one it is tells no call from another."""
    found = {}
    for number, line in enumerate(transcript.lines, 1):
        if by.says(line.speaker):
            said = [_NUMBER.sub("0", word.folded) for word in words(line.words)]
            found[number] = [*said, *map(" ".join, pairwise(said))]
    return found


class _Fit:
    """A fitted model of scikit-learn."""

    def __init__(
        self, documents: Sequence[Sequence[str]], truth: NDArray[np.int64], answers: int
    ) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        calls = Counter(chain.from_iterable(map(set, documents)))
        fewest = min(_FEWEST_CALLS, max(calls.values()))
        self._terms = TfidfVectorizer(
            analyzer=list, min_df=fewest, max_features=MOST_TERMS, sublinear_tf=True
        )
        self._answers = answers
        self._model = LogisticRegression(C=_FREEDOM, max_iter=2000)
        known = self._terms.fit_transform(documents)
        self._only = int(truth[0]) if (truth == truth[0]).all() else None
        if self._only is None:
            self._model.fit(known, truth)

    def logits(self, documents: Sequence[Sequence[str]]) -> Floats:
        """Of each document and answer; one that no review had is never told."""
        found = np.full((len(documents), self._answers), _NEVER)
        if self._only is not None:
            found[:, self._only] = 0
            return found
        weights, intercepts = self._numbers()
        found[:, self._model.classes_] = self._terms.transform(documents) @ weights.T + intercepts
        return found

    def intercepts(self) -> tuple[float, ...]:
        return tuple(map(float, self._numbers()[1]))

    def terms(self) -> dict[str, tuple[float, ...]]:
        weights, _ = self._numbers()
        names = self._terms.get_feature_names_out()
        return {
            str(name): (float(rarity), *map(float, weights[:, at]))
            for at, (name, rarity) in enumerate(zip(names, self._terms.idf_, strict=True))
        }

    def _numbers(self) -> tuple[Floats, Floats]:
        """Weights [answer, term] and intercepts; of two answers there is one row, half of which
        speaks for the one and half against the other."""
        weights, intercepts = self._model.coef_, self._model.intercept_
        if len(weights) == 1:
            return np.vstack([-weights / 2, weights / 2]), np.array([-1, 1]) * intercepts[0] / 2
        return weights, intercepts


def _document(transcript: Transcript, by: By) -> list[str]:
    return [term for terms in terms_by_line(transcript, by).values() for term in terms]


def _temperature(logits: Floats, truth: NDArray[np.int64]) -> float:
    """What logits are divided by so that they lose least, in logarithms."""
    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        chances = _softmax(logits / math.exp(log_temperature))[rows, truth]
        return float(-np.log(np.maximum(chances, 1e-300)).mean())

    found = minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-6})
    return math.exp(float(found.x))


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)
