"""What is kept of forecasts and of how queues are staffed."""

from scheduling.models.forecasts import Forecast, ForecastDay, ScoredDay
from scheduling.models.plans import ForecastPlan, StaffingPlan
from scheduling.models.proofs import QueueProof
from scheduling.models.words import DayWord, KnownEvent, Override

__all__ = [
    "DayWord",
    "Forecast",
    "ForecastDay",
    "ForecastPlan",
    "KnownEvent",
    "Override",
    "QueueProof",
    "ScoredDay",
    "StaffingPlan",
]
