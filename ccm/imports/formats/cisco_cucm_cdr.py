"""Cisco Unified Communications Manager's call detail records: `cdr_...` files, one row a leg.

A header of 100 columns and more, by release, then a line of their SQL types, then rows. Columns
are found by name, whatever their case and order; only those that tell of the call are kept.
Times are seconds since 1970. Files beside them named `cmr_...` hold the quality of the voice and
no calls: they are recognised and refused in words.

- Legs of one globalCallID (of one call manager, of one cluster) are one call: a transfer or a
  conference writes several. Ids return when a server is set up anew, and nothing tells when the
  call itself began, so legs are joined that began in the same third of a day.
- dateTimeConnect 0: never answered, and the cause says how it ended (Q.850: 16 the caller hung
  up, 17 busy, 18 and 19 nobody answered, 21 rejected). The cause of the called side rules, where it
  has one. Of an answered call the side that has a cause is the one that ended it.
- Talk is duration, the seconds connected; ring from origination to connection.
- A device named SEP..., CSF... and the like is a phone; others are gateways and trunks, outside.
- wasCallQueued and its seconds tell of native queuing, not which queue: kept with the leg.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.cells import columns, legs
from ccm.imports.cells.columns import LONGEST_SECONDS, Cells
from ccm.imports.files import tables
from ccm.imports.files.tables import Layout, Rows, Table
from ccm.imports.records import IGNORED, UTC_TIME, Chunk, FileRefused, Issue, Reading

_NEEDED = (
    "cdrrecordtype", "globalcallidcallid", "datetimeorigination", "datetimeconnect",
    "datetimedisconnect", "duration", "callingpartynumber", "finalcalledpartynumber",
)  # fmt: skip
_OPTIONAL = (
    "globalcallidcallmanagerid", "globalcallidclusterid", "pkid", "origcausevalue",
    "destcausevalue", "origdevicename", "destdevicename", "callingpartyunicodeloginuserid",
    "finalcalledpartyunicodeloginuserid", "huntpilotdn", "wascallqueued", "totalwaittimeinqueue",
)  # fmt: skip
LAYOUT = Layout(
    names={name: (name,) for name in (*_NEEDED, *_OPTIONAL)},
    optional=frozenset(_OPTIONAL),
    delimiters=(",", ";", "\t"),
    shapes={},
)
_QUALITY = ("cdrrecordtype", "globalcallidcallid", "numberpacketssent", "jitter", "latency")
QUALITY_LAYOUT = Layout(
    names={name: (name,) for name in _QUALITY},
    optional=frozenset(),
    delimiters=LAYOUT.delimiters,
    shapes={},
)
CALL, QUALITY = "1", "2"
LATEST_EPOCH = 9_999_999_999
CAUSES = {
    16: "abandoned", 17: "busy", 18: "timed_out", 19: "timed_out", 21: "refused", 0: "other",
}  # fmt: skip
_TYPE = r"^(?:INTEGER|VARCHAR|UNIQUEIDENTIFIER)"
_PHONE = r"^(?:SEP|CSF|TCT|BOT|TAB|ATA|CTI|VGC)"
_INSIDE = r"^\d{2,6}$"


class CiscoCucmCdr:
    name = "cisco_cucm_cdr"
    label = "Cisco CUCM CDR"
    zone: str | None = "UTC"
    needs_zone = False
    # None of its calls is on a queue, so none has to be named.
    has_queue = True

    def recognises(self, head: bytes, filename: str) -> bool:
        return tables.head_fits(head, LAYOUT) or tables.head_fits(head, QUALITY_LAYOUT)

    def read(self, path: Path, reading: Reading) -> Iterator[Chunk]:
        """Chunks of rows. Raises FileRefused for a strange header, and for a CMR file."""
        if any(tables.head_fits(head, QUALITY_LAYOUT) for head in tables.heads(path)):
            raise FileRefused(
                _(
                    "It is a CMR file: it tells how well the voice came through, not of calls. "
                    "Import the files beside it whose names begin with cdr."
                )
            )
        with tables.opened(path, LAYOUT) as table:
            for rows in table.stretches(reading.start, reading.chunk_lines):
                reading.passed(rows.done)
                yield self._chunk(rows, table, reading)

    def _chunk(self, rows: Rows, table: Table, reading: Reading) -> Chunk:
        _leave_out_types(rows)
        cells = Cells(rows.frame, table)
        quality = (rows.frame["cdrrecordtype"] == QUALITY).fill_null(False)
        message = _("Rows of type 2 tell how well the voice came through, not of calls.")
        rows.ignored += cells.ignore(quality, "cdrrecordtype", "quality", message)
        cells = cells.without(quality)
        cells.choice("cdrrecordtype", {CALL: CALL})
        told = pl.DataFrame(
            {
                "line": cells.rows["line"],
                "made": cells.whole("datetimeorigination", 1, LATEST_EPOCH),
                "connected": cells.whole("datetimeconnect", 0, LATEST_EPOCH),
                "over": cells.whole("datetimedisconnect", 0, LATEST_EPOCH),
                "duration": cells.whole("duration", 0, LONGEST_SECONDS),
                "cause": cells.whole("origcausevalue", 0, 1_000).fill_null(0),
                "far_cause": cells.whole("destcausevalue", 0, 1_000).fill_null(0),
                "call": cells.text("globalcallidcallid", limit=40, required=True),
                "manager": cells.text("globalcallidcallmanagerid", limit=10).fill_null(""),
                "cluster": cells.text("globalcallidclusterid", limit=60).fill_null(""),
                "leg_id": cells.text("pkid"),
                "calling": cells.text("callingpartynumber", limit=80),
                "called": cells.text("finalcalledpartynumber", limit=80),
                "calling_user": cells.text("callingpartyunicodeloginuserid", limit=160),
                "called_user": cells.text("finalcalledpartyunicodeloginuserid", limit=160),
                "device": cells.text("origdevicename", limit=160),
                "far_device": cells.text("destdevicename", limit=160),
                "pilot": cells.text("huntpilotdn", limit=80),
                "was_queued": cells.whole("wascallqueued", 0, 1),
                "queued": cells.whole("totalwaittimeinqueue", 0, LONGEST_SECONDS),
            }
        )
        moments = told.select((pl.col("made", "connected", "over") * 1_000_000).cast(UTC_TIME))
        missing = told["made"].is_null() & ~cells.bad
        cells.reject(missing, "datetimeorigination", "missing", _("It is empty."))
        cells.bounded("datetimeorigination", moments["made"], reading.now)
        longest = pl.max_horizontal("connected", "over") - pl.col("made") > LONGEST_SECONDS
        cells.reject(
            told.select(longest).to_series(), "datetimedisconnect", "range",
            _("It lasts over three weeks."),
        )  # fmt: skip
        told = _with_words(_records(told.with_columns(offered_at=moments["made"])))
        return columns.chunk(rows, cells, legs.one_each(told.filter(~cells.bad)))


def _leave_out_types(rows: Rows) -> None:
    """Leave the line that names the columns' SQL types out, counted."""
    types = rows.frame["cdrrecordtype"].str.contains(_TYPE).fill_null(False)
    if types.any():
        line, count = rows.frame["line"].filter(types)[0], int(types.sum())
        message = _("It names the types of the columns.")
        rows.issues.append(Issue(line, "", "INTEGER", "types", message, IGNORED, count))
        rows.ignored += count
        rows.frame = rows.frame.filter(~types)


def _records(told: pl.DataFrame) -> pl.DataFrame:
    """With the columns of CALLS that a leg tells."""

    def inside(device: str, number: str) -> pl.Expr:
        by_number = pl.col(number).fill_null("").str.contains(_INSIDE)
        return pl.coalesce(pl.col(device).str.contains(_PHONE), by_number)

    from_inside, to_inside = inside("device", "calling"), inside("far_device", "called")
    outbound = from_inside & ~to_inside
    answered = (pl.col("connected") > 0).fill_null(False)
    cause = pl.when(pl.col("far_cause") > 0).then("far_cause").otherwise("cause")
    # A clock may be set while a call is on.
    rang = pl.when(answered).then(pl.col("connected")).otherwise("over") - pl.col("made")
    ring_ms = rang.clip(lower_bound=0) * 1000
    number = pl.when(~from_inside).then("calling").when(outbound).then("called")
    own = pl.coalesce("calling_user", "calling")
    taken = pl.when(answered & to_inside).then(pl.coalesce("called_user", "called"))
    near_ended = (pl.col("cause") > 0) & (pl.col("far_cause") == 0)
    far_ended = (pl.col("far_cause") > 0) & (pl.col("cause") == 0)
    by_customer = pl.when(~from_inside).then(near_ended).when(outbound).then(far_ended)
    by_agent = pl.when(~from_inside).then(far_ended).when(outbound).then(near_ended)
    answered_at = columns.later(pl.col("offered_at"), ring_ms)
    return told.with_columns(
        external_id=pl.concat_str("cluster", "manager", "call", separator="/"),
        birth_ms=legs.shared_birth(told["made"] * 1000),
        direction=pl.when(~from_inside).then(pl.lit("inbound"))
        .when(outbound).then(pl.lit("outbound"))
        .otherwise(pl.lit("internal")),
        outcome=pl.when(answered).then(pl.lit("answered")).otherwise(
            cause.replace_strict(CAUSES, default="failed", return_dtype=pl.String)
        ),
        agent=pl.when(~from_inside).then(taken).otherwise(own),
        caller=pl.when(number.str.contains(r"\d{3}")).then(number),
        answered_at=pl.when(answered).then(answered_at),
        ended_at=pl.when(answered).then(columns.later(answered_at, pl.col("duration") * 1000))
        .otherwise(answered_at),
        wait_ms=pl.when(~from_inside).then(ring_ms),
        ring_ms=ring_ms,
        talk_ms=pl.when(answered).then(pl.col("duration") * 1000),
        ended_by=pl.when(answered & by_customer).then(pl.lit("caller"))
        .when(answered & by_agent).then(pl.lit("agent")),
        time_precision=pl.lit("second"),
        weight=pl.when(answered).then("duration").otherwise(ring_ms // 1000),
    ).with_columns(linked_id="external_id")  # fmt: skip


def _with_words(told: pl.DataFrame) -> pl.DataFrame:
    """With each leg in words, and the key it is kept under."""
    was_queued = (told["was_queued"] == 1).fill_null(False)
    words = {
        "at": told["offered_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "orig_cause": told["cause"],
        "dest_cause": told["far_cause"],
        "duration": told["duration"],
        "hunt_pilot": told["pilot"],
        "queued_seconds": columns.pick(was_queued, told["queued"]),
    }
    members = [columns.json_member(name, value) for name, value in words.items()]
    own = ("leg_id", "made", "connected", "over", "duration", "calling", "called", "cause")
    return told.with_columns(
        key=legs.leg_keys(*(told[name] for name in own)),
        leg=columns.json_object(members, told.height),
    )


FORMAT = CiscoCucmCdr()
