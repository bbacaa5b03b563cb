"""Rows of a file beside what a mapping makes of them: the first, the odd, the failing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.utils.translation import gettext as _

from ccm.addresses import HIDDEN, hidden
from ccm.callers import caller_masked
from ccm.imports.facts import words as lists
from ccm.imports.files.rows import REST
from ccm.imports.mapping.profile import Profile
from ccm.imports.mapping.targets import Rows
from ccm.imports.records import IGNORED, REJECTED, Chunk
from ccm.masking import masked
from ccm.models import Channel, Direction, Outcome
from ccm.templatetags.figures import yes_no

FIRST, ODD, FAILING = 4, 6, 8
MAIL = "caller_email"


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its line, why it is shown, its cells as they are but for callers' mail addresses, and
    what is understood of it (pairs of name and value) or why nothing is."""

    line: int
    why: str
    level: str
    raw: list[str]
    understood: list[tuple[str, str]]
    reasons: list[str]


def preview(profile: Profile, frame: pl.DataFrame, chunk: Chunk, zone: ZoneInfo) -> list[Row]:
    """The rows worth a look, in the order of the file within each kind."""
    told = _told(profile, chunk, zone)
    wrong: dict[int, list[str]] = {}
    unlike: dict[tuple[str, str], int] = {}
    uncut: dict[int, str] = {}
    ignored: dict[int, str] = {}
    noted: dict[int, str] = {}
    for one in chunk.issues:
        words = f"{one.column}: {one.message}" if one.column else one.message
        if one.fate == REJECTED:
            wrong.setdefault(one.line, []).append(words)
            unlike.setdefault((one.rule, one.column), one.line)
            uncut.setdefault(one.line, one.value)
        elif one.fate == IGNORED:
            ignored[one.line] = words
        else:
            noted[one.line] = words
    frame = frame.drop(REST, strict=False)
    rows = {line: cells for line, *cells in frame.iter_rows()}
    mails = _mails(profile, frame)
    shown: dict[int, Row] = {}

    def show(line: int, why: str, level: str, reasons: list[str]) -> None:
        if line in shown or (line not in rows and line not in uncut):
            return
        # A row of too few or too many cells is no row of the table, but a line as it is.
        raw = _raw(rows[line], mails) if line in rows else [uncut[line]]
        shown[line] = Row(line, why, level, raw, told.get(line, []), reasons)

    # Each kind of failure before a second one of any.
    for line in list(dict.fromkeys([*unlike.values(), *wrong]))[:FAILING]:
        show(line, _("rejected"), "bad", wrong[line])
    for line, words in list(ignored.items())[:2]:
        show(line, _("left out"), "warn", [words])
    for line, words in list(noted.items())[:ODD]:
        show(line, _("odd"), "warn", [words])
    fine = [line for line in rows if line not in wrong and line not in ignored][:FIRST]
    for line in fine:
        show(line, _("first rows"), "none", [])
    for line in _unusual(frame, chunk):
        show(line, _("unlike the others"), "none", [])
    order = {_("first rows"): 0, _("unlike the others"): 1, _("odd"): 2, _("left out"): 3}
    return sorted(shown.values(), key=lambda row: (order.get(row.why, 4), row.line))


def untold(profile: Profile, frame: pl.DataFrame) -> list[Row]:
    """The first rows as they are, while it is open how to read them."""
    first = frame.drop(REST, strict=False).head(FIRST + ODD)
    why, mails = _("first rows"), _mails(profile, first)
    return [
        Row(line, why, "none", _raw(cells, mails), [], []) for line, *cells in first.iter_rows()
    ]


def _mails(profile: Profile, frame: pl.DataFrame) -> set[int]:
    """The places of cells that are said to be callers' mail addresses."""
    labels = {one.label for one in profile.columns if one.target == MAIL}
    return {place for place, label in enumerate(frame.columns[1:]) if label in labels}


def _raw(cells: Sequence[object], mails: Collection[int]) -> list[str]:
    texts = ("" if cell is None else str(cell) for cell in cells)
    return [hidden(said, said) if place in mails else said for place, said in enumerate(texts)]


def _unusual(frame: pl.DataFrame, chunk: Chunk) -> Iterator[int]:
    """A row of each outcome, and the first that lacks a cell which most have."""
    if not chunk.calls.is_empty():
        yield from chunk.calls.group_by("outcome", maintain_order=True).agg(pl.col("line").first())[
            "line"
        ]
    for name in frame.columns[1:]:
        empty = frame[name].is_null()
        if 0 < empty.sum() < 0.1 * len(empty):
            yield int(frame["line"].filter(empty)[0])
            return


def _told(profile: Profile, chunk: Chunk, zone: ZoneInfo) -> dict[int, list[tuple[str, str]]]:
    """What each line came to mean, in words."""
    if profile.rows.is_list:
        return dict(lists.told(profile, chunk))
    frame = {
        Rows.CALLS: chunk.calls,
        Rows.ANSWERS: chunk.surveys,
        Rows.STATES: chunk.states,
        Rows.TOTALS: chunk.counts,
    }[profile.rows]
    say = {
        Rows.CALLS: _call, Rows.ANSWERS: _answer, Rows.STATES: _state, Rows.TOTALS: _total,
    }[profile.rows]  # fmt: skip
    answers: dict[int, list[tuple[str, str]]] = {}
    if profile.rows == Rows.CALLS:
        for one in chunk.surveys.iter_rows(named=True):
            said = answers.setdefault(one["call"], [])
            said.append((one["kind"].upper(), _score(one)))
            comment = (_("Comment"), masked(one["comment"] or ""))
            if comment[1] and comment not in said:
                said.append(comment)
    told: dict[int, list[tuple[str, str]]] = {}
    for place, one in enumerate(frame.iter_rows(named=True)):
        told.setdefault(one["line"], []).extend([*say(one, zone), *answers.get(place, [])])
    return told


def _call(call: dict[str, Any], zone: ZoneInfo) -> list[tuple[str, str]]:
    day = call["time_precision"] == "day"
    said = [
        (_("When"), _moment(call["offered_at"], zone, day)),
        (_("Queue"), call["queue"]),
        (_("Outcome"), str(Outcome(call["outcome"]).label)),
        (_("Agent"), call["agent"]),
        (_("Caller"), caller_masked(call["caller"]) if call["caller"] else ""),
        (_("Mail address"), HIDDEN if call["caller_email"] else ""),
        (_("Wait"), _length(call["wait_ms"])),
        (_("Menu"), _length(call["ivr_ms"])),
        (_("Talk"), _length(call["talk_ms"])),
        (_("Hold"), _length(call["hold_ms"])),
        (_("Wrap-up"), _length(call["acw_ms"])),
        (_("Ended"), _moment(call["ended_at"], zone, day)),
        (_("Topic"), call["topic"]),
        (_("Disposition"), call["disposition"]),
        (_("Resolved"), _flag(call["resolved"])),
        (_("Id"), call["external_id"]),
    ]
    if call["direction"] != "inbound":
        said.append((_("Direction"), str(Direction(call["direction"]).label)))
    if call["channel"] != "voice":
        said.append((_("Channel"), str(Channel(call["channel"]).label)))
    return [(name, value) for name, value in said if value]


def _answer(one: dict[str, Any], zone: ZoneInfo) -> list[tuple[str, str]]:
    said = [
        (one["kind"].upper(), _score(one)),
        (_("When"), _moment(one["answered_at"], zone, day=False)),
        (_("Queue"), one["queue"]),
        (_("Agent"), one["agent"]),
        (_("Call"), one["call_ref"]),
        (_("Comment"), masked(one["comment"] or "")),
    ]
    return [(name, value) for name, value in said if value]


def _state(one: dict[str, Any], zone: ZoneInfo) -> list[tuple[str, str]]:
    said = [
        (_("Agent"), one["agent"]),
        (_("State"), one["state"]),
        (_("Reason"), one["reason"]),
        (_("From"), _moment(one["starts_at"], zone, day=False)),
        (_("To"), _moment(one["ends_at"], zone, day=False)),
    ]
    return [(name, value) for name, value in said if value]


def _total(one: dict[str, Any], zone: ZoneInfo) -> list[tuple[str, str]]:
    counts = [
        (_("Offered"), one["offered"]),
        (_("Answered"), one["answered"]),
        (_("Abandoned"), one["abandoned"]),
        (_("In time"), one["answered_within"]),
    ]
    sums = [
        (_("Wait in all"), one["wait_ms"]),
        (_("Talk in all"), one["talk_ms"]),
        (_("Handled in all"), one["handle_ms"]),
    ]
    said = [
        (_("From"), _moment(one["starts_at"], zone, day=False)),
        (_("To"), _moment(one["ends_at"], zone, day=False)),
        (_("Queue"), one["queue"]),
        (_("Agent"), one["agent"]),
        *((name, f"{value:,}") for name, value in counts if value is not None),
        *((name, _length(value)) for name, value in sums),
    ]
    return [(name, value) for name, value in said if value]


def _score(one: dict[str, Any]) -> str:
    return _("%(score)g of %(low)d to %(high)d") % {
        "score": one["score"], "low": one["scale_min"], "high": one["scale_max"],
    }  # fmt: skip


def _moment(moment: datetime | None, zone: ZoneInfo, day: bool) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    shown = f"{local.day} {local:%b %Y}"
    return shown if day else f"{shown} {local:%H:%M:%S}"


def _length(ms: int | None) -> str:
    if ms is None:
        return ""
    seconds = ms // 1000
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02}"
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _flag(value: bool | None) -> str:
    return "" if value is None else yes_no(value)
