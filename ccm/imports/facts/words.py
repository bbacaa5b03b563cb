"""Facts in words, for the preview."""

from collections.abc import Iterator
from datetime import date

from django.utils.formats import date_format

from ccm.imports.facts.reading import PARTED
from ccm.imports.mapping.profile import Profile
from ccm.imports.records import Chunk


def told(profile: Profile, chunk: Chunk) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Of each line of a list the names and values of what is understood of it."""
    assert chunk.facts is not None  # a list's chunk has them
    for fact in chunk.facts.frame.iter_rows(named=True):
        said = [
            (str(target.label), _shown(fact[name]))
            for name, target in profile.targets.items()
            if fact.get(name) is not None
        ]
        yield fact["line"], said


def _shown(value: object) -> str:
    match value:
        case date():
            return date_format(value, "j M Y")
        case float():
            return f"{value:,.2f}".removesuffix(".00")
        case _:
            return str(value).replace(PARTED, ", ")
