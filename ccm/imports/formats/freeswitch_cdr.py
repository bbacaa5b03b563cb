"""FreeSWITCH's call detail records as mod_cdr_csv writes them: no header, one row a leg.

Read are its templates `example` (15 columns) and the one built in (13, without codecs, and with
a space before the last quotation mark). The legs it writes are set in cdr_csv.conf: with "ab" a
bridged call has two rows. The A leg names the other by bleg_uuid, the B leg is named by it, so
both are filed under the B leg's uuid; a phone that rang before is a call of its own. An uuid
tells no time that could be trusted, so legs are joined that began in the same third of a day.

- A call that has an answer is answered, whatever cause ended it; else the cause says how it ended.
- Talk is billsec, ring duration - billsec; of an unanswered leg the whole duration.
- A file that was saved by a spreadsheet has 2020/2/10 22:41 for its stamps: its durations are
  exact, its moments are of a minute, and say so.
- It names neither queue nor zone. Which way a call went follows from its numbers: two to six digits
  are an extension. What is no number, such as `&` of an originated leg, is inside.
"""

import re
from zoneinfo import ZoneInfo

import polars as pl

from ccm.imports.cells import columns, legs
from ccm.imports.cells.columns import LONGEST_SECONDS, Cells
from ccm.imports.cells.tabled import TableFormat
from ccm.imports.files.tables import Layout, Rows, Table
from ccm.imports.records import Chunk, Reading

_BUILT_IN = (
    "caller_id_name", "caller_id_number", "destination_number", "context", "start_stamp",
    "answer_stamp", "end_stamp", "duration", "billsec", "hangup_cause", "uuid", "bleg_uuid",
    "accountcode",
)  # fmt: skip
_EXAMPLE = (*_BUILT_IN, "read_codec", "write_codec")
_OPTIONAL = {"caller_id_name", "context", "bleg_uuid", "accountcode", "read_codec", "write_codec"}
_STAMP = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[T ]\d{1,2}:\d\d(:\d\d(\.\d+)?)?"
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
LAYOUT = Layout(
    names={name: (name.replace("_", ""),) for name in _EXAMPLE},
    optional=frozenset(_OPTIONAL),
    delimiters=(",", ";", "\t"),
    shapes={
        "start_stamp": re.compile(_STAMP),
        "answer_stamp": re.compile(f"({_STAMP})?"),
        "end_stamp": re.compile(_STAMP),
        "duration": re.compile(r"\d{1,9}"),
        "billsec": re.compile(r"\d{1,9}"),
        "hangup_cause": re.compile(r"[A-Z][A-Z0-9_]+"),
        "uuid": re.compile(_UUID),
        "bleg_uuid": re.compile(f"({_UUID})?"),
    },
    orders=(_EXAMPLE, _BUILT_IN),
    mend=('", "', '","'),
)
# How a leg without an answer ended, by its cause (Q.850's, and FreeSWITCH's own).
CAUSES = {
    "NORMAL_CLEARING": "abandoned", "ORIGINATOR_CANCEL": "abandoned", "NO_ANSWER": "timed_out",
    "ALLOTTED_TIMEOUT": "timed_out", "PROGRESS_TIMEOUT": "timed_out",
    "RECOVERY_ON_TIMER_EXPIRE": "timed_out", "USER_BUSY": "busy", "CALL_REJECTED": "refused",
    "LOSE_RACE": "other", "PICKED_OFF": "other", "ATTENDED_TRANSFER": "other",
    "BLIND_TRANSFER": "other",
}  # fmt: skip
_INSIDE = r"^\d{2,6}$"
_NUMBER = r"^\+?\d{7,}$"


class FreeswitchCdr(TableFormat):
    name = "freeswitch_cdr"
    label = "FreeSWITCH CDR"
    needs_zone = True
    # None of its calls is on a queue, so none has to be named.
    has_queue = True
    layout = LAYOUT
    dated = "start_stamp"

    def chunk(
        self, rows: Rows, table: Table, zone: ZoneInfo, order: str, reading: Reading
    ) -> Chunk:
        cells = Cells(rows.frame, table)
        wall = cells.stamp("start_stamp", order)
        uuid = cells.text("uuid", limit=64, required=True)
        told = pl.DataFrame(
            {
                "line": rows.frame["line"],
                "started": cells.moment("start_stamp", wall, zone, reading.now),
                "answer": cells.stamp("answer_stamp", order, required=False),
                "stamp": cells.text("start_stamp"),
                "wall": columns.wall_ms(wall),
                "duration": cells.whole("duration", 0, LONGEST_SECONDS),
                "billsec": cells.whole("billsec", 0, LONGEST_SECONDS),
                "cause": cells.text("hangup_cause", required=True),
                "uuid": uuid,
                "external_id": cells.text("bleg_uuid", limit=64).fill_null(uuid),
                "source": cells.text("caller_id_number", limit=160),
                "destination": cells.text("destination_number", limit=160),
                "context": cells.text("context"),
            }
        )
        own = ("uuid", "external_id", "wall", "destination", "duration", "billsec", "cause")
        words = {
            "at": told["started"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "uuid": told["uuid"],
            "context": told["context"],
            "cause": told["cause"],
            "duration": told["duration"],
            "billsec": told["billsec"],
        }
        members = [columns.json_member(name, value) for name, value in words.items()]
        told = _records(told).with_columns(
            birth_ms=legs.shared_birth(told["wall"]),
            key=legs.leg_keys(*(told[name] for name in own)),
            leg=columns.json_object([*members, *cells.unknown()], told.height),
        )
        return columns.chunk(rows, cells, legs.one_each(told.filter(~cells.bad)))


def _records(told: pl.DataFrame) -> pl.DataFrame:
    """With the columns of CALLS that a leg tells."""
    source, destination = (pl.col(name).fill_null("") for name in ("source", "destination"))
    from_inside = source.str.contains(_INSIDE) & (pl.col("context").fill_null("") != "public")
    outside = destination.str.contains(_NUMBER)
    inbound, outbound = ~from_inside, from_inside & outside
    answered = pl.col("answer").is_not_null() | (pl.col("billsec") > 0).fill_null(False)
    outcome = (
        pl.when(answered)
        .then(pl.lit("answered"))
        .otherwise(pl.col("cause").replace_strict(CAUSES, default="failed", return_dtype=pl.String))
    )
    lasted = pl.max_horizontal("duration", "billsec")
    ring_ms = (lasted - pl.when(answered).then("billsec").otherwise(0)) * 1000
    number = pl.when(inbound).then("source").when(outbound).then("destination")
    taken = pl.when(answered & destination.str.contains(_INSIDE)).then("destination")
    return told.with_columns(
        linked_id="external_id",
        direction=pl.when(inbound).then(pl.lit("inbound"))
        .when(outbound).then(pl.lit("outbound"))
        .otherwise(pl.lit("internal")),
        outcome=outcome,
        agent=pl.when(inbound).then(taken).otherwise("source"),
        caller=pl.when(number.str.contains(r"\d{3}")).then(number),
        offered_at="started",
        answered_at=pl.when(answered).then(
            columns.later(pl.col("started"), ring_ms.fill_null(0))
        ),
        ended_at=columns.later(pl.col("started"), lasted * 1000),
        time_precision=pl.when(pl.col("stamp").str.count_matches(":") > 1)
        .then(pl.lit("second"))
        .otherwise(pl.lit("minute")),
        wait_ms=pl.when(inbound).then(ring_ms),
        ring_ms=ring_ms,
        talk_ms=pl.when(answered).then(pl.col("billsec") * 1000),
        weight=pl.when(answered).then("billsec").otherwise(lasted),
    )  # fmt: skip


FORMAT = FreeswitchCdr()
