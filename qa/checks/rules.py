"""What a rule asks of a call, and what is wrong with one that cannot be judged by."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from qa.checks.patterns import Pattern, finds_nothing, why_wrong
from qa.scoring import Criterion, Form, Section, Value, wrong
from qa.transcripts import Speaker, language_tag, words


class Kind(StrEnum):
    """What breaks a rule: that something was not said, or was said; silence or overtalk beyond a
    limit; a hold that nobody announced."""

    SAY = "say"
    NEVER_SAY = "never_say"
    SILENCE = "silence"
    OVERTALK = "overtalk"
    HOLD_NOTICE = "hold_notice"


OF_WORDS = frozenset({Kind.SAY, Kind.NEVER_SAY, Kind.HOLD_NOTICE})


class By(StrEnum):
    """Who says it."""

    AGENT = "agent"
    CALLER = "caller"
    ANYBODY = "anybody"

    def says(self, speaker: Speaker) -> bool:
        return self is By.ANYBODY or self.value == speaker.value


class Place(StrEnum):
    """Where in the call it counts. After another phrase: each time that is said."""

    ANYWHERE = "anywhere"
    START = "start"
    END = "end"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Where:
    """A part of a call. It reaches `seconds` from where the first line starts, to where the last
    one ends, or from the end of the line that says one of `after`; a line counts that begins in it
    (at the end: that ends in it).

    `lines` are those by whoever is asked, of the start or the end, or the next ones by anybody
    after the phrase. Where both are given, lines count in transcripts without times alone.
    """

    place: Place = Place.ANYWHERE
    seconds: int | None = None
    lines: int | None = None
    after: tuple[Pattern, ...] = ()
    after_by: By = By.ANYBODY


@dataclass(frozen=True, slots=True)
class Rule:
    """What a criterion's answer can be told by.

    `said` are phrases of which any counts, by `by`, in `where`. `seconds` are the longest silence
    outside holds, or the most overtalk; before a hold, how long ago it may have been announced.
    `share` is the most overtalk as a share of the time that somebody speaks, 0 to 1; more of either
    is too much. Of no `queues` or `languages` it is for all; a language without a country is for
    all of its countries.

    `met`, `broken` and `not_applicable` are the answers it suggests; None: none.
    """

    id: str
    criterion: str
    kind: Kind
    said: tuple[Pattern, ...] = ()
    by: By = By.AGENT
    where: Where = field(default_factory=Where)
    seconds: int | None = None
    share: Fraction | None = None
    queues: frozenset[Hashable] = frozenset()
    languages: frozenset[str] = frozenset()
    met: Value | None = None
    broken: Value | None = None
    not_applicable: Value | None = None


def lacks_times(rule: Rule, *, starts: bool, ends: bool) -> bool:
    """Whether a rule has no verdict on a transcript for want of times: `starts` and `ends` say
    whether each of its lines has them."""
    if rule.kind in (Kind.SILENCE, Kind.OVERTALK):
        return not (starts and ends)
    if rule.kind is Kind.HOLD_NOTICE:
        return not starts
    by_seconds = rule.where.place is not Place.ANYWHERE and rule.where.lines is None
    return by_seconds and not starts


MOST_PATTERNS = 100


class Fault(StrEnum):
    """What keeps a rule from being used."""

    NO_NAME = "no_name"
    TWICE = "twice"
    NOTHING_TO_FIND = "nothing_to_find"
    TOO_MANY = "too_many"
    NO_WORDS = "no_words"
    NO_REGEX = "no_regex"
    FINDS_NOTHING = "finds_nothing"
    NO_REACH = "no_reach"
    NO_LIMIT = "no_limit"
    NOT_POSITIVE = "not_positive"
    SHARE = "share"
    LANGUAGE = "language"
    NO_ANSWER = "no_answer"
    SAME_ANSWER = "same_answer"
    WRONG_ANSWER = "wrong_answer"


@dataclass(frozen=True, slots=True)
class Faulty:
    """A fault and what has it: a phrase, a language, an answer; "" for the whole rule. `why` are an
    engine's own words on an expression."""

    fault: Fault
    where: str = ""
    why: str = ""


def faults(rule: Rule, criterion: Criterion | None = None) -> tuple[Faulty, ...]:
    """Everything that keeps a rule from being used; of none it is sound. With the criterion that it
    is of, also answers that this cannot have."""
    return tuple(_faults(rule, criterion))


def names_twice(rules: Sequence[Rule]) -> tuple[Faulty, ...]:
    """Ids that several of these rules have."""
    many = Counter(rule.id for rule in rules)
    return tuple(Faulty(Fault.TWICE, id) for id, n in many.items() if n > 1)


def _faults(rule: Rule, criterion: Criterion | None) -> Iterator[Faulty]:
    if not rule.id or not rule.criterion:
        yield Faulty(Fault.NO_NAME)
    if rule.kind in OF_WORDS:
        yield from _of_patterns(rule.said)
    if rule.kind in (Kind.SAY, Kind.NEVER_SAY):
        yield from _of_place(rule.where)
    else:
        yield from _of_limits(rule)
    for language in sorted(rule.languages):
        if language_tag(language) != language:
            yield Faulty(Fault.LANGUAGE, language)
    if rule.met is None and rule.broken is None:
        yield Faulty(Fault.NO_ANSWER)
    elif rule.met == rule.broken:
        yield Faulty(Fault.SAME_ANSWER)
    if criterion is not None:
        form = Form((Section("", (criterion,)),))
        for answer in (rule.met, rule.broken, rule.not_applicable):
            if answer is not None and wrong(form, {criterion.id: answer}):
                yield Faulty(Fault.WRONG_ANSWER, str(answer))


def _of_patterns(patterns: Sequence[Pattern]) -> Iterator[Faulty]:
    if not patterns:
        yield Faulty(Fault.NOTHING_TO_FIND)
    if len(patterns) > MOST_PATTERNS:
        yield Faulty(Fault.TOO_MANY)
    for one in patterns[:MOST_PATTERNS]:
        if not one.is_regex:
            if not any(words(one.text)):
                yield Faulty(Fault.NO_WORDS, one.text)
        elif why := why_wrong(one.text):
            yield Faulty(Fault.NO_REGEX, one.text, why)
        elif finds_nothing(one.text):
            yield Faulty(Fault.FINDS_NOTHING, one.text)


def _of_place(where: Where) -> Iterator[Faulty]:
    if where.place is Place.AFTER:
        yield from _of_patterns(where.after)
    if where.place is not Place.ANYWHERE:
        reach = [each for each in (where.seconds, where.lines) if each is not None]
        if not reach:
            yield Faulty(Fault.NO_REACH)
        if any(each <= 0 for each in reach):
            yield Faulty(Fault.NOT_POSITIVE)


def _of_limits(rule: Rule) -> Iterator[Faulty]:
    share = rule.share if rule.kind is Kind.OVERTALK else None
    if rule.seconds is None and share is None:
        yield Faulty(Fault.NO_LIMIT)
    # Not any overtalk at all is a limit too.
    if rule.seconds is not None and rule.seconds < (0 if rule.kind is Kind.OVERTALK else 1):
        yield Faulty(Fault.NOT_POSITIVE)
    if share is not None and not 0 <= share < 1:
        yield Faulty(Fault.SHARE)
