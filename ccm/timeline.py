"""The parts of one call in the order they happened, and where to draw them on a line of time.

Lengths are what the source wrote; stamps only say where a part lies. A part may be known by
its length alone (hold, which sources give as a sum), by its place alone, or be still going on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Call, Offer, Outcome, Precision

MENU, WAITING, RING, TALK, HOLD, WRAPUP = "menu", "waiting", "ring", "talk", "hold", "wrapup"
KIND_WORDS = {
    MENU: gettext_lazy("Menu"),
    WAITING: gettext_lazy("Waiting"),
    RING: gettext_lazy("Rang"),
    TALK: gettext_lazy("Talk"),
    HOLD: gettext_lazy("Hold"),
    WRAPUP: gettext_lazy("Wrap-up"),
}
# An open part older than this is one whose end no log has shown, not one that lasts.
LASTS_AT_MOST = timedelta(hours=12)
# How much of the picture a part without a known end takes, beyond what is known.
UNENDED_SHARE = 0.15
TICK_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800)
MOST_TICKS = 4
# The words of a tick stand to its right and need room there.
LAST_TICK_SHARE = 0.78
# Outcomes of calls that never waited in a queue.
NEVER_QUEUED = {Outcome.REFUSED, Outcome.BUSY, Outcome.LEFT_IVR}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a call. `seconds` None is not known; `starts_at` None: when is not known.

    `agent` is an id and `who` the name to show for it. `going_on` is a part without an end yet;
    `seconds` then says how long it lasts so far, or None where it is too old to be believed.
    `result` is how a ring ended.
    """

    kind: str
    starts_at: datetime | None
    seconds: float | None
    agent: int | None = None
    who: str = ""
    result: str = ""
    going_on: bool = False

    @property
    def words(self) -> str:
        """What it was; of a ring, how it ended."""
        return str(Offer.Result(self.result).label if self.result else KIND_WORDS[self.kind])

    @property
    def looks(self) -> str:
        """How it is drawn: a ring that was not answered looks unlike one that was."""
        return "missed" if self.kind == RING and self.result != Offer.Result.ANSWERED else self.kind

    @property
    def ends_at(self) -> datetime | None:
        if self.starts_at is None or self.seconds is None:
            return None
        return self.starts_at + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Bar:
    """A part as drawn: `left` and `width` in percent of the line."""

    part: Part
    left: float
    width: float


# A part, and from when to when it is drawn; no end: it is not known.
_Extent = tuple[Part, datetime, datetime | None]


@dataclass(slots=True)
class Lane:
    """What one party did: the caller, or an agent."""

    who: str
    bars: list[Bar] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment on the line, so many `seconds` after its start."""

    at: datetime
    left: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Picture:
    """Lanes over one line of time, the caller's first.

    `by_lengths`: only how long its parts took is known, not when they were, so that its ticks tell
    the time since its start.
    """

    starts_at: datetime
    ends_at: datetime
    lanes: list[Lane]
    ticks: list[Tick]
    by_lengths: bool = False

    @property
    def key(self) -> list[tuple[str, str | Promise]]:
        """What the looks in the picture mean, those that are in it."""
        there = {bar.part.looks for lane in self.lanes for bar in lane.bars}
        meanings: dict[str, str | Promise] = {
            MENU: KIND_WORDS[MENU],
            WAITING: KIND_WORDS[WAITING],
            "missed": _("Ring, not answered"),
            RING: _("Ring, answered"),
            TALK: _("Talk and hold"),
            WRAPUP: KIND_WORDS[WRAPUP],
        }
        return [(looks, words) for looks, words in meanings.items() if looks in there]


def parts(
    call: Call, rings: Iterable[Offer], names: Mapping[int, str], now: datetime
) -> list[Part]:
    """The call's parts; `rings` are its offers in order of time.

    `names` are those of the agents that the reader may know about; the rest stay unnamed.
    """
    found = []
    if call.ivr_ms is not None:
        start = call.offered_at - timedelta(milliseconds=call.ivr_ms)
        found.append(Part(MENU, start, _seconds(call.ivr_ms)))
    if call.outcome not in NEVER_QUEUED:
        waited_until = call.answered_at or call.ended_at
        found.append(_open_or_not(WAITING, call.offered_at, waited_until, call.wait_ms, now))
    for ring in rings:
        who = _name(ring.agent_id, names)
        seconds = _seconds(ring.ring_ms)
        found.append(Part(RING, ring.starts_at, seconds, ring.agent_id, who, ring.outcome))
    if call.answered_at is not None:
        agent, who = call.agent_id, _name(call.agent_id, names)
        talk = _open_or_not(TALK, call.answered_at, call.ended_at, call.talk_ms, now)
        found.append(replace(talk, agent=agent, who=who))
        found.append(Part(HOLD, None, _seconds(call.hold_ms), agent, who))
        found.append(Part(WRAPUP, call.ended_at, _wrapup_seconds(call), agent, who))
    return found


def _name(agent: int | None, names: Mapping[int, str]) -> str:
    return "" if agent is None else names.get(agent, _("another agent"))


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _open_or_not(
    kind: str, start: datetime, end: datetime | None, milliseconds: int | None, now: datetime
) -> Part:
    """A part that lasts until `end`, or now where there is none yet and it can still last."""
    if end is not None or milliseconds is not None:
        return Part(kind, start, _seconds(milliseconds))
    lasting = now - start
    believed = timedelta(0) <= lasting <= LASTS_AT_MOST
    return Part(kind, start, lasting.total_seconds() if believed else None, going_on=True)


def _wrapup_seconds(call: Call) -> float | None:
    if call.acw_ms is None and call.ended_at and call.wrapup_ended_at:
        return (call.wrapup_ended_at - call.ended_at).total_seconds()
    return _seconds(call.acw_ms)


def picture(call: Call, of_call: list[Part]) -> Picture | None:
    """Where to draw the parts; None where nothing takes any time that is known."""
    by_lengths = call.time_precision in (Precision.MINUTE, Precision.DAY)
    drawn: list[_Extent] = list(_in_a_row(call, of_call) if by_lengths else _placed(call, of_call))
    if not drawn:
        return None
    starts_at = min(start for _part, start, _end in drawn)
    latest = max(end or start for _part, start, end in drawn)
    length = (latest - starts_at).total_seconds()
    if any(end is None for _part, _start, end in drawn):
        length = max(length * (1 + UNENDED_SHARE), 10.0)
    if length <= 0:
        return None
    ends_at = starts_at + timedelta(seconds=length)
    lanes: dict[int | None, Lane] = {None: Lane(_("Caller"))}
    for part, start, end in drawn:
        left = (start - starts_at).total_seconds() / length * 100
        width = ((end or ends_at) - start).total_seconds() / length * 100
        bar = Bar(part, round(left, 3), round(width, 3))
        if part.kind in (MENU, WAITING, TALK):
            lanes[None].bars.append(bar)
        if part.agent is not None:
            lanes.setdefault(part.agent, Lane(part.who)).bars.append(bar)
    ticks = _ticks(starts_at, length, from_start=by_lengths)
    return Picture(starts_at, ends_at, list(lanes.values()), ticks, by_lengths)


def _placed(call: Call, of_call: Iterable[Part]) -> Iterator[_Extent]:
    """The parts where their stamps place them."""
    for part in of_call:
        start, end = _extent(call, part)
        if start is not None:
            yield part, start, end


def _in_a_row(call: Call, of_call: Iterable[Part]) -> Iterator[_Extent]:
    """The parts of a call whose moments are too coarse to place them, one behind another by their
    lengths, as far as these are known. Talk is drawn with hold; when it rang is not known."""
    at = call.offered_at
    hold = timedelta(milliseconds=call.hold_ms or 0)
    for part in of_call:
        if part.kind in (RING, HOLD):
            continue
        if part.seconds is None or part.going_on:
            return
        length = timedelta(seconds=part.seconds) + (hold if part.kind == TALK else timedelta(0))
        start = at - length if part.kind == MENU else at
        at = start + length
        yield part, start, at


def _extent(call: Call, part: Part) -> tuple[datetime | None, datetime | None]:
    """From when to when a part is drawn; no end: it is not known.

    Waiting and talk are drawn by their stamps, so that they meet even where the lengths a
    source wrote differ by a second. Nothing is drawn of what has no place or no length.
    """
    if part.kind == WAITING:
        return part.starts_at, call.answered_at or call.ended_at or part.ends_at
    if part.kind == TALK:
        return part.starts_at, call.ended_at or part.ends_at
    if part.seconds is None:
        return None, None
    return part.starts_at, part.ends_at


def _ticks(starts_at: datetime, length: float, *, from_start: bool) -> list[Tick]:
    """A few moments of the line: round ones, or so round a time from its start."""
    step = next((one for one in TICK_SECONDS if length / one <= MOST_TICKS), TICK_SECONDS[-1])
    first = 0.0 if from_start else -(starts_at.timestamp() % step) % step
    count = int((length * LAST_TICK_SHARE - first) // step) + 1
    return [
        Tick(
            starts_at + timedelta(seconds=first + number * step),
            round((first + number * step) / length * 100, 3),
            first + number * step,
        )
        for number in range(max(0, count))
    ]
