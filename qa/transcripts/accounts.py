"""Numbers of bank accounts in what a speaker says: IBANs by their check digits; British numbers and
sort codes, which have none, by the words that name them.

An account's number is eight digits behind "account" (or "a/c", "acct"), or right behind a sort code
that is named. A sort code is six digits behind "sort code", or three pairs with dashes beside an
account's number. The word stands before them in their line, or in one of the two lines before it,
by whoever, or right behind them ("... is my account", "..., the account number"). What something
else is named for last ("my account, the order is 12345678"), a date and an amount are none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ccm.phones import OTHERS
from qa.transcripts.transcript import Line
from qa.transcripts.words import Span, Turn

_IBAN = re.compile(r"(?<![^\W_])[a-z]{2} ?\d\d(?:[ -]?[a-z\d]){11,30}", re.I | re.A)
_SHORTEST_IBAN = 15

# What a number may be of. Of several words before it the last counts that fits its digits: eight
# are no sort code, six no account.
_NAMING = re.compile(
    r"\b(?:(?P<account>(?:accounts?|accts?|acc|a/c)(?:[\s-]+(?P<its>numbers?|no|num|nr|ref(?:erence)?))?)"
    r"|(?P<sort>sort(?:ing)?[\s-]?codes?)"
    rf"|(?P<other>{OTHERS}|postcodes?|since|opened|until|dated|born))\b",
    re.I,
)
_CALLED_BEHIND = {
    what: re.compile(rf",? (?:is|was|being) (?:my|our|the|his|her|their) (?:bank )?{word}\b", re.I)
    for what, word in (("account", "account"), ("sort", "sort[ -]?code"))
}
# Said at the end: "It is 12345678, the account number."
_ADDED_BEHIND = {
    what: re.compile(
        r" ?[,.;(\u2010-\u2015-] ?(?:(?:that|it)(?:'s|\u2019s| is| was) |as |for )?"
        r"(?:(?:my|our|the|his|her|their|your) )?"
        rf"(?:bank )?{word}(?: numbers?| no)?\b(?=[ ]*(?:[.,;:!?)]|$))",
        re.I,
    )
    for what, word in (("account", "(?:account|acct|a/c)"), ("sort", "sort[ -]?code"))
}
_GROUP = re.compile(r"\d+", re.A)
# What stands between the groups of one number.
_WITHIN = re.compile(r"[\s,.\u2010-\u2015\u2026-]{0,4}")
_JOINT = re.compile(r"[ \u2010-\u2015-]{1,3}")
_DASHED = re.compile(r"(?<!\d)\d\d ?[\u2010-\u2015-] ?\d\d ?[\u2010-\u2015-] ?\d\d(?!\d)", re.A)
_DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])(?P<s>[ ./-])(?:0?[1-9]|1[0-2])(?P=s)(?:19|20)\d\d"
    r"|(?:19|20)\d\d(?P<t>[ ./-])(?:0[1-9]|1[0-2])(?P=t)(?:0[1-9]|[12]\d|3[01])",
    re.A,
)
AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d\d)?|\d+[.,]\d{1,2}", re.A)
MONEY_BEFORE = re.compile(r"[£$€]\s?$")
MONEY_AFTER = re.compile(r"\s?(?:[£$€%]|pounds?\b|euros?\b|dollars?\b|pence\b|percent\b)", re.I)
_DIGITS, _SORT_DIGITS = 8, 6
_FARTHEST = 60
"""Signs between a word and what it names, in one line."""
_BESIDE = 30
"""Signs between an account's number and a sort code that no word names."""
_SAID_BEFORE = 2


def ibans(turn: Turn) -> Iterator[tuple[Span, ...]]:
    """International numbers (ISO 13616) with the right check digits."""
    for hit in _IBAN.finditer(turn.text):
        for end in range(hit.end(), hit.start() + _SHORTEST_IBAN - 1, -1):
            # It ends where a group does.
            if turn.text[end : end + 1].isalnum() or not turn.text[end - 1].isalnum():
                continue
            if _is_iban(re.sub("[ -]", "", turn.text[hit.start() : end])):
                yield turn.spans(hit.start(), end)
                break


def _is_iban(text: str) -> bool:
    """Whether its check digits are right (ISO 13616, ISO/IEC 7064 mod 97-10)."""
    if len(text) < _SHORTEST_IBAN:
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


@dataclass(frozen=True, slots=True)
class _Part:
    """Digits in the text of a turn, [start, end)."""

    start: int
    end: int


def british(turn: Turn, lines: Sequence[Line]) -> Iterator[tuple[Span, ...]]:
    """Account numbers and sort codes of the United Kingdom, each with its parts of lines; `lines`
    are those of both sides."""
    text = turn.text
    six, eight = (list(_numbers(turn, digits)) for digits in (_SORT_DIGITS, _DIGITS))
    sorts = [part for part in six if _is_named(turn, lines, part, "sort")]
    accounts = [
        part
        for part in eight
        if not _is_date_or_amount(text, part)
        and (
            _is_named(turn, lines, part, "account")
            or any(_are_beside(text, sort, part) for sort in sorts)
        )
    ]
    sorts += [
        part
        for part in six
        if part not in sorts
        and _has_dashes(text, part)
        and any(_are_beside(text, part, account) for account in accounts)
    ]
    for part in (*sorts, *accounts):
        yield turn.spans(part.start, part.end)


def _numbers(turn: Turn, digits: int) -> Iterator[_Part]:
    """Groups in a row that have so many digits, and are no part of a longer number."""
    text = turn.text
    groups = [_Part(*hit.span()) for hit in _GROUP.finditer(text)]
    lines = [turn.spans(one.start, one.end)[0].line for one in groups]
    behind = 0
    for first, one in enumerate(groups):
        if one.start < behind:
            continue
        total, last = one.end - one.start, first
        while total < digits and last + 1 < len(groups):
            if not _WITHIN.fullmatch(text, groups[last].end, groups[last + 1].start):
                break
            last += 1
            total += groups[last].end - groups[last].start
        is_part = last > first and (
            _is_joined(text, groups, lines, first - 1) or _is_joined(text, groups, lines, last)
        )
        if total != digits or is_part:
            continue
        part = _Part(one.start, groups[last].end)
        behind = part.end
        yield part


def _is_joined(text: str, groups: Sequence[_Part], lines: Sequence[int], at: int) -> bool:
    """Whether a group goes on in the next one of its line, with no more than a blank or a dash
    between. A sort code that is written with dashes is whole."""
    if not 0 <= at < len(groups) - 1 or lines[at] != lines[at + 1]:
        return False
    if any(hit.end() == groups[at].end for hit in _DASHED.finditer(text, 0, groups[at].end)):
        return False
    return _JOINT.fullmatch(text, groups[at].end, groups[at + 1].start) is not None


def _is_date_or_amount(text: str, part: _Part) -> bool:
    said = text[part.start : part.end]
    return bool(
        _DATE.fullmatch(said)
        or AMOUNT.fullmatch(said)
        or MONEY_BEFORE.search(text, 0, part.start)
        or MONEY_AFTER.match(text, part.end)
    )


def _has_dashes(text: str, part: _Part) -> bool:
    return _DASHED.fullmatch(text, part.start, part.end) is not None


def _are_beside(text: str, one: _Part, other: _Part) -> bool:
    """Whether two numbers stand beside each other with nothing that says what else one is."""
    first, second = sorted((one, other), key=lambda part: part.start)
    between = text[first.end : second.start]
    if not between or len(between) > _BESIDE or _GROUP.search(between):
        return False
    return not any(hit["other"] for hit in _NAMING.finditer(between))


def _is_named(turn: Turn, lines: Sequence[Line], part: _Part, what: str) -> bool:
    """Whether the words before a number name it: those of its line, else of the lines before."""
    text, spans = turn.text, turn.spans(part.start, part.end)
    first, last = spans[0], spans[-1]
    before = lines[first.line - 1].words[max(0, first.start - _FARTHEST) : first.start]
    if _CALLED_BEHIND[what].match(text, part.end):
        return True
    named = [hit for hit in _NAMING.finditer(before) if hit[what] or hit["other"]]
    if named:
        return named[-1]["other"] is None
    if _ADDED_BEHIND[what].match(lines[last.line - 1].words, last.end):
        return True
    for line in reversed(lines[max(0, first.line - 1 - _SAID_BEFORE) : first.line - 1]):
        asked = list(_NAMING.finditer(line.words))
        # "Your account number and the order's": both may be said.
        if any(hit[what] and (what == "sort" or hit["its"]) for hit in asked):
            return True
        if any(hit["other"] for hit in asked):
            return False
        if any(hit[what] for hit in asked):
            return True
    return False
