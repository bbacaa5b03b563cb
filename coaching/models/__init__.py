"""What is kept of coaching: sessions with their agenda and notes, the actions agreed on, what
people thank each other for and what they suggest."""

from coaching.models.recognition import Kudos
from coaching.models.sessions import Action, AgendaItem, Participant, PrivateNote, Session
from coaching.models.suggestions import Suggestion

__all__ = [
    "Action",
    "AgendaItem",
    "Kudos",
    "Participant",
    "PrivateNote",
    "Session",
    "Suggestion",
]
