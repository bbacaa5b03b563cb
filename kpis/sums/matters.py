"""How long callers' matters took to be resolved: matters by how they ended and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kpis.sums.repeats import Scope

HAPPENED, RULED_OUT, OPEN = range(3)
"""A matter was resolved; it is known that it could not be; it is neither yet."""
ENDINGS = 3
MINUTE, HOUR, DAY = 60, 3600, 86_400


def code_sql(ending: str, seconds: str) -> str:
    """A matter's ending and its time in one number, as SQL: to the second up to an hour, to the
    minute up to a day, then to the hour."""
    rounded = (
        f"CASE WHEN {seconds} < {HOUR} THEN {seconds}"
        f" WHEN {seconds} < {DAY} THEN {seconds} / {MINUTE} * {MINUTE}"
        f" ELSE {seconds} / {HOUR} * {HOUR} END"
    )
    return f"({rounded}) * {ENDINGS} + {ending}"


@dataclass(frozen=True, slots=True)
class Matters:
    """Matters of known callers in one scope."""

    ended: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """How many by their ending and its seconds; of open ones, how long they were watched."""
    untold: int = 0
    """Of none of whose contacts it was told whether they were resolved."""
    young: int = 0
    """Begun since the last whole day of the record."""

    @classmethod
    def of(cls, codes: Mapping[int, int], untold: int, young: int) -> Matters:
        """From the codes of `code_sql`."""
        ended = {(code % ENDINGS, code // ENDINGS): n for code, n in codes.items()}
        return cls(ended, untold, young)

    @classmethod
    def sum(cls, many: Iterable[Matters]) -> Matters:
        rows = list(many)
        ended: Counter[tuple[int, int]] = Counter()
        for row in rows:
            ended.update(row.ended)
        return cls(ended, sum(row.untold for row in rows), sum(row.young for row in rows))

    def count(self, ending: int) -> int:
        return sum(n for (how, _seconds), n in self.ended.items() if how == ending)


MattersTold = Callable[[Scope], Matters]
"""The matters of some contacts in a scope."""


def matters_together(many: Sequence[MattersTold]) -> MattersTold:
    """Those of several days, which none of them share."""
    return lambda scope: Matters.sum(one(scope) for one in many)
