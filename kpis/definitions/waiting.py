"""Waits: speed of answer, percentiles, the longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kpis.declaration import Kpi
from kpis.definitions.making import LEAVES_THE_MEAN, seconds
from kpis.histogram import ALL_OUTCOMES, WaitOutcome
from kpis.measures import waits

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
            ),
            seconds(
                "all",
                _("Nearest rank among the waits of all that left the queue"),
                formula.format("ended"),
                waits.wait_percentile(percent, ALL_OUTCOMES),
                ("ended_wait_known",),
                interval="none",
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
                waits.asa_of_answered,
                ("answered_wait_known",),
            ),
            seconds(
                "W2",
                _("Mean wait of all that left the queue"),
                "sum wait of ended / ended",
                waits.asa_of_ended,
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
)
