"""Payment card numbers, security codes, telephone numbers (`ccm.phones`) and mail addresses in
texts, made unreadable before they are stored.

A card number is 13 to 19 digits, with spaces or dashes between some of them, whose check digit is
right (Luhn; ISO/IEC 7812-1, annex B). One in ten other numbers of that length passes the check by
chance. In what people type that is a small price. Lines of a source, and columns that only it
knows, are full of stamps and ids: there only numbers that begin as the cards of the payment
schemes do are taken for one: 3 to 6, and 2221 to 2720.

Not a digit is kept: the last four of one number may be a card's again with what stands beside.

A mail address is what has an @ between two words and ends in a domain: john@example.com. One that
is written otherwise, as "john at example dot com", is not found.

Ids (of calls, queues, agents, recordings) are identity and are never masked: two calls would
become one.
"""

import json
import re
from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from typing import Any

import polars as pl

from ccm import phones

SHORTEST, LONGEST = 13, 19
HIDDEN, HIDDEN_CODE, HIDDEN_MAIL = "••••", "•••", "•••@•••"
# All that may stand before the @ without quotation marks (RFC 5322, 3.2.3), of any letters.
_LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]"
MAIL = re.compile(
    rf"(?<!{_LOCAL}){_LOCAL}++@(?:[\w-]{{1,63}}\.){{1,8}}(?:xn--[\w-]+|[^\W\d_]{{2,24}})",
    re.I,
)
_LEAST = 6
# As many signs between two digits as a person puts there.
_RUN = re.compile(r"\d(?:[ \u00a0\u2010-\u2015-]{0,3}\d){12,}", re.ASCII)
_GROUP = re.compile(r"\d+", re.ASCII)
_WORD = r"(?:cvv2?|cvc2?|csc|cvn2?|security[ _-]?code|card[ _-]?code)"
# A code stands after its word, with a few words or signs between, or right before it.
CODE_AFTER = re.compile(
    rf"(?<![a-z])({_WORD}(?![a-z])[^\d\n]{{0,20}}?)(?<!\d)\d{{3,4}}(?!\d)", re.I | re.A
)
CODE_BEFORE = re.compile(rf"(?<!\d)\d{{3,4}}(?!\d)(?=[^\w\n]{{0,4}}{_WORD}(?![a-z]))", re.I | re.A)
CODE_NAME = re.compile(rf"(?<![a-z]){_WORD}(?![a-z])", re.I)
_CODE = re.compile(r"\D{0,3}\d{3,4}\D{0,3}", re.ASCII)
# One look that passes over nearly every text: thirteen digits near each other, or a code's word.
_SUSPECT = (
    r"[0-9](?:[ \x{a0}\x{2010}-\x{2015}-]{0,3}[0-9]){12}"
    r"|(?i:cvv|cvc|csc|cvn|security.?code|card.?code)"
)
_SUSPECT_MAIL = r"@[^@]*\."


def luhn(digits: str) -> bool:
    """Whether the check digit at the end of these digits is right."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


def masked(text: str, *, cards_only: bool = False, mails: bool = True) -> str:
    """A text with card numbers, security codes, telephone numbers and mail addresses hidden; it
    never grows longer.

    `cards_only` is for lines of a source and for ids: only what begins as the payment schemes'
    cards do, and no telephone numbers or addresses. Without `mails` what looks like an address
    stays: switches name where a call goes so.
    """
    if len(text) < _LEAST:
        return text
    if mails and not cards_only:
        text = without_mails(text)
    text = _RUN.sub(lambda hit: _masked_run(hit[0], cards_only), text)
    text = CODE_AFTER.sub(rf"\1{HIDDEN_CODE}", text)
    text = CODE_BEFORE.sub(HIDDEN_CODE, text)
    return text if cards_only else phones.hidden(text, at_home=True)


def without_mails(text: str) -> str:
    """A text with its mail addresses hidden; it never grows longer."""
    if "@" not in text:
        return text
    return MAIL.sub(lambda hit: HIDDEN_MAIL[: len(hit[0])], text)


def card_groups(groups: Sequence[str], *, cards_only: bool = False) -> set[int]:
    """Which of groups of digits that stand in a row make a card's number, by their places."""
    ends = [0, *accumulate(map(len, groups))]
    digits = "".join(groups)
    hidden: set[int] = set()
    for first in range(len(groups)):
        for last in range(first, len(groups)):
            length = ends[last + 1] - ends[first]
            if length > LONGEST:
                break
            number = digits[ends[first] : ends[last + 1]]
            if length >= SHORTEST and luhn(number) and (not cards_only or begins_as_card(number)):
                hidden.update(range(first, last + 1))
    return hidden


def masked_value(value: Any, name: str = "") -> Any:
    """A piece of JSON, as sources keep beside what is known, with the same hidden in every text,
    name and number of it.

    `name` is the member it is of: the value of a member named "cvv" is a code, and that of one
    named "phone" a telephone number.
    """
    match value:
        case dict():
            return {
                masked(key, cards_only=True): masked_value(one, key) for key, one in value.items()
            }
        case list():
            return [masked_value(one, name) for one in value]
        case str() | int() | float() if not isinstance(value, bool):
            text = str(value)
            if CODE_NAME.search(name) and _CODE.fullmatch(text):
                return HIDDEN_CODE
            hidden = phones.hidden(masked(without_mails(text), cards_only=True), name)
            return value if hidden == text else hidden
    return value


def without_cards(value: Any) -> Any:
    """A piece of JSON that people put together, with cards hidden in every text and name of it."""
    match value:
        case str():
            return masked(value, cards_only=True)
        case dict():
            return {without_cards(key): without_cards(one) for key, one in value.items()}
        case list() | tuple():
            return [without_cards(one) for one in value]
    return value


def masked_column(column: pl.Series, *, mails: bool = True) -> pl.Series:
    """A column of texts, `masked`; one without anything suspect costs a look and is the same."""
    return _where_suspect(column, partial(masked, mails=mails), at_home=True, mails=mails)


def masked_json_column(column: pl.Series) -> pl.Series:
    """A column of JSON objects, masked member by member."""
    return _where_suspect(column, masked_json)


def masked_json(text: str) -> str:
    return json.dumps(masked_value(json.loads(text)), ensure_ascii=False, sort_keys=True)


def _where_suspect(
    column: pl.Series, mask: Any, *, at_home: bool = False, mails: bool = True
) -> pl.Series:
    if column.null_count() == len(column):
        return column
    looks = f"{_SUSPECT}|{_SUSPECT_MAIL}" if mails else _SUSPECT
    suspect = column.str.contains(looks).fill_null(False)
    suspect |= phones.suspect(column, at_home=at_home)
    if not suspect.any():
        return column
    texts = column.filter(suspect).unique()
    hidden = {text: mask(text) for text in texts}
    return pl.select(
        pl.when(suspect).then(column.replace(hidden)).otherwise(column).alias(column.name)
    ).to_series()


def _masked_run(run: str, cards_only: bool) -> str:
    """A run of digits and the signs between them, with the groups that make a card hidden."""
    groups = list(_GROUP.finditer(run))
    hidden = card_groups([group[0] for group in groups], cards_only=cards_only)
    pieces, behind = [], 0
    for place, group in enumerate(groups):
        # The signs before it stay, but between two hidden groups.
        if not (place in hidden and place - 1 in hidden):
            pieces.append(run[behind : group.start()])
            pieces.append(HIDDEN if place in hidden else group[0])
        behind = group.end()
    return "".join(pieces)


def begins_as_card(number: str) -> bool:
    return number[0] in "3456" or "2221" <= number[:4] <= "2720"
