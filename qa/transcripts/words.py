"""Words of texts without their case and accents, and turns: what one speaker said in a row."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby

from qa.transcripts.transcript import Line, Transcript

# Chinese and Japanese signs are words of their own: nothing stands between words there.
_SIGNS = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SIGNS}]|(?:[^\W_{_SIGNS}]|[\u0300-\u036f])+")
# Of Latin, Greek and Cyrillic. Signs of other scripts, whose marks are vowels, keep theirs.
_MARKS = re.compile(r"[\u0300-\u036f]")
_LIKE = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)


# English ones alone: what French, Italian or Catalan elides ("l'agent", "d'attente") is no ending.
_APOSTROPHE = "['\u2019\u02bc]"
_NOT = re.compile(rf"(?<=[a-z])n{_APOSTROPHE}t\b", re.IGNORECASE)
_NOT_OTHERWISE = re.compile(
    rf"\b(?:(can)not|(ca)n{_APOSTROPHE}t|(wo)n{_APOSTROPHE}t|(sha)n{_APOSTROPHE}t"
    rf"|(ai)n{_APOSTROPHE}t)\b",
    re.IGNORECASE,
)
_STEMS = {"can": "can", "ca": "can", "wo": "will", "sha": "shall", "ai": "is"}
_ENDING = re.compile(rf"(?<=[^\W\d_]){_APOSTROPHE}(?:ve|ll|re|m|d|s)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is compared, and where it stands in its text, [start, end)."""

    folded: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a line's words: the line's number, and [start, end) of its signs."""

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Turn:
    """Lines of one speaker with nobody else's between them, as one text: those who turn speech into
    text cut it anywhere. `numbers` are the lines' own, `begins` where in the text each begins."""

    lines: tuple[Line, ...]
    numbers: tuple[int, ...]
    text: str
    begins: tuple[int, ...]

    @classmethod
    def of(cls, lines: Sequence[Line], numbers: Sequence[int]) -> "Turn":
        lengths = accumulate((len(line.words) + 1 for line in lines[:-1]), initial=0)
        text = " ".join(line.words for line in lines)
        return cls(tuple(lines), tuple(numbers), text, tuple(lengths))

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """The parts of lines that a part of the text is made of."""
        found = []
        for at in range(max(0, bisect_right(self.begins, start) - 1), len(self.lines)):
            begins = self.begins[at]
            if begins >= end:
                break
            low, high = max(start, begins), min(end, begins + len(self.lines[at].words))
            if low < high:
                found.append(Span(self.numbers[at], low - begins, high - begins))
        return tuple(found)


@lru_cache(maxsize=65536)
def folded(word: str) -> str:
    """A word without case and accents: "Écoutez" and "ecoutez", "Straße" and "STRASSE" are one."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", word.casefold()))
    return plain.casefold().translate(_LIKE)


def words(text: str) -> Iterator[Word]:
    """The words of a text, in order."""
    return (Word(folded(hit[0]), *hit.span()) for hit in _WORD.finditer(text))


def spelled_out(text: str) -> str:
    """A text whose English contractions say "not" as a word of its own, "doesn't" as "does not",
    and have no other endings: "we've" is "we", "the agent's" is "the agent"."""
    said = _NOT_OTHERWISE.sub(lambda hit: f"{_STEMS[_stem(hit)]} not", text)
    return _ENDING.sub("", _NOT.sub(" not", said))


def _stem(hit: re.Match[str]) -> str:
    return next(one for one in hit.groups() if one).lower()


def turns(transcript: Transcript) -> tuple[Turn, ...]:
    """All turns, in order."""
    found, number = [], 1
    for _person, run in groupby(transcript.lines, key=lambda line: line.person):
        lines = list(run)
        found.append(Turn.of(lines, range(number, number + len(lines))))
        number += len(lines)
    return tuple(found)
