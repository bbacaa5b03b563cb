"""What came of it: resolved, satisfied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kpis.declaration import Kpi, Variant
from kpis.definitions.making import (
    COMMON,
    NET_PROMOTER,
    RESOLVED_UNKNOWN,
    RESPONSE_UNKNOWN,
    SURVEY_UNKNOWN,
    fraction,
)
from kpis.measures import outcome

if TYPE_CHECKING:
    from kpis.measures import Words


def _response_rate(kind: str, name: Words) -> Kpi:
    """How many of those who could answer a kind of survey did."""
    return Kpi(
        f"{kind}_response",
        name,
        "up",
        RESPONSE_UNKNOWN,
        (
            fraction(
                "answered",
                _("Answered calls with an answer ÷ answered calls"),
                "answered with an answer / answered",
                COMMON,
                outcome.response_rate(kind),
                (f"{kind}_told",),
                ("answered",),
            ),
            fraction(
                "invited",
                _("Calls with a link and an answer ÷ calls with a link that nobody withdrew"),
                "invited with an answer / invited",
                COMMON,
                outcome.response_rate_of_invited(kind),
                (f"{kind}_invited_told",),
                (f"{kind}_invited",),
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
            fraction(
                "known",
                _("Resolved ÷ answered, where it is known whether resolved"),
                "resolved / answered with resolved known",
                COMMON,
                outcome.resolved_rate,
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
            fraction(
                "C1",
                _(
                    "Scores in the highest quarter of their scale (4–5 of 5, 6–7 of 7, 8–10"
                    " of 10) ÷ all scores"
                ),
                "n((score - min) / (max - min) >= 0.75) / n",
                COMMON,
                outcome.told_by_few("csat", outcome.csat_c1),
                ("csat_good",),
                ("csat",),
                interval="wilson",
            ),
            Variant(
                id="C2",
                words=_("Mean score on its scale; different scales are not pooled"),
                formula="sum of scores / n",
                source=COMMON,
                unit="score",
                measure=outcome.told_by_few("csat", outcome.csat_c2),
                numerator=("csat",),
                denominator=("csat",),
            ),
            Variant(
                id="C3",
                words=_("(Scores in the highest quarter − in the lowest quarter) ÷ all scores"),
                formula="(n(>= 0.75) - n(<= 0.25)) / n",
                source=COMMON,
                unit="points",
                measure=outcome.told_by_few("csat", outcome.csat_c3),
                interval="adjusted_wald",
                numerator=("csat_good", "csat_bad"),
                denominator=("csat",),
            ),
        ),
    ),
    Kpi(
        "nps",
        _("Net promoter score"),
        "up",
        SURVEY_UNKNOWN,
        (
            Variant(
                id="net",
                words=_("Share of 9 and 10 − share of 0 to 6, on the scale from 0 to 10 alone"),
                formula="(n(9..10) - n(0..6)) / n",
                source=NET_PROMOTER,
                unit="points",
                measure=outcome.told_by_few("nps", outcome.nps),
                interval="adjusted_wald",
                numerator=("nps_good", "nps_bad"),
                denominator=("nps",),
            ),
        ),
    ),
    Kpi(
        "ces",
        _("Customer effort"),
        "up",
        SURVEY_UNKNOWN,
        (
            Variant(
                id="E1",
                words=_("Mean score on the scale from 1 to 7 alone"),
                formula="sum of scores / n",
                source=COMMON,
                unit="score",
                measure=outcome.told_by_few("ces", outcome.ces_mean),
                numerator=("ces",),
                denominator=("ces",),
                uses=("effort",),
            ),
            fraction(
                "E2",
                _("Scores of 5 to 7 ÷ all scores, on the scale from 1 to 7 alone"),
                "n(5..7) / n",
                COMMON,
                outcome.told_by_few("ces", outcome.ces_easy),
                ("ces_good",),
                ("ces",),
                uses=("effort",),
                interval="wilson",
            ),
        ),
    ),
    _response_rate("csat", _("Response rate, satisfaction")),
    _response_rate("nps", _("Response rate, recommendation")),
    _response_rate("ces", _("Response rate, effort")),
)
