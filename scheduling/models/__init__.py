"""What is kept of forecasts, of how queues are staffed, and of scenarios."""

from scheduling.models.forecasts import (
    AskedBefore,
    DayAhead,
    Forecast,
    ForecastDay,
    ForecastRun,
    GroupDay,
    GroupForecast,
    ScoredDay,
    Strayed,
)
from scheduling.models.intraday import DayUpdate, Reforecast
from scheduling.models.plans import ForecastPlan, QueueGroup, StaffingPlan
from scheduling.models.proofs import QueueProof
from scheduling.models.scenarios import QueueMonths, Scenario
from scheduling.models.words import DayWord, KnownEvent, Override

__all__ = [
    "AskedBefore",
    "DayAhead",
    "DayUpdate",
    "DayWord",
    "Forecast",
    "ForecastDay",
    "ForecastPlan",
    "ForecastRun",
    "GroupDay",
    "GroupForecast",
    "KnownEvent",
    "Override",
    "QueueGroup",
    "QueueMonths",
    "QueueProof",
    "Reforecast",
    "Scenario",
    "ScoredDay",
    "StaffingPlan",
    "Strayed",
]
