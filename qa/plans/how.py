"""How a plan draws, as one value: what a draw is made by, what it keeps of that, and what it is
repeated by. It asks no database."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from qa import sampling
from qa.models import SamplingPlan

# A stratum's share of a draw is kept in hundredths.
_ALL = 100


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Somebody who reviews for a plan, at most `capacity` calls a period; None: all that come."""

    user: int
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class How:
    """As the fields of `SamplingPlan`; no teams or queues: all of the site's. `parts` are calls of
    a stratum (so many of each) or hundredths of the draw (more of some), by its label."""

    per_agent: int = 5
    teams: Sequence[int] = ()
    queues: Sequence[int] = ()
    direction: str = ""
    shortest_s: int = 30
    strata: Sequence[str] = ()
    bands: Sequence[int] = ()
    new_hire_days: int = 90
    repeat_days: int = 7
    allocation: str = SamplingPlan.Allocation.PROPORTIONAL
    parts: Mapping[str, int] = field(default_factory=dict)
    several_share: float = 0.0
    several: int = 2
    due_days: int = 7
    needs_consent: bool = False
    needs_record: bool = False
    reviewers: Sequence[Reviewing] = ()

    @property
    def allocating(self) -> sampling.Allocation:
        """How a draw is shared over strata. Raises ValueError where that cannot be."""
        if self.allocation == SamplingPlan.Allocation.FIXED:
            of: dict[Hashable, int] = {}
            of.update(self.parts)
            return sampling.Fixed(self.per_agent, of)
        if self.allocation == SamplingPlan.Allocation.SHARES and self.parts:
            return sampling.Shares(
                self.per_agent, {label: part / _ALL for label, part in self.parts.items()}
            )
        return sampling.Proportional(self.per_agent)

    def wanted(self, labels: Sequence[str]) -> int:
        """How many calls are wanted of an agent whose calls are of these strata."""
        if self.allocation != SamplingPlan.Allocation.FIXED:
            return self.per_agent
        return sum(self.parts.get(one, self.per_agent) for one in labels) or self.per_agent

    def written(self) -> dict[str, Any]:
        """As JSON has it."""
        said = asdict(self)
        return said | {
            name: list(said[name]) for name in ("teams", "queues", "strata", "bands", "reviewers")
        }

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """What `written` wrote."""
        people = [Reviewing(**one) for one in said["reviewers"]]
        return cls(**{**said, "reviewers": people})

    @classmethod
    def of_plan(cls, plan: SamplingPlan, *, needs_consent: bool) -> Self:
        """As a plan says it now. Three queries."""
        return cls(
            per_agent=plan.per_agent,
            teams=sorted(plan.teams.values_list("pk", flat=True)),
            queues=sorted(plan.queues.values_list("pk", flat=True)),
            direction=plan.direction,
            shortest_s=plan.shortest_s,
            strata=list(plan.strata),
            bands=sorted(plan.bands),
            new_hire_days=plan.new_hire_days,
            repeat_days=plan.repeat_days,
            allocation=plan.allocation,
            parts=dict(plan.parts),
            several_share=float(plan.several_share),
            several=plan.several,
            due_days=plan.due_days,
            needs_consent=needs_consent,
            needs_record=plan.needs_record,
            reviewers=[
                Reviewing(one.user_id, one.capacity) for one in plan.reviewers.order_by("user")
            ],
        )
