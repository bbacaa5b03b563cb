"""What the columns of a file can mean: the kinds of rows, and for each the targets of a mapping.

A target says what its cells are (`Cell`), so that a mapping asks for a column's unit, date
spelling, meanings or scale only where there is one.
"""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from ccm.imports.facts.columns import LISTS
from ccm.imports.mapping.meanings import Cell, Target
from ccm.models import AgentState, Channel, Direction, Outcome

State = AgentState.State


class Rows(StrEnum):
    """What a row of a file tells of."""

    CALLS = "calls"
    ANSWERS = "answers"
    STATES = "states"
    TOTALS = "totals"
    PEOPLE = "people"
    TEAMS = "teams"
    QUEUES = "queues"
    COSTS = "costs"
    TARGETS = "targets"
    HEADCOUNT = "headcount"
    SALES = "sales"
    LEAVE = "leave"
    PAID = "paid"

    @property
    def is_list(self) -> bool:
        """Whether it is no log: days at most, no times, and facts instead of records."""
        return self.value in LISTS


ROWS = {
    Rows.CALLS: _("One row a call"),
    Rows.ANSWERS: _("One row an answer to a survey"),
    Rows.STATES: _("One row a spell of an agent in a state"),
    Rows.TOTALS: _("One row the totals of a day or an interval"),
    **{Rows(name): one.words for name, one in LISTS.items()},
}

KEEP, DROP = "keep", "drop"
# Rows whose cell has this meaning are left out.
LEFT_OUT = "left_out"


_OUTCOMES = {
    one.value: one.label for one in Outcome if one not in (Outcome.IN_PROGRESS,)
} | {LEFT_OUT: _("Leave such rows out")}  # fmt: skip
_DIRECTIONS = {one.value: one.label for one in Direction}
_CHANNELS = {one.value: one.label for one in Channel} | {LEFT_OUT: _("Leave such rows out")}
_YES_NO = {"yes": _("Yes"), "no": _("No")}

_STATES_OF_AGENTS = {one.value: one.label for one in State} | {LEFT_OUT: _("Leave such rows out")}
# What systems call them; who is logged out is in no state, for the session has ended.
WORDS_OF_STATES: dict[str, tuple[str, ...]] = {
    State.LOGGED_IN: ("logged in", "login", "signed in", "session", "connecte", "angemeldet"),
    State.AVAILABLE: (
        "ready", "idle", "waiting", "disponible", "libre", "bereit", "disponibile", "disponivel",
        "beschikbaar",
    ),
    State.RINGING: ("alerting",),
    State.ON_CALL: ("on call", "in call", "busy", "talk", "talking"),
    State.HOLD: ("on hold", "holding"),
    State.ACW: (
        "wrap-up", "wrap up", "wrapup", "after-call work", "after call work", "after work",
        "nachbearbeitung",
    ),
    State.PAUSED: (
        "pause", "break", "away", "not ready", "lunch", "training", "meeting", "pausa", "pauza",
        "pauze", "mittag",
    ),
    LEFT_OUT: ("offline", "logout", "logged out", "signed out"),
}  # fmt: skip

_AGENT = Target("agent", _("Agent"), Cell.WORDS)
_QUEUE = Target("queue", _("Queue"), Cell.WORDS)
_DAY = Target("date", _("Date"), Cell.DATE)
_TIME = Target("time", _("Time of day"), Cell.CLOCK)
_WHEN = Target("moment", _("Date and time"), Cell.MOMENT)
_SCORES = (
    Target("csat", _("Satisfaction (CSAT)"), Cell.SCORE),
    Target("nps", _("Recommendation (NPS)"), Cell.SCORE),
    Target("ces", _("Effort (CES)"), Cell.SCORE),
    Target("fcr", _("Solved at first contact, said the caller"), Cell.YES_NO, _YES_NO),
    Target("comment", _("Comment"), Cell.WORDS),
)
SURVEY_KINDS = ("csat", "nps", "ces", "fcr")
_KINDS = {
    "csat": _("Satisfaction (CSAT)"),
    "nps": _("Recommendation (NPS)"),
    "ces": _("Effort (CES)"),
    "fcr": _("Solved at first contact (FCR)"),
    LEFT_OUT: _("Leave such rows out"),
}

_CALLS = (
    Target("external_id", _("Call id"), Cell.WORDS),
    Target(
        "linked_id",
        _("Key that joins rows of one contact"),
        Cell.WORDS,
        help=_("Rows with the same key are visits of one caller, as after a transfer."),
    ),
    _WHEN,
    _DAY,
    _TIME,
    Target(
        "queued_at",
        _("Entered the queue at"),
        Cell.MOMENT,
        help=_("Where a call begins before it, in a menu."),
    ),
    Target("rang_at", _("Began to ring at"), Cell.MOMENT),
    Target("answered_at", _("Answered at"), Cell.MOMENT),
    Target("ended_at", _("Ended at"), Cell.MOMENT),
    _QUEUE,
    _AGENT,
    Target("caller", _("Caller's number"), Cell.WORDS, help=_("Kept as a hash and masked.")),
    Target(
        "caller_email",
        _("Caller's mail address"),
        Cell.WORDS,
        help=_("For a survey by mail alone: enciphered, and gone once it was sent."),
    ),
    Target(
        "account",
        _("Customer's account"),
        Cell.WORDS,
        help=_("Kept as it is: links to other systems can name it."),
    ),
    Target("topic", _("Topic"), Cell.WORDS),
    Target("disposition", _("Disposition"), Cell.WORDS),
    Target("outcome", _("What became of it"), Cell.CHOICE, _OUTCOMES),
    Target("answered", _("Answered?"), Cell.YES_NO, _YES_NO),
    Target("direction", _("Direction"), Cell.CHOICE, _DIRECTIONS),
    Target("channel", _("Channel"), Cell.CHOICE, _CHANNELS),
    Target("wait", _("Wait"), Cell.DURATION),
    Target("ivr", _("Time in the menu"), Cell.DURATION),
    Target("ring", _("Ringing"), Cell.DURATION),
    Target("talk", _("Talk"), Cell.DURATION),
    Target("hold", _("Hold"), Cell.DURATION),
    Target("acw", _("After-call work"), Cell.DURATION),
    Target("duration", _("Whole call, wait included"), Cell.DURATION),
    Target("resolved", _("Resolved?"), Cell.YES_NO, _YES_NO),
    Target("resolvable", _("Could be resolved?"), Cell.YES_NO, _YES_NO),
    Target("transfer_target", _("Transferred to"), Cell.WORDS),
    Target("consent", _("Agreed to be recorded?"), Cell.YES_NO, _YES_NO),
    Target("recording", _("Recording"), Cell.WORDS),
    Target("transcript", _("Transcript"), Cell.WORDS),
    Target("sale_value", _("Sale"), Cell.NUMBER),
    Target("pipeline_value", _("Pipeline value"), Cell.NUMBER),
    *_SCORES,
    Target("zone", _("Time zone of the row"), Cell.WORDS),
)
_ANSWERS = (
    Target("external_id", _("Answer's id"), Cell.WORDS),
    Target("call_ref", _("Id of the call"), Cell.WORDS),
    _WHEN,
    _DAY,
    _TIME,
    _QUEUE,
    _AGENT,
    *_SCORES,
    Target("kind", _("What was asked"), Cell.CHOICE, _KINDS),
    Target("score", _("Answer"), Cell.SCORE, help=_("Of the question that its row names.")),
    Target("scale", _("Scale of the answer"), Cell.WORDS, help=_("Such as 1-5 or 0-10.")),
)
_STATES = (
    _AGENT,
    Target("state", _("State"), Cell.CHOICE, _STATES_OF_AGENTS),
    Target("reason", _("Reason"), Cell.WORDS),
    _WHEN,
    _DAY,
    _TIME,
    Target("ended_at", _("Ended at"), Cell.MOMENT),
    Target("duration", _("How long"), Cell.DURATION),
)
_TOTALS = (
    _WHEN,
    _DAY,
    _TIME,
    _QUEUE,
    _AGENT,
    Target("offered", _("Offered"), Cell.COUNT),
    Target("answered_count", _("Answered"), Cell.COUNT),
    Target("abandoned_count", _("Abandoned"), Cell.COUNT),
    Target("wait_mean", _("Mean wait of the answered (ASA)"), Cell.DURATION),
    Target("talk_mean", _("Mean talk"), Cell.DURATION),
    Target("handle_mean", _("Mean handle time (AHT)"), Cell.DURATION),
    Target("service_level", _("Service level"), Cell.PERCENT),
)

TARGETS: dict[Rows, dict[str, Target]] = {
    Rows.CALLS: {one.name: one for one in _CALLS},
    Rows.ANSWERS: {one.name: one for one in _ANSWERS},
    Rows.STATES: {one.name: one for one in _STATES},
    Rows.TOTALS: {one.name: one for one in _TOTALS},
    **{Rows(name): dict(one.targets) for name, one in LISTS.items()},
}
