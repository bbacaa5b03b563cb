"""The record everyone shares."""

from ccm.models.access import ApiToken, token_hash
from ccm.models.calls import (
    AgentState,
    Call,
    Channel,
    Cutoff,
    Direction,
    Disposition,
    Offer,
    Outcome,
    Precision,
    Queue,
    Topic,
)
from ccm.models.intake import (
    DirtyDay,
    ImportBatch,
    ImportChange,
    ImportDay,
    ImportFile,
    ImportIssue,
    ImportPiece,
    ImportProfile,
    Job,
    LiveEvent,
    RawEvent,
    RejectedRow,
)
from ccm.models.people import Agent, AgentAlias, Site, Team, TeamMembership, User
from ccm.models.surveys import SurveyResponse
from ccm.models.totals import IntervalCount

__all__ = [
    "Agent",
    "AgentAlias",
    "AgentState",
    "ApiToken",
    "Call",
    "Channel",
    "Cutoff",
    "Direction",
    "DirtyDay",
    "Disposition",
    "ImportBatch",
    "ImportChange",
    "ImportDay",
    "ImportFile",
    "ImportIssue",
    "ImportPiece",
    "ImportProfile",
    "IntervalCount",
    "Job",
    "LiveEvent",
    "Offer",
    "Outcome",
    "Precision",
    "Queue",
    "RawEvent",
    "RejectedRow",
    "Site",
    "SurveyResponse",
    "Team",
    "TeamMembership",
    "Topic",
    "User",
    "token_hash",
]
