"""Names in the order that people look for them in, and as parts of addresses."""

import unicodedata
from collections.abc import Container
from itertools import chain, count

from django.utils.text import slugify


def in_order(name: str) -> tuple[str, str]:
    """What to sort names by: letters without their accents and case, then the name itself."""
    apart = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return plain.casefold(), name


def unlike(name: str, taken: Container[str], most: int, otherwise: str) -> str:
    """A slug of at most `most` characters and a number, unlike those taken; `otherwise` for a
    name that has no letter a slug can hold."""
    plain = slugify(name)[:most].strip("-") or otherwise
    numbered = (f"{plain}-{number}" for number in count(2))
    return next(slug for slug in chain([plain], numbered) if slug not in taken)
