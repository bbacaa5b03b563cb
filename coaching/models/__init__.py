"""What is kept of coaching: sessions with their agenda and notes, the actions agreed on, what
people thank each other for and what they suggest, the library, and what is learned."""

from coaching.models.certificates import Certificate, CertificateKind
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
from coaching.models.library import LibraryPage, LibraryVersion, PageAnswer, PageReceipt
from coaching.models.onboarding import (
    Newcomer,
    OnboardingPath,
    OnboardingStage,
    StageSign,
)
from coaching.models.recognition import Kudos
from coaching.models.sessions import Action, AgendaItem, Participant, PrivateNote, Session
from coaching.models.suggestions import Suggestion

__all__ = [
    "Action",
    "AgendaItem",
    "Attempt",
    "AttemptAnswer",
    "Certificate",
    "CertificateKind",
    "Course",
    "CourseAssignment",
    "CourseRule",
    "CourseVersion",
    "Kudos",
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
    "PrivateNote",
    "Question",
    "Session",
    "StageSign",
    "Suggestion",
]
