"""Ids for rows that have none."""

from collections import Counter
from hashlib import blake2b

import polars as pl

from ccm.imports.files.rows import SaidTable

# Where they are in a frame: no name of a file has such a sign.
ID = "\0id"


class Namer:
    """Ids for rows that have none: of their text, and of the how-manieth of its kind it is.

    Only rows whose text comes again in the file need counting: those are found beforehand, so a
    reading that goes on from the middle names them as the first would have.
    """

    def __init__(self, table: SaidTable, start: int) -> None:
        hashes = [text.hash() for text in table.texts()]
        every = pl.concat(hashes) if hashes else pl.Series(dtype=pl.UInt64)
        self.again = set(every.filter(every.is_duplicated()).unique())
        self.seen: Counter[str] = Counter()
        for text in table.texts(start):
            self.names(text)

    def names(self, text: pl.Series) -> list[str]:
        """An id for each text, in the order of the file."""
        made = [blake2b(one.encode(), digest_size=12).hexdigest() for one in text]
        if not self.again:
            return made
        for place, hashed in enumerate(text.hash()):
            if hashed in self.again:
                name = made[place]
                self.seen[name] += 1
                if self.seen[name] > 1:
                    made[place] = f"{name}-{self.seen[name]}"
        return made
