"""Zendesk Talk's calls, as its incremental export answers: pages of {"calls": [...]}.

Times are UTC, durations whole seconds. A call comes again, also within one page, when it was
changed: the newest `updated_at` counts.

- `talk_time` is 0 or null on calls that were completed after minutes: where a completed call
  lasted but tells no talk, its talk is unknown.
- `time_to_answer` counts from the call's beginning, menu and wait included. Without it the
  moment of the answer is only known to be after menu and wait.
- Zendesk names no queues. Calls that come in lie in the queue of the group they were offered to
  (`call_group_id`), else in the one that the import names.
- `completed` without agent and talk is still completed: the export leaves both out at times.
- What did not reach an agent: a voicemail, a wait over the queue's limit, a callback asked for,
  or given up in queue, menu or voicemail.
"""

from django.utils.translation import gettext as _

from ccm.imports.cells.exported import Export, Row, Told
from ccm.imports.files.members import Record
from ccm.imports.records import extra_json

# Outcomes by completion_status, and who ended the call where the status tells.
STATUSES: dict[str, tuple[str, str | None]] = {
    "completed": ("answered", None),
    "failed": ("failed", None),
    "not_answered": ("other", None),
    "abandoned_in_queue": ("abandoned", "caller"),
    "abandoned_in_ivr": ("left_ivr", "caller"),
    "abandoned_in_voicemail": ("other", "caller"),
    "abandoned_on_hold": ("answered", "caller"),
    "pending_voicemail": ("voicemail", None),
}
CONSENTS = {"caller_opted_in": True, "caller_opted_out": False}


def tell(record: Record) -> Told:
    """The visit that a call is."""
    call = record.needed("id")
    created = record.needed_moment("created_at")
    outbound = _outbound(record)
    duration = record.ms("duration")
    outcome, ended_by = _outcome(record, outbound)
    answered = None
    if outcome == "answered":
        answered = created + _until_answered(record)
    ended = None if duration is None else created + duration
    if outcome == "in_progress":
        ended = None
    elif ended is not None and answered is not None:
        ended = max(ended, answered)
    queue = None if outbound else record.text("call_group_id") or record.reading.queue or None
    customer = record.text("customer_id")
    visit: Row = {
        "direction": "outbound" if outbound else "inbound",
        "queue": queue,
        "agent": record.text("agent_id"),
        "caller": f"customer:{customer}" if customer else None,
        "birth_ms": created,
        "offered_at": created,
        "answered_at": answered,
        "ended_at": ended,
        "time_precision": record.precision("created_at"),
        "ivr_ms": record.ms("ivr_time_spent"),
        "wait_ms": None if outbound or outcome == "left_ivr" else record.ms("wait_time"),
        "outcome": outcome,
        "ended_by": ended_by,
        "consent": CONSENTS.get(record.text("call_recording_consent_action") or ""),
        "extra": _extra(record),
    }
    if answered is not None:
        visit |= {
            "talk_ms": _talk(record, duration),
            "hold_ms": record.ms("hold_time"),
            "acw_ms": record.ms("wrap_up_time"),
        }
    return Told(call, record.moment("updated_at"), [visit])


def _outbound(record: Record) -> bool:
    direction = record.needed("direction")
    if direction not in ("inbound", "outbound"):
        raise record.bad("direction", "choice", _("It is neither inbound nor outbound."))
    return direction == "outbound"


def _outcome(record: Record, outbound: bool) -> tuple[str, str | None]:
    status = record.text("completion_status")
    if status is None:
        return "in_progress", None
    if status not in STATUSES:
        raise record.bad("completion_status", "choice", _("No rule knows this status."))
    outcome, ended_by = STATUSES[status]
    reached = record.get("agent_id") is not None or bool(record.ms("talk_time"))
    if outbound or reached or outcome in ("failed", "left_ivr", "abandoned"):
        return outcome, ended_by
    if record.flag("voicemail") and status != "abandoned_in_voicemail":
        return "voicemail", None
    if record.flag("callback"):
        return "callback_requested", None
    if record.flag("exceeded_queue_wait_time"):
        return "timed_out", "system"
    return outcome, ended_by


def _until_answered(record: Record) -> int:
    """How long it took to an answer, at least."""
    told = record.ms("time_to_answer")
    if told is not None:
        return told
    return (record.ms("ivr_time_spent") or 0) + (record.ms("wait_time") or 0)


def _talk(record: Record, duration: int | None) -> int | None:
    """The talk, unknown where a call that lasted tells none."""
    talk = record.ms("talk_time")
    if not talk and duration:
        record.note("talk_time", "talk_not_told", _("The call lasted, but tells no talk: unknown."))
        return None
    return talk


def _extra(record: Record) -> str | None:
    return extra_json(
        completion_status=record.text("completion_status"),
        ticket=record.text("ticket_id"),
        line=record.text("line") or record.text("phone_number"),
        menu_choice=record.text("ivr_destination_group_name"),
        overflowed_to=record.text("overflowed_to"),
        consultation_ms=record.ms("consultation_time") or None,
        outside_business_hours=record.flag("outside_business_hours"),
        charge=record.text("call_charge"),
    )


FORMAT = Export(
    name="zendesk_talk_calls",
    label="Zendesk Talk calls",
    has_queue=False,
    names=frozenset(["id", "created_at", "completion_status", "direction"]),
    tell=tell,
)
