"""What is kept of forecasts and of how queues are staffed."""

from scheduling.models.forecasts import DayAhead, Forecast, ForecastDay, ScoredDay, Strayed
from scheduling.models.intraday import DayUpdate, Reforecast
from scheduling.models.plans import ForecastPlan, StaffingPlan
from scheduling.models.proofs import QueueProof
from scheduling.models.words import DayWord, KnownEvent, Override

__all__ = [
    "DayAhead",
    "DayUpdate",
    "DayWord",
    "Forecast",
    "ForecastDay",
    "ForecastPlan",
    "KnownEvent",
    "Override",
    "QueueProof",
    "Reforecast",
    "ScoredDay",
    "StaffingPlan",
    "Strayed",
]
