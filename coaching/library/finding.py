"""Finds pages of the library by their words: those in use, the best first, marked where."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchHeadline
from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe

from ccm.querysets import Viewer
from coaching.library import reads
from coaching.library.highlights import BEGIN, END, marked
from coaching.library.matching import Words, any_phrase, stems
from coaching.library.searched import has_phrases, plain, with_phrases, words_of
from coaching.models import LibraryVersion
from coaching.models.library import AS_WRITTEN, CONFIG

ROWS = 20
MOST_COUNTED = 1000
_WORD = re.compile(r"[\w'-]+")
# A phrase, a word left out, one or the other.
_SAYS_HOW = re.compile(r'"|(?:^|\s)-|\bor\b', re.IGNORECASE)
MOST_WORDS = 12
WORDS = Words("found_by", "written_by", CONFIG)


@dataclass(frozen=True, slots=True)
class Hit:
    """A version that was found; `title` and `excerpt` with what was found marked, safe to show."""

    version: LibraryVersion
    title: SafeString
    excerpt: SafeString


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found. `many` are all, at most `MOST_COUNTED`; `is_any`: no page has all
    of the words, these have some of them."""

    hits: Sequence[Hit]
    many: int
    page: int
    is_any: bool

    @property
    def is_capped(self) -> bool:
        return self.many == MOST_COUNTED

    @property
    def before(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def after(self) -> int | None:
        return self.page + 1 if self.page * ROWS < self.many else None


def found(user: Viewer, asked: reads.Asked, now: datetime, page: int = 1) -> Found:
    """What is found by `asked.text`, of what the rest of it narrows to. Three queries, four where
    no page has all of the words."""
    pages = reads.pages(user, asked, now)
    among = LibraryVersion.objects.current().filter(page__in=pages.order_by().values("pk"))
    text, is_any = asked.text, False
    many = _many(among, text)
    if not many and (wider := any_of(text)):
        text, is_any = wider, True
        many = _many(among, text)
    page = min(max(page, 1), max(1, -(-many // ROWS)))
    hits = _hits(among, text, (page - 1) * ROWS) if many else []
    return Found(hits, many, page, is_any and many > 0)


def any_of(text: str) -> str:
    """A query for any of the words of a text; "": it has one word or none, or says by itself how
    they belong together."""
    text = plain(text)
    if _SAYS_HOW.search(text):
        return ""
    words = _WORD.findall(text)
    return " or ".join(words[:MOST_WORDS]) if len(words) > 1 else ""


def _many(among: QuerySet[LibraryVersion], text: str) -> int:
    return among.filter(WORDS.says(text)).order_by()[:MOST_COUNTED].count()


def _hits(among: QuerySet[LibraryVersion], text: str, first: int) -> list[Hit]:
    """Ranked by ids alone, then told: marking what was found costs more than finding it."""
    ranked = among.filter(WORDS.says(text)).annotate(rank=WORDS.rank(text))
    ids = [*ranked.order_by("-rank", "pk").values_list("pk", flat=True)[first : first + ROWS]]
    rows = (
        LibraryVersion.objects.light()
        .defer("body")
        .filter(pk__in=ids)
        .select_related("page__site")
        .annotate(
            title_marked=_marked("title", text, highlight_all=True),
            why_marked=_marked("why", text, max_words=24, min_words=8, max_fragments=1),
            plain_marked=_marked(
                "plain", text, max_words=30, min_words=10, max_fragments=2,
                fragment_delimiter=" … ",
            ),
        )
    )  # fmt: skip
    known = {one.pk: one for one in rows}
    return [_hit(known[pk], text) for pk in ids if pk in known]


def _marked(field: str, text: str, **how: Any) -> SearchHeadline:
    """What is shown of a field, with the words that were found marked. Its phrases are marked by
    `_hit`: the database marks each word of one, wherever it stands."""
    words = words_of(text) if has_phrases(text) else text
    phrases = any_phrase(text)
    part: Any = field
    if phrases is not None:
        # Whatever has a phrase is shown, if it has not all of the words beside it.
        part = SearchHeadline(field, phrases, config=AS_WRITTEN, start_sel="", stop_sel="", **how)
        how = {"highlight_all": True}
    return SearchHeadline(
        part, stems(words, CONFIG), config=CONFIG, start_sel=BEGIN, stop_sel=END, **how
    )


def _hit(version: Any, text: str) -> Hit:
    """What is told of the why where the words are there alone, else of the text."""
    title, why, excerpt = (
        with_phrases(said, text)
        for said in (version.title_marked, version.why_marked, version.plain_marked)
    )
    if BEGIN not in excerpt and BEGIN in why:
        excerpt = why
    return Hit(version, _safe(title), _safe(excerpt))


def _safe(text: str) -> SafeString:
    return mark_safe(marked(text))  # noqa: S308 - `marked` has escaped it
