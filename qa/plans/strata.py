"""Labels of strata: what calls are told apart by, as they are kept. Pure.

A label is made of one part a dimension, "length:0-120|transfer:yes", in the order of the plan; a
part says its dimension and its value, so that it means the same after the plan has changed. Without
a dimension it is empty.
"""

from collections.abc import Sequence
from itertools import pairwise

QUEUE, LENGTH, TIME, NEW_HIRE, DISPOSITION, LOW_CSAT, TRANSFER, REPEAT = (
    "queue", "length", "time", "new_hire", "disposition", "low_csat", "transfer", "repeat",
)  # fmt: skip
YES, NO, UNKNOWN, NONE = "yes", "no", "unknown", "none"
# Parts of the day by the site's clock, and the hours that they begin at.
NIGHT, MORNING, AFTERNOON, EVENING = "night", "morning", "afternoon", "evening"
PARTS_OF_DAY = ((0, NIGHT), (6, MORNING), (12, AFTERNOON), (18, EVENING))


def part(dimension: str, value: object) -> str:
    return f"{dimension}:{value}"


def parts(label: str) -> list[tuple[str, str]]:
    """The (dimension, value) pairs of a label."""
    found = []
    for one in label.split("|") if label else ():
        dimension, _colon, value = one.partition(":")
        found.append((dimension, value))
    return found


def bands(ends: Sequence[int]) -> list[str]:
    """The values of bands of length that end at so many seconds, the last one open: of 120 and 600
    "0-120", "120-600" and "600-"."""
    return [
        f"{low}-{'' if high is None else high}" for low, high in pairwise([0, *sorted(ends), None])
    ]
