"""The call report of Elastix' call centre module: End Date, Phone, Status.

A row is a call, known to the day on which it ended and to nothing finer: its time of day, wait,
talk, agent and queue are not in it, so the queue is to be said. It has no id either: rows that are
alike are so many calls of one caller on one day. The order of the dates is told by all of them
together. "Success" is an answered call.
"""

from ccm.imports.files.dialect import Dialect
from ccm.imports.mapping.preset import Preset, Shape
from ccm.imports.mapping.profile import BY_COLUMN, Column, Profile
from ccm.imports.mapping.targets import Rows

FORMAT = Preset(
    "elastix_report",
    "Elastix call report",
    Shape(
        Profile(
            Dialect(),
            Rows.CALLS,
            (
                Column("End Date", "moment"),
                Column("Phone", "caller"),
                Column("Status", "outcome", meanings={"success": "answered"}),
            ),
            answered_by=BY_COLUMN,
        ),
        # Three words that any list of calls may have beside others.
        alone=True,
    ),
)
