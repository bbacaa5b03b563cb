"""Rows that tell of spells of agents in states."""

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.cells import columns
from ccm.imports.mapping.cellwise import Read, span
from ccm.imports.records import CALLS, STATES, Chunk, whole


def chunk(read: Read) -> Chunk:
    """The spells of a stretch of rows, a row each."""
    when = read.when()
    agent = read.words("agent", 160, required=True)
    state = read.choice("state", required=True)
    lasted = read.duration("duration")
    ends = read.later("ended_at", when)
    ends = columns.pick(
        ends.is_null() & lasted.is_not_null(),
        when.utc + span(lasted),
        ends,
    )
    ended = read.profile.column("ended_at") or read.profile.column("duration")
    if ended is not None:
        message = _("It ends before it starts.")
        read.cells.reject(ends < when.utc, ended.label, "order", message)
    frame = pl.DataFrame(
        {
            "line": read.cells.rows["line"],
            "lines": pl.repeat(1, read.cells.rows.height, eager=True),
            "agent": agent,
            "state": state,
            "reason": read.words("reason", 80),
            "starts_at": when.utc,
            "ends_at": ends,
            "extra": read.extra(),
        }
    ).filter(~read.cells.bad)
    made = columns.chunk(read.stretch, read.cells, pl.DataFrame(schema=CALLS))
    made.states = whole(frame, STATES)
    return made
