"""What comments are about, in groups. Pure.

With scikit-learn (the extra "learned") comments are taken apart into matters by non-negative matrix
factorization of their words' weights (TF-IDF): Lee & Seung 1999, "Learning the parts of objects by
non-negative matrix factorization". Without it, groups are the phrases that callers who are not
satisfied say more than others, and the other way round (`qa.checks.frequent`).

Both pass over stop words (`stops` finds them), folded as `qa.transcripts.words` folds: no group is
told by one, and no phrase begins or ends with one, but that a negation goes with the word behind it
("not settled").
"""

import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from qa.checks import By, frequent
from qa.checks.learned import is_there
from qa.checks.topics import usual
from qa.transcripts import Line, Speaker, Transcript, words
from qa.transcripts.words import folded

FEWEST_COMMENTS = 40
"""Of fewer no matters are told by factors."""
FEWEST_OF_A_GROUP = 5
MOST_GROUPS = 12
MOST_WORDS = 4
"""A group is told by so many of its words."""
_LEAST_SHARE = 0.5
"""A comment is of a matter that has at least so much of it; others are of none."""
_STEPS = 400
_TELLING = 4
"""Signs of a word, in a language whose stop words nobody knows."""
_NOT = (
    "no not nor  no ni sin  nicht kein keine keinen keiner keinem ohne  ne sans  non  não nem sem  "
    "niet geen zonder  ikke  inte  ei  nem  не нет ни без"
)
NEGATIONS = frozenset(map(folded, _NOT.split()))
"""Stop words that say of the word behind them that it is not so (folded)."""


@dataclass(frozen=True, slots=True)
class Said:
    """A comment, and whether the score beside it is a bad one."""

    words: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Comments on one matter, by their places, the most typical first; `words` tell it."""

    words: tuple[str, ...]
    members: tuple[int, ...]


def grouped(comments: Sequence[Said], stops: Collection[str] = ()) -> list[Group]:
    """Comments by what they are about, the largest group first; those that are about nothing that
    others are about, too, are in none. The same comments make the same groups."""
    if is_there() and len(comments) >= FEWEST_COMMENTS:
        return by_factors(comments, stops)
    return by_phrases(comments, stops)


def by_phrases(comments: Sequence[Said], stops: Collection[str] = ()) -> list[Group]:
    """A group each phrase that is surely said more by those with bad scores than by the others, or
    the other way round. A comment may be in several."""
    sides = {
        is_bad: [_as_talk(one.words) for one in comments if one.is_bad is is_bad]
        for is_bad in (True, False)
    }
    told = frequent(
        sides, by=By.CALLER, most=MOST_GROUPS, fewest_calls=FEWEST_OF_A_GROUP, stops=stops,
        negations=NEGATIONS,
    )  # fmt: skip
    texts = [_folded(one.words) for one in comments]
    found = []
    for side in (True, False):
        for phrase in told[side]:
            wanted = _folded(phrase.words)
            members = tuple(place for place, said in enumerate(texts) if wanted in said)
            found.append(Group((phrase.words,), members))
    return _largest(found)


def by_factors(comments: Sequence[Said], stops: Collection[str] = ()) -> list[Group]:
    """Groups by the factors of words' weights; each comment in one at most.

    Raises ImportError without scikit-learn.
    """
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfVectorizer

    listed = frozenset(stops)
    terms = [[*_terms(one.words, listed)] for one in comments]
    written = _written(comments)
    weights = TfidfVectorizer(
        analyzer=list, min_df=FEWEST_OF_A_GROUP, max_df=0.5, sublinear_tf=True
    )
    try:
        known = weights.fit_transform(terms)
    except ValueError:  # no word is in as many comments
        return []
    names = list(weights.get_feature_names_out())
    # Twice as many comments are on more matters, not on twice as many.
    many = max(2, min(MOST_GROUPS, isqrt(len(comments) // 8), len(names)))
    if len(names) < many:
        return []
    model = NMF(many, init="nndsvd", max_iter=_STEPS, random_state=0)
    with warnings.catch_warnings():
        # Not wholly settled after so many steps is near enough to read by.
        warnings.simplefilter("ignore", ConvergenceWarning)
        parts: NDArray[np.float64] = np.asarray(model.fit_transform(known))
    # A matter weighs as much as its words do.
    sizes = model.components_.sum(axis=1)
    parts = parts * sizes
    whole = parts.sum(axis=1)
    best = parts.argmax(axis=1)
    share = np.divide(parts.max(axis=1), whole, out=np.zeros(len(whole)), where=whole > 0)
    found = []
    for matter in range(many):
        of_it = np.flatnonzero((best == matter) & (share >= _LEAST_SHARE))
        members = of_it[np.argsort(-parts[of_it, matter], kind="stable")]
        order = np.argsort(-model.components_[matter], kind="stable")
        telling = [names[place] for place in order if model.components_[matter, place] > 0]
        if not listed:
            # Short words join others in most languages, and tell little by themselves.
            telling.sort(key=lambda one: max(map(len, one.split())) < _TELLING)
        said = tuple(" ".join(written[word] for word in term.split()) for term in _apart(telling))
        found.append(Group(said, tuple(int(one) for one in members)))
    return _largest(found)


def _largest(groups: Sequence[Group]) -> list[Group]:
    told = [one for one in groups if one.words and len(one.members) >= FEWEST_OF_A_GROUP]
    return sorted(told, key=lambda one: (-len(one.members), one.words))[:MOST_GROUPS]


def _terms(text: str, stops: Collection[str]) -> Iterator[str]:
    """Its words and pairs of neighbours, folded. Stop words and numbers are none and part others; a
    negation is a part of the word behind it."""
    before = negation = ""
    for word in words(text):
        one = word.folded
        if one in stops or one.isdecimal():
            before, negation = "", one if one in NEGATIONS else ""
            continue
        term = f"{negation} {one}".lstrip()
        yield term
        if before:
            yield f"{before} {term}"
        before, negation = term, ""


def _written(comments: Sequence[Said]) -> dict[str, str]:
    """Each folded word as it is mostly written."""
    spelled: Counter[tuple[str, str]] = Counter()
    for one in comments:
        spelled.update(
            (word.folded, one.words[word.start : word.end].lower()) for word in words(one.words)
        )
    return usual(spelled)


def _apart(terms: Sequence[str]) -> tuple[str, ...]:
    """The first of them of which none is a part of another."""
    told: list[str] = []
    for term in terms:
        parts = set(term.split())
        if not any(parts <= set(one.split()) or set(one.split()) <= parts for one in told):
            told.append(term)
        if len(told) == MOST_WORDS:
            break
    return tuple(told)


def _as_talk(text: str) -> Transcript:
    return Transcript((Line(text, Speaker.CALLER),))


def _folded(text: str) -> str:
    return f" {' '.join(word.folded for word in words(text))} "
