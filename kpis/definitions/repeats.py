"""Whether the first contact settled it, and how long it took until one did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kpis.declaration import Kpi, Variant
from kpis.definitions.making import COMMON, SURVIVAL, fraction
from kpis.measures import Measure, matters, repeats

if TYPE_CHECKING:
    from kpis.measures import Words

_UNKNOWN = _(
    "Callers whose number is withheld, or shared by many (more than ten contacts on a day within"
    " 30 days), are left out and counted. Contacts of a day that the record does not follow for as"
    " many whole days as the window has are not yet known, repeated or not. What came before the"
    " record is not known: its first contacts are taken as first. A window's days are of 24 hours,"
    " from entry to entry; a transfer or a call back of the same contact is no other contact, and"
    " all its visits of a queue stand where the first of them entered. A"
    " contact's topic is the one first told."
)


def _of_callers(
    variant_id: str, words: Words, formula: str, measure: Measure, numerator: str, denominator: str
) -> Variant:
    return Variant(
        id=variant_id,
        words=words,
        formula=formula,
        source=COMMON,
        unit="fraction",
        measure=measure,
        interval="cluster_ratio",
        numerator=(numerator,),
        denominator=(denominator,),
        uses=("window", "matter"),
        needs=("repeats",),
    )


# The window stands first: it asks nobody, so no agent can talk it up.
FCR = Kpi(
    "fcr",
    _("First contact resolution"),
    "up",
    _UNKNOWN,
    (
        _of_callers(
            "F3",
            _(
                "Answered contacts without another of the caller in the {window} before, nor in the"
                " {window} after ÷ those without one in the {window} before"
            ),
            "first with no repeat within W / first, W days before the record's end",
            repeats.fcr_f3,
            "caller_settled",
            "caller_first",
        ),
        _of_callers(
            "F1",
            _(
                "Resolved, and none of the caller in the {window} before ÷ answered, where it is"
                " known whether resolved"
            ),
            "resolved and first / answered with resolved known",
            repeats.fcr_f1,
            "caller_told_first",
            "caller_told",
        ),
        _of_callers(
            "F2",
            _(
                "Resolved, and none of the caller in the {window} before ÷ answered, where it is"
                " known whether resolved, and that they could be"
            ),
            "resolvable, resolved and first / resolvable with resolved known",
            repeats.fcr_f2,
            "caller_resolvable_first",
            "caller_resolvable",
        ),
        fraction(
            "F4",
            _("Answers that it was settled at the first contact ÷ all answers to that"),
            "n(yes) / n",
            COMMON,
            repeats.fcr_f4,
            ("fcr_good",),
            ("fcr",),
            interval="wilson",
        ),
    ),
)

RESOLUTION_TIME = Kpi(
    "resolution_time",
    _("Resolution time"),
    "down",
    _(
        "A matter that is open counts as far as it was watched: to the end of the last whole day,"
        " for 30 days at most. One that is known not to be resolvable never will be. Of both"
        " nothing is told by a call that nobody answered. A contact of several calls is over with"
        " the last of them that entered a queue. Of contacts that overlap, the one that is"
        " over first comes first; of those over at the same moment, one that resolved the matter."
        " Matters of which nobody says within these days whether they were resolved are left out"
        " and counted, as are those of an unfinished day. Callers whose number is withheld, or"
        " shared by many when the matter begins, are in none. Times are exact to the second up to"
        " an hour, to the minute up to a day, then to the hour."
    ),
    (
        Variant(
            id="median",
            words=_(
                "Median time from the first contact of a matter to the end of the first that was"
                " told to be resolved; a contact of the same matter up to 7 days after the one"
                " before belongs to it"
            ),
            formula="median (Kaplan-Meier; not resolvable by Aalen-Johansen) of time to resolution",
            source=SURVIVAL,
            unit="seconds",
            measure=matters.resolution_time,
            numerator=("matter_resolved",),
            denominator=("matter",),
            uses=("matter",),
            needs=("matters",),
        ),
    ),
)
