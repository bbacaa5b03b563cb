"""What tells answers from a transcript, whatever it is: rules, what was learned from reviews, or
somebody else's."""

from typing import NamedTuple, Protocol

from qa.scoring import Value
from qa.transcripts import Transcript


class Evidence(NamedTuple):
    """A line that an answer is told by: its number, when it was said from the beginning of the
    recording (None: not known), and its words, or those around what was found."""

    line: int
    at_ms: int | None
    quote: str


class Scored(NamedTuple):
    """An answer to a criterion. `confidence`, 0 to 1, is how often such an answer is right as far
    as the scorer knows; a rule's is 1, since it says what it was told to."""

    answer: Value
    evidence: tuple[Evidence, ...]
    confidence: float


class Scorer(Protocol):
    """Whatever tells answers. It suggests; it never releases a score."""

    def score(self, transcript: Transcript, criterion: str) -> Scored | None:
        """The answer to a criterion, by its id; None: it has nothing to say on this one."""
        ...


LONGEST_QUOTE = 200


def evidence(
    transcript: Transcript, line: int, *, at: int = 0, at_ms: int | None = None
) -> Evidence:
    """A line as evidence, cut around its place `at` where it is long; its time is `at_ms`, None:
    its start."""
    there = transcript.lines[line - 1]
    words = there.words
    if len(words) > LONGEST_QUOTE:
        begin = min(max(0, at - LONGEST_QUOTE // 2), len(words) - LONGEST_QUOTE)
        end = begin + LONGEST_QUOTE
        words = ("…" if begin else "") + words[begin:end] + ("…" if end < len(words) else "")
    return Evidence(line, there.start_ms if at_ms is None else at_ms, words)
