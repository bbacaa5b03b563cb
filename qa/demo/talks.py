"""What was said on an invented call, in English or Spanish.

Pure. A talk has beats (greeting, verification, the problem, ...), and a beat is there or not as the
call went; a long one has exchanges between them that tell nothing of how it went. Lines last as
long as their words take, and the rest of the talk lies between them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from qa.demo.minds import chance

_WORD_MS = 360
_PAUSE_MS = 500
# A hold begins when so much of the talk is over.
_BEFORE_HOLD = 0.45
# Somebody speaks for so much of a talk.
_FULL = 0.7


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
    opening = [_met("greeting", went.greeting), "problem", _met("verified", went.verified)]
    opening.append(_met("probed", went.probed))
    before, after = [_met("kind", went.kind)], []
    ending = [_met("resolved", went.resolved), _met("closed", went.closed)]
    if hold_ms:
        before.append(_met("announced", went.announced))
        after.append("back")
    exchanges = iter(
        sorted(beats["meanwhile"], key=lambda one: chance("meanwhile", call, one[0][1]))
    )
    spoken = max(0, talk_ms - hold_ms)
    room = round(spoken * _BEFORE_HOLD)
    told = _filled(
        _words(beats, opening, call, said), exchanges, _words(beats, before, call, said), room
    )
    first = _spread(told, 0, room)
    held_until = (first[-1].end_ms if first else 0) + hold_ms
    room = talk_ms - held_until
    told = _filled(
        _words(beats, after, call, said), exchanges, _words(beats, ending, call, said), room
    )
    rest = _spread(told, held_until, room)
    return [one for one in (*first, *rest) if one.end_ms <= talk_ms]


def held(lines: Sequence[Line], hold_ms: int) -> int | None:
    """When the hold of a talk began; None: there is none, or the talk ends before it is over."""
    if not hold_ms:
        return None
    gaps = [(after.start_ms - before.end_ms, before.end_ms) for before, after in pairwise(lines)]
    longest, since = max(gaps, default=(0, 0))
    return since if longest >= hold_ms else None


def _met(beat: str, was_met: bool) -> str:
    return beat if was_met else f"not_{beat}"


def _words(
    beats: Mapping[str, list[Beat]], names: Sequence[str], call: str, said: Mapping[str, str]
) -> Beat:
    found: Beat = []
    for name in names:
        wordings = beats[name]
        chosen = wordings[int(chance("wording", call, name) * len(wordings))]
        found += ((who, words.format(**said)) for who, words in chosen)
    return found


def _filled(before: Beat, exchanges: Iterator[Beat], after: Beat, room: int) -> Beat:
    """With as many exchanges between the two as leave some of the room; each comes once a call."""
    told = [*before]
    while sum(map(_length, (*told, *after))) < room * _FULL:
        more = next(exchanges, None)
        if more is None:
            break
        told += more
    return [*told, *after]


def _length(line: tuple[str, str]) -> int:
    return _WORD_MS * len(line[1].split())


def _spread(told: Beat, start: int, room: int) -> list[Line]:
    """Lines one after the other from a moment on; what is left of the room lies between them."""
    lengths = [_length(one) for one in told]
    spare = max(0, room - sum(lengths))
    pause = max(_PAUSE_MS, spare // max(1, len(told)))
    lines = []
    at = start + min(pause, 2_000) // 2
    for (who, text), length in zip(told, lengths, strict=True):
        lines.append(Line(at, at + length, who, text))
        at += length + min(pause, 15_000)
    return lines
