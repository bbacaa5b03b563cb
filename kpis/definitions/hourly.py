"""What agents do in an hour."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kpis.declaration import Kpi, Variant
from kpis.definitions.making import COMMON
from kpis.measures import Measure, hourly
from kpis.parameters import Parameter

if TYPE_CHECKING:
    from kpis.measures import Words

HOURS_UNKNOWN = _(
    "What agents did on days of which their hours are not known leaves both sides and is counted"
    " apart, and so does what nobody is known to have done. Of queues and channels nobody's hours"
    " are told."
)
CONTACTS_UNKNOWN = _(
    "Where the hours of anybody who answered are not known there is no figure, for one contact may"
    " be of several agents. Of queues and channels nobody's hours are told."
)


def _per_hour(
    kpi_id: str,
    name: Words,
    unknown: Words,
    what: str,
    words: tuple[Words, Words],
    measure: Callable[[hourly._Hours], Measure],
    uses: tuple[Parameter, ...] = (),
    behind: str = "",
) -> Kpi:
    """A KPI over the hours of being logged in, and over those paid for: `words` of each. The calls
    `behind` it are of days whose hours are known; none named: those answered, whose all are."""
    over = (("logged_in", "logged-in", hourly.LOGGED_IN), ("paid", "paid", hourly.PAID))
    return Kpi(
        kpi_id,
        name,
        "none",
        unknown,
        tuple(
            Variant(
                id=variant_id,
                words=said,
                formula=f"{what} / {hours} hours",
                source=COMMON,
                unit="count",
                measure=measure(which),
                numerator=(f"{behind}_{variant_id}" if behind else "answered",),
                uses=uses,
                needs=("worked",),
            )
            for said, (variant_id, hours, which) in zip(words, over, strict=True)
        ),
    )


HOURLY = (
    _per_hour(
        "calls_per_hour",
        _("Calls per hour"),
        HOURS_UNKNOWN,
        "answered by agents",
        (
            _("Visits that agents answered ÷ hours they were logged in"),
            _("Visits that agents answered ÷ hours they were paid for"),
        ),
        hourly.visits,
        behind="answered",
    ),
    _per_hour(
        "contacts_per_hour",
        _("Contacts per hour"),
        CONTACTS_UNKNOWN,
        "answered contacts",
        (
            _("Contacts (of an agent visits) that were answered ÷ hours agents were logged in"),
            _("Contacts (of an agent visits) that were answered ÷ hours agents were paid for"),
        ),
        hourly.contacts,
    ),
    _per_hour(
        "dials_per_hour",
        _("Dials per hour"),
        HOURS_UNKNOWN,
        "dials",
        (
            _("Calls out, answered or not ÷ hours agents were logged in"),
            _("Calls out, answered or not ÷ hours agents were paid for"),
        ),
        hourly.dials,
        behind="dialled",
    ),
    _per_hour(
        "conversations_per_hour",
        _("Conversations per hour"),
        HOURS_UNKNOWN,
        "conversations",
        (
            _("Calls out with at least {talk} of talk ÷ hours agents were logged in"),
            _("Calls out with at least {talk} of talk ÷ hours agents were paid for"),
        ),
        hourly.conversations,
        ("conversation",),
        behind="conversation",
    ),
)
