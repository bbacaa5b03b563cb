"""Phrases and regular expressions that rules look for, and where a talk has them.

Expressions come from users and must not be able to hang a worker, so they run on Rust's `regex`,
which polars brings: it never goes back over a text (its time is the text's length times the
expression's), refuses what would need that (references back, looking around), and knows the letters
of all languages. What an expression can be times a text is bounded too (`MOST_STATES`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from qa.transcripts.search import phrase_in
from qa.transcripts.transcript import Speaker, Transcript
from qa.transcripts.words import Span, Turn, Word, turns, words

LONGEST_PATTERN = 300
MOST_STATES = 300
"""How many signs an expression is with its repeats written out: (ab){3} is six. With as many the
longest transcript takes seconds."""
# Put around what is found; no words have them, as they mean nothing.
_BEGIN, _END = "\ue000", "\ue001"
_MARK = re.compile(f"[{_BEGIN}{_END}]")
_REPEATED = re.compile(r"\{\s*(\d+)\s*(?:,\s*(\d*)\s*)?\}")
_GROUP_HEAD = re.compile(r"\?(?:P?<\w*>|[a-zA-Z-]*:?)")
_TOLD = re.compile(r"^\s*error: (.+)$", re.M)
_TOO_LARGE = "too large"
_NAMED = re.compile(r"\\[pPxuU]\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase, or a regular expression in the syntax of Rust's `regex`. Neither minds case. A
    phrase minds no accents and no signs between its words either (`qa.transcripts.found`); an
    expression is matched with the words as they were written."""

    text: str
    is_regex: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """Where somebody said it: `spans` in order, of one line or of lines in a row."""

    spans: tuple[Span, ...]
    speaker: Speaker

    @property
    def begin(self) -> tuple[int, int]:
        """The line's number and the place in it."""
        return self.spans[0].line, self.spans[0].start

    @property
    def end(self) -> tuple[int, int]:
        return self.spans[-1].line, self.spans[-1].end


class Talk:
    """A transcript, taken apart once for many rules."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self._matches: dict[Pattern, list[Match]] = {}

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        return turns(self.transcript)

    @cached_property
    def words(self) -> list[tuple[Word, ...]]:
        """The words of each turn."""
        return [tuple(words(turn.text)) for turn in self.turns]

    def matches(self, patterns: Sequence[Pattern]) -> list[Match]:
        """Where any of them was said, in order. Raises ValueError for one that cannot be."""
        for one in patterns:
            if one not in self._matches:
                found = self._regex(one) if one.is_regex else self._phrase(one)
                self._matches[one] = [
                    Match(spans, turn.lines[0].speaker)
                    for turn, start, end in found
                    if (spans := turn.spans(start, end))
                ]
        return sorted(
            (match for one in patterns for match in self._matches[one]), key=lambda one: one.begin
        )

    def _phrase(self, pattern: Pattern) -> Iterator[tuple[Turn, int, int]]:
        phrase = [word.folded for word in words(pattern.text)]
        for turn, said in zip(self.turns, self.words, strict=True):
            for start, end in phrase_in(said, phrase):
                yield turn, start, end

    def _regex(self, pattern: Pattern) -> Iterator[tuple[Turn, int, int]]:
        if wrong := why_wrong(pattern.text):
            raise ValueError(wrong)
        texts = [_MARK.sub("\ufffd", turn.text) for turn in self.turns]
        for turn, marked in zip(self.turns, _marked(texts, pattern.text), strict=True):
            at, begun = 0, 0
            for part in re.split(f"([{_BEGIN}{_END}])", marked):
                if part == _BEGIN:
                    begun = at
                elif part == _END:
                    yield turn, begun, at
                else:
                    at += len(part)


def why_wrong(regex: str) -> str:
    """What is wrong with an expression, in the words of its engine; "" where nothing is."""
    if len(regex) > LONGEST_PATTERN or states(regex) > MOST_STATES:
        return _TOO_LARGE
    try:
        _marked([""], regex)
    except pl.exceptions.ComputeError as wrong:
        if "size limit" in str(wrong):
            return _TOO_LARGE
        told = _TOLD.findall(str(wrong))
        return told[-1] if told else "no regular expression"
    return ""


def finds_nothing(regex: str) -> bool:
    """Whether an expression that is right finds places without a sign between, and so says nothing
    of what was said."""
    return any(f"{_BEGIN}{_END}" in marked for marked in _marked(["", "a", " a b "], regex))


def states(regex: str) -> int:
    """About how many signs an expression is with its repeats written out."""
    sums, last, at = [0], 0, 0
    plain = _NAMED.sub("a", regex)
    while at < len(plain):
        sign = plain[at]
        if hit := _REPEATED.match(plain, at):
            times = max(int(hit[1][:9]), int((hit[2] or "0")[:9]), 1)
            sums[-1] += last * (times - 1)
            last *= times
            at = hit.end()
            continue
        if sign == "(":
            sums.append(0)
            hit = _GROUP_HEAD.match(plain, at + 1)
            at = hit.end() - 1 if hit else at
        elif sign == ")" and len(sums) > 1:
            last = sums.pop()
            sums[-1] += last
        else:
            at = _behind_class(plain, at) if sign == "[" else at + (sign == "\\")
            last = 1
            sums[-1] += 1
        at += 1
    return sum(sums)


def _behind_class(regex: str, at: int) -> int:
    """Where a class of signs ends, which may have others in it."""
    depth = 0
    while at < len(regex):
        sign = regex[at]
        if sign == "\\":
            at += 1
        depth += (sign == "[") - (sign == "]")
        if not depth:
            break
        at += 1
    return at


def _marked(texts: Sequence[str], regex: str) -> list[str]:
    column = pl.Series(texts, dtype=pl.String)
    return column.str.replace_all(f"(?i){regex}", f"{_BEGIN}${{0}}{_END}").to_list()
