"""What of a password whoever guesses tries first. Pure: words in, the rule that it breaks out.

Rules, in this order: digits alone; a short piece again and again; rows of the alphabet, of digits
or of the keyboard; a word that many use, or words of the house, with digits and signs around them.
Letters that are swapped for signs, turned round, or in capitals are the same word.
Source: OWASP ASVS 5.0, 6.2.4 and 6.2.11; NIST SP 800-63B, 5.1.1.2.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum

LEAST = 12
"""Characters that a password has; what is left beside a word must be as many to be one itself."""
FEWEST = 7
"""Characters that are left at least, when a row counts as one and a doubled sign as one."""
SHORTEST_WORD, SHORTEST_OF_HOUSE = 4, 3
# Letters beside a word that make it no other one.
_SPARE = 2
_ROWS = (
    "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop",
    "qsdfghjklm", "wxcvbn", "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm",
)  # fmt: skip
_BOTH_WAYS = " ".join((*_ROWS, *(row[::-1] for row in _ROWS)))
_SWAPPED = "0134567892@$!|+(€£"
_LETTERS = ("oieasgtbgzasiltcel", "oleasgtbgzasiltcel")
_UNSWAPPED = tuple(str.maketrans(_SWAPPED, letters) for letters in _LETTERS)


class Rule(StrEnum):
    """What a password is, so that it is guessed."""

    DIGITS = "digits"
    PIECE = "piece"
    ROW = "row"
    COMMON = "common"
    HOUSE = "house"


def why(password: str, common: Collection[str], house: Collection[str]) -> Rule | None:
    """The first rule that a password breaks; None: it breaks none.

    `common` are words that many use, and `house` those of the house, each as `plain` writes them.
    """
    said = plain(password)
    letters_and_digits = "".join(one for one in said if one.isalnum())
    if letters_and_digits.isdecimal() or not letters_and_digits:
        return Rule.DIGITS
    if is_a_piece_again(said) or is_a_piece_again(letters_and_digits):
        return Rule.PIECE
    # Of what is shorter its length is reason enough, and is said by another rule.
    if own_length(said) < FEWEST <= len(said):
        return Rule.ROW
    return _of_words(said, common, house)


def plain(words: str) -> str:
    """In small letters without accents: those who guess do not heed them."""
    apart = unicodedata.normalize("NFKD", words.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one)).casefold()


def house_words(names: Iterable[str]) -> frozenset[str]:
    """Names as one types them, whole and by their words, as `why` takes them."""
    found = set()
    for name in names:
        words = re.findall(r"[^\W_]+", plain(name))
        found |= {one for one in words if len(one) >= SHORTEST_WORD}
        found.add("".join(words))
    return frozenset(one for one in found if len(one) >= SHORTEST_OF_HOUSE and not one.isdecimal())


def is_a_piece_again(said: str) -> bool:
    """Whether all of it is one piece, shorter than a password, at least twice; the last may be cut
    short."""
    longest = min(LEAST - 1, len(said) // 2)
    return any(said[length:] == said[:-length] for length in range(1, longest + 1))


def own_length(said: str) -> int:
    """How many characters there are, where each row of three or more counts as one."""
    once = re.sub(r"(.)\1+", r"\1", said, flags=re.DOTALL)
    many = at = 0
    while at < len(once):
        many += 1
        at = _end_of_row(once, at)
    return many


def _end_of_row(said: str, start: int) -> int:
    """Where what begins here ends: after a row of three or more, else after one character."""
    longest = start + 1
    for step in (1, -1):
        end = start + 1
        while end < len(said) and ord(said[end]) - ord(said[end - 1]) == step:
            end += 1
        longest = max(longest, end)
    end = start + 1
    while end < len(said) and said[end] != " " and said[start : end + 1] in _BOTH_WAYS:
        end += 1
    longest = max(longest, end)
    return longest if longest - start >= 3 else start + 1


def _of_words(said: str, common: Collection[str], house: Collection[str]) -> Rule | None:
    for core in _cores(said):
        for word in _read(core):
            if _is_common(word, common):
                return Rule.COMMON
            if _is_of_house(word, common, house):
                return Rule.HOUSE
    return None


def _cores(said: str) -> Iterator[str]:
    """What may be a word with digits and signs around it: of "5unshine!" both "5unshine" and
    "unshine". Of many signs those next to the letters alone; none, where there are so many that
    they are a password by themselves."""
    head = re.match(r"[\W\d_]*", said)
    tail = re.search(r"[\W\d_]*\Z", said)
    assert head is not None
    assert tail is not None
    if own_length(said[: head.end()] + said[tail.start() :]) >= LEAST:
        return
    for start in range(max(0, head.end() - 3), head.end() + 1):
        for end in range(tail.start(), min(len(said), tail.start() + 3) + 1):
            if start < end:
                yield said[start:end]


def _read(core: str) -> Iterator[str]:
    """The words that it may be: as it is, with letters for signs, without one kind of sign between
    its letters, one word of several that are the same, and each turned round."""
    found = {core, *(core.translate(table) for table in _UNSWAPPED)}
    for one in list(found):
        if len(signs := {sign for sign in one if not sign.isalnum()}) == 1:
            found.add(one.replace(signs.pop(), ""))
    if len(same := set(re.findall(r"[^\W\d_]+", core))) == 1:
        found |= same
    for one in sorted(found):
        yield one
        yield one[::-1]


def _is_common(word: str, common: Collection[str]) -> bool:
    """Whether it is a word that many use, once or again and again, but for a letter or two."""
    shortest = max(SHORTEST_WORD, len(word) - _SPARE)
    for length in range(shortest, len(word) + 1):
        for start in range(len(word) - length + 1):
            if _once(word[start : start + length]) in common:
                return True
    return False


def _once(word: str) -> str:
    """The piece that a word repeats; the word, where it repeats none."""
    for length in range(SHORTEST_WORD, len(word) // 2 + 1):
        if len(word) % length == 0 and word == word[:length] * (len(word) // length):
            return word[:length]
    return word


def _is_of_house(word: str, common: Collection[str], house: Collection[str]) -> bool:
    """Whether nothing, or one word that many use, is left beside words of the house."""
    rest = word
    for one in sorted(house, key=len, reverse=True):
        rest = rest.replace(one, " ")
    if rest == word:
        return False
    letters = "".join(one for one in rest if one.isalpha())
    digits = sum(not one.isalpha() and not one.isspace() for one in rest)
    return digits < LEAST and (len(letters) <= _SPARE or _is_common(letters, common))
