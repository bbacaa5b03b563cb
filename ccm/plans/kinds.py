"""Kinds of costs and absences: people's own words, spelled one way at a site."""

from collections.abc import Iterable

from ccm.imports.facts.references import folded
from ccm.masking import masked


class Kinds:
    """The kinds there are; of one that is written in another case, or with other spaces between,
    the spelling there is stands. Constraints compare what is stored, so they never meet two."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = {folded(one): one for one in known}

    def spelled(self, words: str) -> str:
        plain = masked(" ".join(words.split()))
        return self.known.setdefault(folded(plain), plain)
