"""What callers said and whether they were asked: sums by kind of survey and by scale.

They are stored as text, numbers with commas between, and what stands for one scale or one kind
with a semicolon before the next: "0,1,5,3,12,2,0" are three answers on satisfaction from 1 to 5,
12 in all, two of them good, none bad. A page reads them of every agent and day, and so they are
joined, not added up, in the database, where objects of names would take most of its time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

EDGES: Mapping[str, tuple[float, float]] = {
    "csat": (0.75, 0.25),
    "nps": (0.9, 0.6),
    "ces": (0.66, 0.34),
    "fcr": (1.0, 0.0),
}
"""By the kind of a survey: from which share of its scale a score is a good one, up to which a bad
one. So of 5, 4 and 5 are satisfied, of 0 to 10, 9 and 10 recommend and 0 to 6 do not, of 7, 5 to 7
found it easy."""
ONE_SCALE: Mapping[str, tuple[int, int]] = {"nps": (0, 10), "ces": (1, 7)}
"""Kinds of survey whose figures are of one scale alone."""


class ScaleSums(NamedTuple):
    """Survey scores of one kind, given on one scale."""

    n: int = 0
    score_sum: float = 0
    top: int = 0
    """Good scores: (score - min) / (max - min) is at least the kind's upper edge."""
    bottom: int = 0
    """Bad scores: that share is at most the kind's lower edge."""


class AskedSums(NamedTuple):
    """Visits whose callers were asked in surveys of one kind."""

    told: int = 0
    """Answered visits with an answer."""
    invited: int = 0
    """Visits whose callers were sent a link that nobody withdrew."""
    invited_told: int = 0
    """Of those, the ones with an answer."""


def scale_key(kind: str, minimum: float, maximum: float) -> str:
    """The name of a scale among `Counts.surveys`: "csat 1-5"."""
    return f"{kind} {minimum:g}-{maximum:g}"


KINDS = tuple(EDGES)
_Sums = TypeVar("_Sums", ScaleSums, AskedSums)


def scales_of(stored: Sequence[str]) -> list[dict[str, ScaleSums]]:
    """Of each text, sums by scale. It may be the stored texts of several rows, joined as one is."""
    found: list[dict[str, ScaleSums]] = [{} for _ in stored]
    for (place, kind, low, high), (n, total, top, bottom) in _summed(stored, 3, 7):
        scale = scale_key(KINDS[kind], low, high)
        found[place][scale] = ScaleSums(int(n), total, int(top), int(bottom))
    return found


def asked_of(stored: Sequence[str]) -> list[dict[str, AskedSums]]:
    """Of each text, sums by kind, as `scales_of`."""
    found: list[dict[str, AskedSums]] = [{} for _ in stored]
    for (place, kind), sums in _summed(stored, 1, 4):
        found[place][KINDS[kind]] = AskedSums(*map(int, sums))
    return found


def kind_sql(kind: str) -> str:
    """The number that stands for a kind of survey, as SQL on its name."""
    return f"array_position(ARRAY{[*KINDS]}, {kind}::text) - 1"


def stored_sql(*numbers: str) -> str:
    """The text to store of a group's rows, as SQL; the first numbers are their order."""
    return f"string_agg(concat_ws(',', {', '.join(numbers)}), ';' ORDER BY {', '.join(numbers)})"


SCALES_STORED = stored_sql("kind", "low", "high", "n", "total", "top", "bottom")
KINDS_STORED = stored_sql("kind", "told", "invited", "invited_told")
"""Those of a group's rows of scales and of kinds, with the columns of these names."""


def parts_sql(column: str) -> str:
    """A stored text of a row as SQL, to be joined to it: a row each scale or kind, its numbers
    as the array `v`."""
    return (
        f"string_to_table({column}, ';') AS part(one),"
        " LATERAL (SELECT string_to_array(one, ',')::numeric[] AS v) AS numbers"
    )


def _summed(
    stored: Sequence[str], keys: int, width: int
) -> Iterator[tuple[list[int], list[float]]]:
    """The sums of what begins with the same `keys` numbers, of `width` in all, in one text; before
    these keys the place of the text. All texts are read at once, and what is written alike in them
    once: a page has a hundred thousand days of agents, with a few answers each."""
    parts = [text.split(";") if text else [] for text in stored]
    known: dict[str, int] = {}
    which = [known.setdefault(one, len(known)) for many in parts for one in many]
    if not which:
        return
    numbers = np.fromstring(",".join(known), np.float64, sep=",").reshape(len(known), width)
    names, name_of = np.unique(numbers[:, :keys], axis=0, return_inverse=True)
    places = np.repeat(np.arange(len(parts)), [len(many) for many in parts])
    groups = places * len(names) + name_of.reshape(-1)[which]
    found = np.flatnonzero(np.bincount(groups))
    sums = [np.bincount(groups, column)[found] for column in numbers[which, keys:].T]
    place, name = np.divmod(found, len(names))
    named = np.column_stack((place, names[name])).astype(int)
    yield from zip(named.tolist(), np.column_stack(sums).tolist(), strict=True)


def together(made_of: type[_Sums], many: Iterable[Mapping[str, _Sums]]) -> dict[str, _Sums]:
    """Sums by name, added up place by place."""
    together: dict[str, _Sums] = {}
    for named in many:
        for key, added in named.items():
            before = together.get(key, made_of())
            together[key] = made_of._make(map(sum, zip(before, added, strict=True)))
    return together
