"""Boards to start from: for each of several kinds of centre, the tiles that such a wall has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from kpis.walls.layout import Layout, Tile

if TYPE_CHECKING:
    from kpis.measures import Words


@dataclass(frozen=True, slots=True)
class Start:
    """What a new board begins as."""

    id: str
    name: "Words"
    words: "Words"
    tiles: tuple[Mapping[str, Any], ...]
    columns: int = 4

    def layout(self) -> Layout:
        """Its tiles, each with an id: that of its KPI where only it shows that."""
        found = Layout()
        for said in self.tiles:
            wanted = str(said.get("kpi") or said["kind"])
            tile = wanted if found.get(wanted) is None else found.new_id()
            found = found.with_tile(Tile(id=tile, **said))
        return found


def _figure(kpi: str, **said: Any) -> Mapping[str, Any]:
    return {"kind": "figure", "kpi": kpi, **said}


_STANDARD = tuple(
    map(
        _figure,
        (
            "service_level", "waiting", "longest_waiting", "abandon_rate", "available", "on_calls",
            "answered", "csat",
        ),
    )
)  # fmt: skip
STARTS: Mapping[str, Start] = {
    one.id: one
    for one in (
        Start(
            "standard",
            _("Eight figures"),
            _("What a floor is run by, as large as a screen allows."),
            _STANDARD,
        ),
        Start(
            "support",
            _("Inbound support"),
            _("Who waits and where, and what callers think of the answer."),
            (
                _figure("waiting"),
                _figure("longest_waiting"),
                _figure("service_level"),
                _figure("available"),
                {"kind": "queues", "width": 2},
                _figure("abandon_rate"),
                _figure("csat"),
                {"kind": "usual", "width": 2},
                {"kind": "agents", "width": 2},
            ),
        ),
        Start(
            "sales",
            _("Outbound sales"),
            _("What dials come to, who is to be called back, and who can dial now."),
            (
                _figure("conversations"),
                _figure("connect_rate"),
                _figure("connect_rate", window="week"),
                _figure("callbacks_due"),
                _figure("available"),
                _figure("on_calls"),
                {"kind": "trend", "kpi": "conversations", "width": 2},
            ),
        ),
        Start(
            "blended",
            _("Blended"),
            _("Calls in and out by the same people."),
            (
                _figure("waiting"),
                _figure("service_level"),
                _figure("available"),
                _figure("on_calls"),
                _figure("answered"),
                _figure("dials"),
                {"kind": "usual", "width": 2},
            ),
        ),
        Start(
            "executive",
            _("Executive"),
            _("How the month goes, and how today goes in it."),
            (
                _figure("service_level", window="month"),
                _figure("abandon_rate", window="month"),
                _figure("csat", window="month"),
                _figure("fcr", window="month"),
                {"kind": "heatmap", "kpi": "service_level", "width": 2},
                {"kind": "usual", "width": 2},
            ),
        ),
        Start(
            "quality",
            _("Quality"),
            _("What callers say, and whether they have to call again."),
            (
                _figure("csat"),
                _figure("fcr", window="week"),
                _figure("transfer_rate"),
                _figure("aht"),
                {"kind": "praise", "width": 2},
                {"kind": "reasons", "width": 2},
            ),
        ),
    )
}
STANDARD: list[dict[str, Any]] = STARTS["standard"].layout().kept()
"""The tiles of a new site's board."""
