"""What is kept of coaching: sessions with their agenda and notes, the actions agreed on, what
people thank each other for and what they suggest, and the library."""

from coaching.models.library import LibraryPage, LibraryVersion, PageAnswer, PageReceipt
from coaching.models.plans import Plan, PlanStep
from coaching.models.recognition import Kudos
from coaching.models.rhythm import Cadence, SessionFeed
from coaching.models.sessions import Action, AgendaItem, Participant, PrivateNote, Session
from coaching.models.suggestions import Suggestion
from coaching.models.triggers import Proposal, TriggerLimits, TriggerRule, TriggerRun

__all__ = [
    "Action",
    "AgendaItem",
    "Cadence",
    "Kudos",
    "LibraryPage",
    "LibraryVersion",
    "PageAnswer",
    "PageReceipt",
    "Participant",
    "Plan",
    "PlanStep",
    "PrivateNote",
    "Proposal",
    "Session",
    "SessionFeed",
    "Suggestion",
    "TriggerLimits",
    "TriggerRule",
    "TriggerRun",
]
