"""Handling: its parts, rings and transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kpis.declaration import Kpi, Variant
from kpis.definitions.making import (
    BALTO,
    COMMON,
    ESCALATION_UNKNOWN,
    HANDLING_UNKNOWN,
    LEAVES_THE_MEAN,
    NOTHING_UNKNOWN,
    RINGS_UNKNOWN,
    TRANSFER_UNKNOWN,
    ZENDESK,
    count,
    fraction,
    seconds,
)
from kpis.measures import counted, handling, of_outbound, offers
from kpis.sums.counts import ACW, HOLD, TALK

if TYPE_CHECKING:
    from kpis.measures import Words


def _part_mean(kpi_id: str, name: Words, words: Words, part: int) -> Kpi:
    """Mean of one part of handling."""
    variant = seconds(
        "mean",
        words,
        f"sum of {kpi_id} / answered with {kpi_id} known",
        handling.part_mean(part),
        (f"{kpi_id}_known",),
    )
    return Kpi(kpi_id, name, "none", LEAVES_THE_MEAN, (variant,))


HANDLING = (
    Kpi(
        "aht",
        _("Average handling time"),
        "none",
        HANDLING_UNKNOWN,
        (
            seconds(
                "H1",
                _("(Talk + hold + wrap-up) ÷ answered"),
                "(talk + hold + ACW) / answered",
                handling.aht_h1,
                ("handling_known",),
            ),
            seconds(
                "H2",
                _("(Talk + hold + wrap-up) ÷ all calls, also those that never entered the queue"),
                "(talk + hold + ACW) / (ended + refused + busy + left_ivr)",
                handling.aht_h2,
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
            seconds(
                "H3",
                _("(Talk + hold + wrap-up) ÷ all offered, also those still waiting"),
                "(talk + hold + ACW) / offered",
                handling.aht_h3,
                ("handling_known", "abandoned", "lost", "callback_requested", "in_progress"),
                numerator=("handling_known",),
                source=BALTO,
            ),
            seconds(
                "H4",
                _("(Talk + customer wait + wrap-up) ÷ answered: the wait instead of hold"),
                "(talk + wait + ACW) / answered",
                handling.aht_h4,
                ("handling_known",),
                source=_("the prose of Zendesk's guide"),
            ),
        ),
    ),
    Kpi(
        "aht_outbound",
        _("Average handling time, outbound"),
        "none",
        HANDLING_UNKNOWN,
        (
            seconds(
                "H1",
                _("(Talk + hold + wrap-up) ÷ answered, of the calls out"),
                "(talk + hold + ACW) / answered",
                of_outbound(handling.aht_h1),
                ("handling_known",),
                needs=("outbound",),
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
                words=_(
                    "Visits that a named agent answered, of a site too"
                    " ÷ agents who answered at least once"
                ),
                formula="answered by agents / agents",
                source=COMMON,
                unit="count",
                measure=counted.calls_per_agent,
                numerator=("answered_by_agent",),
                needs=("answering",),
            ),
        ),
    ),
    count(
        "ring_no_answer",
        _("Rings not answered"),
        _("Rings at an agent who did not answer, also the unreachable; one visit can ring often"),
        direction="down",
        unknown=RINGS_UNKNOWN,
        behind="rang_no_answer",
        of=offers.RINGS,
    ),
    count(
        "unreachable",
        _("Rings unreachable"),
        _("Rings that never reached the agent's phone: a part of the rings not answered"),
        direction="down",
        unknown=RINGS_UNKNOWN,
        behind="rang_unreachable",
        of=offers.RINGS,
    ),
    count(
        "declined",
        _("Rings declined"),
        _("Rings that an agent declined"),
        direction="down",
        unknown=RINGS_UNKNOWN,
        behind="rang_declined",
        of=offers.RINGS,
    ),
    count(
        "cancelled",
        _("Rings cancelled"),
        _("Rings that ended by themselves: the caller left, or another agent answered"),
        unknown=RINGS_UNKNOWN,
        behind="rang_cancelled",
        of=offers.RINGS,
    ),
    count(
        "missed",
        _("Left while a phone rang"),
        _("The caller left while a phone rang at an agent"),
        direction="down",
        unknown=RINGS_UNKNOWN,
    ),
    Kpi(
        "missed_rate",
        _("Missed rings"),
        "down",
        RINGS_UNKNOWN,
        (
            fraction(
                "per_offer",
                _("(Rings not answered + declined) ÷ (rings answered + not answered + declined)"),
                "(no_answer + declined) / (offers answered + no_answer + declined)",
                COMMON,
                offers.missed_per_offer,
                ("rang_missed",),
                ("rang",),
            ),
            fraction(
                "per_call",
                _(
                    "(Rings not answered + declined) ÷ all that left the queue;"
                    " a call can be missed more than once, so this may pass 100 %"
                ),
                "(no_answer + declined) / ended",
                ZENDESK,
                offers.missed_per_call,
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
            fraction(
                "answered",
                _("Answered and transferred out at least once ÷ answered"),
                "transferred_out / answered",
                COMMON,
                offers.transfer_rate,
                ("transferred_out",),
                ("answered",),
            ),
            fraction(
                "contacts",
                _("Contacts that more than one agent answered ÷ answered contacts"),
                "several_agents / answered",
                COMMON,
                offers.several_agents,
                ("several_agents",),
                ("answered",),
            ),
            fraction(
                "blind",
                _("Answered and passed on unannounced ÷ answered"),
                "transferred_blind / answered",
                COMMON,
                offers.transferred_blind,
                ("transferred_blind",),
                ("answered",),
            ),
            fraction(
                "attended",
                _("Answered and passed on after a word with who takes over ÷ answered"),
                "transferred_attended / answered",
                COMMON,
                offers.transferred_attended,
                ("transferred_attended",),
                ("answered",),
            ),
        ),
    ),
    Kpi(
        "escalation_rate",
        _("Escalation rate"),
        "none",
        ESCALATION_UNKNOWN,
        (
            fraction(
                "noted",
                _("Answered, and the note says that it was handed up ÷ answered with a note"),
                "escalated / answered with a note",
                COMMON,
                offers.escalation_rate,
                ("escalated",),
                ("noted",),
            ),
        ),
    ),
)
