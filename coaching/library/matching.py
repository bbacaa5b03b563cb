"""Looks for what a text asks (`searched`) in rows whose words a database has taken apart: of the
library, of what of it anybody reads, and of comments alike.

Words are found by their stems, what is in quotation marks as it is written: with "the" and "it" in
it, and not by its stems. A database keeps 256 places of a word in one text: of a word that stands
there more often a phrase beyond these is not found.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, FloatField, Func, IntegerField, Q, Value
from django.db.models.lookups import Exact

from coaching.library.searched import (
    Side,
    has_phrases,
    phrases_of,
    plain,
    sides,
    words_of,
)
from coaching.models.library import AS_WRITTEN

LONGEST = 200
"""Signs of what is searched for."""


def stems(text: str, config: str) -> SearchQuery:
    """What a text asks by the stems of its words, as a search engine takes it."""
    return SearchQuery(plain(text)[:LONGEST], search_type="websearch", config=config)


def as_written(phrase: str) -> SearchQuery:
    return SearchQuery(phrase, search_type="phrase", config=AS_WRITTEN)


def any_phrase(text: str) -> SearchQuery | None:
    """Any of the phrases of a text as they are written; None: it has none."""
    queries = [as_written(phrase) for phrase in phrases_of(text[:LONGEST])]
    either: Callable[[Any, Any], Any] = or_
    return reduce(either, queries) if queries else None


@dataclass(frozen=True, slots=True)
class Words:
    """Where rows have their words: the names of a vector of their `stems` by a `config`, and of one
    of their words as they are `written`. `first_by_stems`: of these two the first has an index."""

    stems: str
    written: str
    config: str
    first_by_stems: bool = False

    def says(self, text: str) -> Q:
        """Rows that say what a text asks for."""
        text = text[:LONGEST]
        if not has_phrases(text):
            return Q(**{self.stems: stems(text, self.config)})
        return reduce(or_, map(self._of_side, sides(text)))

    def rank(self, text: str) -> Any:
        """How well a row that says it says it: by the words and by the phrases of a text."""
        text = text[:LONGEST]
        asked = words_of(text) if has_phrases(text) else text
        ranks: list[Any] = []
        if asked:
            ranks.append(SearchRank(F(self.stems), stems(asked, self.config)))
        if (phrases := any_phrase(text)) is not None:
            ranks.append(SearchRank(F(self.written), phrases))
        return sum(ranks[1:], ranks[0]) if ranks else Value(0.0, output_field=FloatField())

    def _of_side(self, side: Side) -> Q:
        asked = Q()
        if side.words:
            wanted = stems(side.words, self.config)
            alone = not side.phrases and not side.without
            asked &= Q(**{self.stems: wanted}) if alone else self._has(wanted)
        for phrase in side.phrases:
            asked &= Q(**{self.written: as_written(phrase)})
            if self.first_by_stems:
                # What is written so has the stems of it, too.
                asked &= self._has(SearchQuery(phrase, search_type="phrase", config=self.config))
        for phrase in side.without:
            asked &= ~Q(**{self.written: as_written(phrase)})
        return asked

    def _has(self, wanted: SearchQuery) -> Q:
        """Rows with these stems; all, where stop words alone were asked for."""
        nodes = Func(wanted, function="numnode", output_field=IntegerField())
        return Q(**{self.stems: wanted}) | Q(Exact(nodes, 0))
