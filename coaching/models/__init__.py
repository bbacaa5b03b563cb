"""What is kept of coaching: sessions with their agenda and notes, the actions agreed on, what
people thank each other for and what they suggest, and the library."""

from coaching.models.library import LibraryPage, LibraryVersion, PageAnswer, PageReceipt
from coaching.models.recognition import Kudos
from coaching.models.rhythm import Cadence, SessionFeed
from coaching.models.sessions import Action, AgendaItem, Participant, PrivateNote, Session
from coaching.models.suggestions import Suggestion

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
    "PrivateNote",
    "Session",
    "SessionFeed",
    "Suggestion",
]
