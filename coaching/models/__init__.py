"""What is kept of coaching: sessions with their agenda and notes, the actions agreed on, and the
library."""

from coaching.models.library import LibraryPage, LibraryVersion, PageAnswer, PageReceipt
from coaching.models.sessions import Action, AgendaItem, Participant, PrivateNote, Session

__all__ = [
    "Action",
    "AgendaItem",
    "LibraryPage",
    "LibraryVersion",
    "PageAnswer",
    "PageReceipt",
    "Participant",
    "PrivateNote",
    "Session",
]
