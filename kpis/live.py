"""What is going on at this moment, as figures: how each is defined, and callers in line.

They are of the floor (`ccm.live.now`) and not of counts: no day has them, so no report, no target
and no interval. Beside them stand KPIs of the last minutes (`LATELY`), which are of counts.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from ccm.live.now import Floor
from kpis.declaration import Direction, Unit
from kpis.standing import Level

if TYPE_CHECKING:
    from kpis.measures import Words


@dataclass(frozen=True, slots=True)
class LiveFigure:
    """How a figure of this moment is defined. `listed_by` is the KPI whose passport lists the calls
    behind it; "": none does."""

    id: str
    name: "Words"
    unit: Unit
    direction: Direction
    words: "Words"
    formula: str
    unknown: "Words"
    listed_by: str = ""


_NO_END = _(
    "A call that nothing tells the end of is not waiting any more once it is older than the longest"
    " call there is; it stays in “still waiting” of its day."
)
_NO_STATE = _(
    "Of who logged in more than a day ago, or talks without a login, nothing tells whether they are"
    " there: they are not counted as free."
)
LIVE: Mapping[str, LiveFigure] = {
    one.id: one
    for one in (
        LiveFigure(
            "waiting",
            _("Waiting now"),
            "count",
            "down",
            _("Visits in the queue that nobody answered or left yet"),
            "in_progress at this moment",
            _NO_END,
            "in_progress",
        ),
        LiveFigure(
            "longest_waiting",
            _("Longest waiting now"),
            "seconds",
            "down",
            _("How long the first of those in line has waited; of nobody there is none"),
            "now - min(entered of in_progress)",
            _NO_END,
            "in_progress",
        ),
        LiveFigure(
            "available",
            _("Available now"),
            "count",
            "none",
            _("Agents who are logged in and neither on a call, paused nor wrapping up"),
            "logged_in - talking - paused - wrapping_up",
            _NO_STATE,
        ),
        LiveFigure(
            "on_calls",
            _("On calls now"),
            "count",
            "none",
            _("Agents on a call that was answered and has not ended"),
            "agents of answered calls without an end",
            _NO_END,
        ),
        LiveFigure(
            "callbacks_due",
            _("Callbacks due"),
            "count",
            "down",
            _("Call backs that nobody made yet and that are due within the hour or overdue"),
            "open call backs with due <= now + 1 h",
            _("Due is what was promised in a note, else the time that the site gives."),
        ),
    )
}

LATELY: Mapping[int, "Words"] = {
    15: _("Last 15 minutes"),
    30: _("Last 30 minutes"),
    60: _("Last 60 minutes"),
}
"""Windows that end now, by their minutes, the shortest first; `kpis.reads.lately` counts them."""


@dataclass(frozen=True, slots=True)
class InLine:
    """Callers who wait in some queues together: how many, how long the first of them, in seconds,
    and in which queue. Nobody waits: None."""

    calls: int = 0
    longest: float | None = None
    queue: int | None = None


def in_line(floor: Floor, queues: Collection[int], now: datetime) -> InLine:
    """Those who wait in any of the queues."""
    since = {
        queue: (there.since, there.calls)
        for queue, there in floor.waiting.items()
        if queue in queues and there.since is not None
    }
    if not since:
        return InLine()
    first = min(since, key=lambda queue: since[queue])
    longest = max(0.0, (now - since[first][0]).total_seconds())
    return InLine(sum(calls for _since, calls in since.values()), longest, first)


WAIT_WORDS: Mapping[str, "Words"] = {
    "none": _("nobody waits"),
    "ok": _("in time"),
    "warn": _("caution"),
    "bad": _("act now"),
}


def level(longest: float | None, threshold_seconds: int) -> Level:
    """How a longest wait stands: "warn" once it is past the threshold of service level, "bad" at
    three times as long."""
    if longest is None:
        return "none"
    if longest > 3 * threshold_seconds:
        return "bad"
    return "warn" if longest > threshold_seconds else "ok"
