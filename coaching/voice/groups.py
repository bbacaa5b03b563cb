"""What comments are about, in groups. Pure.

With scikit-learn (the extra "learned") comments are taken apart into matters by non-negative matrix
factorization of their words' weights (TF-IDF): Lee & Seung 1999, "Learning the parts of objects by
non-negative matrix factorization". Without it, groups are the phrases that callers who are not
satisfied say more than others, and the other way round (`qa.checks.frequent`).

Both pass over stop words (`stops` finds them), folded as `qa.transcripts.words` folds: no group is
told by one, and no phrase begins or ends with one, but that a negation goes with the word behind it
("not settled"). English contractions are read as the words they stand for ("doesn't work" as "does
not work").
"""

import re
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.checks import By, frequent
from qa.checks.learned import is_there
from qa.checks.topics import usual
from qa.transcripts import Line, Speaker, Transcript, spelled_out, words
from qa.transcripts.words import folded

FEWEST_COMMENTS = 40
"""Of fewer no matters are told by factors."""
FEWEST_OF_A_GROUP = 5
MOST_GROUPS = 12
MOST_WORDS = 4
"""A group is told by so many of its words."""
_LEAST_SHARE = 0.5
"""A comment is of a matter that has at least so much of it; others are of none."""
_LEAST_WEIGHT = 0.1
"""A word tells a matter that weighs more than so much of what the first one does."""
_STEPS = 400
_TELLING = 4
"""Signs of a word, in a language whose stop words nobody knows."""
_MOST_WAYS = 3
_APOSTROPHE = "['\u2019\u02bc]"
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
    """Groups by the factors of words' weights, of comments with bad scores and of the others each
    by themselves, for the same words praise and complain; each comment in one at most.

    Raises ImportError without scikit-learn.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    listed = frozenset(stops)
    weights = TfidfVectorizer(
        analyzer=list, min_df=FEWEST_OF_A_GROUP, max_df=0.5, sublinear_tf=True
    )
    try:
        known = weights.fit_transform([[*_terms(one.words, listed)] for one in comments])
    except ValueError:  # no word is in as many comments
        return []
    names, written = list(weights.get_feature_names_out()), _written(comments)
    # Twice as many comments are on more matters, not on twice as many.
    whole = min(MOST_GROUPS, isqrt(len(comments) // 8))
    found = []
    for side in (True, False):
        places = [place for place, one in enumerate(comments) if one.is_bad is side]
        many = min(max(1, round(whole * len(places) / len(comments))), len(names))
        for telling, members in _factors(known[places], names, many):
            if not listed:
                # Short words join others in most languages, and tell little by themselves.
                telling.sort(key=lambda one: max(map(len, one.split())) < _TELLING)
            said = (" ".join(written[word] for word in term.split()) for term in _apart(telling))
            found.append(Group(tuple(said), tuple(places[one] for one in members)))
    return _largest(found)


def _factors(known: Any, names: Sequence[str], many: int) -> Iterator[tuple[list[str], list[int]]]:
    """So many matters of some comments, by the weights of their words: the words that tell one,
    the most telling first, and its comments by their places, the most typical first."""
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    if known.shape[0] < FEWEST_OF_A_GROUP:
        return
    model = NMF(many, init="nndsvd", max_iter=_STEPS, random_state=0)
    with warnings.catch_warnings():
        # Not wholly settled after so many steps is near enough to read by.
        warnings.simplefilter("ignore", ConvergenceWarning)
        parts: NDArray[np.float64] = np.asarray(model.fit_transform(known))
    # A matter weighs as much as its words do.
    parts = parts * model.components_.sum(axis=1)
    whole = parts.sum(axis=1)
    best = parts.argmax(axis=1)
    share = np.divide(parts.max(axis=1), whole, out=np.zeros(len(whole)), where=whole > 0)
    for matter in range(many):
        of_it = np.flatnonzero((best == matter) & (share >= _LEAST_SHARE))
        members = of_it[np.argsort(-parts[of_it, matter], kind="stable")]
        order = np.argsort(-model.components_[matter], kind="stable")
        least = _LEAST_WEIGHT * model.components_[matter].max()
        telling = [names[place] for place in order if model.components_[matter, place] > least]
        yield telling, [int(one) for one in members]


def contracted(label: str, comments: Iterable[str]) -> list[str]:
    """How comments say with a contraction what a label says is not so, the most frequent first:
    "doesn't work" of "not work"."""
    negation, *others = label.split()
    if negation.lower() != "not" or not others:
        return []
    rest = r"\W+".join(map(re.escape, others))
    said = re.compile(rf"\b([a-z]+n{_APOSTROPHE}t)\W+{rest}\b", re.IGNORECASE)
    ways = Counter(hit[1].lower() for one in comments for hit in said.finditer(one))
    return [" ".join((one, *others)) for one, _n in ways.most_common(_MOST_WAYS)]


def _largest(groups: Sequence[Group]) -> list[Group]:
    told = [one for one in groups if one.words and len(one.members) >= FEWEST_OF_A_GROUP]
    return sorted(told, key=lambda one: (-len(one.members), one.words))[:MOST_GROUPS]


def _terms(text: str, stops: Collection[str]) -> Iterator[str]:
    """Its words and pairs of neighbours, folded. Stop words and numbers are none and part others; a
    negation is a part of the word behind it."""
    before = negation = ""
    for word in words(spelled_out(text)):
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
        said = spelled_out(one.words)
        spelled.update((word.folded, said[word.start : word.end].lower()) for word in words(said))
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
    return Transcript((Line(spelled_out(text), Speaker.CALLER),))


def _folded(text: str) -> str:
    return f" {' '.join(word.folded for word in words(spelled_out(text)))} "
