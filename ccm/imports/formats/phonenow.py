"""PhoneNow's call list, csv or xlsx: one row a call, naive local times, no queue.

Date and Time are when the call came. An unanswered row names an agent all the same (the one
it was meant for), and has neither wait nor talk: empty is unknown.
"""

import re
from zoneinfo import ZoneInfo

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.cells import columns
from ccm.imports.cells.columns import LONGEST_SECONDS, Cells
from ccm.imports.cells.tabled import TableFormat
from ccm.imports.files.tables import Layout, Rows, Table
from ccm.imports.records import SURVEYS, Chunk, Reading, whole

LAYOUT = Layout(
    names={
        "call_id": ("callid", "id", "callnumber"),
        "agent": ("agent", "agentname"),
        "date": ("date", "calldate"),
        "time": ("time", "calltime", "timeofcall"),
        "topic": ("topic", "calltopic"),
        "answered": ("answeredyn", "answered", "callanswered"),
        "resolved": ("resolved", "resolvedyn", "callresolved"),
        "speed": (
            "speedofanswerinseconds", "speedofanswer", "speedofanswersec", "speedofanswers",
            "speedofanswerseconds", "speedofanswersecs",
        ),
        "talk": ("avgtalkduration", "averagetalkduration", "talkduration", "avgtalktime"),
        "rating": ("satisfactionrating", "satisfaction", "rating", "satisfactionscore"),
    },
    optional=frozenset({"topic", "resolved", "rating"}),
    delimiters=(",", ";", "\t"),
    shapes={
        "call_id": re.compile(r"ID\d+"),
        "date": re.compile(r"\d{1,4}[-/.]\w{1,3}[-/.]\d{1,4}"),
        "time": re.compile(r"\d{1,2}:\d\d(:\d\d)?"),
        "answered": re.compile(r"[YN]"),
        "resolved": re.compile(r"[YN]"),
        "speed": re.compile(r"\d*"),
        "talk": re.compile(r"(\d+:\d\d:\d\d)?"),
        "rating": re.compile(r"[1-5]?"),
    },
)  # fmt: skip
YES_NO = {"y": True, "n": False, "yes": True, "no": False, "true": True, "false": False}
LOWEST, HIGHEST = 1, 5


class PhoneNow(TableFormat):
    name = "phonenow"
    label = "PhoneNow"
    needs_zone = True
    has_queue = False
    layout = LAYOUT
    dated = "date"

    def chunk(
        self, rows: Rows, table: Table, zone: ZoneInfo, order: str, reading: Reading
    ) -> Chunk:
        cells = Cells(rows.frame, table)
        date = cells.day("date", order)
        wall = columns.at(cells.clock("time", hours=24, required=True), date)
        answered = cells.choice("answered", YES_NO)
        speed = cells.whole("speed", 0, LONGEST_SECONDS) * 1000
        talk = cells.clock("talk", hours=LONGEST_SECONDS // 3600) * 1000
        # A rating of 0 is how some tables write that none was given.
        rating = cells.whole("rating", 0, HIGHEST)
        offered_at = cells.moment("time", wall, zone, reading.now)
        cells.note(
            answered & speed.is_null(), "speed", "unknown_wait",
            _("Answered, but its speed of answer is missing: its wait is unknown."),
        )  # fmt: skip
        agent = cells.text("agent", limit=160)
        named = columns.json_member("named_agent", columns.pick(~answered, agent))
        calls = pl.DataFrame(
            {
                "line": rows.frame["line"],
                "external_id": cells.text("call_id", required=True),
                "named": agent,
                "topic": cells.text("topic"),
                "birth_ms": columns.wall_ms(wall),
                "offered_at": offered_at,
                "answered": answered,
                "speed": speed,
                "talk": talk,
                "rating": rating,
                "resolved": cells.choice("resolved", YES_NO, required=False),
                "extra": columns.json_object([named, *cells.unknown()], rows.frame.height),
            }
        )
        calls = cells.kept(calls, ["external_id", "birth_ms"], "call_id")
        calls = self._records(calls, reading.queue or self.name)
        return columns.chunk(rows, cells, calls, self._surveys(calls))

    def _records(self, calls: pl.DataFrame, queue: str) -> pl.DataFrame:
        """The columns of CALLS, and the rating."""
        was = pl.col("answered")
        answered_at = columns.later(pl.col("offered_at"), pl.col("speed").fill_null(0))
        return columns.completed(
            calls.with_columns(
                agent=pl.when(was).then("named"),
                outcome=pl.when(was).then(pl.lit("answered")).otherwise(pl.lit("abandoned")),
                wait_ms=pl.when(was).then("speed"),
                talk_ms=pl.when(was).then("talk"),
                answered_at=pl.when(was).then(answered_at),
                ended_at=pl.when(was).then(columns.later(answered_at, pl.col("talk"))),
            ),
            queue=queue,
            time_precision="second",
        )

    def _surveys(self, calls: pl.DataFrame) -> pl.DataFrame:
        given = calls.with_row_index("call").filter(
            pl.col("outcome") == "answered", pl.col("rating") >= LOWEST
        )
        answers = given.select(
            "call",
            kind=pl.lit("csat"),
            scale_min=pl.lit(LOWEST),
            scale_max=pl.lit(HIGHEST),
            score="rating",
            comment=pl.lit(None),
            answered_at=pl.coalesce("ended_at", "offered_at"),
        )
        return whole(answers, SURVEYS)


FORMAT = PhoneNow()
