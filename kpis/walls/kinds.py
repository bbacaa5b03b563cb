"""What kinds of tiles there are, in the order in which they are offered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from kpis.measures import Words


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of tile: its words, which members of `layout.Tile` it is made by, how large it is to
    begin with, and whether it may name people."""

    id: str
    name: "Words"
    words: "Words"
    settings: tuple[str, ...] = ()
    width: int = 1
    height: int = 1
    names: bool = False


KINDS: Mapping[str, Kind] = {
    one.id: one
    for one in (
        Kind(
            "figure",
            _("Figure"),
            _("One big number: any KPI, or what is so at this moment."),
            ("kpi", "queue", "window", "caution", "critical", "back"),
        ),
        Kind(
            "queues",
            _("Queues"),
            _("A row a queue: who waits, how long, service level, answered and lost."),
            ("window",),
            width=2,
        ),
        Kind(
            "agents",
            _("Agents"),
            _("Who is doing what, and for how long."),
            ("queue",),
            width=2,
            names=True,
        ),
        Kind(
            "trend",
            _("Trend"),
            _("A KPI hour by hour today."),
            ("kpi", "queue", "target"),
            width=2,
        ),
        Kind(
            "usual",
            _("Today against usual"),
            _("Calls offered by the quarter hour, within the range that is usual."),
            ("queue",),
            width=2,
        ),
        Kind(
            "forecast",
            _("Today against forecast"),
            _("Calls offered by the quarter hour, against those that were forecast."),
            ("queue",),
            width=2,
        ),
        Kind(
            "staffing",
            _("Staffed against required"),
            _("Who is logged in, of the positions that this quarter hour takes, each queue alone."),
            ("queue",),
        ),
        Kind(
            "heatmap",
            _("Heatmap"),
            _("A KPI by weekday and hour over the last four weeks."),
            ("kpi", "queue"),
            width=2,
        ),
        Kind(
            "reasons",
            _("Top reasons"),
            _("What most calls of today are about."),
            ("queue",),
        ),
        Kind(
            "praise",
            _("Recognition"),
            _("The latest best answers of callers today."),
            ("queue",),
            names=True,
        ),
        Kind(
            "thanks",
            _("Thanks"),
            _("What colleagues were thanked for lately, of those who want it shown."),
            width=2,
            names=True,
        ),
        Kind(
            "message",
            _("Message"),
            _("What everybody is to know, for as long as you say."),
            ("text", "level", "until"),
            width=2,
        ),
        Kind("text", _("Text"), _("Words that stay: a number to call, a rule."), ("text",)),
        Kind("clock", _("Clock"), _("The time and the day, here or elsewhere."), ("zone",)),
    )
}
