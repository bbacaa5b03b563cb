"""Twilio's Call resources, as its API lists them: pages of {"calls": [...]}.

Times are RFC 2822 in the API's own answers and ISO 8601 in exports of it; durations are seconds
and `queue_time` milliseconds, both often written as text. A call's newest `date_updated` counts.

- A leg is a call of its own. Legs that a <Dial> made name their parent: `parent_call_sid` holds
  them together. A leg to client:NAME is internal: it rang at the agent NAME, for the caller.
- `completed` was answered and has ended; the `duration` is the talk, and `end_time` less it the
  moment of the answer. A call that came in is answered by what the number does, before any agent.
- `queue_time` is how long a call that the API asked for waited for its turn to be dialled. It is
  0 and means nothing on calls that came in.
- Twilio tells no queue of callers. Calls that come in lie in the queue that the import names.
- `start_time` is null as long as a call is not dialled. Its birth is `date_created`, which stays,
  unless that lies a day or more apart.
"""

from django.utils.translation import gettext as _

from ccm.imports.cells.exported import Export, Row, Told
from ccm.imports.files.members import Record
from ccm.imports.records import extra_json

ASKED_FOR = "outbound-api"
OUTBOUND = frozenset([ASKED_FOR, "outbound-dial", "trunking-terminating"])
INBOUND = frozenset(["inbound", "trunking-originating"])
# Outcomes by status of calls that came in, and of those that went out.
STATUSES = {
    "queued": ("in_progress", "in_progress"),
    "initiated": ("in_progress", "in_progress"),
    "ringing": ("in_progress", "in_progress"),
    "in-progress": ("answered", "answered"),
    "completed": ("answered", "answered"),
    "busy": ("busy", "busy"),
    "failed": ("failed", "failed"),
    "no-answer": ("abandoned", "other"),
    "canceled": ("abandoned", "abandoned"),
}
CLIENT = "client:"
DAY_MS = 86_400_000


def tell(record: Record) -> Told:
    """The visit that a call, or a leg of one, is."""
    sid = record.needed("sid")
    way = _way(record)
    agent = _agent(record, way)
    outbound = way in OUTBOUND
    created = record.moment("date_created")
    started = record.moment("start_time")
    offered = started if started is not None else created
    if offered is None:
        raise record.bad("start_time", "missing", _("It is empty."))
    outcome = _outcome(record, outbound)
    ended = None if outcome == "in_progress" else record.moment("end_time")
    if ended is not None and ended < offered:
        raise record.bad("end_time", "order", _("It is before the call began."))
    duration = record.ms("duration")
    answered = talk = None
    if outcome == "answered":
        # While it goes on nothing tells when it was answered.
        talk = None if ended is None else duration
        answered = offered if ended is None else max(offered, ended - (talk or 0))
    visit: Row = {
        "linked_id": record.text("parent_call_sid") or sid,
        "direction": "internal" if agent else "outbound" if outbound else "inbound",
        "queue": None if outbound else record.reading.queue or None,
        "agent": agent,
        "caller": record.text("to" if outbound and not agent else "from", 200),
        "birth_ms": _birth(offered, created),
        "offered_at": offered,
        "answered_at": answered,
        "ended_at": ended,
        "time_precision": record.precision("start_time"),
        "wait_ms": record.ms("queue_time", unit=1) if way == ASKED_FOR else None,
        "talk_ms": talk,
        "outcome": outcome,
        "extra": _extra(record, way),
    }
    return Told(sid, record.moment("date_updated"), [visit])


def _birth(offered: int, created: int | None) -> int:
    """When the call was asked for. A visit lies within a day of its birth: so calls are found."""
    return offered if created is None or abs(offered - created) >= DAY_MS else created


def _way(record: Record) -> str:
    """Which way the call went, in Twilio's word."""
    way = record.needed("direction")
    if way not in OUTBOUND | INBOUND:
        raise record.bad("direction", "choice", _("No rule knows this direction."))
    return way


def _outcome(record: Record, outbound: bool) -> str:
    status = record.needed("status")
    if status not in STATUSES:
        raise record.bad("status", "choice", _("No rule knows this status."))
    return STATUSES[status][outbound]


def _agent(record: Record, way: str) -> str | None:
    """The agent whose softphone the leg rang at."""
    to = record.text("to", 160) or ""
    rang = way in OUTBOUND and to.startswith(CLIENT)
    return to.removeprefix(CLIENT) or None if rang else None


def _extra(record: Record, way: str) -> str | None:
    # A dialled leg shows the caller's number as its own.
    ours = "to" if way in INBOUND else "from" if way == ASKED_FOR else ""
    price = record.text("price")
    return extra_json(
        status=record.text("status"),
        direction=way,
        answered_by=record.text("answered_by"),
        line=record.text(ours, 200),
        price=price,
        price_unit=record.text("price_unit") if price else None,
    )


FORMAT = Export(
    name="twilio_calls",
    label="Twilio calls",
    has_queue=False,
    names=frozenset(["sid", "parent_call_sid", "status", "direction"]),
    tell=tell,
)
