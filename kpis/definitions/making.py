"""What declarations are made with: sources, words about the unknown, and short forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kpis.declaration import Direction, IntervalMethod, Kpi, Need, Variant
from kpis.measures import Measure, counted
from kpis.parameters import Parameter

if TYPE_CHECKING:
    from kpis.measures import Words

COMMON = _("in common use")
CALL_CENTRE_HELPER = _("Call Centre Helper, “Service level threshold calculations”")
TALKDESK_LIVE = _("Talkdesk Live")
AMAZON_CONNECT = _("Amazon Connect guide")
TALKDESK_EXPLORE = _("Talkdesk Explore")
ZENDESK = _("Zendesk's guide")
BALTO = _("Balto's guide")
NET_PROMOTER = _("Reichheld 2003, “The one number you need to grow”")

SURVIVAL = _("Kaplan and Meier 1958; Aalen and Johansen 1978")

NOTHING_UNKNOWN = _("Nothing can be unknown: every visit has an outcome.")
LEAVES_THE_MEAN = _("A visit whose time is not known leaves the mean on both sides.")
LEVEL_UNKNOWN = _(
    "An answered visit of unknown wait leaves both sides; an abandoned, lost or call-back"
    " visit of unknown wait counts as longer than T. Where calls were answered and none of"
    " their waits is known, there is no figure."
)
ABANDON_UNKNOWN = _("An abandoned visit of unknown wait is not short.")
HANDLING_UNKNOWN = _(
    "Only answered visits that measure the same parts, talk among them, are pooled: the"
    " largest such group. The others leave both sides."
)
RINGS_UNKNOWN = _("A source that logs no rings has none to count.")
TRANSFER_UNKNOWN = _("A visit without a logged transfer counts as not transferred.")
TIME_UNKNOWN = _(
    "An agent whom no state tells of on a day is left out that day, though there be calls. What has"
    " no end yet lasts until the agent's last sign within a day; what has no start is left out. Of"
    " a queue only the days of agents who served no other queue can be told."
)
CALLBACK_UNKNOWN = _(
    "A call back is known by a call out of the same contact, answered within seven days. Where the"
    " source does not link the two, nobody was called back as far as is known; so too where either"
    " tells its day alone, for nobody knows which came first."
)
OUTBOUND_UNKNOWN = _("Nothing can be unknown: every call out has an outcome.")
ESCALATION_UNKNOWN = _("An answered call without a note leaves both sides.")
RESPONSE_UNKNOWN = _(
    "An answer that names no call is of nobody who could have answered: it is not counted. A link"
    " that is still open counts as not answered, one withdrawn before it ran out as none. An answer"
    " on any scale is one. Calls that were refused or left in the menu may have a link too; what a"
    " call on no queue has counts for a contact that was on one, and for nothing else. Where"
    " neither a link nor any answer of the kind, one of no such call too, tells that anybody was"
    " asked, there is no rate of the answered."
)
RESOLVED_UNKNOWN = _("An answered visit not known as resolved or unresolved leaves both sides.")
SURVEY_UNKNOWN = _(
    "A call without an answered survey is in neither side. An answer that names no call counts on "
    "its queue on the day it was given; there is no call of it to list."
)


def fraction(
    variant_id: str,
    words: Words,
    formula: str,
    source: Words,
    measure: Measure,
    numerator: tuple[str, ...],
    denominator: tuple[str, ...],
    uses: tuple[Parameter, ...] = (),
    interval: IntervalMethod = "cluster_ratio",
    needs: tuple[Need, ...] = (),
) -> Variant:
    """A variant that is one count over another."""
    return Variant(
        id=variant_id,
        words=words,
        formula=formula,
        source=source,
        unit="fraction",
        measure=measure,
        interval=interval,
        numerator=numerator,
        denominator=denominator,
        uses=uses,
        needs=needs,
    )


def seconds(
    variant_id: str,
    words: Words,
    formula: str,
    measure: Measure,
    denominator: tuple[str, ...],
    *,
    numerator: tuple[str, ...] = (),
    interval: IntervalMethod = "cluster_ratio",
    source: Words = COMMON,
    uses: tuple[Parameter, ...] = (),
    needs: tuple[Need, ...] = (),
    percentile: bool = False,
) -> Variant:
    """A variant in seconds; without a `numerator`, all of the denominator bring their time."""
    return Variant(
        id=variant_id,
        words=words,
        formula=formula,
        source=source,
        unit="seconds",
        measure=measure,
        interval=interval,
        numerator=numerator or denominator,
        denominator=denominator,
        uses=uses,
        needs=needs,
        percentile=percentile,
    )


def count(
    kpi_id: str,
    name: Words,
    words: Words,
    *,
    direction: Direction = "none",
    unknown: Words = NOTHING_UNKNOWN,
    behind: str = "",
    of: Words = "",
) -> Kpi:
    """A KPI that is one field of Counts, with the visits of one predicate behind it; `of` what it
    counts, where that is neither visits nor contacts."""
    variant = Variant(
        id="count",
        words=words,
        formula=kpi_id,
        source=COMMON,
        unit="count",
        measure=counted.count(kpi_id, of),
        numerator=(behind or kpi_id,),
    )
    return Kpi(kpi_id, name, direction, unknown, (variant,))
