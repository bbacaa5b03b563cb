"""Every KPI, declared once: its words, its unit, its rival formulas and what they count.

Pages, passports, the API and docs/metrics.md are made from these. A formula is written in
counts (<=T: the wait is known and within the threshold; short: abandoned within the
short-abandon limit; ended: offered and no longer waiting). Where rivals share a name in the
field, all are here; the first of each KPI is our default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kpis import formulas, measures
from kpis.counts import ACW, HOLD, TALK
from kpis.declaration import Behind, Direction, IntervalMethod, Kpi, Unit, UnknownKpi, Variant
from kpis.histogram import ALL_OUTCOMES, WaitOutcome
from kpis.measures import LeftOut, Measure, Value
from kpis.parameters import Parameter, Parameters

if TYPE_CHECKING:
    from kpis.measures import Words

__all__ = [
    "KPIS",
    "Behind",
    "Direction",
    "IntervalMethod",
    "Kpi",
    "LeftOut",
    "Parameters",
    "Unit",
    "UnknownKpi",
    "Value",
    "Variant",
    "parse",
    "passport",
]

COMMON = _("in common use")
CALL_CENTRE_HELPER = _("Call Centre Helper, “Service level threshold calculations”")
TALKDESK_LIVE = _("Talkdesk Live")
AMAZON_CONNECT = _("Amazon Connect guide")
ZENDESK = _("Zendesk's guide")
BALTO = _("Balto's guide")

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
RESOLVED_UNKNOWN = _("An answered visit not known as resolved or unresolved leaves both sides.")
SURVEY_UNKNOWN = _(
    "A call without an answered survey is in neither side. An answer that names no call counts on "
    "its queue on the day it was given; there is no call of it to list."
)


def _fraction(
    variant_id: str,
    words: Words,
    formula: str,
    source: Words,
    measure: Measure,
    numerator: tuple[str, ...],
    denominator: tuple[str, ...],
    uses: tuple[Parameter, ...] = (),
    interval: IntervalMethod = "cluster_ratio",
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
    )


def _seconds(
    variant_id: str,
    words: Words,
    formula: str,
    measure: Measure,
    denominator: tuple[str, ...],
    *,
    numerator: tuple[str, ...] = (),
    interval: IntervalMethod = "cluster_ratio",
    source: Words = COMMON,
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
    )


def _count(
    kpi_id: str,
    name: Words,
    words: Words,
    *,
    direction: Direction = "none",
    unknown: Words = NOTHING_UNKNOWN,
    behind: str = "",
) -> Kpi:
    """A KPI that is one field of Counts, with the visits of one predicate behind it."""
    variant = Variant(
        id="count",
        words=words,
        formula=kpi_id,
        source=COMMON,
        unit="count",
        measure=measures.count(kpi_id),
        numerator=(behind or kpi_id,),
    )
    return Kpi(kpi_id, name, direction, unknown, (variant,))


def _part_mean(kpi_id: str, name: Words, words: Words, part: int) -> Kpi:
    """Mean of one part of handling."""
    variant = _seconds(
        "mean",
        words,
        f"sum of {kpi_id} / answered with {kpi_id} known",
        measures.part_mean(part),
        (f"{kpi_id}_known",),
    )
    return Kpi(kpi_id, name, "none", LEAVES_THE_MEAN, (variant,))


def _wait_percentile(percent: int, name: Words) -> Kpi:
    """The wait that `percent` of the visits do not pass, by nearest rank."""
    formula = f"percentile_disc({percent / 100:g}) of the waits of the {{}}"
    return Kpi(
        f"wait_p{percent}",
        name,
        "down",
        _("A visit whose wait is not known is in no percentile."),
        (
            _seconds(
                "answered",
                _("Nearest rank among the waits of the answered"),
                formula.format("answered"),
                measures.wait_percentile(percent, (WaitOutcome.ANSWERED,)),
                ("answered_wait_known",),
                interval="none",
            ),
            _seconds(
                "all",
                _("Nearest rank among the waits of all that left the queue"),
                formula.format("ended"),
                measures.wait_percentile(percent, ALL_OUTCOMES),
                ("ended_wait_known",),
                interval="none",
            ),
        ),
    )


VOLUME = (
    _count(
        "offered",
        _("Offered"),
        _("Entered the queue: answered, abandoned, left otherwise, or still waiting"),
    ),
    _count(
        "answered",
        _("Answered"),
        _("Connected to an agent, also while talk or wrap-up still lasts"),
    ),
    _count("abandoned", _("Abandoned"), _("The caller left while waiting"), direction="down"),
    _count(
        "timed_out",
        _("Timed out"),
        _("Waited as long as the queue allows and was sent away"),
        direction="down",
    ),
    _count("key_exit", _("Left by key"), _("Left the queue by pressing a key")),
    _count(
        "callback_requested",
        _("Call backs asked for"),
        _("Asked for a call back instead of waiting on"),
    ),
    _count(
        "other",
        _("Other exits"),
        _("Left for voicemail, by a failure, or by an exit without a name"),
    ),
    _count(
        "in_progress",
        _("Still waiting"),
        _("Entered the queue and still waits: in no rate, shown beside it"),
    ),
    _count(
        "left_ivr",
        _("Left in the menu"),
        _("Hung up in the voice menu, before the queue: not offered"),
    ),
    _count(
        "refused",
        _("Refused"),
        _("Turned away before the queue, for it was full or closed: not offered"),
        direction="down",
    ),
    _count(
        "busy",
        _("Busy"),
        _("Met a busy line before the queue: not offered"),
        direction="down",
    ),
)

_LEVEL: tuple[Parameter, ...] = ("threshold", "clock", "entry")
_SWITCHED: tuple[Parameter, ...] = (*_LEVEL, "lost", "callbacks")

SERVICE_LEVEL = Kpi(
    "service_level",
    _("Service level"),
    "up",
    LEVEL_UNKNOWN,
    (
        _fraction(
            "SL4",
            _("Answered {within} ÷ (answered + abandoned {after})"),
            "answered<=T / (answered + abandoned>T)",
            CALL_CENTRE_HELPER,
            measures.service_level(
                formulas.service_level_sl4, "abandoned", switches=True, less="within"
            ),
            ("answered_within",),
            ("answered_wait_known", "abandoned_after", "lost_after"),
            _SWITCHED,
        ),
        _fraction(
            "SL1",
            _("(Answered {within} + abandoned {within}) ÷ (answered + abandoned)"),
            "(answered<=T + abandoned<=T) / (answered + abandoned)",
            CALL_CENTRE_HELPER,
            measures.service_level(formulas.service_level_sl1, "abandoned", switches=True),
            ("answered_within", "abandoned_within", "lost_within"),
            ("answered_wait_known", "abandoned", "lost"),
            _SWITCHED,
        ),
        _fraction(
            "SL2",
            _("Answered {within} ÷ answered"),
            "answered<=T / answered",
            _("Call Centre Helper; Asterisk's ServicelevelPerf"),
            measures.service_level(formulas.service_level_sl2, switches=True),
            ("answered_within",),
            ("answered_wait_known",),
            (*_LEVEL, "callbacks"),
        ),
        _fraction(
            "SL3",
            _("Answered {within} ÷ (answered + abandoned)"),
            "answered<=T / (answered + abandoned)",
            CALL_CENTRE_HELPER,
            measures.service_level(formulas.service_level_sl3, "abandoned", switches=True),
            ("answered_within",),
            ("answered_wait_known", "abandoned", "lost"),
            _SWITCHED,
        ),
        _fraction(
            "SL5",
            _("(Answered {within} + short abandons) ÷ (answered + abandoned)"),
            "(answered<=T + short) / (answered + abandoned)",
            CALL_CENTRE_HELPER,
            measures.service_level(formulas.service_level_sl5, "abandoned", switches=True),
            ("answered_within", "abandoned_short"),
            ("answered_wait_known", "abandoned", "lost"),
            (*_SWITCHED, "short"),
        ),
        _fraction(
            "SL6",
            _("Answered {within} ÷ (all that left the queue − short abandons)"),
            "answered<=T / (ended - short)",
            TALKDESK_LIVE,
            measures.service_level(
                formulas.service_level_sl6, "abandoned", "lost", "callback", less="short"
            ),
            ("answered_within",),
            ("answered_wait_known", "abandoned_not_short", "lost", "callback_requested"),
            (*_LEVEL, "callbacks", "short"),
        ),
        _fraction(
            "SL7",
            _("(Answered, abandoned or asked for a call back {within}) ÷ all that left the queue"),
            "(answered<=T + abandoned<=T + callback<=T) / ended",
            AMAZON_CONNECT,
            measures.service_level(formulas.service_level_sl7, "abandoned", "lost", "callback"),
            ("answered_within", "abandoned_within", "callback_within"),
            ("answered_wait_known", "abandoned", "lost", "callback_requested"),
            _LEVEL,
        ),
        _fraction(
            "SL7b",
            _(
                "(Answered or asked for a call back {within}) ÷ (answered + abandoned"
                " + asked for a call back)"
            ),
            "(answered<=T + callback<=T) / (answered + abandoned + callback)",
            COMMON,
            measures.service_level(formulas.service_level_sl7b, "abandoned", "callback"),
            ("answered_within", "callback_within"),
            ("answered_wait_known", "abandoned", "callback_requested"),
            _LEVEL,
        ),
    ),
    Parameters(target=0.80),
)

ABANDON_RATE = Kpi(
    "abandon_rate",
    _("Abandon rate"),
    "down",
    ABANDON_UNKNOWN,
    (
        _fraction(
            "A1",
            _("(Abandoned − short abandons) ÷ (all that left the queue − short abandons)"),
            "(abandoned - short) / (ended - short)",
            COMMON,
            measures.abandon_rate_a1,
            ("abandoned_not_short",),
            ("answered", "abandoned_not_short", "lost", "callback_requested"),
            ("clock", "entry", "short"),
        ),
        _fraction(
            "A2",
            _("Abandoned ÷ all that left the queue"),
            "abandoned / ended",
            COMMON,
            measures.abandon_rate_a2,
            ("abandoned",),
            ("ended",),
            ("clock", "entry"),
        ),
        _fraction(
            "A3",
            _("Abandoned ÷ (all that left the queue + refused + left in the menu)"),
            "abandoned / (ended + refused + left_ivr)",
            ZENDESK,
            measures.abandon_rate_a3,
            ("abandoned",),
            ("ended", "refused", "left_ivr"),
            ("clock", "entry"),
        ),
        _fraction(
            "A4",
            _("All that left the queue unanswered ÷ all that left the queue"),
            "(ended - answered) / ended",
            COMMON,
            measures.abandon_rate_a4,
            ("abandoned", "lost", "callback_requested"),
            ("ended",),
            ("clock", "entry"),
        ),
    ),
)

WAITING = (
    Kpi(
        "asa",
        _("Average speed of answer"),
        "down",
        LEAVES_THE_MEAN,
        (
            _seconds(
                "W1",
                _("Mean wait of the answered; answered at once counts as 0"),
                "sum wait of answered / answered",
                measures.asa_of_answered,
                ("answered_wait_known",),
            ),
            _seconds(
                "W2",
                _("Mean wait of all that left the queue"),
                "sum wait of ended / ended",
                measures.asa_of_ended,
                ("ended_wait_known",),
            ),
        ),
    ),
    Kpi(
        "longest_wait",
        _("Longest wait"),
        "down",
        _("A visit whose wait is not known cannot be the longest."),
        (
            _seconds(
                "all",
                _("Longest wait of all that left the queue"),
                "max wait of ended",
                measures.longest_of_ended,
                ("ended_wait_known",),
                interval="none",
            ),
            _seconds(
                "answered",
                _("Longest wait of the answered"),
                "max wait of answered",
                measures.longest_of_answered,
                ("answered_wait_known",),
                interval="none",
            ),
        ),
    ),
    _wait_percentile(50, _("Median wait")),
    _wait_percentile(90, _("Wait, 90th percentile")),
    _wait_percentile(95, _("Wait, 95th percentile")),
    _wait_percentile(99, _("Wait, 99th percentile")),
    Kpi(
        "mean_time_to_abandon",
        _("Mean time to abandon"),
        "none",
        LEAVES_THE_MEAN,
        (
            _seconds(
                "mean",
                _("Mean wait of the abandoned"),
                "sum wait of abandoned / abandoned",
                measures.mean_time_to_abandon,
                ("abandoned_wait_known",),
            ),
        ),
    ),
)

HANDLING = (
    Kpi(
        "aht",
        _("Average handling time"),
        "none",
        HANDLING_UNKNOWN,
        (
            _seconds(
                "H1",
                _("(Talk + hold + wrap-up) ÷ answered"),
                "(talk + hold + ACW) / answered",
                measures.aht_h1,
                ("handling_known",),
            ),
            _seconds(
                "H2",
                _("(Talk + hold + wrap-up) ÷ all calls, also those that never entered the queue"),
                "(talk + hold + ACW) / (ended + refused + busy + left_ivr)",
                measures.aht_h2,
                (
                    "handling_known",
                    "abandoned",
                    "lost",
                    "callback_requested",
                    "refused",
                    "busy",
                    "left_ivr",
                ),
                numerator=("handling_known",),
                source=ZENDESK,
            ),
            _seconds(
                "H3",
                _("(Talk + hold + wrap-up) ÷ all that left the queue"),
                "(talk + hold + ACW) / ended",
                measures.aht_h3,
                ("handling_known", "abandoned", "lost", "callback_requested"),
                numerator=("handling_known",),
                source=BALTO,
            ),
            _seconds(
                "H4",
                _("(Talk + customer wait + wrap-up) ÷ answered: the wait instead of hold"),
                "(talk + wait + ACW) / answered",
                measures.aht_h4,
                ("handling_known",),
                source=_("the prose of Zendesk's guide"),
            ),
        ),
    ),
    _part_mean("talk", _("Talk"), _("Mean talk of the answered"), TALK),
    _part_mean("hold", _("Hold"), _("Mean hold of the answered"), HOLD),
    _part_mean("acw", _("Wrap-up"), _("Mean wrap-up of the answered"), ACW),
    Kpi(
        "calls_per_agent",
        _("Calls per agent"),
        "none",
        NOTHING_UNKNOWN,
        (
            Variant(
                id="mean",
                words=_("Answered by a named agent ÷ agents who answered at least once"),
                formula="answered by agents / agents",
                source=COMMON,
                unit="count",
                measure=measures.calls_per_agent,
                numerator=("answered",),
            ),
        ),
    ),
    _count(
        "ring_no_answer",
        _("Rings not answered"),
        _("Rings at an agent who did not answer, also the unreachable; one visit can ring often"),
        direction="down",
        unknown=RINGS_UNKNOWN,
        behind="rang_no_answer",
    ),
    _count(
        "unreachable",
        _("Rings unreachable"),
        _("Rings that never reached the agent's phone: a part of the rings not answered"),
        direction="down",
        unknown=RINGS_UNKNOWN,
        behind="rang_unreachable",
    ),
    Kpi(
        "missed_rate",
        _("Missed rings"),
        "down",
        RINGS_UNKNOWN,
        (
            _fraction(
                "per_offer",
                _("(Rings not answered + declined) ÷ (rings answered + not answered + declined)"),
                "(no_answer + declined) / (offers answered + no_answer + declined)",
                COMMON,
                measures.missed_per_offer,
                ("rang_missed",),
                ("rang",),
            ),
            _fraction(
                "per_call",
                _(
                    "(Rings not answered + declined) ÷ all that left the queue;"
                    " a call can be missed more than once, so this may pass 100 %"
                ),
                "(no_answer + declined) / ended",
                ZENDESK,
                measures.missed_per_call,
                ("rang_missed",),
                ("ended",),
            ),
        ),
    ),
    Kpi(
        "transfer_rate",
        _("Transfer rate"),
        "none",
        TRANSFER_UNKNOWN,
        (
            _fraction(
                "answered",
                _("Answered and transferred out at least once ÷ answered"),
                "transferred_out / answered",
                COMMON,
                measures.transfer_rate,
                ("transferred_out",),
                ("answered",),
            ),
        ),
    ),
)

OUTCOME = (
    Kpi(
        "resolved_rate",
        _("Resolved rate"),
        "up",
        RESOLVED_UNKNOWN,
        (
            _fraction(
                "known",
                _("Resolved ÷ answered, where it is known whether resolved"),
                "resolved / answered with resolved known",
                COMMON,
                measures.resolved_rate,
                ("resolved",),
                ("resolved_known",),
            ),
        ),
    ),
    Kpi(
        "csat",
        _("Customer satisfaction"),
        "up",
        SURVEY_UNKNOWN,
        (
            _fraction(
                "C1",
                _(
                    "Scores in the highest quarter of their scale (4–5 of 5, 6–7 of 7, 8–10"
                    " of 10) ÷ all scores"
                ),
                "n((score - min) / (max - min) >= 0.75) / n",
                COMMON,
                measures.csat_c1,
                ("surveyed_top",),
                ("surveyed",),
                interval="wilson",
            ),
            Variant(
                id="C2",
                words=_("Mean score on its scale; different scales are not pooled"),
                formula="sum of scores / n",
                source=COMMON,
                unit="score",
                measure=measures.csat_c2,
                numerator=("surveyed",),
                denominator=("surveyed",),
            ),
            Variant(
                id="C3",
                words=_("(Scores in the highest quarter − in the lowest quarter) ÷ all scores"),
                formula="(n(>= 0.75) - n(<= 0.25)) / n",
                source=COMMON,
                unit="points",
                measure=measures.csat_c3,
                numerator=("surveyed_top", "surveyed_bottom"),
                denominator=("surveyed",),
            ),
        ),
    ),
)

KPIS: Mapping[str, Kpi] = {
    kpi.id: kpi for kpi in (*VOLUME, SERVICE_LEVEL, ABANDON_RATE, *WAITING, *HANDLING, *OUTCOME)
}


def parse(asked: str) -> tuple[Kpi, Variant]:
    """The KPI and variant of "service_level:SL1", or of "service_level" by default.

    Raises UnknownKpi.
    """
    kpi_id, colon, variant_id = asked.partition(":")
    if kpi_id not in KPIS:
        raise UnknownKpi(
            gettext("there is no KPI {wanted!r}; there are {existing}").format(
                wanted=kpi_id, existing=", ".join(KPIS)
            )
        )
    kpi = KPIS[kpi_id]
    return kpi, kpi.variant(variant_id if colon else None)


def passport(kpi: Kpi, variant: Variant, parameters: Parameters | None = None) -> str:
    """The formula in words, with the parameters filled in."""
    chosen = parameters or kpi.parameters
    words = str(variant.words).format(**chosen.placeholders())
    return "; ".join([words, *chosen.remarks(variant.uses)])
