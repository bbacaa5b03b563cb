"""What each queue's calls are about: phrases that are more frequent there than elsewhere."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from kpis.noise.intervals import normal_quantile
from qa.checks.rules import By
from qa.transcripts import Transcript, words

Queue = TypeVar("Queue", bound=Hashable)
Term = tuple[str, ...]

LONGEST = 3
"""Words of a phrase."""
FEWEST_CALLS = 5
"""Of a queue that have a phrase from which it is told."""
STOPPED = 0.5
"""Words in more than this share of every queue's calls say nothing: "the", "yes", "okay"."""
OWN = 0.1
"""Words in so large a share of every queue's calls that say no more here than elsewhere are how
people begin to talk ("calling about", "question on"): no phrase begins with them."""
LEAST_Z = normal_quantile(0.995)
# Of a phrase's times, from which it is only a part of a longer one.
_WITHIN = 0.5


@dataclass(frozen=True, slots=True)
class Phrase:
    """`words` as they are mostly written, in small letters. `calls` of the queue have them, which
    say them `times`. `z` is by how many standard errors they are more frequent here."""

    words: str
    z: float
    calls: int
    times: int


def frequent(
    queues: Mapping[Queue, Sequence[Transcript]],
    *,
    by: By = By.CALLER,
    most: int = 20,
    fewest_calls: int = FEWEST_CALLS,
    stops: Collection[str] = (),
    negations: Collection[str] = (),
) -> dict[Queue, tuple[Phrase, ...]]:
    """Each queue's phrases of one to three words that are more frequent there than in the other
    queues together, the surest first, at most so many.

    By log-odds with an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008, "Fightin'
    words: lexical feature selection and evaluation for identifying the content of political
    conflict"): the log of a phrase's odds here less that of its odds elsewhere, with all
    phrases of all queues added as a prior that weighs as much as one queue on average, over its
    standard error; told from z 2.58. Stop words are left out by how many calls have them, so that
    no language needs a list: a phrase neither begins nor ends with one, nor begins with words by
    which people begin to talk. None is a fragment of another. Of one queue alone nothing is told.

    Of few and short texts more is known to say nothing: `stops`, words as they are folded, are
    stop words, too; but with those that are `negations` a phrase may begin ("not settled").
    """
    if len(queues) < 2:
        return dict.fromkeys(queues, ())
    spelled: Counter[tuple[str, str]] = Counter()
    calls: dict[Queue, Counter[Term]] = {}
    times: dict[Queue, Counter[Term]] = {}
    for queue, transcripts in queues.items():
        calls[queue], times[queue] = Counter(), Counter()
        for transcript in transcripts:
            said = Counter(_terms(transcript, by, spelled))
            calls[queue].update(said.keys())
            times[queue] += said
    stopped, common = _in_every(queues, calls, STOPPED), _in_every(queues, calls, OWN)
    listed, told_apart = set(stops), set(negations)
    written = usual(spelled)
    whole = sum(times.values(), Counter[Term]())
    found = {}
    for queue, counts in times.items():
        told = {
            term: z
            for term in counts
            if calls[queue][term] >= fewest_calls
            and term[0] not in stopped
            and term[-1] not in stopped
            and term[-1] not in listed
            and (term[0] not in listed or term[0] in told_apart)
            and (z := _z(counts, whole, term, len(queues))) >= LEAST_Z
        }
        told = {
            term: z
            for term, z in told.items()
            if not (term[0] in common and term[:1] not in told and _has_end(term, told))
        }
        wholes = _counted(_joined(told), queues[queue], by)
        first = list(islice(_apart(told, counts, wholes), most))
        found[queue] = tuple(
            Phrase(" ".join(written[word] for word in term), told[term], calls[queue][term], n)
            for term in first
            for n in (counts[term],)
        )
    return found


def _terms(transcript: Transcript, by: By, spelled: Counter[tuple[str, str]]) -> Iterator[Term]:
    """Phrases of each line, of words without their accents; numbers are none."""
    for line in transcript.lines:
        if not by.says(line.speaker):
            continue
        said = []
        for word in words(line.words):
            spelled[word.folded, line.words[word.start : word.end].lower()] += 1
            said.append(word.folded)
        for first in range(len(said)):
            for length in range(1, min(LONGEST, len(said) - first) + 1):
                term = tuple(said[first : first + length])
                if not term[-1].isdecimal() and not term[0].isdecimal():
                    yield term


def _in_every(
    queues: Mapping[Queue, Sequence[Transcript]],
    calls: Mapping[Queue, Counter[Term]],
    share: float,
) -> set[str]:
    """Words in more than that share of every queue's calls."""
    some = [queue for queue, transcripts in queues.items() if transcripts]
    return {
        term[0]
        for term in set().union(*calls.values())
        if len(term) == 1 and all(calls[queue][term] > share * len(queues[queue]) for queue in some)
    }


def usual(spelled: Counter[tuple[str, str]]) -> dict[str, str]:
    """Each folded word as it is mostly written, of (folded, written) as often as they are."""
    ways: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for (folded, written), n in spelled.items():
        ways[folded].append((-n, written))
    return {folded: min(each)[1] for folded, each in ways.items()}


def _z(here: Counter[Term], whole: Counter[Term], term: Term, queues: int) -> float:
    """By how many standard errors a term is more frequent here than elsewhere."""
    prior = whole[term] / queues
    prior_of_all = whole.total() / queues
    mine, mine_of_all = here[term] + prior, here.total() + prior_of_all
    other = whole[term] - here[term] + prior
    other_of_all = whole.total() - here.total() + prior_of_all
    if mine >= mine_of_all or other >= other_of_all:
        return 0.0
    apart = math.log(mine / (mine_of_all - mine)) - math.log(other / (other_of_all - other))
    return apart / math.sqrt(1 / mine + 1 / other)


def _has_end(term: Term, told: Mapping[Term, float]) -> bool:
    """Whether what is left of a term without its first words is told by itself."""
    return any(term[first:] in told for first in range(1, len(term)))


def _joined(told: Mapping[Term, float]) -> set[Term]:
    """What two of these terms make together, one beginning with the end of the other, where that is
    longer than what is counted of all."""
    begins: dict[Term, list[Term]] = defaultdict(list)
    for term in told:
        for length in range(1, len(term)):
            begins[term[:length]].append(term)
    return {
        whole
        for left in told
        for common in range(1, len(left))
        for right in begins[left[-common:]]
        if len(whole := left + right[common:]) > LONGEST
    }


def _counted(wanted: set[Term], transcripts: Sequence[Transcript], by: By) -> Counter[Term]:
    """How often each of these is said."""
    found: Counter[Term] = Counter()
    lengths = sorted({len(term) for term in wanted})
    for transcript in transcripts if wanted else ():
        for line in transcript.lines:
            if not by.says(line.speaker):
                continue
            said = tuple(word.folded for word in words(line.words))
            for length in lengths:
                for first in range(len(said) - length + 1):
                    if (term := said[first : first + length]) in wanted:
                        found[term] += 1
    return found


def _apart(
    told: Mapping[Term, float], counts: Counter[Term], wholes: Counter[Term]
) -> Iterator[Term]:
    """Terms of which none is a fragment of another, the surest first.

    Of one that lies in a longer one the longer is told where it is at least half as frequent, else
    the shorter, to which it adds nothing. Of two that overlap the surer stands for both, where at
    least half of the other's times are the two together; `wholes` counts such that are longer than
    terms are.
    """
    kept: dict[Term, None] = {}
    for longer in sorted(told, key=lambda term: (len(term), -counts[term], term)):
        parts = [one for one in _parts(longer) if one in kept]
        if all(counts[longer] >= _WITHIN * counts[one] for one in parts):
            for one in parts:
                del kept[one]
            kept[longer] = None
    first: list[Term] = []
    for term in sorted(kept, key=lambda term: (-told[term], term)):
        if not any(_is_rest(term, one, counts, wholes) for one in first):
            first.append(term)
            yield term


def _parts(term: Term) -> Iterator[Term]:
    """The shorter terms in it."""
    for length in range(1, len(term)):
        for first in range(len(term) - length + 1):
            yield term[first : first + length]


def _is_rest(term: Term, other: Term, counts: Counter[Term], wholes: Counter[Term]) -> bool:
    """Whether a term is mostly said with another one, whose end is its beginning or its beginning
    its end."""
    for common in range(1, min(len(term), len(other))):
        for left, right in ((term, other), (other, term)):
            if left[-common:] != right[:common]:
                continue
            whole = left + right[common:]
            together = counts[whole] if len(whole) <= LONGEST else wholes[whole]
            if together >= _WITHIN * counts[term]:
                return True
    return False
