"""Dialpad's stats export, csv: one row a call of a call centre, or of another line with a target.

Times are naive and local; the zone of each row is in its own column, so none is to be said.
`date_started` is when the call came, to the microsecond; where it queued, `date_queued` is when it
was offered. `date_connected` is the answer: without one the call is lost. Talk runs from there to
`date_ended`, ringing from `date_rang` to the answer. The queue is the id of the target, for the
export has no name of it; the agent is the operator's address, for two may have one name. A
disposition of two levels is written "Category~Sub". A caller may be withheld ("REDACTED"). A row
without a `call_id` cannot be told from others, and is rejected.
"""

from ccm.imports.cells.times import YMD
from ccm.imports.files.dialect import Dialect
from ccm.imports.mapping.preset import Preset, Shape
from ccm.imports.mapping.profile import BY_MOMENT, Column, Profile
from ccm.imports.mapping.targets import Rows

FORMAT = Preset(
    "dialpad_stats",
    "Dialpad stats export",
    Shape(
        Profile(
            Dialect(),
            Rows.CALLS,
            (
                Column("date_started", "moment", spelling=YMD),
                Column("call_id", "external_id"),
                Column("operator_email", "agent"),
                Column("disposition", "disposition", parted="~"),
                Column("direction", "direction"),
                Column("external_number", "caller", nulls=("REDACTED",)),
                Column("date_rang", "rang_at", spelling=YMD),
                Column("date_queued", "queued_at", spelling=YMD),
                Column("date_connected", "answered_at", spelling=YMD),
                Column("date_ended", "ended_at", spelling=YMD),
                Column("target_id", "queue"),
                Column("recording_url", "recording"),
                Column("timezone", "zone"),
            ),
            answered_by=BY_MOMENT,
        ),
        optional=frozenset({"disposition", "external_number", "date_rang", "recording_url"}),
    ),
)
