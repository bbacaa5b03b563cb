"""What agents' time is spent on: occupancy."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kpis import formulas
from kpis.declaration import Kpi, Variant
from kpis.definitions.making import COMMON, TIME_UNKNOWN
from kpis.measures import presence

# The field uses the two words both ways round (ICMI 2012 swaps them): the formula is always shown.
OCCUPANCY = Kpi(
    "occupancy",
    _("Occupancy"),
    "band",
    TIME_UNKNOWN,
    (
        Variant(
            id="O1",
            words=_("Handling time ÷ (handling time + time ready and idle)"),
            formula="handling / (handling + idle ready)",
            source=COMMON,
            unit="fraction",
            measure=presence.of_time(formulas.occupancy_o1),
            interval="cluster_ratio",
            uses=("ring",),
            needs=("time",),
        ),
        Variant(
            id="O2",
            words=_("Handling time ÷ time logged in"),
            formula="handling / logged in",
            source=COMMON,
            unit="fraction",
            measure=presence.of_time(formulas.occupancy_o2),
            interval="cluster_ratio",
            uses=("ring",),
            needs=("time",),
        ),
    ),
)

PRESENCE = (OCCUPANCY,)
