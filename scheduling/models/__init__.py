"""What is kept of forecasts and of how queues are staffed."""

from scheduling.models.forecasts import Forecast, ForecastDay, ScoredDay
from scheduling.models.intraday import DayUpdate, Reforecast
from scheduling.models.plans import ForecastPlan, StaffingPlan
from scheduling.models.words import DayWord, KnownEvent, Override

__all__ = [
    "DayUpdate",
    "DayWord",
    "Forecast",
    "ForecastDay",
    "ForecastPlan",
    "KnownEvent",
    "Override",
    "Reforecast",
    "ScoredDay",
    "StaffingPlan",
]
