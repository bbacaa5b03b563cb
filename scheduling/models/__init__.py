"""What is kept of forecasts, of staffing, of scenarios, and of what people work by and live with:
terms, rosters, bids on them, and time off."""

from scheduling.models.adherence import (
    AdherenceDay,
    AdherenceException,
    AdherenceFill,
    AdherenceMark,
    AdherenceRules,
    Doing,
    PauseReason,
)
from scheduling.models.bids import Bid, BidLine, BidRound
from scheduling.models.fairness import KeptWish
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
from scheduling.models.mine import CalendarFeed, RosterNotice
from scheduling.models.offers import ShiftOffer, ShiftOfferAnswer
from scheduling.models.plans import ForecastPlan, QueueGroup, StaffingPlan
from scheduling.models.proofs import QueueProof
from scheduling.models.rosters import (
    KeptRoster,
    KeptShift,
    RosterEdit,
    RosterRepair,
    RosterRun,
    ShiftChange,
)
from scheduling.models.scenarios import QueueMonths, Scenario
from scheduling.models.sessions import RosterSession
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
from scheduling.models.trades import Trade
from scheduling.models.words import DayWord, KnownEvent, Override

__all__ = [
    "AdherenceDay",
    "AdherenceException",
    "AdherenceFill",
    "AdherenceMark",
    "AdherenceRules",
    "AgentContract",
    "AgentRotation",
    "AgentSkill",
    "AskedBefore",
    "Availability",
    "Bid",
    "BidLine",
    "BidRound",
    "CalendarFeed",
    "Contract",
    "DayAhead",
    "DayAllowance",
    "DayUpdate",
    "DayWord",
    "Doing",
    "Forecast",
    "ForecastDay",
    "ForecastPlan",
    "ForecastRun",
    "GroupDay",
    "GroupForecast",
    "IntradayAction",
    "KeptRoster",
    "KeptShift",
    "KeptWish",
    "KnownEvent",
    "LeaveKind",
    "LeaveOpening",
    "LeaveRequest",
    "LeaveRules",
    "Override",
    "Pairing",
    "PauseReason",
    "QueueGroup",
    "QueueMonths",
    "QueueProof",
    "Reforecast",
    "RosterEdit",
    "RosterNotice",
    "RosterRepair",
    "RosterRun",
    "RosterSession",
    "Rotation",
    "RotationDay",
    "Scenario",
    "ScoredDay",
    "ShiftChange",
    "ShiftOffer",
    "ShiftOfferAnswer",
    "ShiftTemplate",
    "SiteRules",
    "StaffedDay",
    "StaffingPlan",
    "Strayed",
    "Trade",
]
