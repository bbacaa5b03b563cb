"""What is kept of forecasts, of how queues are staffed, and of scenarios."""

from scheduling.models.forecasts import Forecast, ForecastDay, ScoredDay
from scheduling.models.plans import ForecastPlan, StaffingPlan
from scheduling.models.scenarios import QueueMonths, Scenario
from scheduling.models.words import DayWord, KnownEvent, Override

__all__ = [
    "DayWord",
    "Forecast",
    "ForecastDay",
    "ForecastPlan",
    "KnownEvent",
    "Override",
    "QueueMonths",
    "Scenario",
    "ScoredDay",
    "StaffingPlan",
]
