"""Presets of law by the key that a contract keeps: a country, or a region of it ("DE", "US-OR")."""

from importlib import import_module
from types import ModuleType

from scheduling.shifts import Limits


def limits(key: str) -> Limits:
    """What a law says of shifts; nothing where there is no preset of it."""
    presets = _presets()
    if not key or presets is None:
        return Limits()
    country, _dash, region = key.partition("-")
    found = presets.load(country, region)
    return Limits() if found is None else found.limits


def _presets() -> ModuleType | None:
    try:
        return import_module("scheduling.presets")
    except ModuleNotFoundError:
        return None


def known() -> list[tuple[str, str]]:
    """The presets that there are: their keys, and the country or region in words."""
    presets = _presets()
    if presets is None:
        return []
    return [
        (f"{one.country}-{one.region}" if one.region else one.country, one.title)
        for one in presets.known()
    ]
