"""What a text asks of a search, taken apart: words by their stems, phrases as they are written.
Pure; `matching` asks the database for it.

As search engines take it: words stand together, OR between them is either, a minus before one is
without it, and what is in quotation marks is found as it stands there, with "the" and "again" in
it. `websearch_to_tsquery` of PostgreSQL takes the same apart, but of a phrase it looks for the
stems of what is left without its stop words: of "tell it again" for "tell".
"""

import re
from dataclasses import dataclass

from coaching.library.highlights import BEGIN, END

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
# A quotation mark that nothing closes is none.
_PARTS = re.compile(r'(?:(?<!\S)(?P<minus>-))?"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+)')

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Side:
    """What is found must have: all of `words` (those with a minus not), each of `phrases`, and
    none of `without`."""

    words: str
    phrases: tuple[str, ...]
    without: tuple[str, ...]


def plain(text: str) -> str:
    """The text with the quotation marks that a database knows."""
    return text.translate(_QUOTES)


def sides(text: str) -> list[Side]:
    """The sides of a text's ORs, of which one must be met; none where it asks nothing."""
    found: list[Side] = []
    words: list[str] = []
    phrases: list[str] = []
    without: list[str] = []

    def end() -> None:
        if words or phrases or without:
            found.append(Side(" ".join(words), tuple(phrases), tuple(without)))
        for each in (words, phrases, without):
            each.clear()

    for part in _PARTS.finditer(plain(text)):
        phrase, word = part["phrase"], part["word"]
        if phrase is not None:
            # Signs alone are not looked for.
            if _WORD.search(phrase):
                (without if part["minus"] else phrases).append(" ".join(phrase.split()))
        elif word.lower() == "or":
            end()
        else:
            words.append(word)
    end()
    return found


def has_phrases(text: str) -> bool:
    """Whether something of a text is looked for as it is written."""
    return any(side.phrases or side.without for side in sides(text))


def phrases_of(text: str) -> list[str]:
    """What of a text is looked for as it is written, whichever its side."""
    return [phrase for side in sides(text) for phrase in side.phrases]


def leaves_out(text: str) -> bool:
    """Whether a text asks for what something is not said in."""
    return any(
        side.without or any(word.startswith("-") for word in side.words.split())
        for side in sides(text)
    )


def words_of(text: str) -> str:
    """What of a text is looked for by stems, whichever its side."""
    return " OR ".join(side.words for side in sides(text) if side.words)


def with_phrases(said: str, text: str) -> str:
    """What somebody said with the phrases of a text between BEGIN and END, as far as nothing in
    them is marked already."""
    told = [_WORD.findall(phrase) for phrase in phrases_of(text)]
    if not told:
        return said
    any_of = "|".join(r"[\W_]+".join(map(re.escape, words)) for words in told)
    pattern = re.compile(rf"(?<![^\W_]|{BEGIN})(?:{any_of})(?![^\W_]|{END})", re.IGNORECASE)

    def marked(found: re.Match[str]) -> str:
        return found[0] if BEGIN in found[0] or END in found[0] else f"{BEGIN}{found[0]}{END}"

    return pattern.sub(marked, said)
