"""What a transcript says that nobody needs for a review, made unreadable: numbers of cards and
accounts, security codes, telephone numbers, addresses of e-mail, postcodes.

Numbers are said in pieces, with "okay" of the other side between: what one speaker says is looked
at together, over their lines. `ccm.masking` and `ccm.phones` say what is a card's or a telephone's
number or a mail address; here numbers may have the commas and stops in them that speech turned into
text has, one that follows a word such as "phone" by two lines at most is a telephone's, and digits
in the groups of a card are one even where its check digit is wrong: speech turned into text
mishears.

Numbers said in words ("four one one one") are not found: who turns speech into text writes digits.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from ccm import phones
from ccm.masking import (
    CODE_AFTER,
    CODE_BEFORE,
    CODE_NAME,
    HIDDEN,
    MAIL,
    begins_as_card,
    card_groups,
)
from ccm.phones import OTHERS
from qa.transcripts import accounts
from qa.transcripts.transcript import Line, Transcript
from qa.transcripts.words import Span, Turn


class Kind(StrEnum):
    """What is made unreadable."""

    CARD = "card"
    """The number of a card, and until when it is good, behind words that say so."""
    CODE = "code"
    """The security code of a card, behind or before its name, in answer to a question for it, or
    right behind the card's number, whatever it is called."""
    ACCOUNT = "iban"
    """The number of a bank account, and its sort code. Kept counts call it so since before others
    than IBANs were found."""
    PHONE = "phone"
    EMAIL = "email"
    POSTCODE = "postcode"


ALL = frozenset(Kind)
POSTCODES: Mapping[str, str] = {
    "CA": r"[a-ceghj-npr-tvxy]\d[a-ceghj-npr-tv-z] ?\d[a-ceghj-npr-tv-z]\d",
    "GB": r"(?:[a-z]{1,2}\d[a-z\d]?|gir) ?\d[abd-hjlnp-uw-z]{2}",
    "IE": r"[ac-fhknprtv-y](?:\d\d|6w) ?[ac-fhknprtv-y\d]{4}",
    "NL": r"[1-9]\d{3} ?[a-z]{2}",
    "PL": r"\d\d-\d{3}",
    "PT": r"\d{4}-\d{3}",
    "DE": r"\d{5}",
    "ES": r"\d{5}",
    "FR": r"\d{5}",
    "IT": r"\d{5}",
    "SE": r"\d{3} ?\d\d",
    "US": r"\d{5}(?:-\d{4})?",
}
"""How each country's are written. Those of digits alone hide other numbers of as many too."""
TELLING = frozenset({"CA", "GB"})
"""Countries whose postcodes nothing else looks like."""

_NEAR = r"[\s,./()\u2010-\u2015\u2026-]{0,4}"
_LONG = re.compile(rf"\d(?:{_NEAR}\d){{12,}}", re.A)
_GROUP = re.compile(r"\d+", re.A)
_CODE = re.compile(r"\d(?:[ ,.-]{0,3}\d){2,3}", re.A)
_CARD_GROUPS = ((4, 4, 4, 4), (4, 6, 5))
"""How cards print their numbers: most, and those of American Express."""
_EXPIRY_NAME = re.compile(
    r"\b(?:expir\w*|exp\.? date|valid (?:until|till|to|through|thru|from)"
    r"|good (?:through|thru|until))\b",
    re.I,
)
_EXPIRY = re.compile(
    r"(?<![\d./-])(?:0?[1-9]|1[0-2])[ ,./\u2010-\u2015-]{1,3}(?:20)?\d\d(?!\d|[./-]\d)", re.A
)
_EXPIRY_WITHIN = 24
"""Signs without a digit between such words and the month."""
_CODE_BEHIND = re.compile(
    rf"(?:[^\d•]{{1,20}}{_EXPIRY.pattern})?(?P<between>[^\d•]{{1,40}})(?P<code>{_CODE.pattern})"
    r"(?!\d|[.,/:-]\d| (?:\d{3}|\d{5,})(?!\d))",
    re.A,
)
"""What may be said between a card's number and its code: until when it is good, and a few words.
Behind the code no piece of a telephone's number: four digits may be a year."""
_TIME = re.compile(r"(?:[01]?\d|2[0-3]) [0-5]\d", re.A)
_TIME_BEFORE = re.compile(r"\b(?:about|after|around|at|before|by|from|till)\s$", re.I)
_OTHER = re.compile(rf"\b(?:{OTHERS}|since|until|opened|dated|born|extensions?|ext)\b", re.I)
_DIGITS = re.compile(r"\d(?:.*\d)?", re.A | re.S)
_LONG_ENOUGH = re.compile(rf"\d(?:{_NEAR}\d){{7,}}", re.A)
_MOST_DIGITS = 15
_PAUSE = re.compile(r"[\s,\u2026]")
_HIDDEN_PHONE = re.compile(r"(?<!•)•••\d{3}")
_ANSWERED_WITHIN = 3
"""Lines behind the one that names a security code, in which it may be said."""
_SAID_BEFORE = 2
_SHORT = 3
"""Words of a line without digits that may stand between pieces of a number: "yes, go on"."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A transcript with what was found hidden, and how much of each kind it was; a number that was
    said over several lines is one."""

    transcript: Transcript
    counts: dict[Kind, int]


@dataclass(frozen=True, slots=True)
class _Found:
    kind: Kind
    spans: tuple[Span, ...]


def redacted(
    transcript: Transcript,
    kinds: Collection[Kind] = ALL,
    *,
    countries: Collection[str] = TELLING,
) -> Redacted:
    """A transcript without what is of these kinds. `countries` are those whose postcodes are meant.
    What is hidden once is not found again: it may be done twice.

    Raises ValueError for a country whose postcodes are not known.
    """
    if unknown := {*countries} - {*POSTCODES}:
        raise ValueError(f"no postcodes of {', '.join(sorted(unknown))} are known")
    counts: Counter[Kind] = Counter()
    hidden: dict[int, list[Span]] = defaultdict(list)
    for one in _all_found(transcript, kinds, countries):
        if not all(_is_in(span, hidden[span.line]) for span in one.spans):
            counts[one.kind] += 1
            for span in one.spans:
                hidden[span.line].append(span)
    lines = []
    for number, line in enumerate(transcript.lines, 1):
        words, label = _without(line.words, hidden.get(number, ())), line.label
        if Kind.PHONE in kinds:
            words, many = _HIDDEN_PHONE.subn(HIDDEN, phones.hidden(words, at_home=True))
            label = _HIDDEN_PHONE.sub(HIDDEN, phones.hidden(label, "phone"))
            counts[Kind.PHONE] += many
        if Kind.EMAIL in kinds:
            label = MAIL.sub(HIDDEN, label)
        lines.append(replace(line, words=words, label=label))
    return Redacted(
        replace(transcript, lines=tuple(lines)), {kind: n for kind, n in counts.items() if n}
    )


def _all_found(
    transcript: Transcript, kinds: Collection[Kind], countries: Collection[str]
) -> Iterator[_Found]:
    said = _by_person(transcript.lines)
    for turn in said:
        if Kind.ACCOUNT in kinds:
            found = (*accounts.ibans(turn), *accounts.british(turn, transcript.lines))
            yield from (_Found(Kind.ACCOUNT, spans) for spans in found)
        cards = list(_cards(turn))
        if Kind.CARD in kinds:
            yield from (_Found(Kind.CARD, turn.spans(*card)) for card in cards)
        if Kind.CODE in kinds:
            for _start, end in cards:
                yield from _code_behind(turn, end, transcript.lines)
    if Kind.CARD in kinds:
        yield from _expiries(transcript.lines)
    if Kind.CODE in kinds:
        yield from _codes(transcript.lines)
    if Kind.PHONE in kinds:
        for turn in said:
            yield from _phones(turn, transcript.lines)
    patterns = [(Kind.EMAIL, MAIL)] if Kind.EMAIL in kinds else []
    if Kind.POSTCODE in kinds and countries:
        written = "|".join(POSTCODES[country] for country in sorted(countries))
        patterns.append((Kind.POSTCODE, re.compile(rf"(?<![\w•])(?:{written})(?!\w)", re.I | re.A)))
    for number, line in enumerate(transcript.lines, 1):
        for kind, pattern in patterns:
            for hit in pattern.finditer(line.words):
                yield _Found(kind, (Span(number, *hit.span()),))


def _by_person(lines: Sequence[Line]) -> list[Turn]:
    """All lines of each person as one text, but short ones without a digit."""
    numbers: dict[object, list[int]] = defaultdict(list)
    for number, line in enumerate(lines, 1):
        if len(line.words.split()) > _SHORT or _GROUP.search(line.words):
            numbers[line.person].append(number)
    return [Turn.of([lines[at - 1] for at in those], those) for those in numbers.values()]


def _cards(turn: Turn) -> Iterator[tuple[int, int]]:
    """Where in a person's text numbers of cards are."""
    for run in _LONG.finditer(turn.text):
        groups = list(_GROUP.finditer(turn.text, *run.span()))
        digits = [group[0] for group in groups]
        places = sorted(card_groups(digits) | _printed(digits))
        begun = [at for at in places if at - 1 not in places]
        ended = [at for at in places if at + 1 not in places]
        for first, last in zip(begun, ended, strict=True):
            yield groups[first].start(), groups[last].end()


def _code_behind(turn: Turn, end: int, lines: Sequence[Line]) -> Iterator[_Found]:
    """Three or four digits right behind a card's number: its code, unless they are said to be
    something else, by them or between the lines, or are money or a time of day."""
    hit = _CODE_BEHIND.match(turn.text, end)
    if hit is None:
        return
    spans = turn.spans(*hit.span("code"))
    card = turn.spans(end - 1, end)[0].line
    between = [hit["between"], *(one.words for one in lines[card : spans[-1].line - 1])]
    is_time = _TIME.fullmatch(hit["code"]) and _TIME_BEFORE.search(hit["between"])
    is_near = spans[-1].line - card <= _ANSWERED_WITHIN
    is_money = accounts.MONEY_BEFORE.search(turn.text, end, hit.start("code"))
    is_money = is_money or accounts.MONEY_AFTER.match(turn.text, hit.end("code"))
    is_money = is_money or accounts.AMOUNT.fullmatch(hit["code"])
    if is_near and not (is_money or is_time) and not any(map(_OTHER.search, between)):
        yield _Found(Kind.CODE, spans)


def _printed(groups: Sequence[str]) -> set[int]:
    """Which of groups of digits in a row stand as cards print them, whatever their check digit."""
    found: set[int] = set()
    for lengths in _CARD_GROUPS:
        for first in range(len(groups) - len(lengths) + 1):
            those = groups[first : first + len(lengths)]
            if tuple(map(len, those)) == lengths and begins_as_card("".join(those)):
                found.update(range(first, first + len(lengths)))
    return found


def _expiries(lines: Sequence[Line]) -> Iterator[_Found]:
    for number, line in enumerate(lines, 1):
        for named in _EXPIRY_NAME.finditer(line.words):
            digits = _GROUP.search(line.words, named.end())
            if digits and digits.start() <= named.end() + _EXPIRY_WITHIN:
                if hit := _EXPIRY.match(line.words, digits.start()):
                    yield _Found(Kind.CARD, (Span(number, *hit.span()),))
            elif not digits:
                told = _answer(lines, number, _EXPIRY)
                yield from (_Found(Kind.CARD, (span,)) for span in told)


def _codes(lines: Sequence[Line]) -> Iterator[_Found]:
    for number, line in enumerate(lines, 1):
        if not CODE_NAME.search(line.words):
            continue
        told = [Span(number, hit.end(1), hit.end()) for hit in CODE_AFTER.finditer(line.words)]
        told += [Span(number, *hit.span()) for hit in CODE_BEFORE.finditer(line.words)]
        if not told:
            told = _answer(lines, number, _CODE)
        yield from (_Found(Kind.CODE, (span,)) for span in told)


def _answer(lines: Sequence[Line], number: int, wanted: re.Pattern[str]) -> list[Span]:
    """The digits of the first line behind that has any, where they may be what is wanted."""
    for behind in range(number + 1, min(number + _ANSWERED_WITHIN, len(lines)) + 1):
        if hit := _DIGITS.search(lines[behind - 1].words):
            return [Span(behind, *hit.span())] if wanted.fullmatch(hit[0]) else []
    return []


def _phones(turn: Turn, lines: Sequence[Line]) -> Iterator[_Found]:
    """Numbers that no line tells by itself: said over several, or in answer to a question. One
    begins where its line's digits do, or at a plus, and ends where its line's digits do."""
    for start, end in phones.found_at_home(_PAUSE.sub(" ", turn.text)):
        yield _Found(Kind.PHONE, turn.spans(start, end))
    for run in _LONG_ENOUGH.finditer(turn.text):
        groups = [
            (hit, turn.spans(*hit.span())[0].line)
            for hit in _GROUP.finditer(turn.text, *run.span())
        ]
        behind = run.start()
        for at, (first, line) in enumerate(groups):
            plus = turn.text.rfind("+", max(0, first.start() - 3), first.start())
            has_plus = plus >= 0
            begins = at == 0 or groups[at - 1][1] != line or has_plus
            if first.start() < behind or not begins or not (has_plus or _asks(lines, line)):
                continue
            for last in reversed(_ends(groups, at)):
                start = plus if has_plus else first.start()
                end = groups[last][0].end()
                if _is_phone(turn.text[start:end]):
                    behind = end
                    yield _Found(Kind.PHONE, turn.spans(start, end))
                    break


def _ends(groups: Sequence[tuple[re.Match[str], int]], first: int) -> list[int]:
    """The places of the last groups of lines, as far as a number can go from its first group."""
    ends, digits = [], 0
    for at in range(first, len(groups)):
        digits += len(groups[at][0][0])
        if digits > _MOST_DIGITS:
            break
        if at + 1 == len(groups) or groups[at + 1][1] != groups[at][1]:
            ends.append(at)
    return ends


def _is_phone(text: str) -> bool:
    written = re.sub(r"[\s,\u2026]+", " ", text)
    return phones.hidden(written, "phone") != written


def _asks(lines: Sequence[Line], number: int) -> bool:
    """Whether a line, or one of the two before it, has a word for a telephone."""
    return any(
        phones.says_phone(word)
        for line in lines[max(0, number - 1 - _SAID_BEFORE) : number]
        for words in (line.words.split(),)
        for word in (*words, *map(" ".join, pairwise(words)))
    )


def _is_in(span: Span, hidden: Sequence[Span]) -> bool:
    return any(one.start <= span.start and span.end <= one.end for one in hidden)


def _without(words: str, spans: Sequence[Span]) -> str:
    pieces, behind = [], 0
    for span in sorted(spans, key=lambda one: one.start):
        if span.start >= behind:
            pieces += [words[behind : span.start], HIDDEN]
        behind = max(behind, span.end)
    return "".join([*pieces, words[behind:]])
