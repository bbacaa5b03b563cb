"""What is kept of coaching: sessions with their agenda and notes, and the actions agreed on."""

from coaching.models.sessions import Action, AgendaItem, Participant, PrivateNote, Session

__all__ = ["Action", "AgendaItem", "Participant", "PrivateNote", "Session"]
