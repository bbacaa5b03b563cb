"""What is kept of coaching: sessions with what they agree on, what people are told and ask, thank
each other for and learn, how they are, and what callers said."""

from coaching.models.asking import AskedCall, AskingRule
from coaching.models.badges import Badge, BadgeRule
from coaching.models.certificates import Certificate, CertificateKind
from coaching.models.challenges import Challenge
from coaching.models.courses import (
    Attempt,
    AttemptAnswer,
    Course,
    CourseAssignment,
    CourseRule,
    CourseVersion,
    Lesson,
    LessonDone,
    Question,
)
from coaching.models.huddles import Huddle, HuddlePoint, HuddleStep
from coaching.models.leaderboards import Leaderboard, LeaderboardChoice
from coaching.models.library import LibraryPage, LibraryVersion, PageAnswer, PageReceipt
from coaching.models.onboarding import Newcomer, OnboardingPath, OnboardingStage, StageSign
from coaching.models.plans import Plan, PlanStep
from coaching.models.points import PointsRule
from coaching.models.preparations import Preparation
from coaching.models.public import PublicPage, PublicShelf
from coaching.models.pulse import PulseAnswer, PulseQuestion, PulseSurvey, PulseTurn
from coaching.models.recognition import Kudos
from coaching.models.remarks import Remark, RemarkAnswer
from coaching.models.rhythm import Cadence, SessionFeed
from coaching.models.sessions import Action, AgendaItem, Participant, PrivateNote, Session
from coaching.models.suggestions import Suggestion
from coaching.models.trials import Trial, TrialAgent, TrialChange
from coaching.models.triggers import Proposal, TriggerLimits, TriggerRule, TriggerRun
from coaching.models.voice import Complaint, VoiceMark, VoiceTag
from coaching.models.wellbeing import WellbeingLimits

__all__ = [
    "Action",
    "AgendaItem",
    "AskedCall",
    "AskingRule",
    "Attempt",
    "AttemptAnswer",
    "Badge",
    "BadgeRule",
    "Cadence",
    "Certificate",
    "CertificateKind",
    "Challenge",
    "Complaint",
    "Course",
    "CourseAssignment",
    "CourseRule",
    "CourseVersion",
    "Huddle",
    "HuddlePoint",
    "HuddleStep",
    "Kudos",
    "Leaderboard",
    "LeaderboardChoice",
    "Lesson",
    "LessonDone",
    "LibraryPage",
    "LibraryVersion",
    "Newcomer",
    "OnboardingPath",
    "OnboardingStage",
    "PageAnswer",
    "PageReceipt",
    "Participant",
    "Plan",
    "PlanStep",
    "PointsRule",
    "Preparation",
    "PrivateNote",
    "Proposal",
    "PublicPage",
    "PublicShelf",
    "PulseAnswer",
    "PulseQuestion",
    "PulseSurvey",
    "PulseTurn",
    "Question",
    "Remark",
    "RemarkAnswer",
    "Session",
    "SessionFeed",
    "StageSign",
    "Suggestion",
    "Trial",
    "TrialAgent",
    "TrialChange",
    "TriggerLimits",
    "TriggerRule",
    "TriggerRun",
    "VoiceMark",
    "VoiceTag",
    "WellbeingLimits",
]
