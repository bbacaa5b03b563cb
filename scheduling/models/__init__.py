"""What is kept of forecasts, of staffing, of scenarios, and of what people work by."""

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
from scheduling.models.terms import (
    AgentContract,
    AgentRotation,
    AgentSkill,
    Availability,
    Contract,
    Pairing,
    Rotation,
    RotationDay,
    ShiftTemplate,
    SiteRules,
)
from scheduling.models.words import DayWord, KnownEvent, Override

__all__ = [
    "AgentContract",
    "AgentRotation",
    "AgentSkill",
    "AskedBefore",
    "Availability",
    "Contract",
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
    "Pairing",
    "QueueGroup",
    "QueueMonths",
    "QueueProof",
    "Reforecast",
    "Rotation",
    "RotationDay",
    "Scenario",
    "ScoredDay",
    "ShiftTemplate",
    "SiteRules",
    "StaffingPlan",
    "Strayed",
]
