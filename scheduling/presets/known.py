"""The presets there are."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from scheduling.presets.preset import Preset
from scheduling.presets.reading import preset

# Where a member state has no file of its own, the minimum of the Union stands in.
UNION = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip


def known() -> list[Preset]:
    """All of them, by country and region."""
    return [one for _key, one in sorted(_all().items())]


def load(country: str, region: str = "") -> Preset | None:
    """What is known of a country, or of a region of it.

    Of a region without rules of its own, the country's; of a member of the European Union without a
    file, the Union's minimum. None: nothing is known.
    Raises ValueError where a file is not as it should be.
    """
    held = _all()
    country, region = country.upper(), region.upper()
    found = held.get((country, region)) or held.get((country, ""))
    return held.get(("EU", "")) if found is None and country in UNION else found


@cache
def _all() -> Mapping[tuple[str, str], Preset]:
    return {
        (one.country, one.region): one
        for one in (
            preset(file.name, file.read_text(encoding="utf-8"))
            for file in files("scheduling.presets").joinpath("data").iterdir()
            if file.name.endswith(".toml")
        )
    }
