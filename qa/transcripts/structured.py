"""JSON of those who turn speech into text, in the shapes that are common.

A list of segments, by itself or in an object, with each one's words, speaker and times by the names
that are used for them; where there are words alone (Deepgram, Amazon Transcribe) they become lines
by speaker and pause.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qa.transcripts.clock import clock_ms, number_ms
from qa.transcripts.transcript import Expected, Misread, Piece

PAUSE_MS = 1000
"""Words of one speaker that are no further apart are one line."""
Ends = tuple[str, ...]
_LISTS = ("segments", "utterances", "transcript", "transcription", "lines", "turns", "phrases")
_INSIDE = ("results", "result", "transcription", "transcript", "data", "response")
_WORDS = ("text", "transcript", "content", "words", "utterance", "sentence", "message")
_LABELS = (
    "speaker", "participantrole", "role", "speakerrole", "speakerlabel", "speakername", "speakerid",
    "participant", "participantid", "name", "channellabel", "channel", "channelid",
)  # fmt: skip
_START: Ends = ("start", "starttime", "begin", "begintime", "from")
_END: Ends = ("end", "endtime", "stop", "to")
_MS = ("ms", "msec", "millis", "milliseconds", "offsetmillis", "offsetms")
_S = ("", "s", "sec", "secs", "seconds")
_TIMES: dict[Ends, dict[str, int]] = {
    ends: {
        **{f"{name}{unit}": 1000 for name in ends for unit in _S},
        **{f"{name}{unit}": 1 for name in ends for unit in _MS},
    }
    for ends in (_START, _END)
}
_NAME = re.compile(r"[^a-z]")
_DEEPEST = 6


def parsed(text: str) -> Any:
    """What JSON says. Raises Misread for what is none."""
    try:
        return json.loads(text, parse_constant=_refused)
    except json.JSONDecodeError as wrong:
        near = text[wrong.pos : wrong.pos + 30]
        raise Misread(Expected.JSON, near, line=wrong.lineno) from None
    except (RecursionError, ValueError) as wrong:
        # Deeper than the reader goes, or a whole number of thousands of digits.
        raise wrong if isinstance(wrong, Misread) else Misread(Expected.JSON) from None


def language(whole: Any) -> str | None:
    """The language that JSON says, wherever it is usual."""
    for one in _objects(whole, _DEEPEST):
        for name in ("language", "language_code", "languageCode", "LanguageCode", "lang"):
            if isinstance(one.get(name), str):
                return str(one[name])
        found = one.get("channels")
        if isinstance(found, list) and found and isinstance(found[0], dict):
            said = found[0].get("detected_language")
            if isinstance(said, str):
                return said
    return None


def pieces(whole: Any) -> Iterator[Piece]:
    """The lines of all segments. Raises Misread where there are none, or one cannot be read."""
    if isinstance(whole, list):
        return _segments(whole, 1000)
    for one in _objects(whole, _DEEPEST):
        for name, value in one.items():
            plain = name.casefold()
            if plain in (*_LISTS, "audio_segments") and isinstance(value, list) and value:
                # AssemblyAI tells utterances in milliseconds, under names that others use for
                # seconds, and the length of the whole beside them.
                is_ms = plain == "utterances" and "audio_duration" in one
                return _segments(value, 1 if is_ms else 1000)
        if isinstance(one.get("channels"), list):
            return _deepgram(one["channels"])
        if isinstance(one.get("items"), list):
            return _amazon(one["items"], one.get("speaker_labels"))
    for one in _objects(whole, _DEEPEST):
        for name, value in one.items():
            if name.casefold() in _WORDS and isinstance(value, str):
                return iter([Piece(value, entry=1)])
    raise Misread(Expected.SEGMENTS, "" if isinstance(whole, dict) else whole)


def _refused(constant: str) -> None:
    raise Misread(Expected.JSON, constant)


def _objects(whole: Any, deepest: int) -> Iterator[dict[str, Any]]:
    """An object and those that stand in it where results do."""
    if isinstance(whole, dict) and deepest:
        yield whole
        for name, value in whole.items():
            if name.casefold() in _INSIDE:
                yield from _objects(value, deepest - 1)


def _segments(segments: Sequence[Any], per_unit: int) -> Iterator[Piece]:
    for entry, one in enumerate(segments, 1):
        if isinstance(one, str):
            yield Piece(one, entry=entry)
            continue
        if not isinstance(one, dict):
            raise Misread(Expected.SEGMENT, one, entry=entry)
        named = _named(one)
        start, end = (_time(named, ends, per_unit, entry) for ends in (_START, _END))
        yield Piece(_words(named, entry), _label(named, entry), start, end, entry=entry)


def _named(one: Mapping[str, Any]) -> dict[str, Any]:
    """An object's members by their names in small letters alone; whisper.cpp tells milliseconds in
    an object of their own."""
    named = {_NAME.sub("", str(name).casefold()): value for name, value in one.items()}
    offsets = named.get("offsets")
    if isinstance(offsets, dict):
        named |= {"fromms": offsets.get("from"), "toms": offsets.get("to")}
    return named


def _words(named: Mapping[str, Any], entry: int) -> str:
    for name in _WORDS:
        value = named.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return " ".join(map(_word, value))
        if value is not None:
            raise Misread(Expected.WORDS, value, entry=entry)
    raise Misread(Expected.SEGMENT, ", ".join(named), entry=entry)


def _word(value: Any) -> str:
    if isinstance(value, dict):
        for name in ("punctuated_word", "word", "text", "content"):
            if isinstance(value.get(name), str):
                return str(value[name])
    return value if isinstance(value, str) else ""


def _label(named: Mapping[str, Any], entry: int) -> str:
    for name in _LABELS:
        value = named.get(name)
        if isinstance(value, dict):
            value = value.get("name", value.get("id"))
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return _numbered(name, value)
        if value is not None and value != "":
            raise Misread(Expected.LABEL, value, entry=entry)
    return ""


def _numbered(name: str, number: int) -> str:
    kind = "channel" if name.startswith("channel") else "speaker"
    return f"{kind} {str(number)[:12] if abs(number) < 10**12 else 'x'}"


def _time(named: Mapping[str, Any], ends: Ends, per_unit: int, entry: int) -> int | None:
    for name, unit in _TIMES[ends].items():
        value = named.get(name)
        if value is None:
            continue
        found = number_ms(value, per_unit if name in ends else unit)
        if found is None and isinstance(value, str):
            found = clock_ms(value)
        if found is None:
            raise Misread(Expected.TIME, value, entry=entry)
        return found
    return None


def _deepgram(channels: Sequence[Any]) -> Iterator[Piece]:
    """Words of each channel's likeliest alternative."""
    for at, channel in enumerate(channels):
        words: Any = None
        text: Any = None
        best = channel.get("alternatives") if isinstance(channel, dict) else None
        if isinstance(best, list) and best and isinstance(best[0], dict):
            words, text = best[0].get("words"), best[0].get("transcript")
        label = f"channel {at}" if len(channels) > 1 else ""
        if isinstance(words, list) and words:
            yield from _grouped(_timed(one, label, entry) for entry, one in enumerate(words, 1))
        elif isinstance(text, str):
            yield Piece(text, label, entry=at + 1)
        else:
            raise Misread(Expected.SEGMENT, channel, entry=at + 1)


def _amazon(items: Sequence[Any], labels: Any) -> Iterator[Piece]:
    """Words, and the signs between them, which have no times. Older answers have the speakers of
    words apart, by their starts."""
    spoken = labels.get("segments") if isinstance(labels, dict) else None
    by_start: dict[str, Any] = {
        str(word.get("start_time")): word.get("speaker_label")
        for segment in (spoken if isinstance(spoken, list) else ())
        if isinstance(segment, dict) and isinstance(segment.get("items"), list)
        for word in segment["items"]
        if isinstance(word, dict)
    }

    def worded() -> Iterator[Piece]:
        for entry, one in enumerate(items, 1):
            best = one.get("alternatives") if isinstance(one, dict) else None
            if not isinstance(best, list) or not best or not isinstance(best[0], dict):
                raise Misread(Expected.SEGMENT, one, entry=entry)
            label = one.get("speaker_label", by_start.get(str(one.get("start_time"))))
            yield _timed({**one, "word": best[0].get("content"), "speaker_label": label}, "", entry)

    return _grouped(worded())


def _timed(word: Any, label: str, entry: int) -> Piece:
    if not isinstance(word, dict):
        raise Misread(Expected.SEGMENT, word, entry=entry)
    named = _named(word)
    said = _word(word)
    if not said:
        raise Misread(Expected.WORDS, word.get("word", ""), entry=entry)
    start, end = (_time(named, ends, 1000, entry) for ends in (_START, _END))
    return Piece(said, _label(named, entry) or label, start, end, entry=entry)


def _grouped(words: Iterator[Piece]) -> Iterator[Piece]:
    """Words that go together, as lines."""
    line: list[Piece] = []
    until: int | None = None
    for word in words:
        # A sign without a time belongs to the word before it.
        if line and word.start_ms is not None:
            is_near = until is None or word.start_ms - until < PAUSE_MS
            if not is_near or word.label != line[0].label:
                yield _joined(line)
                line = []
        line.append(word)
        until = until if word.end_ms is None else word.end_ms
    if line:
        yield _joined(line)


def _joined(line: Sequence[Piece]) -> Piece:
    words = line[0].words + "".join(
        one.words if one.start_ms is None else f" {one.words}" for one in line[1:]
    )
    ends = [one.end_ms for one in line if one.end_ms is not None]
    first = line[0]
    until = max(ends, default=None)
    return Piece(words, first.label, first.start_ms, until, entry=first.entry)
