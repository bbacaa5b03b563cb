"""What is kept of coaching: sessions with their agenda and notes, the actions agreed on, what
people thank each other for and what they suggest, the library, and what callers said."""

from coaching.models.asking import AskedCall, AskingRule
from coaching.models.library import LibraryPage, LibraryVersion, PageAnswer, PageReceipt
from coaching.models.public import PublicPage, PublicShelf
from coaching.models.recognition import Kudos
from coaching.models.sessions import Action, AgendaItem, Participant, PrivateNote, Session
from coaching.models.suggestions import Suggestion
from coaching.models.voice import Complaint, VoiceMark, VoiceTag

__all__ = [
    "Action",
    "AgendaItem",
    "AskedCall",
    "AskingRule",
    "Complaint",
    "Kudos",
    "LibraryPage",
    "LibraryVersion",
    "PageAnswer",
    "PageReceipt",
    "Participant",
    "PrivateNote",
    "PublicPage",
    "PublicShelf",
    "Session",
    "Suggestion",
    "VoiceMark",
    "VoiceTag",
]
