"""The events a source may post: their words, their checks, and how they lie in the inbox.

Pure. One table says what each member of an event is; the checks and the API's schema are
both made from it. Members that the table does not name are kept in `extra`.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from ccm import names
from ccm.masking import masked, masked_value
from ccm.models import AgentState

_State = AgentState.State
# A session, and what an agent can be meanwhile by an event: calls tell the rest of themselves.
SESSION = _State.LOGGED_IN.value
AVAILABLE, PAUSED, ACW = (one.value for one in (_State.AVAILABLE, _State.PAUSED, _State.ACW))
STATES = (AVAILABLE, PAUSED, ACW)
# What each kind must say besides `id`, `kind` and `at`.
NEEDS: dict[str, tuple[str, ...]] = {
    "call.offered": ("call", "queue"),
    "call.ringing": ("call", "agent"),
    "call.no_answer": ("call", "agent"),
    "call.declined": ("call", "agent"),
    "call.answered": ("call", "agent"),
    "call.held": ("call",),
    "call.retrieved": ("call",),
    "call.transferred": ("call",),
    "call.ended": ("call",),
    "call.wrapped_up": ("call",),
    "agent.login": ("agent",),
    "agent.state": ("agent", "state"),
    "agent.logout": ("agent",),
}
KINDS = tuple(NEEDS)
# What another shape's event says at once: spells with their edges, and whether a session begins or
# ends with it. No source posts it as such.
SNAPSHOT = "agent.snapshot"
OUTCOMES = (
    "abandoned", "timed_out", "key_exit", "callback_requested", "voicemail", "failed", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """A member that is text: the most characters it may have, what it says, its only values."""

    limit: int
    words: str
    choices: tuple[str, ...] = ()


TEXTS: dict[str, Text] = {
    "id": Text(120, "The source's own, unique within it: posting it again changes nothing."),
    "kind": Text(20, "What happened.", KINDS),
    "call": Text(120, "The call's id at the source."),
    "linked": Text(120, "Shared by all calls of one contact; the call's own id when left out."),
    "queue": Text(120, "The queue's name. An event without it belongs to the entry before it."),
    "agent": Text(160, "The agent's name as the source writes it."),
    "caller": Text(80, "Number or account of the caller; the record keeps a keyed hash of it."),
    "outcome": Text(20, "call.ended, when nobody answered: how the waiting ended.", OUTCOMES),
    "ended_by": Text(10, "call.ended: who hung up.", ("agent", "caller", "system")),
    "state": Text(20, "agent.state: what the agent is now.", STATES),
    "reason": Text(80, "agent.state: why paused."),
    "topic": Text(120, "What the call was about."),
    "target": Text(120, "call.transferred: to whom."),
    "transfer": Text(10, "call.transferred: which way.", ("blind", "attended")),
}
# What people type, where card numbers turn up; the other texts are identity.
TYPED = ("reason", "topic", "target")
SURVEY_KINDS = ("csat", "nps", "ces", "fcr")
COMMENT_LIMIT = 2000
EXTRA_MEMBERS, EXTRA_NAME, EXTRA_VALUE = 20, 60, 300
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
_SCALE = 1_000_000
# Control characters, and halves of surrogate pairs, which are no characters at all.
_BREAKS = re.compile("[\t\r\n]+")
_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an event; `pointer` (RFC 6901) says where."""

    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Survey:
    """One answered question on its own scale."""

    kind: str
    score: float
    scale_min: int
    scale_max: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A spell of an agent that one event shows: since when, and until when if it saw the end."""

    state: str
    reason: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event. Empty text and None mean that the source did not say; `at` is aware.

    `session` ("login", "logout") and `shown` are a snapshot's.
    """

    id: str
    kind: str
    at: datetime
    call: str = ""
    linked: str = ""
    queue: str = ""
    agent: str = ""
    caller: str = ""
    outcome: str = ""
    ended_by: str = ""
    state: str = ""
    reason: str = ""
    topic: str = ""
    target: str = ""
    transfer: str = ""
    resolved: bool | None = None
    survey: Survey | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    session: str = ""
    shown: tuple[Shown, ...] = ()


# Members with a column of their own in the inbox; the rest lies in its `payload`.
_COLUMNS = ("id", "kind", "at", "call", "agent")
_IN_PAYLOAD = tuple(name for name in TEXTS if name not in _COLUMNS)


def read(value: object, now: datetime) -> Event | list[Fault]:
    """The event in a piece of JSON, or all that is wrong with it.

    `now` (aware) is the receiver's clock: an event more than a day ahead of it is refused.
    """
    if not isinstance(value, Mapping):
        return [Fault("", _("An event is a JSON object."))]
    faults: list[Fault] = []
    said: dict[str, Any] = {name: _text(value, name, faults) for name in TEXTS}
    for name in ("id", "kind", *NEEDS.get(said["kind"], ())):
        pointer = f"/{name}"
        if not said[name] and pointer not in {fault.pointer for fault in faults}:
            faults.append(Fault(pointer, _("This is needed.")))
    at = _moment(value.get("at"), now, faults)
    resolved = value.get("resolved")
    if resolved is not None and not isinstance(resolved, bool):
        faults.append(Fault("/resolved", _("This must be true, false or null.")))
    survey = _survey(value.get("survey"), faults)
    extra = _extra(value, faults)
    if faults or at is None:
        return faults
    said |= {name: masked(said[name], mails=name != "target") for name in TYPED}
    return Event(at=at, resolved=resolved, survey=survey, extra=masked_value(extra), **said)


def payload(event: Event) -> dict[str, Any]:
    """What the inbox keeps of an event beside its columns: only what was said."""
    kept: dict[str, Any] = {
        name: getattr(event, name) for name in _IN_PAYLOAD if getattr(event, name)
    }
    if event.resolved is not None:
        kept["resolved"] = event.resolved
    if event.survey:
        kept["survey"] = {
            "kind": event.survey.kind,
            "score": event.survey.score,
            "scale_min": event.survey.scale_min,
            "scale_max": event.survey.scale_max,
            "comment": event.survey.comment,
        }
    if event.extra:
        kept["extra"] = event.extra
    if event.session:
        kept["session"] = event.session
    if event.shown:
        kept["shown"] = [
            [one.state, one.reason, one.since.isoformat(), one.until and one.until.isoformat()]
            for one in event.shown
        ]
    return kept


def restored(
    event_id: str, kind: str, at: datetime, call: str, agent: str, kept: Mapping[str, Any]
) -> Event:
    """The event of an inbox row's columns and payload."""
    more = dict(kept)
    survey = more.pop("survey", None)
    shown = tuple(
        Shown(state, reason, datetime.fromisoformat(since), until and datetime.fromisoformat(until))
        for state, reason, since, until in more.pop("shown", ())
    )
    return Event(
        id=event_id, kind=kind, at=at, call=call, agent=agent,
        survey=Survey(**survey) if survey else None, shown=shown, **more,
    )  # fmt: skip


def json_schema() -> dict[str, Any]:
    """The JSON Schema of one event, for the API's description."""
    members: dict[str, Any] = {}
    for name, text in TEXTS.items():
        members[name] = {"type": "string", "maxLength": text.limit, "description": text.words}
        if text.choices:
            members[name]["enum"] = list(text.choices)
    members["at"] = {
        "type": "string",
        "format": "date-time",
        "description": "When it happened: ISO 8601 with its offset from UTC.",
    }
    members["resolved"] = {
        "type": "boolean",
        "nullable": True,
        "description": "Whether the caller's matter was settled.",
    }
    members["survey"] = {
        "type": "object",
        "description": "call.ended, call.wrapped_up: an answered question.",
        "required": ["kind", "score", "min", "max"],
        "properties": {
            "kind": {"type": "string", "enum": list(SURVEY_KINDS)},
            "score": {"type": "number"},
            "min": {"type": "integer", "minimum": -_SCALE, "maximum": _SCALE},
            "max": {"type": "integer", "minimum": -_SCALE, "maximum": _SCALE},
            "comment": {"type": "string", "maxLength": COMMENT_LIMIT},
        },
    }
    return {"type": "object", "required": ["id", "kind", "at"], "properties": members}


def _text(value: Mapping[Any, Any], name: str, faults: list[Fault]) -> str:
    rule = TEXTS[name]
    said = value.get(name)
    if said is None:
        return ""
    fault = text_fault(said, rule.limit)
    if fault is None:
        said = said.strip()
        if said and not names.visible(said):
            fault = _("Nobody sees anything of this.")
        elif said and rule.choices and said not in rule.choices:
            fault = _("This is none of %(choices)s.") % {"choices": ", ".join(rule.choices)}
    if fault is None:
        return str(said)
    faults.append(Fault(f"/{name}", fault))
    return ""


def text_fault(said: object, limit: int) -> str | None:
    """What is wrong with a piece of text, or None."""
    if not isinstance(said, str):
        return _("This is not text.")
    if len(said) > limit:
        return _("This is longer than %(limit)d characters.") % {"limit": limit}
    if _UNWRITABLE.search(said):
        return unwritable()
    return None


def unwritable() -> str:
    return _("This holds characters that cannot be stored.")


def _moment(said: object, now: datetime, faults: list[Fault]) -> datetime | None:
    try:
        at = datetime.fromisoformat(said) if isinstance(said, str) else None
        # Near the ends of the calendar a moment may have no UTC.
        at = at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        at = None
    if at is None:
        words = _(
            "This must be a time in ISO 8601 with its offset, as 2026-05-04T09:30:00.250+02:00."
        )
    elif at < EARLIEST:
        words = _("This is before 1990.")
    elif at > now + AHEAD:
        words = _("This is more than a day in the future.")
    else:
        return at
    faults.append(Fault("/at", words))
    return None


def _survey(said: object, faults: list[Fault]) -> Survey | None:
    if said is None:
        return None
    if not isinstance(said, Mapping):
        faults.append(Fault("/survey", _("This must be a JSON object.")))
        return None
    before = len(faults)
    kind = said.get("kind")
    if kind not in SURVEY_KINDS:
        words = _("This is none of %(choices)s.") % {"choices": ", ".join(SURVEY_KINDS)}
        faults.append(Fault("/survey/kind", words))
    low, high = (_scale_end(said, name, faults) for name in ("min", "max"))
    score = said.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float):
        faults.append(Fault("/survey/score", _("This must be a number.")))
    elif low < high and not low <= score <= high:
        faults.append(Fault("/survey/score", _("This is not on the scale.")))
    if len(faults) == before and not low < high:
        faults.append(Fault("/survey/max", _("The scale has no width.")))
    comment = said.get("comment") or ""
    if isinstance(comment, str):
        comment = _BREAKS.sub(" ", comment)
    if fault := text_fault(comment, COMMENT_LIMIT):
        faults.append(Fault("/survey/comment", fault))
    if len(faults) > before:
        return None
    return Survey(str(kind), float(score or 0), low, high, masked(comment))


def _scale_end(said: Mapping[Any, Any], name: str, faults: list[Fault]) -> int:
    end = said.get(name)
    if isinstance(end, int) and not isinstance(end, bool) and abs(end) <= _SCALE:
        return end
    faults.append(Fault(f"/survey/{name}", _("This must be a whole number.")))
    return 0


# An address comes with a call by an import or a post, which keep none in clear.
_NOT_KEPT = ("at", "resolved", "survey", "caller_email")


def _extra(value: Mapping[Any, Any], faults: list[Fault]) -> dict[str, Any]:
    extra = {
        name: kept
        for name, kept in value.items()
        if name not in TEXTS and name not in _NOT_KEPT and kept is not None
    }
    if len(extra) > EXTRA_MEMBERS:
        words = _("This has more than %(limit)d members that are not known here.")
        faults.append(Fault("", words % {"limit": EXTRA_MEMBERS}))
        return {}
    for name, kept in extra.items():
        pointer = _pointer(name)
        if isinstance(kept, str) or text_fault(name, EXTRA_NAME):
            fault = text_fault(name, EXTRA_NAME) or text_fault(kept, EXTRA_VALUE)
        elif isinstance(kept, bool):
            fault = None
        elif isinstance(kept, int | float):
            storable = abs(kept) < 2**53 if isinstance(kept, int) else math.isfinite(kept)
            fault = None if storable else _("This number is too large.")
        else:
            fault = _("This is not known here, and only plain values are kept of what is not.")
        if fault:
            faults.append(Fault(pointer, fault))
    return extra


def _pointer(name: str) -> str:
    """A pointer to a member, whatever characters its name is made of."""
    shown = name[:EXTRA_NAME].encode("utf-8", "backslashreplace").decode()
    return "/" + shown.replace("~", "~0").replace("/", "~1")
