"""What is kept of coaching: sessions with their agenda and notes, the actions agreed on, what
people thank each other for and what they suggest, the library, and trials of ideas."""

from coaching.models.library import LibraryPage, LibraryVersion, PageAnswer, PageReceipt
from coaching.models.preparations import Preparation
from coaching.models.recognition import Kudos
from coaching.models.remarks import Remark
from coaching.models.sessions import Action, AgendaItem, Participant, PrivateNote, Session
from coaching.models.suggestions import Suggestion
from coaching.models.trials import Trial, TrialAgent, TrialChange

__all__ = [
    "Action",
    "AgendaItem",
    "Kudos",
    "LibraryPage",
    "LibraryVersion",
    "PageAnswer",
    "PageReceipt",
    "Participant",
    "Preparation",
    "PrivateNote",
    "Remark",
    "Session",
    "Suggestion",
    "Trial",
    "TrialAgent",
    "TrialChange",
]
