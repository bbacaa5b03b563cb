"""Lines as they are kept in JSON, and read again."""

from collections.abc import Sequence
from typing import Any

from qa.transcripts.transcript import Line, Speaker, Transcript


def as_json(transcript: Transcript) -> list[dict[str, Any]]:
    """Its lines as objects of `words`, `speaker`, `label`, `start_ms` and `end_ms`, the last three
    only where they are known. The language is kept beside them."""
    return [
        {
            "words": line.words,
            "speaker": line.speaker.value,
            **({"label": line.label} if line.label else {}),
            **({} if line.start_ms is None else {"start_ms": line.start_ms}),
            **({} if line.end_ms is None else {"end_ms": line.end_ms}),
        }
        for line in transcript.lines
    ]


def from_json(lines: Sequence[Any], language: str | None = None) -> Transcript:
    """The same transcript again; an empty language is none. Raises ValueError for what `as_json`
    did not make."""
    try:
        return Transcript(tuple(map(_line, lines)), language or None)
    except (KeyError, TypeError, AttributeError) as wrong:
        raise ValueError("these are no lines of a transcript") from wrong


def _line(one: Any) -> Line:
    words, label = one["words"], one.get("label", "")
    times = one.get("start_ms"), one.get("end_ms")
    is_right = isinstance(words, str) and isinstance(label, str)
    if not is_right or any(type(time) not in (int, type(None)) for time in times):
        raise TypeError(one)
    return Line(words, Speaker(one["speaker"]), label, *times)
