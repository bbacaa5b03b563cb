"""A definition in few words, for marks, lists and history. In full it is `definitions.passport`."""

from dataclasses import replace

from django.utils.translation import gettext as _

from kpis.choices import Change
from kpis.definitions import Kpi, Variant, parse, pinned
from kpis.parameters import Parameters


def short(kpi: Kpi, variant: Variant, parameters: Parameters) -> str:
    """As "SL3, 30 s": the variant, its threshold or window, and what else is not as it comes."""
    said = [variant.id]
    if "threshold" in variant.uses:
        words = _("%(seconds)d s") if parameters.boundary == "<=" else _("under %(seconds)d s")
        said.append(words % {"seconds": parameters.threshold_seconds})
    if "window" in variant.uses:
        said.append(parameters.placeholders()["window"])
    if "conversation" in variant.uses:
        said.append(parameters.placeholders()["talk"])
    usual = kpi.parameters.remarks(variant.uses)
    said += [one for one in parameters.remarks(variant.uses) if one not in usual]
    return ", ".join(said)


def of_asked(asked: str) -> str:
    """The definition that "service_level:SL3" names: its variant, with what it is pinned to."""
    kpi, variant = parse(asked)
    at = pinned(asked)
    return short(kpi, variant, replace(kpi.parameters, **at)) if at else variant.id


class Shorts:
    """`short` of many figures, whose definitions are few."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, Parameters], str] = {}

    def __call__(self, kpi: Kpi, variant: Variant, parameters: Parameters) -> str:
        one = (kpi.id, variant.id, parameters)
        if one not in self._known:
            self._known[one] = short(kpi, variant, parameters)
        return self._known[one]


def of_change(change: Change) -> str:
    """As "Service level from 2026-03-02: SL3, 30 s"."""
    return _("%(kpi)s from %(day)s: %(definition)s") % {
        "kpi": change.kpi.name,
        "day": change.day.isoformat(),
        "definition": short(change.kpi, change.variant, change.parameters),
    }
