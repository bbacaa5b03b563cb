"""What agents spent their time on.

The time an agent is there is laid into parts that do not overlap, so they add up to it: of two
that overlay each other the first of PARTS stands. Sums are milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

PARTS = ("handling", "ringing", "paused", "other", "ready")


@dataclass(frozen=True, slots=True)
class AgentTime:
    """Sums over days of agents.

    What no state of the agent tells on a day, but its calls do, is `untold_ms`: nobody knows how
    long that agent was there, so it is in none of the other sums.
    """

    handling_ms: int = 0
    """With at least one contact, or wrapping up: several at once count once."""
    ringing_ms: int = 0
    """A phone rings, and nothing else is being handled."""
    paused: Mapping[str, int] = field(default_factory=dict)
    """Not ready, by the reason that was told ("": none)."""
    other_ms: int = 0
    """In a state that has no place here, or logged in where nothing more is told although the
    agent's source tells who is available."""
    ready_ms: int = 0
    """Ready for a contact, and without one."""
    untold_ms: int = 0
    days: int = 0
    """Days of agents with states."""
    untold_days: int = 0
    """Days of agents with calls and without states."""
    open_spells: int = 0
    """Spells without an end: taken to last until the agent's last sign."""
    shared_days: int = 0
    """Of one queue: days of agents who served other queues too. Their time is in none of the
    sums, for nobody can tell which queue it was spent for."""

    @property
    def paused_ms(self) -> int:
        return sum(self.paused.values())

    @property
    def logged_in_ms(self) -> int:
        """The whole time that agents were there."""
        return self.handling_ms + self.ringing_ms + self.paused_ms + self.other_ms + self.ready_ms

    @classmethod
    def sum(cls, many: Iterable[AgentTime]) -> AgentTime:
        rows = list(many)
        paused: dict[str, int] = {}
        for row in rows:
            for reason, ms in row.paused.items():
                paused[reason] = paused.get(reason, 0) + ms
        plain = (
            "handling_ms", "ringing_ms", "other_ms", "ready_ms", "untold_ms", "days",
            "untold_days", "open_spells", "shared_days",
        )  # fmt: skip
        return cls(
            paused=paused, **{name: sum(getattr(row, name) for row in rows) for name in plain}
        )
