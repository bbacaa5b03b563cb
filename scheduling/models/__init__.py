"""What is kept of forecasts and of how queues are staffed."""

from scheduling.models.forecasts import DayAhead, Forecast, ForecastDay, ScoredDay, Strayed
from scheduling.models.plans import ForecastPlan, StaffingPlan
from scheduling.models.words import DayWord, KnownEvent, Override

__all__ = [
    "DayAhead",
    "DayWord",
    "Forecast",
    "ForecastDay",
    "ForecastPlan",
    "KnownEvent",
    "Override",
    "ScoredDay",
    "StaffingPlan",
    "Strayed",
]
