"""Presets of law by the key that a contract keeps: a country, or a region of it ("DE", "US-OR")."""

from scheduling import presets
from scheduling.presets import Preset
from scheduling.shifts import Limits


def preset(key: str) -> Preset | None:
    """What is known of the law of a key; None: nothing."""
    country, _dash, region = key.partition("-")
    return presets.load(country, region) if key else None


def limits(key: str) -> Limits:
    """What a law says of shifts; nothing where there is no preset of it."""
    found = preset(key)
    return Limits() if found is None else found.limits


def known() -> list[tuple[str, str]]:
    """The presets that there are: their keys, and the country or region in words."""
    return [
        (f"{one.country}-{one.region}" if one.region else one.country, one.title)
        for one in presets.known()
    ]
