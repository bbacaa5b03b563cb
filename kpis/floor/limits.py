"""How long what may take on a floor, and what that makes of an agent. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ccm.live.now import Present, State

# Minutes. Each with its source in docs/live.md, "The floor"; where it is ours that says so.
DEFAULTS = {"pause": 15, "wrapup": 3, "call": 30, "work": 180, "callback": 240}
PAUSES = {"lunch": 60, "meal": 60}
BREAKS = ("break", "lunch", "pause", "meal")
# Whoever is gone for less has had no break.
AWAY = timedelta(minutes=5)

Session = tuple[datetime, datetime]
"""A login and its logout."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Minutes that a pause, a wrap-up, a call, work without a break and a call back may take;
    0: as long as it takes. `pauses` by a word of the reason; `breaks` are the words of breaks."""

    pause: int = DEFAULTS["pause"]
    wrapup: int = DEFAULTS["wrapup"]
    call: int = DEFAULTS["call"]
    work: int = DEFAULTS["work"]
    callback: int = DEFAULTS["callback"]
    pauses: Mapping[str, int] = field(default_factory=lambda: dict(PAUSES))
    breaks: Sequence[str] = BREAKS

    def is_break(self, reason: str) -> bool:
        """Whether a pause of this reason is a break, in whatever case it is written."""
        return any(word.casefold() in reason.casefold() for word in self.breaks)

    def of_pause(self, reason: str) -> int:
        """Minutes of a pause: of the longest word of `pauses` that its reason holds, else of any
        pause."""
        held = [word for word in self.pauses if word.casefold() in reason.casefold()]
        return self.pauses[max(held, key=len)] if held else self.pause

    def of(self, one: Present) -> int:
        """Minutes that the state of an agent may last; 0: as long as it takes."""
        if one.state == State.PAUSED:
            return self.of_pause(one.reason)
        if one.state == State.ACW:
            return self.wrapup
        return self.call if one.talks else 0


def over(one: Present, limits: Limits, now: datetime) -> timedelta | None:
    """By how much an agent is over the time of the state, from a second on; None: they are not."""
    minutes = limits.of(one)
    beyond = now - one.since - timedelta(minutes=minutes)
    return beyond if minutes and beyond >= timedelta(seconds=1) else None


def level(one: Present, limits: Limits, now: datetime) -> str:
    """How bad it is to be over the time: "bad" from twice the time on, for nobody meant that. A
    call takes as long as its caller needs."""
    twice = timedelta(minutes=2 * limits.of(one))
    return "bad" if now - one.since > twice and not one.talks else "warn"


def worked_since(
    one: Present, last_break: datetime | None, limits: Limits, sessions: Iterable[Session] = ()
) -> datetime | None:
    """Since when an agent is at work without a break: since the last one, else since they came, by
    the sessions before this one. None: they are on one now, or nothing tells when they came."""
    if one.here_since is None or (one.state == State.PAUSED and limits.is_break(one.reason)):
        return None
    here = came(one.here_since, sessions)
    return here if last_break is None else max(here, last_break)


def came(here_since: datetime, sessions: Iterable[Session]) -> datetime:
    """When whoever has been logged in since then came. A phone that began anew is no break: of
    sessions with less than `AWAY` between them the first counts."""
    since = here_since
    for begun, ended in sorted(sessions, key=lambda one: one[1], reverse=True):
        if since - ended < AWAY:
            since = min(since, begun)
    return since


def lacks_break(since: datetime | None, limits: Limits, now: datetime) -> bool:
    """Whether somebody at work since then has had no break for too long."""
    if since is None or not limits.work:
        return False
    return now - since > timedelta(minutes=limits.work)
