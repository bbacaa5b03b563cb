"""What is kept of forecasts, of staffing, of scenarios, and of what people work by and live with:
terms, rosters, bids on them, and time off."""

from scheduling.models.bids import Bid, BidLine, BidRound
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
from scheduling.models.intraday import DayUpdate, IntradayAction, Reforecast
from scheduling.models.plans import ForecastPlan, QueueGroup, StaffingPlan
from scheduling.models.proofs import QueueProof
from scheduling.models.rosters import KeptRoster, KeptShift, RosterEdit, RosterRun, ShiftChange
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
from scheduling.models.timeoff import (
    DayAllowance,
    LeaveKind,
    LeaveOpening,
    LeaveRequest,
    LeaveRules,
    StaffedDay,
)
from scheduling.models.words import DayWord, KnownEvent, Override

__all__ = [
    "AgentContract",
    "AgentRotation",
    "AgentSkill",
    "AskedBefore",
    "Availability",
    "Bid",
    "BidLine",
    "BidRound",
    "Contract",
    "DayAhead",
    "DayAllowance",
    "DayUpdate",
    "DayWord",
    "Forecast",
    "ForecastDay",
    "ForecastPlan",
    "ForecastRun",
    "GroupDay",
    "GroupForecast",
    "IntradayAction",
    "KeptRoster",
    "KeptShift",
    "KnownEvent",
    "LeaveKind",
    "LeaveOpening",
    "LeaveRequest",
    "LeaveRules",
    "Override",
    "Pairing",
    "QueueGroup",
    "QueueMonths",
    "QueueProof",
    "Reforecast",
    "RosterEdit",
    "RosterRun",
    "Rotation",
    "RotationDay",
    "Scenario",
    "ScoredDay",
    "ShiftChange",
    "ShiftTemplate",
    "SiteRules",
    "StaffedDay",
    "StaffingPlan",
    "Strayed",
]
