"""What a queue's people are reckoned by: how its service level is made and aimed at, its callers'
patience, and what its plan says."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Sum

from ccm.intervals import site_days
from ccm.models import Direction, Queue
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.models import IntervalStat, Unit
from scheduling.calculator.asked import VARIANTS
from scheduling.models import Forecast, StaffingPlan
from scheduling.requirement import Aim

# Callers of so many weeks tell how patient they are, where so many of them left.
_WEEKS, _FEWEST_LEFT = 8, 30
_USUAL_LEVEL = 0.8


@dataclass(frozen=True, slots=True)
class Told:
    """An aim, and what is to be said of it."""

    aim: Aim
    chosen: str
    """The queue's own way to count service level, which no formula may tell."""
    patience_measured: bool
    left: int
    """Callers who left, of whom patience is told."""

    @property
    def is_near(self) -> bool:
        return self.chosen != self.aim.variant


def plan_of(queue: Queue) -> StaffingPlan:
    """How a queue is staffed; where nobody said so, as it comes, which is not kept."""
    known: StaffingPlan | None = getattr(queue, "staffing_plan", None)
    return known or StaffingPlan(queue=queue)


def of_queue(queue: Queue, forecast: Forecast, choices: Choices) -> Told:
    """By the choices of a day. One query."""
    return by_patience(queue, choices, *patience_of(queue, forecast))


def by_patience(queue: Queue, choices: Choices, seconds: float | None, left: int) -> Told:
    """The same where it is known how patient its callers are, of so many who left."""
    plan = plan_of(queue)
    variant, parameters = choices.of(KPIS["service_level"], queue.site_id, queue.pk)
    measured = plan.patience_seconds is None
    if not measured:
        seconds = float(plan.patience_seconds or 0)
    aim = Aim(
        service_level=parameters.target or _USUAL_LEVEL,
        target_seconds=parameters.threshold_seconds,
        variant=variant.id if variant.id in VARIANTS else VARIANTS[0],
        patience_seconds=seconds,
        occupancy=None if plan.occupancy is None else float(plan.occupancy),
        shrinkage=plan.shrinkage,
    )
    return Told(aim, variant.id, measured, left)


def patience_of(queue: Queue, forecast: Forecast) -> tuple[float | None, int]:
    """All time that callers of the last weeks waited by the number who left, and that number; None
    where too few left to tell. One query."""
    last = forecast.known_until
    span = site_days(last - timedelta(weeks=_WEEKS), last, queue.site.calendar)
    sums: dict[str, Any] = IntervalStat.objects.filter(
        site=queue.site_id,
        queue=queue,
        unit=Unit.VISIT,
        direction=Direction.INBOUND,
        start__gte=span.start,
        start__lt=span.end,
    ).aggregate(
        answered=Sum("answered_wait_ms"),
        abandoned=Sum("abandoned_wait_ms"),
        left=Sum("abandoned_wait_n"),
    )
    left = sums["left"] or 0
    waited = (sums["answered"] or 0) + (sums["abandoned"] or 0)
    return (waited / 1000 / left if left >= _FEWEST_LEFT and waited else None), left
