"""Calls out: how many, and whom they reached.

How many people were to be called is not in the record, so there is no share of them reached.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kpis.declaration import Kpi, Variant
from kpis.definitions.making import (
    COMMON,
    LEAVES_THE_MEAN,
    OUTBOUND_UNKNOWN,
    fraction,
)
from kpis.measures import counted, of_outbound, outbound

OUTBOUND = (
    Kpi(
        "dials",
        _("Dials"),
        "none",
        OUTBOUND_UNKNOWN,
        (
            Variant(
                id="count",
                words=_("Calls out, answered or not; calls back are among them"),
                formula="dials",
                source=COMMON,
                unit="count",
                measure=of_outbound(counted.count("dials")),
                numerator=("dialled",),
                needs=("outbound",),
            ),
        ),
    ),
    Kpi(
        "connect_rate",
        _("Connect rate"),
        "up",
        OUTBOUND_UNKNOWN,
        (
            fraction(
                "dials",
                _("Calls out that were answered ÷ calls out that are over or were answered"),
                "answered / (dials - in_progress)",
                COMMON,
                of_outbound(outbound.connect_rate),
                ("answered",),
                ("dial_told",),
                needs=("outbound",),
            ),
        ),
    ),
    Kpi(
        "conversations",
        _("Conversations"),
        "none",
        LEAVES_THE_MEAN,
        (
            Variant(
                id="count",
                words=_("Calls out with at least {talk} of talk"),
                formula="conversations",
                source=COMMON,
                unit="count",
                measure=of_outbound(outbound.conversations),
                numerator=("conversation",),
                uses=("conversation",),
                needs=("outbound",),
            ),
        ),
    ),
)
