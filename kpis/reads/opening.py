"""Counts within opening hours, read from quarter hours.

A quarter hour counts where it begins within the hours of its queue (of a queue without, and of a
site's contacts: of the site; none at all: always open). So of hours that begin or end within a
quarter hour, that quarter counts whole or not at all: opening at 9:10 counts from 9:15, closing at
17:10 counts up to 17:15. What tells only its day is in no quarter hour.
"""

from collections.abc import Sequence
from typing import Any

from kpis.reads import reading
from kpis.reads.reading import By, Selection
from kpis.sums.counts import Counts


def within(clock: str, queue: str, site: str) -> str:
    """The condition that a moment on the site's clock is within opening hours, as SQL; the names
    are those of the moment, and of the relations of the queue (outer joined) and of the site."""
    hours = f"COALESCE(NULLIF({queue}.hours, '{{}}'), {site}.opening)"
    weekday = f"(extract(isodow FROM {clock}) - 1)::text"
    return (
        f"({hours} = '{{}}' OR EXISTS (SELECT FROM jsonb_array_elements({hours} -> {weekday}) AS"
        f" spell WHERE to_char({clock}, 'HH24:MI') >= spell->>0"
        f" AND to_char({clock}, 'HH24:MI') < spell->>1))"
    )


_CLOCK = "(i.start AT TIME ZONE s.zone)"
IS_OPEN = within(_CLOCK, "q", "s")
"""Whether the quarter hour of `i` counts, of its queue `q` and its site `s`."""
_OPEN = f"""(
    SELECT i.*, ({_CLOCK} - make_interval(hours => s.day_begins))::date AS day
    FROM kpis_intervalstat i JOIN ccm_site s ON s.id = i.site_id
    LEFT JOIN ccm_queue q ON q.id = i.queue_id
    WHERE {IS_OPEN}
) AS open"""


def open_cells(selection: Selection, keys: Sequence[By]) -> dict[tuple[Any, ...], Counts] | None:
    """Counts within opening hours, by several keys; None of agents and teams, who are counted by
    day alone, and of what only calls tell."""
    if selection.of_agents(*keys) or selection.of_calls(*keys):
        return None
    return reading.cells(selection, keys, quarter_hours=_OPEN)
