"""What a line of the books is of: a column that was summed, or a cell of a quarter hour.

`Line.what` names it for programs, `words_of` says it to people. A column is named as its counts are
("talk_ms"), waits by length "hist.CLASS.TRANSFERRED.BIN", surveys "surveys.KIND.LOW.HIGH.PART" and
"asked.KIND.PART". A cell has its moment behind it, and whose it is where that is no queue's calls
in: "talk_ms 02:15+01:00 outbound".
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.models import Channel, Direction
from ccm.models import SurveyResponse as Response
from kpis.models import Unit
from kpis.sums.counts import ACW, HOLD, TALK

if TYPE_CHECKING:
    from kpis.measures import Words

COLUMNS: Mapping[str, "Words"] = {
    "offered": _("offered"),
    "answered": _("answered"),
    "abandoned": _("abandoned"),
    "timed_out": _("timed out"),
    "key_exit": _("left by a key"),
    "callback_requested": _("asked for a call back"),
    "other": _("other exits"),
    "in_progress": _("still waiting"),
    "refused": _("refused"),
    "busy": _("busy"),
    "left_ivr": _("left in the menu"),
    "missed": _("left while it rang"),
    "called_back": _("called back"),
    "answered_wait": _("waits of the answered"),
    "abandoned_wait": _("waits of the abandoned"),
    "lost_wait": _("waits of timed out and other exits"),
    "callback_wait": _("waits until a call back was asked for"),
    "before_ring": _("waits before the ring that was answered"),
    "talk": _("talk"),
    "hold": _("hold"),
    "acw": _("after-call work"),
    "ring_no_answer": _("rings without an answer"),
    "unreachable": _("rings at who could not be reached"),
    "declined": _("rings declined"),
    "cancelled": _("rings cancelled"),
    "offers_answered": _("rings answered"),
    "transferred_out": _("transferred"),
    "transferred_blind": _("transferred blind"),
    "transferred_attended": _("transferred attended"),
    "noted": _("with a note"),
    "escalated": _("escalated"),
    "resolved": _("resolved"),
    "resolved_known": _("known whether resolved"),
    "resolvable_known": _("known whether it could be resolved"),
    "handling": _("handling"),
    "ringing": _("ringing"),
    "paused": _("paused"),
    "ready": _("ready"),
    "untold": _("told by calls alone"),
    "several_agents": _("answered by several agents"),
    "max_wait_ms": _("longest wait"),
    "max_answered_wait_ms": _("longest wait of the answered"),
    "hist_n": _("waits by their length, how many"),
    "hist_codes": _("waits by their length"),
    "hist": _("waits by their length"),
    "surveys": _("answers to surveys"),
    "asked": _("whom surveys asked"),
}
"""What lines are of by the column that was summed, without its ending: milliseconds or how many."""
_ENDINGS: Mapping[str, "Words"] = {
    "_ms": _("%(what)s, time"),
    "_n": _("%(what)s, how many are known"),
}
_PARTS: Mapping[int, "Words"] = {TALK: _("talk"), HOLD: _("hold"), ACW: _("after-call work")}
_HANDLING: Mapping[str, "Words"] = {
    "ms": _("handling of which is known: %(parts)s; time"),
    "n": _("handling of which is known: %(parts)s; how many"),
}
# By the class of a code in `kpis.sums.histogram`.
_WAITS: Mapping[str, "Words"] = {
    "0": _("waits of the answered"),
    "1": _("waits of the abandoned"),
    "2": _("waits of timed out and other exits"),
    "3": _("waits until a call back was asked for"),
    "4": _("waits of who left while it rang"),
    "5": _("waits until the call back"),
    "6": _("talk"),
    "7": _("unknown waits of the answered"),
    "8": _("unknown waits of the abandoned"),
    "9": _("unknown waits of timed out and other exits"),
    "10": _("unknown waits until a call back was asked for"),
    "11": _("unknown waits of who left while it rang"),
}
_UNKNOWN_FROM = 7
_SURVEYS: Mapping[str, "Words"] = {
    "n": _("answers to surveys"),
    "total": _("scores of surveys"),
    "top": _("good answers to surveys"),
    "bottom": _("bad answers to surveys"),
    "told": _("answered, with an answer to a survey"),
    "invited": _("sent a link to a survey"),
    "invited_told": _("sent a link to a survey, with an answer"),
}
# A cell of no queue is the site's, in contacts, or of calls on no queue.
_CONTACTS, _NO_QUEUE, _MORE = "contacts", "no_queue", "more"
_WHOSE: Mapping[str, "Words"] = {
    _CONTACTS: _("contacts"),
    _NO_QUEUE: _("calls on no queue"),
    _MORE: _("how many more differ"),
    **{one.value: one.label for one in Direction},
    **{one.value: one.label for one in Channel},
}
_MOMENT = re.compile(r"(\d\d:\d\d)([+-][\d:]+)")


def of_cell(
    column: str, moment: datetime, unit: str, queue: int | None, channel: str, direction: str
) -> str:
    """What a line is of that tells of a cell of a quarter hour, by the clock of `moment`."""
    clock, offset = moment.strftime("%H:%M"), moment.isoformat()[-6:]
    whose = _CONTACTS if unit == Unit.CONTACT else _NO_QUEUE if queue is None else ""
    usual = (Direction.INBOUND, Channel.VOICE)
    beside = [one for one in (direction, channel) if one not in usual]
    return " ".join(one for one in (column, f"{clock}{offset}", whose, *beside) if one)


def of_others(column: str) -> str:
    """What a line is of that tells how many more cells of a column differ."""
    return f"{column} {_MORE}"


def is_time(what: str) -> bool:
    """Whether what a line is of is told in milliseconds."""
    column, *rest = what.split()
    return column.endswith("_ms") and (not rest or _MOMENT.fullmatch(rest[0]) is not None)


def words_of(what: str) -> str:
    """What a line is of, for people. Of what is no column it is as it stands."""
    column, *rest = what.split(" ")
    told = _column_words(column)
    if told is None:
        return what
    return ", ".join((told, *map(_rest_words, rest)))


def _rest_words(one: str) -> str:
    if moment := _MOMENT.fullmatch(one):
        return " ".join(moment.groups())
    return str(_WHOSE.get(one, one))


def _column_words(column: str) -> str | None:
    """A column in words; None: it is none."""
    if column in COLUMNS:
        return str(COLUMNS[column])
    if column.startswith("handle_"):
        _handle, place, ending = column.split("_")
        known = [str(words) for part, words in _PARTS.items() if int(place) - 1 & part]
        return str(_HANDLING[ending]) % {"parts": ", ".join(known) or gettext("nothing")}
    if column.startswith("hist."):
        return _wait_words(*column.split(".")[1:])
    if column.startswith(("surveys.", "asked.")):
        _surveys, kind, *scale, part = column.split(".")
        named = str(dict(Response.Kind.choices).get(kind, kind))
        return f"{_SURVEYS[part]} ({' '.join((named, *['–'.join(scale)][: len(scale)]))})"
    for ending, words in _ENDINGS.items():
        if (shorter := column.removesuffix(ending)) != column and shorter in COLUMNS:
            return str(words) % {"what": COLUMNS[shorter]}
    return None


def _wait_words(kind: str, transferred: str, bin_: str) -> str:
    """Waits of a length: a bin of even number is of whole seconds, others lie between two."""
    told = [str(_WAITS.get(kind, kind))]
    seconds, between = divmod(int(bin_), 2)
    if not kind.isdigit() or int(kind) < _UNKNOWN_FROM:
        length = gettext("between %(from)s and %(to)s s") if between else gettext("%(from)s s")
        told.append(length % {"from": seconds, "to": seconds + 1})
    if transferred == "1":
        told.append(gettext("transferred to the queue"))
    return ", ".join(told)
