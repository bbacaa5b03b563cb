"""The call log of an anonymous Israeli bank, published by the Technion (Guedj and Mandelbaum).

Tab-separated, one row a call: voice menu (vru), queue (q), service (ser), each with start,
exit and seconds. Durations are trusted and stamps fill what they do not tell. Dates are
yymmdd of 19yy, the day the menu was entered; a clock long before that one is of the next day.
0:00:00 is both "none" and midnight.
"""

import re
from zoneinfo import ZoneInfo

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.cells import columns
from ccm.imports.cells.columns import LONGEST_SECONDS, Cells
from ccm.imports.cells.tabled import TableFormat
from ccm.imports.files.tables import Layout, Rows, Table
from ccm.imports.records import Chunk, Reading

# A visit and its birth, which its id is made of, lie within a day whatever the zone.
LONGEST_MENU_SECONDS = 10 * 3600
_CLOCK = re.compile(r"\d{1,2}:\d\d:\d\d")
_NUMBER = re.compile(r"-?\d+")
LAYOUT = Layout(
    names={
        "line_id": ("vruline",),
        "call_id": ("callid",),
        "customer_id": ("customerid",),
        "priority": ("priority",),
        "type": ("type",),
        "date": ("date",),
        "vru_entry": ("vruentry",),
        "vru_exit": ("vruexit",),
        "vru_time": ("vrutime",),
        "q_start": ("qstart",),
        "q_exit": ("qexit",),
        "q_time": ("qtime",),
        "outcome": ("outcome",),
        "ser_start": ("serstart",),
        "ser_exit": ("serexit",),
        "ser_time": ("sertime",),
        "server": ("server",),
    },
    optional=frozenset({"customer_id", "priority"}),
    delimiters=("\t", ",", ";"),
    shapes={
        "date": re.compile(r"\d{6}"),
        "outcome": re.compile(r"AGENT|HANG|PHANTOM"),
        **dict.fromkeys(
            ["vru_entry", "vru_exit", "q_start", "q_exit", "ser_start", "ser_exit"], _CLOCK
        ),
        **dict.fromkeys(["vru_time", "q_time", "ser_time"], _NUMBER),
    },
)
OUTCOMES = {"agent": "agent", "hang": "hang", "phantom": "phantom"}
NO_SERVER = "NO_SERVER"
HOME = "Asia/Jerusalem"
DAY_SECONDS = 86_400
# A stamp so much earlier than the entry is of the next day; disagreements are of minutes.
NEXT_DAY_SECONDS = DAY_SECONDS // 2


class TechnionBank(TableFormat):
    name = "technion_bank"
    label = "Technion anonymous bank"
    zone: str | None = HOME
    needs_zone = False
    has_queue = True
    layout = LAYOUT

    def chunk(
        self, rows: Rows, table: Table, zone: ZoneInfo, order: str, reading: Reading
    ) -> Chunk:
        cells = Cells(rows.frame, table)
        outcome = cells.choice("outcome", OUTCOMES)
        phantom = (outcome == "phantom").fill_null(False)
        rows.ignored += cells.ignore(
            phantom, "outcome", "phantom", _("PHANTOM rows are no calls: their makers say so.")
        )
        cells = cells.without(phantom)
        outcome = outcome.filter(~phantom)

        entry = cells.clock("vru_entry", hours=24, required=True)
        queued = cells.clock("q_start", hours=24)
        menu = self._duration(cells, "vru", fill=False)
        wait = self._duration(cells, "q")
        talk = self._duration(cells, "ser")
        day = cells.day_of_1900s("date")
        offered = self._offered(entry, cells.clock("vru_exit", hours=24), menu, queued, wait)
        cells.reject(
            (offered - entry > LONGEST_MENU_SECONDS).fill_null(False), "vru_time", "range",
            _("Nobody is in a voice menu for so long."),
        )  # fmt: skip
        priority = columns.json_member("priority", cells.whole("priority", 0, 1_000))
        frame = pl.DataFrame(
            {
                "line": cells.rows["line"],
                "outcome": outcome,
                "queue": cells.text("type", required=True),
                "server": cells.text("server", limit=160),
                "external_id": cells.joined("line_id", "call_id", "date"),
                "customer": cells.text("customer_id", limit=100),
                "birth_ms": columns.wall_ms(columns.at(entry, day)),
                "offered_at": cells.moment("date", columns.at(offered, day), zone, reading.now),
                "ivr_ms": menu * 1000,
                "queued": queued,
                "wait": wait * 1000,
                "talk": talk * 1000,
                "extra": columns.json_object([priority, *cells.unknown()], cells.rows.height),
            }
        )
        calls = cells.kept(frame, ["external_id", "queue", "birth_ms"], "call_id")
        return columns.chunk(rows, cells, self._records(calls))

    @staticmethod
    def _duration(cells: Cells, part: str, fill: bool = True) -> pl.Series:
        """Seconds of one part of the call: as written, else by its stamps; below 0 unknown."""
        seconds = cells.whole(f"{part}_time", -LONGEST_SECONDS, LONGEST_SECONDS)
        cells.note(seconds < 0, f"{part}_time", "negative", _("It is negative: taken as unknown."))
        if fill:
            start, leave = (cells.clock(f"{part}_{edge}", hours=24) for edge in ("start", "exit"))
            empty = cells.rows[f"{part}_time"].is_null()
            seconds = columns.pick(empty, (leave - start) % DAY_SECONDS, seconds)
        return columns.pick(seconds >= 0, seconds)

    @staticmethod
    def _offered(
        entry: pl.Series, left: pl.Series, menu: pl.Series, queued: pl.Series, wait: pl.Series
    ) -> pl.Series:
        """Seconds from the entry day's midnight to the queue's entry, or the menu's exit.

        Without a queue stamp that means anything, and without an exit, the menu's time after
        its entry.
        """
        walked = entry + menu.fill_null(0)
        out = columns.pick(left > 0, left, walked)
        start = columns.pick((queued > 0) | (wait > 0), queued, out).fill_null(walked)
        return columns.pick(entry - start > NEXT_DAY_SECONDS, start + DAY_SECONDS, start)

    def _records(self, calls: pl.DataFrame) -> pl.DataFrame:
        agent = pl.col("outcome") == "agent"
        outcome = (
            pl.when(agent).then(pl.lit("answered"))
            .when(pl.col("wait") > 0).then(pl.lit("abandoned"))
            .when(pl.col("wait").is_null(), pl.col("queued") > 0).then(pl.lit("abandoned"))
            .otherwise(pl.lit("left_ivr"))
        )  # fmt: skip
        queue_left = columns.later(pl.col("offered_at"), pl.col("wait").fill_null(0))
        served = columns.later(queue_left, pl.col("talk"))
        return columns.completed(
            calls.with_columns(
                outcome=outcome,
                agent=pl.when(agent, pl.col("server") != NO_SERVER).then("server"),
                wait_ms=pl.when(outcome != "left_ivr").then("wait"),
                talk_ms=pl.when(agent).then("talk"),
                answered_at=pl.when(agent).then(queue_left),
                ended_at=pl.when(agent).then(served).otherwise(queue_left),
                caller=pl.when(pl.col("customer") != "0").then(
                    pl.format("customer:{}", "customer")
                ),
            ),
            time_precision="second",
        )


FORMAT = TechnionBank()
