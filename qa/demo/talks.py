"""What was said on an invented call, in English or Spanish.

Pure. A talk has beats (greeting, verification, the problem, ...), and a beat is there or not as the
call went. Lines last as long as their words take, and the rest of the talk lies between them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qa.demo.minds import chance

_WORD_MS = 360
_PAUSE_MS = 500
# A hold begins when so much of the talk is over.
_BEFORE_HOLD = 0.45


@dataclass(frozen=True, slots=True)
class Line:
    start_ms: int
    end_ms: int
    speaker: str
    words: str


@dataclass(frozen=True, slots=True)
class Went:
    """How a call went: what of it was met."""

    greeting: bool = True
    verified: bool = True
    probed: bool = True
    announced: bool = True
    resolved: bool = True
    kind: bool = True
    closed: bool = True


Beat = list[tuple[str, str]]


@cache
def _beats(language: str) -> dict[str, list[Beat]]:
    """Each beat in several wordings, of lines (speaker, words); those of a beat that was not met
    are under its name with "not_"."""
    told = json.loads((Path(__file__).parent / "words" / f"{language}.json").read_text("utf-8"))
    return {
        name: [[(who, words) for who, words in lines] for lines in wordings]
        for name, wordings in told.items()
    }


def talk(
    call: str, went: Went, language: str, talk_ms: int, hold_ms: int, said: Mapping[str, str]
) -> list[Line]:
    """The lines of a call of that length, in their order; `language` is "en" or "es".

    `hold_ms` of it nobody talks; 0: there was no hold. `said` are `name`, `queue` and `topic`. A
    call that is too short for all beats has the first of them.
    """
    beats = _beats(language)
    before = [_met("greeting", went.greeting), "problem", _met("verified", went.verified)]
    before += [_met("probed", went.probed), _met("kind", went.kind)]
    after = [_met("resolved", went.resolved), _met("closed", went.closed)]
    if hold_ms:
        before.append(_met("announced", went.announced))
        after.insert(0, "back")
    spoken = max(0, talk_ms - hold_ms)
    first = _spread(_words(beats, before, call, said), 0, round(spoken * _BEFORE_HOLD))
    held_until = (first[-1].end_ms if first else 0) + hold_ms
    rest = _spread(_words(beats, after, call, said), held_until, talk_ms - held_until)
    return [one for one in (*first, *rest) if one.end_ms <= talk_ms]


def _met(beat: str, was_met: bool) -> str:
    return beat if was_met else f"not_{beat}"


def _words(
    beats: Mapping[str, list[Beat]], names: Sequence[str], call: str, said: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for name in names:
        wordings = beats[name]
        chosen = wordings[int(chance("wording", call, name) * len(wordings))]
        yield from ((who, words.format(**said)) for who, words in chosen)


def _spread(words: Iterator[tuple[str, str]], start: int, room: int) -> list[Line]:
    """Lines one after the other from a moment on; what is left of the room lies between them."""
    told = list(words)
    lengths = [_WORD_MS * len(text.split()) for _who, text in told]
    spare = max(0, room - sum(lengths))
    pause = max(_PAUSE_MS, spare // max(1, len(told)))
    lines = []
    at = start + min(pause, 2_000) // 2
    for (who, text), length in zip(told, lengths, strict=True):
        lines.append(Line(at, at + length, who, text))
        at += length + min(pause, 9_000)
    return lines
