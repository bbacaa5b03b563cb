"""What is erased of schedules with an agent who left: shifts, leave and adherence stay as days and
minutes of somebody, and no word of them."""

from ccm.erasure.traces import AgentTrace, register_agents
from ccm.personal import of_agent
from scheduling.models import (
    AdherenceException,
    Availability,
    CalendarFeed,
    LeaveOpening,
    LeaveRequest,
    Pairing,
    ShiftOfferAnswer,
    Trade,
)


def register() -> None:
    """Called once, when all models are there."""
    register_agents(
        AgentTrace(AdherenceException, of_agent("agent"), ("note",)),
        AgentTrace(Availability, of_agent("agent"), ("note",)),
        AgentTrace(LeaveOpening, of_agent("agent"), ("reason",)),
        AgentTrace(LeaveRequest, of_agent("agent"), ("note", "reason")),
        AgentTrace(Pairing, of_agent("one", "other"), None),
        AgentTrace(ShiftOfferAnswer, of_agent("agent"), ("reason",)),
        AgentTrace(Trade, of_agent("giver", "to", "taker"), ("note", "reason")),
        AgentTrace(CalendarFeed, of_agent("agent"), None),
    )
