"""Totals of days without their calls, as csv: kept apart, never mixed into counts of calls.

Two headers: "Incoming Calls, Answered Calls, Abandoned Calls, Answer Speed (AVG), Talk Duration
(AVG), Service Level (20 Seconds)", perhaps with "Sales Rep", whose rows need a Date (files of this
kind often number their rows and tell no date: they are refused, for no day may be guessed); and
the Spanish "fecha, llamadas, tmo", where tmo is the mean handling time in decimal minutes. Means
become sums, weighted by the answered calls or, where they are not told, by all. "Waiting Time
(AVG)" says not whose, and `nivel_servicio` not within how many seconds: both are kept as they are.
"""

from ccm.imports.cells.times import H_MM_SS, MINUTES
from ccm.imports.files.dialect import Dialect
from ccm.imports.mapping.preset import DAY_MINUTES, Preset, Shape
from ccm.imports.mapping.profile import Column, Profile
from ccm.imports.mapping.targets import Rows

_ENGLISH = Profile(
    Dialect(),
    Rows.TOTALS,
    (
        Column("Date", "moment"),
        Column("Queue", "queue"),
        Column("Sales Rep", "agent"),
        Column("Incoming Calls", "offered"),
        Column("Answered Calls", "answered_count"),
        Column("Abandoned Calls", "abandoned_count"),
        Column("Answer Speed (AVG)", "wait_mean", unit=H_MM_SS),
        Column("Talk Duration (AVG)", "talk_mean", unit=H_MM_SS),
        Column("Service Level (20 Seconds)", "service_level"),
    ),
    minutes=DAY_MINUTES,
    threshold_seconds=20,
)
_SPANISH = Profile(
    Dialect(),
    Rows.TOTALS,
    (
        Column("fecha", "moment"),
        Column("cola", "queue"),
        Column("llamadas", "offered"),
        Column("tmo", "handle_mean", unit=MINUTES),
    ),
    minutes=DAY_MINUTES,
)

FORMAT = Preset(
    "interval_counts",
    "Totals of days",
    Shape(_ENGLISH, frozenset({"Date", "Queue", "Sales Rep"})),
    Shape(_SPANISH, frozenset({"cola"})),
)
