"""3CX's call detail records: one row a call, no header, times of the server's zone.

The columns are those of the server's list, which can be changed there: read without a header is
the list it comes with (27 columns, and a comma after them or not), every other one by a header
with 3CX's own names. The column `chain` is a path of names with semicolons between.

- from_type and to_type tell which way a call went: a Line is outside. The final number is who it
  ended at, and the agent of an inbound call.
- `duration` is talk; ring is from the start to the answer, of an unanswered call to the end.
- TerminatedBySrc: the side that called ended it; TerminatedByDst: the other one.
- A CDR is no queue statistics: a call that went to a queue names it, but neither its entry nor
  who left. So no call is on a queue; the queue's number is kept in `extra`.
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

_LIST = (
    "historyid", "callid", "duration", "time_start", "time_answered", "time_end",
    "reason_terminated", "from_no", "to_no", "from_dn", "to_dn", "dial_no", "reason_changed",
    "final_number", "final_dn", "bill_code", "bill_rate", "bill_cost", "bill_name", "chain",
    "from_type", "to_type", "final_type", "from_dispname", "to_dispname", "final_dispname",
    "missed_queue_calls",
)  # fmt: skip
_NEEDED = ("callid", "time_start", "time_end", "from_no", "reason_terminated")
_STAMP = r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d\d:\d\d"
LAYOUT = Layout(
    names={name: (name.replace("_", ""),) for name in _LIST},
    optional=frozenset(_LIST) - frozenset(_NEEDED),
    delimiters=(",", ";", "\t"),
    shapes={
        "historyid": re.compile(r"(Call )?\d+"),
        "duration": re.compile(r"(\d{1,4}:\d\d:\d\d)?"),
        "time_start": re.compile(_STAMP),
        "time_answered": re.compile(f"({_STAMP})?"),
        "time_end": re.compile(_STAMP),
        "reason_terminated": re.compile(r"\w*"),
        "chain": re.compile(r"(Chain:.*)?"),
    },
    orders=(_LIST,),
)
# How an unanswered call ended, by why.
ENDS = {
    "terminatedbysrc": "abandoned", "terminatedbydst": "refused", "noanswer": "timed_out",
    "noanswered": "timed_out", "busy": "busy",
}  # fmt: skip
_EXTENSION = r"^(?:Ext\.)?(\d{2,6})$"
_PHONE = r"^\+?[\d*#]{3,}$"


class ThreecxCdr(TableFormat):
    name = "threecx_cdr"
    label = "3CX CDR"
    needs_zone = True
    # None of its calls is on a queue, so none has to be named.
    has_queue = True
    layout = LAYOUT

    def chunk(
        self, rows: Rows, table: Table, zone: ZoneInfo, order: str, reading: Reading
    ) -> Chunk:
        cells = Cells(rows.frame, table)
        start, answer, end = (
            cells.stamp(name, "", required=name != "time_answered")
            for name in ("time_start", "time_answered", "time_end")
        )
        cells.reject(end < start, "time_end", "order", _("It ends before it starts."))
        over = (end - start).dt.total_seconds()
        cells.reject(over > LONGEST_SECONDS, "time_end", "range", _("It lasts over three weeks."))
        text = {
            name: cells.text(name, limit=160)
            for name in (
                "from_no", "to_no", "from_dn", "final_number", "final_dn", "from_type", "to_type",
                "final_type", "reason_terminated", "reason_changed",
            )
        }  # fmt: skip
        told = pl.DataFrame(
            {
                "line": rows.frame["line"],
                "external_id": cells.text("callid", required=True),
                "linked_id": cells.text("historyid"),
                "birth_ms": columns.wall_ms(start),
                "offered_at": cells.moment("time_start", start, zone, reading.now),
                "rang": (answer - start).dt.total_seconds().clip(0, LONGEST_SECONDS),
                "lasted": over,
                "talked": cells.clock("duration", hours=LONGEST_SECONDS // 3600),
                **text,
            }
        )
        told = _records(told)
        members = [
            columns.json_member(name, told[name]) for name in ("reason_changed", "queue_called")
        ]
        told = told.with_columns(
            extra=columns.json_object([*members, *cells.unknown()], told.height)
        )
        told = cells.kept(told, ["external_id", "birth_ms"], "callid")
        return columns.chunk(rows, cells, columns.completed(told))


def _records(told: pl.DataFrame) -> pl.DataFrame:
    """With the columns of CALLS, and `queue_called`."""
    source, called, final = (
        pl.col(name).fill_null("").str.to_lowercase()
        for name in ("from_type", "to_type", "final_type")
    )
    line = "line"
    from_outside = source.str.contains(line) | (
        (source == "") & ~pl.col("from_no").str.contains(_EXTENSION)
    )
    to_outside = called.str.contains(line) | final.str.contains(line)
    outbound = ~from_outside & to_outside
    answered = pl.col("rang").is_not_null()
    why = pl.col("reason_terminated").fill_null("").str.to_lowercase()
    voicemail = final.str.contains("voicemail|vmail")
    outcome = (
        pl.when(answered & voicemail).then(pl.lit("voicemail"))
        .when(answered).then(pl.lit("answered"))
        .otherwise(why.replace_strict(ENDS, default="failed", return_dtype=pl.String))
    )  # fmt: skip
    own = pl.coalesce(
        pl.col("from_dn").str.extract(_EXTENSION, 1), pl.col("from_no").str.extract(_EXTENSION, 1)
    )
    taken = pl.coalesce(
        pl.col("final_dn").str.extract(_EXTENSION, 1),
        pl.col("final_number").str.extract(_EXTENSION, 1),
    )
    number = pl.when(from_outside).then("from_no").when(outbound).then("to_no")
    by_source, by_other = why == "terminatedbysrc", why == "terminatedbydst"
    customer_ended = pl.when(from_outside).then(by_source).when(outbound).then(by_other)
    agent_ended = pl.when(from_outside).then(by_other).when(outbound).then(by_source)
    told = told.with_columns(outcome=outcome)
    talking = pl.col("outcome") == "answered"
    ring_ms = pl.when(answered).then("rang").otherwise("lasted") * 1000
    talked = pl.coalesce("talked", pl.col("lasted") - pl.col("rang"))
    return told.with_columns(
        direction=pl.when(from_outside).then(pl.lit("inbound"))
        .when(outbound).then(pl.lit("outbound"))
        .otherwise(pl.lit("internal")),
        agent=pl.when(from_outside).then(pl.when(talking).then(taken)).otherwise(own),
        caller=pl.when(number.str.contains(_PHONE)).then(number),
        answered_at=pl.when(talking).then(columns.later(pl.col("offered_at"), ring_ms)),
        ended_at=columns.later(pl.col("offered_at"), pl.col("lasted") * 1000),
        wait_ms=pl.when(from_outside).then(ring_ms),
        ring_ms=ring_ms,
        talk_ms=pl.when(talking).then(talked * 1000),
        ended_by=pl.when(customer_ended).then(pl.lit("caller"))
        .when(agent_ended).then(pl.lit("agent")),
        queue_called=pl.when(called == "queue").then("to_no"),
        time_precision=pl.lit("second"),
    )  # fmt: skip


FORMAT = ThreecxCdr()
