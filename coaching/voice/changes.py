"""How large a share of comments had a tag in some days, and what changed from others to them. Pure.

Comments on one agent are alike, so that the agent is what was drawn: intervals and changes are
those of `kpis.noise` for answers, as for every figure of surveys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kpis.noise import Change, Interval, Part, change, discoveries, interval


@dataclass(frozen=True, slots=True)
class Share:
    """Of `many` comments `having` had it; `parts` are those on each agent, `rest` those on nobody
    that is known."""

    having: int = 0
    many: int = 0
    parts: Sequence[Part] = ()
    rest: Part = field(default_factory=lambda: Part(0, 0))

    @property
    def value(self) -> float | None:
        """The share, 0.0 to 1.0; None of no comments."""
        return self.having / self.many if self.many else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's, with agents as the clusters; None of no comments."""
        return interval("wilson", self.parts, self.rest) if self.many else None


def share(having: Mapping[int | None, int], many: Mapping[int | None, int]) -> Share:
    """The share of those of `many` by agent that are `having` it; None: of nobody who is known.

    Raises ValueError where more have it than there are.
    """
    if any(n > many.get(agent, 0) for agent, n in having.items()):
        raise ValueError("more comments have it than there are")
    parts = [Part(having.get(agent, 0), n) for agent, n in many.items() if agent is not None]
    rest = Part(having.get(None, 0), many.get(None, 0))
    return Share(sum(having.values()), sum(many.values()), parts, rest)


def changed(now: Share, before: Share) -> Change:
    """The change of a share from other days to these; none to tell where either has no comments."""
    if not now.many or not before.many:
        return Change(now.value, before.value)
    return change("wilson", now.parts, before.parts, single_now=now.rest, single_before=before.rest)


def told_of(changes: Mapping[int, Change]) -> frozenset[int]:
    """Which of many changes to tell of: of what is told at most a tenth is chance."""
    return frozenset(discoveries({key: one.p for key, one in changes.items()}))
