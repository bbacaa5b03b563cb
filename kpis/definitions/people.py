"""Who comes and who leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kpis.declaration import Kpi, Variant
from kpis.definitions.making import COMMON, SURVIVAL
from kpis.measures import Measure, people

if TYPE_CHECKING:
    from kpis.measures import Words

PEOPLE_UNKNOWN = _(
    "People whose day of hire is not known are in no headcount and are counted apart. Of whom"
    " nobody knows whether they left of their own will is not in the voluntary turnover and is"
    " counted apart; where that is so of all who left, there is none. Of days before the record of"
    " the site begins, and before anybody had left whom it knows, nobody knows who left: they are"
    " not looked at, and are counted apart."
)


def _turnover(variant_id: str, words: Words, formula: str, measure: Measure) -> Variant:
    return Variant(
        id=variant_id,
        words=words,
        formula=formula,
        source=COMMON,
        unit="fraction",
        measure=measure,
        needs=("people",),
    )


TURNOVER = Kpi(
    "turnover",
    _("Turnover"),
    "down",
    PEOPLE_UNKNOWN,
    (
        _turnover(
            "T1",
            _(
                "Left ÷ mean of those employed on the day before the first and on the last. Whoever"
                " is gone from a day on has left on that day"
            ),
            "left / ((opening + closing) / 2)",
            people.of_mean,
        ),
        _turnover(
            "T2",
            _("Left ÷ employed on the day before the first"),
            "left / opening",
            people.of_opening,
        ),
        _turnover(
            "T3",
            _(
                "Left within 90 days of being hired ÷ mean of those employed on the day before the"
                " first and on the last"
            ),
            "left within 90 days of hire / ((opening + closing) / 2)",
            people.early,
        ),
        _turnover(
            "T4",
            _("T1 × 365 ÷ days, of at least 90 days"),
            "left / ((opening + closing) / 2) * 365 / days",
            people.of_a_year,
        ),
        _turnover(
            "T5",
            _(
                "Left of their own will ÷ mean of those employed on the day before the first and"
                " on the last"
            ),
            "left voluntarily / ((opening + closing) / 2)",
            people.voluntary,
        ),
    ),
)

RAMP = Kpi(
    "ramp_time",
    _("Ramp time"),
    "down",
    _(
        "Who does not work so yet counts as far as is known, and who left before as who never will."
        " Weeks tell nothing with fewer than 10 calls, or with fewer than 5 tenured of the team who"
        " had so many; of whom no week tells is left out and counted. Whoever is hired in the days"
        " asked for is watched beyond them, so that figures of late days change."
    ),
    (
        Variant(
            id="aht",
            words=_(
                "Median days from hire to the first of 4 weeks in a row in which the mean handling"
                " time lies in the middle 80 % of those of the team who were hired at least 180"
                " days before; of people hired in these days"
            ),
            formula="median (Kaplan-Meier; leavers by Aalen-Johansen) of days from hire",
            source=SURVIVAL,
            unit="days",
            measure=people.ramp_time,
            needs=("ramp",),
        ),
    ),
)

PEOPLE = (TURNOVER, RAMP)
