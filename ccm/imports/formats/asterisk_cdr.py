"""Asterisk's call detail records: one row a leg in, one call a linkedid out.

Read are Master.csv as cdr_csv writes it without a header (16 columns; with uniqueid, with
userfield, with peeraccount, linkedid and sequence, as cdr.conf says), the table `cdr` as FreePBX
and Elastix export it (calldate first; with or without a header, a comma at the end of each row or
not), and PBXware's export (26 columns by their header; `""Agent 1115" <1115>"` is how it quotes a
name, NULL how it writes nothing). Any other export with a header is read by the names of the
table `cdr`.

- Legs of one linkedid (else uniqueid, else channel and start) are one call. It is told by the leg
  with the longest conversation with an agent; see `legs`. A uniqueid is the second its channel was
  made in, a dot and a counter, perhaps with the system's name before it: the call's birth, and
  when it was offered. `clocks` reads zone and order of dates from it.
- ANSWERED is what the switch did, not a person: a leg that answered on no other channel was in a
  menu or an announcement (left in the menu), VoiceMail is voicemail. Talk is billsec of an
  answered leg. On any other leg billsec only means that the dialplan had answered before.
- Ring is duration - billsec, of an unanswered leg the whole duration. It is the wait of who called
  in, where the leg began with the call; what else they waited for is in no leg, so else unknown.
- A CDR is no queue statistics: of Queue() it has a leg for each phone that rang, with music on
  hold billed as talk, and no entry nor exit. So no call is on a queue, and nothing is offered or
  abandoned by it; queue_log tells that. The queue's name is kept with its leg.
- Which way a call went follows from its channels: who calls from a channel of their own number, or
  from the context from-internal, is inside. An inside phone has two to six digits.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from django.utils.translation import gettext as _

from ccm.identity import milliseconds
from ccm.imports.cells import clocks, columns, legs
from ccm.imports.cells.clocks import Clock
from ccm.imports.cells.columns import EARLIEST, FUTURE, LONGEST_SECONDS, Cells
from ccm.imports.files import tables
from ccm.imports.files.tables import Layout, Rows, Table
from ccm.imports.records import UTC_TIME, Chunk, Reading

# As cdr_csv writes them; then what cdr.conf adds.
_MASTER = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata",
    "start", "answer", "end", "duration", "billsec", "disposition", "amaflags",
)  # fmt: skip
_IDS = ((), ("uniqueid",), ("uniqueid", "userfield"), ("userfield",))
_LINKED = ("peeraccount", "linkedid", "sequence")
# As the table `cdr` has them, in FreePBX and as older Elastix exports it.
_TABLE = (
    "start", "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata",
    "duration", "billsec", "disposition", "amaflags", "accountcode", "uniqueid", "userfield",
)  # fmt: skip
_NAMES = ("cnum", "cnam", "outbound_cnum", "outbound_cnam", "dst_cnam")
_PBXWARE = (
    "acctid", "tenant", "billamount", "agiuniqueid", "trunk", "sipcallid", "inboundsipcallid",
)  # fmt: skip
_KNOWN = (*_MASTER, *_LINKED, *_TABLE, *_NAMES, *_PBXWARE, "did", "recordingfile", "unnamed")
_NEEDED = ("start", "channel", "duration", "billsec", "disposition")
_STAMP = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[T ]\d{1,2}:\d\d(:\d\d)?"
_UNIQUE = r"(.*-)?\d{9,10}\.\d+"
_CHANNEL = r"[A-Za-z0-9]+/.+"
LAYOUT = Layout(
    names={name: (name.replace("_", ""),) for name in _KNOWN}
    | {"start": ("calldate", "start", "starttime")},
    optional=frozenset(_KNOWN) - frozenset(_NEEDED),
    delimiters=(",", ";", "\t"),
    shapes={
        "start": re.compile(_STAMP),
        "answer": re.compile(f"({_STAMP})?"),
        "end": re.compile(_STAMP),
        "channel": re.compile(_CHANNEL),
        "dstchannel": re.compile(f"({_CHANNEL})?"),
        "duration": re.compile(r"\d{1,9}"),
        "billsec": re.compile(r"\d{1,9}"),
        "disposition": re.compile(r"ANSWERED|NO ANSWER|BUSY|FAILED|CONGESTION"),
        "uniqueid": re.compile(_UNIQUE),
        "linkedid": re.compile(f"({_UNIQUE})?"),
    },
    orders=(
        *((*_MASTER, *ids, *linked) for linked in ((), _LINKED) for ids in _IDS),
        (*_TABLE, "did", "recordingfile", *_NAMES),
        (*_TABLE, "recordingfile", "did", *_NAMES, "unnamed"),
        (*_TABLE, "did", "recordingfile", *_NAMES, "linkedid", "peeraccount", "sequence"),
    ),
    # A name in the quotes of its caller ID, where the cell's own are not doubled as they ought.
    mend=(r'""([^",]*)" <([^>",]*)>",', '"""${1}"" <${2}>",'),
)
DISPOSITIONS = {
    "answered": "ANSWERED", "no answer": "NO ANSWER", "busy": "BUSY", "failed": "FAILED",
    "congestion": "CONGESTION",
}  # fmt: skip
UNANSWERED = {"NO ANSWER": "abandoned", "BUSY": "busy", "FAILED": "failed", "CONGESTION": "failed"}

# The clock may step on between a channel's making and its first row.
AT_ONCE_SECONDS = 3

# The channel without the number of this one call: SIP/1001 of SIP/1001-0000002a.
_DEVICE = r"^(.+?)-[0-9a-f]+(?:;[12])?$"
_PEER = r"^[A-Za-z0-9]+/([^@]+)"
_INSIDE = r"^\d{2,6}$"
_OUTSIDE = r"^\+?\d{7,}$"
_FROM_OUTSIDE = r"^from-(?:pstn|trunk|did|dahdi|zaptel|sip-external)"


class AsteriskCdr:
    name = "asterisk_cdr"
    label = "Asterisk CDR"
    zone: str | None = None
    needs_zone = False
    # None of its calls is on a queue, so none has to be named.
    has_queue = True

    def recognises(self, head: bytes, filename: str) -> bool:
        return tables.head_fits(head, LAYOUT)

    def read(self, path: Path, reading: Reading) -> Iterator[Chunk]:
        """Chunks of rows. Raises FileRefused for a strange table, and where neither its ids nor
        anybody tells the zone or the order of its dates."""
        with tables.opened(path, LAYOUT) as table:
            clock = clocks.told(table, "start", "uniqueid", reading)
            notes = [] if reading.start else clock.notes
            for rows in table.stretches(reading.start, reading.chunk_lines):
                reading.passed(rows.done)
                chunk = self._chunk(rows, table, clock, reading)
                chunk.issues, notes = [*notes, *chunk.issues], []
                yield chunk

    def _chunk(self, rows: Rows, table: Table, clock: Clock, reading: Reading) -> Chunk:
        text = pl.col(pl.String)
        cells = Cells(rows.frame.with_columns(pl.when(text != "NULL").then(text)), table)
        wall = cells.stamp("start", clock.order)
        uniqueid = cells.text("uniqueid")
        made = clocks.epochs(uniqueid)
        words = ("src", "dst", "cnum", "dcontext", "lastapp", "lastdata", "dstchannel")
        told = pl.DataFrame(
            {
                "line": cells.rows["line"],
                "started": clock.moment(cells, "start", wall, made, reading.now),
                "wall": columns.wall_ms(wall),
                "own_channel": cells.text("channel", limit=250, required=True),
                **{name: cells.text(name, limit=250) for name in words},
                "duration": cells.whole("duration", 0, LONGEST_SECONDS),
                "billsec": cells.whole("billsec", 0, LONGEST_SECONDS),
                "state": cells.choice("disposition", DISPOSITIONS),
                "uniqueid": uniqueid,
                "linkedid": cells.text("linkedid"),
                "sequence": cells.text("sequence"),
                "recording": cells.text("recordingfile", limit=300),
            }
        )
        told = _outcomes(_directions(_identified(told, cells, reading)))
        told = _with_words(told, cells.unknown())
        return columns.chunk(rows, cells, legs.one_each(told.filter(~cells.bad)))


def _identified(told: pl.DataFrame, cells: Cells, reading: Reading) -> pl.DataFrame:
    """With the call that each leg is of, its birth, and when it was offered."""
    # Without ids a channel's name and its start are one call's own. The name may hold a number
    # that was called, and is not kept.
    channel = legs.leg_keys(told["own_channel"], told["wall"])
    named = pl.coalesce("linkedid", "uniqueid")
    told = told.with_columns(
        external_id=pl.coalesce(named, pl.format("{}-{}", "wall", pl.lit(channel))),
        apart=pl.when(named.is_null()).then("wall"),
        shared=legs.shared_birth(told["wall"]),
    )
    made_ms = clocks.epochs(told["external_id"]) * 1000
    column = "linkedid" if "linkedid" in cells.rows.columns else "uniqueid"
    strange = ~made_ms.is_between(milliseconds(EARLIEST), milliseconds(reading.now + FUTURE))
    cells.reject(strange, column, "range", _("Its time is before 1990 or in the future."))
    return told.with_columns(
        linked_id="external_id",
        birth_ms=pl.coalesce(pl.lit(made_ms), "apart", "shared"),
        offered_at=pl.coalesce(pl.lit((made_ms * 1000).cast(UTC_TIME)), "started"),
    )


def _directions(told: pl.DataFrame) -> pl.DataFrame:
    """With `direction`, and at either end `near` and `far` the device of the channel, and whether
    it is an inside phone."""
    src, dst, context = (pl.col(name).fill_null("") for name in ("src", "dst", "dcontext"))
    local = pl.col("own_channel").str.starts_with("Local/")
    told = told.with_columns(
        near=pl.coalesce(pl.col("own_channel").str.extract(_DEVICE, 1), "own_channel"),
        far=pl.coalesce(pl.col("dstchannel").str.extract(_DEVICE, 1), "dstchannel"),
    )
    peer = pl.col("near").str.extract(_PEER, 1)
    # Who dials by a click has a Local channel, named for whom they call.
    clicked = local & src.str.contains(_INSIDE)
    own = (peer == src) | (peer == pl.col("cnum")).fill_null(False)
    from_inside = (own | clicked | context.str.starts_with("from-internal")) & ~(
        context.str.contains(_FROM_OUTSIDE)
    )
    far_inside = pl.col("far").str.extract(_PEER, 1).str.contains(_INSIDE)
    to_outside = dst.str.contains(_OUTSIDE) | ~far_inside.fill_null(True)
    return told.with_columns(
        direction=pl.when(~from_inside.fill_null(False)).then(pl.lit("inbound"))
        .when(to_outside).then(pl.lit("outbound"))
        .otherwise(pl.lit("internal")),
        near_phone=pl.when(peer.str.contains(_INSIDE)).then("near")
        .when(clicked).then(pl.format("Local/{}", src)),
        far_phone=pl.when(far_inside).then("far"),
    )  # fmt: skip


def _outcomes(told: pl.DataFrame) -> pl.DataFrame:
    """With how each leg ended, who took part and how long it lasted."""
    app = pl.col("lastapp").fill_null("").str.to_lowercase()
    voicemail = app.str.starts_with("voicemail") | (
        pl.col("dcontext").fill_null("").str.contains("voicemail")
    )
    outcome = (
        pl.when(pl.col("state") != "ANSWERED")
        .then(pl.col("state").replace(UNANSWERED))
        .when(voicemail).then(pl.lit("voicemail"))
        .when(pl.col("dstchannel").is_null()).then(pl.lit("left_ivr"))
        .otherwise(pl.lit("answered"))
    )  # fmt: skip
    told = told.with_columns(outcome=outcome, lasted=pl.max_horizontal("duration", "billsec"))
    answered = pl.col("outcome") == "answered"
    machine = pl.col("outcome").is_in(["voicemail", "left_ivr"])
    inbound = pl.col("direction") == "inbound"
    # Of an answered leg without its talk the ringing is unknown too.
    ring = pl.col("lasted") - pl.when(answered).then("billsec").otherwise(0)
    number = pl.when(inbound).then("src").when(pl.col("direction") == "outbound").then("dst")
    taken = pl.when(inbound).then(pl.when(answered).then("far_phone")).otherwise("near_phone")
    told = told.with_columns(
        agent=taken.str.slice(0, 160),
        ring_ms=pl.when(~machine).then(ring * 1000),
        talk_ms=pl.when(answered).then(pl.col("billsec") * 1000),
        ivr_ms=pl.when(pl.col("outcome") == "left_ivr").then(pl.col("billsec") * 1000),
        caller=pl.when(number.str.contains(r"\d{3}")).then(number),
        queue_called=pl.when(app == "queue").then(pl.col("lastdata").str.extract(r"^([^,|]+)")),
        time_precision=pl.lit("second"),
    )
    # What passed before a later leg, a menu or other phones, is in no leg's ringing.
    with_call = (pl.col("started") - pl.col("offered_at")).dt.total_seconds() <= AT_ONCE_SECONDS
    taken_at = columns.later(pl.col("started"), pl.col("ring_ms").fill_null(0))
    over = columns.later(pl.col("started"), pl.col("lasted") * 1000)
    return told.with_columns(
        wait_ms=pl.when(inbound & with_call).then("ring_ms"),
        answered_at=pl.when(answered).then(pl.max_horizontal("offered_at", taken_at)),
        ended_at=pl.when(over.is_not_null()).then(pl.max_horizontal("offered_at", over)),
        weight=pl.when(answered).then("billsec").otherwise("lasted"),
    )


def _with_words(told: pl.DataFrame, unknown: list[pl.Series]) -> pl.DataFrame:
    """With each leg in words, and the key it is kept under."""
    own = (
        "uniqueid", "sequence", "own_channel", "dstchannel", "wall", "dst", "lastapp", "duration",
        "billsec", "state",
    )  # fmt: skip
    words = {
        "at": told["started"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "app": told["lastapp"],
        "queue": told["queue_called"],
        "phone": told["far_phone"],
        "disposition": told["state"],
        "duration": told["duration"],
        "billsec": told["billsec"],
    }
    members = [columns.json_member(name, value) for name, value in words.items()]
    return told.with_columns(
        key=legs.leg_keys(*(told[name] for name in own)),
        leg=columns.json_object([*members, *unknown], told.height),
    )


FORMAT = AsteriskCdr()
