"""What is erased of coaching with a customer, and with an agent who left: that there were sessions,
steps and thanks stays, and no word of them."""

from django.db.models import Case, Q, Value, When

from ccm.erasure.traces import AgentTrace, Trace, register_agents
from ccm.erasure.traces import register as register_calls
from ccm.models import Agent
from ccm.personal import of_agent, of_user
from coaching.models import (
    Action,
    AgendaItem,
    AskedCall,
    Certificate,
    CourseAssignment,
    Kudos,
    Newcomer,
    PageAnswer,
    Participant,
    Plan,
    Preparation,
    PrivateNote,
    Proposal,
    Remark,
    RemarkAnswer,
    Session,
    SessionFeed,
    StageSign,
    Suggestion,
)

# Who is erased is not asked any more: without a hash nobody could tell that they said no.
_WAITS = Q(state=AskedCall.State.DRAWN)
_LEFT = Case(When(_WAITS, then=Value(AskedCall.State.LEFT)), default="state")
_WHY = Case(When(_WAITS, then=Value(AskedCall.Why.OVER)), default="why")


def _sessions(agent: Agent) -> Q:
    return Q(pk__in=Participant.objects.filter(agent=agent).values("session"))


def _of_sessions(agent: Agent) -> Q:
    return Q(session__in=Participant.objects.filter(agent=agent).values("session"))


def register() -> None:
    """Called once, when all models are there."""
    register_calls(Trace(AskedCall, {"caller_hash": "", "error": "", "state": _LEFT, "why": _WHY}))
    register_agents(
        AgentTrace(Session, _sessions, ("about", "place", "shared_notes", "why_cancelled")),
        AgentTrace(Participant, of_agent("agent"), ("words",)),
        AgentTrace(AgendaItem, lambda agent: (
            of_agent("agent")(agent) | (Q(agent=None) & _of_sessions(agent))
        ), ("title", "words", "otherwise")),
        AgentTrace(Preparation, _of_sessions, ("why",)),
        AgentTrace(PrivateNote, _of_sessions, ("words",)),
        AgentTrace(Action, of_agent("agent"), ("words", "ended_words")),
        AgentTrace(Kudos, of_agent("agent"), ("words",)),
        AgentTrace(Remark, of_agent("agent"), ("words", "answer")),
        AgentTrace(RemarkAnswer, of_agent("remark__agent"), ("answer",)),
        AgentTrace(Plan, of_agent("agent"), ("goal", "words", "ended_words")),
        AgentTrace(Proposal, of_agent("agent"), ("why",)),
        AgentTrace(Newcomer, of_agent("agent"), ("why_ended",)),
        AgentTrace(StageSign, of_agent("newcomer__agent"), ("with_whom", "words")),
        AgentTrace(Certificate, of_user("user"), ("why_withdrawn",)),
        AgentTrace(CourseAssignment, of_user("user"), ("words",)),
        AgentTrace(PageAnswer, of_user("user"), ("words",)),
        AgentTrace(SessionFeed, of_user("user"), None),
        AgentTrace(Suggestion, of_user("by"), None),
    )  # fmt: skip
