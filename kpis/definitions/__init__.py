"""Every KPI, declared once: its words, its unit, its rival formulas and what they count.

Pages, passports, the API and docs/metrics.md are made from these. A formula is written in
counts (<=T: the wait is known and within the threshold; short: abandoned within the
short-abandon limit; ended: offered and no longer waiting). Where rivals share a name in the
field, all are here; the first of each KPI is our default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from kpis.declaration import Behind, Direction, IntervalMethod, Kpi, Unit, UnknownKpi, Variant
from kpis.definitions.handling import HANDLING
from kpis.definitions.hourly import HOURLY
from kpis.definitions.money import MONEY
from kpis.definitions.outbound import OUTBOUND
from kpis.definitions.outcome import OUTCOME
from kpis.definitions.people import PEOPLE
from kpis.definitions.presence import PRESENCE
from kpis.definitions.repeats import FCR, RESOLUTION_TIME
from kpis.definitions.service import ABANDON_RATE, SERVICE_LEVEL
from kpis.definitions.volume import VOLUME
from kpis.definitions.waiting import WAITING
from kpis.measures import LeftOut, Value
from kpis.parameters import BOUNDS, NUMBERS, Parameters

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
    "pinned",
]

# Longer is no number that makes sense.
_LONGEST = 10

KPIS: Mapping[str, Kpi] = {
    kpi.id: kpi
    for kpi in (
        *VOLUME,
        SERVICE_LEVEL,
        ABANDON_RATE,
        *WAITING,
        *HANDLING,
        *PRESENCE,
        *HOURLY,
        *OUTBOUND,
        FCR,
        RESOLUTION_TIME,
        *OUTCOME,
        *PEOPLE,
        *MONEY,
    )
}


def parse(asked: str) -> tuple[Kpi, Variant]:
    """The KPI and variant of "service_level:SL1", or of "service_level" by default; also of
    "service_level:SL1@30" (`pinned`).

    Raises UnknownKpi.
    """
    name, at, number = asked.partition("@")
    kpi_id, colon, variant_id = name.partition(":")
    if kpi_id not in KPIS:
        raise UnknownKpi(
            gettext("there is no KPI {wanted!r}; there are {existing}").format(
                wanted=kpi_id, existing=", ".join(KPIS)
            )
        )
    kpi = KPIS[kpi_id]
    variant = kpi.variant(variant_id if colon else None)
    if at:
        _refuse_misread(kpi, variant if colon else None, number)
    return kpi, variant


def pinned(asked: str) -> dict[str, Any]:
    """The parameters that a definition is asked for with, whatever is chosen: 30 as the
    `threshold_seconds` of "service_level:SL1@30", as the `window_days` of "fcr:F3@30". No wait is
    shorter than 0 s, so that one of exactly that is within it. None without a number.

    Raises UnknownKpi.
    """
    _kpi, variant = parse(asked)
    _name, at, number = asked.partition("@")
    if not at or variant.number is None:
        return {}
    found: dict[str, Any] = {NUMBERS[variant.number]: int(number)}
    return found | {"boundary": "<="} if found.get("threshold_seconds") == 0 else found


def _refuse_misread(kpi: Kpi, variant: Variant | None, number: str) -> None:
    """Raises UnknownKpi for a number that the variant cannot be made with; None: no variant is
    named, so that nobody knows what the number is of."""
    fields = {one.id: NUMBERS[one.number] for one in kpi.variants if one.number is not None}
    is_number = _is_number(number)
    if not fields:
        words = gettext("no number can be said of {kpi}: none of its definitions reads one")
        raise UnknownKpi(words.format(kpi=kpi.id))
    if variant is None:
        words = gettext("a number goes with a definition: write one of {existing}")
        known = [
            f"{kpi.id}:{one}@{number if is_number else getattr(kpi.parameters, field)}"
            for one, field in fields.items()
        ]
        raise UnknownKpi(words.format(existing=", ".join(known)))
    if variant.id not in fields:
        words = gettext("no number can be said of {variant}: of {kpi} it can of {existing}")
        told = {"variant": variant.id, "kpi": kpi.id, "existing": ", ".join(fields)}
        raise UnknownKpi(words.format(**told))
    field = fields[variant.id]
    least, most = BOUNDS[field]
    if not is_number or not least <= int(number) <= most:
        words = gettext("after {variant}@ comes a number from {least} to {most}, its {field}")
        raise UnknownKpi(words.format(variant=variant.id, least=least, most=most, field=field))


def _is_number(word: str) -> bool:
    is_short = word.isascii() and word.isdigit() and len(word) <= _LONGEST
    return is_short and str(int(word)) == word


def passport(kpi: Kpi, variant: Variant, parameters: Parameters | None = None) -> str:
    """The formula in words, with the parameters filled in."""
    chosen = parameters or kpi.parameters
    words = str(variant.words).format(**chosen.placeholders())
    return "; ".join([words, *chosen.remarks(variant.uses)])
