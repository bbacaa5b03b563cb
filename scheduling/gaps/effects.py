"""What came of what was done about a day: the service level of its hours, beside what was predicted
without it and with it. It proves nothing: calls come as they come, and nobody knows what would have
been."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from ccm.intervals import Span
from ccm.models import Queue
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.figures import figure
from kpis.freshness import Reach
from kpis.reads import reading
from kpis.reads.reading import Selection
from kpis.sums.counts import Counts
from scheduling.models import IntradayAction


@dataclass(frozen=True, slots=True)
class Came:
    """Of an action's relieved hours: whether they are over and counted, and the service level that
    came, None where they are not or no call tells."""

    action: IntradayAction
    is_over: bool
    level: float | None
    calls: int


def came(
    actions: Sequence[IntradayAction], queues: Iterable[Queue], known: Reach, choices: Choices
) -> list[Came]:
    """What came of each of a day's, by the service level that the first of its queues is measured
    by; of several queues of all their calls. One query; none where no hour of them is over."""
    there = {queue.pk: queue for queue in queues}
    over = {
        one.pk
        for one in actions
        if known.until is not None and one.relieves_to <= known.until and one.queues[0] in there
    }
    counted = _counted([one for one in actions if one.pk in over], there)
    return [
        Came(one, True, *_level(one, counted, there, choices))
        if one.pk in over
        else Came(one, False, None, 0)
        for one in actions
    ]


Counted = Mapping[tuple[datetime, int], Counts]
"""By quarter hours and queues."""


def _counted(actions: Sequence[IntradayAction], queues: Mapping[int, Queue]) -> Counted:
    if not actions:
        return {}
    site, day = queues[actions[0].queues[0]].site, actions[0].day
    asked = Selection(
        sites=[site.pk],
        first=day,
        last=day,
        calendars={site.calendar: [site.pk]},
        queues=sorted({pk for one in actions for pk in one.queues}),
    )
    found: Any = reading.cells(asked, ("interval", "queue"))
    return cast(Counted, found)


def _level(
    action: IntradayAction, counted: Counted, queues: Mapping[int, Queue], choices: Choices
) -> tuple[float | None, int]:
    span = Span(action.relieves_from, action.relieves_to)
    mine = {*action.queues}
    counts = sum((one for (at, pk), one in counted.items() if at in span and pk in mine), Counts())
    first = queues[action.queues[0]]
    told = figure(counts, KPIS["service_level"], None, choices, first.site_id, first.pk)
    return told.value, told.n
