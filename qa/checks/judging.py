"""Rules, judged over what was said in a call and what else is known of it."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qa.checks.patterns import Match, Talk
from qa.checks.rules import Kind, Place, Rule, Where
from qa.checks.scorer import Evidence, Scored, evidence
from qa.scoring import Value
from qa.transcripts import Line, Spell, Transcript, language_tag, timing
from qa.transcripts.timing import without

MOST_EVIDENCE = 20


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a call beside its transcript. `holds` are in the recording's time; None: not
    known whether there were any, and no silence is taken for one. `language` goes before the
    transcript's."""

    queue: Hashable | None = None
    language: str | None = None
    holds: tuple[Spell, ...] | None = None


class Verdict(StrEnum):
    MET = "met"
    BROKEN = "broken"
    NOT_APPLICABLE = "n/a"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a rule says of a call. `answer` None: it suggests none for this verdict. Evidence are
    the lines that met or broke it, in order; none where something was not said."""

    rule: str
    criterion: str
    verdict: Verdict
    answer: Value | None
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Ruled:
    """Rules as a scorer (`scorer.Scorer`) of one call. Of several on a criterion one that is broken
    goes before those that are met, and these before those that do not apply."""

    rules: tuple[Rule, ...]
    known: Known

    def score(self, transcript: Transcript, criterion: str) -> Scored | None:
        mine = [rule for rule in self.rules if rule.criterion == criterion]
        told = judged(mine, transcript, self.known)
        for verdict in (Verdict.BROKEN, Verdict.MET, Verdict.NOT_APPLICABLE):
            for one in told:
                if one.verdict is verdict and one.answer is not None:
                    return Scored(one.answer, one.evidence, one.confidence)
        return None


def judge(rule: Rule, transcript: Transcript, known: Known) -> Suggestion | None:
    """What a rule says of a call.

    None where it is not for the call's queue or language, or where the transcript cannot tell:
    times are needed and missing, nobody is known to be whoever is asked, or it is not known whether
    there were holds. Raises ValueError for a rule with an expression that cannot be
    (`rules.faults`).
    """
    return _judge(rule, Talk(transcript), known)


def judged(rules: Sequence[Rule], transcript: Transcript, known: Known) -> tuple[Suggestion, ...]:
    """What those of the rules say that have something to say, in their order; as `judge`."""
    talk = Talk(transcript)
    return tuple(told for rule in rules if (told := _judge(rule, talk, known)) is not None)


def is_for(rule: Rule, known: Known, transcript: Transcript) -> bool:
    """Whether a rule is for the call's queue and language. What is limited to some is not for a
    call of which it is not known."""
    if rule.queues and known.queue not in rule.queues:
        return False
    language = language_tag(known.language) or transcript.language
    if not rule.languages:
        return True
    return language is not None and bool({language, language.split("-")[0]} & rule.languages)


Told = tuple[Verdict, list[Evidence]]


def _judge(rule: Rule, talk: Talk, known: Known) -> Suggestion | None:
    if not is_for(rule, known, talk.transcript):
        return None
    told = _JUDGES[rule.kind](rule, talk, known)
    if told is None:
        return None
    verdict, found = told
    answer = {
        Verdict.MET: rule.met,
        Verdict.BROKEN: rule.broken,
        Verdict.NOT_APPLICABLE: rule.not_applicable,
    }[verdict]
    return Suggestion(rule.id, rule.criterion, verdict, answer, tuple(found[:MOST_EVIDENCE]))


@dataclass(frozen=True, slots=True)
class _Window:
    """A part of a call: what of it counts, and the phrase that it is after, if any."""

    counts: Callable[[Match], bool]
    after: Match | None = None


def _say(rule: Rule, talk: Talk, _known: Known) -> Told | None:
    windows = _windows(rule, talk)
    if windows is None:
        return None
    if not windows:
        return Verdict.NOT_APPLICABLE, []
    said = _said(rule, talk)
    first = [next(filter(window.counts, said), None) for window in windows]
    if all(first):
        return Verdict.MET, _lines(talk, [match for match in first if match])
    unanswered = [
        window.after
        for window, match in zip(windows, first, strict=True)
        if match is None and window.after is not None
    ]
    return Verdict.BROKEN, _lines(talk, unanswered)


def _never_say(rule: Rule, talk: Talk, _known: Known) -> Told | None:
    windows = _windows(rule, talk)
    if windows is None:
        return None
    if not windows:
        return Verdict.NOT_APPLICABLE, []
    said = [one for one in _said(rule, talk) if any(window.counts(one) for window in windows)]
    return (Verdict.BROKEN if said else Verdict.MET), _lines(talk, said)


def _silence(rule: Rule, talk: Talk, known: Known) -> Told | None:
    found = timing(talk.transcript)
    if found is None or rule.seconds is None:
        return None
    silent = without(found.silences, known.holds or ())
    long = [one for one in silent if one.ms > rule.seconds * 1000]
    lines = [_before(talk, one.start_ms) for one in long]
    return (Verdict.BROKEN if long else Verdict.MET), lines


def _overtalk(rule: Rule, talk: Talk, _known: Known) -> Told | None:
    found = timing(talk.transcript)
    if found is None:
        return None
    share = found.overtalk_share
    too_long = rule.seconds is not None and found.overtalk_ms > rule.seconds * 1000
    too_much = rule.share is not None and share is not None and share > rule.share
    if not too_long and not too_much:
        return Verdict.MET, []
    longest = sorted(found.overtalks, key=lambda one: -one.ms)[:MOST_EVIDENCE]
    starts = sorted(one.start_ms for one in longest)
    return Verdict.BROKEN, [_before(talk, start) for start in starts]


def _hold_notice(rule: Rule, talk: Talk, known: Known) -> Told | None:
    if known.holds is None or rule.seconds is None:
        return None
    if not known.holds:
        return Verdict.NOT_APPLICABLE, []
    if not _has_starts(talk.transcript) or not _is_there(rule, talk):
        return None
    said = [(talk.transcript.lines[one.begin[0] - 1], one) for one in _said(rule, talk)]
    noticed, unsaid = list[Match](), list[Evidence]()
    for hold in sorted(known.holds, key=lambda one: one.start_ms):
        since = hold.start_ms - rule.seconds * 1000
        match = next(
            (one for line, one in said if _start(line) <= hold.start_ms and _end(line) >= since),
            None,
        )
        if match is None:
            unsaid.append(_before(talk, hold.start_ms))
        else:
            noticed.append(match)
    return (Verdict.BROKEN, unsaid) if unsaid else (Verdict.MET, _lines(talk, noticed))


_JUDGES: dict[Kind, Callable[[Rule, Talk, Known], Told | None]] = {
    Kind.SAY: _say,
    Kind.NEVER_SAY: _never_say,
    Kind.SILENCE: _silence,
    Kind.OVERTALK: _overtalk,
    Kind.HOLD_NOTICE: _hold_notice,
}


def _windows(rule: Rule, talk: Talk) -> list[_Window] | None:
    """The parts of a call that count; none where the phrase they are after was not said, None where
    there is no telling."""
    where = rule.where
    if not _is_there(rule, talk):
        return None
    if where.place is Place.ANYWHERE:
        return [_Window(lambda match: True)]
    by_time = where.seconds is not None and _has_starts(talk.transcript)
    if not by_time and where.lines is None:
        return None
    if where.place is Place.AFTER:
        triggers = [one for one in talk.matches(where.after) if where.after_by.says(one.speaker)]
        return [_after(where, talk, one, by_time) for one in triggers]
    counted = {*_near(rule, talk, by_time)}
    return [_Window(lambda match: match.begin[0] in counted)]


def _near(rule: Rule, talk: Talk, by_time: bool) -> Iterator[int]:
    """The numbers of lines near the start or the end."""
    lines, where = talk.transcript.lines, rule.where
    is_start = where.place is Place.START
    if by_time and where.seconds is not None:
        reach = where.seconds * 1000
        first, last = min(map(_start, lines)), max(map(_end, lines))
        for number, line in enumerate(lines, 1):
            if _start(line) < first + reach if is_start else _end(line) >= last - reach:
                yield number
        return
    mine = [number for number, line in enumerate(lines, 1) if rule.by.says(line.speaker)]
    yield from mine[: where.lines] if is_start else mine[-(where.lines or 0) :]


def _after(where: Where, talk: Talk, trigger: Match, by_time: bool) -> _Window:
    lines = talk.transcript.lines
    line = trigger.end[0]
    if by_time and where.seconds is not None:
        until = _end(lines[line - 1]) + where.seconds * 1000
        return _Window(
            lambda match: match.begin >= trigger.end and _start(lines[match.begin[0] - 1]) <= until,
            trigger,
        )
    last = line + (where.lines or 0)
    return _Window(lambda match: match.begin >= trigger.end and match.begin[0] <= last, trigger)


def _said(rule: Rule, talk: Talk) -> list[Match]:
    return [one for one in talk.matches(rule.said) if rule.by.says(one.speaker)]


def _is_there(rule: Rule, talk: Talk) -> bool:
    """Whether anybody is known to be whoever the rule asks."""
    return any(rule.by.says(line.speaker) for line in talk.transcript.lines)


def _lines(talk: Talk, matches: Sequence[Match]) -> list[Evidence]:
    """Each line once."""
    at = {one.begin[0]: one.begin[1] for one in reversed(matches)}
    return [evidence(talk.transcript, line, at=at[line]) for line in sorted(at)]


def _before(talk: Talk, at_ms: int) -> Evidence:
    """The last line that begins by a time, which is the evidence's; the first where none does."""
    lines = talk.transcript.lines
    begun = [number for number, line in enumerate(lines, 1) if _start(line) <= at_ms]
    return evidence(talk.transcript, begun[-1] if begun else 1, at_ms=at_ms)


def _has_starts(transcript: Transcript) -> bool:
    return all(line.start_ms is not None for line in transcript.lines)


def _start(line: Line) -> int:
    return line.start_ms or 0


def _end(line: Line) -> int:
    return _start(line) if line.end_ms is None else line.end_ms
