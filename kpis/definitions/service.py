"""Service level and abandon rate, in every form that the field uses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kpis import formulas
from kpis.declaration import Kpi
from kpis.definitions.making import (
    ABANDON_UNKNOWN,
    AMAZON_CONNECT,
    CALL_CENTRE_HELPER,
    COMMON,
    LEVEL_UNKNOWN,
    TALKDESK_EXPLORE,
    TALKDESK_LIVE,
    ZENDESK,
    fraction,
)
from kpis.measures import in_hours, levels
from kpis.parameters import Parameter, Parameters

_LEVEL: tuple[Parameter, ...] = ("threshold", "clock", "entry", "hours")
_ABANDON: tuple[Parameter, ...] = ("clock", "entry", "hours")
_SWITCHED: tuple[Parameter, ...] = (*_LEVEL, "lost", "callbacks")

SERVICE_LEVEL = Kpi(
    "service_level",
    _("Service level"),
    "up",
    LEVEL_UNKNOWN,
    (
        fraction(
            "SL4",
            _("Answered {within} ÷ (answered + abandoned {after})"),
            "answered<=T / (answered + abandoned>T)",
            CALL_CENTRE_HELPER,
            in_hours(
                levels.service_level(
                    formulas.service_level_sl4, "abandoned", switches=True, less="within"
                )
            ),
            ("answered_within",),
            ("answered_wait_known", "abandoned_after", "lost_after"),
            _SWITCHED,
        ),
        fraction(
            "SL1",
            _("(Answered {within} + abandoned {within}) ÷ (answered + abandoned)"),
            "(answered<=T + abandoned<=T) / (answered + abandoned)",
            CALL_CENTRE_HELPER,
            in_hours(levels.service_level(formulas.service_level_sl1, "abandoned", switches=True)),
            ("answered_within", "abandoned_within", "lost_within"),
            ("answered_wait_known", "abandoned", "lost"),
            _SWITCHED,
        ),
        fraction(
            "SL2",
            _("Answered {within} ÷ answered"),
            "answered<=T / answered",
            _("Call Centre Helper; Asterisk's ServicelevelPerf"),
            in_hours(levels.service_level(formulas.service_level_sl2, switches=True)),
            ("answered_within",),
            ("answered_wait_known",),
            (*_LEVEL, "callbacks"),
        ),
        fraction(
            "SL3",
            _("Answered {within} ÷ (answered + abandoned)"),
            "answered<=T / (answered + abandoned)",
            CALL_CENTRE_HELPER,
            in_hours(levels.service_level(formulas.service_level_sl3, "abandoned", switches=True)),
            ("answered_within",),
            ("answered_wait_known", "abandoned", "lost"),
            _SWITCHED,
        ),
        fraction(
            "SL5",
            _("(Answered {within} + short abandons) ÷ (answered + abandoned)"),
            "(answered<=T + short) / (answered + abandoned)",
            CALL_CENTRE_HELPER,
            in_hours(levels.service_level(formulas.service_level_sl5, "abandoned", switches=True)),
            ("answered_within", "abandoned_short"),
            ("answered_wait_known", "abandoned", "lost"),
            (*_SWITCHED, "short"),
        ),
        fraction(
            "SL6",
            _("Answered {within} ÷ (all that left the queue − short abandons)"),
            "answered<=T / (ended - short)",
            TALKDESK_LIVE,
            in_hours(
                levels.service_level(
                    formulas.service_level_sl6,
                    "abandoned",
                    "lost",
                    "callback",
                    callbacks=True,
                    less="short",
                )
            ),
            ("answered_within",),
            ("answered_wait_known", "abandoned_not_short", "lost", "callback_requested"),
            (*_LEVEL, "callbacks", "short"),
        ),
        fraction(
            "SL7",
            _("(Answered, abandoned or asked for a call back {within}) ÷ all that left the queue"),
            "(answered<=T + abandoned<=T + callback<=T) / ended",
            AMAZON_CONNECT,
            in_hours(
                levels.service_level(formulas.service_level_sl7, "abandoned", "lost", "callback")
            ),
            ("answered_within", "abandoned_within", "callback_within"),
            ("answered_wait_known", "abandoned", "lost", "callback_requested"),
            _LEVEL,
        ),
        fraction(
            "SL7b",
            _(
                "(Answered or asked for a call back {within}) ÷ (answered + abandoned"
                " + asked for a call back)"
            ),
            "(answered<=T + callback<=T) / (answered + abandoned + callback)",
            COMMON,
            in_hours(levels.service_level(formulas.service_level_sl7b, "abandoned", "callback")),
            ("answered_within", "callback_within"),
            ("answered_wait_known", "abandoned", "callback_requested"),
            _LEVEL,
        ),
        fraction(
            "SL8",
            _(
                "(Answered or missed {within}) ÷ (answered + missed), in opening hours; missed: the"
                " caller left while a phone rang"
            ),
            "(answered<=T + missed<=T) / (answered + missed)",
            TALKDESK_EXPLORE,
            in_hours(levels.service_level(formulas.service_level_sl8, "missed"), always=True),
            ("answered_within", "missed_within"),
            ("answered_wait_known", "missed"),
            ("threshold", "clock", "entry"),
            needs=("open",),
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
        fraction(
            "A1",
            _("(Abandoned − short abandons) ÷ (all that left the queue − short abandons)"),
            "(abandoned - short) / (ended - short)",
            COMMON,
            in_hours(levels.abandon_rate_a1),
            ("abandoned_not_short",),
            ("answered", "abandoned_not_short", "lost", "callback_requested"),
            (*_ABANDON, "short"),
        ),
        fraction(
            "A2",
            _("Abandoned ÷ all that left the queue"),
            "abandoned / ended",
            COMMON,
            in_hours(levels.abandon_rate_a2),
            ("abandoned",),
            ("ended",),
            _ABANDON,
        ),
        fraction(
            "A3",
            _("Abandoned ÷ (all that left the queue + refused + left in the menu)"),
            "abandoned / (ended + refused + left_ivr)",
            ZENDESK,
            in_hours(levels.abandon_rate_a3),
            ("abandoned",),
            ("ended", "refused", "left_ivr"),
            _ABANDON,
        ),
        fraction(
            "A4",
            _("All that left the queue unanswered ÷ all that left the queue"),
            "(ended - answered) / ended",
            COMMON,
            in_hours(levels.abandon_rate_a4),
            ("abandoned", "lost", "callback_requested"),
            ("ended",),
            _ABANDON,
        ),
    ),
)
