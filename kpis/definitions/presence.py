"""What agents' time is spent on: occupancy, utilisation, shrinkage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kpis import formulas
from kpis.declaration import Kpi, Variant
from kpis.definitions.making import COMMON, TIME_UNKNOWN
from kpis.measures import Measure, presence
from kpis.parameters import Parameter

if TYPE_CHECKING:
    from kpis.measures import Words

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

PAID_UNKNOWN = _(
    "Only days of agents count of which both the paid time and the states are known; a paid day"
    " without states or calls was not worked, where other people's states of that day are known."
    " Hours of a contract are no paid hours. Of queues and channels nobody is paid."
)


def _of_paid(
    variant_id: str,
    words: Words,
    formula: str,
    measure: Measure,
    uses: tuple[Parameter, ...] = (),
) -> Variant:
    return Variant(
        id=variant_id,
        words=words,
        formula=formula,
        source=COMMON,
        unit="fraction",
        measure=measure,
        interval="cluster_ratio",
        uses=uses,
        needs=("paid",),
    )


UTILISATION = Kpi(
    "utilisation",
    _("Utilisation"),
    "band",
    PAID_UNKNOWN,
    (
        _of_paid(
            "U1",
            _("(Handling and ringing + other productive time) ÷ paid time"),
            "(handling + other productive) / paid",
            presence.utilisation_u1,
            ("productive",),
        ),
        _of_paid(
            "U2",
            _("Time logged in, also beyond what was paid that day ÷ paid time"),
            "logged in / paid",
            presence.utilisation_u2,
        ),
    ),
)

SHRINKAGE = Kpi(
    "shrinkage",
    _("Shrinkage"),
    "down",
    PAID_UNKNOWN,
    (
        _of_paid(
            "sum",
            _("(Paid and not logged in + paid and logged in, but not on queue) ÷ paid time"),
            "not logged in / paid + not on queue / paid",
            presence.shrinkage_sum,
        ),
        _of_paid(
            "product",
            _("1 − the product of what each part leaves: not logged in, not on queue"),
            "1 - (1 - not logged in / paid) * (1 - not on queue / paid)",
            presence.shrinkage_product,
        ),
    ),
)

PRESENCE = (OCCUPANCY, UTILISATION, SHRINKAGE)
