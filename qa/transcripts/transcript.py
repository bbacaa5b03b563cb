"""What was said in a call, line by line, and what is wrong with a text that is none."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

MOST_CHARACTERS = 10_000_000
"""Of what is read: words with their times take two hundred signs each, so hours of a call."""
MOST_LINES = 20_000
LONGEST_LINE = 20_000
"""Signs of a line's words."""
MOST_WORDS = 1_000_000
"""Signs of all words together: a talk of 15 hours."""
LONGEST_LABEL = 80
LATEST_MS = 48 * 3_600_000


class Speaker(StrEnum):
    """Who speaks. `other` is known and neither of the two (a bot, an interpreter, a supervisor);
    `unknown` is not known, or known by a name alone."""

    AGENT = "agent"
    CALLER = "caller"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """What one speaker said at a stretch. `label` is what the source called them, "" for nothing.
    Times are from the beginning of the recording; None: not known."""

    words: str
    speaker: Speaker = Speaker.UNKNOWN
    label: str = ""
    start_ms: int | None = None
    end_ms: int | None = None

    @property
    def person(self) -> tuple[Speaker, str]:
        """Who it is as far as is known: two agents of a call with labels of their own are two."""
        return self.speaker, self.label.casefold()


@dataclass(frozen=True, slots=True)
class Transcript:
    """Lines by their start where all have one, else as the source has them. `language` is a tag in
    small letters ("en", "pt-br"); None: not known. Lines are numbered from 1."""

    lines: tuple[Line, ...]
    language: str | None = None


class Expected(StrEnum):
    """What a text should have had where it cannot be read."""

    LESS = f"at most {MOST_CHARACTERS:,} characters"
    FEWER_LINES = f"at most {MOST_LINES:,} lines"
    SHORTER_LINE = f"at most {LONGEST_LINE:,} characters in a line"
    FEWER_WORDS = f"at most {MOST_WORDS:,} characters of words"
    SHORTER_LABEL = f"a speaker's name of at most {LONGEST_LABEL} characters"
    UTF = "text in UTF-8, or in UTF-16 with its mark"
    JSON = "JSON that is whole"
    SEGMENTS = "a list of segments"
    SEGMENT = "a segment with its words"
    WORDS = "words as a text"
    LABEL = "a speaker as a text or a number"
    TIME = "a time: a number that is not negative, or a clock as 01:02 or 01:02:03.456"
    NOT_SO_LATE = f"a time within {LATEST_MS // 3_600_000} hours"
    END_AFTER_START = "an end that is not before the start"
    CUE = "a cue with its times, as 00:01.000 --> 00:04.500"
    SOMETHING = "something said"


class Misread(ValueError):
    """A text is no transcript. `expected` says what should have been there, `value` what is (short;
    "" for nothing). `line` is that of the text and `entry` the place in a list of JSON, both from
    1; None: it is of the whole."""

    def __init__(
        self,
        expected: Expected,
        value: object = "",
        *,
        line: int | None = None,
        entry: int | None = None,
    ) -> None:
        self.expected = expected
        self.value = clean(str(value)[:200])[:80]
        self.line = line
        self.entry = entry
        where = f"line {line}: " if line else f"entry {entry}: " if entry else ""
        found = f", not {self.value!r}" if self.value else ""
        super().__init__(f"{where}{expected} expected{found}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A line as a reader found it, and where."""

    words: str
    label: str = ""
    start_ms: int | None = None
    end_ms: int | None = None
    line: int | None = None
    entry: int | None = None


@dataclass(slots=True)
class Built:
    """Pieces become lines, each looked at as it comes, so that what is too much ends early."""

    speakers: Mapping[str, Speaker]
    lines: list[Line] = field(default_factory=list)
    signs: int = 0

    def add(self, pieces: Iterable[Piece]) -> None:
        for one in pieces:
            self._add(one)

    def transcript(self, language: str | None) -> Transcript:
        if not self.lines:
            raise Misread(Expected.SOMETHING)
        if all(one.start_ms is not None for one in self.lines):
            self.lines.sort(key=lambda one: one.start_ms or 0)
        return Transcript(tuple(self.lines), language)

    def _add(self, one: Piece) -> None:
        words, label = clean(one.words), clean(one.label)
        if not words:
            return
        if len(words) > LONGEST_LINE:
            raise Misread(Expected.SHORTER_LINE, words, line=one.line, entry=one.entry)
        if len(label) > LONGEST_LABEL:
            raise Misread(Expected.SHORTER_LABEL, label, line=one.line, entry=one.entry)
        start, end = one.start_ms, one.end_ms
        for time in (start, end):
            if time is not None and time > LATEST_MS:
                raise Misread(Expected.NOT_SO_LATE, time, line=one.line, entry=one.entry)
        if start is not None and end is not None and end < start:
            raise Misread(Expected.END_AFTER_START, end, line=one.line, entry=one.entry)
        self.signs += len(words)
        if len(self.lines) == MOST_LINES:
            raise Misread(Expected.FEWER_LINES, line=one.line, entry=one.entry)
        if self.signs > MOST_WORDS:
            raise Misread(Expected.FEWER_WORDS, line=one.line, entry=one.entry)
        speaker = self.speakers.get(label.casefold(), Speaker.UNKNOWN)
        self.lines.append(Line(words, speaker, label, start, end))


def clean(text: str) -> str:
    """A text with single blanks, composed (NFC), without what no page or database can hold: control
    signs, halves of signs."""
    kept = "".join(
        " " if unicodedata.category(sign) == "Cc" else "\ufffd" if _is_half(sign) else sign
        for sign in text
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


def named(transcript: Transcript, speakers: Mapping[str, Speaker]) -> Transcript:
    """A transcript whose speakers of these labels are now known, in whatever case: "spk_0" is the
    agent."""
    known = {label.casefold(): speaker for label, speaker in speakers.items()}
    lines = tuple(
        replace(one, speaker=known.get(one.label.casefold(), one.speaker))
        for one in transcript.lines
    )
    return replace(transcript, lines=lines)


def _is_half(sign: str) -> bool:
    return "\ud800" <= sign <= "\udfff"
