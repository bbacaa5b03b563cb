"""Where a phrase was said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.transcripts.transcript import Transcript
from qa.transcripts.words import Span, Turn, Word, turns, words


@dataclass(frozen=True, slots=True)
class Hit:
    """Where it was said: mostly part of one line, of more where it goes on over lines of one
    speaker."""

    spans: tuple[Span, ...]

    @property
    def line(self) -> int:
        """The number of the line in which it begins."""
        return self.spans[0].line


def found(transcript: Transcript, text: str) -> tuple[Hit, ...]:
    """Where a phrase was said, in order: its words, whole and one after the other, in whatever case
    and with or without accents, and with whatever signs between them. None for a text without
    words."""
    return tuple(
        Hit(turn.spans(start, end))
        for turn in turns(transcript)
        for start, end in phrases(turn, text)
    )


def phrases(turn: Turn, text: str) -> Iterator[tuple[int, int]]:
    """Where in a turn's text a phrase stands, [start, end), none within another."""
    return phrase_in(tuple(words(turn.text)), [word.folded for word in words(text)])


def phrase_in(said: Sequence[Word], phrase: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The same of words."""
    many, at = len(phrase), 0
    while many and at + many <= len(said):
        if said[at].folded == phrase[0] and all(
            one.folded == word for one, word in zip(said[at : at + many], phrase, strict=True)
        ):
            yield said[at].start, said[at + many - 1].end
            at += many
        else:
            at += 1
