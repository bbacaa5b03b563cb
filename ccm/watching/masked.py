"""Addresses a part of which is a secret: links of kiosks and of surveys. Pure.

An app tells where its own lie; no line of the log has what follows there.
"""

import re

MASK = "***"
# Longer than any word, number or name in our addresses, but for the ids of rows.
_LONG = re.compile(r"(?<=/)[A-Za-z0-9_=:.~-]{24,}(?=/|$)")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_places: set[str] = set()
_whole: set[str] = set()
_after: list[re.Pattern[str]] = []


def hide_after(place: str) -> None:
    """Have no line of the log say which part follows this beginning of an address, as `/s/`."""
    _places.add(place)
    _set()


def hide_all_after(place: str) -> None:
    """The same of all that follows it."""
    _whole.add(place)
    _set()


def _set() -> None:
    _after[:] = [
        re.compile(rf"(?<![\w/])({'|'.join(map(re.escape, sorted(begins)))})[^{end}\s?#\"'<>]+")
        for begins, end in ((_places, "/"), (_whole, ""))
        if begins
    ]


def places() -> frozenset[str]:
    """The beginnings of addresses that a secret follows."""
    return frozenset(_places | _whole)


def text(words: str) -> str:
    """What is said, without the secrets of addresses in it."""
    for hidden in _after:
        words = hidden.sub(rf"\1{MASK}", words)
    return words


def path(asked: str) -> str:
    """The path of a request, without its query and without what is secret in it: what follows a
    place that was told, and whatever is too long to be a word of ours."""
    bare = text(asked.partition("?")[0])
    return _LONG.sub(lambda hit: hit[0] if _ID.fullmatch(hit[0]) else MASK, bare)
