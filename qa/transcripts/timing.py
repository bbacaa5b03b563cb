"""Silence, overtalk and the longest stretches of a transcript, from the times of its lines."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.transcripts.transcript import Speaker, Transcript


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of time."""

    start_ms: int
    ms: int

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.ms


@dataclass(frozen=True, slots=True)
class Timing:
    """Of one transcript. `talk_ms` is how long somebody spoke, `silences` are when nobody did
    between the first line and the last, `overtalks` when two or more did, each in order; what one
    label says twice at once is none. `longest` is each speaker's longest stretch: from the start of
    a line to the end of the last that begins before anybody else's does."""

    talk_ms: int
    silences: tuple[Spell, ...]
    overtalks: tuple[Spell, ...]
    longest: dict[Speaker, Spell]

    @property
    def overtalk_ms(self) -> int:
        return sum(one.ms for one in self.overtalks)

    @property
    def overtalk_share(self) -> float | None:
        """Overtalk of the time that somebody spoke, 0 to 1; None where nobody did for a while."""
        return self.overtalk_ms / self.talk_ms if self.talk_ms else None


def timing(transcript: Transcript) -> Timing | None:
    """The times of a transcript; None where a line has no start or no end."""
    spoken: list[tuple[int, int, Speaker, tuple[Speaker, str]]] = []
    for line in transcript.lines:
        if line.start_ms is None or line.end_ms is None:
            return None
        spoken.append((line.start_ms, line.end_ms, line.speaker, line.person))
    spoken.sort(key=lambda one: one[:2])
    by_person: dict[tuple[Speaker, str], list[Spell]] = defaultdict(list)
    for start, end, _speaker, person in spoken:
        by_person[person].append(Spell(start, end - start))
    alone = [one for spells in by_person.values() for one in merged(spells)]
    anybody = merged(alone)
    silences = tuple(
        Spell(one.end_ms, after.start_ms - one.end_ms) for one, after in pairwise(anybody)
    )
    return Timing(sum(one.ms for one in anybody), silences, _overlaps(alone), _longest(spoken))


def merged(spells: Iterable[Spell]) -> list[Spell]:
    """Spells that touch or overlap as one, in order."""
    found: list[Spell] = []
    for one in sorted(spells, key=lambda spell: spell.start_ms):
        if found and one.start_ms <= found[-1].end_ms:
            last = found.pop()
            one = Spell(last.start_ms, max(last.end_ms, one.end_ms) - last.start_ms)
        found.append(one)
    return found


def without(spells: Iterable[Spell], holes: Iterable[Spell]) -> list[Spell]:
    """What is left of spells, in order, without the time of others: silence less holds."""
    taken = merged(holes)
    left: list[Spell] = []
    for one in spells:
        start = one.start_ms
        for hole in taken:
            if hole.end_ms > start and hole.start_ms < one.end_ms:
                if hole.start_ms > start:
                    left.append(Spell(start, hole.start_ms - start))
                start = hole.end_ms
        if start < one.end_ms:
            left.append(Spell(start, one.end_ms - start))
    return left


def _overlaps(alone: Sequence[Spell]) -> tuple[Spell, ...]:
    """When two or more of spells are at once; those of one person do not overlap."""
    steps: dict[int, int] = defaultdict(int)
    for one in alone:
        steps[one.start_ms] += 1
        steps[one.end_ms] -= 1
    found, speaking, since = [], 0, 0
    for at in sorted(steps):
        before, speaking = speaking, speaking + steps[at]
        if before < 2 <= speaking:
            since = at
        elif speaking < 2 <= before:
            found.append(Spell(since, at - since))
    return tuple(found)


def _longest(
    spoken: Sequence[tuple[int, int, Speaker, tuple[Speaker, str]]],
) -> dict[Speaker, Spell]:
    longest: dict[Speaker, Spell] = {}
    who: tuple[Speaker, str] | None = None
    begun = until = 0
    for start, end, speaker, person in spoken:
        if person != who:
            who, begun, until = person, start, end
        until = max(until, end)
        if speaker not in longest or until - begun > longest[speaker].ms:
            longest[speaker] = Spell(begun, until - begun)
    return longest
