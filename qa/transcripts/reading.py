"""A transcript out of a text, whatever it is written in."""

import codecs
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from qa.transcripts import cues, plain, structured
from qa.transcripts.labels import Labels, Roles
from qa.transcripts.transcript import (
    LONGEST_LINE,
    MOST_CHARACTERS,
    MOST_LINES,
    Built,
    Expected,
    Misread,
    Piece,
    Speaker,
    Transcript,
)


class Form(StrEnum):
    """What a transcript is written in. Cues of SubRip are read as WebVTT's."""

    JSON = "json"
    VTT = "vtt"
    TEXT = "text"


_ROWS = re.compile(r"\r\n|\r|\n")
_JSON = re.compile(r"\s*(?:\{|\[\s*[{\"\[\]])")
# Beside its words a row has a time, a name and marks.
_LONGEST_ROW = 2 * LONGEST_LINE
# A cue is three or four, and one blank.
_MOST_ROWS = 10 * MOST_LINES
_BEGINNING = 100_000
_TAG = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8}){0,3}")
_LONGEST_TAG = 12
# As Whisper's interface names them.
_LANGUAGES = {
    "english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it",
    "portuguese": "pt", "dutch": "nl", "polish": "pl", "swedish": "sv", "norwegian": "no",
    "danish": "da", "finnish": "fi", "czech": "cs", "turkish": "tr", "russian": "ru",
    "ukrainian": "uk", "arabic": "ar", "hebrew": "he", "hindi": "hi", "chinese": "zh",
    "japanese": "ja", "korean": "ko",
}  # fmt: skip


def read(
    text: str | bytes, form: Form | None = None, *, speakers: Mapping[str, Speaker] | None = None
) -> Transcript:
    """The transcript that a text holds. `form` None: it is told by what it holds (`form_of`).

    `speakers` are names known beforehand ("Anna Lind" is the agent), in whatever case; they go
    before the words of the field. Lines without words are left out.

    Raises Misread, and nothing else, for what is no transcript or too much of one.
    """
    if len(text) > (MOST_CHARACTERS if isinstance(text, str) else 4 * MOST_CHARACTERS):
        raise Misread(Expected.LESS)
    plain_text = text.removeprefix("\ufeff") if isinstance(text, str) else _decoded(text)
    if len(plain_text) > MOST_CHARACTERS:
        raise Misread(Expected.LESS)
    roles = Roles(speakers or {})
    built = Built(roles)
    found, said = _pieces(plain_text, form or form_of(plain_text), roles)
    built.add(found)
    return built.transcript(language_tag(said))


def form_of(text: str) -> Form:
    """What a text is written in, by its beginning and by its times with arrows."""
    if _JSON.match(text):
        return Form.JSON
    return Form.VTT if cues.are_cues(_ROWS.split(text[:_BEGINNING])) else Form.TEXT


def language_tag(said: str | None) -> str | None:
    """A language as sources say it ("en_US", "english") as a tag in small letters, of a long one
    the language alone; None: it is none that is known."""
    plain = (said or "").strip().lower()
    plain = _LANGUAGES.get(plain, plain)
    if not _TAG.fullmatch(plain):
        return None
    return plain.replace("_", "-") if len(plain) <= _LONGEST_TAG else re.split("[-_]", plain)[0]


def _pieces(text: str, form: Form, roles: Roles) -> tuple[Iterator[Piece], str | None]:
    if form is Form.JSON:
        whole = structured.parsed(text)
        return structured.pieces(whole), structured.language(whole)
    if max(text.count("\n"), text.count("\r")) > _MOST_ROWS:
        raise Misread(Expected.FEWER_LINES)
    rows = _ROWS.split(text)
    for line, row in enumerate(rows, 1):
        if len(row) > _LONGEST_ROW:
            raise Misread(Expected.SHORTER_LINE, row[:80], line=line)
    if form is Form.VTT:
        return cues.pieces(rows, Labels(cues.texts(rows), roles)), cues.language(rows)
    return plain.pieces(rows, Labels(plain.texts(rows), roles)), None


def _decoded(data: bytes) -> str:
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        raise Misread(Expected.UTF, data[wrong.start : wrong.start + 8].hex(), line=line) from None
