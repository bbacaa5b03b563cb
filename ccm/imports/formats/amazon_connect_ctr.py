"""Amazon Connect's contact records (contact trace records, CTR): one record a contact.

Times are UTC, durations whole seconds, null where something does not apply. A record is
delivered again whenever more is known: the newest LastUpdateTimestamp counts. What they mean is
in AWS's "Data model for contact records"; what is made of it here:

- A contact is one visit. A transfer is a new contact with an id of its own; InitialContactId
  holds them together. The sender's record knows that it was passed on, not how.
- The wait is Queue.Duration; the time from the beginning to the queue is the menu's, of contacts
  that come in. Talk, hold and wrap-up are the agent's durations; talk is without hold.
- A contact that the customer ended in the queue is abandoned. One that ended there otherwise, or
  goes on in another contact (a queue transfer, or the customer asked to be called back: the
  record does not say which), is another exit. One without a queue was left in the menu.
- CALLBACK is the call back, dialled by the centre: an outbound visit. Nobody waits on the line
  while it stands in the queue, so its wait is unknown and the time is kept as `queued_ms`.
- Of outbound contacts ConnectedToSystemTimestamp is when the other side answered.
- AgentConnectionAttempts counts rings, but not whose: no ring is made of it.
- An agent's own queue has no name: those contacts have no queue.
- MONITOR is a supervisor listening in, and DISCONNECT a flow that runs after the end: without an
  agent or queue they are no visits.
"""

from typing import Any

from django.utils.translation import gettext as _

from ccm.imports.cells.exported import Export, LeftOut, Row, Told
from ccm.imports.files.members import Record
from ccm.imports.records import extra_json

OUTBOUND = frozenset(["OUTBOUND", "CALLBACK", "EXTERNAL_OUTBOUND", "AGENT_REPLY", "FLOW", "API"])
LONGEST_PLACE = 300
CHANNELS = {"VOICE": "voice", "CHAT": "chat", "EMAIL": "email"}
ENDED_BY = {
    "CUSTOMER_DISCONNECT": "caller",
    "AGENT_DISCONNECT": "agent",
    "CONTACT_FLOW_DISCONNECT": "system",
    "TELECOM_PROBLEM": "system",
    "BARGED": "system",
    "EXPIRED": "system",
    "API": "system",
}
# Reasons that say by themselves how an unanswered contact ended.
FAILURES = {
    "TELECOM_PROBLEM": "failed",
    "OUTBOUND_DESTINATION_ENDPOINT_ERROR": "failed",
    "OUTBOUND_RESOURCE_ERROR": "failed",
    "OUTBOUND_ATTEMPT_FAILED": "failed",
    "EXPIRED": "timed_out",
}


def tell(record: Record) -> Told:
    """The visit that a contact record is."""
    contact = record.needed("ContactId")
    method = record.text("InitiationMethod") or ""
    _leave_out(record, method)
    began = record.needed_moment("InitiationTimestamp")
    queued = record.moment("Queue.EnqueueTimestamp")
    channel = CHANNELS.get((record.text("Channel") or "VOICE").upper(), "other")
    outbound = method in OUTBOUND and not (method == "API" and channel != "voice")
    offered = began if queued is None or outbound else queued
    ended = record.moment("DisconnectTimestamp")
    answered = _answered(record, outbound)
    _check_order(record, offered, answered, ended)
    waited = record.ms("Queue.Duration")
    came_in = method in ("INBOUND", "WEBRTC_API")
    left = ended if answered is None and queued is None else None
    menu = queued if queued is not None else left
    visit: Row = {
        "linked_id": record.text("InitialContactId") or contact,
        "channel": channel,
        "direction": "outbound" if outbound else "inbound",
        "queue": _queue(record),
        "agent": record.text("Agent.Username", 160),
        "caller": record.text("CustomerEndpoint.Address", 200),
        "birth_ms": offered,
        "offered_at": offered,
        "answered_at": answered,
        "ended_at": ended,
        "time_precision": record.precision("InitiationTimestamp"),
        "ivr_ms": menu - began if came_in and menu is not None and menu >= began else None,
        "wait_ms": None if outbound else waited,
        "outcome": _outcome(record, outbound, answered, ended),
        "ended_by": ENDED_BY.get(record.text("DisconnectReason") or ""),
        "recording": _recording(record),
        "extra": _extra(record, method, waited if outbound else None),
    }
    if answered is not None:
        visit |= {
            "wrapup_ended_at": record.moment("Agent.AfterContactWorkEndTimestamp"),
            "ring_ms": answered - began if method in ("OUTBOUND", "EXTERNAL_OUTBOUND") else None,
            "talk_ms": record.ms("Agent.AgentInteractionDuration"),
            "hold_ms": record.ms("Agent.CustomerHoldDuration"),
            "acw_ms": record.ms("Agent.AfterContactWorkDuration"),
        }
        visit |= _transfer(record)
    return Told(contact, record.moment("LastUpdateTimestamp"), [visit])


def _leave_out(record: Record, method: str) -> None:
    """Raise LeftOut for contacts that are no visits."""
    words = {
        "MONITOR": ("monitoring", _("A supervisor listened to another contact.")),
        "DISCONNECT": ("after_the_end", _("A flow that ran after a contact's end.")),
    }
    if method not in words:
        return
    reached = record.get("Queue") or record.get("Agent")
    if method == "MONITOR" or not reached:
        raise LeftOut("InitiationMethod", method, *words[method])


def _answered(record: Record, outbound: bool) -> int | None:
    """When the customer and an agent had each other."""
    agent = record.moment("Agent.ConnectedToAgentTimestamp")
    if not outbound or agent is None:
        return agent
    there = record.moment("ConnectedToSystemTimestamp")
    return None if there is None else max(agent, there)


def _check_order(record: Record, offered: int, answered: int | None, ended: int | None) -> None:
    before = _("It is before the contact came.")
    if answered is not None and answered < offered:
        raise record.bad("Agent.ConnectedToAgentTimestamp", "order", before)
    if ended is not None and ended < max(offered, answered or 0):
        raise record.bad("DisconnectTimestamp", "order", _("It is before the contact began."))


def _queue(record: Record) -> str | None:
    """The queue's name, else its id; an agent's own queue is none."""
    arn = record.text("Queue.ARN", 500) or ""
    if "/queue/agent/" in arn:
        return None
    return record.text("Queue.Name") or arn.rpartition("/")[2][:120] or None


def _outcome(record: Record, outbound: bool, answered: int | None, ended: int | None) -> str:
    if answered is not None:
        return "answered"
    if ended is None:
        return "in_progress"
    reason = record.text("DisconnectReason") or ""
    if reason in FAILURES:
        return FAILURES[reason]
    if outbound:
        return "abandoned" if reason == "AGENT_DISCONNECT" else "other"
    if record.get("Queue") is None and record.get("Agent") is None:
        return "left_ivr"
    gave_up = reason == "CUSTOMER_DISCONNECT" and record.get("NextContactId") is None
    return "abandoned" if gave_up else "other"


def _transfer(record: Record) -> Row:
    """Whether and where an answered contact was passed on."""
    outside = record.text("TransferredToEndpoint.Address")
    if outside:
        return {"transfer_kind": "external", "transfer_target": outside}
    if record.get("NextContactId") is not None:
        return {"transfer_kind": "internal"}
    return {}


def _recording(record: Record) -> str | None:
    """Where the recording is; unknown where the record cannot hold the place."""
    places = [record.get("Recording.Location")]
    places += [one.get("Location") for one in record.inner("Recordings")]
    place = next((one for one in places if isinstance(one, str)), None)
    if place is not None and len(place) > LONGEST_PLACE:
        record.note("Recording", "too_long", _("Its place is too long to keep: unknown."))
        return None
    return place


def _extra(record: Record, method: str, queued_ms: int | None) -> str | None:
    attempts: Any = record.get("AgentConnectionAttempts")
    attributes: Any = record.get("Attributes")
    return extra_json(
        initiation_method=method,
        disconnect_reason=record.text("DisconnectReason"),
        previous_contact=record.text("PreviousContactId"),
        next_contact=record.text("NextContactId"),
        connection_attempts=attempts if isinstance(attempts, int) else None,
        routing_profile=record.text("Agent.RoutingProfile.Name"),
        dialled=record.text("SystemEndpoint.Address"),
        attributes=attributes if isinstance(attributes, dict) and attributes else None,
        queued_ms=queued_ms,
    )


FORMAT = Export(
    name="amazon_connect_ctr",
    label="Amazon Connect contact records",
    has_queue=True,
    names=frozenset(["ContactId", "InitiationMethod", "InitiationTimestamp"]),
    tell=tell,
)
