"""What is kept of coaching: sessions with their agenda and notes, the actions agreed on, what
people thank each other for and what they suggest, the library, and trials of ideas."""

from coaching.models.badges import Badge, BadgeRule
from coaching.models.challenges import Challenge
from coaching.models.huddles import Huddle, HuddlePoint, HuddleStep
from coaching.models.leaderboards import Leaderboard, LeaderboardChoice
from coaching.models.library import LibraryPage, LibraryVersion, PageAnswer, PageReceipt
from coaching.models.preparations import Preparation
from coaching.models.pulse import PulseAnswer, PulseQuestion, PulseSurvey, PulseTurn
from coaching.models.recognition import Kudos
from coaching.models.remarks import Remark
from coaching.models.sessions import Action, AgendaItem, Participant, PrivateNote, Session
from coaching.models.suggestions import Suggestion
from coaching.models.trials import Trial, TrialAgent, TrialChange
from coaching.models.wellbeing import WellbeingLimits

__all__ = [
    "Action",
    "AgendaItem",
    "Badge",
    "BadgeRule",
    "Challenge",
    "Huddle",
    "HuddlePoint",
    "HuddleStep",
    "Kudos",
    "Leaderboard",
    "LeaderboardChoice",
    "LibraryPage",
    "LibraryVersion",
    "PageAnswer",
    "PageReceipt",
    "Participant",
    "Preparation",
    "PrivateNote",
    "PulseAnswer",
    "PulseQuestion",
    "PulseSurvey",
    "PulseTurn",
    "Remark",
    "Session",
    "Suggestion",
    "Trial",
    "TrialAgent",
    "TrialChange",
    "WellbeingLimits",
]
