"""Words that stand in any text and say nothing of it ("the", "y", "und"), by language.

The lists are those of Snowball, which come with PostgreSQL: none is kept here. In which language a
comment is written nobody says; it is told by which list has most of its words.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from django.db import connection

from qa.transcripts.words import folded, words

LEAST_SHARE = 0.1
"""The stop words of a language hold where so many of the comments are written in it."""

_STOPPED = """
SELECT d.dictname, w.word
FROM pg_ts_dict d
JOIN pg_ts_template t ON t.oid = d.dicttemplate
CROSS JOIN unnest(%s::text[]) AS w(word)
WHERE t.tmplname = 'snowball' AND d.dictnamespace = 'pg_catalog'::regnamespace
    AND d.dictinitoption ILIKE '%%stopwords%%' AND ts_lexize(d.oid::regdictionary, w.word) = '{}'
"""


def of(texts: Collection[str]) -> frozenset[str]:
    """The stop words, folded, of the languages that some texts are written in. One query."""
    said = [[text[one.start : one.end].lower() for one in words(text)] for text in texts]
    lists: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STOPPED, [sorted({word for each in said for word in each})])
        for language, word in cursor.fetchall():
            lists.setdefault(language, set()).add(word)
    return frozenset(folded(word) for language in spoken(said, lists) for word in lists[language])


def spoken(texts: Iterable[Collection[str]], lists: Mapping[str, Collection[str]]) -> set[str]:
    """Of the languages of some lists of stop words those that a tenth of the texts, each given by
    its words, are written in. Of two lists that have as much of a text the one that has more of all
    texts goes first; a text that none has anything of is in no language. Pure."""
    has = [
        {language: sum(word in listed for word in text) for language, listed in lists.items()}
        for text in texts
    ]
    of_all: Counter[str] = Counter()
    for counts in has:
        of_all.update(counts)
    best = [
        max(counts, key=lambda one: (counts[one], of_all[one], one))
        for counts in has
        if any(counts.values())
    ]
    return {one for one, n in Counter(best).items() if n >= LEAST_SHARE * len(best)}
