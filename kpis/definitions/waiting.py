"""Waits: speed of answer, percentiles, the longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kpis.declaration import Kpi
from kpis.definitions.making import (
    CALLBACK_UNKNOWN,
    COMMON,
    LEAVES_THE_MEAN,
    count,
    fraction,
    seconds,
)
from kpis.measures import in_hours, waits
from kpis.sums.histogram import ALL_OUTCOMES, WaitOutcome

if TYPE_CHECKING:
    from kpis.measures import Words


def _wait_percentile(percent: int, name: Words) -> Kpi:
    """The wait that `percent` of the visits do not pass, by nearest rank."""
    formula = f"percentile_disc({percent / 100:g}) of the waits of the {{}}"
    return Kpi(
        f"wait_p{percent}",
        name,
        "down",
        _("A visit whose wait is not known is in no percentile."),
        (
            seconds(
                "answered",
                _("Nearest rank among the waits of the answered"),
                formula.format("answered"),
                waits.wait_percentile(percent, (WaitOutcome.ANSWERED,)),
                ("answered_wait_known",),
                interval="none",
                percentile=True,
            ),
            seconds(
                "all",
                _("Nearest rank among the waits of all that left the queue"),
                formula.format("ended"),
                waits.wait_percentile(percent, ALL_OUTCOMES),
                ("ended_wait_known",),
                interval="none",
                percentile=True,
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
            seconds(
                "W1",
                _("Mean wait of the answered; answered at once counts as 0"),
                "sum wait of answered / answered",
                in_hours(waits.asa_of_answered),
                ("answered_wait_known",),
                uses=("hours",),
            ),
            seconds(
                "W2",
                _("Mean wait of all that left the queue"),
                "sum wait of ended / ended",
                in_hours(waits.asa_of_ended),
                ("ended_wait_known",),
                uses=("hours",),
            ),
            seconds(
                "W3",
                _("Mean wait of the answered without the ring that was answered"),
                "sum (wait - ring) of answered / answered",
                in_hours(waits.asa_before_ring),
                ("ring_known",),
                uses=("hours",),
            ),
        ),
    ),
    Kpi(
        "longest_wait",
        _("Longest wait"),
        "down",
        _("A visit whose wait is not known cannot be the longest."),
        (
            seconds(
                "all",
                _("Longest wait of all that left the queue"),
                "max wait of ended",
                waits.longest_of_ended,
                ("ended_wait_known",),
                interval="none",
            ),
            seconds(
                "answered",
                _("Longest wait of the answered"),
                "max wait of answered",
                waits.longest_of_answered,
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
            seconds(
                "mean",
                _("Mean wait of the abandoned"),
                "sum wait of abandoned / abandoned",
                waits.mean_time_to_abandon,
                ("abandoned_wait_known",),
            ),
        ),
    ),
    count(
        "called_back",
        _("Called back"),
        _("Asked for a call back, and an agent had the caller on the line again"),
        unknown=CALLBACK_UNKNOWN,
    ),
    Kpi(
        "called_back_rate",
        _("Called back, of those who asked"),
        "up",
        CALLBACK_UNKNOWN,
        (
            fraction(
                "asked",
                _("Called back ÷ asked for a call back; those still to be called are in it"),
                "called_back / callback_requested",
                COMMON,
                waits.called_back_rate,
                ("called_back",),
                ("callback_requested",),
            ),
        ),
    ),
    Kpi(
        "time_to_call_back",
        _("Time to call back"),
        "down",
        CALLBACK_UNKNOWN,
        (
            seconds(
                "mean",
                _("Mean time from the request until an agent had the caller on the line again"),
                "sum of (connected - asked) / called_back with both known",
                waits.time_to_call_back,
                ("called_back_after",),
            ),
        ),
    ),
)
