"""Markdown as safe HTML, as plain words, and as steps that lead to each other. Pure.

CommonMark with tables and struck-out words. HTML in it is shown as it is written; pictures are
none; links lead to http(s), mailto, paths of this site and headings of the same page, and whatever
else a link would lead to stays text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

# An address that a link may have; a browser takes "/\" for "//", another site's.
_MAY_LEAD = re.compile(r"https?://[^/\\]|mailto:[^\s]|/(?![/\\]|%5c)|#[^\s]", re.IGNORECASE)
_ELSEWHERE = re.compile(r"https?:", re.IGNORECASE)
# What no text needs and some of which marks what was found.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# So that no heading has the id of a part of the page around it.
PREFIX = "s-"
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 is the page's highest, `anchor` what links lead to it by, without the #."""

    level: int
    words: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Step:
    """A link to a heading of the same page: the heading that it stands under ("": before all), its
    words and the anchor that it leads to."""

    under: str
    words: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Outline:
    """What leads where within a page."""

    headings: tuple[Heading, ...]
    steps: tuple[Step, ...]

    @property
    def dead(self) -> tuple[Step, ...]:
        """Steps to a heading that there is not."""
        known = {one.anchor for one in self.headings}
        return tuple(one for one in self.steps if one.anchor not in known)

    @property
    def unreached(self) -> tuple[Heading, ...]:
        """Headings to which no way leads from the first one, or from what stands before it."""
        leads: dict[str, set[str]] = {}
        for step in self.steps:
            leads.setdefault(step.under, set()).add(step.anchor)
        ahead = ["", *(one.anchor for one in self.headings[:1])]
        reached = set(ahead)
        while ahead:
            further = leads.get(ahead.pop(), set()) - reached
            reached |= further
            ahead += further
        return tuple(one for one in self.headings if one.anchor not in reached)


def clean(text: str) -> str:
    """A text as it is kept: lines end with "\\n", and no sign is a control."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")


def anchor_of(words: str) -> str:
    """What a heading is linked to by, as code hosts make it: "No sound?" is "no-sound"."""
    return re.sub(r"[^\w\- ]", "", words.casefold()).strip().replace(" ", "-")


@lru_cache(maxsize=256)
def html(body: str, table_words: str, top: int = 2) -> str:
    """Markdown as HTML that is safe to show, its highest headings at level `top` of the page, and
    none more than a level below the one before it.

    `table_words` names its tables for who does not see them, each with its number.
    """
    tokens, _outlined = _read(body)
    lift, level = _lift(tokens, top), top - 1
    for token in tokens:
        if token.type == "heading_open":
            level = min(DEEPEST, int(token.tag[1]) + lift, level + 1)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"
    env: dict[str, Any] = {"table_words": table_words, "tables": 0}
    made: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env)
    return made


@lru_cache(maxsize=256)
def outline(body: str) -> Outline:
    return _read(body)[1]


def plain(body: str) -> str:
    """The words of a page without its marks, a line for each paragraph, cell and line of code."""
    lines = []
    for token in _MARKDOWN.parse(body):
        if token.type == "inline":
            lines.append(_words(token))
        elif token.type in ("fence", "code_block"):
            lines.append(token.content.rstrip("\n"))
    return _CONTROLS.sub("", "\n".join(line for line in lines if line))


def _words(token: Token) -> str:
    """The words of a line of text."""
    said = []
    for one in token.children or ():
        if one.type in ("text", "code_inline"):
            said.append(one.content)
        elif one.type in ("softbreak", "hardbreak"):
            said.append(" ")
    return "".join(said)


def _lift(tokens: Sequence[Token], top: int) -> int:
    """How many levels headings go down, so that the highest is at `top`."""
    levels = [int(one.tag[1]) for one in tokens if one.type == "heading_open"]
    return top - min(levels) if levels else 0


def _read(body: str) -> tuple[list[Token], Outline]:
    """The tokens of a text with ids for headings and links that lead to them, and what they are."""
    tokens = _MARKDOWN.parse(body)
    headings: list[Heading] = []
    steps: list[Step] = []
    seen: dict[str, int] = {}
    lift = _lift(tokens, 1)
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            words = _words(tokens[place + 1])
            anchor = anchor_of(words)
            again = seen[anchor] = seen.get(anchor, -1) + 1
            anchor = f"{anchor}-{again}" if again else anchor
            token.attrSet("id", PREFIX + anchor)
            headings.append(Heading(int(token.tag[1]) + lift, words, anchor))
        elif token.type in ("th_open", "td_open"):
            # Where it stands is said by the sheet of styles, not by a style of its own.
            style = str(token.attrs.pop("style", ""))
            if "right" in style or "center" in style:
                token.attrSet("data-align", "right" if "right" in style else "center")
        elif token.type == "inline":
            steps += _linked(token, headings[-1].anchor if headings else "")
    return tokens, Outline(tuple(headings), tuple(steps))


def _linked(line: Token, under: str) -> list[Step]:
    """Have the links of a line lead where they may; those that lead to headings."""
    steps = []
    children = line.children or []
    for place, token in enumerate(children):
        if token.type != "link_open":
            continue
        href = str(token.attrs.get("href", ""))
        if href.startswith("#"):
            anchor = anchor_of(unquote(href[1:]))
            token.attrSet("href", f"#{PREFIX}{anchor}")
            inside = []
            for one in children[place + 1 :]:
                if one.type == "link_close":
                    break
                inside.append(one.content)
            steps.append(Step(under, "".join(inside), anchor))
        elif _ELSEWHERE.match(href):
            token.attrSet("rel", "noopener noreferrer")
    return steps


def _may_lead(address: str) -> bool:
    return _MAY_LEAD.match(address) is not None


def _table_open(_self: Any, _tokens: Any, _place: int, _options: Any, env: Any) -> str:
    env["tables"] += 1
    words = escape(f"{env['table_words']} {env['tables']}")
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{words}"><table>\n'


def _table_close(_self: Any, _tokens: Any, _place: int, _options: Any, _env: Any) -> str:
    return "</table></div>\n"


def _made() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    made.enable(["table", "strikethrough"]).disable(["image"])
    made.validateLink = _may_lead  # type: ignore[method-assign, assignment]
    made.add_render_rule("table_open", _table_open)
    made.add_render_rule("table_close", _table_close)
    return made


_MARKDOWN = _made()
